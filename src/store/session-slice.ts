/** The machine and the pack: opened once, before anything else; and the one sentence when something is wrong. */
import type { PackSource } from '../../workers/digitizer-api.ts';
import { StageError } from '../base/errors.ts';
import type { SliceContext } from './context.ts';
import { CURRENT_ID, STARTER_ID } from './packs-slice.ts';
import { parseSamples, SAMPLES_FOLDER } from './samples.ts';
import type { SessionSlice } from './state.ts';

export function sessionSlice(context: SliceContext): SessionSlice {
  const { deps, client, dropClient, opening, set, get } = context;

  async function open(): Promise<boolean> {
    set({ session: { kind: 'starting' } });
    try {
      const { machine, pack } = await client().start(get().options);
      set({ session: { kind: 'ready', machine, pack }, packInUse: STARTER_ID, unkeptPack: null });
      return true;
    } catch (thrown) {
      const error = StageError.from('session', thrown).toData();
      set({ session: { kind: 'failed', error }, problem: error });
      // A worker that died or never loaded answers nothing any more: the next try gets a fresh one.
      dropClient();
      return false;
    }
  }

  /** What the visitor brings is imported; what lies at the app or in storage is opened where it lies. */
  async function take(source: PackSource): Promise<boolean> {
    if (source.kind === 'url' || source.kind === 'stored') {
      const { machine, pack } = await client().start(get().options, source);
      const packInUse = source.kind === 'stored' ? source.key : STARTER_ID;
      set({ session: { kind: 'ready', machine, pack }, packInUse, unkeptPack: null });
      return true;
    }
    set({ packProgress: 0 });
    const { pack, details, key, notKept } = await client().importPack(source, (fraction) => {
      if (get().packProgress !== null) set({ packProgress: fraction });
    });
    const { session } = get();
    if (session.kind === 'ready') set({ session: { ...session, pack } });
    set({ packInUse: key ?? CURRENT_ID, unkeptPack: key ? null : details, packNote: notKept });
    if (key) await get().loadPacks();
    return true;
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
      const stopped = get().run.kind === 'running';
      if (stopped) await get().cancel();
      if (!(await get().startSession())) return false;
      set({ openingWeights: name, problem: null });
      const taken = await take(source).catch((thrown: unknown) => {
        get().showProblem(thrown, 'pack');
        return false;
      });
      set({ openingWeights: null, packProgress: null });
      if (taken && get().input) void get().rerun();
      return taken;
    },

    showProblem(thrown, stage) {
      set({ problem: StageError.from(stage, thrown).toData() });
    },

    dismissProblem() {
      set({ problem: null });
    },
  };
}
