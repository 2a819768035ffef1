import { afterEach, expect, test } from 'vitest';
import { createSurfaceClient, type SurfaceClient } from '../src/client/surface-client.ts';
import type { Focus } from '../src/geometry/focus.ts';
import { depthMapSphere, sphereCloud } from './poisson/shapes.ts';
import { reportEdges } from './poisson/topology.ts';

let client: SurfaceClient | null = null;
afterEach(() => client?.dispose());

test('a sphere through the worker: progress, closed mesh, input transferred', async () => {
  client = createSurfaceClient();
  const cloud = sphereCloud(20_000);
  const fractions: number[] = [];
  const { mesh, stats } = await client.reconstruct(cloud, { depth: 7 }, (fraction) =>
    fractions.push(fraction),
  );
  expect(cloud.positions.length).toBe(0);
  expect(stats.triangles).toBe(mesh.indices.length / 3);
  expect(reportEdges(mesh.indices, stats.vertices)).toMatchObject({
    boundary: 0,
    nonManifold: 0,
    flipped: 0,
  });
  expect(fractions.at(-1)).toBe(1);
});

test('a focus has more triangles than elsewhere, and the mesh stays closed', async () => {
  client = createSurfaceClient();
  const centre = [0, 0, 0.06] as const;
  const solve = (focuses: readonly Focus[]) =>
    client!.reconstruct(depthMapSphere([0, 0, 0], 0.06), { depth: 6 }, () => {}, undefined, focuses);
  const plain = await solve([]);
  const { mesh, stats } = await solve([{ centre, radius: 0.02, edgePx: 1 }]);
  expect(stats.triangles).toBe(mesh.indices.length / 3);
  expect(stats.triangles).toBeGreaterThan(plain.stats.triangles * 1.2);
  expect(stats).toMatchObject({ boundaryEdges: 0, nonManifoldEdges: 0, components: 1 });
  expect(reportEdges(mesh.indices, stats.vertices).flipped).toBe(0);
});

test('a bad cloud is a StageError with its code and fix, and the next one works', async () => {
  client = createSurfaceClient();
  await expect(client.reconstruct(sphereCloud(1), { depth: 7 }, () => {})).rejects.toMatchObject({
    name: 'StageError',
    code: 'E_BAD_CLOUD',
    fix: expect.stringContaining('points'),
  });
  const { stats } = await client.reconstruct(sphereCloud(5000), { depth: 6 }, () => {});
  expect(stats.boundaryEdges).toBe(0);
});

test('cancel rejects at once with E_CANCELLED, and a new solve starts', async () => {
  client = createSurfaceClient();
  const abort = new AbortController();
  const running = client.reconstruct(sphereCloud(300_000), { depth: 10 }, () => abort.abort(), abort.signal);
  await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await expect(
    client.reconstruct(sphereCloud(100), { depth: 6 }, () => {}, abort.signal),
  ).rejects.toMatchObject({
    code: 'E_CANCELLED',
  });
  const { stats } = await client.reconstruct(sphereCloud(5000), { depth: 6 }, () => {});
  expect(stats.components).toBe(1);
});

test('two solves at once wait for each other', async () => {
  client = createSurfaceClient();
  const [a, b] = await Promise.all([
    client.reconstruct(sphereCloud(3000), { depth: 6 }, () => {}),
    client.reconstruct(sphereCloud(6000), { depth: 6 }, () => {}),
  ]);
  expect([a.stats.points, b.stats.points]).toEqual([3000, 6000]);
});

test('works from inside another worker', async () => {
  const worker = new Worker(new URL('./surface-nested.fixture.ts', import.meta.url), { type: 'module' });
  try {
    const answer = await new Promise<unknown>((resolve, reject) => {
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
    expect(answer).toEqual({ boundaryEdges: 0, components: 1 });
  } finally {
    worker.terminate();
  }
});
