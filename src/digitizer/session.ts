/**
 * What the digitizer worker owns: engine, pack, cache, and the results of the current photo. One run at a time, first in
 * first out. It does not depend on workers or messages: tests create one directly (workers/digitizer.worker.ts
 * exposes it to the page).
 */

import { StageError, throwIfCancelled } from '../base/errors.ts';
import type { PlanarMap, RgbaImage } from '../base/images.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import { inTurns, nextTask, orCancelled } from '../base/steps.ts';
import type { TexturedMesh } from '../base/textured-mesh.ts';
import {
  DEFAULT_FILE_OPTIONS,
  type ExportFormat,
  type FileOptions,
  isOfMesh,
  isTextured,
  trianglesFor,
} from '../export/formats.ts';
import type { PrintOptions } from '../export/print/print-options.ts';
import type { PrintPreview } from '../export/print/print-preview.ts';
import type { EstimatedPose } from '../intake/estimated-pose.ts';
import type { FoundPeople } from '../intake/pose/people.ts';
import { detailsOf } from '../networks/packs/details.ts';
import type { PackSource } from '../networks/packs/open.ts';
import type { Pack } from '../networks/packs/pack.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';
import { BackPainter } from './back-painter.ts';
import type { OpenWasmRuntime } from './engine.ts';
import { EngineKeeper } from './engine-keeper.ts';
import { explainPoint, type PointReport } from './explain.ts';
import { type FileWork, fileResults, inThisThread } from './file-work.ts';
import { mapOf, type PixelReading, pictureOf, probeAt } from './inspect.ts';
import type { ResultShelf } from './kept-results.ts';
import { type MattingImport, MattingShelf } from './matting-shelf.ts';
import { makeOnDemand } from './on-demand.ts';
import { PackShelf } from './pack-shelf.ts';
import { ResultCache, type RunToken } from './result-cache.ts';
import { runStages } from './run.ts';
import { type MeshSimplifier, SimplifiedMeshes } from './simplified-meshes.ts';
import type { RunResults, RunServices } from './stage.ts';
import type { PhotoResult } from './stages/photo.ts';
import { STAGES } from './stages.ts';
import { figureIn } from './thumbnails.ts';
import type {
  ExportEvent,
  MachineReport,
  MapName,
  PackSummary,
  PartReport,
  PictureRequest,
  RunEvent,
  RunInput,
  RunOptions,
  RunReport,
  SimplifiedMesh,
  StageId,
} from './types.ts';

export interface SessionServices {
  /** Everybody in a picture. @param networks where the pose graphs run. */
  findPeople(picture: RgbaImage, networks: NetworkRuntime): Promise<FoundPeople>;
  /** Points and outline of one person in a picture; null when nobody is found. @param whom null: the largest one. */
  detect(
    picture: RgbaImage,
    whom: PhotoResult['whom'],
    networks: NetworkRuntime,
  ): Promise<EstimatedPose | null>;
  /** An engine is open, the visitor still looks for a photo: what the first run needs can be made ready. */
  prepare?(networks: NetworkRuntime): void;
  readonly solveSurface: RunServices['solveSurface'];
  readonly simplify: MeshSimplifier;
  /** Where pictures are decoded and files written; left out: in this thread, which that blocks. */
  readonly files?: FileWork;
  /** Where results of long stages are kept outside memory; left out: nowhere. */
  readonly shelf?: ResultShelf | null;
  /** Where networks run on the processor; left out: in this thread. */
  readonly openWasm?: OpenWasmRuntime;
}

/** What a run reports while it goes on; thumbnails come as pixels. */
export type SessionEvent =
  | Exclude<RunEvent, { kind: 'thumbnail' }>
  | { readonly kind: 'thumbnail'; readonly stage: StageId; readonly picture: RgbaImage };

/**
 * Width of an atlas at most, px, by triangles: small meshes are for games and web pages, and their file must stay small;
 * the others have the photo's own resolution, up to what graphics cards take.
 */
