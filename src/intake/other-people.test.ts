/** Two people side by side: every pixel goes to whose body it is nearer to. */
import { expect, test } from 'vitest';
import { atOnce } from '../base/steps.ts';
import { CANVAS_SIZE, KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId } from '../geometry/body.ts';
import { completePose } from '../geometry/missing-joints.ts';
import { type BodyShape, othersPixelsSteps, withoutOthers } from './other-people.ts';

const othersPixels = atOnce(othersPixelsSteps);

/** A standing figure 1500 px tall around x. */
function bodyAt(x: number): BodyShape {
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  const points: Partial<Record<KeypointId, readonly [number, number]>> = {
    nose: [0, 400],
    leftShoulder: [150, 560],
    rightShoulder: [-150, 560],
    leftElbow: [190, 790],
    rightElbow: [-190, 790],
    leftWrist: [210, 980],
    rightWrist: [-210, 980],
    leftHip: [90, 1010],
    rightHip: [-90, 1010],
    leftKnee: [100, 1360],
    rightKnee: [-100, 1360],
    leftAnkle: [110, 1680],
    rightAnkle: [-110, 1680],
  };
  for (const [id, [dx, y]] of Object.entries(points)) {
    table.set([x + dx, y, 0.9], KEYPOINT_IDS.indexOf(id as KeypointId) * 3);
  }
  return {
    keypoints: completePose(table).keypoints,
    outline: {
      region: { centreX: x, centreY: 1024, side: 2048, angleRad: 0 },
      side: 8,
      data: new Uint8Array(64).fill(255),
    },
  };
}

test('the border runs between two who touch, and each keeps its own body', () => {
  const [own, other] = [bodyAt(800), bodyAt(1240)];
  const pixels = othersPixels(own, [other])!;
  const at = (x: number, y: number) => pixels[y * CANVAS_SIZE + x];
  // Trunks, heads, and the arms that touch at 1020.
  expect([at(800, 800), at(800, 400), at(800, 1500), at(1000, 900)]).toEqual([0, 0, 0, 0]);
  expect([at(1240, 800), at(1240, 400), at(1240, 1500), at(1045, 900)]).toEqual([1, 1, 1, 1]);
  const back = othersPixels(other, [own])!;
  let both = 0;
  for (let i = 0; i < back.length; i++) both += pixels[i] & back[i];
  expect(both).toBe(0);
});

test('alone, nothing is another one’s', () => {
  expect(othersPixels(bodyAt(1024), [])).toBe(null);
  const data = Uint8Array.of(1, 1, 1);
  withoutOthers(data, null);
  expect([...data]).toEqual([1, 1, 1]);
  withoutOthers(data, Uint8Array.of(0, 1, 0));
  expect([...data]).toEqual([1, 0, 1]);
});
