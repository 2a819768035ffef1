/**
 * Twelve part normal maps -> one canvas, by gather: each canvas pixel visits the parts that reach it, samples
 * normals and blurred occupancy in the part's crop through partFromImage (bilinear, zero outside the crop, so edges
 * fade as in the reference) and stores sum(w n) / sum(w). Work goes row by row over each part's own span; apart
 * from the result only a few rows are held. Source: docs/method.md#occupancy-weights and docs/method.md#merge.
 */
import { type PlanarMap, planarMap } from '../../base/images.ts';
import { atOnce, type Steps } from '../../base/steps.ts';
import { type Affine, CANVAS_SIZE, PART_COUNT } from '../../geometry/body.ts';
import {
  cropOrigin,
  type PixelAffine,
  pixelAffine,
  SampleGrid,
  upsampleTable,
} from './sampling.reference.ts';

/** One part in ordinary memory. */
export interface ReferenceMergePart {
  /** f32 [6, h, w], coded (n + 1)/2. */
  readonly normals: PlanarMap;
  /** f32 [1, h, w]. */
  readonly occupancy: PlanarMap;
  readonly partFromImage: Affine;
}

/** Channels of merged normals: front xyz, back xyz. */
const CHANNELS = 6;

/** Bilinear look-ups of one part along canvas rows. One instance serves a whole merge: nothing is allocated inside. */
class PartGather {
  /** Columns of the current row that can fall inside the crop; empty when first > last. */
  first = 0;
  last = -1;
  readonly height: number;
  readonly width: number;
  /** For the span of a row alone. */
  private readonly m: PixelAffine;
  private readonly grid: SampleGrid;
  private readonly occupancy: Float32Array;
  private readonly left: number;
  private readonly top: number;
  private readonly canvasSize: number;
  private i00 = 0;
  private i01 = 0;
  private i10 = 0;
  private i11 = 0;
  private w00 = 0;
  private w01 = 0;
  private w10 = 0;
  private w11 = 0;

  constructor(occupancy: PlanarMap, partFromImage: Affine, canvasSize: number) {
    [, this.height, this.width] = occupancy.shape;
    this.occupancy = occupancy.data;
    this.m = pixelAffine(partFromImage, canvasSize);
    this.grid = new SampleGrid(partFromImage, canvasSize);
    this.left = cropOrigin(canvasSize, this.width);
    this.top = cropOrigin(canvasSize, this.height);
    this.canvasSize = canvasSize;
  }

  beginRow(row: number): void {
    const { a, b, c, d, e, f } = this.m;
    this.grid.beginRow(row);
    this.first = 0;
    this.last = this.canvasSize - 1;
    this.narrow(a, b * row + c - this.left, this.width);
    this.narrow(d, e * row + f - this.top, this.height);
  }

  /** Keeps the columns where -1 < slope * column + offset < length, with one column to spare on each side. */
  private narrow(slope: number, offset: number, length: number): void {
    if (Math.abs(slope) < 1e-9) {
      if (!(offset > -2 && offset < length + 1)) this.last = -1;
      return;
    }
    const one = (-1 - offset) / slope;
    const other = (length - offset) / slope;
    const from = Math.floor(Math.min(one, other)) - 1;
    const to = Math.ceil(Math.max(one, other)) + 1;
    // A singular transform gives NaN, which must leave the span empty.
    if (!(from <= this.last && to >= this.first)) this.last = -1;
    else {
      if (from > this.first) this.first = from;
      if (to < this.last) this.last = to;
    }
  }

  /** Prepares the four corners of a column of the current row; returns the occupancy there. */
  locate(column: number): number {
    // The original samples a padded canvas; taking the crop's corner off a rounded position is exact.
    const x = this.grid.x(column) - this.left;
    const y = this.grid.y(column) - this.top;
    const { width, height, occupancy } = this;
    if (!(x > -1 && x < width && y > -1 && y < height)) return 0;
    const x0 = Math.floor(x);
    const y0 = Math.floor(y);
    // Outside corners get weight 0 and any index inside.
    const right = x0 + 1 < width ? x - x0 : 0;
    const left = x0 >= 0 ? 1 - (x - x0) : 0;
    const lower = y0 + 1 < height ? y - y0 : 0;
    const upper = y0 >= 0 ? 1 - (y - y0) : 0;
    const column0 = Math.max(x0, 0);
    const column1 = x0 + 1 < width ? x0 + 1 : x0;
    const row0 = Math.max(y0, 0) * width;
    const row1 = (y0 + 1 < height ? y0 + 1 : y0) * width;
    this.i00 = row0 + column0;
    this.i01 = row0 + column1;
    this.i10 = row1 + column0;
    this.i11 = row1 + column1;
    this.w00 = upper * left;
    this.w01 = upper * right;
    this.w10 = lower * left;
    this.w11 = lower * right;
    return (
      this.w00 * occupancy[this.i00] +
      this.w01 * occupancy[this.i01] +
      this.w10 * occupancy[this.i10] +
      this.w11 * occupancy[this.i11]
    );
  }

