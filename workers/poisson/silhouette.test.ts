import { expect, test } from 'vitest';
import { METHOD_CAMERA } from './camera.ts';
import { poissonModule } from './load-module.node.mjs';
import { depthMapSphere, type Point } from './shapes.ts';
import { solveSurface } from './solver.ts';
import { DEFAULT_SURFACE_OPTIONS } from './types.ts';

const { z: CAMERA_Z, focalPx: FOCAL_PX } = METHOD_CAMERA;

const CENTRE: Point = [0.1, -0.2, 0.05];
const RADIUS = 0.04;
const PX = CAMERA_Z / FOCAL_PX;

test('a ball that misses the points of 24 px on both sides keeps its surface there: no hole is pulled open', async () => {
  const share = (12 * PX) / RADIUS;
  const cloud = depthMapSphere(CENTRE, RADIUS, ([x, y]) => Math.abs(x) > share || Math.abs(y) > share);
  const { mesh, stats } = solveSurface(await poissonModule(), cloud, {
    ...DEFAULT_SURFACE_OPTIONS,
    depth: 8,
    camera: METHOD_CAMERA,
  });
  expect(stats).toMatchObject({ boundaryEdges: 0, nonManifoldEdges: 0, components: 1 });
  // Vertices pulled to the silhouette would leave the middle of the patch empty.
  const inner = [0, 0];
  for (let i = 0; i < mesh.positions.length; i += 3) {
    const off = CENTRE.map((value, k) => mesh.positions[i + k] - value);
    if (Math.abs(off[0]) < 6 * PX && Math.abs(off[1]) < 6 * PX) inner[off[2] > 0 ? 0 : 1]++;
    expect(Math.abs(Math.hypot(...off) - RADIUS)).toBeLessThan(3 * PX);
  }
  expect(Math.min(...inner)).toBeGreaterThan(100);
}, 120_000);
