import { describe, expect, test } from 'vitest';
import { HALF_PX, METHOD_CAMERA } from './camera.ts';
import { createEngine } from './engine.ts';
import { poissonModule } from './load-module.node.mjs';
import { cloudOf, depthMapSphere, type Point } from './shapes.ts';
import type { OrientedCloud } from './types.ts';

const { z: CAMERA_Z, focalPx: FOCAL_PX } = METHOD_CAMERA;

const SIDE = 160;
/** A bar in the middle of the map, this many pixels before the wall. */
const [LEFT, RIGHT, HIGH] = [60, 100, 80];

/**
 * A patch of a depth map in the middle of the canvas: heights in pixels over a wall, towards the viewer of `side`.
 * Normals from the smaller difference; steep points are left out, as our own clouds do.
 */
function patch(height: (column: number, row: number) => number, side: 0 | 1) {
  const sign = side === 0 ? 1 : -1;
  const points: { at: Point; normal: Point }[] = [];
  const columns: number[] = [];
  const smaller = (a: number, b: number) => (Math.abs(a) < Math.abs(b) ? a : b);
  for (let row = 1; row < SIDE - 1; row++) {
    for (let column = 1; column < SIDE - 1; column++) {
      const here = height(column, row);
      const right = smaller(height(column + 1, row) - here, here - height(column - 1, row));
      const down = smaller(height(column, row + 1) - here, here - height(column, row - 1));
      if (!(Math.hypot(right, down) < 8)) continue;
      const z = (1 - (sign * here) / FOCAL_PX) * CAMERA_Z;
      const ray = [(column - SIDE / 2 + 0.5) / FOCAL_PX, (SIDE / 2 - row - 0.5) / FOCAL_PX];
      const length = sign * Math.hypot(right, down, 1);
      points.push({
        at: [ray[0] * z, ray[1] * z, CAMERA_Z - z],
        normal: [(-sign * right) / length, (sign * down) / length, 1 / length],
      });
      columns.push(column);
    }
  }
  const cloud = cloudOf(points);
  cloud.sides.fill(side);
  return { cloud, columns };
}

/** Which samples lose their weight. */
async function flyingPixelsOf(cloud: OrientedCloud): Promise<boolean[]> {
  const { wasm, memory, begin } = createEngine(await poissonModule(), null, () => {});
  begin(cloud.count);
  new Float32Array(memory.buffer, wasm.positionsAt(), cloud.count * 3).set(cloud.positions);
  new Float32Array(memory.buffer, wasm.normalsAt(), cloud.count * 3).set(cloud.normals);
  new Uint8Array(memory.buffer, wasm.sidesAt(), cloud.count).set(cloud.sides);
  wasm.areasByCamera(CAMERA_Z, FOCAL_PX);
  wasm.dropFlyingPixels(HALF_PX);
  return Array.from(new Float32Array(memory.buffer, wasm.areasAt(), cloud.count), (area) => area === 0);
}

const bar = (column: number) => (column >= LEFT && column < RIGHT ? HIGH : 0);
const KERNEL = [1, 4, 6, 4, 1];
const blurredBar = (column: number) =>
  KERNEL.reduce((sum, weight, k) => sum + (weight * bar(column + k - 2)) / 16, 0);

describe.each([0, 1] as const)('side %i', (side) => {
  test('the wall beside a blurred jump loses the pixel that was lifted towards the bar, and no other', async () => {
    const { cloud, columns } = patch(blurredBar, side);
    const flying = await flyingPixelsOf(cloud);
    const lifted = (column: number) => column === LEFT - 2 || column === RIGHT + 1;
    expect(columns.filter(lifted).length).toBe(2 * (SIDE - 2));
    expect(flying).toEqual(columns.map(lifted));
  });

  test('a sharp jump, a steep wall with missing pixels and a fold keep all their samples', async () => {
    const missing = (column: number, row: number) => (column * 7 + row * 13) % 17 === 0;
    for (const height of [
      bar,
      (column: number, row: number) => (missing(column, row) ? Number.NaN : 3 * column),
      (column: number) => Math.max(0, 4 * (column - SIDE / 2)),
    ]) {
      const { cloud } = patch(height, side);
      expect(cloud.count).toBeGreaterThan(1000);
      expect(await flyingPixelsOf(cloud)).not.toContain(true);
    }
  });
});

test('a ball keeps all its samples, its grazing ones too', async () => {
  expect(await flyingPixelsOf(depthMapSphere([0.1, -0.2, 0.05], 0.04))).not.toContain(true);
});
