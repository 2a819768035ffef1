/**
 * A callback lent through Comlink has a message port of its own, and ports are not ordered among each other: without
 * waiting, an answer can reach the page before the progress that was reported ahead of it.
 */
export interface Delivered<Args extends unknown[]> {
  readonly call: (...args: Args) => void;
  /** Resolves when the other side has handled every call so far, or failed to: a listener's fault is not the task's. */
  arrived(): Promise<void>;
}

/** @param callback a Comlink proxy, whose calls return promises whatever its type says, or a plain function. */
export function delivered<Args extends unknown[]>(callback: (...args: Args) => unknown): Delivered<Args> {
  let last: unknown;
  return {
    call: (...args) => {
      last = callback(...args);
    },
    arrived: async () => {
      await Promise.allSettled([last]);
    },
  };
}
