/** Stage `pose`: 31 keypoints on the canvas, from a keypoints file or from MediaPipe's landmarks. */
import { StageError } from '../../base/errors.ts';
import type { GreyImage } from '../../base/images.ts';
import { type CanvasPose, KEYPOINT_COUNT } from '../../geometry/body.ts';
import { toCanvas } from '../../geometry/keypoints.ts';
import { keypointsFromBlazePose } from '../../intake/blazepose.ts';
import type { EstimatedPose } from '../../intake/estimated-pose.ts';
import { keypointsOfPhoto } from '../../intake/keypoints/keypoints-of-photo.ts';
import type { StageContext } from '../context.ts';
import type { PhotoResult } from './photo.ts';

export interface PoseResult extends CanvasPose {
  readonly source: 'keypoints file' | 'estimated here';
  readonly detail: string;
  readonly notices: readonly string[];
}

/**
 * @param photo its `name` finds its entry in a file with many pictures.
 * @param matte the outline that points of a file must lie on.
 * @throws StageError E_NO_PERSON, E_BAD_KEYPOINTS.
 */
export async function runPose(
  photo: PhotoResult & { readonly name: string },
  matte: GreyImage,
  poseJson: string | null,
  estimate: () => Promise<EstimatedPose | null>,
  context: StageContext,
): Promise<PoseResult> {
  const notices: string[] = [];
  let pose: CanvasPose;
  if (poseJson !== null) {
    const frame = { name: photo.name, width: photo.originalWidth, height: photo.originalHeight };
    const found = keypointsOfPhoto(poseJson, frame, matte, context.mode);
    notices.push(...found.notices);
    // The original knows BODY_25 only; what another layout has no place for is estimated in either mode.
    pose = toCanvas(found.table, photo.mapping, found.lacking.length > 0 ? 'robust' : context.mode);
  } else {
    context.progress(0.1, 'looking for the person');
    const found = await estimate();
    if (!found) {
      throw new StageError('pose', 'E_NO_PERSON', 'No person was found in this photo.', {
        fix: 'Use a photo of one person who stands whole in the picture, or give its keypoints.',
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
    source: poseJson === null ? 'estimated here' : 'keypoints file',
    detail: `${KEYPOINT_COUNT - pose.estimated.length} of ${KEYPOINT_COUNT} points`,
  };
}
