/** Rotated squares: there and back, which way they turn, and where the graphs' crops look. */
import { expect, test } from 'vitest';
import { PicturePyramid } from './crop.ts';
import { adjusted, pictureFromRegion, regionFromPicture, regionTowards } from './region.ts';

const TURNED = { centreX: 300, centreY: 200, side: 120, angleRad: 0.7 };

test('into a region and back is where it was', () => {
  for (const point of [
    [300, 200],
    [10, 480],
    [333.3, 127],
  ] as const) {
    const [u, v] = regionFromPicture(TURNED, point);
    const [x, y] = pictureFromRegion(TURNED, u, v);
    expect(x).toBeCloseTo(point[0], 9);
    expect(y).toBeCloseTo(point[1], 9);
  }
});

test.each([
  [[100, 40], 0],
  [[160, 100], Math.PI / 2],
  [[40, 100], -Math.PI / 2],
  [[100, 160], Math.PI],
] as const)('a square towards %j is turned by %f, and has that point above its middle', (top, angle) => {
  const region = regionTowards([100, 100], top, 0.8);
  expect(Math.cos(region.angleRad - angle)).toBeCloseTo(1, 9);
  expect(region.side).toBeCloseTo(150, 9);
  const [u, v] = regionFromPicture(region, top);
  expect(u).toBeCloseTo(0.5, 9);
  expect(v).toBeCloseTo(0.1, 9);
});

test('a shift goes along the region, not along the picture', () => {
  const region = adjusted({ ...TURNED, angleRad: Math.PI / 2 }, 0, -0.1, 2);
  expect(region.centreX).toBeCloseTo(312, 9);
  expect(region.centreY).toBeCloseTo(200, 9);
  expect(region.side).toBe(240);
});

/** Red grows to the right, green downwards, blue is the same everywhere. */
function ramp(width: number, height: number) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x, y, 51, 255], (y * width + x) * 4);
  }
  return new PicturePyramid({ width, height, data });
}

test.each([0, 0.4, -1.2, Math.PI])('a crop turned by %f shows what lies there', (angleRad) => {
  const region = { centreX: 128, centreY: 120, side: 100, angleRad };
  const size = 25;
  const crop = ramp(256, 240).crop(region, size, 0, 255);
  for (const [row, column] of [
    [0, 0],
    [3, 20],
    [12, 12],
    [24, 7],
  ]) {
    const [x, y] = pictureFromRegion(region, (column + 0.5) / size, (row + 0.5) / size);
    // A pixel's value is that of its centre; the mean of 2 x 2 rounds halves up.
    expect(Math.abs(crop[row * size + column] - (x - 0.5))).toBeLessThan(0.8);
    expect(Math.abs(crop[size * size + row * size + column] - (y - 0.5))).toBeLessThan(0.8);
    expect(crop[2 * size * size + row * size + column]).toBeCloseTo(51, 4);
  }
});

test('fine stripes become grey in a small crop, not one of their colours', () => {
  const side = 512;
  const data = new Uint8ClampedArray(side * side * 4);
  for (let i = 0; i < side * side; i++) data.fill(i % 2 ? 255 : 0, i * 4, i * 4 + 3);
  const stripes = new PicturePyramid({ width: side, height: side, data });
  const crop = stripes.crop({ centreX: 256, centreY: 256, side: 512, angleRad: 0 }, 64);
  for (const value of crop) expect(value).toBeCloseTo(0.5, 1);
});

test('outside the picture is black, in the range asked for', () => {
  const white = new PicturePyramid({ width: 8, height: 8, data: new Uint8ClampedArray(256).fill(255) });
  const crop = white.crop({ centreX: 0, centreY: 4, side: 8, angleRad: 0 }, 8, -1, 1);
  expect(crop[3 * 8 + 1]).toBe(-1);
  expect(crop[3 * 8 + 6]).toBeCloseTo(1, 5);
});

test('a dark crop is brightened, one in usual light and a bright spot on black are not', () => {
  const crop = (of: (x: number) => number) => {
    const data = new Uint8ClampedArray(64 * 64 * 4);
    for (let i = 0; i < 64 * 64; i++) data.fill(of(i % 64), i * 4, i * 4 + 3);
    const picture = new PicturePyramid({ width: 64, height: 64, data });
    return picture.crop({ centreX: 32, centreY: 32, side: 64, angleRad: 0 }, 64, -1, 1);
  };
  const shown = (crop: Float32Array) => [0, 20, 60].map((x) => Math.round(((crop[x] + 1) / 2) * 255));
  // Steps from 10 to 50: the tenth that is brightest becomes 200.
  expect(shown(crop((x) => (x < 10 ? 10 : x < 50 ? 30 : 50)))).toEqual([40, 120, 200]);
  expect(shown(crop((x) => (x < 10 ? 10 : x < 50 ? 30 : 150)))).toEqual([10, 30, 150]);
  // Grain is not made more than six times as bright.
  expect(shown(crop((x) => (x < 10 ? 2 : x < 50 ? 9 : 12)))).toEqual([12, 54, 72]);
  // A person on black: the black says nothing of the light.
  expect(shown(crop((x) => (x < 50 ? 0 : 130)))).toEqual([0, 0, 130]);
});
