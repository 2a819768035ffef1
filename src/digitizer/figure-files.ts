/** Files and prints of a finished figure: fewer triangles, the photo on it, the writers. What is being made can be stopped. */
import { StageError, throwIfCancelled } from '../base/errors.ts';
import type { FigureSkeleton } from '../base/skeleton.ts';
import type { TexturedMesh } from '../base/textured-mesh.ts';
import {
  DEFAULT_FILE_OPTIONS,
  type ExportFormat,
  type FileOptions,
  isOfMesh,
  isRigged,
  isTextured,
  trianglesFor,
} from '../export/formats.ts';
import type { PrintOptions } from '../export/print/print-options.ts';
import type { PrintPreview } from '../export/print/print-preview.ts';
import type { Engine } from './engine.ts';
import { type FileWork, fileResults } from './file-work.ts';
import { makeOnDemand } from './on-demand.ts';
import type { ResultCache } from './result-cache.ts';
import type { SessionServices } from './session-services.ts';
import { SimplifiedMeshes } from './simplified-meshes.ts';
import type { AnyStage, ResultId, Results, RunResults, StageOptions } from './stage.ts';
import type { ExportEvent, SimplifiedMesh } from './types.ts';

/**
 * Width of an atlas at most, px, by triangles: small meshes are for games and web pages, and their file must stay small;
 * the others have the photo's own resolution, up to what graphics cards take.
 */
function textureSideFor(triangles: number): number {
  if (triangles <= 15_000) return 2048;
  return triangles <= 60_000 ? 4096 : 8192;
}

export interface FigureFilesParts {
  readonly services: Pick<SessionServices, 'simplify' | 'detect' | 'findPeople' | 'solveSurface'>;
  readonly files: FileWork;
  readonly cache: ResultCache;
  readonly stages: ReadonlyMap<ResultId, AnyStage>;
  /** The figure that is on screen. */
  readonly figure: () => RunResults;
  readonly engine: () => Engine | null;
}

export class FigureFiles {
  readonly #parts: FigureFilesParts;
  readonly #simplified: SimplifiedMeshes;
  /** Files that are being made. */
  readonly #running = new Set<AbortController>();

  constructor(parts: FigureFilesParts) {
    this.#parts = parts;
    this.#simplified = new SimplifiedMeshes(parts.services.simplify);
  }

  /** The mesh stays ours. @throws StageError E_NOT_READY without a surface, and as the simplifier. */
  async simplify(triangles: number): Promise<SimplifiedMesh> {
    const whole = this.#parts.figure().surface?.mesh;
    if (!whole) throw missing('mesh to make smaller', 'surface');
    return this.#simplified.get(whole, triangles);
  }

  cancelSimplify(): void {
    this.#simplified.cancel();
  }

  /** @throws StageError E_CANCELLED after cancel(), E_NOT_READY, and as the writers. */
  write(
    format: ExportFormat,
    triangles: number | null,
    options: FileOptions = DEFAULT_FILE_OPTIONS,
    onEvent: (event: ExportEvent) => void = () => {},
  ): Promise<Blob> {
    return this.#stoppable(async (signal) => {
      const figure = this.#parts.figure();
      const whole = (figure.surface?.mesh.indices.length ?? 0) / 3;
      const most = isOfMesh(format) ? trianglesFor(format, triangles, whole, options) : null;
      const simplified = most === null ? null : await this.simplify(most);
      throwIfCancelled(signal, 'export');
      const textured = isTextured(format) ? await this.#textured(figure, simplified, onEvent, signal) : null;
      const skeleton = isRigged(format) ? await this.#skeleton(figure, simplified, signal) : null;
      const results = await fileResults(format, figure, this.#parts.engine()?.kernels ?? null);
      return this.#parts.files.write(
        format,
        { results, simplified, textured, skeleton, options },
        (fraction) => onEvent({ kind: 'progress', fraction, note: '' }),
        signal,
      );
    });
  }

  /** The print that STL and 3MF would hold, to look at. @throws StageError as write. */
  printPreview(triangles: number | null, options: PrintOptions): Promise<PrintPreview> {
    return this.#stoppable(async (signal) => {
      const { surface } = this.#parts.figure();
      if (!surface) throw missing('figure to print');
      const most = trianglesFor('stl', triangles, surface.mesh.indices.length / 3, { print: options });
      const mesh = most === null ? surface.mesh : (await this.simplify(most)).mesh;
      throwIfCancelled(signal, 'export');
      return this.#parts.files.printPreview(mesh, options, signal);
    });
  }

  /** Stops the files, and the print, that are being made. */
  cancel(): void {
    for (const abort of this.#running) abort.abort();
  }

  async #stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    this.#running.add(abort);
    try {
      return await work(abort.signal);
    } finally {
      this.#running.delete(abort);
    }
  }

  /** A figure's mesh with the photo on it; kept in the cache. @throws StageError E_NOT_READY, E_CANCELLED, E_MEMORY. */
  async #textured(
    figure: RunResults,
    fewer: SimplifiedMesh | null,
    onEvent: (event: ExportEvent) => void,
    signal: AbortSignal,
  ): Promise<TexturedMesh> {
    if (!figure.surface || !figure.report) throw missing('mesh to save');
    const shape = fewer?.mesh ?? figure.surface.mesh;
    const options = { textureSide: textureSideFor(shape.indices.length / 3) };
    const made = await this.#onDemand('atlas', { ...figure, shape }, options, signal, (fraction, note) =>
      onEvent({ kind: 'progress', fraction, note }),
    );
    for (const text of made.notices) onEvent({ kind: 'notice', text });
    return made;
  }

  /** Bones and joints of a figure's mesh; kept in the cache. @throws StageError E_NOT_READY, E_CANCELLED, E_MEMORY. */
  async #skeleton(
    figure: RunResults,
    fewer: SimplifiedMesh | null,
    signal: AbortSignal,
  ): Promise<FigureSkeleton> {
    if (!figure.surface || !figure.pose) throw missing('figure to move');
    return this.#onDemand('rig', { ...figure, shape: fewer?.mesh ?? figure.surface.mesh }, {}, signal);
  }

  #onDemand<Id extends ResultId>(
    id: Id,
    given: RunResults,
    options: Partial<StageOptions>,
    signal: AbortSignal,
    progress: (fraction: number, note: string) => void = () => {},
  ): Promise<Results[Id]> {
    const { stages, cache, files, services } = this.#parts;
    const engine = this.#parts.engine();
    if (!engine) throw missing('mesh to save');
    const { detect, findPeople, solveSurface } = services;
    return makeOnDemand(id, given, options, {
      stages,
      cache,
      engine,
      services: {
        files,
        solveSurface,
        cutOut: async () => null,
        paintBack: async () => null,
        findPeople: (picture) => findPeople(picture, engine.networks),
        detect: ({ square, whom }) => detect(square, whom, engine.networks),
      },
      signal,
      progress,
    });
  }
}

function missing(what: string, stage: 'surface' | 'export' = 'export'): StageError {
  return new StageError(stage, 'E_NOT_READY', `There is no ${what} yet.`, {
    fix: 'Run a photo to the end first.',
  });
}
