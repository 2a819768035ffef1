/** The painted far side: what the network sees, and what becomes of its answer. */
import { expect, test } from 'vitest';
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { backCells, PAINT_SIDE, paintedBack } from './back-paint.ts';

const SIDE = 512;
const CELLS = PAINT_SIDE * PAINT_SIDE;
const STEP = SIDE / PAINT_SIDE;
type Rgb = readonly [number, number, number];

/** A person who fills columns 128 to 383. */
const inside = (x: number) => x >= 128 && x < 384;

function scene(colour: (x: number, y: number) => Rgb): { photo: RgbaImage; matte: GreyImage } {
  const photo = { width: SIDE, height: SIDE, data: new Uint8ClampedArray(SIDE * SIDE * 4) };
  const matte = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE) };
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const i = y * SIDE + x;
      photo.data.set([...colour(x, y), 255], i * 4);
      matte.data[i] = inside(x) ? 255 : 0;
    }
  }
  return { photo, matte };
}

/** The network's answer: one colour and one share of texture for all cells. */
function answer(colour: Rgb, fits: number): Float32Array {
  const out = new Float32Array(4 * CELLS);
  for (let c = 0; c < 3; c++) out.fill(colour[c] / 255, c * CELLS, (c + 1) * CELLS);
  return out.fill(fits, 3 * CELLS);
}

const pixel = ({ data }: RgbaImage, x: number, y: number) => [
  ...data.slice((y * SIDE + x) * 4, (y * SIDE + x) * 4 + 3),
];

test('cells are means of the person alone, with the share that the person covers', () => {
  const { photo, matte } = scene((x) => (inside(x) ? [x % 2 ? 100 : 120, 40, 8] : [255, 255, 255]));
  matte.data[200 * SIDE + 256] = 0;
  const cells = backCells(photo, matte);
  const at = (x: number, y: number) => [0, 1, 2, 3].map((c) => cells[c * CELLS + y * PAINT_SIDE + x]);
  const [r, g, b, cover] = at(100, 50);
  expect([r * 255, g * 255, b * 255].map((v) => Math.round(v))).toEqual([110, 40, 8]);
  expect(cover).toBe(1);
  expect(at(20, 50)).toEqual([0, 0, 0, 0]);
  expect(at(256 / STEP, 200 / STEP)[3]).toBe(0.75);
});

test('where no texture fits, the far side is what the network painted, also beyond the outline', () => {
  const { photo, matte } = scene((x) => (inside(x) ? [200, 30, 30] : [0, 255, 0]));
  const back = paintedBack(photo, { cells: backCells(photo, matte), painted: answer([60, 90, 150], 0) });
  for (const x of [100, 128, 250, 383, 420]) expect(pixel(back, x, 256)).toEqual([60, 90, 150]);
  expect(back.data[3]).toBe(255);
});

test('where it fits, the photo keeps its weave, about the painted mean', () => {
  // Stripes of one pixel, 40 levels apart.
  const { photo, matte } = scene((x) => (x % 2 ? [120, 100, 80] : [80, 60, 40]));
  const back = paintedBack(photo, { cells: backCells(photo, matte), painted: answer([130, 80, 60], 1) });
  const [odd, even] = [pixel(back, 251, 256), pixel(back, 252, 256)];
  expect(odd.map((v, c) => v - even[c])).toEqual([40, 40, 40]);
  expect(odd.map((v, c) => (v + even[c]) / 2)).toEqual([130, 80, 60]);
});

test('a broad change of the front, as by a shadow, does not come along', () => {
  const { photo, matte } = scene((_, y) => [60 + y / 4, 60 + y / 4, 60 + y / 4]);
  const back = paintedBack(photo, { cells: backCells(photo, matte), painted: answer([100, 100, 100], 1) });
  // In front these two differ by 64 levels.
  const [high, low] = [pixel(back, 256, 128)[0], pixel(back, 256, 384)[0]];
  expect(Math.abs(high - low)).toBeLessThan(4);
});

test('at the outline, where photo and background mix, nothing of the photo is taken', () => {
  const { photo, matte } = scene((x) => (inside(x) ? [128, 128, 128] : [0, 255, 0]));
  for (let y = 0; y < SIDE; y++) photo.data.set([64, 190, 64], (y * SIDE + 128) * 4);
  const cells = backCells(photo, matte);
  const back = paintedBack(photo, { cells: cells, painted: answer([128, 128, 128], 1) });
  expect(pixel(back, 128, 256)).toEqual([128, 128, 128]);
});

test('nobody: the photo as it is', () => {
  const { photo, matte } = scene(() => [9, 8, 7]);
  matte.data.fill(0);
  const back = paintedBack(photo, { cells: backCells(photo, matte), painted: answer([1, 2, 3], 1) });
  expect(pixel(back, 10, 10)).toEqual([9, 8, 7]);
});
