/**
 * Body-centred frames that the back colours are painted in: the torso (u across, v down, from keypoints), the head
 * (u across, v from the ears to between the shoulders), and capsules around the bones of the arms.
 */
import { KEYPOINT_IDS, type KeypointId, type KeypointTable } from './body.ts';
import type { Point } from './similarity.ts';

export interface BodyFrame {
  readonly origin: Point;
  /** Unit vectors: across towards the picture's right for an upright person, and down. */
  readonly across: Point;
  readonly down: Point;
  /** Length of v = 1, canvas px. */
  readonly length: number;
}

/** Coordinates of a canvas point in units of the frame's length. */
export function inFrame(frame: BodyFrame, x: number, y: number): [u: number, v: number] {
  const dx = x - frame.origin[0];
  const dy = y - frame.origin[1];
  return [
    (dx * frame.across[0] + dy * frame.across[1]) / frame.length,
    (dx * frame.down[0] + dy * frame.down[1]) / frame.length,
  ];
}

export interface Capsule {
  readonly from: Point;
  readonly to: Point;
  readonly radius: number;
}

export interface BackFrames {
  /** v = 0 between the shoulders, 1 between the hips. */
  readonly torso: BodyFrame;
  /** Half widths of the torso at shoulders and hips, in torso lengths. */
  readonly shoulderHalf: number;
  readonly hipHalf: number;
  /** v = 0 between the ears, 1 between the shoulders. */
  readonly head: BodyFrame;
  /** Nose in head coordinates. */
  readonly nose: readonly [u: number, v: number];
  readonly arms: readonly Capsule[];
}

/** Usual proportions where the picture foreshortens one to nothing; torso lengths. See missing-joints.ts. */
const SHOULDERS_PER_TORSO = 0.66;
const HIPS_PER_TORSO = 0.43;
const NECK_PER_TORSO = 0.44;

const distance = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const middle = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

function frameFrom(origin: Point, end: Point, fallback: number): BodyFrame {
  const length = Math.max(distance(origin, end), fallback);
  const raw = distance(origin, end);
  const down: Point = raw > 1 ? [(end[0] - origin[0]) / raw, (end[1] - origin[1]) / raw] : [0, 1];
  return { origin, down, across: [down[1], -down[0]], length };
}

/** Frames of a complete pose (31 keypoints, canvas px). */
export function backFrames(keypoints: KeypointTable): BackFrames {
  const at = (id: KeypointId): Point => {
    const row = KEYPOINT_IDS.indexOf(id);
    return [keypoints[row * 3], keypoints[row * 3 + 1]];
  };
  const shoulders = middle(at('leftShoulder'), at('rightShoulder'));
  const hips = middle(at('leftHip'), at('rightHip'));
  const torso = frameFrom(shoulders, hips, 8);
  const size = torso.length;
  const ears = middle(at('leftEar'), at('rightEar'));
  const head = frameFrom(ears, shoulders, 0.7 * NECK_PER_TORSO * size);
  const half = (a: KeypointId, b: KeypointId, usual: number) =>
    Math.max(distance(at(a), at(b)) / size, 0.6 * usual) / 2;
  const arms = (['left', 'right'] as const).flatMap((side): Capsule[] => {
    const finger = middle(at(`${side}Finger2`), at(`${side}Finger3`));
    return [
      { from: at(`${side}Shoulder`), to: at(`${side}Elbow`), radius: 0.1 * size },
      { from: at(`${side}Elbow`), to: at(`${side}Wrist`), radius: 0.1 * size },
      { from: at(`${side}Wrist`), to: finger, radius: 0.13 * size },
    ];
  });
  return {
    torso,
    shoulderHalf: half('leftShoulder', 'rightShoulder', SHOULDERS_PER_TORSO),
    hipHalf: half('leftHip', 'rightHip', HIPS_PER_TORSO),
    head,
    nose: inFrame(head, ...at('nose')),
    arms,
  };
}

/** Distance to the nearest capsule axis divided by its radius: below 1 is inside. */
export function armDistance(arms: readonly Capsule[], x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { from, to, radius } of arms) {
    const dx = to[0] - from[0];
    const dy = to[1] - from[1];
    const squared = dx * dx + dy * dy;
    const t = squared > 0 ? Math.max(0, Math.min(1, ((x - from[0]) * dx + (y - from[1]) * dy) / squared)) : 0;
    least = Math.min(least, Math.hypot(x - from[0] - t * dx, y - from[1] - t * dy) / radius);
  }
  return least;
}

export function smoothstep(from: number, to: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}
