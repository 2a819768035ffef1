import { expect, test } from 'vitest';
import { hashNoise } from '../../src/base/deterministic.ts';
import { METHOD_CAMERA } from './camera.ts';
import { estimateNoise } from './noise.ts';
import { depthMapSphere, sphereCloud } from './shapes.ts';
import type { OrientedCloud } from './types.ts';

const { focalPx: FOCAL_PX } = METHOD_CAMERA;

const RADIUS = 0.04;
const SPACING = 1 / FOCAL_PX;
const ball = () => depthMapSphere([0, 0, 0], RADIUS, (normal) => Math.abs(normal[2]) > 0.3);

/** Moves every point along its normal by evenly spread noise of this standard deviation. */
function shake(cloud: OrientedCloud, deviation: number): OrientedCloud {
  for (let i = 0; i < cloud.positions.length; i++) {
    const move = deviation * Math.sqrt(3) * hashNoise(7, Math.floor(i / 3));
    cloud.positions[i] += cloud.normals[i] * move;
  }
  return cloud;
}

test('a smooth depth map has no noise', () => {
  expect(estimateNoise(ball(), SPACING)).toBeLessThan(0.002 * SPACING);
});

test('noise is found within a third', () => {
  for (const deviation of [0.05, 0.2]) {
    const found = estimateNoise(shake(ball(), deviation * SPACING), SPACING) / SPACING;
    expect(found).toBeGreaterThan(deviation * 0.9);
    // Exact normals: sqrt(2 / 1.25) more than with normals from the same depth.
    expect(found).toBeLessThan(deviation * 1.4);
  }
});

test('points in no order say nothing', () => {
  expect(estimateNoise(sphereCloud(1000), 0.01)).toBe(0);
});

test('points without normals are passed over', () => {
  const cloud = ball();
  cloud.normals.fill(0, 0, 3000);
  expect(estimateNoise(cloud, SPACING)).toBeLessThan(0.002 * SPACING);
});
