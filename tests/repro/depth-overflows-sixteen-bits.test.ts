/**
 * relu6 lets depth reach 6, the original's 16-bit pictures end at 4 (docs/method.md#faults, item 10): what lies farther comes
 * back in front of the figure, in the depth picture and in the cloud. Robust mode makes its cloud from unrounded depth
 * and stops pictures at 65535.
 */
import { expect, test } from 'vitest';
import { planarMap } from '../../src/base/images.ts';
import { depthToUint16 } from '../../src/export/png.ts';
import { cloudFromCamera, pixelTangents, rayDistance, unproject } from '../../src/geometry/camera.ts';
import { depthToCloud, noMergedNormals } from '../../src/gpu/kernels/depth-to-cloud.reference.ts';

const SIZE = 16;
/** Network units; wraps to 0.5. */
const FAR = 4.5;

const depth = planarMap([2, SIZE, SIZE], new Float32Array(2 * SIZE * SIZE).fill(FAR));
const photo = { width: SIZE, height: SIZE, data: new Uint8ClampedArray(4 * SIZE * SIZE) };

/** z of the pixel in row 8, column 8 of the front. */
function zOf(mode: 'reference' | 'robust'): number {
  const cloud = depthToCloud(depth, noMergedNormals(SIZE), photo, photo, { mode, erodeBack: false });
  const at = cloud.pixels.indexOf(8 * SIZE + 8);
  expect(cloud.sides[at]).toBe(0);
  return cloud.positions[3 * at + 2];
}

const [tangent] = pixelTangents(SIZE).slice(8);
const zAt = (units: number) =>
  cloudFromCamera(unproject(tangent, tangent, rayDistance(units * (SIZE / 4), SIZE)))[2];

test('the cloud: reference brings the far point to the front, robust leaves it behind', () => {
  expect(zOf('reference')).toBeCloseTo(zAt(FAR - 4), 5);
  expect(zOf('robust')).toBeCloseTo(zAt(FAR), 5);
  expect(zAt(FAR - 4)).toBeGreaterThan(0);
  expect(zAt(FAR)).toBeLessThan(-0.5);
});

test('the depth picture: reference wraps, robust stops at the end', () => {
  const values = Float32Array.of(0, 1.9, 3.9999, 4, FAR, 6);
  const near = [0, Math.trunc(Math.fround(1.9) * 16384), 65534];
  expect([...depthToUint16(values, 'wrap')]).toEqual([...near, 0, 8192, 32768]);
  expect([...depthToUint16(values, 'stop')]).toEqual([...near, 65535, 65535, 65535]);
});
