/**
 * How much a part owns each pixel of its crop: ones where the image reaches, cut to a window 16 px smaller than the
 * crop, then blurred by a 15x15 Gaussian of sigma 5. The reference does this on the whole canvas; the window's
 * margin of 8 px is wider than the blur's reach of 7, so the crop holds all of it.
 * Source: docs/method.md#occupancy-weights.
 */
import { type PlanarMap, planarMap } from '../../base/images.ts';
import { atOnce, type Steps } from '../../base/steps.ts';
import { type Affine, CANVAS_SIZE, type CropSize } from '../../geometry/body.ts';
import { cropOrigin, SampleGrid } from './sampling.reference.ts';

/** Half width of the blur, px. */
const BLUR_RADIUS = 7;

/** Sigma of the blur, px. */
const BLUR_SIGMA = 5;

/** The window is smaller than the crop by this on each side, px. */
export const WINDOW_MARGIN = 8;

/** The 15 weights exp(-x^2 / 50), divided by their sum. */
export function blurKernel(): Float64Array<ArrayBuffer> {
  const kernel = new Float64Array(2 * BLUR_RADIUS + 1);
  let sum = 0;
  for (let i = 0; i < kernel.length; i++) {
    kernel[i] = Math.exp(-((i - BLUR_RADIUS) ** 2) / (2 * BLUR_SIGMA ** 2));
    sum += kernel[i];
  }
  return kernel.map((v) => v / sum);
}

/**
 * @param crop          size of the part's crop, canvas px.
 * @param imageFromPart takes part coordinates to the image.
 * @param canvasSize    side of the canvas, px.
 * @returns f32 [1, h, w] in [0, 1]. Caller owns it.
 */
export function* partOccupancySteps(
  crop: CropSize,
  imageFromPart: Affine,
  canvasSize = CANVAS_SIZE,
): Steps<PlanarMap> {
  const { height, width } = crop;
  const out = planarMap([1, height, width]);
  const grid = new SampleGrid(imageFromPart, canvasSize);
  const top = cropOrigin(canvasSize, height);
  const left = cropOrigin(canvasSize, width);
  for (let r = WINDOW_MARGIN; r < height - WINDOW_MARGIN; r++) {
    grid.beginRow(top + r);
    for (let c = WINDOW_MARGIN; c < width - WINDOW_MARGIN; c++) {
      out.data[r * width + c] =
        onesAlong(grid.x(left + c), canvasSize) * onesAlong(grid.y(left + c), canvasSize);
    }
  }
  yield;
  blur(out.data, height, width, zeroPadded);
  return out;
}

export const partOccupancy = atOnce(partOccupancySteps);

/** A row of ones sampled bilinearly with zeros outside. */
function onesAlong(position: number, size: number): number {
  return Math.max(0, Math.min(1, 1 + position, size - position)) || 0;
}

/** Index along a line of `length`, or -1 for zero, of a position that may lie outside. */
type Border = (position: number, length: number) => number;

const zeroPadded: Border = (p, length) => (p < 0 || p >= length ? -1 : p);

/** Mirrors without repeating the edge, as the reference does on its canvas. */
export const reflected: Border = (p, length) => (p < 0 ? -p : p >= length ? 2 * (length - 1) - p : p);

/** Separable Gaussian in place over one [height, width] plane. */
export function blur(data: Float32Array, height: number, width: number, border: Border): void {
  const kernel = blurKernel();
  const line = new Float64Array(Math.max(height, width) + 2 * BLUR_RADIUS);
  for (let r = 0; r < height; r++) blurLine(data, r * width, 1, width, kernel, line, border);
  for (let c = 0; c < width; c++) blurLine(data, c, width, height, kernel, line, border);
}

function blurLine(
  data: Float32Array,
  start: number,
  stride: number,
  length: number,
  kernel: Float64Array,
  line: Float64Array,
  border: Border,
): void {
  for (let i = 0; i < length + 2 * BLUR_RADIUS; i++) {
    const from = border(i - BLUR_RADIUS, length);
    line[i] = from < 0 ? 0 : data[start + from * stride];
  }
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let k = 0; k < kernel.length; k++) sum += kernel[k] * line[i + k];
    data[start + i * stride] = sum;
  }
}
