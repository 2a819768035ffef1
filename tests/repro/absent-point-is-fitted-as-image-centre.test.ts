/**
 * The original turns an absent point into the middle of the canvas and fits it like any other (docs/method.md#faults, items 1
 * and 4): the crop of that part grows or flies off. Robust mode estimates the point from the rest of the body.
 */
import { describe, expect, test } from 'vitest';
import type { PartId } from '../../src/geometry/body.ts';
import { cropError, fitsOf, hanniWithout } from './hanni-pose.ts';

/** Points absent, the part they belong to, and how far off its crop is: at least in reference, at most in robust mode. */
const CASES: readonly [missing: readonly string[], part: PartId, faultPx: number, mendedPx: number][] = [
  [['leftBigToe'], 'leftFoot', 1000, 40],
  [['leftBigToe', 'leftSmallToe'], 'leftFoot', 1000, 80],
  [['rightHeel'], 'rightFoot', 1000, 25],
  [['leftEar', 'leftEye'], 'head', 1000, 70],
  [['leftElbow'], 'leftForearm', 1000, 50],
  [['leftElbow'], 'leftUpperArm', 400, 70],
  [['leftWrist'], 'leftForearm', 50, 10],
  [['rightShoulder'], 'rightUpperArm', 500, 30],
  [['rightShoulder'], 'upperBody', 300, 30],
  [['leftHip'], 'leftThigh', 80, 10],
  [['rightKnee'], 'rightThigh', 400, 60],
  [['rightKnee'], 'rightShin', 350, 60],
  [['rightAnkle'], 'rightFoot', 1000, 40],
];

describe.each(CASES)('without %j, the crop of %s', (missing, part, faultPx, mendedPx) => {
  const table = hanniWithout(...missing);

  test('is far off in reference mode', () => {
    expect(cropError(fitsOf(table, 'reference'), part).farPx).toBeGreaterThan(faultPx);
  });

  test('stays in place in robust mode', () => {
    const { farPx, scale } = cropError(fitsOf(table, 'robust'), part);
    expect(farPx).toBeLessThan(mendedPx);
    expect(scale).toBeGreaterThan(0.8);
    expect(scale).toBeLessThan(1.25);
  });
});

test('the foot without its big toe: 0.069 of the size and turned over, as recorded from the original', () => {
  const [a] = fitsOf(hanniWithout('leftBigToe'), 'reference').fits[10];
  const [b] = fitsOf(hanniWithout('leftBigToe'), 'robust').fits[10];
  expect(a).toBeLessThan(0);
  expect(Math.abs(a)).toBeLessThan(0.07);
  expect(b).toBeGreaterThan(0.8);
});
