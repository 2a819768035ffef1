/**
 * Network normals are never made unit length, before or after blending (docs/method.md#faults, item 16). The refinement was
 * trained on them as they are, so the chain hands them on unchanged in both modes; what leaves it, the points' normals
 * and robust mode's pictures, has unit length.
 */
import { expect, test } from 'vitest';
import { planarMap } from '../../src/base/images.ts';
import { unitNormals } from '../../src/digitizer/pictures.ts';
import { depthToCloud } from '../../src/gpu/kernels/depth-to-cloud.reference.ts';
import { mergeNormals } from '../../src/gpu/kernels/merge-normals.reference.ts';

const SIZE = 64;
const identity = Float32Array.of(1, 0, 0, 0, 1, 0);

/** A part that says "right", one that says "towards the camera", half each. */
const part = (x: number, z: number) => {
  const normals = planarMap([6, 32, 32]);
  for (let i = 0; i < normals.data.length; i++) {
    normals.data[i] = ((([x, 0, z][Math.floor(i / 1024) % 3] as number) + 1) / 2) as number;
  }
  return {
    normals,
    occupancy: planarMap([1, 32, 32], new Float32Array(1024).fill(1)),
    partFromImage: identity,
  };
};
const merged = mergeNormals([part(0.8, 0.6), part(-0.8, 0.6)], SIZE);

const lengthAt = (map: { data: Float32Array }, i: number, first = 0) =>
  Math.hypot(...[0, 1, 2].map((c) => 2 * map.data[(first + c) * SIZE * SIZE + i] - 1));

const MIDDLE = 32 * SIZE + 32;

test('reference mode: where two parts disagree, the blend is short', () => {
  expect(lengthAt(merged, MIDDLE)).toBeCloseTo(0.6, 5);
  expect(lengthAt(merged, MIDDLE, 3)).toBeCloseTo(0.6, 5);
});

test('robust mode: pictures hold unit normals, and nothing where there was nothing', () => {
  const unit = unitNormals(merged);
  expect(lengthAt(unit, MIDDLE)).toBeCloseTo(1, 5);
  expect(lengthAt(unit, MIDDLE, 3)).toBeCloseTo(1, 5);
  expect([0, 1, 2, 3, 4, 5].map((c) => unit.data[c * SIZE * SIZE])).toEqual([0, 0, 0, 0, 0, 0]);
});

test('robust mode: points get unit normals from short ones', () => {
  const depth = planarMap([2, SIZE, SIZE], new Float32Array(2 * SIZE * SIZE).fill(2));
  const photo = { width: SIZE, height: SIZE, data: new Uint8ClampedArray(4 * SIZE * SIZE) };
  const cloud = depthToCloud(depth, merged, photo, photo, { mode: 'robust', erodeBack: false });
  expect(cloud.count).toBeGreaterThan(SIZE * SIZE);
  for (let i = 0; i < cloud.count; i++) {
    expect(Math.hypot(...cloud.normals.subarray(3 * i, 3 * i + 3))).toBeCloseTo(1, 5);
  }
});
