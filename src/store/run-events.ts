/** Events of the current run become the shown figure's state; results of an older run are freed. */
import { type RunEvent, STAGE_IDS, type StageId } from '../digitizer/types.ts';
import type { SliceContext } from './context.ts';
import { type FigureState, figureOf, withFigure } from './figure.ts';
import { outdated } from './picture-slice.ts';
import type { StageEntry } from './run-state.ts';
import type { AppState } from './state.ts';
import { MAP_OF_STAGE, VIEW_OF_STAGE } from './view-slice.ts';
import type { ViewId } from './view-state.ts';

export interface RunEvents {
  take(event: RunEvent): void;
  /** Stages that had not ended when their run did; `why` is what becomes of those that were running. */
  settle(why: StageEntry['state'], at: StageId | null): void;
}

/**
 * @param isCurrent of the run the events belong to.
 * @param aside the figure that may come back: what it shows is not freed.
 */
export function runEvents(
  context: SliceContext,
  isCurrent: () => boolean,
  aside: () => FigureState | null,
): RunEvents {
  const { resources, client, set, get } = context;

  function putStage(stage: StageId, change: Partial<StageEntry>): void {
    set(withFigure(({ stages }) => ({ stages: { ...stages, [stage]: { ...stages[stage], ...change } } })));
  }

  /** What the overlays need comes as soon as its stage is done, not at the end of the run. */
  async function readOverlays(stage: StageId): Promise<void> {
    if (stage === 'pose') {
      const table = await client().keypoints();
      if (!isCurrent()) return;
      resources.release(figureOf(get()).keypoints);
      const keypoints = table ? resources.put('keypoints', table) : null;
      set(withFigure(() => ({ keypoints })));
    }
    if (stage === 'parts') {
      const partReports = await client().partReports();
      if (isCurrent()) set(withFigure(() => ({ partReports })));
    }
  }

  /** A rough mesh of the surface that is being made, until that is there. */
  async function readPreview(): Promise<void> {
    const mesh = await client().previewMesh();
    const { run, preview } = figureOf(get());
    if (!mesh || !isCurrent() || run.kind !== 'running') return;
    const id = resources.put('mesh', mesh);
    set(withFigure(() => ({ preview: id })));
    resources.release(preview);
    if (get().following) set({ view: 'model', stage: 'surface' });
  }

  function takeState({ stage, state }: Extract<RunEvent, { kind: 'stage' }>): void {
    putStage(stage, { state, ...(state.kind === 'running' ? {} : { came: [] }) });
    if (state.kind !== 'done') return;
    const { following, maps } = get();
    // The photo itself cannot be another one.
    if (stage !== 'photo' || !state.cached) {
      set(withFigure(({ pictures }) => ({ pictures: outdated(pictures, stage, null) })));
    }
    if (following) set((now) => viewOfProgress(stage, now.view, maps));
    readOverlays(stage).catch((thrown) => {
      if (isCurrent()) get().showProblem(thrown, stage);
    });
  }

  return {
    take(event) {
      if (!isCurrent()) {
        if (event.kind === 'thumbnail') event.bitmap.close();
        return;
      }
      switch (event.kind) {
        case 'notice': {
          const { stage, text } = event;
          set(withFigure(({ notices }) => ({ notices: [...notices, { stage, text }] })));
          return;
        }
        case 'people':
          set(withFigure(() => ({ people: event.people })));
          return;
        case 'thumbnail':
          if (aside()?.stages[event.stage].thumbnail !== figureOf(get()).stages[event.stage].thumbnail) {
            resources.release(figureOf(get()).stages[event.stage].thumbnail);
          }
          putStage(event.stage, { thumbnail: resources.put('bitmap', event.bitmap) });
          return;
        case 'partial': {
          const { stage, part } = event;
          const { came } = figureOf(get()).stages[stage];
          putStage(stage, { came: [...came, part ?? 'canvas'] });
          set(withFigure(({ pictures }) => ({ pictures: outdated(pictures, stage, part) })));
          // The depth comes tile by tile: who follows sees it come.
          if (get().following && stage === 'fineDepth')
            set((now) => viewOfProgress(stage, now.view, now.maps));
          if (stage === 'surface') {
            readPreview().catch(() => {
              // The finished mesh comes soon, or the run says what is wrong.
            });
          }
          return;
        }
        case 'stage':
          takeState(event);
      }
    },

    settle(why, at) {
      for (const id of STAGE_IDS) {
        const { state } = figureOf(get()).stages[id];
        if (id === at || (at === null && state.kind === 'running')) putStage(id, { state: why, came: [] });
        else if (state.kind === 'running') putStage(id, { state: { kind: 'waiting' }, came: [] });
      }
      if (at && get().following && VIEW_OF_STAGE[at] === get().view) set({ stage: at });
    },
  };
}

/**
 * While nobody has chosen a view, the page shows the newest result: the photo, then the maps as they come. The rail marks
 * the stage whose result is on screen; what runs has its own sign there.
 */
function viewOfProgress(stage: StageId, view: ViewId, maps: AppState['maps']): Partial<AppState> {
  const newest = MAP_OF_STAGE[stage];
  if (newest) return { view: 'maps', stage, maps: { ...maps, left: newest } };
  return VIEW_OF_STAGE[stage] === view ? { stage } : {};
}
