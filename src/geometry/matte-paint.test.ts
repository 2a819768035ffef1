import { describe, expect, test } from 'vitest';
import type { PaintStroke } from './figure-edits.ts';
import { brushStrength, painted } from './matte-paint.ts';

const SIZE = 64;
const WITHIN = { left: 0, top: 0, right: SIZE, bottom: SIZE };
const matte = (value: number) => ({
  width: SIZE,
  height: SIZE,
  data: new Uint8Array(SIZE * SIZE).fill(value),
});
/** Red left of column 32, blue right of it. */
const photo = {
  width: SIZE,
  height: SIZE,
  data: Uint8ClampedArray.from({ length: SIZE * SIZE * 4 }, (_, i) => {
    const isLeft = (i >> 2) % SIZE < 32;
    return [isLeft ? 200 : 20, 30, isLeft ? 20 : 200, 255][i & 3];
  }),
};
const stroke = (change: Partial<PaintStroke> = {}): PaintStroke => ({
  ...{ kind: 'add', radiusPx: 10, hardness: 1, edgeAware: false, points: [32, 32] },
  ...change,
});
const at = (image: { data: Uint8Array }, x: number, y: number) => image.data[y * SIZE + x];

describe('painting on a matte', () => {
  test('a hard dab is a disc; the matte given stays as it is', () => {
    const given = matte(0);
    const out = painted(given, [stroke()], photo, WITHIN);
    const area = out.data.reduce((sum, value) => sum + value / 255, 0);
    expect(area / (Math.PI * 100)).toBeCloseTo(1, 1);
    expect(given.data.every((value) => value === 0)).toBe(true);
  });

  test('a soft one falls to its rim; a stroke over itself is no stronger', () => {
    const soft = stroke({ hardness: 0 });
    const once = painted(matte(0), [soft], photo, WITHIN);
    expect(at(once, 32, 32)).toBeGreaterThan(240);
    expect(at(once, 37, 32)).toBeGreaterThan(at(once, 40, 32));
    const twice = painted(
      matte(0),
      [stroke({ hardness: 0, points: [32, 32, 32, 32, 32, 32] })],
      photo,
      WITHIN,
    );
    expect(twice.data).toEqual(once.data);
    expect([brushStrength(0, 10, 0.5), brushStrength(5, 10, 0.5), brushStrength(10, 10, 0.5)]).toEqual([
      1, 1, 0,
    ]);
  });

  test('a stroke has no gaps', () => {
    const out = painted(matte(0), [stroke({ radiusPx: 3, points: [5, 5, 58, 50] })], photo, WITHIN);
    for (let t = 0; t <= 1; t += 0.01)
      expect(at(out, Math.floor(5 + 53 * t), Math.floor(5 + 45 * t))).toBe(255);
  });

  test('edge-aware stops at the colour edge, on either side', () => {
    const left = painted(matte(0), [stroke({ edgeAware: true, points: [28, 32] })], photo, WITHIN);
    expect([at(left, 31, 32), at(left, 32, 32)]).toEqual([255, 0]);
    const right = painted(matte(0), [stroke({ edgeAware: true, points: [36, 32] })], photo, WITHIN);
    expect([at(right, 31, 32), at(right, 32, 32)]).toEqual([0, 255]);
  });

  test('removed after added is gone, in the order painted; outside the photo nothing is', () => {
    const both = painted(matte(0), [stroke(), stroke({ kind: 'remove' })], photo, WITHIN);
    expect(both.data.every((value) => value === 0)).toBe(true);
    const out = painted(matte(0), [stroke({ points: [-5, 32, 80, 32] })], photo, {
      ...WITHIN,
      left: 20,
      right: 44,
    });
    expect([at(out, 19, 32), at(out, 20, 32), at(out, 43, 32), at(out, 44, 32)]).toEqual([0, 255, 255, 0]);
  });
});
