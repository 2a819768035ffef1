/** Decodes one picture or writes one file, and is then ended. Contract: files-client.ts. */
import * as Comlink from 'comlink';
import { StageError } from '../src/base/errors.ts';
import type { FilesApi } from '../src/client/files-client.ts';
import { registerStageErrorTransfer } from '../src/client/stage-error-transfer.ts';
import { trackedCallback } from '../src/client/tracked-callback.ts';
import { exportResult } from '../src/digitizer/export-result.ts';
import { inThisThread } from '../src/digitizer/file-work.ts';
import { decodeMask, decodePhoto } from '../src/intake/decode.ts';

registerStageErrorTransfer('files');

const api: FilesApi = {
  async decodePhoto(photo, side) {
    const decoded = await decodePhoto(photo, undefined, side);
    return Comlink.transfer(decoded, [decoded.image.data.buffer]);
  },

  async decodeMask(mask, photoSize) {
    const grey = await decodeMask(mask, photoSize);
    return Comlink.transfer(grey, [grey.data.buffer as ArrayBuffer]);
  },

  async write(format, content, onProgress) {
    const progress = trackedCallback(onProgress);
    const file = await withMemory(exportResult(format, content, progress.call));
    await progress.settled();
    return file;
  },

  skeleton: (mesh, keypoints, lens) => withMemory(inThisThread.skeleton(mesh, keypoints, lens)),

  async printPreview(mesh, options) {
    const preview = await withMemory(inThisThread.printPreview(mesh, options));
    return Comlink.transfer(
      preview,
      Object.values(preview.mesh).map((array) => array.buffer),
    );
  },
};

async function withMemory<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    // What browsers throw for an array that they have no memory for.
    if (!(thrown instanceof RangeError) || !/alloc|memory|length/i.test(thrown.message)) throw thrown;
    throw new StageError('export', 'E_MEMORY', 'There is no memory to write the file.', {
      fix: 'Close other tabs, or save the figure with fewer triangles.',
      cause: thrown,
    });
  }
}

Comlink.expose(api);
