/**
 * A callback passed through Comlink has a message port of its own, and ports are not ordered among each other: without
 * waiting, an answer can reach the page before the progress that was reported ahead of it.
 */
export interface TrackedCallback<Args extends unknown[]> {
  readonly call: (...args: Args) => void;
  /**
   * Resolves when the other side has handled every call so far, or failed to: an error of the listener does not fail the
   * task. A message that could not be read there (a picture, when memory is short) is never answered; the wait then ends
   * after the time limit.
   */
  settled(): Promise<void>;
}

/** Longer than a busy page takes to handle a message. */
const SETTLE_TIMEOUT_MS = 5_000;

/** @param callback a Comlink proxy, whose calls return promises whatever its type says, or a plain function. */
export function trackedCallback<Args extends unknown[]>(
  callback: (...args: Args) => unknown,
  timeoutMs = SETTLE_TIMEOUT_MS,
): TrackedCallback<Args> {
  let last: unknown;
  return {
    call: (...args) => {
      last = callback(...args);
    },
    settled: () => inTime(last, timeoutMs),
  };
}

/** Resolves when the work has ended in whatever way, or after the time limit. */
export async function inTime(work: unknown, timeoutMs = SETTLE_TIMEOUT_MS): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([Promise.allSettled([work]), tooLong]);
  clearTimeout(timer);
}
