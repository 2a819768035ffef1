/**
 * Stage `mergedNormals`: the twelve part normal maps warped back and blended into one 2048 x 2048 map, one gather.
 * Robust mode fills foreground that lies outside all twelve boxes (loose clothes, hair) with the coarse normals; the
 * reference leaves it 0 there.
 */
import type { DeviceMap } from '../../gpu/device-map.ts';
import type { StageContext } from '../stage.ts';
import type { RunMode } from '../types.ts';
import type { PartResult } from './part-normals.ts';

/** @returns [6, 2048, 2048] coded normals, front then back; the caller owns it. */
export async function runMergedNormals(
  parts: readonly PartResult[],
  coarseNormals: DeviceMap,
  mode: RunMode,
  context: StageContext,
): Promise<DeviceMap> {
  const merged = await context.kernels.mergeNormals(parts);
  if (mode === 'reference') return merged;
  try {
    context.progress(0.7, 'outside the boxes');
    return await context.kernels.fillUncovered(merged, parts, coarseNormals);
  } finally {
    merged.dispose();
  }
}
