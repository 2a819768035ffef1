/**
 * The surface solver in its own thread (comlink). It blocks this thread while it works; to cancel, terminate it.
 * Contract: surface-api.ts. Says "ready" by answering; errors cross as StageErrorData (see surface-client.ts).
 */
import * as Comlink from 'comlink';
import { StageError } from '../src/base/errors.ts';
import wasmUrl from './poisson/build/poisson.wasm?url';
import { solveSurface } from './poisson/solver.ts';
import type { SurfaceWorkerApi } from './surface-client.ts';

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module, compiled once a worker. */
function poissonModule(): Promise<WebAssembly.Module> {
  compiled ??= fetch(wasmUrl).then(async (response) => {
    if (!response.ok) throw new Error(`the surface module could not be loaded (HTTP ${response.status})`);
    return WebAssembly.compile(await response.arrayBuffer());
  });
  return compiled;
}

const api: SurfaceWorkerApi = {
  async solve(cloud, options, onProgress) {
    try {
      const { mesh, stats } = solveSurface(await poissonModule(), cloud, options, onProgress);
      const transfer = Object.values(mesh).map((array) => array.buffer);
      return Comlink.transfer({ ok: true, mesh, stats }, transfer);
    } catch (thrown) {
      return { ok: false, error: StageError.from('surface', thrown).toData() };
    }
  },
};

Comlink.expose(api);
