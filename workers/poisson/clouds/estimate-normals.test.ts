import { expect, test } from 'vitest';
import { cloudOf, sphereCloud, spherePoints } from '../shapes.ts';
import { estimateNormals } from './estimate-normals.ts';

function worstAgreement(positions: Float32Array, truth: Float32Array): number {
  const normals = estimateNormals(positions);
  let worst = 1;
  for (let i = 0; i < normals.length; i += 3) {
    worst = Math.min(
      worst,
      normals[i] * truth[i] + normals[i + 1] * truth[i + 1] + normals[i + 2] * truth[i + 2],
    );
  }
  return worst;
}

test('normals of a sphere, all outward', () => {
  const cloud = sphereCloud(5000);
  expect(worstAgreement(cloud.positions, cloud.normals)).toBeGreaterThan(0.98);
});

test('two separate spheres are each turned outward', () => {
  const cloud = cloudOf([...spherePoints(3000, [0, 0, 0], 0.5), ...spherePoints(3000, [5, 0, 1], 0.5)]);
  expect(worstAgreement(cloud.positions, cloud.normals)).toBeGreaterThan(0.97);
});

test('few points, and points at one spot, give finite numbers', () => {
  for (const cloud of [sphereCloud(3), sphereCloud(40, [0, 0, 0], 0), sphereCloud(1), sphereCloud(0)]) {
    expect(estimateNormals(cloud.positions).every(Number.isFinite)).toBe(true);
  }
});

test('every point four times: no edge weight falls out of the queue', () => {
  const points = spherePoints(2000, [0, 0, 0], 0.5);
  const cloud = cloudOf(Array.from({ length: 4 }, () => points).flat());
  expect(estimateNormals(cloud.positions).every(Number.isFinite)).toBe(true);
});

test('a position that is not a number is refused, not searched for', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const { positions } = sphereCloud(100);
    positions[7] = value;
    expect(() => estimateNormals(positions)).toThrow(/not finite/);
  }
});

test('more points than the neighbour graph can hold are refused at once', () => {
  expect(() => estimateNormals(new Float32Array(4_000_001 * 3))).toThrow(/too many/);
});
