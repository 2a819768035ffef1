/**
 * Edits as commands. A command knows the figure's settings before and after it, as plain data, so that doing and undoing it
 * are the same move in two directions; the results of both are in the worker's cache. Commands of one gesture merge.
 */
import type { RunMode } from '../digitizer/types.ts';
import type { FigureEdits } from '../geometry/figure-edits.ts';

/** All that a run of one photo depends on and that a person can set. */
export interface Settings {
  readonly edits: FigureEdits;
  readonly mode: RunMode;
  readonly surfaceDepth: number;
  readonly poseJson: string | null;
  /** Names a mask file; null without one. */
  readonly mask: number | null;
}

export interface EditCommand {
  readonly id: number;
  /** In the list: "Left wrist moved". */
  readonly label: string;
  /** Of the gesture or field that it belongs to; null: stands for itself. */
  readonly gesture: string | null;
  readonly before: Settings;
  readonly after: Settings;
}

export interface EditHistory {
  readonly done: readonly EditCommand[];
  /** Those that can be done again, the next one last. */
  readonly undone: readonly EditCommand[];
}

export const NO_HISTORY: EditHistory = { done: [], undone: [] };

/** Steps kept; the oldest are forgotten. */
const MOST_STEPS = 200;

export const doCommand = ({ after }: EditCommand): Settings => after;
export const undoCommand = ({ before }: EditCommand): Settings => before;

/** One command of two that follow each other; null where they are two things. */
export function mergeCommands(first: EditCommand, second: EditCommand): EditCommand | null {
  if (first.gesture === null || first.gesture !== second.gesture) return null;
  return { ...second, id: first.id, before: first.before };
}

export const sameSettings = (a: Settings, b: Settings): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The history with a command done; what could be done again no longer can. One that changes nothing is not added. */
export function withCommand({ done }: EditHistory, command: EditCommand): EditHistory {
  const last = done.at(-1);
  const merged = last && mergeCommands(last, command);
  const all = merged ? [...done.slice(0, -1), merged] : [...done, command];
  const kept = all.filter(({ before, after }) => !sameSettings(before, after));
  return { done: kept.slice(-MOST_STEPS), undone: [] };
}

/** @returns the history one step back and what holds then; null at its beginning. */
export function undone({
  done,
  undone: later,
}: EditHistory): { history: EditHistory; settings: Settings } | null {
  const command = done.at(-1);
  if (!command) return null;
  return {
    history: { done: done.slice(0, -1), undone: [...later, command] },
    settings: undoCommand(command),
  };
}

/** @returns the history one step on; null at its end. */
export function redone({
  done,
  undone: later,
}: EditHistory): { history: EditHistory; settings: Settings } | null {
  const command = later.at(-1);
  if (!command) return null;
  return { history: { done: [...done, command], undone: later.slice(0, -1) }, settings: doCommand(command) };
}

/** What a change of settings is called where nothing better was said. */
export function labelOf(before: Settings, after: Settings): string {
  if (before.mode !== after.mode) return `Method: ${after.mode}`;
  if (before.surfaceDepth !== after.surfaceDepth) return `Surface detail ${after.surfaceDepth}`;
  if (before.poseJson !== after.poseJson)
    return after.poseJson === null ? 'Keypoints file removed' : 'Keypoints file used';
  if (before.mask !== after.mask) return after.mask === null ? 'Mask removed' : 'Mask used';
  return 'Corrected';
}
