/**
 * Starts the surface worker, hands it clouds and meshes, and cancels by terminating it. Callable from the page and from
 * another worker. One task at a time: a second call waits for the first.
 *
 * The worker is started with the first task and kept, because compiling the module takes longer than starting it; not
 * after simplifying, because the simplifier's memory never shrinks and is a multiple of the mesh.
 */

import * as Comlink from 'comlink';
import type { OrientedCloud } from '../base/cloud.ts';
import { StageError } from '../base/errors.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import type { SolvedSurface } from '../digitizer/stage.ts';
import type { SimplifiedMesh } from '../digitizer/types.ts';
import type { Focus } from '../geometry/focus.ts';
import {
  DEFAULT_SURFACE_OPTIONS,
  type SurfaceApi,
  type SurfaceOptions,
  type SurfaceProgress,
} from './surface-api.ts';
import { linkWorker, type WorkerLink } from './worker-link.ts';

/** What the worker exposes. */
export interface SurfaceWorkerApi {
  solve(
    cloud: OrientedCloud,
    options: SurfaceOptions,
    onProgress: SurfaceProgress,
    focuses: readonly Focus[],
  ): Promise<SolvedSurface>;
  simplify(mesh: SurfaceMesh, triangles: number): Promise<SimplifiedMesh>;
}

export interface SurfaceClient extends SurfaceApi {
  /**
   * @param cloud   its arrays are transferred: the caller's copies are empty afterwards.
   * @param options what is left out is as in DEFAULT_SURFACE_OPTIONS.
   * @param focuses where the mesh gets more triangles; none: nowhere.
   * @throws StageError E_BAD_CLOUD, E_MEMORY, E_CANCELLED (the signal was aborted), E_INTERNAL (the worker died).
   */
  reconstruct(
    cloud: OrientedCloud,
    options: Partial<SurfaceOptions>,
    onProgress: SurfaceProgress,
    signal?: AbortSignal,
    focuses?: readonly Focus[],
  ): Promise<SolvedSurface>;
  /**
   * @param mesh stays the caller's: the worker gets a copy.
   * @throws StageError E_BAD_MESH (nothing left), E_MEMORY, E_CANCELLED, E_INTERNAL.
   */
  simplify(mesh: SurfaceMesh, triangles: number, signal?: AbortSignal): Promise<SimplifiedMesh>;
  /** Ends the worker; a running task is rejected with E_CANCELLED. Harmless when called again. */
  dispose(): void;
}

export function createSurfaceClient(): SurfaceClient {
  const queue = new SerialQueue();
  let link: WorkerLink<SurfaceWorkerApi> | null = null;
  /** Of the task that goes on, for what is said when it ends early. */
  let words = SOLVE_WORDS;

  const start = (): WorkerLink<SurfaceWorkerApi> =>
    linkWorker<SurfaceWorkerApi>(
      new Worker(new URL('../../workers/surface.worker.ts', import.meta.url), {
        type: 'module',
        name: 'surface',
      }),
      (message) => {
        link = null;
        return workerDied(message, words);
      },
    );
  const end = () => {
    link?.end(cancelled(words));
    link = null;
  };

  /** One task of the worker; cancelling it ends the worker. */
  const work = <T>(
    taskWords: TaskWords,
    signal: AbortSignal | undefined,
    ask: (api: SurfaceWorkerApi) => Promise<T>,
  ): Promise<T> =>
    queue.add(async () => {
      if (signal?.aborted) throw cancelled(taskWords);
      words = taskWords;
      link ??= start();
      signal?.addEventListener('abort', end, { once: true });
      try {
        return await ask(link.api);
      } catch (thrown) {
        // A failed task may leave gigabytes behind; a new worker starts clean.
        end();
        throw thrown;
      } finally {
        signal?.removeEventListener('abort', end);
      }
    });

  return {
    reconstruct(cloud, options, onProgress, signal, focuses = []) {
      const full = { ...DEFAULT_SURFACE_OPTIONS, ...options };
      const { positions, normals, colours, sides, pixels } = cloud;
      const buffers = new Set([positions, normals, colours, sides, pixels].map((array) => array.buffer));
      return work(SOLVE_WORDS, signal, (api) =>
        api.solve(Comlink.transfer(cloud, [...buffers]), full, onProgress, focuses),
      );
    },
    simplify(mesh, triangles, signal) {
      return work(SIMPLIFY_WORDS, signal, async (api) => {
        const made = await api.simplify(mesh, triangles);
        end();
        return made;
      });
    },
    dispose: end,
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
