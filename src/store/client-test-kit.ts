/** For tests only: a client whose runs the test drives by hand, and small things for it to hand out. */

import { vi } from 'vitest';
import { StageError } from '../base/errors.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { PackImport, PointReport, RunResult, StoredPackSummary } from '../client/digitizer-api.ts';
import type { DigitizerClient } from '../client/digitizer-client.ts';
import type {
  ExportEvent,
  MachineReport,
  PackSummary,
  RunEvent,
  RunInput,
  RunReport,
  SimplifiedMesh,
} from '../digitizer/types.ts';
import { createPreferences, memoryStorage } from './preferences.ts';

export const MACHINE: MachineReport = {
  backend: 'wasm',
  reason: 'no WebGPU in this browser',
  adapter: '',
  precision: 'f32',
  kernels: 'cpu',
  crossOriginIsolated: true,
  threads: 2,
};
export const PACK: PackSummary = {
  id: 'starter',
  name: 'starter',
  version: '1',
  licence: 'CC0',
  trainingData: 'synthetic',
  sizeBytes: 1,
  parameterCount: 1,
};

export function storedPack(key: string, name: string): StoredPackSummary {
  const widths = {
    coarseNormal: 8,
    coarseDepth: 4,
    face: 8,
    upper: 8,
    arm: 8,
    leg: 8,
    foot: 8,
    fineDepth: 4,
  };
  return {
    ...PACK,
    key,
    id: name,
    name,
    precision: 'f32',
    widths,
    accuracy: [],
    accuracyNote: 'not measured',
    weightsSha256: `hash of ${name}`,
  };
}

/** Keeps packs as the browser's storage would; the keys count up. Downloads go as far as the test drives them. */
function scriptedPacks() {
  const stored: StoredPackSummary[] = [];
  const downloads: {
    url: string;
    progress(fraction: number): void;
    finish(pack: StoredPackSummary): void;
    fail(error: StageError): void;
  }[] = [];
  let serial = 0;
  return {
    stored,
    downloads,
    importPack: vi.fn(
      async (_source: unknown, onProgress: (fraction: number) => void): Promise<PackImport> => {
        onProgress(0.5);
        const pack = storedPack(`key-${++serial}`, `Mine ${serial}`);
        stored.push(pack);
        return { pack, details: pack, key: pack.key, notKept: null, notes: [] };
      },
    ),
    packs: vi.fn(async () => [...stored]),
    renamePack: vi.fn(async (key: string, name: string) => {
      const at = stored.findIndex((pack) => pack.key === key);
      stored[at] = { ...stored[at], name };
    }),
    removePack: vi.fn(async (key: string) => {
      stored.splice(
        stored.findIndex((pack) => pack.key === key),
        1,
      );
    }),
    downloadPack: vi.fn(
      (url: string, onProgress: (fraction: number) => void) =>
        new Promise<StoredPackSummary>((resolve, reject) => {
          downloads.push({
            url,
            progress: onProgress,
            finish(pack) {
              stored.push(pack);
              resolve(pack);
            },
            fail: reject,
          });
        }),
    ),
    cancelDownload: vi.fn(async () => {
      downloads
        .at(-1)
        ?.fail(new StageError('pack', 'E_CANCELLED', 'The download was cancelled.', { fix: '' }));
    }),
    packFile: vi.fn(async (_id: string, format: string) => new Blob([format])),
  };
}

export function bitmap() {
  return { width: 4, height: 4, close: vi.fn() } satisfies ImageBitmap;
}

function result(name: string, change: Partial<RunReport> = {}): RunResult {
  const report: RunReport = {
    name,
    mode: 'robust',
    machine: MACHINE,
    pack: PACK,
    people: null,
    tileSizePx: 512,
    tiles: { run: 1, total: 1 },
    stages: [],
    totalMs: 5,
    peakDeviceBytes: 0,
    memory: {
      kernelsPeakBytes: 0,
      runtimePeakBytes: null,
      runtimeHeapBytes: null,
      devicePeakBytes: null,
      surfacePeakBytes: 0,
    },
    points: 1,
    vertices: 190_002,
    triangles: 380_000,
    boundaryEdges: 0,
    nonManifoldEdges: 0,
    components: 1,
    notices: [],
    simplified: null,
    ...change,
  };
  return { report, mesh: triangle() };
}

