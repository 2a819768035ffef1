/**
 * The helper threads of the surface solver: started once, kept between solves, the same in Node and in the browser
 * (node.ts, ../surface.worker.ts say how one thread is started). What they do in a solve: assembly/thread-pool.ts.
 *
 * A helper that does not start in time is left out; with none left the solve runs on one thread. A helper that breaks
 * during a solve ends the pool, and the solve starts again on one thread (solver.ts).
 */
import type { HelperTask } from './helper.mjs';

/** One helper thread that is ready. */
export interface HelperThread {
  post(task: HelperTask): void;
  /** Ends the thread, also in the middle of its work. */
  terminate(): void;
}

/** Starts a thread; resolves when it answered, rejects when it cannot start. @param onLost it died later. */
export type StartHelper = (onLost: () => void, signal: AbortSignal) => Promise<HelperThread>;

export interface ThreadPool {
  /** Compiled for shared memory. */
  readonly module: WebAssembly.Module;
  readonly helpers: readonly HelperThread[];
  /** Seconds without news from a helper after which the leader gives it up. */
  readonly helperTimeoutS: number;
  /** Time a solve waits at its start until all helpers have come. */
  readonly waitForHelpersMs: number;
  /** Ends all helpers and empties the list; harmless when called again. */
  dispose(): void;
}

export interface ThreadPoolLimits {
  /** Time for a helper to start. */
  readonly startMs?: number;
  readonly helperTimeoutS?: number;
  /** 0 by default: a solve begins at once, and helpers join when they are there. */
  readonly waitForHelpersMs?: number;
}

/**
 * @param threads the leader counts: threads - 1 helpers are started.
 * @returns a pool, with fewer helpers where some did not start; the caller disposes of it.
 */
export async function startThreadPool(
  module: WebAssembly.Module,
  threads: number,
  start: StartHelper,
  { startMs = 10_000, helperTimeoutS = 20, waitForHelpersMs = 0 }: ThreadPoolLimits = {},
): Promise<ThreadPool> {
  const helpers: HelperThread[] = [];
  let disposed = false;
  const tooLate = new AbortController();
  const timer = setTimeout(() => tooLate.abort(), startMs);
  const startOne = async () => {
    let own: HelperThread | null = null;
    const onLost = () => {
      const at = own ? helpers.indexOf(own) : -1;
      if (at !== -1) helpers.splice(at, 1);
    };
    own = await start(onLost, tooLate.signal);
    if (disposed || tooLate.signal.aborted) own.terminate();
    else helpers.push(own);
  };
  await Promise.allSettled(Array.from({ length: Math.max(0, threads - 1) }, startOne));
  clearTimeout(timer);
  return {
    module,
    helpers,
    helperTimeoutS,
    waitForHelpersMs,
    dispose() {
      disposed = true;
      for (const helper of helpers.splice(0)) helper.terminate();
    },
  };
}

/** What `new Worker` of Node and of the browser have in common here. */
export interface AnyWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/**
 * Says hello to a new worker and waits for its answer. The hello matters: Chromium holds back what is posted to a worker
 * until the posting thread has heard that the worker's script ran, and in a solve that thread hears nothing.
 *
 * @param on subscribes to the worker: `ready` for its first message, `dead` for an error or its end.
 */
export function whenReady(
  worker: AnyWorker,
  on: (ready: () => void, dead: () => void) => void,
  onLost: () => void,
  signal: AbortSignal,
): Promise<HelperThread> {
  return new Promise((resolve, reject) => {
    const dead = () => {
      worker.terminate();
      reject(new Error('a helper thread did not start'));
      onLost();
    };
    signal.addEventListener('abort', dead, { once: true });
    on(() => {
      signal.removeEventListener('abort', dead);
      resolve({ post: (task) => worker.postMessage(task), terminate: () => void worker.terminate() });
    }, dead);
    worker.postMessage('hello');
  });
}
