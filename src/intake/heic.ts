/** Decodes a HEIC photo in a worker. Nothing of it is loaded before the first such photo. */
import type { HeicRequest } from './heic.worker.ts';
import type { HeicAnswer } from './heic-image.ts';

/**
 * Decodes the primary picture of a HEIC file in a worker of its own, which is ended afterwards.
 *
 * @param bytes taken over by the worker.
 * @param cutOff bytes at the end are only padding: look for tiles without data.
 * @param signal ends the worker; the promise then rejects with the signal's reason.
 */
export async function decodeHeic(
  bytes: ArrayBuffer,
  maxSide: number,
  cutOff: boolean,
  signal?: AbortSignal,
): Promise<HeicAnswer> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL('./heic.worker.ts', import.meta.url), { type: 'module' });
  try {
    return await new Promise<HeicAnswer>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<HeicAnswer>) => resolve(data);
      worker.onerror = (event) =>
        resolve({ kind: 'failed', reason: event.message || 'the decoder could not be loaded' });
      worker.onmessageerror = () => resolve({ kind: 'failed', reason: 'there is no memory for its answer' });
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      const request: HeicRequest = { bytes, maxSide, cutOff };
      worker.postMessage(request, [bytes]);
    });
  } finally {
    worker.terminate();
  }
}
