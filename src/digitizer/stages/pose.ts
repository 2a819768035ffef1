/** Stage `pose`: 31 keypoints on the canvas, from an OpenPose file or from MediaPipe's landmarks. */
import { StageError } from '../../base/errors.ts';
import { type CanvasPose, KEYPOINT_COUNT } from '../../geometry/body.ts';
import { toCanvas } from '../../geometry/keypoints.ts';
import { keypointsFromBlazePose } from '../../intake/blazepose.ts';
import type { EstimatedPose } from '../../intake/estimated-pose.ts';
import { choosePerson, parseOpenPose } from '../../intake/openpose.ts';
import type { PoseSource } from '../stage.ts';
import type { RunMode } from '../types.ts';
import type { PhotoResult } from './photo.ts';

export interface PoseResult extends CanvasPose {
  readonly source: PoseSource;
  readonly detail: string;
  readonly notices: readonly string[];
}

/** @returns null without a file. @throws StageError E_BAD_KEYPOINTS. */
export function poseFromFile(photo: PhotoResult, poseFile: string | null, mode: RunMode): PoseResult | null {
  if (poseFile === null) return null;
  const { person, notice } = choosePerson(parseOpenPose(poseFile), mode);
  const pose = toCanvas(person.table, photo.mapping, mode);
  return poseResult(pose, 'OpenPose file', notice ? [notice] : []);
}

/** @throws StageError E_NO_PERSON. */
export function poseFromDetection(detection: EstimatedPose | null): PoseResult {
  if (!detection) {
    throw new StageError('pose', 'E_NO_PERSON', 'No person was found in this photo.', {
      fix: 'Use a photo of one person who stands whole in the picture, or give OpenPose keypoints.',
    });
  }
  return poseResult(keypointsFromBlazePose(detection), 'estimated here', []);
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
