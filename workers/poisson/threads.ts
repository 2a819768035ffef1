/** How many threads a solve should use. */

/** About 6 % of a solve is left to one thread (README, "Threads"); what more than this would gain was never measured. */
export const MOST_THREADS = 8;

/** @param cores logical processors, e.g. navigator.hardwareConcurrency. @returns 1 to MOST_THREADS. */
export function usefulThreads(cores: number): number {
  return Math.max(1, Math.min(MOST_THREADS, Math.floor(cores) || 1));
}
