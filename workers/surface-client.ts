/**
 * Starts the surface worker, hands it clouds and meshes, and cancels by terminating it. Callable from the page and from
 * another worker. One task at a time: a second call waits for the first.
 *
 * The worker is started with the first task and kept, because compiling the module takes longer than starting it; not
 * after simplifying, because the simplifier's memory never shrinks and is a multiple of the mesh.
 */
import * as Comlink from 'comlink';
import { StageError, type StageErrorData } from '../src/base/errors.ts';
import type { SimplifiedMesh, SurfaceMesh, SurfaceStats } from '../src/digitizer/types.ts';
import type { OrientedCloud } from '../src/gpu/kernel-set.ts';
import {
  DEFAULT_SURFACE_OPTIONS,
  type SurfaceApi,
  type SurfaceOptions,
  type SurfaceProgress,
} from './surface-api.ts';

export interface SolvedSurface {
  readonly mesh: SurfaceMesh;
  readonly stats: SurfaceStats;
}

export type SurfaceAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: StageErrorData };

/** What the worker exposes; errors travel as data, because a thrown class does not survive the way. */
export interface SurfaceWorkerApi {
  solve(
    cloud: OrientedCloud,
    options: SurfaceOptions,
    onProgress: SurfaceProgress,
  ): Promise<SurfaceAnswer<SolvedSurface>>;
  simplify(mesh: SurfaceMesh, triangles: number): Promise<SurfaceAnswer<SimplifiedMesh>>;
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
  ): Promise<SolvedSurface>;
  /**
   * @param mesh stays the caller's: the worker gets a copy.
   * @throws StageError E_BAD_MESH (nothing left), E_MEMORY, E_CANCELLED, E_INTERNAL.
   */
  simplify(mesh: SurfaceMesh, triangles: number, signal?: AbortSignal): Promise<SimplifiedMesh>;
  /** Ends the worker; a running task is rejected with E_CANCELLED. Harmless when called again. */
  dispose(): void;
}

interface Running {
  readonly worker: Worker;
  readonly api: Comlink.Remote<SurfaceWorkerApi>;
}

export function createSurfaceClient(): SurfaceClient {
  let running: Running | null = null;
  /** Ends the worker and rejects the task that goes on: as cancelled, when no reason is given. */
  let stopCurrent: ((reason?: StageError) => void) | null = null;
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

  /** One task of the worker, raced against cancelling and against the worker's end. */
  const work = async <T>(
    words: TaskWords,
    signal: AbortSignal | undefined,
    ask: (api: Running['api']) => Promise<SurfaceAnswer<T>>,
  ): Promise<T> => {
    if (signal?.aborted) throw cancelled(words);
    const { worker, api } = start();
    const stopped = new Promise<never>((_, reject) => {
      stopCurrent = (reason = cancelled(words)) => {
        terminate();
        reject(reason);
      };
      worker.onerror = (event) => stopCurrent?.(workerDied(event.message, words));
      worker.onmessageerror = () => stopCurrent?.(workerDied('a message could not be read', words));
    });
    const onAbort = () => stopCurrent?.();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const answer = await Promise.race([ask(api), stopped]);
      if (!answer.ok) {
        // A failed task may leave gigabytes behind; a new worker starts clean.
        terminate();
        throw StageError.fromData(answer.error);
      }
      return answer.value;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      stopCurrent = null;
    }
  };

  const enqueue = <T>(task: () => Promise<T>): Promise<T> => {
    const result = queue.then(task);
    queue = result.catch(() => {});
    return result;
  };

  return {
    reconstruct(cloud, options, onProgress, signal) {
      const full = { ...DEFAULT_SURFACE_OPTIONS, ...options };
      return enqueue(() =>
        work(SOLVE_WORDS, signal, (api) => {
          const { positions, normals, colours, sides, pixels } = cloud;
          const buffers = new Set([positions, normals, colours, sides, pixels].map((array) => array.buffer));
          return api.solve(Comlink.transfer(cloud, [...buffers]), full, Comlink.proxy(onProgress));
        }),
      );
    },
    simplify(mesh, triangles, signal) {
      return enqueue(async () => {
        const made = await work(SIMPLIFY_WORDS, signal, (api) => api.simplify(mesh, triangles));
        terminate();
        return made;
      });
    },
    dispose() {
      if (stopCurrent) stopCurrent();
      else terminate();
    },
  };
}

interface TaskWords {
  readonly cancelled: string;
  /** What to do when the worker died. */
  readonly fix: string;
}

const SOLVE_WORDS: TaskWords = {
  cancelled: 'The run was cancelled.',
  fix: 'Try again, with a lower depth if memory is short.',
};

const SIMPLIFY_WORDS: TaskWords = {
  cancelled: 'Making the mesh smaller was cancelled.',
  fix: 'Try again, with other tabs closed if memory is short. The whole mesh is still there.',
};

function cancelled(words: TaskWords): StageError {
  return new StageError('surface', 'E_CANCELLED', words.cancelled, { fix: 'Start it again when you like.' });
}

function workerDied(message: string, { fix }: TaskWords): StageError {
  const reason = message || 'no reason given';
  return new StageError('surface', 'E_INTERNAL', `The surface worker stopped: ${reason}.`, { fix });
}
