/** Named weight tensors as packs and checkpoints hand them on. */

export interface WeightTensor {
  readonly shape: readonly number[];
  /** Row-major f32. */
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

/** The tensors whose keys begin with `prefix`, read one after another. The caller owns them. */
export async function loadTensors(
  readers: ReadonlyMap<string, TensorReader>,
  prefix: string,
): Promise<Map<string, WeightTensor>> {
  const out = new Map<string, WeightTensor>();
  for (const [key, { shape, read }] of readers) {
    if (key.startsWith(prefix)) out.set(key, { shape, data: await read() });
  }
  return out;
}

/** Readers over tensors that are in memory. */
export function readersOf(tensors: WeightMap): Map<string, TensorReader> {
  return new Map(
    [...tensors].map(([key, tensor]) => [key, { shape: tensor.shape, read: async () => tensor.data }]),
  );
}
