/**
 * One run: the chain of stages from a photo to a mesh, with cached results, events, times and cancellation.
 * The order and what passes between stages: README of this room.
 */
import { contentKey } from '../base/content-key.ts';
import { CANVAS_SIZE, PART_COUNT } from '../geometry/body.ts';
import type { DeviceMap } from '../gpu/device-map.ts';
import type { OrientedCloud } from '../gpu/kernel-set.ts';
import { liftBlack } from '../intake/dark-cloth.ts';
import type { Pack } from '../networks/packs/pack.ts';
import { foregroundBox, planTiles } from '../networks/planner.ts';
import type { StageContext } from './context.ts';
import type { Engine } from './engine.ts';
import { memoryReport, resetMemoryPeaks } from './memory-report.ts';
import type { ResultCache } from './result-cache.ts';
import { StageTimer } from './stage-timer.ts';
import { runCloud } from './stages/cloud.ts';
import { type CoarseResult, disposeCoarse, runCoarse } from './stages/coarse.ts';
import { type FineDepthResult, hasForeground, newFineRaw, runFineDepth } from './stages/fine-depth.ts';
import { estimateOnce, type MatteResult, mendMatte, type PoseEstimator, runMatte } from './stages/matte.ts';
import { runMergedNormals } from './stages/merged-normals.ts';
import { type PartResult, runPartNormals } from './stages/part-normals.ts';
import { type PartsResult, runParts } from './stages/parts.ts';
import { type PhotoResult, runPhoto } from './stages/photo.ts';
import { type PoseResult, runPose } from './stages/pose.ts';
import type {
  RunEvent,
  RunInput,
  RunOptions,
  RunReport,
  StageId,
  SurfaceMesh,
  SurfaceStats,
} from './types.ts';

/** Everything a run made so far; the inspector draws from it. Owned by the cache. */
export interface RunResults {
  photo?: PhotoResult;
  matte?: MatteResult;
  pose?: PoseResult;
  parts?: PartsResult;
  networkInput?: DeviceMap;
  coarse?: CoarseResult;
  partNormals?: readonly PartResult[];
  mergedNormals?: DeviceMap;
  fineDepth?: FineDepthResult;
  cloud?: OrientedCloud;
  surface?: { readonly mesh: SurfaceMesh; readonly stats: SurfaceStats };
  report?: RunReport;
}

/** Rebuilds the surface from a cloud; the cloud stays the caller's. */
export type SurfaceSolver = (
  cloud: OrientedCloud,
  depth: number,
  threads: number,
  onProgress: (fraction: number, note: string) => void,
  signal: AbortSignal,
) => Promise<{ mesh: SurfaceMesh; stats: SurfaceStats }>;

export interface RunServices {
  readonly engine: Engine;
  readonly pack: Pack;
  readonly cache: ResultCache;
  readonly estimatePose: PoseEstimator;
  readonly solveSurface: SurfaceSolver;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  /** Called after each stage, before the next begins: draws thumbnails. */
  readonly onStageDone: (stage: StageId) => Promise<void>;
}

const DISPOSE_MAP = (map: DeviceMap) => map.dispose();

/** Says a result's notices each time it is used, also when it came from the cache. */
async function noticed<T extends { readonly notices: readonly string[] }>(
  context: StageContext,
  work: Promise<T>,
): Promise<T> {
  const result = await work;
  for (const text of result.notices) context.notice(text);
  return result;
}

/**
 * Runs the chain. `results` is filled stage by stage and keeps what was made when a later stage fails.
 *
 * @throws StageError of the stage that failed; E_CANCELLED when the signal was aborted.
 */
