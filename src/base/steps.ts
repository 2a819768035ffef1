/**
 * Long loops in slices. A loop is written as a generator that yields wherever it may be suspended, usually once a row.
 * `atOnce` runs it to the end (tests, oracles); a pace runs it in slices and returns to the message loop between them, so
 * that a worker handles Cancel and requests for pictures while it computes. The values are the same either way.
 */
import { throwIfCancelled } from './errors.ts';

export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs steps to their end. @throws StageError E_CANCELLED where the pace has a signal and it was aborted. */
export type Pace = <T>(steps: Steps<T>) => Promise<T>;

/**
 * Longest time between two returns to the message loop, ms. A pause costs about 0.03 ms, so this costs 0.2 %; a busy machine
 * makes it longer, and Cancel must still be handled within 300 ms.
 */
const SLICE_MS = 16;

/** When this thread last came from its message loop, as far as we know; shared by everything that runs in it. */
let resumedMs = 0;

/** Resolves after messages that wait now were handled. scheduler.yield would overtake them. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resumedMs = performance.now();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Runs steps to their end without a pause. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The plain function of a stepwise one. */
export function atOnce<Args extends unknown[], T>(
  stepwise: (...args: Args) => Steps<T>,
): (...args: Args) => T {
  return (...args) => finish(stepwise(...args));
}

/** Without pauses; for tests and for what is short. */
export const unpaced: Pace = async (steps) => finish(steps);

/** @param stage named in the error of a cancelled run. */
export function pacedBy(signal: AbortSignal, stage: string): Pace {
  return async (steps) => {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (performance.now() - resumedMs < SLICE_MS) continue;
      await nextTask();
      if (signal.aborted) {
        steps.return(undefined as never);
        throwIfCancelled(signal, stage);
      }
    }
  };
}

/** In slices, with nobody to cancel it: for pictures that are asked for while a run goes on. */
export const inTurns: Pace = pacedBy(new AbortController().signal, 'picture');

/**
 * The work, or E_CANCELLED as soon as the signal is aborted; the work itself then goes on and its result is dropped.
 *
 * @param drop    frees a result that came too late.
 * @param graceMs time the work has to end by itself, as cancelled.
 */
export function orCancelled<T>(
  work: Promise<T>,
  signal: AbortSignal,
  stage: string,
  drop: (late: T) => void = () => {},
  graceMs = 0,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const leave = () => {
      work.then(drop, () => {});
      try {
        throwIfCancelled(signal, stage);
      } catch (cancelled) {
        reject(cancelled);
      }
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onAbort = () => {
      if (graceMs > 0) timer = setTimeout(leave, graceMs);
      else leave();
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    const settled = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    work.then(
      (value) => {
        settled();
        resolve(value);
      },
      (thrown) => {
        settled();
        reject(thrown);
      },
    );
  });
}
