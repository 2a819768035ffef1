/** Canvas mapping, the reference's rule for absent points, and where missing joints go. */
import { describe, expect, test } from 'vitest';
import { StageError } from '../base/errors.ts';
import { KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId, type KeypointTable } from './body.ts';
import { canvasFromPhoto, photoFromCanvas, photoRectangle, squareMapping, toCanvas } from './keypoints.ts';
import { completePose } from './missing-joints.ts';

describe('square mapping', () => {
  test('odd differences go to the right and below', () => {
    expect(squareMapping(31, 20)).toMatchObject({ offsetX: 0, offsetY: 5, scale: 2048 / 31 });
    expect(squareMapping(20, 33)).toMatchObject({ offsetX: 6, offsetY: 0 });
    expect(squareMapping(2048, 2048)).toMatchObject({ offsetX: 0, offsetY: 0, scale: 1 });
  });
  test('there and back', () => {
    const m = squareMapping(3024, 4032);
    const [x, y] = canvasFromPhoto(m, 1000.5, 20.25);
    const back = photoFromCanvas(m, x, y);
    expect(back[0]).toBeCloseTo(1000.5, 9);
    expect(back[1]).toBeCloseTo(20.25, 9);
  });
  test('the photo lies centred on the canvas', () => {
    expect(photoRectangle(squareMapping(1000, 2000))).toEqual({
      left: 512,
      top: 0,
      right: 1536,
      bottom: 2048,
    });
  });
});

/** A standing figure, photo px. */
const FIGURE: Readonly<Record<KeypointId, readonly [number, number]>> = {
  nose: [500, 150],
  leftEye: [515, 135],
  rightEye: [485, 135],
  leftEar: [535, 145],
  rightEar: [465, 145],
  leftShoulder: [580, 260],
  rightShoulder: [420, 260],
  leftElbow: [610, 390],
  rightElbow: [390, 390],
  leftWrist: [620, 500],
  rightWrist: [380, 500],
  leftHip: [550, 500],
  rightHip: [450, 500],
  leftKnee: [552, 690],
  rightKnee: [448, 690],
  leftAnkle: [553, 860],
  rightAnkle: [447, 860],
  leftBigToe: [560, 905],
  leftSmallToe: [580, 900],
  leftHeel: [546, 872],
  rightBigToe: [440, 905],
  rightSmallToe: [420, 900],
  rightHeel: [454, 872],
  leftFinger1: [615, 555],
  leftFinger2: [622, 558],
  leftFinger3: [628, 555],
  leftFinger4: [634, 548],
  rightFinger1: [385, 555],
  rightFinger2: [378, 558],
  rightFinger3: [372, 555],
  rightFinger4: [366, 548],
};

function tableOf(missing: readonly string[] = []): KeypointTable {
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  KEYPOINT_IDS.forEach((id, i) => {
    if (!missing.some((m) => id === m || (m.endsWith('*') && id.startsWith(m.slice(0, -1))))) {
      table.set([...FIGURE[id], 0.9], i * 3);
    }
  });
  return table;
}

describe('absent points', () => {
  test('reference mode moves each zero coordinate to the middle, after padding', () => {
    const table = tableOf(['leftBigToe']);
    const square = toCanvas(table, squareMapping(1000, 1000), 'reference').keypoints;
    expect([...square.subarray(17 * 3, 17 * 3 + 2)]).toEqual([1024, 1024]);
    // In a portrait photo the padding hides the zero of x.
    const portrait = toCanvas(table, squareMapping(1000, 2048), 'reference').keypoints;
    expect([...portrait.subarray(17 * 3, 17 * 3 + 2)]).toEqual([524, 1024]);
    expect(toCanvas(table, squareMapping(1000, 2048), 'reference').estimated).toEqual([]);
  });

  test('robust mode recognises them before padding, and by confidence 0', () => {
    const table = tableOf(['leftBigToe']);
    table[10 * 3 + 2] = 0;
    const { estimated, keypoints } = toCanvas(table, squareMapping(1000, 2048), 'robust');
    expect(estimated).toEqual(['rightWrist', 'leftBigToe']);
    expect(keypoints[17 * 3 + 2]).toBe(0);
  });

  const cases: readonly [missing: string[], within: number][] = [
    [['leftShoulder'], 40],
    [['leftShoulder', 'rightShoulder'], 60],
    [['leftHip', 'rightHip'], 60],
    [['leftElbow'], 60],
    [['rightWrist'], 40],
    [['leftElbow', 'leftWrist', 'leftFinger*'], 60],
    [['leftKnee'], 30],
    [['leftAnkle', 'leftBigToe', 'leftSmallToe', 'leftHeel'], 50],
    [['leftKnee', 'leftAnkle', 'leftBigToe', 'leftSmallToe', 'leftHeel'], 70],
    [['rightKnee', 'rightAnkle', 'leftKnee', 'leftAnkle'], 70],
    [['leftEar', 'rightEar'], 25],
    [['leftEar', 'leftEye'], 40],
    [['nose', 'leftEye', 'rightEye', 'leftEar', 'rightEar'], 60],
    [['leftFinger*', 'rightFinger*'], 40],
    [['leftFinger1', 'leftFinger2', 'leftFinger3'], 25],
  ];
  for (const [missing, within] of cases) {
    test(`${missing.join(', ')} land near where they belong`, () => {
      const { keypoints, estimated } = toCanvas(tableOf(missing), squareMapping(1000, 1000), 'robust');
      expect(estimated.length).toBeGreaterThan(0);
      for (const id of estimated) {
        const i = KEYPOINT_IDS.indexOf(id);
        const [x, y] = canvasFromPhoto(squareMapping(1000, 1000), ...FIGURE[id]);
        const far = Math.hypot(keypoints[i * 3] - x, keypoints[i * 3 + 1] - y) / 2.048;
        expect(far, `${id}, photo px`).toBeLessThan(within);
      }
    });
  }

  test('a person seen from behind gets their left limbs on the left of the picture', () => {
    const table = tableOf([
      'leftKnee',
      'leftAnkle',
      'leftBigToe',
      'leftSmallToe',
      'leftHeel',
      'leftElbow',
      'leftWrist',
    ]);
    for (let i = 0; i < KEYPOINT_COUNT; i++) if (table[i * 3] > 0) table[i * 3] = 1000 - table[i * 3];
    const { keypoints } = toCanvas(table, squareMapping(1000, 1000), 'robust');
    for (const id of ['leftKnee', 'leftAnkle', 'leftElbow', 'leftWrist'] as const) {
      expect(keypoints[KEYPOINT_IDS.indexOf(id) * 3], id).toBeLessThan(1000);
    }
  });

  test('too little to stand a body on', () => {
    const few = new Float64Array(KEYPOINT_COUNT * 3);
    few.set([100, 100, 1, 200, 200, 1, 300, 100, 1]);
    expect(() => completePose(few)).toThrowError(StageError);
    const oneSpot = Float64Array.from({ length: KEYPOINT_COUNT * 3 }, (_, i) => (i % 3 === 2 ? 1 : 500));
    expect(() => completePose(oneSpot)).toThrowError(/usable keypoints/);
  });
});
