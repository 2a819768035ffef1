/** The machine and the pack: opened once, before anything else; and the one sentence when something is wrong. */

import { StageError } from '../base/errors.ts';
import type { PackSource } from '../client/digitizer-api.ts';
import type { SliceContext } from './context.ts';
import { figureOf } from './figure.ts';
import { CURRENT_ID, STARTER_ID } from './packs-slice.ts';
import type { RememberedPack } from './preferences.ts';
import { parseSamples, SAMPLES_FOLDER } from './samples.ts';
import type { SessionSlice } from './session-state.ts';

const packGone = ({ name }: RememberedPack) =>
  new StageError('pack', 'E_BAD_PACK', `The pack “${name}” is no longer in this browser.`, {
    fix: 'The starter pack is in use instead. Add the pack again under “Model packs” to go on with it.',
  });

export function sessionSlice(context: SliceContext): SessionSlice {
  const { deps, client, dropClient, opening, set, get } = context;

  async function open(): Promise<boolean> {
    set({ session: { kind: 'starting' } });
    try {
      const remembered = deps.preferences.pack();
      const kept = remembered && (await startKept(remembered));
      const { machine, pack } = kept ?? (await client().start(get().options));
      const packInUse = remembered && kept ? remembered.key : STARTER_ID;
      set({ session: { kind: 'ready', machine, pack }, packInUse, unkeptPack: null });
      client()
        .prepare()
        .catch(() => {});
      if (remembered && !kept) {
        deps.preferences.setPack(null);
        get().showProblem(packGone(remembered), 'pack');
      }
      return true;
    } catch (thrown) {
      const error = StageError.from('session', thrown).toData();
      set({ session: { kind: 'failed', error }, problem: error });
      // A worker that died or never loaded answers nothing any more: the next try gets a fresh one.
      dropClient();
      return false;
    }
  }

  /** Starts with the pack that was in use last time; null when the browser has it no more, or no longer whole. */
  async function startKept({ key, name }: RememberedPack) {
    // A full-width pack takes seconds to be read and checked.
    set({ openingWeights: name });
    try {
      return await client().start(get().options, { kind: 'stored', key });
    } catch (thrown) {
      if (StageError.from('pack', thrown).code === 'E_BAD_PACK') return null;
      throw thrown;
    } finally {
      set({ openingWeights: null });
    }
  }

  /** What the visitor brings is imported; what lies at the app or in storage is opened where it lies. */
  async function take(source: PackSource): Promise<boolean> {
    if (source.kind === 'url' || source.kind === 'stored') {
      const { machine, pack } = await client().start(get().options, source);
      const packInUse = source.kind === 'stored' ? source.key : STARTER_ID;
      set({ session: { kind: 'ready', machine, pack }, packInUse, unkeptPack: null });
      deps.preferences.setPack(source.kind === 'stored' ? { key: source.key, name: pack.name } : null);
      return true;
    }
    set({ packProgress: 0 });
    const { pack, details, key, notKept, notes } = await client().importPack(source, (fraction) => {
      if (get().packProgress !== null) set({ packProgress: fraction });
    });
    const { session } = get();
    if (session.kind === 'ready') set({ session: { ...session, pack } });
    const packNote = [...(notKept ? [notKept] : []), ...notes].join(' ') || null;
    set({ packInUse: key ?? CURRENT_ID, unkeptPack: key ? null : details, packNote });
    deps.preferences.setPack(key ? { key, name: pack.name } : null);
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
      // Choosing another pack is meant for the photo that runs, which begins anew. An import waits for it: the worker
      // does one thing after the other, and a file dropped by mistake must not cost a figure.
      const chosen = source.kind === 'url' || source.kind === 'stored';
      if (chosen && figureOf(get()).run.kind === 'running') await get().cancel();
      if (!(await get().startSession())) return false;
      set({ openingWeights: name, problem: null });
      const taken = await take(source).catch((thrown: unknown) => {
        get().showProblem(thrown, 'pack');
        return false;
      });
      set({ openingWeights: null, packProgress: null });
      if (taken && figureOf(get()).input) void get().rerun();
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
