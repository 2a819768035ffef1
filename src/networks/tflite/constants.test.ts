/** Constants of TFLite files: what sparse tensors and half precision stand for. */
import { expect, test } from 'vitest';
import { halvesFromFloats } from '../half.ts';
import { constantValues, densify } from './constants.ts';
import { readTflite } from './model.ts';

test('a compressed row matrix', () => {
  // 2 x 4: [0 5 0 6] [7 0 0 0]
  const values = densify(Float32Array.of(5, 6, 7), [2, 4], {
    traversalOrder: [0, 1],
    blockMap: [],
    dimensions: [
      { kind: 'dense', size: 2 },
      { kind: 'sparse', segments: [0, 2, 3], indices: [1, 3, 0] },
    ],
  });
  expect([...values]).toEqual([0, 5, 0, 6, 7, 0, 0, 0]);
});

test('blocks of two rows: each stored block goes down a column', () => {
  // 4 x 3 in blocks of 2 x 1; column 1 of the upper half, columns 0 and 2 of the lower.
  const values = densify(Float32Array.of(1, 2, 3, 4, 5, 6), [4, 3], {
    traversalOrder: [0, 1, 2],
    blockMap: [0],
    dimensions: [
      { kind: 'dense', size: 2 },
      { kind: 'sparse', segments: [0, 1, 3], indices: [1, 0, 2] },
      { kind: 'dense', size: 2 },
    ],
  });
  expect([...values]).toEqual([0, 1, 0, 0, 2, 0, 3, 0, 5, 4, 0, 6]);
});

test('blocks of two dimensions', () => {
  // 2 x 4 in blocks of 2 x 2; only the right block is stored.
  const values = densify(Float32Array.of(1, 2, 3, 4), [2, 4], {
    traversalOrder: [0, 1, 2, 3],
    blockMap: [0, 1],
    dimensions: [
      { kind: 'dense', size: 1 },
      { kind: 'sparse', segments: [0, 1], indices: [1] },
      { kind: 'dense', size: 2 },
      { kind: 'dense', size: 2 },
    ],
  });
  expect([...values]).toEqual([0, 0, 1, 2, 0, 0, 3, 4]);
});

test('half precision is widened, also from an odd place in the file', () => {
  const stored = new Uint8Array(7);
  stored.set(new Uint8Array(halvesFromFloats([1.5, -0.25, 1024]).buffer), 1);
  const values = constantValues({
    name: 'w',
    shape: [3],
    type: 'f16',
    data: stored.subarray(1),
    sparsity: null,
  });
  expect([...values]).toEqual([1.5, -0.25, 1024]);
});

test('what is not TFLite is refused', () => {
  expect(() => readTflite(new Uint8Array(64))).toThrow('not a TFLite file');
});
