/** Stage `parts`: twelve least-squares similarity transforms from the keypoints, and what the inspector tells of them. */
import { correctedParts, type FigureEdits, NO_EDITS } from '../../geometry/figure-edits.ts';
import { fitParts, type PartFits } from '../../geometry/parts.ts';
import type { PartReport, RunMode } from '../types.ts';
import type { PoseResult } from './pose.ts';

export interface PartsResult extends PartFits {
  readonly reports: readonly PartReport[];
}

/**
 * @param edits boxes that the person corrected.
 * @throws StageError E_SINGULAR_PART in reference mode, when a part's keypoints coincide; when a corrected box sees nothing.
 */
export function runParts(
  pose: PoseResult,
  mode: RunMode,
  edits: Pick<FigureEdits, 'boxes' | 'swappedLimbs'> = NO_EDITS,
): PartsResult {
  const fits = correctedParts(fitParts(pose, mode), edits);
  return { ...fits, reports: fits.parts };
}
