/**
 * Trilinear weights of a point in a cell, for the eight corners in two vectors: corner k has x bit 0, y bit 1, z bit 2,
 * so `low` is the layer z = 0 as (00, 10, 01, 11) and `high` the layer z = 1.
 */
export let low: v128 = i64x2.splat(0);
export let high: v128 = i64x2.splat(0);

// @ts-ignore: decorator
@inline export function trilinearWeights(fx: f32, fy: f32, fz: f32): void {
  const gx: f32 = 1 - fx,
    gy: f32 = 1 - fy;
  const xy = f32x4(gx * gy, fx * gy, gx * fy, fx * fy);
  low = f32x4.mul(xy, f32x4.splat(1 - fz));
  high = f32x4.mul(xy, f32x4.splat(fz));
}

/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline export function laneSum(v: v128): f32 {
  const pairs = f32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The four corner values of one layer: two neighbours in x at `at`, two in the next row. */
// @ts-ignore: decorator
@inline export function loadLayer(at: usize, rowBytes: usize): v128 {
  return v128.load64_lane(at + rowBytes, v128.load64_zero(at), 1);
}

/** Adds a layer to memory; the rows must not overlap. */
// @ts-ignore: decorator
@inline export function addLayer(at: usize, rowBytes: usize, v: v128): void {
  const sum = f32x4.add(loadLayer(at, rowBytes), v);
  v128.store64_lane(at, sum, 0);
  v128.store64_lane(at + rowBytes, sum, 1);
}
