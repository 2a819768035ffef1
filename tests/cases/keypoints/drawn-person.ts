/** The outline of the cases' person, drawn from its true joints: what a matte would be, without a picture. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { GreyImage } from '../../../src/base/images.ts';
import { KEYPOINT_IDS, type KeypointId, type KeypointTable } from '../../../src/geometry/body.ts';
import { canvasFromPhoto, squareMapping } from '../../../src/geometry/keypoints.ts';

const BODY_25: Readonly<Partial<Record<KeypointId, number>>> = {
  ...{ nose: 0, leftEye: 16, rightEye: 15, leftEar: 18, rightEar: 17, leftShoulder: 5, rightShoulder: 2 },
  ...{ leftElbow: 6, rightElbow: 3, leftWrist: 7, rightWrist: 4, leftHip: 12, rightHip: 9, leftKnee: 13 },
  ...{ rightKnee: 10, leftAnkle: 14, rightAnkle: 11, leftBigToe: 19, leftSmallToe: 20, leftHeel: 21 },
  ...{ rightBigToe: 22, rightSmallToe: 23, rightHeel: 24 },
};

/** 31 true points of the sample, px of its 2048 x 2048 photo; read here without the code under test. */
export function truePoints(): KeypointTable {
  const file = resolve(import.meta.dirname, '../../golden/person_keypoints.json');
  const [person] = JSON.parse(readFileSync(file, 'utf8')).people;
  const table = new Float64Array(93);
  for (const [row, id] of KEYPOINT_IDS.entries()) {
    const finger = /^(left|right)Finger(\d)$/.exec(id);
    const list: number[] = finger ? person[`hand_${finger[1]}_keypoints_2d`] : person.pose_keypoints_2d;
    const at = 3 * (finger ? 2 + 4 * Number(finger[2]) : BODY_25[id]!);
    table.set(list.slice(at, at + 3), row * 3);
  }
  return table;
}

/** Limbs as capsules: joints at both ends and the radius, of the person's height. */
const CAPSULES: readonly [from: KeypointId, to: KeypointId, radius: number][] = [
  ['leftEar', 'rightEar', 0.06],
  ['nose', 'leftShoulder', 0.03],
  ['nose', 'rightShoulder', 0.03],
  ['leftShoulder', 'rightHip', 0.05],
  ['rightShoulder', 'leftHip', 0.05],
  ['leftShoulder', 'leftHip', 0.04],
  ['rightShoulder', 'rightHip', 0.04],
  ...(['left', 'right'] as const).flatMap((side): [KeypointId, KeypointId, number][] => [
    [`${side}Shoulder`, `${side}Elbow`, 0.03],
    [`${side}Elbow`, `${side}Wrist`, 0.022],
    [`${side}Wrist`, `${side}Finger2`, 0.022],
    [`${side}Hip`, `${side}Knee`, 0.045],
    [`${side}Knee`, `${side}Ankle`, 0.032],
    [`${side}Heel`, `${side}BigToe`, 0.02],
    [`${side}Heel`, `${side}SmallToe`, 0.02],
  ]),
];

/** @returns 256 x 256, the square canvas of a photo of this size. */
export function drawnMatte(table: KeypointTable, width: number, height: number): GreyImage {
  const side = 256;
  const mapping = squareMapping(width, height, side);
  const at = (id: KeypointId) => {
    const row = KEYPOINT_IDS.indexOf(id) * 3;
    return canvasFromPhoto(mapping, table[row], table[row + 1]);
  };
  const tall = at('leftHeel')[1] - at('nose')[1];
  const data = new Uint8Array(side * side);
  for (const [from, to, share] of CAPSULES) {
    const [ax, ay] = at(from);
    const [bx, by] = at(to);
    const radius = share * tall;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const length = (bx - ax) ** 2 + (by - ay) ** 2;
        const t = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
        if (Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) <= radius) data[y * side + x] = 255;
      }
    }
  }
  return { width: side, height: side, data };
}
