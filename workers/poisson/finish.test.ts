import { beforeAll, expect, test } from 'vitest';
import { METHOD_CAMERA, methodCameraOf } from './camera.ts';
import { confidenceOf, measureSupport } from './confidence.ts';
import { poissonModule } from './load-module.node.mjs';
import { cloudOf, depthMapSphere, figureCloud, spherePoints } from './shapes.ts';
import { solveSurface } from './solver.ts';
import { thinDepthMap } from './thin-depth-map.ts';
import { findPieces, reportEdges } from './topology.ts';
import type { OrientedCloud, SurfaceMesh } from './types.ts';
import { DEFAULT_SURFACE_OPTIONS } from './types.ts';

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await poissonModule();
}, 120_000);

const solve = (cloud: OrientedCloud, depth: number) =>
  solveSurface(module, cloud, { ...DEFAULT_SURFACE_OPTIONS, depth, camera: methodCameraOf(cloud) });

/** Two spheres, a third that is too small to stay, a hole, a few points without a normal. */
function mixedCloud(): OrientedCloud {
  const cloud = cloudOf([
    ...spherePoints(30_000, [0, 0, 0], 0.5).filter(({ normal }) => normal[0] < 0.9),
    ...spherePoints(8000, [1.2, 0, 0], 0.25),
    ...spherePoints(60, [0.7, 0.7, 0], 0.015),
  ]);
  cloud.normals.fill(0, 300, 360);
  return cloud;
}

const CLOUDS: [string, () => OrientedCloud, number][] = [
  ['spheres, one too small, a hole, points without normals', mixedCloud, 8],
  ['a person as a depth map', () => figureCloud(4), 8],
  [
    'a depth map without its rim',
    () => depthMapSphere([0.1, -0.2, 0.05], 0.04, (n) => Math.abs(n[2]) > 0.3),
    8,
  ],
];

// The module counts and measures with several threads; topology.ts and confidence.ts do the same plainly.
test.each(CLOUDS)(
  'counts and distances of the module are those of the plain functions: %s',
  (_, make, depth) => {
    const cloud = make();
    const { mesh, stats, spacing, flippedEdges, pixelStep } = solve(cloud, depth);
    const edges = reportEdges(mesh.indices, mesh.positions.length / 3);
    expect(stats).toMatchObject({ boundaryEdges: edges.boundary, nonManifoldEdges: edges.nonManifold });
    expect(flippedEdges).toBe(edges.flipped);
    expect(stats.components).toBe(findPieces(mesh.positions, mesh.indices).count);
    const used = pixelStep > 1 ? thinDepthMap(cloud, depth, METHOD_CAMERA).cloud : cloud;
    const expected = confidenceOf(measureSupport(mesh.positions, used, spacing), mesh.seen);
    expect(Buffer.compare(Buffer.from(mesh.confidence), Buffer.from(expected))).toBe(0);
  },
);

test('a preview of a complete depth map uses fewer pixels and lies where the finer mesh lies', () => {
  const cloud = depthMapSphere([0, 0, 0], 0.12);
  const [coarse, fine] = [solve(cloud, 5), solve(cloud, 8)];
  expect(coarse.pixelStep).toBeGreaterThan(1);
  expect(fine.pixelStep).toBe(1);
  expect(coarse.stats.points).toBeLessThan(cloud.count / 3);
  expect(coarse.stats).toMatchObject({ boundaryEdges: 0, nonManifoldEdges: 0, components: 1 });
  const radius = ({ positions }: SurfaceMesh) => {
    let sum = 0;
    for (let i = 0; i < positions.length; i += 3) sum += Math.hypot(...positions.subarray(i, i + 3));
    return (3 * sum) / positions.length;
  };
  expect(radius(coarse.mesh) / radius(fine.mesh)).toBeCloseTo(1, 2);
});

test('a depth map that lacks most of its pixels is not thinned further', () => {
  const { pixelStep, stats } = solve(figureCloud(4), 6);
  expect(pixelStep).toBe(1);
  expect(stats.boundaryEdges).toBe(0);
});
