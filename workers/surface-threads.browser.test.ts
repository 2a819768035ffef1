import { afterEach, expect, test } from 'vitest';
import type { SurfaceMesh } from '../src/digitizer/types.ts';
import { figureCloud, sphereCloud } from './poisson/shapes.ts';
import { createSurfaceClient, type SurfaceClient } from './surface-client.ts';

let client: SurfaceClient | null = null;
afterEach(() => client?.dispose());

async function fingerprint(mesh: SurfaceMesh): Promise<string> {
  const hashes = Object.values(mesh).map(async (array) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', array)).toString(),
  );
  return (await Promise.all(hashes)).join();
}

test('two nested threads make the same bytes as one', async () => {
  expect(crossOriginIsolated).toBe(true);
  client = createSurfaceClient();
  const alone = await client.reconstruct(figureCloud(3), { depth: 9, threads: 1 }, () => {});
  expect(alone.stats.threads).toBe(1);
  const together = await client.reconstruct(figureCloud(3), { depth: 9, threads: 2 }, () => {});
  expect(together.stats.threads).toBe(2);
  expect(await fingerprint(together.mesh)).toBe(await fingerprint(alone.mesh));
});

test('cancel in the middle of a threaded solve rejects at once, and a new one works', async () => {
  client = createSurfaceClient();
  const abort = new AbortController();
  let cancelledAt = 0;
  const running = client.reconstruct(
    sphereCloud(200_000),
    { depth: 10, threads: 3 },
    (fraction) => {
      if (fraction < 0.3 || cancelledAt > 0) return;
      cancelledAt = performance.now();
      abort.abort();
    },
    abort.signal,
  );
  await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(performance.now() - cancelledAt).toBeLessThan(1000);
  const { stats } = await client.reconstruct(sphereCloud(5000), { depth: 7, threads: 2 }, () => {});
  expect(stats).toMatchObject({ components: 1, boundaryEdges: 0 });
});
