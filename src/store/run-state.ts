/** Where the run of a figure stands, and the corrections that it is made with. */

import type { StageErrorData } from '../base/errors.ts';
import type { RunOptions, RunReport, StageId, StageState, SubjectId } from '../digitizer/types.ts';
import type { FigureEdits, PaintStroke } from '../geometry/figure-edits.ts';
import type { MatteSource } from '../intake/matte.ts';
import type { EditHistory } from './edits.ts';
import type { Figures, PartialOf } from './figure.ts';
import type { ResourceId } from './resources.ts';
import type { StageTimes } from './run-times.ts';

export type RunState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly startedAtMs: number }
  | { readonly kind: 'cancelling'; readonly startedAtMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: StageErrorData }
  | { readonly kind: 'done'; readonly report: RunReport };

export interface StageEntry {
  readonly state: StageState;
  readonly thumbnail: ResourceId<'bitmap'> | null;
  /** While it runs: what of its result is there already. */
  readonly came: readonly PartialOf[];
}

export interface Notice {
  readonly stage: StageId;
  readonly text: string;
}

export interface RunSlice {
  /** Of every person in work; `figureOf` gives the shown one. */
  readonly figures: Figures;
  readonly subject: SubjectId;
  /** What the stages of the current run took before, on this machine; null where that is not known. */
  readonly expectedTimes: StageTimes | null;
  readonly options: RunOptions;
  rerun(): Promise<void>;
  /** Makes the figure of another person in the photo, by number from the left, from 1. */
  choosePerson(number: number): Promise<void>;
  /** Figures of all people in the photo, one after the other, each saved as GLB when it is done. */
  makeEverybody(): Promise<void>;
  /** Cuts the person out in another way; null: the usual order. */
  chooseMatte(source: MatteSource | null): Promise<void>;
  cancel(): Promise<void>;
  setOptions(options: Partial<RunOptions>): Promise<void>;
}

/** What a drag on the photo does. */
export const TOOLS = ['look', 'joints', 'paint'] as const;
export type Tool = (typeof TOOLS)[number];

export interface EditSlice {
  readonly history: EditHistory;
  /** Edits as a gesture in progress has them; null when none goes on. */
  readonly draft: FigureEdits | null;
  readonly tool: Tool;
  readonly brush: Omit<PaintStroke, 'points'>;
  setTool(tool: Tool): void;
  setBrush(brush: Partial<EditSlice['brush']>): void;
  setDraft(edits: FigureEdits | null): void;
  /**
   * Corrects the open figure and makes it again, as far as it depends on that.
   *
   * @param gesture commands of the same one become one step of the history.
   */
  edit(label: string, change: (edits: FigureEdits) => FigureEdits, gesture?: string | null): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** To a step of the history, done or undone; null: before the first. */
  goToStep(id: number | null): Promise<void>;
}
