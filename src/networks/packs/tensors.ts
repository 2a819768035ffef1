/** Named weight tensors as packs and checkpoints hand them on. */

export interface WeightTensor {
  readonly shape: readonly number[];
  /** Row-major f32. May be widened from a stored f16 on each reading: read once, keep no copy longer than needed. */
  readonly data: Float32Array<ArrayBuffer>;
}

export type WeightMap = ReadonlyMap<string, WeightTensor>;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
