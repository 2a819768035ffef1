/** What the person does with the run: again, cancel, other options. Its lifetime is in run-lifetime.ts. */

import { DEFAULT_RUN_OPTIONS, ONLY_SUBJECT } from '../digitizer/types.ts';
import { NO_EDITS } from '../geometry/figure-edits.ts';
import type { SliceContext } from './context.ts';
import { figureOf, NO_FIGURES, withFigure } from './figure.ts';
import type { InputState } from './input-state.ts';
import type { RunStarter } from './run-lifetime.ts';
import type { RunSlice } from './run-state.ts';

/** Another person is a figure of its own: corrections were made on the canvas of the one before. */
function ofPerson(input: InputState, number: number): InputState {
  const person = `person ${number}` as const;
  if (input.person === person) return input;
  return { ...input, person, project: null, ofOtherTab: false, edits: NO_EDITS };
}

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

    async choosePerson(number) {
      const { input } = figureOf(get());
      if (input) await starter.start(ofPerson(input, number));
    },

    async makeEverybody() {
      const { input, people } = figureOf(get());
      const count = people?.boxes.length ?? 0;
      for (let number = 1; input && number <= count; number++) {
        // A mirror image or a statue is nobody; a click makes its figure all the same.
        if (people?.boxes[number - 1].doubt) continue;
        await starter.start(ofPerson(input, number));
        const figure = figureOf(get());
        // Cancelled, failed, or another photo came meanwhile.
        if (figure.run.kind !== 'done' || figure.input?.photo !== input.photo) return;
        if (figure.input.person !== `person ${number}`) return;
        await get().save('glb');
      }
    },

    async chooseMatte(source) {
      const { input } = figureOf(get());
      if (!input) return;
      const { matteSource: _, ...usual } = input;
      await starter.start(source ? { ...usual, matteSource: source } : usual);
    },

    async cancel() {
      const { run } = figureOf(get());
      if (run.kind !== 'running') return;
      set(withFigure(() => ({ run: { kind: 'cancelling', startedAtMs: run.startedAtMs } })));
      starter.stopWaiting();
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
