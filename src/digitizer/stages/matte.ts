/**
 * Stage `matte`: foreground of the canvas, from the first provider that answers (intake/matte.ts); and what only the pose
 * can correct in it.
 */
import { type Pace, unpaced } from '../../base/steps.ts';
import type { CanvasPose } from '../../geometry/body.ts';
import { decodeMask } from '../../intake/decode.ts';
import type { EstimatedPose } from '../../intake/estimated-pose.ts';
import { MATTE_PROVIDERS, type Matte, type MatteProvider, matteFrom } from '../../intake/matte.ts';
import { fillTrunkHolesSteps } from '../../intake/trunk-holes.ts';
import type { StageContext } from '../stage.ts';
import type { RunMode } from '../types.ts';
import type { PhotoResult } from './photo.ts';

/** What a provider may be given besides the photo. */
export interface MatteExtras {
  readonly maskFile: Blob | null;
  readonly detection: EstimatedPose | null;
  readonly mode: RunMode;
}

/** @throws StageError E_BAD_MASK, E_EMPTY_MATTE, E_NO_PERSON. */
export async function runMatte(
  provider: MatteProvider,
  photo: PhotoResult,
  { maskFile, detection, mode }: MatteExtras,
  context: StageContext,
): Promise<Matte | null> {
  const size = { width: photo.originalWidth, height: photo.originalHeight };
  const mask = maskFile ? await decodeMask(maskFile, size, context.signal) : null;
  context.progress(0.2, 'finding the outline');
  const input = {
    photo: photo.square,
    mapping: photo.mapping,
    hasAlpha: photo.hasAlpha,
    mask,
    robust: mode === 'robust',
    detected: detection,
  };
  return matteFrom(provider, input, context.pace);
}

/** Fills holes that only the pose shows to be holes. @returns the same object where there are none. */
export async function fillHolesByPose(found: Matte, pose: CanvasPose, pace: Pace = unpaced): Promise<Matte> {
  if (MATTE_PROVIDERS.find(({ source }) => source === found.source)?.given) return found;
  const matte = await pace(fillTrunkHolesSteps(found.matte, pose));
  return matte === found.matte ? found : { ...found, matte };
}