  /** Adds weight * each of the six normal channels at the located position. */
  addNormals(normals: Float32Array, weight: number, sums: Float64Array, at: number): void {
    const plane = this.width * this.height;
    const { i00, i01, i10, i11 } = this;
    const w00 = this.w00 * weight;
    const w01 = this.w01 * weight;
    const w10 = this.w10 * weight;
    const w11 = this.w11 * weight;
    for (let c = 0, offset = 0; c < CHANNELS; c++, offset += plane) {
      sums[at + c] +=
        w00 * normals[offset + i00] +
        w01 * normals[offset + i01] +
        w10 * normals[offset + i10] +
        w11 * normals[offset + i11];
    }
  }
}

/**
 * @param parts      up to 12 parts.
 * @param canvasSize side of the canvas, px.
 * @returns f32 [6, S, S]; exactly 0 where no part reaches. Caller owns it.
 */
export function* mergeNormalsSteps(
  parts: readonly ReferenceMergePart[],
  canvasSize = CANVAS_SIZE,
): Steps<PlanarMap> {
  const out = planarMap([CHANNELS, canvasSize, canvasSize]);
  const gathers = parts.map((p) => new PartGather(p.occupancy, p.partFromImage, canvasSize));
  const sums = new Float64Array(canvasSize * CHANNELS);
  const weights = new Float64Array(canvasSize);
  const plane = canvasSize * canvasSize;
  for (let row = 0; row < canvasSize; row++) {
    sums.fill(0);
    weights.fill(0);
    let reached = false;
    for (let p = 0; p < gathers.length; p++) {
      const gather = gathers[p];
      const normals = parts[p].normals.data;
      gather.beginRow(row);
      if (gather.first <= gather.last) reached = true;
      for (let column = gather.first; column <= gather.last; column++) {
        const weight = gather.locate(column);
        if (weight === 0) continue;
        weights[column] += weight;
        gather.addNormals(normals, weight, sums, column * CHANNELS);
      }
    }
    if (reached) storeRow(out.data, row * canvasSize, plane, sums, weights);
    yield;
  }
  return out;
}

export const mergeNormals = atOnce(mergeNormalsSteps);

function storeRow(
  out: Float32Array,
  start: number,
  plane: number,
  sums: Float64Array,
  weights: Float64Array,
): void {
  for (let column = 0; column < weights.length; column++) {
    if (weights[column] === 0) continue;
    const share = 1 / weights[column];
    const to = start + column;
    for (let c = 0; c < CHANNELS; c++) out[c * plane + to] = sums[column * CHANNELS + c] * share;
  }
}

type Occupied = Pick<ReferenceMergePart, 'occupancy' | 'partFromImage'>;

/** Adds the parts' occupancies along one canvas row. */
function sumRow(gathers: readonly PartGather[], row: number, weights: Float64Array): void {
  weights.fill(0);
  for (const gather of gathers) {
    gather.beginRow(row);
    for (let column = gather.first; column <= gather.last; column++) weights[column] += gather.locate(column);
  }
}

/**
 * Share of each part in the merge on a grid of canvas pixels: grid index i stands for canvas index floor(i S / size).
 *
 * @returns f32 [12, size, size], channel k for parts[k], zero beyond parts.length. Caller owns it.
 */
