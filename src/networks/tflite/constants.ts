/** Values of a TFLite file's constants: f16 widened, sparse tensors made whole. */
import { floatsFromHalves } from '../half.ts';
import type { Sparsity, TfliteTensor } from './model.ts';

/** Numbers of the tensor, row-major, new memory. */
export function constantValues(tensor: TfliteTensor): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  // A copy: views into the file need not be aligned.
  const { buffer } = tensor.data.slice();
  if (tensor.type === 'i32') return new Int32Array(buffer);
  const stored = tensor.type === 'f16' ? floatsFromHalves(new Uint16Array(buffer)) : new Float32Array(buffer);
  return tensor.sparsity ? densify(stored, tensor.shape, tensor.sparsity) : stored;
}

/**
 * Puts the stored values of a sparse tensor at their places among zeros.
 *
 * Each block divides one dimension: the tensor is walked as one of rank + blocks dimensions, in traversal order; a
 * sparse dimension names, for each position of those before it, the indices that hold anything.
 */
export function densify(
  stored: Float32Array,
  shape: readonly number[],
  { traversalOrder, blockMap, dimensions }: Sparsity,
): Float32Array<ArrayBuffer> {
  const rank = shape.length;
  const blockSize = new Array<number>(rank).fill(1);
  dimensions.forEach((dimension, level) => {
    const block = traversalOrder[level] - rank;
    if (block >= 0 && dimension.kind === 'dense') blockSize[blockMap[block]] *= dimension.size;
  });
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  // Step in the whole tensor for one step of each walked dimension.
  const steps = traversalOrder.map((d) =>
    d < rank ? strides[d] * blockSize[d] : strides[blockMap[d - rank]],
  );
  const out = new Float32Array(shape.reduce((a, b) => a * b, 1));
  let next = 0;
  const walk = (level: number, position: number, at: number): void => {
    if (level === dimensions.length) {
      out[at] = stored[next++];
      return;
    }
    const dimension = dimensions[level];
    if (dimension.kind === 'dense') {
      for (let i = 0; i < dimension.size; i++)
        walk(level + 1, position * dimension.size + i, at + i * steps[level]);
      return;
    }
    for (let k = dimension.segments[position]; k < dimension.segments[position + 1]; k++) {
      walk(level + 1, k, at + dimension.indices[k] * steps[level]);
    }
  };
  walk(0, 0, 0);
  return out;
}
