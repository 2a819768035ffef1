/**
 * The run: the worker's events become state here. One run is current; events of an older one are ignored and what
 * they bring is freed. A run that fails before its photo could be read gives the previous result back.
 */
import type { ExportFormat } from '../../workers/digitizer-api.ts';
import { StageError } from '../base/errors.ts';
import { DEFAULT_RUN_OPTIONS, type RunEvent, STAGE_IDS, type StageId } from '../digitizer/types.ts';
import type { SliceContext } from './context.ts';
import { TRIANGLES_OF_SIZE } from './mesh-size.ts';
import { freeSimplified, type MeshSizer } from './mesh-size-slice.ts';
import type { AppState, RunSlice, StageEntry } from './state.ts';
import { MAP_OF_STAGE } from './view-slice.ts';

const WAITING: StageEntry = { state: { kind: 'waiting' }, thumbnail: null };

export function waitingStages(): Record<StageId, StageEntry> {
  return Object.fromEntries(STAGE_IDS.map((id) => [id, WAITING])) as Record<StageId, StageEntry>;
}

const FILE_ENDINGS: Readonly<Record<ExportFormat, string>> = {
  glb: '.glb',
  meshPly: '.ply',
  cloudPly: '-cloud.ply',
  report: '-report.json',
  referenceFolder: '-reference.zip',
};

/** Files that are of the mesh in its chosen size. */
const MESH_FORMATS: readonly ExportFormat[] = ['glb', 'meshPly', 'report'];

/** What a run puts on screen; kept aside until the next run has read its photo. */
type Shown = Pick<
  AppState,
  'input' | 'run' | 'stages' | 'notices' | 'keypoints' | 'partReports' | 'mesh' | 'simplified' | 'pictures'
>;

export interface RunStarter {
  /** Runs `input`; resolves when the run ended in any way. Takes over the ids in `input`. */
  start(input: NonNullable<AppState['input']>): Promise<void>;
  clear(): Promise<void>;
}

