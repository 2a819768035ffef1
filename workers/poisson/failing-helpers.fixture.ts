/**
 * A worker that solves with nested helper threads that fail, as the surface worker would; for
 * ../surface-threads.browser.test.ts. Answers with the threads that each solve ended with, and its triangles.
 */

import wasmUrl from './build/poisson.wasm?url';
import { sphereCloud } from './shapes.ts';
import { withSharedMemory } from './share-memory.mjs';
import { solveSurface } from './solver.ts';
import { startThreadPool, whenReady } from './thread-pool.ts';
import { DEFAULT_SURFACE_OPTIONS } from './types.ts';

const bytes = new Uint8Array(await (await fetch(wasmUrl)).arrayBuffer());
const alone = await WebAssembly.compile(bytes);
const shared = await WebAssembly.compile(withSharedMemory(bytes));
const cloud = sphereCloud(20_000);

async function solveWith(start: () => Worker) {
  const pool = await startThreadPool(
    shared,
    3,
    (onLost, signal) => {
      const worker = start();
      const subscribe = (ready: () => void, dead: () => void) => {
        worker.onmessage = ready;
        worker.onerror = dead;
      };
      return whenReady(worker, subscribe, onLost, signal);
    },
    { waitForHelpersMs: 20_000 },
  );
  const { stats } = solveSurface(alone, cloud, { ...DEFAULT_SURFACE_OPTIONS, depth: 7 }, () => {}, pool);
  const helpersLeft = pool.helpers.length;
  pool.dispose();
  return { threads: stats.threads, triangles: stats.triangles, helpersLeft };
}

const trapping = () => new Worker(new URL('./trapped.fixture.ts', import.meta.url), { type: 'module' });
const missing = () => new Worker('/no-such-helper.js', { type: 'module' });
const none = solveSurface(alone, cloud, { ...DEFAULT_SURFACE_OPTIONS, depth: 7 });
self.postMessage({
  triangles: none.stats.triangles,
  trapped: await solveWith(trapping),
  missing: await solveWith(missing),
});
