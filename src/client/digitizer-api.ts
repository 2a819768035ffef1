/**
 * Contract of the digitizer worker (comlink). The client file never imports the worker's code.
 * The worker owns the GPUDevice and onnxruntime; one run at a time, first in first out.
 * Bitmaps and typed arrays in results are transferred: the worker keeps its own copy.
 */

import type { PlanarMap, RgbaImage } from '../base/images.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { PointReport } from '../digitizer/explain.ts';
import type { PixelReading } from '../digitizer/inspect.ts';
import type { MattingImport } from '../digitizer/matting-shelf.ts';
import type {
  ExportEvent,
  MachineReport,
  MapName,
  PackSummary,
  PartReport,
  PictureRequest,
  RunEvent,
  RunInput,
  RunOptions,
  RunReport,
  SimplifiedMesh,
} from '../digitizer/types.ts';
import type { ExportFormat, FileOptions } from '../export/formats.ts';
import type { PrintOptions } from '../export/print/print-options.ts';
import type { PrintPreview } from '../export/print/print-preview.ts';
import type { MattingSummary } from '../networks/matting/stored-matting.ts';
import type { PackDetails, StoredPackSummary } from '../networks/packs/details.ts';
import type { PackSource } from '../networks/packs/open.ts';
import type { PackFileFormat } from '../networks/packs/save-pack.ts';

export type {
  ExportFormat,
  FileOptions,
  MattingImport,
  MattingSummary,
  PackDetails,
  PackFileFormat,
  PackSource,
  PixelReading,
  PointReport,
  PrintOptions,
  PrintPreview,
  StoredPackSummary,
};

export interface RunResult {
  readonly report: RunReport;
  readonly mesh: SurfaceMesh;
}

export interface PackImport {
  readonly pack: PackSummary;
  readonly details: PackDetails;
  /** Key in the browser's storage; null when the pack could not be kept there. */
  readonly key: string | null;
  /** One sentence on why it was not kept; null when it was. */
  readonly notKept: string | null;
  /** Sentences about what was chosen in the file, or left out of it. */
  readonly notes: readonly string[];
}

