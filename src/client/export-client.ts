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
import { linkWorker } from './worker-link.ts';

export interface EncodeJob {
  readonly format: MeshFormat;
  readonly mesh: MeshData | SurfaceMesh;
  readonly facts: FigureFacts;
  readonly options: FileOptions;
}

/** What the worker exposes. */
export interface ExportWorkerApi {
  encode(job: EncodeJob, onProgress: EncodeProgress): Promise<Uint8Array<ArrayBuffer>>;
}

export interface ExportClient {
  /**
   * @param job its mesh stays the caller's: the worker gets a copy.
   * @throws StageError E_BAD_MESH, E_MEMORY, E_CANCELLED (the signal was aborted), E_INTERNAL (the worker died).
   */
  encode(job: EncodeJob, onProgress?: EncodeProgress, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

export function createExportClient(): ExportClient {
  const queue = new SerialQueue();
  return {
    encode: (job, onProgress = () => {}, signal) =>
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
          return await api.encode(job, onProgress);
        } finally {
          signal?.removeEventListener('abort', stop);
          stop();
        }
      }),
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
