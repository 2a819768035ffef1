/**
 * Sampling rules shared by the CPU references: bilinear, align_corners = false, zero outside; and the plain
 * bilinear up-sampling of the coarse maps (clamped at the edge, as resizing does, unlike warping).
 * Source: FACTS section 4. Sums run in f64 and are rounded once, on store.
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