function textureSideFor(triangles: number): number {
  if (triangles <= 15_000) return 2048;
  return triangles <= 60_000 ? 4096 : 8192;
}

/** Thumbnails of a growing result are drawn at most this often, ms. */
const PARTIAL_THUMBNAIL_MS = 250;

/** What was asked about a picture before, also by a run that was cancelled since, is not asked again. */
function asked<T>(
  answers: WeakMap<RgbaImage, Promise<T>>,
  picture: RgbaImage,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  let answer = answers.get(picture);
  if (!answer) {
    answer = ask();
    answers.set(picture, answer);
    answer.catch(() => answers.delete(picture));
  }
  return orCancelled(answer, signal, 'pose');
}

export class DigitizerSession {
  readonly packs: PackShelf;
  readonly matting = new MattingShelf();
  readonly backPainter = new BackPainter();
  readonly #services: SessionServices;
  readonly #files: FileWork;
  readonly #stages: typeof STAGES;
  readonly #cache: ResultCache;
  readonly #engines: EngineKeeper;
  readonly #simplified: SimplifiedMeshes;
  readonly #queue = new SerialQueue();
  /** Files that are being made. */
  readonly #exports = new Set<AbortController>();
  /** Runs that were asked for and have not ended. */
  readonly #running = new Set<AbortController>();
  /** Questions for the person; one that a cancelled run asked is not asked again. */
  readonly #detections = new WeakMap<RgbaImage, Promise<EstimatedPose | null>>();
  readonly #people = new WeakMap<RgbaImage, Promise<FoundPeople>>();
  /** Of results that are used again: going back must not draw ten pictures anew. */
  readonly #thumbnails = new WeakMap<object, { place: string; picture: RgbaImage }>();
  #results: RunResults = {};
  /** The finished figure before the run that goes on. */
  #before: RunResults | null = null;
  #token: RunToken = Symbol('no run');
  /** Of the surface that is being made. */
  #preview: SurfaceMesh | null = null;