export function* mergeWeightsSteps(
  parts: readonly Occupied[],
  size: number,
  canvasSize = CANVAS_SIZE,
): Steps<PlanarMap> {
  const out = planarMap([PART_COUNT, size, size]);
  const gathers = parts.map((p) => new PartGather(p.occupancy, p.partFromImage, canvasSize));
  const plane = size * size;
  const canvasIndex = (i: number) => Math.floor((i * canvasSize) / size);
  for (let r = 0; r < size; r++) {
    for (const gather of gathers) gather.beginRow(canvasIndex(r));
    for (let c = 0; c < size; c++) {
      const column = canvasIndex(c);
      let sum = 0;
      for (let p = 0; p < gathers.length; p++) {
        const gather = gathers[p];
        const inside = column >= gather.first && column <= gather.last;
        const weight = inside ? gather.locate(column) : 0;
        out.data[p * plane + r * size + c] = weight;
        sum += weight;
      }
      if (sum === 0) continue;
      for (let p = 0; p < gathers.length; p++) out.data[p * plane + r * size + c] /= sum;
    }
    yield;
  }
  return out;
}

export const mergeWeights = atOnce(mergeWeightsSteps);

/**
 * Fills what the parts do not cover with the up-sampled coarse normals: merged * s + coarse' * (1 - s), where s is
 * the occupancy sum, at most 1, and coarse' the coarse normal flattened to the canvas's own slopes. Not in the
 * reference.
 *
 * @param merged        f32 [6, S, S], not changed.
 * @param coarseNormals f32 [6, s, s].
 * @returns f32 [6, S, S]. Caller owns it.
 */
export function* fillUncoveredSteps(
  merged: PlanarMap,
  parts: readonly Occupied[],
  coarseNormals: PlanarMap,
): Steps<PlanarMap> {
  const canvasSize = merged.shape[1];
  const coarseSize = coarseNormals.shape[1];
  const out = planarMap(merged.shape);
  const gathers = parts.map((p) => new PartGather(p.occupancy, p.partFromImage, canvasSize));
  const table = upsampleTable(coarseSize, canvasSize);
  const weights = new Float64Array(canvasSize);
  const plane = canvasSize * canvasSize;
  const steepness = canvasSize / coarseSize;
  const line = new Float64Array(CHANNELS * coarseSize);
  const c = new Float64Array(3);
  for (let row = 0; row < canvasSize; row++) {
    for (let at = row * canvasSize; at < out.data.length; at += plane) {
      out.data.set(merged.data.subarray(at, at + canvasSize), at);
    }
    sumRow(gathers, row, weights);
    coarseLine(coarseNormals, table.first[row], table.second[row], table.weight[row], line);
    for (let column = 0; column < canvasSize; column++) {
      const missing = 1 - weights[column];
      if (missing <= 0) continue;
      const left = table.first[column];
      const right = table.second[column];
      const share = table.weight[column];
      for (let side = 0; side < CHANNELS; side += 3) {
        for (let k = 0, from = side * coarseSize; k < 3; k++, from += coarseSize) {
          c[k] = (1 - share) * line[from + left] + share * line[from + right];
        }
        flattenCoded(c, steepness);
        for (let k = 0, to = side * plane + row * canvasSize + column; k < 3; k++, to += plane) {
          out.data[to] = merged.data[to] * (1 - missing) + c[k] * missing;
        }
      }
    }
    yield;
  }
  return out;
}

export const fillUncovered = atOnce(fillUncoveredSteps);

/** Blends two rows of every coarse channel into `line`, one channel after the other. */
function coarseLine(
  coarse: PlanarMap,
  upper: number,
  lower: number,
  share: number,
  line: Float64Array,
): void {
  const width = coarse.shape[2];
  const plane = coarse.shape[1] * width;
  for (let c = 0; c < CHANNELS; c++) {
    const from = c * plane + upper * width;
    const to = c * plane + lower * width;
    for (let i = 0; i < width; i++) {
      line[c * width + i] = (1 - share) * coarse.data[from + i] + share * coarse.data[to + i];
    }
  }
}

/**
 * Recodes, in place, a normal coded from depth on a grid `steepness` times coarser: its slopes read that much too
 * steep on the finer grid. The factor min(1, 2 z) leaves every surface alone (coded z is 1/2 or more there) and keeps
 * the background, coded 0, at 0.
 */
function flattenCoded(c: Float64Array, steepness: number): void {
  const x = (2 * c[0] - 1) / steepness;
  const y = (2 * c[1] - 1) / steepness;
  const z = 2 * c[2] - 1;
  const square = x * x + y * y + z * z;
  if (c[2] <= 0 || square === 0) {
    c.fill(0);
    return;
  }
  const unit = 1 / Math.sqrt(square);
  const present = Math.min(c[2], 0.5);
  c[0] = present * (x * unit + 1);
  c[1] = present * (y * unit + 1);
  c[2] = present * (z * unit + 1);
}
