/** The machine and the pack: opened once, before anything else; and the one sentence when something is wrong. */
import { StageError } from '../base/errors.ts';
import type { SliceContext } from './context.ts';
import { parseSamples, SAMPLES_FOLDER } from './samples.ts';
import type { SessionSlice } from './state.ts';

export function sessionSlice(context: SliceContext): SessionSlice {
  const { deps, client, dropClient, opening, set, get } = context;

  async function open(): Promise<boolean> {
    set({ session: { kind: 'starting' } });
    try {
      const { machine, pack } = await client().start(get().options);
      set({ session: { kind: 'ready', machine, pack } });
      return true;
    } catch (thrown) {
      const error = StageError.from('session', thrown).toData();
      set({ session: { kind: 'failed', error }, problem: error });
      // A worker that died or never loaded answers nothing any more: the next try gets a fresh one.
      dropClient();
      return false;
    }
  }

  return {
    session: { kind: 'starting' },
    samples: { kind: 'loading' },
    problem: null,
    openingWeights: null,

    /** True once the machine and the pack are open; a failed start may be tried again. */
    startSession() {
      opening.current ??= open();
      return opening.current;
    },

    async loadSamples() {
      try {
        const text = await (await deps.fetchOwn(`${SAMPLES_FOLDER}index.json`)).text();
        set({ samples: { kind: 'ready', list: parseSamples(JSON.parse(text)) } });
      } catch {
        // The page works without samples; it says that they are missing in their place.
        set({ samples: { kind: 'failed' } });
      }
    },

    async openWeights(source, name) {
      if (get().run.kind === 'running') await get().cancel();
      if (!(await get().startSession())) return;
      set({ openingWeights: name, problem: null });
      try {
        const { machine, pack } = await client().start(get().options, source);
        set({ session: { kind: 'ready', machine, pack } });
      } catch (thrown) {
        get().showProblem(thrown, 'pack');
        return;
      } finally {
        set({ openingWeights: null });
      }
      if (get().input) await get().rerun();
    },

    showProblem(thrown, stage) {
      set({ problem: StageError.from(stage, thrown).toData() });
    },

    dismissProblem() {
      set({ problem: null });
    },
  };
}
