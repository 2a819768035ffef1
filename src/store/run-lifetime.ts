/**
 * One run is current. A finished figure is kept aside while later runs go on, and comes back when the one that follows it
 * fails or is cancelled: nothing finished is lost by what comes after it.
 */
import { StageError, type StageErrorData } from '../base/errors.ts';
import { type RunReport, STAGE_IDS, type StageId } from '../digitizer/types.ts';
import type { SliceContext } from './context.ts';
import { type FigureState, figureOf, freeFigure, NO_FIGURE, waitingStages, withFigure } from './figure.ts';
import type { InputState } from './input-state.ts';
import type { MeshSizer } from './mesh-size-slice.ts';
import { type RunEvents, runEvents } from './run-events.ts';
import type { StageEntry } from './run-state.ts';
import type { KindOfRun } from './run-times.ts';
import type { AppState } from './state.ts';

export type RunOutcome =
  | { readonly kind: 'done' | 'cancelled' | 'superseded' }
  | { readonly kind: 'failed'; readonly error: StageErrorData };

export interface RunStarter {
  /** Runs `input`; resolves when the run ended in any way. Takes over the ids in `input`. */
  start(input: InputState): Promise<RunOutcome>;
  /** The current run need not wait any longer for machine and pack. */
  stopWaiting(): void;
  /** Puts a figure from storage on screen, in the place of all that is there. Takes over its ids. */
  restore(figure: FigureState): Promise<void>;
  clear(): Promise<void>;
}

/** Who is told where runs stand: figures are kept by it. */
export interface RunWatcher {
  /** @returns the input, with the place where it is kept. */
  begins(input: InputState): InputState;
  ended(figure: FigureState): void;
  stopped(input: InputState, error: StageError): void;
}

/** State that holds positions on one photo; reset for the next. */
const OF_CANVAS = { look: null, pointer: null, measuring: null, section: null, comparing: false } as const;

