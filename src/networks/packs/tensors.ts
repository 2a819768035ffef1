/** Named weight tensors as packs and checkpoints hand them on. */

export interface WeightTensor {
  readonly shape: readonly number[];
  /** Row-major f32. May be widened from a stored f16 on each reading: read once, keep no copy longer than needed. */
  readonly data: Float32Array<ArrayBuffer>;
}

export type WeightMap = ReadonlyMap<string, WeightTensor>;

/** A tensor that is read when asked for, so that a large file is never in memory as a whole. */
export interface TensorReader {
  readonly shape: readonly number[];
  read(): Promise<Float32Array<ArrayBuffer>>;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Readers over tensors that are in memory. */
export function readersOf(tensors: WeightMap): Map<string, TensorReader> {
  return new Map(
    [...tensors].map(([key, tensor]) => [key, { shape: tensor.shape, read: async () => tensor.data }]),
  );
}
