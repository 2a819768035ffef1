/** One run: the shown stages in their order, from the visitor's files to a mesh, with events, times and a report. */
import { contentKey, contentKeySteps } from '../base/content-key.ts';
import { orCancelled, type Pace, pacedBy } from '../base/steps.ts';
import { NO_EDITS } from '../geometry/figure-edits.ts';
import { isMethodCamera } from '../geometry/framed-cloud.ts';
import type { Pack } from '../networks/packs/pack.ts';
import type { Engine } from './engine.ts';
import { extentOf, wholeFigure } from './figure-scale.ts';
import type { ResultShelf } from './kept-results.ts';
import { memoryReport, resetMemoryPeaks } from './memory-report.ts';
import type { ResultCache, RunToken } from './result-cache.ts';
import { Runner } from './runner.ts';
import type {
  AnyStage,
  ResultId,
  Results,
  RunResults,
  RunServices,
  SourceId,
  StageContext,
  StageOptions,
} from './stage.ts';
import { StageTimer } from './stage-timer.ts';
import {
  ONLY_SUBJECT,
  type PeopleReport,
  type RunEvent,
  type RunInput,
  type RunOptions,
  type RunReport,
  STAGE_IDS,
  type StageId,
} from './types.ts';

/** Time a cancelled stage has to free what it holds before the run stops waiting for it. */
const GRACE_MS = 200;

export interface RunEnvironment {
  readonly stages: ReadonlyMap<ResultId, AnyStage>;
  readonly engine: Engine;
  readonly pack: Pack;
  readonly cache: ResultCache;
  /** Pins what the run uses. */
  readonly token: RunToken;
  readonly services: RunServices;
  /** Keys of the matting networks there are; empty where there is none. */
  readonly matting?: { readonly own: string; readonly pack: string };
  /** The same of the network that paints the far side. */
  readonly back?: string;
  readonly shelf?: ResultShelf | null;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  /** Called after each stage, before the next begins, and when part of one is there: draws thumbnails. */
  readonly onStageDone: (stage: StageId) => Promise<void>;
}

function optionsOf(
  { subject = ONLY_SUBJECT, matteSource }: RunInput,
  { mode, surfaceDepth }: RunOptions,
  { engine, pack, matting, back }: RunEnvironment,
): StageOptions {
  return {
    mode,
    surfaceDepth,
    textureSide: 0,
    subject,
    matteSource: matteSource ?? null,
    weights: contentKey(pack.manifest.files.map((file) => file.sha256).join()),
    backend: engine.networkDevice.backend,
    ownMatting: matting?.own ?? '',
    packMatting: matting?.pack ?? '',
    packBack: back ?? '',
    // The original computes in f32: so does the mode that equals it.
    precision: mode === 'reference' ? 'f32' : engine.machine.precision,
  };
}

async function sourcesOf(
  input: RunInput,
  pace: Pace,
): Promise<Record<SourceId, { content: string; value: unknown }>> {
  const { name, photo, mask, poseJson, edits = NO_EDITS } = input;
  const { joints, sidesSwapped, boxes, swappedLimbs, hidden, strokes } = edits;
  const plain = (value: unknown) => ({ content: contentKey(JSON.stringify(value)), value });
  const hash = async (blob: Blob) => pace(contentKeySteps(new Uint8Array(await blob.arrayBuffer())));
  return {
    photoName: { content: contentKey(name), value: name },
    photoFile: { content: await hash(photo), value: photo },
    maskFile: { content: mask ? await hash(mask) : 'none', value: mask ?? null },
    jointEdits: plain({ joints, sidesSwapped }),
    boxEdits: plain({ boxes, swappedLimbs }),
    hiddenParts: plain(hidden),
    strokes: plain(strokes),
    poseFile: { content: poseJson === undefined ? 'none' : contentKey(poseJson), value: poseJson ?? null },
  };
}

/** Boxes of everybody who was found, in shares of the photo. */
function peopleReport({ people, frame, decoded }: RunResults): PeopleReport | null {
  if (!people || !frame || !decoded) return null;
  const { width, height } = decoded.image;
  const boxes = people.people.map(({ box, doubt }) => ({
    left: box.left / width,
    top: box.top / height,
    right: box.right / width,
    bottom: box.bottom / height,
    doubt,
  }));
  return { boxes, chosen: frame.person };
}

function tellPeople(results: RunResults, onEvent: RunEnvironment['onEvent']): void {
  const people = peopleReport(results);
  if (people) onEvent({ kind: 'people', people });
}

