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
  left: { elbow: 13, wrist: 15, little: 17, index: 19, first: 23 },
  right: { elbow: 14, wrist: 16, little: 18, index: 20, first: 27 },
} as const;

/** Below this visibility a landmark is not used. */
const MIN_VISIBILITY = 0.1;

/**
 * The two detectors mean different places by the same name. Mean offset of OpenPose's point from BlazePose's, in
 * torso lengths: outward from the body's middle, and down (for ankle and toe: along the shin). Measured on ten photos
 * (bench/intake.md); leaving each photo out in turn, the mean error over all points falls from 24.1 to 21.4 px.
 */
const OFFSETS: Readonly<Record<string, readonly [outward: number, down: number]>> = {
  Ear: [0.039, 0.017],
  Shoulder: [-0.01, 0.018],
  Hip: [0.022, -0.032],
  Ankle: [0.005, 0.043],
  BigToe: [-0.021, -0.016],
};
/** Small toe from the big toe as BlazePose sees it: outward in shin lengths, and down the shin in torso lengths. */
const SMALL_TOE_OUT_PER_SHIN = 0.11;
const SMALL_TOE_OFFSET = [-0.021, -0.045] as const;

/** Wrist to middle finger joints: times the way to the knuckles, and times the forearm; the mean of both guesses. */
const JOINT_PER_KNUCKLE = 1.5;
const JOINT_PER_FOREARM = 0.49;

type Vector = readonly [x: number, y: number];

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1]];
const unit = (v: Vector): Vector => {
  const length = Math.hypot(v[0], v[1]);
  return length > 0 ? [v[0] / length, v[1] / length] : [0, 1];
};

/**
 * Keypoints on the canvas from an estimated pose of the canvas picture.
 *
 * @param pose null when nobody was found.
 * @returns canvas px; confidence is BlazePose's visibility. Fingers and small toes are derived, not seen.
 * @throws StageError E_NO_PERSON; E_BAD_KEYPOINTS when next to nothing of the person is in the picture.
 */
export function keypointsFromBlazePose(pose: EstimatedPose | null): CanvasPose {
  if (!pose) {
    throw new StageError('pose', 'E_NO_PERSON', 'Nobody was found in this photo.', {
      fix: 'Use a photo of one person standing, seen from head to feet, or give OpenPose keypoints.',
    });
  }
  const { landmarks } = pose;
  const at = (row: number): Vector => [
    landmarks[row * 4] * CANVAS_SIZE,
    landmarks[row * 4 + 1] * CANVAS_SIZE,
  ];
  const visibilityOf = (row: number) => landmarks[row * 4 + 3];
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  const put = (row: number, [x, y]: Vector, visibility: number) => {
    if (visibility >= MIN_VISIBILITY) table.set([x, y, visibility], row * 3);
  };
  const shoulders: Vector = [(at(11)[0] + at(12)[0]) / 2, (at(11)[1] + at(12)[1]) / 2];
  const hips: Vector = [(at(23)[0] + at(24)[0]) / 2, (at(23)[1] + at(24)[1]) / 2];
  const torso = minus(hips, shoulders);
  const size = Math.hypot(torso[0], torso[1]);
  // Seen from behind, the person's left is on our left.
  const facing = at(11)[0] + at(23)[0] >= at(12)[0] + at(24)[0] ? 1 : -1;

  /** Moves a point by (outward, down) torso lengths, in the frame whose down is given. */
  const moved = (
    point: Vector,
    side: number,
    down: Vector,
    [outward, along]: readonly [number, number],
  ): Vector => {
    const out: Vector = [side * facing * down[1], -side * facing * down[0]];
    return [
      point[0] + size * (outward * out[0] + along * down[0]),
      point[1] + size * (outward * out[1] + along * down[1]),
    ];
  };

  KEYPOINT_IDS.forEach((id, row) => {
    const landmark = LANDMARK_OF[id];
    if (landmark === undefined) return;
    const side = id.startsWith('left') ? 1 : -1;
    const offset = OFFSETS[id.replace(/^(left|right)/, '')];
    const onFoot = /Ankle|Toe/.test(id);
    const down = onFoot ? minus(at(side > 0 ? 27 : 28), at(side > 0 ? 25 : 26)) : torso;
    put(row, offset ? moved(at(landmark), side, unit(down), offset) : at(landmark), visibilityOf(landmark));
  });
  for (const [side, toe, ankle, knee, row] of [
    [1, 31, 27, 25, KEYPOINT_IDS.indexOf('leftSmallToe')],
    [-1, 32, 28, 26, KEYPOINT_IDS.indexOf('rightSmallToe')],
  ] as const) {
    const shin = minus(at(ankle), at(knee));
    const outward =
      SMALL_TOE_OFFSET[0] + (SMALL_TOE_OUT_PER_SHIN * Math.hypot(shin[0], shin[1])) / Math.max(size, 1);
    put(row, moved(at(toe), side, unit(shin), [outward, SMALL_TOE_OFFSET[1]]), visibilityOf(toe));
  }
  for (const { elbow, wrist, little, index, first } of Object.values(KNUCKLES)) {
    const visibility = Math.min(visibilityOf(index), visibilityOf(little));
    const forearm = minus(at(wrist), at(elbow));
    for (let finger = 0; finger < 4; finger++) {
      const t = finger / 3;
      const joint = [0, 1].map((c) => {
        const knuckle = at(index)[c] * (1 - t) + at(little)[c] * t - at(wrist)[c];
        return at(wrist)[c] + (JOINT_PER_KNUCKLE * knuckle + JOINT_PER_FOREARM * forearm[c]) / 2;
      });
      put(first + finger, [joint[0], joint[1]], visibility);
    }
  }
  return completePose(table);
}
