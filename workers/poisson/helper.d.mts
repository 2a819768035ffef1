/** What the leader sends to each helper at the start of a solve. */
export interface HelperTask {
  /** Compiled for shared memory. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Addresses of the shared state and of this helper's own work space. */
  readonly state: number;
  readonly scratch: number;
}
/** Works for one solve; returns when the leader dismisses the team. */
export function help(task: HelperTask): void;
