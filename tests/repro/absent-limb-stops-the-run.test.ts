/**
 * Without any finger of a hand the original fits a mean of nothing and raises; without a whole limb, or a head, all points
 * of a part fall on the middle of the canvas, the fit is singular and the picture is skipped (docs/method.md#part-fits and #faults,
 * items 4 and 5). Robust mode places them by the layout of a body.
 */
import { describe, expect, test } from 'vitest';
import { PART_IDS, type PartId } from '../../src/geometry/body.ts';
import { cropError, fitsOf, hanniWithout } from './hanni-pose.ts';

const FOOT = ['BigToe', 'SmallToe', 'Heel'];

const CASES: readonly [missing: readonly string[], raises: RegExp, parts: readonly PartId[]][] = [
  [['leftFinger*'], /leftForearm.*finger points/, ['leftForearm']],
  [['leftElbow', 'leftWrist', 'leftFinger*'], /leftForearm/, ['leftUpperArm', 'leftForearm']],
  [
    ['rightKnee', 'rightAnkle', ...FOOT.map((point) => `right${point}`)],
    /rightShin.*coincide/,
    ['rightThigh', 'rightShin', 'rightFoot'],
  ],
  [['leftEar', 'rightEar', 'leftEye', 'rightEye'], /head.*coincide/, ['head']],
];

describe.each(CASES)('without %j', (missing, raises, parts) => {
  const table = hanniWithout(...missing);

  test('reference mode stops', () => {
    expect(() => fitsOf(table, 'reference')).toThrowError(raises);
  });

  test('robust mode keeps every crop near its place', () => {
    const fits = fitsOf(table, 'robust');
    for (const part of parts) {
      const { farPx, scale } = cropError(fits, part);
      expect(farPx, part).toBeLessThan(180);
      expect(scale, part).toBeGreaterThan(0.8);
      expect(scale, part).toBeLessThan(1.25);
      expect(fits.parts[PART_IDS.indexOf(part)].estimated, part).toBe(true);
    }
    for (const part of PART_IDS) {
      if (!parts.includes(part)) expect(cropError(fits, part).farPx, part).toBeLessThan(1);
    }
  });
});
