/**
 * A figure: one person of one photo, from the files to the mesh, and where its run stands. The store keeps one for each
 * subject; the page shows one of them. Plain data, heavy things are ids.
 */
import {
  type PartReport,
  type PeopleReport,
  STAGE_IDS,
  type StageId,
  type SubjectId,
} from '../digitizer/types.ts';
import type { PartId } from '../geometry/body.ts';
import type { InputState } from './input-state.ts';
import type { SimplifiedEntries } from './mesh-size.ts';
import type { ResourceId, ResourceRegistry } from './resources.ts';
import type { Notice, RunState, StageEntry } from './run-state.ts';
import type { AppState } from './state.ts';
import type { PictureState } from './view-state.ts';

export interface FigureState {
  readonly input: InputState | null;
  readonly run: RunState;
  readonly stages: Readonly<Record<StageId, StageEntry>>;
  readonly notices: readonly Notice[];
  /** Who was found in the photo; null before it was looked at, and in reference mode. */
  readonly people: PeopleReport | null;
  readonly keypoints: ResourceId<'keypoints'> | null;
  readonly partReports: readonly PartReport[];
  readonly mesh: ResourceId<'mesh'> | null;
  /** The mesh of the run before, of the same photo; null after the first run. */
  readonly before: ResourceId<'mesh'> | null;
  /** While the surface is made: a rough one of the same points. */
  readonly preview: ResourceId<'mesh'> | null;
  /** Smaller meshes of it, as far as they were asked for. */
  readonly simplified: SimplifiedEntries;
  readonly pictures: Readonly<Record<string, PictureState>>;
  /** It came from storage: mesh and report are there, the maps behind them are not. */
  readonly restored: boolean;
}

export type Figures = Readonly<Record<SubjectId, FigureState>>;

/** What has come of a stage that still runs: the canvas, or a part of the body. */
export type PartialOf = PartId | 'canvas';

const WAITING: StageEntry = { state: { kind: 'waiting' }, thumbnail: null, came: [] };

export function waitingStages(): Record<StageId, StageEntry> {
  return Object.fromEntries(STAGE_IDS.map((id) => [id, WAITING])) as Record<StageId, StageEntry>;
}

export const NO_FIGURE: FigureState = {
  input: null,
  run: { kind: 'idle' },
  stages: waitingStages(),
  notices: [],
  people: null,
  keypoints: null,
  partReports: [],
  mesh: null,
  before: null,
  preview: null,
  simplified: {},
  pictures: {},
  restored: false,
};

export const NO_FIGURES: Figures = { only: NO_FIGURE };

/** The figure that the page shows. */
export function figureOf({ figures, subject }: Pick<AppState, 'figures' | 'subject'>): FigureState {
  return figures[subject] ?? NO_FIGURE;
}

/** A change of the shown figure, as a change of the state. */
export function withFigure(
  change: (figure: FigureState) => Partial<FigureState>,
): (state: AppState) => Pick<AppState, 'figures'> {
  return ({ figures, subject }) => {
    const figure = figures[subject] ?? NO_FIGURE;
    return { figures: { ...figures, [subject]: { ...figure, ...change(figure) } } };
  };
}

/** The state with the shown figure's own fields beside the page's: what components select from. */
export type ShownState = AppState & FigureState;

const shown = new WeakMap<AppState, ShownState>();

export function shownState(state: AppState): ShownState {
  let flat = shown.get(state);
  if (!flat) {
    flat = { ...state, ...figureOf(state) };
    shown.set(state, flat);
  }
  return flat;
}

function idsOf(figure: FigureState): ResourceId[] {
  const { input, stages, keypoints, mesh, before, preview, simplified, pictures } = figure;
  const ids: (ResourceId | null | undefined)[] = [
    input?.photo,
    input?.mask,
    keypoints,
    mesh,
    before,
    preview,
  ];
  for (const { thumbnail } of Object.values(stages)) ids.push(thumbnail);
  for (const entry of Object.values(simplified)) ids.push(entry.mesh);
  for (const picture of Object.values(pictures)) if (picture.kind === 'ready') ids.push(picture.id);
  return ids.filter((id) => id !== null && id !== undefined);
}

/** Frees what a figure holds and none of the `living` holds. */
export function freeFigure(
  old: FigureState,
  living: readonly (FigureState | null)[],
  resources: ResourceRegistry,
): void {
  const kept = new Set(living.flatMap((figure) => (figure ? idsOf(figure) : [])));
  for (const id of idsOf(old)) if (!kept.has(id)) resources.release(id);
}
