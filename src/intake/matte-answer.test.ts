/** The matte network is asked twice, in a mirror too, and what it alone takes for the person must be sure. */
import { expect, test } from 'vitest';
import { askMatteNetwork, dropUnsureGains, mirroredRows } from './matte-answer.ts';
import { MATTE_CROP } from './matte-network.ts';

const { width, height } = MATTE_CROP;
const plane = width * height;
const fill = (of: (x: number, y: number) => number) =>
  Float32Array.from({ length: plane }, (_, i) => of(i % width, Math.floor(i / width)));
const at = (alpha: Float32Array, x: number, y: number) => alpha[y * width + x];
const isBody = (x: number, y: number) => Math.abs(x - 128) < 30 && y > 40 && y < 340;

test('the answers to the crop and to its mirror image are averaged where they belong', async () => {
  const side = 512;
  const mask = { width: side, height: side, data: new Uint8Array(side * side).fill(255) };
  const photo = { width: side, height: side, data: new Uint8ClampedArray(side * side * 4) };
  for (let i = 0; i < side * side; i++) photo.data.set([(i % side) / 3, 90, 20, 255], i * 4);
  const landmarks = new Float32Array(33 * 4).fill(0.5);
  for (let i = 0; i < 33; i++) landmarks[i * 4 + 1] = 0.1 + (0.8 * i) / 32;
  const asked: Float32Array[] = [];
  const { alpha } = await askMatteNetwork(photo, { landmarks, mask }, async (input, dims) => {
    expect(dims).toEqual([1, 4, height, width]);
    asked.push(input.slice());
    // Sure where red is strong; in the mirror, half as sure.
    return input.slice(0, plane).map((red) => red * (asked.length === 1 ? 1 : 0.5));
  });
  expect(asked).toHaveLength(2);
  const mirror = mirroredRows(asked[0], width);
  expect(asked[1].every((value, i) => value === mirror[i])).toBe(true);
  // The outline is sure inside the photo: nothing is taken away, and both answers are of the same place.
  for (const i of [100, 128, 150].map((x) => 190 * width + x))
    expect(alpha[i]).toBeCloseTo(0.75 * asked[0][i], 5);
});

test('pieces beyond the outline stay when they are sure, or small', () => {
  const outline = fill((x, y) => (isBody(x, y) ? 1 : 0.1));
  const isBag = (x: number, y: number) => x >= 158 && x < 178 && y > 150 && y < 190;
  const isBush = (x: number, y: number) => x > 70 && x <= 98 && y > 60 && y < 100;
  const isSpeck = (x: number, y: number) => x >= 158 && x < 161 && y > 250 && y < 254;
  const alpha = fill((x, y) =>
    isBody(x, y) ? 0.98 : isBag(x, y) ? 0.92 : isBush(x, y) || isSpeck(x, y) ? 0.72 : 0,
  );
  const before = alpha.slice();
  dropUnsureGains(alpha, outline, width, height);
  expect(at(alpha, 170, 170)).toBe(at(before, 170, 170));
  expect(at(alpha, 159, 252)).toBe(at(before, 159, 252));
  expect(at(alpha, 85, 80)).toBeCloseTo(0.1, 6);
  expect(alpha.filter((value, i) => value !== before[i] && before[i] > 0.8)).toHaveLength(0);
});
