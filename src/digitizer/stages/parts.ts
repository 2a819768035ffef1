/** Stage `parts`: twelve least-squares similarity transforms from the keypoints, and what the inspector tells of them. */
import { fitParts, type PartFits } from '../../geometry/parts.ts';
import type { PartReport, RunMode } from '../types.ts';
import type { PoseResult } from './pose.ts';

export interface PartsResult extends PartFits {
  readonly reports: readonly PartReport[];
}

/** @throws StageError E_SINGULAR_PART in reference mode, when a part's keypoints coincide. */
export function runParts(pose: PoseResult, mode: RunMode): PartsResult {
  const fits = fitParts(pose, mode);
  return { ...fits, reports: fits.parts };
}
