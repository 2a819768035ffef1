/** A rim of near-black is taken off a lit person; black clothes, belts and shadows inside keep their outline. */
import { describe, expect, test } from 'vitest';
import { trimBlackRim } from './black-rim.ts';

const WIDTH = 400;
const HEIGHT = 600;
const LIT = 140;
const NOISE = 12;

/** A body from x 100 to 300 and y 50 to 550; `brightness` paints it, 0 is none of it. */
function trimmed(brightness: (x: number, y: number) => number) {
  const levels = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 50; y < 550; y++) for (let x = 100; x < 300; x++) levels[y * WIDTH + x] = brightness(x, y);
  const person = { width: WIDTH, height: HEIGHT, data: levels.map((v) => (v > 8 ? 1 : 0)) };
  const before = person.data.slice();
  const out = trimBlackRim(person, levels);
  expect(person.data).toEqual(before);
  return { before, data: out.data, at: (x: number, y: number) => out.data[y * WIDTH + x] };
}

describe('trimBlackRim', () => {
  test('noise along the outline goes, the lit person stays to the pixel', () => {
    const { data } = trimmed((x) => (x < 106 || x >= 296 ? NOISE : LIT));
    for (let y = 60; y < 540; y++) {
      for (let x = 95; x < 305; x++)
        expect(data[y * WIDTH + x], `${x}, ${y}`).toBe(x >= 106 && x < 296 ? 1 : 0);
    }
  });

  test('a notch that closing has filled with black opens as far as a rim may reach', () => {
    const { at } = trimmed((x, y) => (x < 120 && Math.abs(y - 300) < 4 ? 9 : LIT));
    expect([100, 104, 107].map((x) => at(x, 300))).toEqual([0, 0, 0]);
    expect([110, 119].map((x) => at(x, 300))).toEqual([1, 1]);
  });

  test('black clothes keep their outline, next to a lit shirt as well', () => {
    const { before, data } = trimmed((_, y) => (y < 300 ? LIT : NOISE));
    for (let y = 320; y < 550; y++) {
      expect(data.subarray(y * WIDTH, (y + 1) * WIDTH), `${y}`).toEqual(
        before.subarray(y * WIDTH, (y + 1) * WIDTH),
      );
    }
  });

  test('a dim person is no rim of itself', () => {
    const { before, data } = trimmed((x) => (x < 106 ? 24 : 50));
    expect(data).toEqual(before);
  });

  test('dark things inside stay', () => {
    const { before, data } = trimmed((x, y) => (Math.hypot(x - 200, y - 200) < 20 ? NOISE : LIT));
    expect(data).toEqual(before);
  });

  test('what hung on by the rim alone goes with it', () => {
    const { at } = trimmed((x, y) => (x < 106 ? (Math.abs(y - 300) < 2 ? LIT : 0) : x < 110 ? NOISE : LIT));
    expect([at(102, 300), at(108, 300), at(112, 300)]).toEqual([0, 0, 1]);
  });
});
