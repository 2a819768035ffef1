/**
 * Writes files in its own thread (comlink). A writer blocks this thread while it works; to cancel, terminate it.
 * Contract: export-client.ts.
 */
import * as Comlink from 'comlink';
import type { ExportWorkerApi } from '../src/client/export-client.ts';
import { registerStageErrorTransfer } from '../src/client/stage-error-transfer.ts';
import { trackedCallback } from '../src/client/tracked-callback.ts';
import { encodeMesh } from '../src/export/encode-mesh.ts';

registerStageErrorTransfer('export');

const api: ExportWorkerApi = {
  async encode({ format, mesh, facts, options }, onProgress) {
    const progress = trackedCallback(onProgress);
    const bytes = await encodeMesh(format, mesh, facts, options, progress.call);
    await progress.settled();
    return Comlink.transfer(bytes, [bytes.buffer]);
  },

  async printPreview(mesh, options) {
    const { makePrintSolid } = await import('../src/export/print/print-solid.ts');
    const { previewOf } = await import('../src/export/print/print-preview.ts');
    const solid = await makePrintSolid(mesh, options);
    const preview = { mesh: previewOf(solid, options.heightMm), facts: solid.facts };
    return Comlink.transfer(
      preview,
      Object.values(preview.mesh).map((array) => array.buffer),
    );
  },
};

Comlink.expose(api);