export async function runChain(
  input: RunInput,
  options: RunOptions,
  results: RunResults,
  services: RunServices,
): Promise<RunReport> {
  const { engine, pack, cache, signal } = services;
  const { kernels } = engine;
  const robust = options.mode === 'robust';
  const notices: string[] = [];
  const timer = new StageTimer(kernels, cache, services.onEvent);
  const startedMs = performance.now();
  cache.beginRun();
  resetMemoryPeaks(engine);

  async function stage<T>(
    id: StageId,
    work: (context: StageContext) => Promise<T>,
    keep: (value: T) => string,
  ) {
    const context: StageContext = {
      stage: id,
      kernels,
      engine,
      pack,
      cache,
      signal,
      mode: options.mode,
      progress: (fraction, note) => timer.progress(id, fraction, note),
      notice: (text) => {
        notices.push(text);
        services.onEvent({ kind: 'notice', stage: id, text });
      },
    };
    await timer.run(id, signal, async () => {
      const value = await Promise.race([work(context), engine.lost]);
      return keep(value);
    });
    await services.onStageDone(id);
  }

  const photoKey = `photo:${contentKey(new Uint8Array(await input.photo.arrayBuffer()))}:${options.mode}`;
  await stage(
    'photo',
    (context) =>
      noticed(
        context,
        cache.get(photoKey, () => runPhoto(input.photo, context)),
      ),
    (photo) => {
      results.photo = photo;
      return `${photo.originalWidth} × ${photo.originalHeight}`;
    },
  );
  const photo = results.photo as PhotoResult;

  const estimated = estimateOnce(photo, photoKey, cache, services.estimatePose);
  const maskKey = input.mask ? contentKey(new Uint8Array(await input.mask.arrayBuffer())) : 'none';
  const matteKey = `matte:${photoKey}:${maskKey}`;
  await stage(
    'matte',
    (context) =>
      noticed(
        context,
        cache.get(matteKey, () => runMatte(photo, input.mask ?? null, estimated, context)),
      ),
    (matte) => {
      results.matte = matte;
      return matte.source;
    },
  );

  const found = results.matte as MatteResult;
  const poseKey =
    input.poseJson === undefined
      ? `pose:${photoKey}:estimated`
      : `pose:${matteKey}:${contentKey(input.poseJson)}:${input.name}`;
  await stage(
    'pose',
    (context) =>
      noticed(
        context,
        cache.get(poseKey, () =>
          runPose({ ...photo, name: input.name }, found.matte, input.poseJson ?? null, estimated, context),
        ),
      ),
    (pose) => {
      results.pose = pose;
      return pose.detail;
    },
  );
  const pose = results.pose as PoseResult;

  const mended = robust
    ? await cache.get(`mended:${matteKey}:${poseKey}`, () => mendMatte(found, pose))
    : found;
  results.matte = mended;
  const { matte } = mended;

  await stage(
    'parts',
    async (context) => runParts(pose, context),
    (parts) => {
      results.parts = parts;
      return `${PART_COUNT} parts`;
    },
  );
  const parts = results.parts as PartsResult;

  const weights = pack.manifest.files.map((file) => file.sha256).join();
  const inputKey = `${mended === found ? matteKey : `${matteKey}:${poseKey}`}:${contentKey(weights)}`;
  await stage(
    'coarse',
    async (context) => {
      const networkInput = await cache.get(
        `input:${inputKey}`,
        () => kernels.networkInput(robust ? liftBlack(photo.square, matte) : photo.square, matte),
        DISPOSE_MAP,
      );
      results.networkInput = networkInput;
      return cache.get(
        `coarse:${options.mode}:${inputKey}`,
        () => runCoarse(networkInput, context),
        disposeCoarse,
      );
    },
    (coarse) => {
      results.coarse = coarse;
      return '256 × 256';
    },
  );
  const coarse = results.coarse as CoarseResult;
  const networkInput = results.networkInput as DeviceMap;

  await stage(
    'partNormals',
    (context) => runPartNormals(networkInput, coarse.normals, parts, inputKey, context),
    ({ parts: made, computed }) => {
      results.partNormals = made;
      return computed === PART_COUNT ? `${PART_COUNT} parts` : `${computed} of ${PART_COUNT} parts again`;
    },
  );
  const partNormals = results.partNormals as readonly PartResult[];

  const partsKey = contentKey(partNormals.map((part) => part.key).join('|'));
  await stage(
    'mergedNormals',
    (context) =>
      cache.get(
        `merged:${options.mode}:${partsKey}`,
        () => runMergedNormals(partNormals, coarse.normals, context),
        DISPOSE_MAP,
      ),
    (merged) => {
      results.mergedNormals = merged;
      return `${CANVAS_SIZE} × ${CANVAS_SIZE}`;
    },
  );
  const mergedNormals = results.mergedNormals as DeviceMap;

  // Only the person's box is cut into tiles, and of those only the ones that hold foreground; the original runs all.
  const area = robust ? foregroundBox(matte) : null;
  const plan = planTiles(pack, engine.networkDevice, { area });
  const wanted = robust ? plan.tiles.filter((tile) => hasForeground(matte, tile.core)) : plan.tiles;
  const fineKey = `fine:${options.mode}:${inputKey}`;
  await stage(
    'fineDepth',
    async (context) => {
      const fine = await cache.get(
        `${fineKey}:raw`,
        () => newFineRaw(context),
        ({ raw }) => raw.dispose(),
      );
      return cache.get(
        `${fineKey}:${partsKey}`,
        () =>
          runFineDepth(
            fine,
            coarse.depth,
            mergedNormals,
            partNormals,
            wanted,
            robust ? matte : null,
            context,
          ),
        (result) => result.depth.dispose(),
      );
    },
    (fine) => {
      results.fineDepth = fine;
      return `${wanted.length} of ${plan.tiles.length} tiles`;
    },
  );
  const fine = results.fineDepth as FineDepthResult;

  const cloudKey = `cloud:${fineKey}:${partsKey}`;
  await stage(
    'cloud',
    (context) =>
      cache.get(cloudKey, () =>
        runCloud(fine.depth, mergedNormals, photo.square, matte, pose.keypoints, context),
      ),
    (cloud) => {
      results.cloud = cloud;
      return `${cloud.count.toLocaleString('en')} points`;
    },
  );
  const cloud = results.cloud as OrientedCloud;

  await stage(
    'surface',
    (context) =>
      cache.get(`surface:${cloudKey}:${options.surfaceDepth}`, () =>
        services.solveSurface(cloud, options.surfaceDepth, engine.machine.threads, context.progress, signal),
      ),
    (surface) => {
      results.surface = surface;
      return `${surface.stats.triangles.toLocaleString('en')} triangles`;
    },
  );
  const { stats } = results.surface as { stats: SurfaceStats };

  if (stats.boundaryEdges > 0) notices.push(`The surface has ${stats.boundaryEdges} open edges.`);
  cache.sweep();
  const report: RunReport = {
    name: input.name,
    mode: options.mode,
    machine: robust ? engine.machine : { ...engine.machine, precision: 'f32' },
    pack: pack.summary,
    tileSizePx: plan.windowPx,
    tiles: { run: fine.tilesRun, total: plan.tiles.length },
    stages: timer.reports,
    totalMs: performance.now() - startedMs,
    peakDeviceBytes: kernels.memory().peakBytes,
    memory: memoryReport(engine, stats),
    points: cloud.count,
    vertices: stats.vertices,
    triangles: stats.triangles,
    boundaryEdges: stats.boundaryEdges,
    nonManifoldEdges: stats.nonManifoldEdges,
    components: stats.components,
    notices,
    simplified: null,
  };
  results.report = report;
  return report;
}