  /** @param parts other than the product's, for tests. */
  constructor(
    services: SessionServices,
    { cache = new ResultCache(), stages = STAGES, packs = new PackShelf() } = {},
  ) {
    this.packs = packs;
    this.#services = services;
    this.#files = services.files ?? inThisThread;
    this.#cache = cache;
    this.#stages = stages;
    this.#simplified = new SimplifiedMeshes(services.simplify);
    this.#engines = new EngineKeeper(services.openWasm, () => {
      this.#results = {};
      this.#before = null;
      this.#cache.clear();
    });
  }

  /** Opens device and pack; called before anything else, and again for another pack. */
  start(source: PackSource, options: RunOptions): Promise<{ machine: MachineReport; pack: PackSummary }> {
    return this.#queue.add(async () => {
      const { machine, networks } = await this.#engines.open(options.backend);
      const [{ summary }] = await Promise.all([this.packs.open(source), this.matting.restore()]);
      this.#services.prepare?.(networks);
      return { machine, pack: summary };
    });
  }

  /**
   * Runs the stages, from whatever can be reused. A run that fails or is cancelled leaves a figure that was finished
   * before it alone.
   *
   * @throws StageError of the stage that failed; E_CANCELLED, at once when it still waits for its turn.
   */
  run(
    input: RunInput,
    options: RunOptions,
    onEvent: (event: SessionEvent) => void,
  ): Promise<{ report: RunReport; mesh: SurfaceMesh }> {
    const abort = new AbortController();
    this.#running.add(abort);
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const done = this.#queue.add(() => {
      begin();
      return this.#run(input, options, onEvent, abort.signal);
    });
    done.catch(() => {});
    return orCancelled(begun, abort.signal, 'photo')
      .then(() => done)
      .finally(() => this.#running.delete(abort));
  }

  /** Takes a finished figure from storage: mesh and report without what they were made of. */
  adopt(mesh: SurfaceMesh, report: RunReport): Promise<void> {
    return this.#queue.add(async () => {
      const { points, totalMs: elapsedMs, memory, machine } = report;
      const stats = {
        ...report,
        points,
        elapsedMs,
        peakBytes: memory.surfacePeakBytes,
        threads: machine.threads,
      };
      this.#cache.release(this.#token);
      this.#token = Symbol(report.name);
      this.#results = { surface: { mesh, stats }, report };
    });
  }

  /** Stops every run that was asked for; what they computed stays. */
  cancel(): void {
    for (const abort of this.#running) abort.abort();
  }

  async #run(
    input: RunInput,
    options: RunOptions,
    onEvent: (event: SessionEvent) => void,
    signal: AbortSignal,
  ): Promise<{ report: RunReport; mesh: SurfaceMesh }> {
    throwIfCancelled(signal, 'photo');
    const pack = this.#openPack();
    const trusted = this.#engines.trusted(options.backend, pack, (text) =>
      onEvent({ kind: 'notice', stage: 'photo', text }),
    );
    const engine = await orCancelled(trusted, signal, 'photo');
    // It would hold up the surface worker, and nobody waits for it any more.
    this.#simplified.cancel();

    const [before, pinned] = [this.#results, this.#token];
    const results: RunResults = {};
    const token = Symbol(input.name);
    this.#results = results;
    this.#before = before.report ? before : null;
    let drawnMs = 0;
    // A stage abandoned by a cancelled run may still report.
    let ended = false;
    const tell = (event: SessionEvent) => {
      if (!ended) onEvent(event);
    };
    const draw = async (stage: StageId) => {
      const { thumbnail } = this.#stages.get(stage) ?? {};
      if (!thumbnail) return;
      const result = results[stage];
      const window = figureIn(results);
      const place = `${stage} ${window.left} ${window.top} ${window.side}`;
      const kept = result && this.#thumbnails.get(result);
      if (kept?.place === place) return tell({ kind: 'thumbnail', stage, picture: kept.picture });
      // A picture of the canvas is a tenth of a second by itself.
      await nextTask();
      const picture = await thumbnail(results, engine.kernels.paced(inTurns), window);
      if (!picture) return;
      if (result) this.#thumbnails.set(result, { place, picture });
      tell({ kind: 'thumbnail', stage, picture });
    };
    const detect: RunServices['detect'] = ({ square, whom }) =>
      asked(this.#detections, square, signal, () => this.#services.detect(square, whom, engine.networks));
    try {
      const report = await runStages(input, options, results, {
        stages: this.#stages,
        engine,
        pack,
        cache: this.#cache,
        token,
        signal,
        matting: { own: this.matting.ownKey, pack: this.matting.packKey },
        back: this.backPainter.key,
        shelf: this.#services.shelf,
        services: {
          findPeople: (picture) =>
            asked(this.#people, picture, signal, () => this.#services.findPeople(picture, engine.networks)),
          detect,
          cutOut: async (photo, network) => {
            const { square, mapping } = photo;
            const detected = await detect(photo);
            const cut = this.matting.cutOut(network, square, mapping, detected, engine.networks);
            return orCancelled(cut, signal, 'matte');
          },
          paintBack: (cells) => orCancelled(this.backPainter.paint(cells, engine.networks), signal, 'cloud'),
          solveSurface: this.#services.solveSurface,
          files: this.#files,
          ...(input.preview && {
            preview: (mesh: SurfaceMesh) => {
              this.#preview = mesh;
            },
          }),
        },
        onEvent: (event) => {
          tell(event as SessionEvent);
          // A part is small; the whole canvas is drawn when its stage is done, or when the page asks for it.
          if (event.kind !== 'partial' || event.part === null) return;
          if (performance.now() - drawnMs < PARTIAL_THUMBNAIL_MS) return;
          drawnMs = performance.now();
          draw(event.stage).catch(() => {});
        },
        onStageDone: async (stage) => {
          await draw(stage);
          // Now that the figure is found, the photo's own thumbnail can be cut to it too.
          if (stage === 'matte') await draw('photo');
        },
      });
      if (!results.surface) throw new Error('the stages ended without a mesh');
      this.#cache.release(pinned);
      this.#token = token;
      return { report, mesh: results.surface.mesh };
    } catch (thrown) {
      if (this.#results === results && before.report) {
        this.#results = before;
        this.#cache.release(token);
      } else {
        this.#cache.release(pinned);
        this.#token = token;
      }
      throw thrown;
    } finally {
      ended = true;
      this.#before = null;
      this.#preview = null;
    }
  }

  /** What is saved while a run goes on is the figure before it: it is on screen until the new one is there. */
  #figure(): RunResults {
    return this.#before ?? this.#results;
  }

  #openPack(): Pack {
    const pack = this.packs.current;
    if (pack) return pack;
    throw new StageError('photo', 'E_INTERNAL', 'The worker has not been started.', {
      fix: 'Wait until the page says that it is ready, or reload it.',
    });
  }

  /** Takes a matting network of the visitor's own; waits for a run that goes on. @throws as MattingShelf.import. */
  importMatting(file: File, options: RunOptions): Promise<MattingImport> {
    return this.#queue.add(async () => {
      const { networks } = await this.#engines.open(options.backend);
      return this.matting.import(file, networks);
    });
  }

  removeMatting(): Promise<void> {
    return this.#queue.add(() => this.matting.remove());
  }

  /** 31 x (x, y, confidence) on the canvas of the last run; a copy. */
  keypoints(): Float64Array<ArrayBuffer> | null {
    return this.#results.pose ? this.#results.pose.keypoints.slice() : null;
  }

  /** A rough mesh while the surface of a run is made, once; the caller's. */
  takePreview(): SurfaceMesh | null {
    const mesh = this.#preview;
    this.#preview = null;
    return mesh;
  }

  partReports(): readonly PartReport[] {
    return this.#results.parts?.reports ?? [];
  }

  async picture(request: PictureRequest): Promise<RgbaImage | null> {
    const { current } = this.#engines;
    return current && pictureOf(request, this.#results, current.kernels.paced(inTurns));
  }

  async map(name: MapName): Promise<PlanarMap | null> {
    const { current } = this.#engines;
    return current && mapOf(name, this.#results, current.kernels.paced(inTurns));
  }

  async probe(row: number, column: number): Promise<PixelReading | null> {
    const { current } = this.#engines;
    return current && probeAt(row, column, this.#results, current.kernels);
  }

  /** Null before there is a photo. */
  async explain(row: number, column: number): Promise<PointReport | null> {
    const { current } = this.#engines;
    return current && explainPoint(row, column, this.#results, current.kernels);
  }

  /** The mesh belongs to the session. @throws StageError E_NOT_READY without a surface, and as the simplifier. */
  async simplify(triangles: number): Promise<SimplifiedMesh> {
    const whole = this.#figure().surface?.mesh;
    if (!whole) {
      throw new StageError('surface', 'E_NOT_READY', 'There is no mesh to make smaller yet.', {
        fix: 'Run a photo to the end first.',
      });
    }
    return this.#simplified.get(whole, triangles);
  }

  cancelSimplify(): void {
    this.#simplified.cancel();
  }

  /** @throws StageError E_CANCELLED after cancelExport(), E_NOT_READY, and as the writers. */
  async exportFile(
    format: ExportFormat,
    triangles: number | null,
    options: FileOptions = DEFAULT_FILE_OPTIONS,
    onEvent: (event: ExportEvent) => void = () => {},
  ): Promise<Blob> {
    const abort = new AbortController();
    const { signal } = abort;
    this.#exports.add(abort);
    try {
      const figure = this.#figure();
      const whole = (figure.surface?.mesh.indices.length ?? 0) / 3;
      const most = isOfMesh(format) ? trianglesFor(format, triangles, whole, options) : null;
      const simplified = most === null ? null : await this.simplify(most);
      throwIfCancelled(signal, 'export');
      const textured = isTextured(format) ? await this.#textured(figure, simplified, onEvent, signal) : null;
      const results = await fileResults(format, figure, this.#engines.current?.kernels ?? null);
      return await this.#files.write(
        format,
        { results, simplified, textured, options },
        (fraction) => onEvent({ kind: 'progress', fraction, note: '' }),
        signal,
      );
    } finally {
      this.#exports.delete(abort);
    }
  }

  /** The print that STL and 3MF would hold, to look at. @throws StageError as exportFile. */
  async printPreview(triangles: number | null, options: PrintOptions): Promise<PrintPreview> {
    const { surface } = this.#figure();
    if (!surface) {
      throw new StageError('export', 'E_NOT_READY', 'There is no figure to print yet.', {
        fix: 'Run a photo to the end first.',
      });
    }
    const abort = new AbortController();
    this.#exports.add(abort);
    try {
      const most = trianglesFor('stl', triangles, surface.mesh.indices.length / 3, { print: options });
      const mesh = most === null ? surface.mesh : (await this.simplify(most)).mesh;
      throwIfCancelled(abort.signal, 'export');
      return await this.#files.printPreview(mesh, options, abort.signal);
    } finally {
      this.#exports.delete(abort);
    }
  }

  /** Stops the files, and the print, that are being made. */
  cancelExport(): void {
    for (const abort of this.#exports) abort.abort();
  }

  /** A figure's mesh with the photo on it; kept in the cache. @throws StageError E_NOT_READY, E_CANCELLED, E_MEMORY. */
  async #textured(
    figure: RunResults,
    fewer: SimplifiedMesh | null,
    onEvent: (event: ExportEvent) => void,
    signal: AbortSignal,
  ): Promise<TexturedMesh> {
    const engine = this.#engines.current;
    if (!figure.surface || !figure.report || !engine) {
      throw new StageError('export', 'E_NOT_READY', 'There is no mesh to save yet.', {
        fix: 'Run a photo to the end first.',
      });
    }
    const shape = fewer?.mesh ?? figure.surface.mesh;
    const { detect, findPeople, solveSurface } = this.#services;
    const made = await makeOnDemand(
      'atlas',
      { ...figure, shape },
      { textureSide: textureSideFor(shape.indices.length / 3) },
      {
        stages: this.#stages,
        cache: this.#cache,
        engine,
        services: {
          files: this.#files,
          solveSurface,
          cutOut: async () => null,
          paintBack: async () => null,
          findPeople: (picture) => findPeople(picture, engine.networks),
          detect: ({ square, whom }) => detect(square, whom, engine.networks),
        },
        signal,
        progress: (fraction, note) => onEvent({ kind: 'progress', fraction, note }),
      },
    );
    for (const text of made.notices) onEvent({ kind: 'notice', text });
    return made;
  }

  importPack(source: PackSource, onProgress: (fraction: number) => void) {
    return this.#queue.add(async () => {
      const { pack, source: kept, notKept, notes } = await this.packs.import(source, onProgress);
      return {
        pack: pack.summary,
        details: detailsOf(pack.manifest),
        key: kept.kind === 'stored' ? kept.key : null,
        notKept,
        notes,
      };
    });
  }

  renamePack(key: string, name: string): Promise<void> {
    return this.#queue.add(async () => {
      const renamed = await this.packs.rename(key, name);
      if (renamed) this.#engines.renamed(renamed.before, renamed.now);
    });
  }

  /** Frees device and maps; what goes on is cancelled. */
  dispose(): void {
    this.cancel();
    this.#cache.clear();
    this.#engines.dispose();
  }
}