export function runLifetime(context: SliceContext, sizer: MeshSizer, watcher: RunWatcher): RunStarter {
  const { deps, resources, client, dropClient, set, get } = context;
  let serial = 0;
  /** The last finished figure, while a later run has not finished. */
  let aside: FigureState | null = null;
  let stopWaiting = () => {};

  const show = (figure: FigureState) => set(withFigure(() => figure));

  async function stopCurrent(): Promise<void> {
    const { run } = figureOf(get());
    if (run.kind === 'running' || run.kind === 'cancelling') await client().cancel();
  }

  /** Puts a new run's figure on screen in the place of what is there. */
  function replace(input: InputState): void {
    const before = figureOf(get());
    const samePhoto = before.input?.photo === input.photo;
    const { following } = get();
    if (before.run.kind === 'done') {
      if (aside && aside !== before) freeFigure(aside, [before], resources);
      // What it shows of its maps goes on to the figure that takes its place; it asks for them again when it comes back.
      aside = samePhoto ? { ...before, pictures: {} } : before;
    }
    const table = samePhoto ? resources.get(before.keypoints) : undefined;
    show({
      ...NO_FIGURE,
      ...(samePhoto && { partReports: before.partReports, pictures: readyOnes(before.pictures) }),
      keypoints: table ? resources.put('keypoints', table.slice()) : null,
      input,
      run: { kind: 'running', startedAtMs: deps.nowMs() },
      stages: samePhoto ? keepThumbnails(before.stages) : waitingStages(),
      people: samePhoto ? before.people : null,
      // A figure on screen stays until the new one is there.
      mesh: samePhoto ? before.mesh : null,
      before: samePhoto ? before.before : null,
      simplified: samePhoto ? before.simplified : {},
    });
    const follow = following && !(samePhoto && before.mesh);
    set({
      ...{ probe: null, explained: null, problem: null, following: follow },
      // Whoever looks at something stays there.
      ...((follow || !samePhoto) && { view: 'photo' as const, stage: 'photo' as const }),
      // Of another picture, another canvas.
      ...(!samePhoto && OF_CANVAS),
    });
    freeFigure(before, [figureOf(get()), aside], resources);
  }

  /** The figure that was finished before is on screen again; what came of the failed run goes. */
  function bringBack(figure: FigureState): void {
    const failed = figureOf(get());
    const samePhoto = failed.input?.photo === figure.input?.photo;
    aside = null;
    show(figure);
    if (!samePhoto) set({ view: figure.mesh ? 'model' : 'photo', stage: figure.mesh ? 'surface' : 'photo' });
    freeFigure(failed, [figure], resources);
    if (figure.mesh) sizer.renew();
  }

  async function work(input: InputState, isCurrent: () => boolean, take: RunEvents['take']) {
    // Opening a pack over a connection that stalls may last for ever; Cancel must end the run all the same.
    const left = new Promise<false>((resolve) => {
      stopWaiting = () => resolve(false);
    });
    if (!(await Promise.race([get().startSession(), left]))) {
      const { session } = get();
      if (session.kind === 'failed') throw StageError.fromData(session.error);
    }
    if (!isCurrent()) return null;
    // Cancel may have come before the worker had anything to cancel.
    if (figureOf(get()).run.kind === 'cancelling') {
      throw new StageError('photo', 'E_CANCELLED', 'The run was cancelled.', {
        fix: 'Start it again when you like.',
      });
    }
    const photo = resources.get(input.photo);
    if (!photo) throw new Error('the photo was closed before its run began');
    const { name, poseJson, edits, person: subject, matteSource } = input;
    const mask = resources.get(input.mask);
    const given = {
      ...{ name, photo, poseJson: poseJson ?? undefined, mask, edits, subject, matteSource },
      preview: true,
    };
    return client().run(given, get().options, take);
  }

  async function start(given: InputState): Promise<RunOutcome> {
    const input = watcher.begins(given);
    const run = ++serial;
    const kind = kindOfRun();
    set({ expectedTimes: (kind && deps.runTimes?.of(kind)) ?? null });
    const isCurrent = () => run === serial;
    const events = runEvents(context, isCurrent, () => aside);
    const stopped = stopCurrent();
    sizer.stop();
    const isFirst = figureOf(get()).input === null;
    replace(input);
    try {
      await stopped;
      const result = await work(input, isCurrent, events.take);
      if (!result || !isCurrent()) return { kind: 'superseded' };
      const { mesh: meshBefore, before, simplified: simplifiedBefore, preview } = figureOf(get());
      const mesh = resources.put('mesh', result.mesh);
      const done = { kind: 'done', report: result.report } as const;
      // The figure that it takes the place of stays beside it, to be compared; the one before that goes.
      show({
        ...figureOf(get()),
        ...{ mesh, before: meshBefore, preview: null, simplified: {}, run: done },
      });
      learn(result.report);
      const old = { ...NO_FIGURE, before, simplified: simplifiedBefore, preview };
      for (const figure of aside ? [old, aside] : [old]) freeFigure(figure, [figureOf(get())], resources);
      aside = null;
      sizer.renew();
      if (get().following) set({ view: 'model', stage: 'surface' });
      watcher.ended(figureOf(get()));
      return { kind: 'done' };
    } catch (thrown) {
      if (!isCurrent()) return { kind: 'superseded' };
      const error = StageError.from('run', thrown);
      watcher.stopped(input, error);
      fail(error, isFirst, events.settle);
      return error.code === 'E_CANCELLED' ? { kind: 'cancelled' } : { kind: 'failed', error: error.toData() };
    }
  }

  function kindOfRun(): KindOfRun | null {
    const { session, options } = get();
    if (session.kind !== 'ready') return null;
    const { mode, surfaceDepth } = options;
    return { backend: session.machine.backend, packId: session.pack.id, mode, surfaceDepth };
  }

  /** What the next run of this kind will take. */
  function learn(report: RunReport): void {
    const kind = kindOfRun();
    if (kind) deps.runTimes?.learn(kind, report, figureOf(get()).stages);
  }

  function fail(error: StageError, isFirst: boolean, settle: RunEvents['settle']): void {
    // The worker is dead or its device is gone: the next run starts with a fresh one.
    if (error.code === 'E_DEVICE') dropClient();
    const cancelled = error.code === 'E_CANCELLED';
    const data = error.toData();
    if (!cancelled) set({ problem: data });
    // Where nothing of the very first photo could be read that is the first page, with the sentence on it.
    const back = aside ?? (isFirst && !cancelled && error.stage === 'photo' ? NO_FIGURE : null);
    if (back) {
      bringBack(back);
      return;
    }
    const at: StageId | undefined = STAGE_IDS.find((id) => id === error.stage);
    const state: StageEntry['state'] = cancelled ? { kind: 'cancelled' } : { kind: 'failed', error: data };
    settle(state, cancelled ? null : (at ?? null));
    resources.release(figureOf(get()).preview);
    set(
      withFigure(() => ({
        preview: null,
        run: cancelled ? { kind: 'cancelled' } : { kind: 'failed', error: data },
      })),
    );
  }

  /** Another figure, or none, in the place of all that is there. */
  async function exchange(figure: FigureState, change: Partial<AppState>): Promise<void> {
    serial++;
    const old = [figureOf(get()), aside];
    const stopped = stopCurrent();
    sizer.stop();
    aside = null;
    show(figure);
    set({ ...OF_CANVAS, probe: null, explained: null, problem: null, ...change });
    for (const before of old) if (before) freeFigure(before, [figure], resources);
    await stopped;
  }

  return {
    start,
    stopWaiting: () => stopWaiting(),
    restore: (figure) => exchange(figure, { view: 'model', stage: 'surface', following: false }),
    clear: () => exchange(NO_FIGURE, { view: 'photo', stage: 'photo', following: true }),
  };
}

/** Pictures that are on their way come for a run that is no longer the current one. */
function readyOnes(pictures: FigureState['pictures']): FigureState['pictures'] {
  return Object.fromEntries(Object.entries(pictures).filter(([, { kind }]) => kind === 'ready'));
}

function keepThumbnails(stages: FigureState['stages']): FigureState['stages'] {
  return Object.fromEntries(
    STAGE_IDS.map((id) => [id, { state: { kind: 'waiting' }, thumbnail: stages[id].thumbnail, came: [] }]),
  ) as unknown as FigureState['stages'];
}
