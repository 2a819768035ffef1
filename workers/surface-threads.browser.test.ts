import { afterEach, expect, test } from 'vitest';
import type { SurfaceMesh } from '../src/base/mesh.ts';
import { createSurfaceClient, type SurfaceClient } from '../src/client/surface-client.ts';
import { figureCloud, sphereCloud } from './poisson/shapes.ts';

let client: SurfaceClient | null = null;
afterEach(() => client?.dispose());

async function fingerprint(mesh: SurfaceMesh): Promise<string> {
  const hashes = Object.values(mesh).map(async (array) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', array)).toString(),
  );
  return (await Promise.all(hashes)).join();
}

/** Helper threads that are alive anywhere under this origin; each holds a lock. */
async function helpersAlive(): Promise<number> {
  const { held } = await navigator.locks.query();
  return held?.filter(({ name }) => name === 'surface-helper').length ?? 0;
}

test('two nested threads make the same bytes as one, and end with the solve', async () => {
  expect(crossOriginIsolated).toBe(true);
  client = createSurfaceClient();
  const alone = await client.reconstruct(figureCloud(5), { depth: 9, threads: 1 }, () => {});
  expect(alone.stats.threads).toBe(1);
  const together = await client.reconstruct(figureCloud(5), { depth: 9, threads: 2 }, () => {});
  expect(together.stats.threads).toBe(2);
  expect(await fingerprint(together.mesh)).toBe(await fingerprint(alone.mesh));
  await expect.poll(helpersAlive, { timeout: 20_000 }).toBe(0);
});

test('cancel in the middle of a threaded solve rejects and ends every thread; a new solve works', async () => {
  client = createSurfaceClient();
  const abort = new AbortController();
  let asked = false;
  let alive = 0;
  const running = client.reconstruct(
    sphereCloud(60_000),
    { depth: 10, threads: 3 },
    async (fraction) => {
      if (fraction < 0.3 || asked) return;
      asked = true;
      alive = await helpersAlive();
      abort.abort();
    },
    abort.signal,
  );
  await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(alive).toBe(2);
  await expect.poll(helpersAlive, { timeout: 30_000 }).toBe(0);
  const { stats } = await client.reconstruct(sphereCloud(5000), { depth: 7, threads: 2 }, () => {});
  expect(stats).toMatchObject({ components: 1, boundaryEdges: 0 });
});

test('helpers that trap or do not load: the solve ends on one thread', async () => {
  const url = new URL('./poisson/failing-helpers.fixture.ts', import.meta.url);
  const worker = new Worker(url, { type: 'module' });
  try {
    const answer = await new Promise<{ triangles: number }>((resolve, reject) => {
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
    const alone = { threads: 1, triangles: answer.triangles, helpersLeft: 0 };
    expect(answer).toMatchObject({ trapped: alone, missing: alone });
  } finally {
    worker.terminate();
  }
});
