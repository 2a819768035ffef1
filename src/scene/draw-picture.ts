/** Puts pictures on a 2D canvas under a placement: whole, cut at a seam, or as a cut-out over a darkened photo. */
import type { RgbaImage } from '../base/images.ts';
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

/** Dims what was drawn and puts the cut-out (black outside the person) over it: the person keeps their light. */
export function drawMatte(
  g: CanvasRenderingContext2D,
  cutout: CanvasImageSource,
  size: Size,
  place: Placement,
): void {
  g.save();
  g.fillStyle = '#0c0c0edb';
  g.fillRect(place.offsetX, place.offsetY, size.width * place.scale, size.height * place.scale);
  // The darkened photo stays visible where the cut-out is black.
  g.globalCompositeOperation = 'lighten';
  drawPicture(g, cutout, size, place);
  g.restore();
}

/** Draws only what lies right of the seam (pane px). */
export function drawRightOf(
  g: CanvasRenderingContext2D,
  picture: CanvasImageSource,
  size: Size,
  place: Placement,
  seamX: number,
  pane: Size,
): void {
  g.save();
  g.beginPath();
  g.rect(seamX, 0, pane.width - seamX, pane.height);
  g.clip();
  g.clearRect(seamX, 0, pane.width - seamX, pane.height);
  drawPicture(g, picture, size, place);
  g.restore();
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
