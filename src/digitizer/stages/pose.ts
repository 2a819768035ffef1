/** Stage `pose`: 31 keypoints on the canvas, from an OpenPose file or estimated here. */
import { StageError } from '../../base/errors.ts';
import { type CanvasPose, KEYPOINT_COUNT } from '../../geometry/body.ts';
import { toCanvas } from '../../geometry/keypoints.ts';
import { keypointsFromBlazePose } from '../../intake/blazepose.ts';
import type { EstimatedPose } from '../../intake/estimated-pose.ts';
import { choosePerson, parseOpenPose } from '../../intake/openpose.ts';
import type { StageContext } from '../context.ts';
import type { PhotoResult } from './photo.ts';

export interface PoseResult extends CanvasPose {
  readonly source: 'OpenPose file' | 'estimated here';
  readonly detail: string;
  readonly notices: readonly string[];
}

/** @throws StageError E_NO_PERSON, E_BAD_KEYPOINTS. */
export async function runPose(
  photo: PhotoResult,
  poseJson: string | null,
  estimate: () => Promise<EstimatedPose | null>,
  context: StageContext,
): Promise<PoseResult> {
  const notices: string[] = [];
  let pose: CanvasPose;
  if (poseJson !== null) {
    const { person, notice } = choosePerson(parseOpenPose(poseJson), context.mode);
    if (notice) notices.push(notice);
    pose = toCanvas(person.table, photo.mapping, context.mode);
  } else {
    context.progress(0.1, 'looking for the person');
    const found = await estimate();
    if (!found) {
      throw new StageError('pose', 'E_NO_PERSON', 'No person was found in this photo.', {
        fix: 'Use a photo of one person who stands whole in the picture, or give OpenPose keypoints.',
      });
    }
    pose = keypointsFromBlazePose(found);
  }
  if (pose.estimated.length > 0) {
    notices.push(
      `${pose.estimated.length} of ${KEYPOINT_COUNT} points were not seen and are estimated from the body.`,
    );
  }
  return {
    ...pose,
    notices,
    source: poseJson === null ? 'estimated here' : 'OpenPose file',
    detail: `${KEYPOINT_COUNT - pose.estimated.length} of ${KEYPOINT_COUNT} points`,
  };
}
