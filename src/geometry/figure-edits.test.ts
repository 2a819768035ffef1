import { describe, expect, test } from 'vitest';
import { CANVAS_SIZE, type CanvasPose, KEYPOINT_IDS, KIND_OF_PART, PART_IDS } from './body.ts';
import {
  changedBox,
  correctedParts,
  correctedPose,
  type FigureEdits,
  LIMBS,
  limbParts,
  NO_EDITS,
  otherSide,
} from './figure-edits.ts';
import { fitParts } from './parts.ts';

/** A standing person, arms hanging; each side its own. */
function standing(): CanvasPose {
  const at: Record<string, readonly [number, number]> = {
    ...{
      nose: [1024, 300],
      leftEye: [1050, 280],
      rightEye: [998, 280],
      leftEar: [1090, 300],
      rightEar: [958, 300],
    },
    ...{
      leftShoulder: [1200, 520],
      rightShoulder: [850, 520],
      leftElbow: [1260, 800],
      rightElbow: [790, 800],
    },
    ...{ leftWrist: [1290, 1040], rightWrist: [760, 1040], leftHip: [1120, 1050], rightHip: [930, 1050] },
    ...{ leftKnee: [1130, 1400], rightKnee: [920, 1400], leftAnkle: [1135, 1750], rightAnkle: [915, 1750] },
    ...{ leftBigToe: [1150, 1850], leftSmallToe: [1180, 1840], leftHeel: [1125, 1780] },
    ...{ rightBigToe: [900, 1850], rightSmallToe: [870, 1840], rightHeel: [925, 1780] },
  };
  for (let i = 1; i <= 4; i++) {
    at[`leftFinger${i}`] = [1280 + 8 * i, 1120];
    at[`rightFinger${i}`] = [770 - 8 * i, 1120];
  }
  return {
    keypoints: Float64Array.from(KEYPOINT_IDS.flatMap((id) => [...at[id], 0.9])),
    estimated: ['leftHeel'],
  };
}

const edits = (change: Partial<FigureEdits>): FigureEdits => ({ ...NO_EDITS, ...change });
const fitted = (change: Partial<FigureEdits>) =>
  correctedParts(fitParts(correctedPose(standing(), edits(change)), 'robust'), edits(change));
const before = fitted({});
const differing = (after: typeof before) =>
  PART_IDS.filter((_, i) => after.imageFromPart[i].join() !== before.imageFromPart[i].join());

describe('corrected joints', () => {
  test('nothing corrected is the same object', () => {
    const pose = standing();
    expect(correctedPose(pose, NO_EDITS)).toBe(pose);
    const fits = fitParts(pose, 'robust');
    expect(correctedParts(fits, NO_EDITS)).toBe(fits);
  });

  test.each([
    ['leftWrist', ['leftForearm']],
    ['rightElbow', ['rightUpperArm', 'rightForearm']],
    ['leftKnee', ['leftThigh', 'leftShin']],
    ['leftEar', ['head']],
    ['nose', []],
  ] as const)('a moved %s moves %s and nothing else', (joint, parts) => {
    const after = fitted({ joints: { [joint]: [1000, 700] } });
    expect(differing(after)).toEqual(parts);
  });

  test('a moved joint is seen, no longer a guess, and stays on the canvas', () => {
    const pose = correctedPose(standing(), edits({ joints: { leftHeel: [-50, 5000] } }));
    const at = KEYPOINT_IDS.indexOf('leftHeel') * 3;
    expect([...pose.keypoints.subarray(at, at + 3)]).toEqual([1, CANVAS_SIZE - 1, 1]);
    expect(pose.estimated).toEqual([]);
  });

  test('exchanged sides: every joint of one is that of the other; twice is as before', () => {
    const pose = standing();
    const swapped = correctedPose(pose, edits({ sidesSwapped: true }));
    for (const [i, id] of KEYPOINT_IDS.entries()) {
      const other = KEYPOINT_IDS.indexOf(otherSide(id));
      expect([...swapped.keypoints.subarray(i * 3, i * 3 + 3)]).toEqual([
        ...pose.keypoints.subarray(other * 3, other * 3 + 3),
      ]);
    }
    expect(swapped.estimated).toEqual(['rightHeel']);
    expect(correctedPose(swapped, edits({ sidesSwapped: true })).keypoints).toEqual(pose.keypoints);
  });
});

describe('corrected boxes', () => {
  const centreOf = (corners: readonly (readonly [number, number])[]) =>
    [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / 4);

  test('moved by canvas pixels, turned and scaled about the middle', () => {
    const change = { dx: 40, dy: -25, turnRad: 0.4, scale: 1.5 };
    const after = fitted({ boxes: { leftForearm: change } });
    expect(differing(after)).toEqual(['leftForearm']);
    const i = PART_IDS.indexOf('leftForearm');
    const [was, is] = [before.parts[i], after.parts[i]];
    const [[x0, y0], [x1, y1]] = [centreOf(was.corners), centreOf(is.corners)];
    expect([x1 - x0, y1 - y0].map((v) => Math.round(v * 100) / 100)).toEqual([40, -25]);
    expect(is.scale / was.scale).toBeCloseTo(1.5, 5);
    const angle = (corners: typeof was.corners) =>
      Math.atan2(corners[1][1] - corners[0][1], corners[1][0] - corners[0][0]);
    expect(angle(is.corners) - angle(was.corners)).toBeCloseTo(0.4, 5);
    // The merge's inverse belongs to it.
    const [a, b] = [after.imageFromPart[i], after.partFromImage[i]];
    expect(a[0] * b[0] + a[1] * b[3]).toBeCloseTo(1, 5);
    expect(a[0] * b[2] + a[1] * b[5] + a[2]).toBeCloseTo(0, 5);
  });

  test('a change and its opposite are none', () => {
    const i = PART_IDS.indexOf('head');
    const there = changedBox(before.imageFromPart[i], { dx: 10, dy: 20, turnRad: 0.3, scale: 2 });
    const back = changedBox(there, { dx: -10, dy: -20, turnRad: -0.3, scale: 0.5 });
    for (const [k, value] of back.entries()) expect(value).toBeCloseTo(before.imageFromPart[i][k], 6);
  });

  test.each(LIMBS)('exchanged %s boxes: each side has the other one’s', (limb) => {
    const after = fitted({ swappedLimbs: [limb] });
    const [left, right] = limbParts(limb).map((part) => PART_IDS.indexOf(part));
    expect(after.imageFromPart[left]).toEqual(before.imageFromPart[right]);
    expect(after.parts[right].corners.flat()).toEqual(
      before.parts[left].corners.flat().map((v) => expect.closeTo(v, 3)),
    );
    expect(after.parts[left].part).toBe(PART_IDS[left]);
    expect(KIND_OF_PART[PART_IDS[left]]).toBe(KIND_OF_PART[PART_IDS[right]]);
    expect(differing(after).sort()).toEqual([...limbParts(limb)].sort());
  });

  test('a box off the photo is refused in words', () => {
    const away = { dx: 4000, dy: 0, turnRad: 0, scale: 1 };
    expect(() => fitted({ boxes: { leftUpperArm: away } })).toThrow(
      'The box of the left upper arm lies outside the photo.',
    );
  });
});
