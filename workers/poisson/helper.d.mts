/** What the leader sends to each helper at the start of a solve. */
export interface HelperTask {
  /** Compiled for shared memory. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Addresses of the shared state and of this helper's own work space. */
  readonly state: number;
  readonly scratch: number;
}
/** Works for one solve, until the leader stops the pool; leaves its thread to messages when there is nothing to do. */
export function help(task: HelperTask): void;
