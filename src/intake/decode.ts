/**
 * Decodes a picture in a worker that is ended afterwards: browsers decode, scale and read pixels in one go, a second and
 * more for a large photo, and the canvases take hundreds of MiB. The work itself is in decode-picture.ts.
 */
import { StageError, throwIfCancelled } from '../base/errors.ts';
import type { GreyImage } from '../base/images.ts';
import type { DecodeAnswer, DecodeRequest } from './decode.worker.ts';
import type { DecodedPhoto } from './decode-picture.ts';
import type { Size } from './exif-turn.ts';

export type { DecodedPhoto };

/** As decodePhoto of decode-picture.ts. @throws StageError also E_CANCELLED, at once when the signal is aborted. */
export function decodePhoto(blob: Blob, signal?: AbortSignal, side?: number): Promise<DecodedPhoto> {
  return decoded<DecodedPhoto>({ kind: 'photo', blob, side }, 'photo', signal);
}

/** As decodeMask of decode-picture.ts. @throws StageError also E_CANCELLED, at once when the signal is aborted. */
export function decodeMask(blob: Blob, photoSize: Size, signal?: AbortSignal): Promise<GreyImage> {
  return decoded<GreyImage>({ kind: 'mask', blob, photoSize }, 'matte', signal);
}

/** Workers at work: one that nothing refers to may be collected, and its answer with it. */
const atWork = new Set<Worker>();

async function decoded<T>(
  request: DecodeRequest,
  stage: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  throwIfCancelled(signal, stage);
  const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
  atWork.add(worker);
  let onAbort = () => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      onAbort = () => {
        try {
          throwIfCancelled(signal, stage);
        } catch (cancelled) {
          reject(cancelled);
        }
      };
      signal?.addEventListener('abort', onAbort);
      const died = (why: string) =>
        reject(
          new StageError(stage, 'E_INTERNAL', `The decoder stopped: ${why}.`, {
            fix: 'Try again. If it happens again, close other tabs to free memory, or use a smaller picture.',
          }),
        );
      worker.onerror = (event) => died(event.message || 'it could not be loaded');
      worker.onmessageerror = () => died('there is no memory for its answer');
      worker.onmessage = ({ data }: MessageEvent<DecodeAnswer>) => {
        if (data.kind === 'failed') reject(StageError.fromData(data.error));
        else resolve(data.value as T);
      };
      worker.postMessage(request);
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    worker.terminate();
    atWork.delete(worker);
  }
}
