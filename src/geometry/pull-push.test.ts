/** Filling from scattered pixels. */
import { expect, test } from 'vitest';
import { emptyColours, pullPush } from './pull-push.ts';

test('known pixels stay, gaps lie between what is known around them', () => {
  const colours = emptyColours(64);
  for (let y = 0; y < 64; y++) {
    for (const [x, value] of [
      [0, 10],
      [63, 200],
    ]) {
      colours.weight[y * 64 + x] = 1;
      for (const plane of colours.planes) plane[y * 64 + x] = value;
    }
  }
  expect(pullPush(colours)).toBe(true);
  expect(colours.planes[0][20 * 64]).toBe(10);
  expect(colours.planes[0][20 * 64 + 63]).toBe(200);
  const row = [...colours.planes[1].subarray(32 * 64, 33 * 64)];
  expect(Math.min(...row)).toBeGreaterThanOrEqual(10);
  expect(Math.max(...row)).toBeLessThanOrEqual(200);
  expect(row[16]).toBeLessThan(row[48]);
  expect(colours.weight.every((w) => w === 1)).toBe(true);
});

test('nothing known: says so', () => {
  expect(pullPush(emptyColours(8))).toBe(false);
});
