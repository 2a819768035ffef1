/** Comparisons by hand-made layers: known angles, known distances, crops that are turned, percentiles and ramps. */
import { describe, expect, test } from 'vitest';
import { planarMap, type RgbaImage } from '../base/images.ts';
import { finish } from '../base/steps.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { cropFromCorners } from '../geometry/crop.ts';
import {
  canvasGrid,
  colourLayer,
  cropGrid,
  depthLayer,
  differenceSteps,
  fieldPictureSteps,
  heatPicture,
  normalLayer,
  overlapSteps,
  percentiles,
  reliefSteps,
  roundUp,
} from './layers.ts';

const FLAT = { slopeScale: 1, side: 'front' } as const;

/** A picture of one colour. */
function plain(width: number, height: number, rgb: readonly [number, number, number]): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i += 4) data.set([...rgb, 255], i);
  return { width, height, data };
}

/** Coded normal that leans by an angle to the right; codes point x to the left. */
function leaning(deg: number): readonly [number, number, number] {
  const rad = (deg * Math.PI) / 180;
  return [127.5 - 127.5 * Math.sin(rad), 127.5, 127.5 + 127.5 * Math.cos(rad)];
}

const at = (values: Float32Array, column: number, row: number) => values[row * CANVAS_SIZE + column];

describe('differences', () => {
  test('normals differ by the angle between them, at any resolution', () => {
    const fine = normalLayer(plain(CANVAS_SIZE, CANVAS_SIZE, leaning(0)), FLAT);
    const coarse = normalLayer(plain(256, 256, leaning(30)), FLAT);
    const { values, unit } = finish(differenceSteps(coarse, fine));
    expect(unit).toBe('deg');
    for (const [column, row] of [
      [0, 0],
      [1000, 900],
      [2047, 2047],
    ]) {
      expect(at(values, column, row)).toBeCloseTo(30, 0);
    }
  });

  test('a coarse layer is read between its pixels, and never across its edge', () => {
    // Two halves of 256 px, leaning to either side.
    const image = plain(256, 256, leaning(20));
    for (let row = 0; row < 256; row++) {
      for (let column = 128; column < 256; column++) image.data.set(leaning(-20), (row * 256 + column) * 4);
    }
    const flat = normalLayer(plain(CANVAS_SIZE, CANVAS_SIZE, leaning(0)), FLAT);
    const { values } = finish(differenceSteps(normalLayer(image, FLAT), flat));
    expect(at(values, 200, 10)).toBeCloseTo(20, 0);
    expect(at(values, 1023, 10)).toBeLessThan(4);
    image.data.fill(0, 0, 256 * 128 * 4);
    const cut = finish(differenceSteps(normalLayer(image, FLAT), flat)).values;
    expect(at(cut, 200, 500)).toBeNaN();
    expect(at(cut, 200, 1024 + 3)).toBeCloseTo(20, 0);
  });

  test('two crops, one of them turned, are compared where both lie', () => {
    const size = { width: 64, height: 64 };
    const upright = [
      [100, 100],
      [228, 100],
      [228, 228],
      [100, 228],
    ] as const;
    const turned = [
      [200, 60],
      [300, 160],
      [200, 260],
      [100, 160],
    ] as const;
    for (const corners of [upright, turned]) {
      const grid = cropGrid(corners, size);
      const [a, b, c, d, e, f] = grid.fromCanvas;
      const [x, y] = cropFromCorners(corners, size, 170.5, 150.5);
      expect([a * 170 + b * 150 + c, d * 170 + e * 150 + f]).toEqual([
        expect.closeTo(x, 6),
        expect.closeTo(y, 6),
      ]);
    }
    const one = normalLayer(plain(64, 64, leaning(10)), FLAT, cropGrid(upright, size));
    const other = normalLayer(plain(64, 64, leaning(-15)), FLAT, cropGrid(turned, size));
    const { values } = finish(differenceSteps(one, other));
    expect(at(values, 170, 150)).toBeCloseTo(25, 0);
    expect(at(values, 102, 102)).toBeNaN();
    expect(at(values, 280, 160)).toBeNaN();
  });

  test('depths differ in px of the canvas; what is empty in one is nothing', () => {
    const map = planarMap([2, 4, 4]);
    map.data.fill(2, 0, 16).fill(2.25, 16, 32);
    map.data[0] = 0;
    map.data[17] = 6;
    const { values, unit } = finish(differenceSteps(depthLayer(map, 'front'), depthLayer(map, 'back')));
    expect(unit).toBe('px');
    expect(at(values, 2000, 2000)).toBeCloseTo(128);
    expect(at(values, 5, 5)).toBeNaN();
    expect(at(values, 600, 5)).toBeNaN();
    const relief = finish(reliefSteps(depthLayer(map, 'back') as never)).values;
    expect(at(relief, 2000, 2000)).toBeCloseTo(1024 - 2.25 * 512);
  });

  test('a slope is the same slope in a coarse and in a fine depth map, and ends at its edge', () => {
    const slope = (side: number) => {
      const map = planarMap([2, side, side]);
      for (let row = 0; row < side; row++) {
        // Empty on the right.
        for (let column = 0; column < side / 2; column++) {
          map.data[row * side + column] = 1 + (column + 0.5) / side + (row + 0.5) / side;
        }
      }
      return depthLayer(map, 'front');
    };
    const { values } = finish(differenceSteps(slope(256), slope(CANVAS_SIZE)));
    let most = 0;
    for (let row = 8; row < CANVAS_SIZE - 8; row += 3) {
      for (let column = 8; column < CANVAS_SIZE / 2 - 8; column += 3)
        most = Math.max(most, at(values, column, row));
    }
    // Read by the nearest pixel it would be up to 3.5 px.
    expect(most).toBeLessThan(0.01);
    expect(at(values, CANVAS_SIZE / 2 - 1, 1000)).toBeLessThan(4);
    expect(at(values, CANVAS_SIZE / 2, 1000)).toBeNaN();
  });

  test('colours differ in per cent of full brightness', () => {
    const layer = (rgb: readonly [number, number, number]) => colourLayer(plain(2, 2, rgb));
    const { values, unit } = finish(differenceSteps(layer([255, 0, 0]), layer([204, 0, 25])));
    expect([unit, at(values, 7, 7)]).toEqual(['%', expect.closeTo(20, 1)]);
  });
});

