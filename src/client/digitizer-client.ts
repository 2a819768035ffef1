/**
 * The page's side of the digitizer worker: starts it, and ends it.
 * Bitmaps and typed arrays that come back belong to the caller.
 */
import { StageError } from '../base/errors.ts';
import type { MachineReport, PackSummary, RunOptions } from '../digitizer/types.ts';
import { checkBrowser } from './browser-needs.ts';
import type { DigitizerApi, PackFileFormat, PackSource } from './digitizer-api.ts';
import { linkWorker } from './worker-link.ts';

export interface DigitizerClient extends PlainCalls {
  /** Opens the device and the pack; `pack` defaults to the bundled starter, a relative URL is meant from the page. */
  start(options: RunOptions, pack?: PackSource): Promise<{ machine: MachineReport; pack: PackSummary }>;
  /** Folder relative to the page, or absolute. */
  downloadPack: DigitizerApi['downloadPack'];
  /** `starter`, `current`, or the key of a stored pack. */
  packFile(id: string, format: PackFileFormat): Promise<Blob>;
  /** Ends the worker; twice is harmless. */
  dispose(): void;
}

/** @throws StageError E_UNSUPPORTED where the browser lacks what it needs. */
export function createDigitizerClient(): DigitizerClient {
  checkBrowser();
  const worker = new Worker(new URL('../../workers/digitizer.worker.ts', import.meta.url), {
    type: 'module',
    name: 'digitizer',
  });
  const { api, end } = linkWorker<DigitizerApi>(worker, (message) =>
    stopped(message || 'it could not be loaded'),
  );
  const base = new URL('.', document.baseURI);
  const poseFolder = new URL('pose/', base).href;

  const starter: PackSource = { kind: 'url', url: new URL('packs/starter/', base).href };
  /** A relative address is meant from the page; the worker lies elsewhere. */
  const atPage = (source: PackSource): PackSource =>
    source.kind === 'url' ? { kind: 'url', url: new URL(source.url, base).href } : source;
  const packOf = (id: string): PackSource | 'current' => {
    if (id === 'current') return id;
    return id === 'starter' ? starter : { kind: 'stored', key: id };
  };

  return {
    ...callsOf(api),
    start: (options, pack = starter) => api.start(poseFolder, atPage(pack), options),
    downloadPack: (folder, onProgress) => api.downloadPack(new URL(folder, base).href, onProgress),
    packFile: (id, format) => api.packFile(packOf(id), format),
    dispose() {
      end(new StageError('digitizer', 'E_CANCELLED', 'The page was closed.', { fix: 'Open it again.' }));
    },
  };
}

function stopped(why: string): StageError {
  return new StageError('digitizer', 'E_DEVICE', `The worker stopped: ${why}.`, {
    fix: 'Reload the page. If it happens again, close other tabs to free memory.',
  });
}

/** The worker's calls that the page makes as they are. */
const PLAIN_CALLS = [
  'run',
  'adopt',
  'prepare',
  'cancel',
  'keypoints',
  'partReports',
  'previewMesh',
  'picture',
  'pixels',
  'probe',
  'explain',
  'map',
  'simplify',
  'cancelSimplify',
  'exportFile',
  'cancelExport',
  'printPreview',
  'importPack',
  'importMatting',
  'matting',
  'removeMatting',
  'packs',
  'cancelDownload',
  'renamePack',
  'removePack',
] as const satisfies readonly (keyof DigitizerApi)[];
type PlainCalls = Pick<DigitizerApi, (typeof PLAIN_CALLS)[number]>;

function callsOf(api: DigitizerApi): PlainCalls {
  return Object.fromEntries(PLAIN_CALLS.map((name) => [name, api[name]])) as unknown as PlainCalls;
}
