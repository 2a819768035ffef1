/**
 * What blocks the thread it runs in, because browsers and compressors offer no pause: decoding a picture and writing a file.
 * The page gives it a worker (src/client/files-client.ts); in tests it runs in the thread of the run.
 */
import type { GreyImage, PlanarMap } from '../base/images.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { FigureSkeleton } from '../base/skeleton.ts';
import { nextTask } from '../base/steps.ts';
import type { EncodeProgress } from '../export/encode-mesh.ts';
import { EXPORTS, type ExportFormat } from '../export/formats.ts';
import type { WholeFigure } from '../export/placement.ts';
import type { PrintOptions } from '../export/print/print-options.ts';
import type { PrintPreview } from '../export/print/print-preview.ts';
import type { KeypointTable, PartId } from '../geometry/body.ts';
import type { CanvasCamera } from '../geometry/framing.ts';
import type { DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { type DecodedPhoto, decodeMask, decodePhoto } from '../intake/decode.ts';
import type { Size } from '../intake/exif-turn.ts';
import { exportResult, type FileContent } from './export-result.ts';
import { extentOf, wholeFigure } from './figure-scale.ts';
import { skeletonOf } from './figure-skeleton.ts';
import type { RunResults } from './stage.ts';

/** Maps of a run in ordinary memory. */
export interface FigureMaps {
  /** [2, 2048, 2048]. */
  readonly depth: PlanarMap;
  /** [6, 2048, 2048]. */
  readonly mergedNormals: PlanarMap;
  /** [6, h, w] each. */
  readonly parts: readonly { readonly part: PartId; readonly normals: PlanarMap }[];
}

/** What files are written of: nothing in it is bound to a device, so that it can be sent to another thread. */
export type FileResults = Pick<RunResults, 'surface' | 'cloud' | 'report' | 'photo' | 'figure'> & {
  readonly maps?: FigureMaps;
  /** Where the mesh is only part of the person. */
  readonly whole?: WholeFigure | null;
};

export interface FileWork {
  /** As decodePhoto of src/intake. */
  decodePhoto(photo: Blob, signal: AbortSignal, side?: number): Promise<DecodedPhoto>;
  /** As decodeMask of src/intake. */
  decodeMask(mask: Blob, photoSize: Size, signal: AbortSignal): Promise<GreyImage>;
  /** As exportResult. @param content the maps among its results are used up; the rest stays the caller's. */
  write(
    format: ExportFormat,
    content: FileContent,
    onProgress?: EncodeProgress,
    signal?: AbortSignal,
  ): Promise<Blob>;
  /** As skeletonOf; the mesh stays the caller's. */
  skeleton(
    mesh: SurfaceMesh,
    keypoints: KeypointTable,
    lens: CanvasCamera,
    signal?: AbortSignal,
  ): Promise<FigureSkeleton>;
  /** The print that STL and 3MF would hold, to look at; the mesh stays the caller's. */
  printPreview(mesh: SurfaceMesh, options: PrintOptions, signal?: AbortSignal): Promise<PrintPreview>;
}

const printPreview: FileWork['printPreview'] = async (mesh, options) => {
  const { makePrintPreview } = await import('../export/print/print-preview.ts');
  return makePrintPreview(mesh, options);
};

export const inThisThread: FileWork = {
  decodePhoto,
  decodeMask: (mask, photoSize, signal) => decodeMask(mask, photoSize, signal),
  write: (format, content, onProgress) => exportResult(format, content, onProgress),
  skeleton: async (mesh, keypoints, lens) => skeletonOf(mesh, keypoints, lens),
  printPreview,
};

/**
 * Of a run's results, those that a format needs; what has not been made yet is left out, and the writer says so.
 *
 * @param kernels the set that the maps of `results` live in.
 */
export async function fileResults(
  format: ExportFormat,
  results: RunResults,
  kernels: KernelSet | null,
): Promise<FileResults> {
  const { surface, cloud, report, photo, figure } = results;
  switch (EXPORTS[format].needs) {
    case 'mesh':
      return { surface, report, whole: wholeOf(results) };
    case 'textured mesh':
      return { report, whole: wholeOf(results) };
    case 'report':
      return { report };
    case 'cloud':
      return { cloud };
    case 'maps':
      return { photo, figure, report, maps: kernels ? await figureMaps(results, kernels) : undefined };
  }
}

function wholeOf(results: RunResults): WholeFigure | null {
  const { surface, report } = results;
  if (!surface || report?.mode !== 'robust') return null;
  return wholeFigure(results, extentOf(surface.mesh.positions));
}

async function figureMaps(
  { fineDepth, mergedNormals, partNormals }: RunResults,
  kernels: KernelSet,
): Promise<FigureMaps | undefined> {
  if (!fineDepth || !mergedNormals || !partNormals) return undefined;
  const copy = async (map: DeviceMap) => {
    // A copy of the merged normals, 96 MiB, takes a frame or two.
    await nextTask();
    return kernels.download(map);
  };
  const depth = await copy(fineDepth.depth);
  const normals = await copy(mergedNormals);
  const parts: { part: PartId; normals: PlanarMap }[] = [];
  for (const result of partNormals) parts.push({ part: result.part, normals: await copy(result.normals) });
  return { depth, mergedNormals: normals, parts };
}