const PRINT_FACTS = {
  triangles: 1200,
  sizeMm: [60, 50, 160] as const,
  volumeCm3: 80,
  thinShare: 0.02,
  pieces: 1,
};

function triangle(): SurfaceMesh {
  return {
    positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0),
    normals: Float32Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1),
    colours: new Uint8Array(9),
    seen: new Uint8Array(3),
    confidence: new Uint8Array(3),
    indices: new Uint32Array([0, 1, 2]),
  };
}

/** What the worker would answer: a closed mesh of nearly as many triangles as were wanted. */
function simplified(wantedTriangles: number): SimplifiedMesh {
  const triangles = wantedTriangles - 2;
  return {
    mesh: triangle(),
    report: {
      wantedTriangles,
      triangles,
      vertices: triangles / 2 + 2,
      boundaryEdges: 0,
      nonManifoldEdges: 0,
      components: 1,
      elapsedMs: 5,
    },
  };
}

/** Preferences of a browser that forgets everything with the test. */
export const quietPreferences = () => {
  const [kept, perTab] = [memoryStorage(), memoryStorage()];
  return createPreferences(
    () => kept,
    () => perTab,
  );
};

/** A client whose runs and smaller meshes the test drives by hand. */
export function scriptedClient() {
  const runs: {
    input: RunInput;
    emit(event: RunEvent): void;
    finish(report?: Partial<RunReport>): void;
    fail(error: StageError): void;
  }[] = [];
  const simplifications: {
    triangles: number;
    finish(): void;
    fail(error: StageError): void;
  }[] = [];
  const packs = scriptedPacks();
  const client = {
    start: vi.fn(async () => ({ machine: MACHINE, pack: PACK })),
    prepare: vi.fn(async () => {}),
    run: vi.fn(
      (input: RunInput, _options: unknown, emit: (event: RunEvent) => void) =>
        new Promise<RunResult>((resolve, reject) => {
          runs.push({ input, emit, finish: (report) => resolve(result(input.name, report)), fail: reject });
        }),
    ),
    cancel: vi.fn(async () => {
      runs.at(-1)?.fail(new StageError('coarse', 'E_CANCELLED', 'The run was cancelled.', { fix: '' }));
    }),
    adopt: vi.fn(async () => {}),
    keypoints: vi.fn(async () => new Float64Array(93)),
    partReports: vi.fn(async () => []),
    previewMesh: vi.fn(async (): Promise<SurfaceMesh | null> => null),
    picture: vi.fn(async (): Promise<ImageBitmap> => bitmap()),
    pixels: vi.fn(async () => ({ width: 1, height: 1, data: new Uint8ClampedArray(4) })),
    explain: vi.fn(async (): Promise<PointReport | null> => null),
    probe: vi.fn(async () => null),
    map: vi.fn(async () => null),
    simplify: vi.fn(
      (triangles: number) =>
        new Promise<SimplifiedMesh>((resolve, reject) => {
          simplifications.push({ triangles, finish: () => resolve(simplified(triangles)), fail: reject });
        }),
    ),
    cancelSimplify: vi.fn(async () => {
      simplifications.at(-1)?.fail(new StageError('surface', 'E_CANCELLED', 'Cancelled.', { fix: '' }));
    }),
    exportFile: vi.fn(
      async (
        _format: string,
        _triangles?: number | null,
        _options?: unknown,
        _onEvent?: (event: ExportEvent) => void,
      ): Promise<Blob> => new Blob(['glb']),
    ),
    printPreview: vi.fn(async () => ({ mesh: triangle(), facts: PRINT_FACTS })),
    cancelExport: vi.fn(async () => {}),
    importPack: packs.importPack,
    importMatting: vi.fn<DigitizerClient['importMatting']>(async () => {
      throw new StageError('matte', 'E_BAD_PACK', 'No network.', { fix: '' });
    }),
    matting: vi.fn<DigitizerClient['matting']>(async () => null),
    removeMatting: vi.fn(async () => {}),
    packs: packs.packs,
    renamePack: packs.renamePack,
    removePack: packs.removePack,
    packFile: packs.packFile,
    downloadPack: packs.downloadPack,
    cancelDownload: packs.cancelDownload,
    dispose: vi.fn(),
  };
  return {
    client: client satisfies DigitizerClient,
    runs,
    simplifications,
    stored: packs.stored,
    downloads: packs.downloads,
  };
}
