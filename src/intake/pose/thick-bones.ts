/** A body as its bones with the thickness of limbs: how far places lie outside of it. */
import { KEYPOINT_IDS, type KeypointId, type KeypointTable } from '../../geometry/body.ts';

type Vector = readonly [x: number, y: number];

/** From, to, and half the thickness in lengths of the trunk (shoulders to hips); estimated on the bundled samples. */
const BONES: readonly (readonly [KeypointId, KeypointId, number])[] = [
  ['leftShoulder', 'rightShoulder', 0.16],
  ['leftHip', 'rightHip', 0.2],
  ['leftShoulder', 'leftHip', 0.16],
  ['rightShoulder', 'rightHip', 0.16],
  ['leftShoulder', 'rightHip', 0.16],
  ['rightShoulder', 'leftHip', 0.16],
  ['leftEar', 'rightEar', 0.2],
  ['nose', 'nose', 0.26],
  ...(['left', 'right'] as const).flatMap((side): [KeypointId, KeypointId, number][] => [
    [`${side}Shoulder`, `${side}Elbow`, 0.13],
    [`${side}Elbow`, `${side}Wrist`, 0.1],
    [`${side}Wrist`, `${side}Finger2`, 0.1],
    [`${side}Hip`, `${side}Knee`, 0.18],
    [`${side}Knee`, `${side}Ankle`, 0.13],
    [`${side}Ankle`, `${side}BigToe`, 0.1],
    [`${side}Ankle`, `${side}Heel`, 0.1],
  ]),
];

function pointOf(table: KeypointTable, id: KeypointId): Vector {
  const row = KEYPOINT_IDS.indexOf(id) * 3;
  return [table[row], table[row + 1]];
}

const middle = (a: Vector, b: Vector): Vector => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

function trunkLength(table: KeypointTable): number {
  const shoulders = middle(pointOf(table, 'leftShoulder'), pointOf(table, 'rightShoulder'));
  const hips = middle(pointOf(table, 'leftHip'), pointOf(table, 'rightHip'));
  return Math.max(8, Math.hypot(shoulders[0] - hips[0], shoulders[1] - hips[1]));
}

/** How far a place lies outside a body, in lengths of its trunk; negative inside. Keypoints and places in the same px. */
export function outsideBody(keypoints: KeypointTable): (x: number, y: number) => number {
  const trunk = trunkLength(keypoints);
  const bones = BONES.map(([from, to, half]) => {
    const [x, y] = pointOf(keypoints, from);
    const [endX, endY] = pointOf(keypoints, to);
    const [dx, dy] = [endX - x, endY - y];
    return { x, y, dx, dy, square: dx * dx + dy * dy || 1, half: half * trunk };
  });
  return (x, y) => {
    let distance = Number.POSITIVE_INFINITY;
    for (const bone of bones) {
      const [fromX, fromY] = [x - bone.x, y - bone.y];
      const t = Math.max(0, Math.min(1, (fromX * bone.dx + fromY * bone.dy) / bone.square));
      const [offX, offY] = [fromX - t * bone.dx, fromY - t * bone.dy];
      const away = Math.sqrt(offX * offX + offY * offY) - bone.half;
      if (away < distance) distance = away;
    }
    return distance / trunk;
  };
}
