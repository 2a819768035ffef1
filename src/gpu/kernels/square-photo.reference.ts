/**
 * Photo of any shape -> centred square with replicated borders -> size x size.
 * Without antialias: OpenCV's INTER_CUBIC on 8 bits (a = -0.75, four taps at any ratio, weights in 1/2048, one
 * rounding at the end), on straight colours, as docs/method.md#padding has it. With antialias, shrinking is an exact
 * area average and translucent colours are weighted by their alpha.
 * The padded square is never stored: its indices are clamped into the photo instead.
 */
import { StageError } from '../../base/errors.ts';
import type { RgbaImage } from '../../base/images.ts';
import { atOnce, type Steps } from '../../base/steps.ts';

/** Fixed-point scale of the cubic weights, 2^11 as in OpenCV. */
const WEIGHT_SCALE = 2048;

/** Position of the photo inside a square that shows it, or a part of it. */
export interface SquarePadding {
  /** Side of the square, px. */
  readonly side: number;
  /** Rows above and columns left of the photo, px; negative where the square cuts it. */
  readonly top: number;
  readonly left: number;
}

/** The smaller half of the padding goes on top or left. */
export function squarePadding(width: number, height: number): SquarePadding {
  const side = Math.max(width, height);
  return { side, top: Math.floor((side - height) / 2), left: Math.floor((side - width) / 2) };
}

/**
 * Pads and resizes.
 *
 * @param photo     any size from 1 x 1.
 * @param size      side of the result, px.
 * @param antialias averages areas when shrinking and weights colours by alpha (not in the reference).
 * @param square    what of the photo is shown; beyond the photo its border repeats. Left out: centred, all of it.
 * @returns RGBA [size, size]; alpha is resized like a colour. Caller owns it.
 * @throws StageError E_TOO_SMALL for an empty photo or size.
 */
export function* squarePhotoSteps(
  photo: RgbaImage,
  size: number,
  antialias: boolean,
  square = squarePadding(photo.width, photo.height),
): Steps<RgbaImage> {
  if (photo.width < 1 || photo.height < 1 || size < 1) {
    throw new StageError('photo', 'E_TOO_SMALL', `The photo is ${photo.width} x ${photo.height} px.`, {
      fix: 'Choose a photo of at least 256 px.',
    });
  }
  const { side } = square;
  const data = new Uint8ClampedArray(size * size * 4);
  const weighted = antialias && !(yield* isOpaque(photo));
  if (antialias && side > size) yield* averageAreas(photo, data, size, weighted, square);
  else if (weighted) yield* resizeCubicWeighted(photo, data, size, square);
  else if (side === size && shows(square, photo) && photo.data.byteOffset % 4 === 0) {
    copyPadded(photo, data, size, square);
  } else yield* resizeCubic(photo, data, size, square);
  return { width: size, height: size, data };
}

export const squarePhoto = atOnce(squarePhotoSteps);

/** All of the photo lies in the square. */
const shows = ({ side, top, left }: SquarePadding, photo: RgbaImage) =>
  left >= 0 && top >= 0 && left + photo.width <= side && top + photo.height <= side;

/** The cubic at ratio 1 is the photo itself. */
function copyPadded(
  photo: RgbaImage,
  out: Uint8ClampedArray,
  size: number,
  { top, left }: SquarePadding,
): void {
  const source = new Uint32Array(photo.data.buffer, photo.data.byteOffset, photo.width * photo.height);
  const target = new Uint32Array(out.buffer, out.byteOffset, size * size);
  for (let i = 0; i < size; i++) {
    const from = clampedIndex(i, top, photo.height) * photo.width;
    const to = i * size + left;
    target.fill(source[from], i * size, to);
    target.set(source.subarray(from, from + photo.width), to);
    target.fill(source[from + photo.width - 1], to + photo.width, (i + 1) * size);
  }
}

function* isOpaque({ data, width, height }: RgbaImage): Steps<boolean> {
  for (let row = 0; row < height; row++) {
    if (row % 64 === 0) yield;
    for (let i = row * width * 4 + 3; i < (row + 1) * width * 4; i += 4) if (data[i] !== 255) return false;
  }
  return true;
}

/** Source index (px of the photo along one axis) of each padded index. */
function clampedIndex(padded: number, before: number, length: number): number {
  return Math.min(Math.max(padded - before, 0), length - 1);
}

interface CubicTaps {
  /** Four source indices per output index. */
  readonly index: Int32Array;
  /** Four weights per output index, in 1/2048, rounded half to even as cvRound does. */
  readonly weight: Int32Array;
}

