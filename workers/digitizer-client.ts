/**
 * The page's side of the digitizer worker: starts it and turns its errors back into StageErrors.
 * Bitmaps and typed arrays that come back belong to the caller.
 */
import * as Comlink from 'comlink';
import { StageError } from '../src/base/errors.ts';
import type { MachineReport, PackSummary, RunEvent, RunInput, RunOptions } from '../src/digitizer/types.ts';
import type { DigitizerApi, PackFileFormat, PackSource } from './digitizer-api.ts';
import { registerStageErrorTransfer } from './stage-error-transfer.ts';

export type DigitizerClient = {
  /** Opens the device and the pack; `pack` defaults to the bundled starter, a relative URL is meant from the page. */
  start(options: RunOptions, pack?: PackSource): Promise<{ machine: MachineReport; pack: PackSummary }>;
  run(
    input: RunInput,
    options: RunOptions,
    onEvent: (event: RunEvent) => void,
  ): ReturnType<DigitizerApi['run']>;
  importPack(
    source: PackSource,
    onProgress: (fraction: number) => void,
  ): ReturnType<DigitizerApi['importPack']>;
  /** Folder relative to the page, or absolute. */
  downloadPack(
    folder: string,
    onProgress: (fraction: number) => void,
  ): ReturnType<DigitizerApi['downloadPack']>;
  /** `starter`, `current`, or the key of a stored pack. */
  packFile(id: string, format: PackFileFormat): Promise<Blob>;
  /** Ends the worker; twice is harmless. */
  dispose(): void;
} & Pick<
  DigitizerApi,
  | 'cancel'
  | 'keypoints'
  | 'partReports'
  | 'picture'
  | 'pixels'
  | 'probe'
  | 'map'
  | 'simplify'
  | 'cancelSimplify'
  | 'exportFile'
  | 'packs'
  | 'cancelDownload'
  | 'renamePack'
  | 'removePack'
>;

export function createDigitizerClient(): DigitizerClient {
  registerStageErrorTransfer();
  const worker = new Worker(new URL('./digitizer.worker.ts', import.meta.url), {
    type: 'module',
    name: 'digitizer',
  });
  const api = Comlink.wrap<DigitizerApi>(worker);
  const base = new URL('.', document.baseURI);
  const poseFolder = new URL('pose/', base).href;
  let disposed = false;

  // A worker that dies (out of memory, a broken download) answers nothing: this promise makes its callers hear of it.
  const death = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      reject(
        new StageError(
          'digitizer',
          'E_DEVICE',
          `The worker stopped: ${event.message || 'it could not be loaded'}.`,
          {
            fix: 'Reload the page. If it happens again, close other tabs to free memory.',
          },
        ),
      );
    });
  });
  death.catch(() => {});
  const orDeath = <T>(work: Promise<T>): Promise<T> => Promise.race([work, death]);

  const starter: PackSource = { kind: 'url', url: new URL('packs/starter/', base).href };
  /** A relative address is meant from the page; the worker lies elsewhere. */
  const atPage = (source: PackSource): PackSource =>
    source.kind === 'url' ? { kind: 'url', url: new URL(source.url, base).href } : source;
  const packOf = (id: string): PackSource | 'current' => {
    if (id === 'current') return id;
    return id === 'starter' ? starter : { kind: 'stored', key: id };
  };

  return {
    start: (options, pack = starter) => orDeath(api.start(poseFolder, atPage(pack), options)),
    run: (input, options, onEvent) => orDeath(api.run(input, options, Comlink.proxy(onEvent))),
    cancel: () => orDeath(api.cancel()),
    keypoints: () => orDeath(api.keypoints()),
    partReports: () => orDeath(api.partReports()),
    picture: (request) => orDeath(api.picture(request)),
    pixels: (request) => orDeath(api.pixels(request)),
    probe: (row, column) => orDeath(api.probe(row, column)),
    map: (name) => orDeath(api.map(name)),
    simplify: (triangles) => orDeath(api.simplify(triangles)),
    cancelSimplify: () => orDeath(api.cancelSimplify()),
    exportFile: (format, triangles) => orDeath(api.exportFile(format, triangles)),
    importPack: (source, onProgress) => orDeath(api.importPack(source, Comlink.proxy(onProgress))),
    downloadPack: (folder, onProgress) =>
      orDeath(api.downloadPack(new URL(folder, base).href, Comlink.proxy(onProgress))),
    cancelDownload: () => orDeath(api.cancelDownload()),
    packs: () => orDeath(api.packs()),
    renamePack: (key, name) => orDeath(api.renamePack(key, name)),
    removePack: (key) => orDeath(api.removePack(key)),
    packFile: (id, format) => orDeath(api.packFile(packOf(id), format)),
    dispose() {
      if (disposed) return;
      disposed = true;
      worker.terminate();
    },
  };
}
