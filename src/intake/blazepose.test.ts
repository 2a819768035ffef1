/** BlazePose landmarks to keypoints: sides, derived points, hidden points, a person seen from behind. */
import { describe, expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { CANVAS_SIZE, KEYPOINT_IDS, type KeypointId } from '../geometry/body.ts';
import { fitParts } from '../geometry/parts.ts';
import { keypointsFromBlazePose } from './blazepose.ts';
import type { EstimatedPose } from './estimated-pose.ts';

/** A standing figure facing us; person's left = our right. Landmark row: x, y in [0, 1]. */
const FIGURE: Readonly<Record<number, readonly [number, number]>> = {
  0: [0.5, 0.15],
  2: [0.515, 0.135],
  5: [0.485, 0.135],
  7: [0.53, 0.145],
  8: [0.47, 0.145],
  11: [0.58, 0.26],
  12: [0.42, 0.26],
  13: [0.61, 0.39],
  14: [0.39, 0.39],
  15: [0.62, 0.5],
  16: [0.38, 0.5],
  17: [0.63, 0.53],
  18: [0.37, 0.53],
  19: [0.615, 0.535],
  20: [0.385, 0.535],
  23: [0.54, 0.5],
  24: [0.46, 0.5],
  25: [0.545, 0.69],
  26: [0.455, 0.69],
  27: [0.55, 0.85],
  28: [0.45, 0.85],
  29: [0.545, 0.87],
  30: [0.455, 0.87],
  31: [0.56, 0.9],
  32: [0.44, 0.9],
};

function poseOf(mirror = false, hidden: readonly number[] = []): EstimatedPose {
  const landmarks = new Float32Array(33 * 4);
  for (const [row, [x, y]] of Object.entries(FIGURE)) {
    landmarks.set([mirror ? 1 - x : x, y, 0, hidden.includes(+row) ? 0.01 : 0.99], +row * 4);
  }
  return { landmarks, mask: null };
}

const pointOf = (keypoints: Float64Array, id: KeypointId) => {
  const i = KEYPOINT_IDS.indexOf(id);
  return [keypoints[i * 3] / CANVAS_SIZE, keypoints[i * 3 + 1] / CANVAS_SIZE];
};

test('every point has a place near its landmark, symmetric for a symmetric figure', () => {
  const { keypoints, estimated } = keypointsFromBlazePose(poseOf());
  expect(estimated).toEqual([]);
  for (const [id, row] of [
    ['leftKnee', 25],
    ['rightWrist', 16],
    ['leftHip', 23],
    ['rightAnkle', 28],
    ['leftEar', 7],
  ] as const) {
    const [x, y] = pointOf(keypoints, id);
    expect(Math.hypot(x - FIGURE[row][0], y - FIGURE[row][1]), id).toBeLessThan(0.015);
  }
  for (const id of KEYPOINT_IDS.filter((k) => k.startsWith('left'))) {
    const [lx, ly] = pointOf(keypoints, id);
    const [rx, ry] = pointOf(keypoints, id.replace('left', 'right') as KeypointId);
    expect(lx + rx, id).toBeCloseTo(1, 5);
    expect(ly, id).toBeCloseTo(ry, 5);
  }
});

test('fingers lie beyond the knuckles, the small toe outside the big one', () => {
  const { keypoints } = keypointsFromBlazePose(poseOf());
  for (const n of [1, 2, 3, 4])
    expect(pointOf(keypoints, `leftFinger${n}` as KeypointId)[1]).toBeGreaterThan(0.54);
  expect(pointOf(keypoints, 'leftSmallToe')[0]).toBeGreaterThan(pointOf(keypoints, 'leftBigToe')[0]);
  expect(pointOf(keypoints, 'rightSmallToe')[0]).toBeLessThan(pointOf(keypoints, 'rightBigToe')[0]);
});

test('where a hand or a face was looked at closely, its points are used', () => {
  const hand = Float32Array.from({ length: 21 * 2 }, (_, i) => (i % 2 ? 0.55 : 0.6 + i / 1000));
  const face = Float32Array.from({ length: 468 * 2 }, (_, i) => (i % 2 ? 0.14 : 0.5));
  const plain = keypointsFromBlazePose(poseOf()).keypoints;
  const { keypoints } = keypointsFromBlazePose({ ...poseOf(), hands: { left: hand, right: null }, face });
  for (const [finger, joint] of [6, 10, 14, 18].entries()) {
    const [x, y] = pointOf(keypoints, `leftFinger${finger + 1}` as KeypointId);
    expect(x).toBeCloseTo(0.6 + (2 * joint) / 1000, 5);
    expect(y).toBeCloseTo(0.55, 5);
  }
  expect(pointOf(keypoints, 'rightFinger1')).toEqual(pointOf(plain, 'rightFinger1'));
  // Between the hand's wrist and the body's.
  const wrist = pointOf(keypoints, 'leftWrist');
  expect(wrist[0]).toBeGreaterThan(0.6);
  expect(wrist[0]).toBeLessThan(FIGURE[15][0]);
  expect(pointOf(keypoints, 'leftEye')[0]).toBeCloseTo(0.5, 2);
});

test('seen from behind, outward is the other way', () => {
  const { keypoints } = keypointsFromBlazePose(poseOf(true));
  expect(pointOf(keypoints, 'leftSmallToe')[0]).toBeLessThan(pointOf(keypoints, 'leftBigToe')[0]);
});

test('hidden landmarks are estimated and named, and every part can be fitted', () => {
  const pose = keypointsFromBlazePose(poseOf(false, [15, 17, 19, 31, 29, 7]));
  expect(pose.estimated).toEqual([
    'leftEar',
    'leftWrist',
    'leftBigToe',
    'leftSmallToe',
    'leftHeel',
    'leftFinger1',
    'leftFinger2',
    'leftFinger3',
    'leftFinger4',
  ]);
  for (const { part, scale } of fitParts(pose, 'robust').parts) {
    expect(scale, part).toBeGreaterThan(0.2);
    expect(scale, part).toBeLessThan(3);
  }
});

describe('nobody', () => {
  test('null is E_NO_PERSON', () => {
    expect(() => keypointsFromBlazePose(null)).toThrowError(StageError);
    expect(() => keypointsFromBlazePose(null)).toThrowError(/Nobody/);
  });
});
