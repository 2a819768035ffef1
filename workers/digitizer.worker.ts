/**
 * The digitizer worker: owns the GPUDevice, onnxruntime and every result of the current photo.
 * One run at a time; a second call waits for the first. Contract: digitizer-api.ts.
 */
import * as Comlink from 'comlink';
import { StageError, throwIfCancelled } from '../src/base/errors.ts';
import type { RgbaImage } from '../src/base/images.ts';
import { checkedEngine, type Engine, openEngine } from '../src/digitizer/engine.ts';
import { type ExportFormat, exportResult } from '../src/digitizer/export-result.ts';
import { mapOf, pictureOf, probeAt } from '../src/digitizer/inspect.ts';
import { ResultCache } from '../src/digitizer/result-cache.ts';
import { type RunResults, type RunServices, runChain } from '../src/digitizer/run.ts';
import { SimplifiedMeshes } from '../src/digitizer/simplified-meshes.ts';
import { thumbnailOf } from '../src/digitizer/thumbnails.ts';
import type {
  PictureRequest,
  RunEvent,
  RunInput,
  RunOptions,
  SimplifiedMesh,
  StageId,
  SurfaceMesh,
} from '../src/digitizer/types.ts';
import { estimatePose } from '../src/intake/pose/estimate-pose.ts';
import { createServedPoseGraphs, type ServedPoseGraphs } from '../src/intake/pose/served-graphs.ts';
import { detailsOf, type StoredPackSummary } from '../src/networks/packs/details.ts';
import { downloadPack } from '../src/networks/packs/download.ts';
import { importPack } from '../src/networks/packs/import.ts';
import { openPackSource } from '../src/networks/packs/open.ts';
import {
  listStoredPacks,
  removeStoredPack,
  renameStoredPack,
  type StoredPack,
} from '../src/networks/packs/opfs.ts';
import type { Pack } from '../src/networks/packs/pack.ts';
import { savePackFile } from '../src/networks/packs/save-pack.ts';
import { delivered } from './delivered.ts';
import type { DigitizerApi, PackFileFormat, PackSource } from './digitizer-api.ts';
import { registerStageErrorTransfer } from './stage-error-transfer.ts';
import { createSurfaceClient } from './surface-client.ts';

registerStageErrorTransfer();

const NOT_STARTED_FIX = 'Wait until the page says that it is ready, or reload it.';

let engine: Engine | null = null;
let engineChoice: RunOptions['backend'] | null = null;
let pack: Pack | null = null;
/** Where the open pack can be read again. */
let packSource: PackSource | null = null;
/** The pack whose networks were checked on the current engine. */
let checkedPack: Pack | null = null;
let poseFolder: string | null = null;
let poseGraphs: ServedPoseGraphs | null = null;
let results: RunResults = {};
let abort: AbortController | null = null;
let download: AbortController | null = null;
let queue: Promise<unknown> = Promise.resolve();
const cache = new ResultCache();
const surface = createSurfaceClient();
const simplified = new SimplifiedMeshes((mesh, triangles, signal) =>
  surface.simplify(mesh, triangles, signal),
);

/** First in, first out; a failed task rejects its caller and never blocks the next. */
function enqueue<T>(task: () => Promise<T>): Promise<T> {
  const done = queue.then(task, task);
  queue = done.catch(() => {});
  return done;
}

/** A lost device or another backend makes every kept map unusable: forget them before opening anew. */
async function ensureEngine(choice: RunOptions['backend']): Promise<Engine> {
  if (engine && engineChoice === choice) return engine;
  results = {};
  cache.clear();
  void poseGraphs?.dispose();
  poseGraphs = null;
  engine?.dispose();
  engine = null;
  const opened = await openEngine(choice);
  opened.lost.catch(() => {
    if (engine?.kernels === opened.kernels) {
      engine = null;
      results = {};
      cache.clear();
    }
  });
  engine = opened;
  engineChoice = choice;
  checkedPack = null;
  return opened;
}

