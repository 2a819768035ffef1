/**
 * Painting on a matte: round brushes dragged along strokes. A stroke covers as much as its strongest dab, so that going
 * over a spot twice within it changes nothing. An edge-aware dab reaches only pixels that hang together with its middle and
 * are of that colour: painting along an outline does not spill over it.
 */
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import type { PaintStroke } from './figure-edits.ts';

/** Dabs of a stroke lie this far apart, share of the radius. */
const SPACING = 0.25;
/** Colours further apart than this are another thing, in levels of 255 (root mean square over red, green, blue). */
const SAME_COLOUR = 26;

export interface PixelRectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Centres of a stroke's dabs, px. */
function dabsOf({ points, radiusPx }: PaintStroke): (readonly [x: number, y: number])[] {
  const step = Math.max(1, radiusPx * SPACING);
  const dabs: (readonly [number, number])[] = [[points[0], points[1]]];
  for (let i = 2; i + 1 < points.length; i += 2) {
    const [x0, y0, x1, y1] = [points[i - 2], points[i - 1], points[i], points[i + 1]];
    const count = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / step));
    for (let k = 1; k <= count; k++) dabs.push([x0 + ((x1 - x0) * k) / count, y0 + ((y1 - y0) * k) / count]);
  }
  return dabs;
}

/** Strength of a brush at a distance from its middle, 0..1: full up to its hardness, then falling smoothly. */
export function brushStrength(away: number, radiusPx: number, hardness: number): number {
  if (away >= radiusPx) return 0;
  const core = radiusPx * Math.min(hardness, 0.999);
  if (away <= core) return 1;
  const t = (away - core) / (radiusPx - core);
  return 1 - t * t * (3 - 2 * t);
}

/**
 * @param photo  of the matte's size, for edge-aware strokes.
 * @param within nothing is painted outside: there is no photo.
 * @returns a new matte.
 */
export function* paintedSteps(
  matte: GreyImage,
  strokes: readonly PaintStroke[],
  photo: RgbaImage,
  within: PixelRectangle,
): Steps<GreyImage> {
  const { width, height } = matte;
  const data = matte.data.slice();
  const cover = new Float32Array(width * height);
  for (const stroke of strokes) {
    const { kind, radiusPx, hardness, edgeAware } = stroke;
    let box = { left: width, top: height, right: 0, bottom: 0 };
    for (const [x, y] of dabsOf(stroke)) {
      yield;
      const dab = {
        left: Math.max(within.left, Math.floor(x - radiusPx)),
        top: Math.max(within.top, Math.floor(y - radiusPx)),
        right: Math.min(within.right, Math.ceil(x + radiusPx) + 1),
        bottom: Math.min(within.bottom, Math.ceil(y + radiusPx) + 1),
      };
      if (dab.right <= dab.left || dab.bottom <= dab.top) continue;
      const reached = edgeAware ? sameColour(photo, x, y, radiusPx, dab) : null;
      const span = dab.right - dab.left;
      for (let row = dab.top; row < dab.bottom; row++) {
        for (let column = dab.left; column < dab.right; column++) {
          if (reached && reached[(row - dab.top) * span + column - dab.left] === 0) continue;
          const strength = brushStrength(Math.hypot(column + 0.5 - x, row + 0.5 - y), radiusPx, hardness);
          const at = row * width + column;
          if (strength > cover[at]) cover[at] = strength;
        }
      }
      box = {
        left: Math.min(box.left, dab.left),
        top: Math.min(box.top, dab.top),
        right: Math.max(box.right, dab.right),
        bottom: Math.max(box.bottom, dab.bottom),
      };
    }
    const target = kind === 'add' ? 255 : 0;
    for (let row = box.top; row < box.bottom; row++) {
      for (let at = row * width + box.left; at < row * width + box.right; at++) {
        if (cover[at] === 0) continue;
        data[at] = Math.round(data[at] + (target - data[at]) * cover[at]);
        cover[at] = 0;
      }
    }
  }
  return { width, height, data };
}

export const painted = atOnce(paintedSteps);

/** 1 for pixels of the dab that hang together with its middle and have its colour. */
function sameColour(
  photo: RgbaImage,
  x: number,
  y: number,
  radiusPx: number,
  dab: PixelRectangle,
): Uint8Array {
  const span = dab.right - dab.left;
  const reached = new Uint8Array(span * (dab.bottom - dab.top));
  const middleX = Math.min(dab.right - 1, Math.max(dab.left, Math.floor(x)));
  const middleY = Math.min(dab.bottom - 1, Math.max(dab.top, Math.floor(y)));
  const { data, width } = photo;
  const from = (middleY * width + middleX) * 4;
  const [red, green, blue] = [data[from], data[from + 1], data[from + 2]];
  const limit = 3 * SAME_COLOUR ** 2;
  const stack = [middleX, middleY];
  while (stack.length > 0) {
    const row = stack.pop() as number;
    const column = stack.pop() as number;
    if (column < dab.left || row < dab.top || column >= dab.right || row >= dab.bottom) continue;
    const at = (row - dab.top) * span + column - dab.left;
    if (reached[at] === 1 || Math.hypot(column + 0.5 - x, row + 0.5 - y) > radiusPx) continue;
    const pixel = (row * width + column) * 4;
    const difference =
      (data[pixel] - red) ** 2 + (data[pixel + 1] - green) ** 2 + (data[pixel + 2] - blue) ** 2;
    if (difference > limit) continue;
    reached[at] = 1;
    stack.push(column + 1, row, column - 1, row, column, row + 1, column, row - 1);
  }
  return reached;
}
