/**
 * Stage `mergedNormals`: the twelve part normal maps warped back and blended into one 2048 x 2048 map, one gather.
 * Robust mode fills foreground that lies outside all twelve boxes (loose clothes, hair) with the coarse normals; the
 * reference leaves it 0 there.
 */
import { StageError } from '../../base/errors.ts';
import type { PartId } from '../../geometry/body.ts';
import type { DeviceMap } from '../../gpu/device-map.ts';
import type { StageContext } from '../stage.ts';
import type { RunMode } from '../types.ts';
import type { PartResult } from './part-normals.ts';

/** @throws StageError E_SINGULAR_PART when none is left. */
export function withoutHidden(
  parts: readonly PartResult[],
  hidden: readonly PartId[],
): readonly PartResult[] {
  const shown = parts.filter(({ part }) => !hidden.includes(part));
  if (shown.length > 0) return shown;
  throw new StageError('mergedNormals', 'E_SINGULAR_PART', 'All twelve parts are hidden.', {
    fix: 'Leave one of them shown. The figure before stays as it was.',
  });
}

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
