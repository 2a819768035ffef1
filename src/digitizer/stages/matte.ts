/**
 * Stage `matte`: foreground of the canvas. The pose estimate serves both this stage and `pose`, so it is made at most once
 * a photo.
 */

import type { RgbaImage } from '../../base/images.ts';
import type { CanvasPose } from '../../geometry/body.ts';
import { decodeMask } from '../../intake/decode.ts';
import type { EstimatedPose } from '../../intake/estimated-pose.ts';
import { type Matte, type MatteSource, makeMatte } from '../../intake/matte.ts';
import { closeTrunk } from '../../intake/solid-trunk.ts';
import type { StageContext } from '../context.ts';
import type { ResultCache } from '../result-cache.ts';
import type { PhotoResult } from './photo.ts';

export type MatteResult = Matte;

/** Points and outline of the person in a picture, which stays the caller's; null when nobody is found. */
export type PoseEstimator = (photo: RgbaImage) => Promise<EstimatedPose | null>;

/** An estimate that is kept under the photo's key. */
export function estimateOnce(
  photo: PhotoResult,
  photoKey: string,
  cache: ResultCache,
  estimatePose: PoseEstimator,
): () => Promise<EstimatedPose | null> {
  return () => cache.get(`estimated:${photoKey}`, () => estimatePose(photo.square));
}

/** @throws StageError E_BAD_MASK, E_EMPTY_MATTE, E_NO_PERSON. */
export async function runMatte(
  photo: PhotoResult,
  maskFile: Blob | null,
  estimate: () => Promise<EstimatedPose | null>,
  context: StageContext,
): Promise<MatteResult> {
  const size = { width: photo.originalWidth, height: photo.originalHeight };
  const mask = maskFile ? await decodeMask(maskFile, size) : null;
  context.progress(0.2, 'finding the outline');
  return makeMatte({
    photo: photo.square,
    mapping: photo.mapping,
    hasAlpha: photo.hasAlpha,
    mask,
    robust: context.mode === 'robust',
    segment: estimate,
  });
}

/** Made by the visitor: these stay as they are. */
const GIVEN: readonly MatteSource[] = ['mask', 'alpha'];

/** What only the pose can tell. @returns the same object where nothing is to mend. */
export function mendMatte(found: MatteResult, pose: CanvasPose): MatteResult {
  if (GIVEN.includes(found.source)) return found;
  const matte = closeTrunk(found.matte, pose);
  return matte === found.matte ? found : { ...found, matte };
}
