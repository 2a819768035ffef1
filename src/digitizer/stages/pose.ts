/** Stage `pose`: 31 keypoints on the canvas, from a keypoints file or estimated here. */
import { StageError } from '../../base/errors.ts';
import type { GreyImage } from '../../base/images.ts';
import { type CanvasPose, KEYPOINT_COUNT } from '../../geometry/body.ts';
import { correctedPose, type FigureEdits } from '../../geometry/figure-edits.ts';
import { type SquareMapping, toCanvas } from '../../geometry/keypoints.ts';
import { keypointsFromBlazePose } from '../../intake/blazepose.ts';
import type { EstimatedPose } from '../../intake/estimated-pose.ts';
import { keypointsOfPhoto } from '../../intake/keypoints/keypoints-of-photo.ts';
import { seenInPhoto } from '../../intake/seen-in-photo.ts';
import type { PoseSource } from '../stage.ts';
import type { RunMode } from '../types.ts';
import type { PhotoResult } from './photo.ts';

export interface PoseResult extends CanvasPose {
  readonly source: PoseSource;
  readonly detail: string;
  readonly notices: readonly string[];
}

/**
 * @param name of the photo: finds its entry in a file with many pictures.
 * @param matte the outline that points of a file must lie on.
 * @returns null without a file.
 * @throws StageError E_BAD_KEYPOINTS.
 */
export function poseFromFile(
  photo: PhotoResult,
  name: string,
  matte: GreyImage,
  poseFile: string | null,
  mode: RunMode,
): PoseResult | null {
  if (poseFile === null) return null;
  const frame = { name, width: photo.originalWidth, height: photo.originalHeight, mapping: photo.mapping };
  const found = keypointsOfPhoto(poseFile, frame, matte, mode);
  // The original knows BODY_25 only; what another layout has no place for is estimated in either mode.
  const pose = toCanvas(found.table, photo.mapping, found.lacking.length > 0 ? 'robust' : mode);
  return poseResult(pose, 'keypoints file', found.notices);
}

/** @throws StageError E_NO_PERSON. */
export function poseFromDetection(
  detection: EstimatedPose | null,
  mapping: SquareMapping,
  mode: RunMode,
): PoseResult {
  if (!detection) {
    throw new StageError('pose', 'E_NO_PERSON', 'No person was found in this photo.', {
      fix: 'Use a photo of one person who stands whole in the picture, or give its keypoints.',
    });
  }
  const seen = mode === 'robust' ? seenInPhoto(detection, mapping) : detection;
  return poseResult(keypointsFromBlazePose(seen), 'estimated here', []);
}

/** @returns null where nothing was corrected: the pose is then taken as it was found. */
export function correctPose(
  found: PoseResult,
  edits: Pick<FigureEdits, 'joints' | 'sidesSwapped'>,
): PoseResult | null {
  const pose = correctedPose(found, edits);
  if (pose === found) return null;
  const moved = Object.keys(edits.joints).length;
  const words = [moved > 0 && `${moved} moved by hand`, edits.sidesSwapped && 'left and right exchanged'];
  return { ...found, ...pose, source: 'corrected by hand', detail: words.filter(Boolean).join(', ') };
}

function poseResult(pose: CanvasPose, source: PoseSource, before: readonly string[]): PoseResult {
  const notices = [...before];
  if (pose.estimated.length > 0) {
    notices.push(
      `${pose.estimated.length} of ${KEYPOINT_COUNT} points were not seen and are estimated from the body.`,
    );
  }
  const detail = `${KEYPOINT_COUNT - pose.estimated.length} of ${KEYPOINT_COUNT} points`;
  return { ...pose, notices, source, detail };
}
