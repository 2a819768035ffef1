import { expect, test } from 'vitest';
import { canvasFromCorners, canvasFromCrop, cropCorners, cropFromCorners } from './crop.ts';

/** Turned by 30 degrees, half as large, moved. */
const turned = Float32Array.from([0.433, -0.25, 0.2, 0.25, 0.433, -0.1]);
const crop = { height: 352, width: 224 };

test('the upright crop lies in the middle of the canvas', () => {
  const identity = Float32Array.from([1, 0, 0, 0, 1, 0]);
  expect(cropCorners(identity, crop)).toEqual([
    [912, 848],
    [1136, 848],
    [1136, 1200],
    [912, 1200],
  ]);
});

test('corners and transform say the same, and back again', () => {
  const corners = cropCorners(turned, crop);
  for (const [x, y] of [
    [0.5, 0.5],
    [100, 20],
    [223.5, 351.5],
  ]) {
    const [u, v] = canvasFromCrop(turned, crop, x, y);
    const byCorners = canvasFromCorners(corners, crop, x, y);
    expect(byCorners[0]).toBeCloseTo(u, 6);
    expect(byCorners[1]).toBeCloseTo(v, 6);
    const back = cropFromCorners(corners, crop, u, v);
    expect(back[0]).toBeCloseTo(x, 6);
    expect(back[1]).toBeCloseTo(y, 6);
  }
});