/**
 * Runs the stages. `results` is filled stage by stage and keeps what was made when a later stage fails.
 *
 * @throws StageError of the stage that failed; E_CANCELLED when the signal was aborted.
 */
export async function runStages(
  input: RunInput,
  options: RunOptions,
  results: RunResults,
  environment: RunEnvironment,
): Promise<RunReport> {
  const { stages, engine, pack, cache, token, signal, onEvent } = environment;
  const notices: string[] = [];
  const timer = new StageTimer(engine.kernels, onEvent);
  const startedMs = performance.now();
  resetMemoryPeaks(engine);

  let shown: StageId = STAGE_IDS[0];
  const notice = (text: string) => {
    notices.push(text);
    onEvent({ kind: 'notice', stage: shown, text });
  };
  const context = (descriptor: AnyStage): Omit<StageContext, 'piece' | 'isKept'> => {
    const row = shown;
    const pace = pacedBy(signal, row);
    return {
      stage: row,
      kernels: engine.kernels.paced(pace),
      pace,
      signal,
      threads: engine.machine.threads,
      services: environment.services,
      get networks() {
        if ('options' in descriptor && descriptor.options?.includes('weights')) {
          return { pack, device: engine.networkDevice, runtime: engine.networks };
        }
        throw new Error(`${descriptor.id} opens networks but does not declare the weights`);
      },
      progress: (fraction, note) => timer.progress(row, fraction, note),
      show: (sofar, part) => {
        Object.assign(results, sofar);
        onEvent({ kind: 'partial', stage: row, part });
      },
    };
  };
  results.photoFile = input.photo;
  const stageOptions = optionsOf(input, options, environment);
  const runner = new Runner(
    {
      ...{ stages, options: stageOptions, cache, token, results, context, notice },
      shelf: input.keepResults === false ? null : environment.shelf,
    },
    // A file on a slow drive, or one the browser has not got room for, may take as long as it likes.
    await orCancelled(sourcesOf(input, pacedBy(signal, 'photo')), signal, 'photo'),
  );

  for (const id of STAGE_IDS) {
    shown = id;
    await timer.run(id, signal, async () => {
      const made = Promise.race([runner.make(id), engine.lost]);
      // Whatever a stage waits for, Cancel is not held up by it.
      const { value, pieces, kept } = await orCancelled(made, signal, id, () => {}, GRACE_MS);
      if (id === 'photo') tellPeople(results, onEvent);
      if (id === 'pose' && stages.has('warnings')) await runner.make('warnings');
      // The outline is complete once the pose is known: it is shown then, before the networks.
      if (id === 'pose' && stages.has('figure')) {
        await orCancelled(runner.make('figure'), signal, id, () => {}, GRACE_MS);
        onEvent({ kind: 'partial', stage: 'matte', part: null });
      }
      return { detail: stages.get(id)?.detail?.(value, pieces) ?? '', kept };
    });
    await orCancelled(environment.onStageDone(id), signal, id, () => {}, GRACE_MS);
  }

  const { stats, mesh } = results.surface as Results['surface'];
  const fine = results.fineDepth as Results['fineDepth'];
  const camera = results.photo?.camera;
  // As in the files (file-work.ts): the method's own frame is left as it is.
  const whole = camera && options.mode === 'robust' ? wholeFigure(results, extentOf(mesh.positions)) : null;
  if (stats.boundaryEdges > 0) notices.push(`The surface has ${stats.boundaryEdges} open edges.`);
  const report: RunReport = {
    name: input.name,
    mode: options.mode,
    machine: { ...engine.machine, precision: stageOptions.precision },
    pack: pack.summary,
    tileSizePx: fine.windowPx,
    tiles: { run: fine.tilesRun, total: fine.tilesTotal },
    stages: timer.reports,
    totalMs: performance.now() - startedMs,
    peakDeviceBytes: engine.kernels.memory().peakBytes,
    memory: memoryReport(engine, stats),
    points: (results.cloud as Results['cloud']).count,
    vertices: stats.vertices,
    triangles: stats.triangles,
    boundaryEdges: stats.boundaryEdges,
    nonManifoldEdges: stats.nonManifoldEdges,
    components: stats.components,
    notices,
    ...(camera && !isMethodCamera(camera) && { lens: camera }),
    ...(whole && { wholeHeight: whole.height }),
    people: peopleReport(results),
    simplified: null,
  };
  results.report = report;
  return report;
}
