/**
 * From BlazePose's 33 landmarks to the method's 31 keypoints. BlazePose has no small toe and knows only the knuckles
 * of thumb, index and little finger: fingers are extended beyond the knuckles (OpenPose's points are the middle
 * joints), toes and everything invisible are placed by the body layout (missing-joints.ts).
 */
import { StageError } from '../base/errors.ts';
import { CANVAS_SIZE, KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId } from '../geometry/body.ts';
import type { CanvasPose } from '../geometry/keypoints.ts';
import { completePose } from '../geometry/missing-joints.ts';
import type { EstimatedPose } from './estimated-pose.ts';

/** BlazePose row of each keypoint it knows. */
const LANDMARK_OF: Readonly<Partial<Record<KeypointId, number>>> = {
  nose: 0,
  leftEye: 2,
  rightEye: 5,
  leftEar: 7,
  rightEar: 8,
  leftShoulder: 11,
  rightShoulder: 12,
  leftElbow: 13,
  rightElbow: 14,
  leftWrist: 15,
  rightWrist: 16,
  leftHip: 23,
  rightHip: 24,
  leftKnee: 25,
  rightKnee: 26,
  leftAnkle: 27,
  rightAnkle: 28,
  leftHeel: 29,
  rightHeel: 30,
  leftBigToe: 31,
  rightBigToe: 32,
};
const KNUCKLES = {
  left: { wrist: 15, little: 17, index: 19, first: 23 },
  right: { wrist: 16, little: 18, index: 20, first: 27 },
} as const;

/** Below this visibility a landmark is not used. */
const MIN_VISIBILITY = 0.1;

/**
 * Keypoints on the canvas from an estimated pose of the canvas picture.
 *
 * @param pose null when nobody was found.
 * @throws StageError E_NO_PERSON.
 */
export function keypointsFromBlazePose(pose: EstimatedPose | null): CanvasPose {
  if (!pose) {
    throw new StageError('pose', 'E_NO_PERSON', 'Nobody was found in this photo.', {
      fix: 'Use a photo of one person standing, seen from head to feet, or give OpenPose keypoints.',
    });
  }
  const { landmarks } = pose;
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  const at = (row: number): [number, number] => [landmarks[row * 4], landmarks[row * 4 + 1]];
  const put = (row: number, x: number, y: number, visibility: number) => {
    if (visibility < MIN_VISIBILITY) return;
    table.set([x * CANVAS_SIZE, y * CANVAS_SIZE, visibility], row * 3);
  };
  KEYPOINT_IDS.forEach((id, row) => {
    const landmark = LANDMARK_OF[id];
    if (landmark !== undefined) put(row, ...at(landmark), landmarks[landmark * 4 + 3]);
  });
  for (const { wrist, little, index, first } of Object.values(KNUCKLES)) {
    const visibility = Math.min(landmarks[index * 4 + 3], landmarks[little * 4 + 3]);
    const [wx, wy] = at(wrist);
    for (let finger = 0; finger < 4; finger++) {
      const t = finger / 3;
      const x = at(index)[0] * (1 - t) + at(little)[0] * t;
      const y = at(index)[1] * (1 - t) + at(little)[1] * t;
      put(first + finger, wx + (x - wx) * JOINT_PER_KNUCKLE, wy + (y - wy) * JOINT_PER_KNUCKLE, visibility);
    }
  }
  return completePose(table);
}

/** Wrist to middle finger joint / wrist to knuckle. */
const JOINT_PER_KNUCKLE = 1.3;