export function runSlice(context: SliceContext, sizer: MeshSizer): { slice: RunSlice; starter: RunStarter } {
  const { deps, resources, client, dropClient, set, get } = context;
  let serial = 0;

  function shown(): Shown {
    const { input, run, stages, notices, keypoints, partReports, mesh, simplified, pictures } = get();
    return { input, run, stages, notices, keypoints, partReports, mesh, simplified, pictures };
  }

  /** Frees all of `old` that is not on screen now. */
  function free(old: Shown): void {
    const now = get();
    for (const id of STAGE_IDS) {
      const { thumbnail } = old.stages[id];
      if (thumbnail !== now.stages[id].thumbnail) resources.release(thumbnail);
    }
    if (old.keypoints !== now.keypoints) resources.release(old.keypoints);
    if (old.mesh !== now.mesh) resources.release(old.mesh);
    freeSimplified(old.simplified, now.simplified, resources);
    if (old.input?.photo !== now.input?.photo) resources.release(old.input?.photo);
    if (old.input?.mask !== now.input?.mask) resources.release(old.input?.mask);
    for (const [key, picture] of Object.entries(old.pictures)) {
      if (picture.kind === 'ready' && now.pictures[key] !== picture) resources.release(picture.id);
    }
  }

  function putStage(stage: StageId, change: Partial<StageEntry>): void {
    set(({ stages }) => ({ stages: { ...stages, [stage]: { ...stages[stage], ...change } } }));
  }

  function replaceKeypoints(table: Float64Array<ArrayBuffer> | null): void {
    resources.release(get().keypoints);
    set({ keypoints: table ? resources.put('keypoints', table) : null });
  }

  /** What the overlays need comes as soon as its stage is done, not at the end of the run. */
  async function readOverlays(stage: StageId, run: number): Promise<void> {
    if (stage === 'pose') {
      const table = await client().keypoints();
      if (run === serial) replaceKeypoints(table);
    }
    if (stage === 'parts') {
      const partReports = await client().partReports();
      if (run === serial) set({ partReports });
    }
  }

  function take(event: RunEvent, run: number): void {
    if (run !== serial) {
      if (event.kind === 'thumbnail') event.bitmap.close();
      return;
    }
    if (event.kind === 'notice') {
      set(({ notices }) => ({ notices: [...notices, { stage: event.stage, text: event.text }] }));
    } else if (event.kind === 'thumbnail') {
      resources.release(get().stages[event.stage].thumbnail);
      putStage(event.stage, { thumbnail: resources.put('bitmap', event.bitmap) });
    } else if (event.kind === 'stage') {
      putStage(event.stage, { state: event.state });
      if (get().following && event.state.kind === 'running') set({ stage: event.stage });
      if (get().following && event.state.kind === 'done') set(viewOfProgress(event.stage, get().maps));
      if (event.state.kind === 'done') {
        readOverlays(event.stage, run).catch((thrown) => get().showProblem(thrown, event.stage));
      }
    }
  }

  /** Running stages of a run that ended early go back to waiting; finished ones stay. */
  function settleStages(error: StageError | null): void {
    const failed = error && STAGE_IDS.find((id) => id === error.stage);
    for (const id of STAGE_IDS) {
      if (get().stages[id].state.kind === 'running') putStage(id, { state: { kind: 'waiting' } });
    }
    if (failed && error) {
      putStage(failed, { state: { kind: 'failed', error: error.toData() } });
      if (get().following) set({ stage: failed });
    }
  }

  async function stopCurrent(): Promise<void> {
    const { run } = get();
    if (run.kind === 'running' || run.kind === 'cancelling') await client().cancel();
  }

  async function start(input: NonNullable<AppState['input']>): Promise<void> {
    const run = ++serial;
    const before = shown();
    const samePhoto = before.input?.photo === input.photo;
    const stopped = stopCurrent();
    sizer.stop();
    set({
      input,
      run: { kind: 'running', startedAtMs: deps.nowMs() },
      stages: samePhoto ? keepThumbnails(before.stages) : waitingStages(),
      notices: [],
      keypoints: null,
      partReports: [],
      mesh: samePhoto ? before.mesh : null,
      simplified: samePhoto ? before.simplified : {},
      pictures: {},
      probe: null,
      problem: null,
      stage: 'photo',
      // Whoever already has a figure before them keeps their view; it is replaced when the new one is there.
      following: get().following && !(samePhoto && before.mesh),
    });
    if (get().following) set({ view: 'photo' });
    let kept: Shown | null = before;
    const letGo = () => {
      if (kept) free(kept);
      kept = null;
    };
    try {
      await stopped;
      if (!(await get().startSession())) {
        const session = get().session;
        if (session.kind === 'failed') throw StageError.fromData(session.error);
      }
      if (run !== serial) return;
      const photo = resources.get(input.photo);
      if (!photo) throw new Error('the photo was closed before its run began');
      const result = await client().run(
        {
          name: input.name,
          photo,
          poseJson: input.poseJson ?? undefined,
          mask: resources.get(input.mask) ?? undefined,
        },
        get().options,
        (event) => {
          take(event, run);
          if (
            run === serial &&
            event.kind === 'stage' &&
            event.stage === 'photo' &&
            event.state.kind === 'done'
          ) {
            letGo();
          }
        },
      );
      if (run !== serial) return;
      letGo();
      resources.release(get().mesh);
      freeSimplified(get().simplified, {}, resources);
      const mesh = resources.put('mesh', result.mesh);
      set({ mesh, simplified: {}, run: { kind: 'done', report: result.report } });
      sizer.renew();
      if (get().following) set({ view: 'model', stage: 'surface' });
    } catch (thrown) {
      if (run !== serial) return;
      const error = StageError.from('run', thrown);
      // The worker is dead or its device is gone: the next run starts with a fresh one.
      if (error.code === 'E_DEVICE') dropClient();
      if (error.code === 'E_CANCELLED') {
        settleStages(null);
        set({ run: { kind: 'cancelled' } });
      } else {
        settleStages(error);
        set({ run: { kind: 'failed', error: error.toData() }, problem: error.toData() });
      }
      const unreadable = error.stage === 'photo' && error.code !== 'E_CANCELLED';
      if (kept && !samePhoto && (before.run.kind === 'done' || (unreadable && !before.input))) {
        // Nothing of the new photo could be read: the person keeps the figure they had, or the first page.
        const lost = shown();
        set({ ...before, view: before.mesh ? 'model' : 'photo', stage: before.mesh ? 'surface' : 'photo' });
        kept = null;
        free(lost);
        if (before.run.kind === 'done') sizer.renew();
      }
    } finally {
      if (kept) free(kept);
    }
  }

  return {
    starter: {
      start,
      async clear() {
        serial++;
        const old = shown();
        const stopped = stopCurrent();
        sizer.stop();
        set({
          input: null,
          run: { kind: 'idle' },
          stages: waitingStages(),
          notices: [],
          keypoints: null,
          partReports: [],
          mesh: null,
          simplified: {},
          pictures: {},
          probe: null,
          problem: null,
          view: 'photo',
          stage: 'photo',
          following: true,
        });
        free(old);
        await stopped;
      },
    },
    slice: {
      run: { kind: 'idle' },
      options: { ...DEFAULT_RUN_OPTIONS, mode: deps.preferences.mode() ?? DEFAULT_RUN_OPTIONS.mode },
      stages: waitingStages(),
      notices: [],
      keypoints: null,
      partReports: [],
      mesh: null,
      saving: null,

      async rerun() {
        const { input } = get();
        if (input) await start(input);
      },

      async cancel() {
        const { run } = get();
        if (run.kind !== 'running') return;
        set({ run: { kind: 'cancelling', startedAtMs: run.startedAtMs } });
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

      async save(format) {
        const { saving, input } = get();
        if (saving) return;
        set({ saving: format });
        try {
          // A mesh that was chosen and is not there yet is waited for; one that will not come is not replaced by another.
          const ofMesh = MESH_FORMATS.includes(format);
          if (ofMesh && !(await sizer.settled())) return;
          const triangles = TRIANGLES_OF_SIZE[get().meshSize];
          deps.saveFile(
            await client().exportFile(format, ofMesh ? triangles : null),
            `${input?.name ?? 'statuette'}${FILE_ENDINGS[format]}`,
          );
        } catch (thrown) {
          get().showProblem(thrown, 'export');
        } finally {
          set({ saving: null });
        }
      },
    },
  };
}

/** While nobody has chosen a view, the page shows the newest result: the photo, then the maps as they come. */
function viewOfProgress(stage: StageId, maps: AppState['maps']): Partial<AppState> {
  const newest = MAP_OF_STAGE[stage];
  return newest ? { view: 'maps', maps: { ...maps, left: newest } } : {};
}

function keepThumbnails(stages: AppState['stages']): Record<StageId, StageEntry> {
  return Object.fromEntries(
    STAGE_IDS.map((id) => [id, { state: { kind: 'waiting' }, thumbnail: stages[id].thumbnail }]),
  ) as Record<StageId, StageEntry>;
}
