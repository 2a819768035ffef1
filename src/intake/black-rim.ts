/**
 * The black rim of a cut-out on black: JPEG noise along the outline is brighter than black, and closing fills narrow
 * notches with black. Such pixels would become dark specks on the sides of the figure. A rim is taken off only where the
 * person behind it is lit: black cloth keeps its outline. Not in the original, which keeps the rim.
 */
import { atOnce, type Steps } from '../base/steps.ts';
import { type BinaryImage, erode, largestComponent } from './binary-image.ts';

/** Most that is taken off, px of the canvas: JPEG noise reaches as far as its block of eight. */
const DEEPEST = 8;
/** Half side of the square in which the brightness of the person around a pixel is measured. */
const WINDOW = 16;
/** max(R, G, B) above which a pixel is lit. */
const LIT_LEVEL = 32;
/** Share of the person's pixels around that must be lit. */
const LIT_SHARE = 0.45;
/** A rim is darker than this share of what is lit around it. */
const RIM_SHARE = 0.4;

/**
 * @param person     what was taken for the person; stays as it is.
 * @param brightness max(R, G, B) of every pixel.
 * @returns the person without its black rim, in one piece.
 */
export function* trimBlackRimSteps(person: BinaryImage, brightness: Uint8Array): Steps<BinaryImage> {
  const { width, height } = person;
  const data = person.data.slice();
  const deep = erode(person, DEEPEST).data;
  const steps = [1, -1, width, -width];
  const isRim = (at: number) =>
    data[at] === 1 &&
    deep[at] === 0 &&
    brightness[at] <= LIT_LEVEL &&
    standsBeforeLit(person, brightness, at);

  const outermost: number[] = [];
  for (let y = 1; y < height - 1; y++) {
    yield;
    for (let at = y * width + 1; at < (y + 1) * width - 1; at++) {
      if (data[at] && steps.some((step) => !data[at + step]) && isRim(at)) outermost.push(at);
    }
  }
  // From the outside in: what is dark inside the person is no rim.
  while (outermost.length > 0) {
    const at = outermost.pop() as number;
    if (!data[at]) continue;
    data[at] = 0;
    const x = at % width;
    if (x < 2 || x > width - 3 || at < 2 * width || at >= data.length - 2 * width) continue;
    for (const step of steps) if (isRim(at + step)) outermost.push(at + step);
    yield;
  }
  return largestComponent({ width, height, data });
}

export const trimBlackRim = atOnce(trimBlackRimSteps);

/** Whether most of the person around a pixel is lit, and much brighter than the pixel. */
function standsBeforeLit({ width, height, data }: BinaryImage, brightness: Uint8Array, at: number): boolean {
  const x = at % width;
  const y = (at - x) / width;
  let count = 0;
  let lit = 0;
  let sum = 0;
  for (let row = Math.max(0, y - WINDOW); row <= Math.min(height - 1, y + WINDOW); row++) {
    const end = row * width + Math.min(width - 1, x + WINDOW);
    for (let near = row * width + Math.max(0, x - WINDOW); near <= end; near++) {
      count += data[near];
      if (!data[near] || brightness[near] <= LIT_LEVEL) continue;
      lit++;
      sum += brightness[near];
    }
  }
  return lit >= LIT_SHARE * count && brightness[at] * lit < RIM_SHARE * sum;
}
