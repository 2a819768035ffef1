/** The solver in Node: the module from its file, helper threads in worker_threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { poissonModule, sharedPoissonModule } from './load-module.node.mjs';
import { type SolveResult, solveSurface } from './solver.ts';
import {
  type StartHelper,
  startThreadPool,
  type ThreadPool,
  type ThreadPoolLimits,
  whenReady,
} from './thread-pool.ts';
import { usefulThreads } from './threads.ts';
import type { OrientedCloud, SurfaceOptions, SurfaceProgress } from './types.ts';

export const startNodeHelper =
  (script: URL = new URL('./helper.node.mjs', import.meta.url)): StartHelper =>
  (onLost, signal) => {
    // Without the parent's flags: loaders for TypeScript have no business in a helper and take a second to start.
    const worker = new Worker(script, { execArgv: [] });
    worker.unref();
    return whenReady(
      worker,
      (ready, dead) => {
        worker.once('message', ready);
        worker.once('error', dead);
        worker.once('exit', dead);
      },
      onLost,
      signal,
    );
  };

/** @param threads with the leader; what helps on this machine when left out. The caller disposes of the pool. */
export async function startNodeThreadPool(
  threads: number = usefulThreads(availableParallelism()),
  limits: ThreadPoolLimits = {},
): Promise<ThreadPool> {
  return startThreadPool(await sharedPoissonModule(), threads, startNodeHelper(), limits);
}

/** solveSurface with options.threads threads (0: as many as help), which end with the solve. */
export async function solveInNode(
  cloud: OrientedCloud,
  options: SurfaceOptions,
  onProgress?: SurfaceProgress,
): Promise<SolveResult> {
  const wanted = options.threads > 0 ? options.threads : usefulThreads(availableParallelism());
  const pool = wanted > 1 ? await startNodeThreadPool(wanted) : null;
  try {
    return solveSurface(await poissonModule(), cloud, options, onProgress, pool);
  } finally {
    pool?.dispose();
  }
}

export { poissonModule, sharedPoissonModule };
