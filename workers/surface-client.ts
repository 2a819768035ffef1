/**
 * Starts the surface worker, hands it clouds, and cancels by terminating it. Callable from the page and from another
 * worker. One solve at a time: a second call waits for the first.
 *
 * The worker is started with the first solve and kept, because compiling the module takes longer than starting it.
 */
import * as Comlink from 'comlink';
import { StageError, type StageErrorData, throwIfCancelled } from '../src/base/errors.ts';
import type { SurfaceMesh, SurfaceStats } from '../src/digitizer/types.ts';
import type { OrientedCloud } from '../src/gpu/kernel-set.ts';
import {
  DEFAULT_SURFACE_OPTIONS,
  type SurfaceApi,
  type SurfaceOptions,
  type SurfaceProgress,
} from './surface-api.ts';

export type SurfaceAnswer =
  | { readonly ok: true; readonly mesh: SurfaceMesh; readonly stats: SurfaceStats }
  | { readonly ok: false; readonly error: StageErrorData };

/** What the worker exposes; errors travel as data, because a thrown class does not survive the way. */
export interface SurfaceWorkerApi {
  solve(cloud: OrientedCloud, options: SurfaceOptions, onProgress: SurfaceProgress): Promise<SurfaceAnswer>;
}

export interface SurfaceClient extends SurfaceApi {
  /**
   * @param cloud   its arrays are transferred: the caller's copies are empty afterwards.
   * @param options what is left out is as in DEFAULT_SURFACE_OPTIONS.
   * @throws StageError E_BAD_CLOUD, E_MEMORY, E_CANCELLED (the signal was aborted), E_INTERNAL (the worker died).
   */
  reconstruct(
    cloud: OrientedCloud,
    options: Partial<SurfaceOptions>,
    onProgress: SurfaceProgress,
    signal?: AbortSignal,
  ): Promise<{ readonly mesh: SurfaceMesh; readonly stats: SurfaceStats }>;
  /** Ends the worker; a running solve is rejected with E_CANCELLED. Harmless when called again. */
  dispose(): void;
}

interface Running {
  readonly worker: Worker;
  readonly api: Comlink.Remote<SurfaceWorkerApi>;
}

export function createSurfaceClient(): SurfaceClient {
  let running: Running | null = null;
  let stopCurrent: ((reason: StageError) => void) | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const start = (): Running => {
    if (running) return running;
    const worker = new Worker(new URL('./surface.worker.ts', import.meta.url), { type: 'module' });
    running = { worker, api: Comlink.wrap<SurfaceWorkerApi>(worker) };
    return running;
  };
  const terminate = () => {
    running?.worker.terminate();
    running = null;
  };

  const solve = async (
    cloud: OrientedCloud,
    options: SurfaceOptions,
    onProgress: SurfaceProgress,
    signal: AbortSignal | undefined,
  ) => {
    throwIfCancelled(signal, 'surface');
    const { worker, api } = start();
    const stopped = new Promise<never>((_, reject) => {
      stopCurrent = (reason) => {
        terminate();
        reject(reason);
      };
      worker.onerror = (event) => stopCurrent?.(workerDied(event.message));
      worker.onmessageerror = () => stopCurrent?.(workerDied('a message could not be read'));
    });
    const onAbort = () => stopCurrent?.(cancelled());
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const { positions, normals, colours, sides, pixels } = cloud;
      const buffers = new Set([positions, normals, colours, sides, pixels].map((array) => array.buffer));
      const answer = await Promise.race([
        api.solve(Comlink.transfer(cloud, [...buffers]), options, Comlink.proxy(onProgress)),
        stopped,
      ]);
      if (!answer.ok) {
        // A failed solve may leave gigabytes behind; a new worker starts clean.
        terminate();
        throw StageError.fromData(answer.error);
      }
      return { mesh: answer.mesh, stats: answer.stats };
    } finally {
      signal?.removeEventListener('abort', onAbort);
      stopCurrent = null;
    }
  };

  return {
    reconstruct(cloud, options, onProgress, signal) {
      const full = { ...DEFAULT_SURFACE_OPTIONS, ...options };
      const result = queue.then(() => solve(cloud, full, onProgress, signal));
      queue = result.catch(() => {});
      return result;
    },
    dispose() {
      if (stopCurrent) stopCurrent(cancelled());
      else terminate();
    },
  };
}

function cancelled(): StageError {
  return new StageError('surface', 'E_CANCELLED', 'The run was cancelled.', {
    fix: 'Start it again when you like.',
  });
}

function workerDied(message: string): StageError {
  return new StageError(
    'surface',
    'E_INTERNAL',
    `The surface worker stopped: ${message || 'no reason given'}.`,
    {
      fix: 'Try again, with a lower depth if memory is short.',
    },
  );
}
