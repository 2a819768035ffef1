/** What the person does with the run: again, cancel, other options. Its lifetime is in run-lifetime.ts. */
import { DEFAULT_RUN_OPTIONS, ONLY_SUBJECT } from '../digitizer/types.ts';
import type { SliceContext } from './context.ts';
import { figureOf, NO_FIGURES, withFigure } from './figure.ts';
import type { RunStarter } from './run-lifetime.ts';
import type { RunSlice } from './state.ts';

export function runSlice({ deps, client, set, get }: SliceContext, starter: RunStarter): RunSlice {
  return {
    figures: NO_FIGURES,
    subject: ONLY_SUBJECT,
    expectedTimes: null,
    options: { ...DEFAULT_RUN_OPTIONS, mode: deps.preferences.mode() ?? DEFAULT_RUN_OPTIONS.mode },

    async rerun() {
      const { input } = figureOf(get());
      if (input) await starter.start({ ...input, ofOtherTab: false });
    },

    async cancel() {
      const { run } = figureOf(get());
      if (run.kind !== 'running') return;
      set(withFigure(() => ({ run: { kind: 'cancelling', startedAtMs: run.startedAtMs } })));
      try {
        await client().cancel();
      } catch (thrown) {
        get().showProblem(thrown, 'run');
      }
    },

    async setOptions(options) {
      set((state) => ({ options: { ...state.options, ...options } }));
      if (options.mode) deps.preferences.setMode(options.mode);
      await get().rerun();
    },
  };
}
