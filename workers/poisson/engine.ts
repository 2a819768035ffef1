/**
 * One instance of the WebAssembly module with its memory, for one solve, and the helpers that share it.
 * The memory is dropped with the engine; helpers are stopped by `stopHelpers`.
 */
import type { Exports } from './abi.generated.mjs';
import { outOfMemory, surfaceFailure } from './failures.ts';
import type { ThreadPool } from './thread-pool.ts';

const INITIAL_PAGES = 16;
/**
 * Pages that a memory may grow to, tried in turn: shared memory is reserved in full when it is made, and phones do not
 * give 4 GiB of addresses. 4 GiB, 2 GiB, 1 GiB, 512 MiB.
 */
const MAXIMA = [65536, 32768, 16384, 8192];

export interface Engine {
  readonly wasm: Exports;
  readonly memory: WebAssembly.Memory;
  /** Threads at work so far: this one and the helpers that have come. */
  threads(): number;
  /** Starts a solve: `begin` of the module, and the helpers set to work. */
  begin(points: number): void;
  /** Stops the helpers; harmless when called again or without begin. */
  stopHelpers(): void;
}

/**
 * @param module compiled for plain memory; used when there is no pool.
 * @param pool   helpers, null for none. Its own module is compiled for shared memory.
 */
export function createEngine(
  module: WebAssembly.Module,
  pool: ThreadPool | null,
  progress: (fraction: number, phase: number) => void,
): Engine {
  const helpers = pool ? [...pool.helpers] : [];
  const active = pool && helpers.length > 0 ? pool : null;
  const memory = createMemory(active !== null);
  const instance = new WebAssembly.Instance(active ? active.module : module, {
    env: {
      memory,
      fail: (code: number, detail: number) => {
        throw surfaceFailure(code, detail);
      },
      progress,
    },
  });
  const wasm = instance.exports as unknown as Exports;
  let working = false;
  return {
    wasm,
    memory,
    threads: () => 1 + wasm.helpersArrived(),
    begin(points) {
      wasm.begin(points, helpers.length, active?.helperTimeoutS ?? 0);
      if (!active) return;
      working = true;
      helpers.forEach((helper, i) => {
        helper.post({ module: active.module, memory, state: wasm.stateAt(), scratch: wasm.scratchAt(i + 1) });
      });
      if (active.waitForHelpersMs > 0) wasm.awaitHelpers(active.waitForHelpersMs / 1000);
    },
    stopHelpers() {
      if (working) wasm.stopHelpers();
      working = false;
    },
  };
}

function createMemory(shared: boolean): WebAssembly.Memory {
  for (const maximum of MAXIMA) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared });
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
    }
  }
  throw outOfMemory(MAXIMA[MAXIMA.length - 1] * 65536);
}
