/**
 * Results as they can be sent to another thread, for the files that take long to write there: the cloud, and the original's
 * folder (33 pictures and clouds, seven seconds on a busy machine).
 */
import type { PlanarMap } from '../base/images.ts';
import { nextTask } from '../base/steps.ts';
import { EXPORTS, type ExportFormat } from '../export/formats.ts';
import { cpuMap, type DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import type { RunResults } from './stage.ts';
import type { PartResult } from './stages/part-normals.ts';

/** Maps of a run in ordinary memory. */
export interface FigureMaps {
  readonly depth: PlanarMap;
  readonly mergedNormals: PlanarMap;
  readonly parts: readonly (Pick<PartResult, 'part' | 'kind'> & { readonly normals: PlanarMap })[];
}

/** Nothing in it is bound to a device. */
export type FileResults = Pick<RunResults, 'cloud' | 'report' | 'photo' | 'figure'> & {
  readonly maps?: FigureMaps;
};

/** Writes a file elsewhere. @param results the maps among them are used up; the rest stays the caller's. */
export type FileWriter = (format: ExportFormat, results: FileResults) => Promise<Blob>;

/** Formats whose writing blocks a thread for long. */
export function isWrittenApart(format: ExportFormat): boolean {
  const { needs } = EXPORTS[format];
  return needs === 'cloud' || needs === 'maps';
}

/**
 * What those formats need; what has not been made yet is left out, and the writer says so.
 *
 * @param kernels the set that the maps of `results` live in.
 */
export async function fileResults(
  format: ExportFormat,
  { cloud, report, photo, figure, fineDepth, mergedNormals, partNormals }: RunResults,
  kernels: KernelSet | null,
): Promise<FileResults> {
  if (EXPORTS[format].needs === 'cloud') return { cloud, report };
  if (!kernels || !fineDepth || !mergedNormals || !partNormals) return { report, photo, figure };
  const copy = async (map: DeviceMap) => {
    // A copy of the merged normals, 96 MiB, takes a frame or two.
    await nextTask();
    return kernels.download(map);
  };
  const depth = await copy(fineDepth.depth);
  const normals = await copy(mergedNormals);
  const parts: FigureMaps['parts'][number][] = [];
  for (const { part, kind, normals: own } of partNormals)
    parts.push({ part, kind, normals: await copy(own) });
  return { report, photo, figure, maps: { depth, mergedNormals: normals, parts } };
}

/** The same as results of a run whose kernels are the processor's, as far as files need them. */
export function resultsOf({ maps, ...others }: FileResults): RunResults {
  if (!maps) return others;
  const results = {
    ...others,
    fineDepth: { depth: cpuMap(maps.depth) },
    mergedNormals: cpuMap(maps.mergedNormals),
    partNormals: maps.parts.map(({ normals, ...part }) => ({ ...part, normals: cpuMap(normals) })),
  };
  return results as unknown as RunResults;
}
