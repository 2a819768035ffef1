/** Steps from BlazePose's joints to OpenPose's: along the body, whichever way it stands. */
import { expect, test } from 'vitest';
import { KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId } from '../geometry/body.ts';
import { toOpenPoseJoints } from './joint-definitions.ts';

const row = (id: KeypointId) => KEYPOINT_IDS.indexOf(id) * 3;

/** Torso of 500 px with ankles and a nose; person's left is our right. */
function figure(): Float64Array<ArrayBuffer> {
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  const put = (id: KeypointId, x: number, y: number) => table.set([x, y, 0.9], row(id));
  put('nose', 1000, 400);
  put('leftShoulder', 1150, 600);
  put('rightShoulder', 850, 600);
  put('leftHip', 1100, 1100);
  put('rightHip', 900, 1100);
  put('leftAnkle', 1110, 1800);
  put('rightAnkle', 890, 1800);
  return table;
}

const turned = (table: Float64Array<ArrayBuffer>, angle: number) => {
  const out = table.slice();
  for (let i = 0; i < out.length; i += 3) {
    if (table[i + 2] === 0) continue;
    const [x, y] = [table[i] - 1000, table[i + 1] - 1000];
    out[i] = 1000 + Math.cos(angle) * x - Math.sin(angle) * y;
    out[i + 1] = 1000 + Math.sin(angle) * x + Math.cos(angle) * y;
  }
  return out;
};

test('hips go up and apart, ankles down, absent points stay absent', () => {
  const before = figure();
  const after = toOpenPoseJoints(before);
  expect(after[row('leftHip') + 1]).toBeCloseTo(1100 - 0.026 * 500, 6);
  expect(after[row('leftHip')]).toBeGreaterThan(1100);
  expect(after[row('rightHip')]).toBeLessThan(900);
  expect(after[row('leftAnkle') + 1]).toBeGreaterThan(1800);
  expect(after[row('nose')]).toBe(1000);
  expect([...after.subarray(row('leftKnee'), row('leftKnee') + 3)]).toEqual([0, 0, 0]);
  expect(before).toEqual(figure());
});

test('turning the figure turns the steps', () => {
  for (const angle of [0.5, Math.PI / 2, Math.PI]) {
    const a = turned(toOpenPoseJoints(figure()), angle);
    const b = toOpenPoseJoints(turned(figure(), angle));
    for (let i = 0; i < a.length; i++) expect(b[i]).toBeCloseTo(a[i], 6);
  }
});

test('seen from behind, apart is still apart', () => {
  const behind = figure();
  for (let i = 0; i < behind.length; i += 3) if (behind[i + 2] > 0) behind[i] = 2000 - behind[i];
  const after = toOpenPoseJoints(behind);
  expect(after[row('leftHip')]).toBeLessThan(behind[row('leftHip')]);
  expect(after[row('rightHip')]).toBeGreaterThan(behind[row('rightHip')]);
});

test('without a torso nothing moves', () => {
  const table = figure();
  table[row('leftHip') + 2] = 0;
  expect(toOpenPoseJoints(table)).toEqual(table);
});
