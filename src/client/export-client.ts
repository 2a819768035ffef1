/**
 * Starts the worker that writes files, hands it meshes, and cancels by terminating it. One file at a time: a second call
 * waits for the first. The worker goes with its file: writers leave a multiple of the mesh behind.
 */

import { StageError } from '../base/errors.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import type { EncodeProgress, FigureFacts } from '../export/encode-mesh.ts';
import type { FileOptions, MeshFormat } from '../export/formats.ts';
import type { MeshData } from '../export/mesh-data.ts';
import type { PrintOptions } from '../export/print/print-options.ts';
import type { PrintFacts } from '../export/print/print-solid.ts';
import { linkWorker } from './worker-link.ts';

/** A print as the viewer shows it, red where walls are thin, and what can be said of it. */
export interface PrintPreview {
  readonly mesh: SurfaceMesh;
  readonly facts: PrintFacts;
}

export interface EncodeJob {
  readonly format: MeshFormat;
  readonly mesh: MeshData;
  readonly facts: FigureFacts;
  readonly options: FileOptions;
}

/** What the worker exposes. */
export interface ExportWorkerApi {
  encode(job: EncodeJob, onProgress: EncodeProgress): Promise<Uint8Array<ArrayBuffer>>;
  printPreview(mesh: MeshData, options: PrintOptions): Promise<PrintPreview>;
}

export interface ExportClient {
  /**
   * @param job its mesh stays the caller's: the worker gets a copy.
   * @throws StageError E_BAD_MESH, E_MEMORY, E_CANCELLED (the signal was aborted), E_INTERNAL (the worker died).
   */
  encode(job: EncodeJob, onProgress?: EncodeProgress, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** The print that encode() would write, to look at. @throws StageError as encode. */
  printPreview(mesh: MeshData, options: PrintOptions, signal?: AbortSignal): Promise<PrintPreview>;
}

export function createExportClient(): ExportClient {
  const queue = new SerialQueue();
  const work = <T>(signal: AbortSignal | undefined, ask: (api: ExportWorkerApi) => Promise<T>): Promise<T> =>
    queue.add(async () => {
      if (signal?.aborted) throw cancelled();
      const worker = new Worker(new URL('../../workers/export.worker.ts', import.meta.url), {
        type: 'module',
        name: 'export',
      });
      const { api, end } = linkWorker<ExportWorkerApi>(worker, died);
      const stop = () => end(cancelled());
      signal?.addEventListener('abort', stop, { once: true });
      try {
        return await ask(api);
      } finally {
        signal?.removeEventListener('abort', stop);
        stop();
      }
    });
  return {
    encode: (job, onProgress = () => {}, signal) => work(signal, (api) => api.encode(job, onProgress)),
    printPreview: (mesh, options, signal) => work(signal, (api) => api.printPreview(mesh, options)),
  };
}

function cancelled(): StageError {
  return new StageError('export', 'E_CANCELLED', 'Saving was cancelled.', {
    fix: 'Save again when you like.',
  });
}

function died(message: string): StageError {
  return new StageError(
    'export',
    'E_INTERNAL',
    `The worker that writes files stopped: ${message || 'no reason given'}.`,
    { fix: 'Try again, with other tabs closed if memory is short. The figure is still there.' },
  );
}
