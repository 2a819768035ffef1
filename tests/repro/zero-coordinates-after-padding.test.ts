/**
 * The original looks for zeros after it has padded the photo to a square (docs/method.md#faults, items 2 and 3). In a photo
 * that is not square an absent point is then no zero any more along the padded axis and counts as seen; and a point that
 * really lies at 0 is moved to the middle. Robust mode asks before padding, and for both coordinates.
 */
import { describe, expect, test } from 'vitest';
import { squareMapping, toCanvas } from '../../src/geometry/keypoints.ts';
import { cropError, fitsOf, hanniWithout, inPortraitPhoto, rowOf } from './hanni-pose.ts';

const PORTRAIT = [1540, 2048] as const;
/** (2048 - 1540) / 2: what padding adds to x. */
const CUT_PX = 254;

const placeOf = (table: Float64Array<ArrayBuffer>, mode: 'reference' | 'robust', row: number) => {
  const { keypoints, estimated } = toCanvas(table, squareMapping(...PORTRAIT), mode);
  return { x: keypoints[row * 3], y: keypoints[row * 3 + 1], estimated };
};

describe('an absent toe in a portrait photo', () => {
  const table = inPortraitPhoto(hanniWithout('leftBigToe'), CUT_PX);

  test('reference mode puts it at the edge of the photo, half way down, and fits the foot to it', () => {
    const { x, y, estimated } = placeOf(table, 'reference', rowOf('leftBigToe'));
    expect([x, y, estimated]).toEqual([CUT_PX, 1024, []]);
    expect(cropError(fitsOf(table, 'reference', PORTRAIT), 'leftFoot').farPx).toBeGreaterThan(2000);
  });

  test('robust mode knows that it is absent, and keeps the foot', () => {
    expect(placeOf(table, 'robust', rowOf('leftBigToe')).estimated).toEqual(['leftBigToe']);
    expect(cropError(fitsOf(table, 'robust', PORTRAIT), 'leftFoot').farPx).toBeLessThan(40);
  });
});

test('an absent elbow in a portrait photo: reference stretches the arm to the edge, robust does not', () => {
  const table = inPortraitPhoto(hanniWithout('leftElbow'), CUT_PX);
  expect(cropError(fitsOf(table, 'reference', PORTRAIT), 'leftUpperArm').farPx).toBeGreaterThan(1000);
  expect(cropError(fitsOf(table, 'robust', PORTRAIT), 'leftUpperArm').farPx).toBeLessThan(70);
});

test('a wrist seen at the upper edge: reference moves it to the middle, robust leaves it', () => {
  const table = inPortraitPhoto(hanniWithout(), CUT_PX);
  const row = rowOf('leftWrist');
  table[row * 3 + 1] = 0;
  const x = table[row * 3] + CUT_PX;
  expect(placeOf(table, 'reference', row)).toMatchObject({ x, y: 1024 });
  expect(placeOf(table, 'robust', row)).toMatchObject({ x, y: 0, estimated: [] });
});
