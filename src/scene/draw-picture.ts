/** Puts pictures on a 2D canvas under a placement: whole, cut at a seam, or as a cut-out over a checker. */
import type { RgbaImage } from '../base/images.ts';
import type { PartReport } from '../digitizer/types.ts';
import type { Placement, Size } from './viewport.ts';

/** Draws `picture` (any resolution) over the area of a grid of `size`. */
export function drawPicture(
  g: CanvasRenderingContext2D,
  picture: CanvasImageSource,
  size: Size,
  place: Placement,
): void {
  g.drawImage(picture, place.offsetX, place.offsetY, size.width * place.scale, size.height * place.scale);
}

/** Draws a picture of a part's crop where the crop lies on the canvas. @param size of the crop. */
export function drawOnCanvas(
  g: CanvasRenderingContext2D,
  picture: CanvasImageSource,
  { corners }: Pick<PartReport, 'corners'>,
  { width, height }: Size,
  place: Placement,
): void {
  const [[ax, ay], [bx, by], , [dx, dy]] = corners;
  g.save();
  // Crop px to pane px: its origin, and one step along each of its sides.
  g.transform(
    ((bx - ax) / width) * place.scale,
    ((by - ay) / width) * place.scale,
    ((dx - ax) / height) * place.scale,
    ((dy - ay) / height) * place.scale,
    ax * place.scale + place.offsetX,
    ay * place.scale + place.offsetY,
  );
  g.drawImage(picture, 0, 0, width, height);
  g.restore();
}

/** Two greys on which black and white clothes both stand out; thumbnails have the same (digitizer/pictures.ts). */
const CHECKER = ['#767676', '#949494'] as const;
/** Side of a cell, pane px. */
const CHECKER_PX = 12;

let checkerTile: OffscreenCanvas | null = null;

function checker(): OffscreenCanvas {
  if (checkerTile) return checkerTile;
  checkerTile = new OffscreenCanvas(2 * CHECKER_PX, 2 * CHECKER_PX);
  const g = checkerTile.getContext('2d');
  for (let cell = 0; g && cell < 4; cell++) {
    const [x, y] = [cell & 1, cell >> 1];
    g.fillStyle = CHECKER[(x + y) & 1];
    g.fillRect(x * CHECKER_PX, y * CHECKER_PX, CHECKER_PX, CHECKER_PX);
  }
  return checkerTile;
}

/** The cut-out, transparent outside the person, over a checker in the place of the photo: dark on dark hides nothing. */
export function drawMatte(
  g: CanvasRenderingContext2D,
  cutout: CanvasImageSource,
  size: Size,
  place: Placement,
): void {
  g.save();
  const pattern = g.createPattern(checker(), 'repeat');
  if (pattern) {
    // The checker moves with the picture, its cells keep their size.
    pattern.setTransform(new DOMMatrix().translate(place.offsetX, place.offsetY));
    g.fillStyle = pattern;
  }
  g.fillRect(place.offsetX, place.offsetY, size.width * place.scale, size.height * place.scale);
  drawPicture(g, cutout, size, place);
  g.restore();
}

/** Leaves only what lies right of the seam (pane px) to be drawn, and clears it. */
export function rightOf(g: CanvasRenderingContext2D, seamX: number, pane: Size): void {
  g.beginPath();
  g.rect(seamX, 0, pane.width - seamX, pane.height);
  g.clip();
  g.clearRect(seamX, 0, pane.width - seamX, pane.height);
}

/** Two thin rings, dark and light, at a point: seen on any picture. */
export function drawCrosshair(g: CanvasRenderingContext2D, x: number, y: number): void {
  g.save();
  for (const [colour, width] of [
    ['#000a', 3.5],
    ['#fff', 1.5],
  ] as const) {
    g.beginPath();
    g.arc(x, y, 7.5, 0, 2 * Math.PI);
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.stroke();
  }
  g.restore();
}

const canvases = new WeakMap<RgbaImage, OffscreenCanvas>();

/** A canvas with these pixels, made once for each picture and gone with it. */
export function canvasOf(image: RgbaImage): OffscreenCanvas {
  let canvas = canvases.get(image);
  if (!canvas) {
    canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d')?.putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
    canvases.set(image, canvas);
  }
  return canvas;
}
