/**
 * The twelve parts of the body: one least-squares similarity each, from the canvas to the part's own upright frame
 * in which its crop is the centre. Points, targets and limits: docs/method.md#part-fits.
 * Surprises: two parts (upper body, feet) may magnify, the others never do; the reference's replacement of missing
 * foot points is dead code, so in reference mode an absent point enters the fit as the image centre (docs/method.md#faults).
 */
import { StageError } from '../base/errors.ts';
import {
  type Affine,
  CANVAS_SIZE,
  type CanvasPose,
  CROP_SIZES,
  KEYPOINT_IDS,
  type KeypointId,
  type KeypointTable,
  KIND_OF_PART,
  PART_IDS,
  type PartId,
} from './body.ts';
import { cropCorners } from './crop.ts';
import type { PoseMode } from './keypoints.ts';
import { affineFromSimilarity, fitSimilarity, invertAffine, type Point } from './similarity.ts';

/** The four finger points of a hand, whose mean is one defining point. */
const FINGERS = {
  leftFingers: ['leftFinger1', 'leftFinger2', 'leftFinger3', 'leftFinger4'],
  rightFingers: ['rightFinger1', 'rightFinger2', 'rightFinger3', 'rightFinger4'],
} as const satisfies Readonly<Record<string, readonly KeypointId[]>>;
type Hand = keyof typeof FINGERS;

type Source = KeypointId | Hand;
const isHand = (source: Source): source is Hand => source in FINGERS;

interface PartRule {
  readonly points: readonly Source[];
  readonly targets: readonly Point[];
  /** Points whose distance must reach `length`, else the targets shrink with it: the crop is never magnified. */
  readonly limit?: { readonly from: number; readonly to: number; readonly length: number };
}

const upperArm = (shoulder: KeypointId, elbow: KeypointId): PartRule => ({
  points: [shoulder, elbow],
  targets: [
    [0, -3 / 16],
    [0, 1 / 16],
  ],
  limit: { from: 0, to: 1, length: 1 / 4 },
});
const forearm = (elbow: KeypointId, wrist: KeypointId, fingers: Hand): PartRule => ({
  points: [elbow, wrist, fingers],
  targets: [
    [0, -2 / 9],
    [0, 0],
    [0, 1 / 18],
  ],
  limit: { from: 0, to: 2, length: 5 / 18 },
});
const thigh = (hip: KeypointId, knee: KeypointId, shift: number): PartRule => ({
  points: [hip, knee],
  targets: [
    [shift, -5 / 32],
    [shift, 3 / 32],
  ],
  limit: { from: 0, to: 1, length: 1 / 4 },
});
const shin = (knee: KeypointId, ankle: KeypointId, shift: number): PartRule => ({
  points: [knee, ankle],
  targets: [
    [shift, -9 / 64],
    [shift, 9 / 64],
  ],
  limit: { from: 0, to: 1, length: 9 / 32 },
});
const foot = (bigToe: KeypointId, smallToe: KeypointId, heel: KeypointId, ankle: KeypointId): PartRule => ({
  points: [bigToe, smallToe, heel, ankle],
  targets: [
    [0, 1 / 24],
    [0, 1 / 24],
    [0, -1 / 24],
    [0, -1 / 24],
  ],
});
/** Legs sit a little off the middle of their crops, towards the person's inside. Part frame units. */
const LEG_SHIFT = 3 / 128;

const RULES: Readonly<Record<PartId, PartRule>> = {
  head: {
    points: ['rightEar', 'leftEar'],
    targets: [
      [-1 / 12, 1 / 24],
      [1 / 12, 1 / 24],
    ],
    limit: { from: 0, to: 1, length: 1 / 6 },
  },
  upperBody: {
    points: ['rightShoulder', 'leftShoulder', 'rightHip', 'leftHip'],
    targets: [
      [-1 / 9, -1 / 6],
      [1 / 9, -1 / 6],
      [-1 / 12, 1 / 6],
      [1 / 12, 1 / 6],
    ],
  },
  leftUpperArm: upperArm('leftShoulder', 'leftElbow'),
  leftForearm: forearm('leftElbow', 'leftWrist', 'leftFingers'),
  rightUpperArm: upperArm('rightShoulder', 'rightElbow'),
  rightForearm: forearm('rightElbow', 'rightWrist', 'rightFingers'),
  leftThigh: thigh('leftHip', 'leftKnee', -LEG_SHIFT),
  leftShin: shin('leftKnee', 'leftAnkle', -LEG_SHIFT),
  rightThigh: thigh('rightHip', 'rightKnee', LEG_SHIFT),
  rightShin: shin('rightKnee', 'rightAnkle', LEG_SHIFT),
  leftFoot: foot('leftBigToe', 'leftSmallToe', 'leftHeel', 'leftAnkle'),
  rightFoot: foot('rightBigToe', 'rightSmallToe', 'rightHeel', 'rightAnkle'),
};

/** Robust mode: a part whose points lie closer together than this points at the camera; canvas px, rms spread. */
const MIN_SPREAD_PX = 6;

export interface PartGeometry {
  readonly part: PartId;
  /** Crop corners on the canvas, px: top-left, top-right, bottom-right, bottom-left of the crop. */
  readonly corners: readonly (readonly [x: number, y: number])[];
  /** Canvas px per crop px. */
  readonly scale: number;
  /** Mean confidence of the defining keypoints, 0..1. */
  readonly confidence: number;
  /** True when a defining keypoint was missing and had to be estimated. */
  readonly estimated: boolean;
}

