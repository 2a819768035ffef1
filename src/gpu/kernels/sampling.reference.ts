/**
 * Sampling rules shared by the CPU references: bilinear, align_corners = false, zero outside; and the plain
 * bilinear up-sampling of the coarse maps (clamped at the edge, as resizing does, unlike warping).
 * Source: docs/method.md#sampling. Positions follow the original's f32 steps; sums run in f64 and are rounded once, on store.
 */
import type { Affine } from '../../geometry/body.ts';

/**
 * A [-1, 1] affine as a map between pixel indices of a size x size canvas:
 * column' = a * column + b * row + c, row' = d * column + e * row + f.
 */
export interface PixelAffine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** Rewrites `((g + 1) * size - 1) / 2` of an affine grid as one affine map of pixel indices. */
export function pixelAffine(affine: Affine, size: number): PixelAffine {
  const [m00, m01, m02, m10, m11, m12] = affine;
  const first = 1 / size - 1;
  return {
    a: m00,
    b: m01,
    c: ((m00 * first + m01 * first + m02 + 1) * size - 1) / 2,
    d: m10,
    e: m11,
    f: ((m10 * first + m11 * first + m12 + 1) * size - 1) / 2,
  };
}

/** a * b + c with one rounding to f32, as a fused multiply-add gives it. */
const fused = (a: number, b: number, c: number) => Math.fround(a * b + c);

/**
 * Coordinates of pixel centres along a line, (2 j + 1) / size - 1, with the original's own roundings: torch 1.13 fills a
 * line from both ends in groups of eight, each started by a fused multiply-add, then multiplies by (size - 1) / size.
 * 2.7 % of the values at 2048 are one f32 step (6e-5 px) beside the plain formula. Found by comparing with a recorded
 * grid, which this gives to the bit.
 */
export function gridLine(size: number): Float32Array<ArrayBuffer> {
  const { fround } = Math;
  const line = new Float32Array(size);
  if (size < 2) return line;
  const step = fround(2 / (size - 1));
  const half = Math.floor(size / 2);
  const whole = size - (size % 8);
  const start = (i: number) => (i < half ? fused(step, i, -1) : fused(-step, size - 1 - i, 1));
  for (let i = 0; i < size; i++) {
    const group = i < whole ? i - (i % 8) : i;
    const value = fround(start(group) + fround((i - group) * step));
    line[i] = fround(fround(value * (size - 1)) / size);
  }
  return line;
}

/**
 * Where an affine map samples a size x size canvas, px. Every step is rounded to f32 in the original's order (a matrix
 * product without fused operations, then the way back to px), because a position near 2000 px is only good to 1e-4 px in
 * f32 and the recorded crops show which 1e-4: with exact positions they differ by up to 2.1e-4, so by 1.6e-5, which is
 * their storage.
 */
export class SampleGrid {
  private readonly line: Float32Array;
  private readonly xOfColumn: Float32Array;
  private readonly yOfColumn: Float32Array;
  private readonly affine: Affine;
  private readonly half: number;
  private rowX = 0;
  private rowY = 0;

  constructor(affine: Affine, size: number) {
    this.line = gridLine(size);
    this.xOfColumn = this.line.map((g) => g * affine[0]);
    this.yOfColumn = this.line.map((g) => g * affine[3]);
    this.affine = affine;
    this.half = size / 2;
  }

  beginRow(row: number): void {
    this.rowX = Math.fround(this.line[row] * this.affine[1]);
    this.rowY = Math.fround(this.line[row] * this.affine[4]);
  }

  x(column: number): number {
    return this.position(Math.fround(this.xOfColumn[column] + this.rowX), this.affine[2]);
  }

  y(column: number): number {
    return this.position(Math.fround(this.yOfColumn[column] + this.rowY), this.affine[5]);
  }

  private position(turned: number, shift: number): number {
    const { fround } = Math;
    return fround(fround(fround(fround(turned + shift) + 1) * this.half) - 0.5);
  }
}

/** First row or column of a centred crop on the canvas: size / 2 - floor(crop / 2). */
export function cropOrigin(canvasSize: number, cropSide: number): number {
  return Math.floor(canvasSize / 2) - Math.floor(cropSide / 2);
}

/** One plane of `data` at (x, y), bilinear, zero outside. `offset` is the plane's first index. */
export function sampleZero(
  data: Float32Array,
  offset: number,
  height: number,
  width: number,
  x: number,
  y: number,
): number {
  if (!(x > -1 && x < width && y > -1 && y < height)) return 0;
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const left = x0 >= 0;
  const right = x0 + 1 < width;
  let sum = 0;
  if (y0 >= 0) {
    const row = offset + y0 * width + x0;
    if (left) sum += (1 - fx) * (1 - fy) * data[row];
    if (right) sum += fx * (1 - fy) * data[row + 1];
  }
  if (y0 + 1 < height) {
    const row = offset + (y0 + 1) * width + x0;
    if (left) sum += (1 - fx) * fy * data[row];
    if (right) sum += fx * fy * data[row + 1];
  }
  return sum;
}

/** Where each fine index reads a coarse line: two indices and the weight of the second. */
export interface UpsampleTable {
  readonly first: Int32Array<ArrayBuffer>;
  readonly second: Int32Array<ArrayBuffer>;
  readonly weight: Float64Array<ArrayBuffer>;
}

/** Bilinear resize coarse -> fine along one axis, align_corners = false, clamped at both ends. */
export function upsampleTable(coarseSize: number, fineSize: number): UpsampleTable {
  const first = new Int32Array(fineSize);
  const second = new Int32Array(fineSize);
  const weight = new Float64Array(fineSize);
  const ratio = coarseSize / fineSize;
  for (let i = 0; i < fineSize; i++) {
    const position = Math.max(0, (i + 0.5) * ratio - 0.5);
    first[i] = Math.min(Math.floor(position), coarseSize - 1);
    second[i] = Math.min(first[i] + 1, coarseSize - 1);
    weight[i] = position - first[i];
  }
  return { first, second, weight };
}

/** Value of an up-sampled plane at fine pixel (row, column). `width` is the coarse width. */
export function upsampledAt(
  data: Float32Array,
  offset: number,
  width: number,
  rows: UpsampleTable,
  columns: UpsampleTable,
  row: number,
  column: number,
): number {
  const r0 = offset + rows.first[row] * width;
  const r1 = offset + rows.second[row] * width;
  const c0 = columns.first[column];
  const c1 = columns.second[column];
  const wx = columns.weight[column];
  const wy = rows.weight[row];
  return (
    (1 - wy) * ((1 - wx) * data[r0 + c0] + wx * data[r0 + c1]) +
    wy * ((1 - wx) * data[r1 + c0] + wx * data[r1 + c1])
  );
}