export interface DigitizerApi {
  /**
   * Opens device and pack; called before anything else, and again for another pack or backend.
   *
   * @param poseFolder absolute URL of the pose graphs' folder, ending with "/".
   */
  start(
    poseFolder: string,
    pack: PackSource,
    options: RunOptions,
  ): Promise<{ machine: MachineReport; pack: PackSummary }>;
  /** Opens what the first photo will need, while the visitor still looks for one; what fails is told when it is needed. */
  prepare(): Promise<void>;
  /**
   * Runs the stages, from whatever can be reused. All events have been handled when it settles.
   *
   * @throws StageError of the stage that failed; E_CANCELLED.
   */
  run(input: RunInput, options: RunOptions, onEvent: (event: RunEvent) => void): Promise<RunResult>;
  /**
   * Makes a finished figure from storage the last result: files of its mesh can be had and smaller meshes made of it at once.
   * Its maps come with a run. Waits for its turn.
   */
  adopt(mesh: SurfaceMesh, report: RunReport): Promise<void>;
  /** Stops the current run, and those that wait for it, within 300 ms; what they computed stays. */
  cancel(): Promise<void>;
  /** 31 x (x, y, confidence) on the canvas of the last run, or null. */
  keypoints(): Promise<Float64Array<ArrayBuffer> | null>;
  /** A rough mesh while the surface of a run that wanted one is made; null before and after. */
  previewMesh(): Promise<SurfaceMesh | null>;
  partReports(): Promise<readonly PartReport[]>;
  /** Full-size picture of a stage, of a running one what has come so far; null when there is nothing. */
  picture(request: PictureRequest): Promise<ImageBitmap | null>;
  /** The same as values, for the reading under the pointer and for tests. */
  pixels(request: PictureRequest): Promise<RgbaImage | null>;
  /**
   * Depth along the ray in canvas px and unit normals of both sides at one canvas pixel; null outside the figure and
   * before its depth is there.
   */
  probe(row: number, column: number): Promise<PixelReading | null>;
  /** What every stage says of one canvas pixel; null before there is a photo. What has not come is null in it. */
  explain(row: number, column: number): Promise<PointReport | null>;
  /** A float map of the last run, for tools and tests; null when there is none. Units: docs/method.md. */
  map(name: MapName): Promise<PlanarMap | null>;
  /**
   * The last result's mesh with fewer triangles; the whole one stays. Made in the surface worker, once for each count:
   * a new count stops the one that is being made, and so does a new run.
   *
   * @param triangles most triangles wanted; a mesh that has no more comes back as it is.
   * @throws StageError E_NOT_READY without a result, E_CANCELLED, E_MEMORY, E_BAD_MESH.
   */
  simplify(triangles: number): Promise<SimplifiedMesh>;
  /** Stops the mesh that is being made; those that are ready stay. */
  cancelSimplify(): Promise<void>;
  /**
   * File of the last result. @throws StageError when there is none, and as simplify.
   *
   * @param triangles what mesh and report are of: as for simplify; null or left out = the whole surface. Some formats
   *   take fewer (EXPORTS, `mostTriangles`).
   * @param onEvent told how far a file is that takes long, and what the visitor should know of it.
   */
  exportFile(
    format: ExportFormat,
    triangles?: number | null,
    options?: FileOptions,
    onEvent?: (event: ExportEvent) => void,
  ): Promise<Blob>;
  /** The print that STL and 3MF would hold, red where walls are thin. @throws StageError as exportFile. */
  printPreview(triangles: number | null, options: PrintOptions): Promise<PrintPreview>;
  /** Stops the files, and the print, that are being made: their calls are rejected with E_CANCELLED. */
  cancelExport(): Promise<void>;
  /**
   * Takes the visitor's own weights (files or checkpoint): stores them where the browser lets us, opens them, and works
   * with them from now on. Waits for a run that goes on.
   *
   * @param onProgress fraction done, at most once a percent.
   * @throws StageError E_BAD_PACK or E_BAD_CHECKPOINT; nothing is stored then and the open pack stays.
   */
  importPack(source: PackSource, onProgress: (fraction: number) => void): Promise<PackImport>;
  /**
   * Takes a matting network (ONNX) of the visitor's own: keeps it where the browser lets us, and cuts people out with it
   * from now on. Waits for a run that goes on.
   *
   * @throws StageError E_BAD_PACK when it is no matting network, E_DEVICE when the runtime cannot open it; what was there
   *   stays.
   */
  importMatting(file: File, options: RunOptions): Promise<MattingImport>;
  /** The visitor's own matting network; null when there is none. */
  matting(): Promise<MattingSummary | null>;
  removeMatting(): Promise<void>;
  /**
   * Brings a pack of our own server into the browser's storage, beside whatever else goes on; the open pack stays. A
   * download that goes on already is stopped.
   *
   * @param folder address of the pack's folder.
   * @param onProgress fraction of the weights received, at most once a percent; after 1 they are checked.
   * @throws StageError E_DOWNLOAD, E_BAD_PACK or E_CANCELLED; nothing is stored then.
   */
  downloadPack(folder: string, onProgress: (fraction: number) => void): Promise<StoredPackSummary>;
  /** Stops the download that goes on; what came of it is removed. */
  cancelDownload(): Promise<void>;
  /** Packs in the browser's storage, by name. @throws StageError E_BAD_PACK where the browser refuses storage. */
  packs(): Promise<StoredPackSummary[]>;
  /** @throws StageError E_BAD_PACK for an empty name or an unknown key. */
  renamePack(key: string, name: string): Promise<void>;
  /** Weights are read from storage when a network is opened: open others before removing the pack in use. */
  removePack(key: string): Promise<void>;
  /** A pack as a zip of its two files, or of its eight networks as .onnx. @throws StageError E_INTERNAL, E_BAD_PACK. */
  packFile(pack: PackSource | 'current', format: PackFileFormat): Promise<Blob>;
}
