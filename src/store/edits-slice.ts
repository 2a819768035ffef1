/**
 * Corrections and settings of the open photo, with undo and redo. Whatever begins a run with other settings than the run
 * before becomes a command here, whoever changed them; a run that fails takes its command with it, because the figure
 * before comes back.
 */
import { type FigureEdits, NO_EDITS } from '../geometry/figure-edits.ts';
import type { SliceContext } from './context.ts';
import { labelOf, NO_HISTORY, redone, type Settings, sameSettings, undone, withCommand } from './edits.ts';
import { figureOf } from './figure.ts';
import type { InputState } from './input-state.ts';
import type { ResourceId } from './resources.ts';
import type { RunStarter, RunWatcher } from './run-lifetime.ts';
import type { EditSlice } from './run-state.ts';

export interface EditHistoryKeeper {
  readonly slice: EditSlice;
  readonly watcher: RunWatcher;
  useStarter(starter: RunStarter): void;
}

export function editSlice({ resources, set, get }: SliceContext): EditHistoryKeeper {
  let starter: RunStarter | null = null;
  let serial = 0;
  /** Masks that the history may need again: the registry frees them with their figures. */
  const masks = new Map<number, Blob>();
  /** The photo whose history it is. */
  let photo: ResourceId<'file'> | null = null;
  let person: InputState['person'];
  /** Of the run that began last. */
  let current: Settings | null = null;
  /** How the next command is called; null: by what it changes. */
  let next: { readonly label: string; readonly gesture: string | null } | null = null;
  /** Undo and redo move in the history, they do not add to it. */
  let moving = false;

  function maskNumber(id: ResourceId<'file'> | null): number | null {
    const blob = resources.get(id);
    if (!blob) return null;
    for (const [number, known] of masks) if (known === blob) return number;
    masks.set(++serial, blob);
    return serial;
  }

  function settingsOf({ edits, poseJson, mask }: InputState): Settings {
    const { mode, surfaceDepth } = get().options;
    return { edits, mode, surfaceDepth, poseJson, mask: maskNumber(mask) };
  }

  function forget(to: Pick<InputState, 'photo' | 'person'>): void {
    ({ photo, person } = to);
    current = null;
    masks.clear();
    set({ history: NO_HISTORY, draft: null });
  }

  const watcher: RunWatcher = {
    begins(input) {
      if (input.photo !== photo || input.person !== person) forget(input);
      const before = current;
      const after = settingsOf(input);
      current = after;
      const named = next;
      next = null;
      if (!before || moving || sameSettings(before, after)) return input;
      const { label, gesture } = named ?? { label: labelOf(before, after), gesture: null };
      const command = { id: ++serial, label, gesture, before, after };
      set(({ history }) => ({ history: withCommand(history, command), draft: null }));
      return input;
    },
    ended() {},
    stopped(input) {
      if (input.photo !== photo) return;
      const shown = settingsOf(input);
      const { history, options } = get();
      const last = history.done.at(-1);
      // Only where a figure before it comes back: else what was set stays set.
      if (!last || !sameSettings(last.after, shown) || !figureOf(get()).mesh) return;
      const { before } = last;
      current = before;
      set({
        history: { done: history.done.slice(0, -1), undone: [...history.undone, last] },
        options: { ...options, mode: before.mode, surfaceDepth: before.surfaceDepth },
      });
    },
  };

  async function apply(settings: Settings): Promise<void> {
    const { input } = figureOf(get());
    if (!input || !starter) return;
    const { edits, mode, surfaceDepth, poseJson, mask } = settings;
    const blob = mask === null ? null : masks.get(mask);
    moving = true;
    set(({ options }) => ({ options: { ...options, mode, surfaceDepth }, draft: null }));
    const sameMask = maskNumber(input.mask) === mask;
    const started = starter.start({
      ...input,
      ...{ edits, poseJson, ofOtherTab: false },
      mask: sameMask ? input.mask : blob ? resources.put('file', blob) : null,
    });
    moving = false;
    await started;
  }

  return {
    watcher,
    useStarter(given) {
      starter = given;
    },
    slice: {
      history: NO_HISTORY,
      draft: null,
      tool: 'look',
      brush: { kind: 'add', radiusPx: 24, hardness: 0.8, edgeAware: false },

      setTool: (tool) => set({ tool, draft: null }),
      setBrush: (change) => set(({ brush }) => ({ brush: { ...brush, ...change } })),
      setDraft: (draft) => set({ draft }),

      async edit(label, change, gesture = null) {
        const { input } = figureOf(get());
        if (!input || !starter) return;
        const edits = change(input.edits);
        if (JSON.stringify(edits) === JSON.stringify(input.edits)) {
          set({ draft: null });
          return;
        }
        // The settings that the first command goes back to.
        if (input.photo !== photo) {
          forget(input);
        }
        current ??= settingsOf(input);
        next = { label, gesture };
        await starter.start({ ...input, edits, ofOtherTab: false });
      },

      async undo() {
        const step = undone(get().history);
        if (!step) return;
        set({ history: step.history });
        await apply(step.settings);
      },

      async redo() {
        const step = redone(get().history);
        if (!step) return;
        set({ history: step.history });
        await apply(step.settings);
      },

      async goToStep(id) {
        const { history } = get();
        let step: { history: typeof history; settings: Settings } | null = null;
        const at = history.done.findIndex((command) => command.id === id);
        if (id === null || at >= 0) {
          for (let now = history; now.done.length > at + 1; ) {
            step = undone(now);
            if (!step) break;
            now = step.history;
          }
        } else {
          for (let now = history; now.undone.some((command) => command.id === id); ) {
            step = redone(now);
            if (!step) break;
            now = step.history;
          }
        }
        if (!step) return;
        set({ history: step.history });
        await apply(step.settings);
      },
    },
  };
}

/** Edits of the figure that is shown, with what a gesture in progress changes. */
export function shownEdits(state: { draft: FigureEdits | null; input: InputState | null }): FigureEdits {
  return state.draft ?? state.input?.edits ?? NO_EDITS;
}

/** Several who watch runs, in their order. */
export function watchers(...all: readonly RunWatcher[]): RunWatcher {
  return {
    begins: (input) => all.reduce((now, { begins }) => begins(now), input),
    ended: (figure) => {
      for (const { ended } of all) ended(figure);
    },
    stopped: (input, error) => {
      for (const { stopped } of all) stopped(input, error);
    },
  };
}
