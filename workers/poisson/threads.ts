/** How many threads a solve should use. */

/** Beyond this the part of a solve that one thread does outweighs what another helper takes over: README, "Threads". */
export const MOST_THREADS = 8;

/** @param cores logical processors, e.g. navigator.hardwareConcurrency. @returns 1 to MOST_THREADS. */
export function usefulThreads(cores: number): number {
  return Math.max(1, Math.min(MOST_THREADS, Math.floor(cores) || 1));
}
