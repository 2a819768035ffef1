import { expect, test } from 'vitest';
import { METHOD_CAMERA } from './camera.ts';
import { countIntersecting } from './intersections.ts';
import { poissonModule } from './load-module.node.mjs';
import { refineMesh } from './refine.ts';
import { depthMapSphere, type Point } from './shapes.ts';
import { solveSurface } from './solver.ts';
import { reportEdges } from './topology.ts';
import { DEFAULT_SURFACE_OPTIONS, type SurfaceMesh } from './types.ts';

const { z: CAMERA_Z, focalPx: FOCAL_PX } = METHOD_CAMERA;
const PX = CAMERA_Z / FOCAL_PX;
const CENTRE: Point = [0, 0, 0];
const RADIUS = 0.07;

/** Waves of two pixels' height along the ray, 15 px from one to the next: three cells of depth 6. */
const wave = (x: number, y: number) => 1 * PX * Math.sin(x / (2.4 * PX)) * Math.sin(y / (2.4 * PX));

const smooth = depthMapSphere(CENTRE, RADIUS);
const cloud = { ...smooth, positions: smooth.positions.slice() };
for (let i = 0; i < cloud.count; i++) {
  if (cloud.sides[i] !== 0) continue;
  const [x, y, z] = cloud.positions.subarray(i * 3, i * 3 + 3);
  const away = CAMERA_Z - z;
  const factor = 1 - wave((x / away) * CAMERA_Z, (y / away) * CAMERA_Z) / away;
  cloud.positions.set([x * factor, y * factor, CAMERA_Z - away * factor], i * 3);
}
const FOCUS = { centre: [0.012, 0.018, 0.066], radius: 0.025, edgePx: 1 } as const;
const away = (mesh: SurfaceMesh, v: number) =>
  Math.hypot(...[0, 1, 2].map((k) => mesh.positions[v * 3 + k] - FOCUS.centre[k]));

/** Mean distance along the ray from the waves, px, of the vertices well inside the focus. */
function error(mesh: SurfaceMesh): number {
  let sum = 0;
  let count = 0;
  for (let v = 0; v < mesh.seen.length; v++) {
    if (away(mesh, v) > FOCUS.radius * 0.6) continue;
    const [x, y, z] = mesh.positions.subarray(v * 3, v * 3 + 3);
    const depth = CAMERA_Z - z;
    const [rx, ry] = [x / depth, y / depth];
    // Where the ray meets the ball: depth d with (rx d)^2 + (ry d)^2 + (CAMERA_Z - d)^2 = RADIUS^2.
    const a = rx * rx + ry * ry + 1;
    const root = Math.sqrt(CAMERA_Z ** 2 - a * (CAMERA_Z ** 2 - RADIUS ** 2));
    const ball = (CAMERA_Z - root) / a;
    sum += Math.abs(depth - (ball - wave(rx * CAMERA_Z, ry * CAMERA_Z))) / PX;
    count++;
  }
  expect(count).toBeGreaterThan(50);
  return sum / count;
}

test('inside a focus the mesh has what the depth map has; outside it stays; it is closed and cuts itself nowhere', async () => {
  const solved = solveSurface(await poissonModule(), cloud, {
    ...DEFAULT_SURFACE_OPTIONS,
    depth: 6,
    camera: METHOD_CAMERA,
  });
  const all = { cell: solved.cell, triangles: Number.POSITIVE_INFINITY };
  const refined = await refineMesh(solved.mesh, cloud, METHOD_CAMERA, [FOCUS], all);
  const [before, after] = [error(solved.mesh), error(refined)];
  expect(before).toBeGreaterThan(0.15);
  expect(after).toBeLessThan(before * 0.4);
  expect(refined.indices.length).toBeGreaterThan(solved.mesh.indices.length * 1.2);
  const outside = [...solved.mesh.seen.keys()].filter((v) => away(solved.mesh, v) >= FOCUS.radius);
  const stays = (v: number) =>
    [0, 1, 2].every((k) => refined.positions[v * 3 + k] === solved.mesh.positions[v * 3 + k]);
  expect(outside.length).toBeGreaterThan(300);
  expect(outside.every(stays)).toBe(true);
  expect(reportEdges(refined.indices, refined.seen.length)).toMatchObject({
    boundary: 0,
    nonManifold: 0,
    flipped: 0,
  });
  expect(countIntersecting(refined.positions, refined.indices)).toBe(0);

  // Fewer triangles than there are: the focus keeps its own.
  const wanted = Math.round(refined.indices.length / 3 - solved.mesh.indices.length / 6);
  const fewer = await refineMesh(solved.mesh, cloud, METHOD_CAMERA, [FOCUS], { ...all, triangles: wanted });
  expect(fewer.indices.length / 3).toBeLessThanOrEqual(wanted);
  expect(error(fewer)).toBeLessThan(before * 0.4);
  expect(reportEdges(fewer.indices, fewer.seen.length)).toMatchObject({
    boundary: 0,
    nonManifold: 0,
    flipped: 0,
  });
  expect(countIntersecting(fewer.positions, fewer.indices)).toBe(0);
}, 300_000);

test('a focus where no pixel is changes nothing', async () => {
  const solved = solveSurface(await poissonModule(), smooth, {
    ...DEFAULT_SURFACE_OPTIONS,
    depth: 6,
    camera: METHOD_CAMERA,
  });
  const nowhere = { centre: [0.3, 0.3, 0], radius: 0.02, edgePx: 1 } as const;
  const all = { cell: solved.cell, triangles: Number.POSITIVE_INFINITY };
  expect(await refineMesh(solved.mesh, smooth, METHOD_CAMERA, [nowhere], all)).toBe(solved.mesh);
  expect(await refineMesh(solved.mesh, smooth, METHOD_CAMERA, [], all)).toBe(solved.mesh);
}, 300_000);
