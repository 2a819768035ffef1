/**
 * Stage `matte`: foreground of the canvas. MediaPipe runs on the page's main thread and serves both this stage and
 * `pose`, so it is asked at most once a photo.
 */

import type { CanvasPose } from '../../geometry/body.ts';
import { decodeMask } from '../../intake/decode.ts';
import type { EstimatedPose } from '../../intake/estimated-pose.ts';
import { type Matte, type MatteSource, makeMatte } from '../../intake/matte.ts';
import { closeTrunk } from '../../intake/solid-trunk.ts';
import type { StageContext } from '../context.ts';
import type { ResultCache } from '../result-cache.ts';
import type { PhotoResult } from './photo.ts';

export type MatteResult = Matte;

/** Asks MediaPipe about a picture; the bitmap is given away. */
export type PoseEstimator = (photo: ImageBitmap) => Promise<EstimatedPose | null>;

/** A question to MediaPipe whose answer is kept under the photo's key. */
export function estimateOnce(
  photo: PhotoResult,
  photoKey: string,
  cache: ResultCache,
  estimatePose: PoseEstimator,
): () => Promise<EstimatedPose | null> {
  return () =>
    cache.get(`estimated:${photoKey}`, async () => {
      const { width, height, data } = photo.square;
      return estimatePose(await createImageBitmap(new ImageData(data, width, height)));
    });
}

/** @throws StageError E_BAD_MASK, E_EMPTY_MATTE, E_NO_PERSON. */
export async function runMatte(
  photo: PhotoResult,
  maskFile: Blob | null,
  estimate: () => Promise<EstimatedPose | null>,
  context: StageContext,
): Promise<MatteResult> {
  const size = { width: photo.originalWidth, height: photo.originalHeight };
  const mask = maskFile ? await decodeMask(maskFile, size, context.signal) : null;
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
