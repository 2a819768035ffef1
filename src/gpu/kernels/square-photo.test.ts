import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../../tests/npz.ts';
import { hashNoiseArray } from '../../base/deterministic.ts';
import { StageError } from '../../base/errors.ts';
import type { RgbaImage } from '../../base/images.ts';
import { squarePadding, squarePhoto } from './square-photo.reference.ts';

const golden = readNpz(readFileSync('tests/golden/unit.npz'));

function image(width: number, height: number, pixel: (i: number, c: number) => number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i++) data[i] = pixel(i >> 2, i & 3);
  return { width, height, data };
}

function noiseImage(width: number, height: number, key: string): RgbaImage {
  const u = hashNoiseArray(key, width * height * 3);
  return image(width, height, (i, c) => (c === 3 ? 255 : Math.floor((u[i * 3 + c] + 1) * 128)));
}

describe('squarePhoto without antialias', () => {
  test.each([
    [0, 20, 31],
    [1, 33, 20],
    [2, 24, 24],
    [3, 40, 64],
  ])('golden pad%i (%i wide, %i high) to 64, every byte equal', (k, width, height) => {
    const out = squarePhoto(noiseImage(width, height, `unit/pad${k}/rgb`), 64, false);
    const expected = golden[`pad${k}_out`].data;
    let worst = 0;
    for (let i = 0; i < 64 * 64; i++) {
      for (let c = 0; c < 3; c++) {
        worst = Math.max(worst, Math.abs(out.data[i * 4 + c] - Number(expected[i * 3 + c])));
      }
    }
    expect(worst).toBe(0);
  });

  test('the pose moves by the padding the golden poses moved by', () => {
    for (const [k, width, height] of [
      [0, 20, 31],
      [1, 33, 20],
    ]) {
      const { side, top, left } = squarePadding(width, height);
      const pose = golden[`pad${k}_pose`].data;
      expect(Number(pose[0])).toBeCloseTo(((5 + left) * 64) / side, 9);
      expect(Number(pose[1])).toBeCloseTo(((7 + top) * 64) / side, 9);
    }
  });

  test('a square of the asked size is copied, colours under zero alpha too', () => {
    const photo = image(9, 9, (i, c) => (i * 7 + c * 31) % 256);
    expect(squarePhoto(photo, 9, false).data).toEqual(photo.data);
  });

  test.each([
    [9, 6],
    [4, 9],
  ])('padding alone (%i x %i to 9) repeats the borders', (width, height) => {
    const photo = noiseImage(width, height, 'pad only');
    const out = squarePhoto(photo, 9, false);
    const { top, left } = squarePadding(width, height);
    for (let i = 0; i < 81; i++) {
      const row = Math.min(Math.max(Math.floor(i / 9) - top, 0), height - 1);
      const column = Math.min(Math.max((i % 9) - left, 0), width - 1);
      const from = (row * width + column) * 4;
      expect(out.data.slice(i * 4, i * 4 + 4)).toEqual(photo.data.slice(from, from + 4));
    }
  });

  test('one pixel fills the square', () => {
    const out = squarePhoto(
      image(1, 1, (_, c) => [10, 200, 30, 255][c]),
      5,
      false,
    );
    for (let i = 0; i < 25; i++) expect([...out.data.slice(i * 4, i * 4 + 4)]).toEqual([10, 200, 30, 255]);
  });

  test('odd remainders pad the lesser half above', () => {
    expect(squarePadding(10, 7)).toEqual({ side: 10, top: 1, left: 0 });
    const out = squarePhoto(
      image(3, 2, (i, c) => (c === 3 ? 255 : i < 3 ? 10 : 90)),
      3,
      false,
    );
    expect([0, 3, 6].map((i) => out.data[i * 4])).toEqual([10, 90, 90]);
  });

  test('an empty photo is refused with a fix', () => {
    expect(() =>
      squarePhoto(
        image(0, 4, () => 0),
        8,
        false,
      ),
    ).toThrow(StageError);
  });
});

describe('squarePhoto with antialias', () => {
  test('whole ratios are block means', () => {
    const photo = noiseImage(12, 12, 'area');
    const out = squarePhoto(photo, 4, true);
    let sum = 0;
    for (let r = 3; r < 6; r++) for (let c = 6; c < 9; c++) sum += photo.data[(r * 12 + c) * 4 + 1];
    expect(out.data[(1 * 4 + 2) * 4 + 1]).toBe(Math.floor(sum / 9 + 0.5));
  });

  test.each([
    [30, 17, 11],
    [17, 30, 16],
    [2049, 3, 7],
    [5, 5, 1],
  ])('a flat %i x %i picture stays flat at %i', (width, height, size) => {
    const out = squarePhoto(
      image(width, height, (_, c) => [60, 120, 240, 255][c]),
      size,
      true,
    );
    for (let i = 0; i < size * size; i++) {
      expect([...out.data.slice(i * 4, i * 4 + 4)]).toEqual([60, 120, 240, 255]);
    }
  });

  test('fractional ratios keep the mean and the order of a ramp', () => {
    const photo = image(100, 100, (i, c) => (c === 3 ? 255 : 2 * (i % 100)));
    const out = squarePhoto(photo, 64, true);
    const row = Array.from({ length: 64 }, (_, i) => out.data[i * 4]);
    expect(row.every((v, i) => i === 0 || v > row[i - 1])).toBe(true);
    expect(row.reduce((a, b) => a + b) / 64).toBeCloseTo(99, 0);
  });

  test('colour of clear pixels does not bleed into half-covered ones', () => {
    const photo = image(8, 8, (i, c) => (i % 2 === 0 ? [250, 20, 20, 255][c] : [0, 255, 0, 0][c]));
    const out = squarePhoto(photo, 4, true);
    expect([...out.data.slice(0, 4)]).toEqual([250, 20, 20, 128]);
    const enlarged = squarePhoto(photo, 16, true);
    for (let i = 0; i < 256; i++)
      if (enlarged.data[i * 4 + 3] > 40) expect(enlarged.data[i * 4 + 1]).toBeLessThan(60);
  });

  test('enlarging an opaque photo is the same with and without', () => {
    const photo = noiseImage(20, 13, 'enlarge');
    expect(squarePhoto(photo, 50, true).data).toEqual(squarePhoto(photo, 50, false).data);
  });
});
