/**
 * The surface solver in its own thread (comlink). It blocks this thread while it works; to cancel, terminate it: its
 * helper threads (nested workers, on a cross-origin isolated page) end with it. Helpers live for one solve, because a
 * worker that idles keeps the memory of its last solve until its next garbage collection.
 * Contract: surface-api.ts.
 */

import * as Comlink from 'comlink';
import type { SurfaceMesh } from '../src/base/mesh.ts';
import { registerStageErrorTransfer } from '../src/client/stage-error-transfer.ts';
import type { SurfaceWorkerApi } from '../src/client/surface-client.ts';
import { trackedCallback } from '../src/client/tracked-callback.ts';
import wasmUrl from './poisson/build/poisson.wasm?url';
import { methodCameraOf } from './poisson/camera.ts';
import { withSharedMemory } from './poisson/share-memory.mjs';
import { solveSurface } from './poisson/solver.ts';
import { type StartHelper, startThreadPool, type ThreadPool, whenReady } from './poisson/thread-pool.ts';
import { usefulThreads } from './poisson/threads.ts';
import { surfaceStageError } from './surface-error.ts';

registerStageErrorTransfer('surface');

let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;
let alone: Promise<WebAssembly.Module> | undefined;
let shared: Promise<WebAssembly.Module> | undefined;

function wasmBytes(): Promise<Uint8Array<ArrayBuffer>> {
  bytes ??= fetch(wasmUrl).then(async (response) => {
    if (!response.ok) throw new Error(`the surface module could not be loaded (HTTP ${response.status})`);
    return new Uint8Array(await response.arrayBuffer());
  });
  return bytes;
}

/** The module, compiled once a worker. */
function poissonModule(): Promise<WebAssembly.Module> {
  alone ??= wasmBytes().then((file) => WebAssembly.compile(file));
  return alone;
}

function sharedPoissonModule(): Promise<WebAssembly.Module> {
  shared ??= wasmBytes().then((file) => WebAssembly.compile(withSharedMemory(file)));
  return shared;
}

const startHelper: StartHelper = (onLost, signal) => {
  const worker = new Worker(new URL('./surface-helper.worker.ts', import.meta.url), { type: 'module' });
  const subscribe = (ready: () => void, dead: () => void) => {
    worker.onmessage = ready;
    worker.onerror = dead;
  };
  return whenReady(worker, subscribe, onLost, signal);
};

/** Helpers for one solve; null where one thread is all there is. */
async function poolFor(wanted: number): Promise<ThreadPool | null> {
  if (!globalThis.crossOriginIsolated || typeof SharedArrayBuffer === 'undefined') return null;
  const threads = wanted > 0 ? wanted : usefulThreads(navigator.hardwareConcurrency);
  return threads > 1 ? startThreadPool(await sharedPoissonModule(), threads, startHelper) : null;
}

const api: SurfaceWorkerApi = {
  async solve(cloud, options, onProgress, focuses) {
    let pool: ThreadPool | null = null;
    try {
      pool = await poolFor(options.threads);
      const progress = trackedCallback(onProgress);
      const camera = options.camera ?? methodCameraOf(cloud);
      const solved = solveSurface(await poissonModule(), cloud, { ...options, camera }, progress.call, pool);
      // The simplifier that it needs is a module of its own.
      const { mesh, stats } =
        camera && focuses.length > 0
          ? await (await import('./focused-surface.ts')).withFocus(
              solved,
              cloud,
              camera,
              focuses,
              options.depth,
            )
          : solved;
      await progress.settled();
      return Comlink.transfer({ mesh, stats }, buffersOf(mesh));
    } catch (thrown) {
      throw surfaceStageError(thrown);
    } finally {
      pool?.dispose();
    }
  },

  async simplify(mesh, triangles) {
    // The simplifier brings a module of its own; a solve does without it.
    const { simplifiedMesh } = await import('./simplified-mesh.ts');
    try {
      const made = await simplifiedMesh(mesh, triangles);
      return Comlink.transfer(made, buffersOf(made.mesh));
    } catch (thrown) {
      throw surfaceStageError(thrown);
    }
  },
};

function buffersOf(mesh: SurfaceMesh): ArrayBuffer[] {
  return Object.values(mesh).map((array) => array.buffer);
}

Comlink.expose(api);
