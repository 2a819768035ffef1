/** A limb that points at the camera has its joints in one spot: no scale can be fitted, and the original skips the picture. */
import { describe, expect, test } from 'vitest';
import { type KeypointId, PART_IDS, type PartId } from '../../src/geometry/body.ts';
import { fitsOf, hanniWithout, rowOf } from './hanni-pose.ts';

const CASES: readonly [moved: KeypointId, onto: KeypointId, part: PartId][] = [
  ['leftElbow', 'leftShoulder', 'leftUpperArm'],
  ['rightKnee', 'rightHip', 'rightThigh'],
  ['leftAnkle', 'leftKnee', 'leftShin'],
  ['leftEar', 'rightEar', 'head'],
];

describe.each(CASES)('%s on %s', (moved, onto, part) => {
  const table = hanniWithout();
  const from = rowOf(onto) * 3;
  table.copyWithin(rowOf(moved) * 3, from, from + 2);

  test('reference mode stops', () => {
    expect(() => fitsOf(table, 'reference')).toThrowError(new RegExp(`${part}.*coincide`));
  });

  test('robust mode takes an upright crop around the spot, not magnified', () => {
    const { fits, parts } = fitsOf(table, 'robust');
    const at = PART_IDS.indexOf(part);
    expect(parts[at].scale).toBeCloseTo(1, 4);
    const [a, b] = fits[at];
    expect(Math.abs(b / a)).toBeLessThan(1e-4);
    const x = parts[at].corners.reduce((sum, corner) => sum + corner[0], 0) / 4;
    const y = parts[at].corners.reduce((sum, corner) => sum + corner[1], 0) / 4;
    expect(Math.hypot(x - table[from], y - table[from + 1])).toBeLessThan(150);
  });
});