test('overlaps count the parts that have a say', () => {
  const grid = canvasGrid(2, 2);
  const left = plain(2, 2, [9, 9, 9]);
  left.data.fill(0, 4, 8);
  const { values } = finish(
    overlapSteps([
      { image: left, grid },
      { image: plain(2, 2, [200, 0, 0]), grid },
    ]),
  );
  expect([at(values, 10, 10), at(values, 1500, 10)]).toEqual([2, 1]);
});

test('ranges: percentiles leave out what is empty, ends of scales are round', () => {
  const values = new Float32Array(37 * 101).fill(Number.NaN);
  for (let i = 0; i <= 100; i++) values[i * 37] = i;
  expect(percentiles({ values }, [0, 0.5, 0.98])).toEqual([0, 50, 98]);
  expect(percentiles({ values: new Float32Array(100).fill(Number.NaN) }, [0.5])).toBeNull();
  expect([3.2, 7, 31, 61, 100, 0.03, 250].map(roundUp)).toEqual([5, 10, 45, 90, 180, 0.05, 500]);
});

test('pictures of fields: ends of the ramp at the ends of the range, transparent where empty', () => {
  const values = new Float32Array(CANVAS_SIZE * CANVAS_SIZE).fill(Number.NaN);
  values.set([-5, 0, 10, 90]);
  const { data } = finish(fieldPictureSteps({ values }, 0, 10, 'grey'));
  expect([data[0], data[4], data[8], data[12], data[16 + 3]]).toEqual([36, 36, 255, 255, 0]);
  const heat = heatPicture(plain(1, 2, [0, 0, 0]));
  expect([...heat.data.subarray(0, 4)]).toEqual([14, 14, 14, 255]);
  expect([...heatPicture(plain(1, 1, [255, 0, 0])).data]).toEqual([0xff, 0xe3, 0xa0, 255]);
});
