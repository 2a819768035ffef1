/** Times the stages of a run, tells the page where each stands, and collects the report. */
import { StageError, throwIfCancelled } from '../base/errors.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import type { RunEvent, StageId, StageReport } from './types.ts';

/** The page draws at most this often, ms. */
const PROGRESS_INTERVAL_MS = 30;

export class StageTimer {
  readonly reports: StageReport[] = [];
  readonly #kernels: KernelSet;
  readonly #onEvent: (event: RunEvent) => void;
  #lastProgressMs = 0;

  constructor(kernels: KernelSet, onEvent: (event: RunEvent) => void) {
    this.#kernels = kernels;
    this.#onEvent = onEvent;
  }

  progress(stage: StageId, fraction: number, note: string): void {
    const now = performance.now();
    if (now - this.#lastProgressMs < PROGRESS_INTERVAL_MS) return;
    this.#lastProgressMs = now;
    const bounded = Math.min(1, Math.max(0, fraction));
    this.#onEvent({ kind: 'stage', stage, state: { kind: 'running', fraction: bounded, note } });
  }

  /**
   * @param work returns what came out, in a few words, and whether it was there already.
   * @throws StageError, after telling the page.
   */
  async run(
    stage: StageId,
    signal: AbortSignal,
    work: () => Promise<{ detail: string; kept: boolean }>,
  ): Promise<void> {
    const startedMs = performance.now();
    this.#onEvent({ kind: 'stage', stage, state: { kind: 'running', fraction: 0, note: '' } });
    try {
      throwIfCancelled(signal, stage);
      const { detail, kept } = await work();
      const elapsedMs = performance.now() - startedMs;
      this.reports.push({ stage, elapsedMs, bytes: this.#kernels.memory().nowBytes, detail });
      this.#onEvent({
        kind: 'stage',
        stage,
        state: { kind: 'done', elapsedMs, detail, cached: kept },
      });
    } catch (thrown) {
      const error = unlessCancelled(StageError.from(stage, thrown), signal);
      const cancelled = error.code === 'E_CANCELLED';
      this.#onEvent({
        kind: 'stage',
        stage,
        state: cancelled ? { kind: 'cancelled' } : { kind: 'failed', error: error.toData() },
      });
      throw error;
    }
  }
}

/** Work that was ended for another reason says that it was cancelled; the page would believe that the person did it. */
function unlessCancelled(error: StageError, signal: AbortSignal): StageError {
  if (error.code !== 'E_CANCELLED' || signal.aborted) return error;
  return new StageError(error.stage, 'E_INTERNAL', 'The computation was interrupted.', {
    fix: 'Run the photo again; what was finished is kept.',
    cause: error,
  });
}
