/**
 * Decodes pictures and writes files in a worker that is ended after each: decoders, canvases and compressors block the
 * thread they run in, and their memory, hundreds of MiB for a large photo, goes with the worker. Cancelling ends it too.
 */
import * as Comlink from 'comlink';
import { StageError, throwIfCancelled } from '../base/errors.ts';
import type { GreyImage } from '../base/images.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import type { FigureSkeleton } from '../base/skeleton.ts';
import type { FileContent } from '../digitizer/export-result.ts';
import type { FigureMaps, FileWork } from '../digitizer/file-work.ts';
import type { EncodeProgress } from '../export/encode-mesh.ts';
import type { ExportFormat } from '../export/formats.ts';
import type { PrintOptions } from '../export/print/print-options.ts';
import type { PrintPreview } from '../export/print/print-preview.ts';
import type { KeypointTable } from '../geometry/body.ts';
import type { CanvasCamera } from '../geometry/framing.ts';
import type { DecodedPhoto } from '../intake/decode.ts';
import type { Size } from '../intake/exif-turn.ts';
import { linkWorker, type WorkerLink } from './worker-link.ts';

/** What the worker exposes. */
export interface FilesApi {
  decodePhoto(photo: Blob, side?: number): Promise<DecodedPhoto>;
  decodeMask(mask: Blob, photoSize: Size): Promise<GreyImage>;
  write(format: ExportFormat, content: FileContent, onProgress: EncodeProgress): Promise<Blob>;
  skeleton(mesh: SurfaceMesh, keypoints: KeypointTable, lens: CanvasCamera): Promise<FigureSkeleton>;
  printPreview(mesh: SurfaceMesh, options: PrintOptions): Promise<PrintPreview>;
}

export interface FilesClient extends FileWork {
  /** Starts the worker of the next task ahead of it. */
  prepare(): void;
}

const died = (stage: string, message: string) =>
  new StageError(stage, 'E_INTERNAL', `Its worker stopped: ${message || 'it could not be loaded'}.`, {
    fix: 'Try again. If it happens again, close other tabs to free memory, or reload the page.',
  });

function cancelled(stage: string): StageError {
  const [what, fix] =
    stage === 'export'
      ? ['Saving was cancelled.', 'Save again when you like.']
      : ['The run was cancelled.', 'Start it again when you like.'];
  return new StageError(stage, 'E_CANCELLED', what, { fix });
}

const buffersOf = ({ depth, mergedNormals, parts }: FigureMaps) =>
  [depth, mergedNormals, ...parts.map(({ normals }) => normals)].map(({ data }) => data.buffer);

export function createFilesClient(): FilesClient {
  /** Files are written one at a time: each takes a multiple of the mesh. */
  const writing = new SerialQueue();
  let spare: WorkerLink<FilesApi> | null = null;
  let stage = 'files';

  const start = () =>
    linkWorker<FilesApi>(
      new Worker(new URL('../../workers/files.worker.ts', import.meta.url), {
        type: 'module',
        name: 'files',
      }),
      (message) => {
        spare = null;
        return died(stage, message);
      },
    );

  /** One task in a worker of its own. */
  async function work<T>(
    of: string,
    signal: AbortSignal | undefined,
    ask: (api: FilesApi) => Promise<T>,
  ): Promise<T> {
    throwIfCancelled(signal, of);
    stage = of;
    const link = spare ?? start();
    spare = null;
    const end = () => link.end(cancelled(of));
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await ask(link.api);
    } finally {
      signal?.removeEventListener('abort', end);
      end();
    }
  }

  return {
    prepare() {
      spare ??= start();
    },
    decodePhoto: (photo, signal, side) => work('photo', signal, (api) => api.decodePhoto(photo, side)),
    decodeMask: (mask, photoSize, signal) => work('matte', signal, (api) => api.decodeMask(mask, photoSize)),
    write: (format, content, onProgress = () => {}, signal) =>
      writing.add(() =>
        work('export', signal, (api) => {
          const sent = withoutWhole(content);
          const { maps } = content.results;
          return api.write(format, maps ? Comlink.transfer(sent, buffersOf(maps)) : sent, onProgress);
        }),
      ),
    skeleton: (mesh, keypoints, lens, signal) =>
      writing.add(() => work('export', signal, (api) => api.skeleton(mesh, keypoints, lens))),
    printPreview: (mesh, options, signal) =>
      writing.add(() => work('export', signal, (api) => api.printPreview(mesh, options))),
  };
}

/** The mesh that is written instead of the whole one need not be sent twice. */
function withoutWhole(content: FileContent): FileContent {
  const { results, simplified } = content;
  if (!simplified || !results.surface) return content;
  return { ...content, results: { ...results, surface: { ...results.surface, mesh: simplified.mesh } } };
}
