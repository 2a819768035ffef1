/**
 * What a helper thread does for one solve: makes its own instance of the module on the leader's memory and works until
 * the leader stops the pool (assembly/thread-pool.ts). Blocks its thread meanwhile, but comes up for messages when there is
 * nothing to do, so that it can be ended. Plain JavaScript without packages, because Node's worker threads
 * take it as it is.
 */
import { FAIL_TRAP } from './abi.generated.mjs';

class Stopped extends Error {
  constructor(code, detail) {
    super(`code ${code}`);
    this.code = code;
    this.detail = detail;
  }
}

export function help({ module, memory, state, scratch }) {
  const { exports } = new WebAssembly.Instance(module, {
    env: {
      memory,
      fail(code, detail) {
        throw new Stopped(code, detail);
      },
      progress() {},
    },
  });
  exports.arrive(state, scratch);
  const work = () => {
    try {
      if (!exports.help()) setTimeout(work, 0);
    } catch (thrown) {
      // The leader waits for this helper: tell it, and it ends the solve.
      if (thrown instanceof Stopped) exports.helperFailed(thrown.code, thrown.detail);
      else exports.helperFailed(FAIL_TRAP, 0);
    }
  };
  work();
}
