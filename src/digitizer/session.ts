/**
 * What the digitizer worker owns: engine, pack, cache, and the results of the current photo. One run at a time, first in
 * first out. It does not depend on workers or messages: tests create one directly (workers/digitizer.worker.ts
 * exposes it to the page).
 */

import { StageError, throwIfCancelled } from '../base/errors.ts';
import type { PlanarMap, RgbaImage } from '../base/images.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import { inTurns, orCancelled } from '../base/steps.ts';
import { detailsOf } from '../networks/packs/details.ts';
import type { PackSource } from '../networks/packs/open.ts';
import type { Pack } from '../networks/packs/pack.ts';
import { BackPainter } from './back-painter.ts';
import { Detections } from './detections.ts';
import { EngineKeeper } from './engine-keeper.ts';
import { explainPoint, type PointReport } from './explain.ts';
import { FigureFiles } from './figure-files.ts';
import { type FileWork, inThisThread } from './file-work.ts';
import { mapOf, type PixelReading, pictureOf, probeAt } from './inspect.ts';
import { type MattingImport, MattingShelf } from './matting-shelf.ts';
import { PackShelf } from './pack-shelf.ts';
import { ResultCache, type RunToken } from './result-cache.ts';
import { runStages } from './run.ts';
import type { SessionServices } from './session-services.ts';
import type { RunResults } from './stage.ts';
import { STAGES } from './stages.ts';
import { type KeptThumbnails, ThumbnailDrawer } from './thumbnail-drawer.ts';
import type {
  MachineReport,
  MapName,
  PackSummary,
  PartReport,
  PictureRequest,
  RunEvent,
  RunInput,
  RunOptions,
  RunReport,
  StageId,
} from './types.ts';

/** What a run reports while it goes on; thumbnails come as pixels. */
export type SessionEvent =
  | Exclude<RunEvent, { kind: 'thumbnail' }>
  | { readonly kind: 'thumbnail'; readonly stage: StageId; readonly picture: RgbaImage };

export class DigitizerSession {
  readonly packs: PackShelf;
  /** Of the figure on screen: while a run goes on, the one before it. */
  readonly files: FigureFiles;
  readonly matting = new MattingShelf();
  readonly backPainter = new BackPainter();
  readonly #services: SessionServices;
  readonly #fileWork: FileWork;
  readonly #stages: typeof STAGES;
  readonly #cache: ResultCache;
  readonly #engines: EngineKeeper;
  readonly #queue = new SerialQueue();
  /** Runs that were asked for and have not ended. */
  readonly #running = new Set<AbortController>();
  readonly #detections: Detections;
  readonly #thumbnails: KeptThumbnails = new WeakMap();
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
    this.#fileWork = services.files ?? inThisThread;
    this.#detections = new Detections(services);
    this.#cache = cache;
    this.#stages = stages;
    this.#engines = new EngineKeeper(services.openWasm, () => {
      this.#results = {};
      this.#before = null;
      this.#cache.clear();
    });
    this.files = new FigureFiles({
      services,
      files: this.#fileWork,
      cache,
      stages,
      figure: () => this.#before ?? this.#results,
      engine: () => this.#engines.current,
    });
  }

  /** Opens device and pack; called before anything else, and again for another pack. */
  start(source: PackSource, options: RunOptions): Promise<{ machine: MachineReport; pack: PackSummary }> {
    return this.#queue.add(async () => {
      const { machine } = await this.#engines.open(options.backend);
      const [{ summary }] = await Promise.all([this.packs.open(source), this.matting.restore()]);
      return { machine, pack: summary };
    });
  }

  /** Opens what the first photo will need, while nobody waits for it. Nothing before start(). */
  prepare(): void {
    const engine = this.#engines.current;
    if (engine) this.#services.prepare?.(engine.networks);
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
    this.files.cancelSimplify();

    const [before, pinned] = [this.#results, this.#token];
    const results: RunResults = {};
    const token = Symbol(input.name);
    this.#results = results;
    this.#before = before.report ? before : null;
    // A stage abandoned by a cancelled run may still report.
    let ended = false;
    const tell = (event: SessionEvent) => {
      if (!ended) onEvent(event);
    };
    const thumbnails = new ThumbnailDrawer({
      stages: this.#stages,
      results,
      kernels: engine.kernels,
      kept: this.#thumbnails,
      show: (stage, picture) => tell({ kind: 'thumbnail', stage, picture }),
    });
    const { detect, findPeople } = this.#detections.forRun(engine.networks, signal);
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
          findPeople,
          detect,
          cutOut: async (photo, network) => {
            const { square, mapping } = photo;
            const detected = await detect(photo);
            const cut = this.matting.cutOut(network, square, mapping, detected, engine.networks);
            return orCancelled(cut, signal, 'matte');
          },
          paintBack: (cells) => orCancelled(this.backPainter.paint(cells, engine.networks), signal, 'cloud'),
          solveSurface: this.#services.solveSurface,
          files: this.#fileWork,
          ...(input.preview && {
            preview: (mesh: SurfaceMesh) => {
              this.#preview = mesh;
            },
          }),
        },
        onEvent: (event) => {
          tell(event as SessionEvent);
          if (event.kind === 'partial' && event.part !== null) thumbnails.grown(event.stage);
        },
        onStageDone: (stage) => thumbnails.finished(stage),
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