/** Before the first run of a pack: are its networks computed rightly here? Says so when they are not. */
async function trustedEngine(
  choice: RunOptions['backend'],
  weights: Pack,
  onEvent: (event: RunEvent) => void,
): Promise<Engine> {
  const opened = await ensureEngine(choice);
  if (checkedPack === weights) return opened;
  const trusted = await checkedEngine(opened, weights);
  if (trusted !== opened) onEvent({ kind: 'notice', stage: 'photo', text: trusted.machine.reason });
  engine = trusted;
  checkedPack = weights;
  return trusted;
}

/** The pose graphs on the runtime that an engine uses, so that no second one is loaded. */
function poseGraphsOn({ networkDevice }: Engine, folder: string): ServedPoseGraphs {
  if (poseGraphs?.device !== networkDevice) {
    void poseGraphs?.dispose();
    poseGraphs = createServedPoseGraphs(folder, networkDevice);
  }
  return poseGraphs;
}

/** A message to the page for each percent and no more: a pack on its way in reports every tensor and every block of bytes. */
function byPercent(onProgress: (fraction: number) => void): (fraction: number) => void {
  let told = -1;
  return (fraction) => {
    const percent = Math.floor(fraction * 100);
    if (percent <= told) return;
    told = percent;
    onProgress(fraction);
  };
}

const summaryOf = ({ key, manifest }: StoredPack): StoredPackSummary => ({ key, ...detailsOf(manifest) });

const bitmapOf = (picture: RgbaImage) =>
  createImageBitmap(new ImageData(picture.data, picture.width, picture.height));

/** A copy for the page; ours stays. */
function sentMesh(mesh: SurfaceMesh): { sent: SurfaceMesh; buffers: ArrayBuffer[] } {
  const sent = structuredClone(mesh);
  return { sent, buffers: Object.values(sent).map((array) => array.buffer) };
}

/** @throws StageError E_NOT_READY without a surface, and as the surface worker. */
async function simplifiedOf(triangles: number): Promise<SimplifiedMesh> {
  const whole = results.surface?.mesh;
  if (!whole) {
    throw new StageError('surface', 'E_NOT_READY', 'There is no mesh to make smaller yet.', {
      fix: 'Run a photo to the end first.',
    });
  }
  return simplified.get(whole, triangles);
}

async function sendThumbnail(stage: StageId, onEvent: (event: RunEvent) => void): Promise<void> {
  if (!engine) return;
  const picture = await thumbnailOf(stage, results, engine.kernels);
  if (!picture) return;
  const bitmap = await bitmapOf(picture);
  onEvent(Comlink.transfer({ kind: 'thumbnail', stage, bitmap }, [bitmap]));
}