/** Everything in the order of PART_IDS. */
export interface PartFits {
  /** The least-squares fits as stored, f32. */
  readonly fits: readonly Affine[];
  /** Inverse of the fit: what samples a crop (the reference's theta). */
  readonly imageFromPart: readonly Affine[];
  /** Inverse of the inverse, as the reference's merge computes it (theta_inv); equals the fit up to f32 rounding. */
  readonly partFromImage: readonly Affine[];
  readonly parts: readonly PartGeometry[];
}

function normalised(keypoints: KeypointTable, id: KeypointId): Point {
  const at = KEYPOINT_IDS.indexOf(id) * 3;
  return [(2 * keypoints[at]) / CANVAS_SIZE - 1, (2 * keypoints[at + 1]) / CANVAS_SIZE - 1];
}

/** Mean of the finger points with both coordinates non-zero in [-1, 1]; null when there is none. */
function fingerMean(keypoints: KeypointTable, fingers: readonly KeypointId[]): Point | null {
  const seen = fingers.map((id) => normalised(keypoints, id)).filter(([x, y]) => x !== 0 && y !== 0);
  if (seen.length === 0) return null;
  return [
    seen.reduce((sum, p) => sum + p[0], 0) / seen.length,
    seen.reduce((sum, p) => sum + p[1], 0) / seen.length,
  ];
}

function singular(part: PartId, why: string): StageError {
  return new StageError('parts', 'E_SINGULAR_PART', `The ${part} cannot be placed: ${why}.`, {
    fix: 'Use robust mode, or give keypoints in which this part is complete.',
  });
}

function partPoints(part: PartId, keypoints: KeypointTable): Point[] {
  return RULES[part].points.map((source) => {
    if (!isHand(source)) return normalised(keypoints, source);
    const mean = fingerMean(keypoints, FINGERS[source]);
    if (!mean) throw singular(part, 'all four finger points of its hand are missing');
    return mean;
  });
}

/** Same centre, the part upright on the canvas, never magnified: for points that coincide or nearly do. */
function uprightPoints(points: readonly Point[], targets: readonly Point[]): Point[] {
  const centre = (list: readonly Point[], axis: 0 | 1) =>
    list.reduce((sum, p) => sum + p[axis], 0) / list.length;
  const [px, py, tx, ty] = [centre(points, 0), centre(points, 1), centre(targets, 0), centre(targets, 1)];
  return targets.map(([x, y]): Point => [px + x - tx, py + y - ty]);
}

function spreadOf(points: readonly Point[]): number {
  const n = points.length;
  const mx = points.reduce((sum, p) => sum + p[0], 0) / n;
  const my = points.reduce((sum, p) => sum + p[1], 0) / n;
  return Math.sqrt(points.reduce((sum, [x, y]) => sum + (x - mx) ** 2 + (y - my) ** 2, 0) / n);
}

function fitPart(part: PartId, keypoints: KeypointTable, mode: PoseMode): Affine {
  const { targets, limit } = RULES[part];
  let points = partPoints(part, keypoints);
  if (mode === 'robust' && spreadOf(points) < (2 * MIN_SPREAD_PX) / CANVAS_SIZE) {
    points = uprightPoints(points, targets);
  }
  let shrink = 1;
  if (limit) {
    const [a, b] = [points[limit.from], points[limit.to]];
    shrink = Math.min(1, Math.hypot(a[0] - b[0], a[1] - b[1]) / limit.length);
  }
  const scaled = targets.map(([x, y]): Point => [x * shrink, y * shrink]);
  return affineFromSimilarity(fitSimilarity(points, scaled));
}

function keypointsOf(part: PartId): readonly KeypointId[] {
  return RULES[part].points.flatMap((source) => (isHand(source) ? FINGERS[source] : [source]));
}

function describePart(part: PartId, imageFromPart: Affine, pose: CanvasPose): PartGeometry {
  const ids = keypointsOf(part);
  return {
    part,
    corners: cropCorners(imageFromPart, CROP_SIZES[KIND_OF_PART[part]]),
    scale: Math.hypot(imageFromPart[0], imageFromPart[3]),
    confidence:
      ids.reduce((sum, id) => sum + pose.keypoints[KEYPOINT_IDS.indexOf(id) * 3 + 2], 0) / ids.length,
    estimated: ids.some((id) => pose.estimated.includes(id)),
  };
}

/**
 * Fits the twelve parts to a pose on the canvas.
 *
 * @param pose 31 keypoints in canvas px, from `toCanvas` or `completePose`, in the same mode.
 * @returns f32 2x3 transforms in [-1, 1] coordinates (see `Affine`), new arrays.
 * @throws StageError E_SINGULAR_PART in reference mode, where the reference raises or skips the picture: all four
 *   finger points of a hand absent, or a part's points coinciding. Never in robust mode.
 *
 * Source: docs/method.md#part-fits; equal to the published keypoints' golden fits and inverses to the bit.
 */
export function fitParts(pose: CanvasPose, mode: PoseMode): PartFits {
  const fits: Affine[] = [];
  const imageFromPart: Affine[] = [];
  const partFromImage: Affine[] = [];
  for (const part of PART_IDS) {
    const fit = fitPart(part, pose.keypoints, mode);
    const inverse = invertAffine(fit);
    const back = inverse && invertAffine(inverse);
    if (!inverse || !back) throw singular(part, 'its keypoints coincide');
    fits.push(fit);
    imageFromPart.push(inverse);
    partFromImage.push(back);
  }
  return {
    fits,
    imageFromPart,
    partFromImage,
    parts: PART_IDS.map((part, i) => describePart(part, imageFromPart[i], pose)),
  };
}