function cubicTaps(size: number, side: number, before: number, length: number): CubicTaps {
  const index = new Int32Array(size * 4);
  const weight = new Int32Array(size * 4);
  const scale = side / size;
  for (let i = 0; i < size; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const base = Math.floor(position);
    const w = cubicWeights(Math.fround(position - base));
    for (let k = 0; k < 4; k++) {
      index[i * 4 + k] = clampedIndex(base - 1 + k, before, length);
      weight[i * 4 + k] = roundHalfEven(w[k] * WEIGHT_SCALE);
    }
  }
  return { index, weight };
}

/** Keys cubic with a = -0.75; the last weight completes the sum to 1. */
function cubicWeights(x: number): readonly [number, number, number, number] {
  const a = -0.75;
  const f = Math.fround;
  const w0 = f(((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a);
  const w1 = f(((a + 2) * x - (a + 3)) * x * x + 1);
  const w2 = f(((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1);
  return [w0, w1, w2, f(f(f(1 - w0) - w1) - w2)];
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Integer sums of at most 255 * 2048^2 * 1.9 per channel: they stay below 2^31. */
function* resizeCubic(
  photo: RgbaImage,
  out: Uint8ClampedArray,
  size: number,
  { side, top, left }: SquarePadding,
): Steps<void> {
  const columns = cubicTaps(size, side, left, photo.width);
  const rows = cubicTaps(size, side, top, photo.height);
  const stretched = [0, 1, 2, 3].map(() => new Int32Array(size * 4));
  const held = [-1, -1, -1, -1];
  const slot = [0, 0, 0, 0];
  for (let i = 0; i < size; i++) {
    claimRows(rows.index, i * 4, held, slot, (row, to) => {
      stretchRow(photo.data, row * photo.width * 4, columns, stretched[to]);
    });
    yield;
    const [s0, s1, s2, s3] = slot.map((s) => stretched[s]);
    mixRows(s0, s1, s2, s3, rows.weight, i, out);
  }
}

function mixRows(
  s0: Int32Array,
  s1: Int32Array,
  s2: Int32Array,
  s3: Int32Array,
  weight: Int32Array,
  row: number,
  out: Uint8ClampedArray,
): void {
  const w0 = weight[row * 4];
  const w1 = weight[row * 4 + 1];
  const w2 = weight[row * 4 + 2];
  const w3 = weight[row * 4 + 3];
  const to = row * s0.length;
  for (let j = 0; j < s0.length; j++) {
    const sum = s0[j] * w0 + s1[j] * w1 + s2[j] * w2 + s3[j] * w3;
    out[to + j] = (sum + 2097152) >> 22;
  }
}

/**
 * Finds a buffer for each of the four source rows of an output row, filling those not held yet.
 * At most four different rows are needed at once, so a buffer not among them can always be reused.
 */
function claimRows(
  index: Int32Array,
  at: number,
  held: number[],
  slot: number[],
  fill: (row: number, to: number) => void,
): void {
  for (let k = 0; k < 4; k++) {
    const row = index[at + k];
    let found = held.indexOf(row);
    if (found < 0) {
      found = held.findIndex(
        (h) => h !== index[at] && h !== index[at + 1] && h !== index[at + 2] && h !== index[at + 3],
      );
      fill(row, found);
      held[found] = row;
    }
    slot[k] = found;
  }
}

function stretchRow(data: Uint8ClampedArray, from: number, taps: CubicTaps, out: Int32Array): void {
  const { index, weight } = taps;
  for (let j = 0; j < index.length; j += 4) {
    const i0 = from + index[j] * 4;
    const i1 = from + index[j + 1] * 4;
    const i2 = from + index[j + 2] * 4;
    const i3 = from + index[j + 3] * 4;
    const w0 = weight[j];
    const w1 = weight[j + 1];
    const w2 = weight[j + 2];
    const w3 = weight[j + 3];
    for (let c = 0; c < 4; c++) {
      out[j + c] = data[i0 + c] * w0 + data[i1 + c] * w1 + data[i2 + c] * w2 + data[i3 + c] * w3;
    }
  }
}

/** The same cubic on colour x alpha in f64, divided by the resized alpha at the end. */
function* resizeCubicWeighted(
  photo: RgbaImage,
  out: Uint8ClampedArray,
  size: number,
  { side, top, left }: SquarePadding,
): Steps<void> {
  const columns = cubicTaps(size, side, left, photo.width);
  const rows = cubicTaps(size, side, top, photo.height);
  const stretched = [0, 1, 2, 3].map(() => new Float64Array(size * 4));
  const held = [-1, -1, -1, -1];
  const slot = [0, 0, 0, 0];
  const sum = new Float64Array(4);
  for (let i = 0; i < size; i++) {
    claimRows(rows.index, i * 4, held, slot, (row, to) => {
      stretchRowWeighted(photo.data, row * photo.width * 4, columns, stretched[to]);
    });
    yield;
    for (let j = 0; j < size * 4; j += 4) {
      for (let c = 0; c < 4; c++) {
        let v = 0;
        for (let k = 0; k < 4; k++) v += stretched[slot[k]][j + c] * rows.weight[i * 4 + k];
        sum[c] = v / (WEIGHT_SCALE * WEIGHT_SCALE);
      }
      storeWeighted(out, i * size * 4 + j, sum, 0);
    }
  }
}

function stretchRowWeighted(data: Uint8ClampedArray, from: number, taps: CubicTaps, out: Float64Array): void {
  for (let j = 0; j < taps.index.length; j += 4) {
    out.fill(0, j, j + 4);
    for (let k = 0; k < 4; k++) {
      const i = from + taps.index[j + k] * 4;
      const alpha = data[i + 3] * taps.weight[j + k];
      for (let c = 0; c < 3; c++) out[j + c] += data[i + c] * alpha;
      out[j + 3] += alpha;
    }
  }
}

/** `sum` holds colour x alpha (0..255^2) and alpha (0..255). */
function storeWeighted(out: Uint8ClampedArray, to: number, sum: Float64Array, at: number): void {
  const alpha = sum[at + 3];
  for (let c = 0; c < 3; c++) out[to + c] = alpha > 1e-6 ? Math.floor(sum[at + c] / alpha + 0.5) : 0;
  out[to + 3] = Math.floor(alpha + 0.5);
}

interface AreaTaps {
  /** First padded index and number of padded indices per output index. */
  readonly start: Int32Array;
  readonly count: Int32Array;
  /** Share of the first and last index; those between count fully. Divided by the ratio. */
  readonly head: Float64Array;
  readonly tail: Float64Array;
}

function areaTaps(size: number, side: number): AreaTaps {
  const start = new Int32Array(size);
  const count = new Int32Array(size);
  const head = new Float64Array(size);
  const tail = new Float64Array(size);
  const ratio = side / size;
  for (let i = 0; i < size; i++) {
    // i * side / size is exact where it is a whole number, which i * ratio need not be.
    const from = (i * side) / size;
    const to = ((i + 1) * side) / size;
    start[i] = Math.floor(from);
    const last = Math.max(start[i], Math.ceil(to) - 1);
    count[i] = last - start[i] + 1;
    head[i] = (Math.min(start[i] + 1, to) - from) / ratio;
    tail[i] = (to - last) / ratio;
  }
  return { start, count, head, tail };
}

/** Exact area average, first along rows (each photo row once), then down columns. */
function* averageAreas(
  photo: RgbaImage,
  out: Uint8ClampedArray,
  size: number,
  weighted: boolean,
  { side, top, left }: SquarePadding,
): Steps<void> {
  const taps = areaTaps(size, side);
  const columnOf = Int32Array.from({ length: side }, (_, p) => clampedIndex(p, left, photo.width) * 4);
  const full = size / side;
  const row = new Float64Array(size * 4);
  const sum = new Float64Array(size * 4);
  let held = -1;
  for (let i = 0; i < size; i++) {
    yield;
    sum.fill(0);
    for (let k = 0; k < taps.count[i]; k++) {
      const source = clampedIndex(taps.start[i] + k, top, photo.height);
      if (source !== held)
        shrinkRow(photo.data, source * photo.width * 4, columnOf, taps, full, weighted, row);
      held = source;
      const w = k === 0 ? taps.head[i] : k === taps.count[i] - 1 ? taps.tail[i] : full;
      addRow(sum, row, w);
    }
    const to = i * size * 4;
    if (weighted) for (let j = 0; j < sum.length; j += 4) storeWeighted(out, to + j, sum, j);
    else storeRow(out, to, sum);
  }
}

function addRow(sum: Float64Array, row: Float64Array, weight: number): void {
  for (let j = 0; j < sum.length; j++) sum[j] += weight * row[j];
}

function storeRow(out: Uint8ClampedArray, to: number, sum: Float64Array): void {
  for (let j = 0; j < sum.length; j++) out[to + j] = Math.floor(sum[j] + 0.5);
}

function shrinkRow(
  data: Uint8ClampedArray,
  from: number,
  columnOf: Int32Array,
  taps: AreaTaps,
  full: number,
  weighted: boolean,
  out: Float64Array,
): void {
  for (let j = 0; j < taps.start.length; j++) {
    let r = 0;
    let g = 0;
    let b = 0;
    let a = 0;
    const start = taps.start[j];
    const last = taps.count[j] - 1;
    for (let k = 0; k <= last; k++) {
      const i = from + columnOf[start + k];
      const w = k === 0 ? taps.head[j] : k === last ? taps.tail[j] : full;
      const alpha = data[i + 3] * w;
      const colour = weighted ? alpha : w;
      r += colour * data[i];
      g += colour * data[i + 1];
      b += colour * data[i + 2];
      a += alpha;
    }
    out[j * 4] = r;
    out[j * 4 + 1] = g;
    out[j * 4 + 2] = b;
    out[j * 4 + 3] = a;
  }
}
