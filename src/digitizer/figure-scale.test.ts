/** How tall a figure is: as tall as its mesh when whole, as its joints say when the photo cuts it off. */
import { expect, test } from 'vitest';
import { CANVAS_SIZE, KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId } from '../geometry/body.ts';
import { CLOUD_DIVISOR, focalPx } from '../geometry/camera.ts';
import { completePose } from '../geometry/missing-joints.ts';
import { extentOf, wholeFigure } from './figure-scale.ts';
import type { RunResults } from './stage.ts';

/** A figure of 1500 px, crown at 270; joints below `cutAt` were not seen. */
function resultsOf(cutAt: number): RunResults {
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  const points: Partial<Record<KeypointId, readonly [number, number]>> = {
    nose: [1024, 400],
    leftShoulder: [1174, 560],
    rightShoulder: [874, 560],
    leftHip: [1114, 1010],
    rightHip: [934, 1010],
    leftKnee: [1124, 1360],
    rightKnee: [924, 1360],
    leftAnkle: [1134, 1680],
    rightAnkle: [914, 1680],
  };
  for (const [id, [x, y]] of Object.entries(points)) {
    if (y < cutAt) table.set([x, y, 0.9], KEYPOINT_IDS.indexOf(id as KeypointId) * 3);
  }
  const { keypoints } = completePose(table);
  const mapping = { width: 2048, height: cutAt, canvas: CANVAS_SIZE, offsetX: 0, offsetY: 0, scale: 1 };
  return { photo: { mapping }, pose: { keypoints } } as unknown as RunResults;
}

const unitsOf = (px: number) => px / (focalPx(CANVAS_SIZE) * CLOUD_DIVISOR);
const heightOf = (row: number) => unitsOf(CANVAS_SIZE / 2 - row);

test('a whole person is as tall as the mesh', () => {
  expect(wholeFigure(resultsOf(2048), [heightOf(1770), heightOf(270)])).toBe(null);
});

test.each([
  ['knees', 1300],
  ['hips', 1050],
])('cut off at the %s: the joints say how tall the rest would be', (_, cutAt) => {
  const whole = wholeFigure(resultsOf(cutAt), [heightOf(cutAt), heightOf(270)])!;
  // The figure's true height is 1500 px; where nobody sees the legs they are those of anybody.
  expect(whole.height / unitsOf(1500)).toBeGreaterThan(0.85);
  expect(whole.height / unitsOf(1500)).toBeLessThan(1.15);
  expect(whole.floor).toBeLessThan(heightOf(cutAt) - unitsOf(200));
});

test('the extent is that of y', () => {
  expect(extentOf(Float32Array.of(9, -1, 9, 9, 2, 9, 9, 0, 9))).toEqual([-1, 2]);
});
