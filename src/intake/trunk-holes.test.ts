/** Holes between shoulders and hips are closed; gaps at the arms and between the legs stay, and so does a matte without holes. */
import { describe, expect, test } from 'vitest';
import { KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId } from '../geometry/body.ts';
import { fillTrunkHoles } from './trunk-holes.ts';

const SIZE = 1000;
const PLACES: Partial<Record<KeypointId, readonly [number, number]>> = {
  leftShoulder: [600, 250],
  rightShoulder: [400, 250],
  leftHip: [560, 500],
  rightHip: [440, 500],
  leftKnee: [560, 700],
  rightKnee: [440, 700],
};

function poseWithout(...estimated: KeypointId[]) {
  const keypoints = new Float64Array(3 * KEYPOINT_COUNT);
  for (const [id, place] of Object.entries(PLACES)) {
    keypoints.set([...place, 1], 3 * KEYPOINT_IDS.indexOf(id as KeypointId));
  }
  return { keypoints, estimated };
}

/** A person 320 px wide, with rectangular holes. */
function matteWith(
  ...holes: readonly (readonly [left: number, top: number, right: number, bottom: number])[]
) {
  const data = new Uint8Array(SIZE * SIZE);
  for (let y = 150; y < 950; y++) data.fill(255, y * SIZE + 340, y * SIZE + 660);
  for (const [left, top, right, bottom] of holes) {
    for (let y = top; y < bottom; y++) data.fill(0, y * SIZE + left, y * SIZE + right);
  }
  return { width: SIZE, height: SIZE, data };
}
const at = ({ data }: { data: Uint8Array }, x: number, y: number) => data[y * SIZE + x];

describe('fillTrunkHoles', () => {
  test('a shadow under folded hands is closed, in a matte of its own', () => {
    const matte = matteWith([470, 520, 530, 550]);
    const closed = fillTrunkHoles(matte, poseWithout());
    expect(at(closed, 500, 530)).toBe(255);
    expect(at(matte, 500, 530)).toBe(0);
    expect(closed.data).toEqual(matteWith().data);
  });

  test('gaps inside a bent arm and between the legs stay, beside one that is closed', () => {
    const closed = fillTrunkHoles(
      matteWith([600, 350, 640, 450], [490, 545, 510, 800], [480, 300, 500, 320]),
      poseWithout(),
    );
    expect([at(closed, 620, 400), at(closed, 500, 600), at(closed, 490, 310)]).toEqual([0, 0, 255]);
  });

  test('an opening larger than a hand stays', () => {
    expect(at(fillTrunkHoles(matteWith([440, 300, 560, 440]), poseWithout()), 500, 350)).toBe(0);
  });

  test('without holes, or without the corners of the trunk, the matte is the same object', () => {
    const whole = matteWith();
    expect(fillTrunkHoles(whole, poseWithout())).toBe(whole);
    const holed = matteWith([470, 300, 530, 330]);
    expect(fillTrunkHoles(holed, poseWithout('leftHip'))).toBe(holed);
  });
});
