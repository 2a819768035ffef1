/**
 * Converts detected landmarks of a person to the method's 31 keypoints. Eyes, ears and nose come from the face mesh, fingers from
 * the hands, where those were found. Else from BlazePose's 33 landmarks, which have no small toe and know only the
 * knuckles of thumb, index and little finger: fingers are extended beyond the knuckles (OpenPose's points are the middle
 * joints), toes and everything invisible are placed by the body layout (missing-joints.ts).
 */
import { StageError } from '../base/errors.ts';
import {
  CANVAS_SIZE,
  type CanvasPose,
  KEYPOINT_COUNT,
  KEYPOINT_IDS,
  type KeypointId,
  type KeypointTable,
} from '../geometry/body.ts';
import { completePose } from '../geometry/missing-joints.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { toOpenPoseJoints } from './joint-definitions.ts';

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

/** Rows of the face mesh whose mean is a keypoint: tip of the nose, corners of each eye, rim of the face at each ear. */
const FACE_ROWS: Readonly<Partial<Record<KeypointId, readonly number[]>>> = {
  nose: [1],
  leftEye: [263, 362],
  rightEye: [33, 133],
  leftEar: [454],
  rightEar: [234],
};
/** Rows of a hand's middle joints: index, middle, ring and little finger. */
const MIDDLE_JOINTS = [6, 10, 14, 18] as const;
/** How much of the wrist is the hand's own; the rest is the body's. Best on the bundled samples, flat from 0.4 to 0.8. */
const WRIST_OF_HAND = 0.6;

/** Below this visibility a landmark is not used. */
const MIN_VISIBILITY = 0.1;

/**
 * Small toe from the big toe, in shin lengths: outward, and down the shin. Median of the 16 feet of the bundled samples
 * (public/samples, whose keypoints are exact).
 */
const SMALL_TOE_PER_SHIN = [0.16, -0.03] as const;

/**
 * Wrist to middle finger joints: times the way to the knuckles (a first phalanx is about half as long as the palm),
 * and times the forearm (median of the 16 hands of the bundled samples); the mean of both guesses.
 */
const JOINT_PER_KNUCKLE = 1.5;
const JOINT_PER_FOREARM = 0.54;

type Vector = readonly [x: number, y: number];

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1]];

/** Points of the face mesh and the hands, by row; null where their graphs found none. */
interface CloseLooks {
  readonly face?: ((row: number) => Vector) | null;
  readonly left?: ((row: number) => Vector) | null;
  readonly right?: ((row: number) => Vector) | null;
}

/**
 * The 31 keypoints of BlazePose's 33 landmarks, in whatever isotropic units `at` has. Where the hand graph found nothing, fingers and
 * small toes are derived from knuckles and big toes; landmarks of less than 0.1 visibility are left out as (0, 0, 0).
 *
 * @param looks the face mesh's 468 points, each hand's 21, in the units of `at`.
 */
export function tableOfLandmarks(
  at: (row: number) => Vector,
  visibilityOf: (row: number) => number,
  looks: CloseLooks = {},
): KeypointTable {
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  const put = (row: number, [x, y]: Vector, visibility: number) => {
    if (visibility >= MIN_VISIBILITY) table.set([x, y, visibility], row * 3);
  };
  // Seen from behind, the person's left is on our left.
  const facing = at(11)[0] + at(23)[0] >= at(12)[0] + at(24)[0] ? 1 : -1;

  KEYPOINT_IDS.forEach((id, row) => {
    const landmark = LANDMARK_OF[id];
    if (landmark === undefined) return;
    const ofFace = FACE_ROWS[id];
    const seen = looks.face && ofFace ? meanOf(ofFace.map(looks.face)) : at(landmark);
    put(row, seen, visibilityOf(landmark));
  });
  for (const [side, toe, ankle, knee, row] of [
    [1, 31, 27, 25, KEYPOINT_IDS.indexOf('leftSmallToe')],
    [-1, 32, 28, 26, KEYPOINT_IDS.indexOf('rightSmallToe')],
  ] as const) {
    const shin = minus(at(ankle), at(knee));
    const out: Vector = [side * facing * shin[1], -side * facing * shin[0]];
    const [outward, down] = SMALL_TOE_PER_SHIN;
    const small: Vector = [
      at(toe)[0] + outward * out[0] + down * shin[0],
      at(toe)[1] + outward * out[1] + down * shin[1],
    ];
    put(row, small, visibilityOf(toe));
  }
  for (const [side, { elbow, wrist, little, index, first }] of Object.entries(KNUCKLES)) {
    const ofHand = looks[side as 'left' | 'right'];
    if (ofHand) {
      MIDDLE_JOINTS.forEach((joint, finger) => {
        put(first + finger, ofHand(joint), Math.max(MIN_VISIBILITY, visibilityOf(wrist)));
      });
      const [own, body] = [ofHand(0), at(wrist)];
      const mixed = (c: 0 | 1) => own[c] * WRIST_OF_HAND + body[c] * (1 - WRIST_OF_HAND);
      put(
        KEYPOINT_IDS.indexOf(`${side as 'left' | 'right'}Wrist`),
        [mixed(0), mixed(1)],
        visibilityOf(wrist),
      );
      continue;
    }
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
  return table;
}

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
      fix: 'Use a photo of one person standing, seen from head to feet, or give keypoints.',
    });
  }
  const { landmarks, face, hands } = pose;
  const pointsOf = (points: Float32Array | null | undefined) =>
    points && ((row: number): Vector => [points[row * 2] * CANVAS_SIZE, points[row * 2 + 1] * CANVAS_SIZE]);
  const table = tableOfLandmarks(
    (row) => [landmarks[row * 4] * CANVAS_SIZE, landmarks[row * 4 + 1] * CANVAS_SIZE],
    (row) => landmarks[row * 4 + 3],
    { face: pointsOf(face), left: pointsOf(hands?.left), right: pointsOf(hands?.right) },
  );
  return completePose(toOpenPoseJoints(table));
}

function meanOf(points: readonly Vector[]): Vector {
  const sum = (c: 0 | 1) => points.reduce((total, point) => total + point[c], 0);
  return [sum(0) / points.length, sum(1) / points.length];
}