const api: DigitizerApi = {
  start: (folder: string, source: PackSource, options: RunOptions) =>
    enqueue(async () => {
      poseFolder = folder;
      const opened = await ensureEngine(options.backend);
      const next = await openPackSource(source);
      pack = next;
      packSource = source;
      // While the visitor looks for a photo.
      void poseGraphsOn(opened, folder).prepare();
      return { machine: opened.machine, pack: next.summary };
    }),

  run: (input: RunInput, options: RunOptions, listener: (event: RunEvent) => void) =>
    enqueue(async () => {
      const { call: onEvent, arrived } = delivered(listener);
      if (!pack || !poseFolder) {
        throw new StageError('photo', 'E_INTERNAL', 'The worker has not been started.', {
          fix: NOT_STARTED_FIX,
        });
      }
      const folder = poseFolder;
      const running = await trustedEngine(options.backend, pack, onEvent);
      // It would hold up the surface worker, and nobody waits for it any more.
      simplified.cancel();
      abort = new AbortController();
      const { signal } = abort;
      const before = results;
      const next: RunResults = {};
      results = next;
      const runServices: RunServices = {
        engine: running,
        pack,
        cache,
        signal,
        onEvent,
        estimatePose: async (photo) => {
          const graphs = poseGraphsOn(running, folder);
          return (await estimatePose(photo, graphs, () => throwIfCancelled(signal, 'pose'))).pose;
        },
        solveSurface: (cloud, depth, threads, onProgress, surfaceSignal) =>
          // The solver takes the arrays it is given; the cloud stays ours for export, so it gets a copy.
          surface.reconstruct(structuredClone(cloud), { depth, threads }, onProgress, surfaceSignal),
        onStageDone: async (stage) => {
          await sendThumbnail(stage, onEvent);
          // Now that the figure is found, the photo's own thumbnail can be cut to it too.
          if (stage === 'matte') await sendThumbnail('photo', onEvent);
        },
      };
      try {
        const report = await runChain(input, options, next, runServices);
        const mesh = next.surface?.mesh;
        if (!mesh) throw new Error('the chain ended without a mesh');
        const { sent, buffers } = sentMesh(mesh);
        return Comlink.transfer({ report, mesh: sent }, buffers);
      } finally {
        // A photo that could not be read takes nothing away: the figure before can still be looked at and saved.
        if (!next.photo && results === next) results = before;
        abort = null;
        await arrived();
      }
    }),

  async cancel() {
    abort?.abort();
  },

  async keypoints() {
    return results.pose ? results.pose.keypoints.slice() : null;
  },

  async partReports() {
    return results.parts?.reports ?? [];
  },

  async picture(request: PictureRequest) {
    const picture = engine ? await pictureOf(request, results, engine.kernels) : null;
    if (!picture) return null;
    const bitmap = await bitmapOf(picture);
    return Comlink.transfer(bitmap, [bitmap]);
  },

  async pixels(request: PictureRequest) {
    const picture = engine ? await pictureOf(request, results, engine.kernels) : null;
    return picture ? Comlink.transfer(picture, [picture.data.buffer]) : null;
  },

  async probe(row: number, column: number) {
    return engine ? probeAt(row, column, results, engine.kernels) : null;
  },

  async map(name: string) {
    const map = engine ? await mapOf(name, results, engine.kernels) : null;
    return map ? Comlink.transfer(map, [map.data.buffer]) : null;
  },

  async simplify(triangles: number) {
    const { mesh, report } = await simplifiedOf(triangles);
    const { sent, buffers } = sentMesh(mesh);
    return Comlink.transfer({ mesh: sent, report }, buffers);
  },

  async cancelSimplify() {
    simplified.cancel();
  },

  async exportFile(format: ExportFormat, triangles: number | null = null) {
    const ofMesh = format === 'glb' || format === 'meshPly' || format === 'report';
    const fewer = ofMesh && triangles !== null ? await simplifiedOf(triangles) : null;
    return exportResult(format, results, engine?.kernels ?? null, fewer);
  },

  importPack: (source: PackSource, onProgress: (fraction: number) => void) =>
    enqueue(async () => {
      const progress = delivered(onProgress);
      const imported = await importPack(source, byPercent(progress.call));
      pack = imported.pack;
      packSource = imported.source;
      await progress.arrived();
      return {
        pack: pack.summary,
        details: detailsOf(pack.manifest),
        key: packSource.kind === 'stored' ? packSource.key : null,
        notKept: imported.notKept,
      };
    }),

  // Not in the queue: it needs neither engine nor networks, and minutes of it must not hold up a photo.
  async downloadPack(folder: string, onProgress: (fraction: number) => void) {
    download?.abort();
    const own = new AbortController();
    download = own;
    const progress = delivered(onProgress);
    const stored = await downloadPack(folder, byPercent(progress.call), own.signal);
    await progress.arrived();
    return summaryOf(stored);
  },

  async cancelDownload() {
    download?.abort();
  },

  async packs() {
    return (await listStoredPacks()).map(summaryOf);
  },

  renamePack: (key: string, name: string) =>
    enqueue(async () => {
      await renameStoredPack(key, name);
      if (!pack || packSource?.kind !== 'stored' || packSource.key !== key) return;
      const named = { ...pack, summary: { ...pack.summary, name: name.trim() } };
      if (checkedPack === pack) checkedPack = named;
      pack = named;
    }),

  removePack: (key: string) => removeStoredPack(key),

  async packFile(wanted: PackSource | 'current', format: PackFileFormat) {
    const source = wanted === 'current' ? packSource : wanted;
    if (!source) {
      throw new StageError('pack', 'E_INTERNAL', 'No pack is open yet.', { fix: NOT_STARTED_FIX });
    }
    return savePackFile(source, format, wanted === 'current' ? pack : null);
  },
};

Comlink.expose(api);
