import { describe, expect, test } from 'vitest';
import { planarMap } from '../base/images.ts';
import { CLOUD_DIVISOR, depthAtDistance, depthUnitPx, focalPx, HALF_VIEW_TANGENT } from './camera.ts';
import { rimPoints } from './rim-points.ts';

const SIZE = 512;
const RIM = 3;
/** A ball around the point where the axis meets the plane at distance 1; camera frame, camera at 0. */
const RADIUS = 0.2;

const grey = (value: number) => ({
  width: SIZE,
  height: SIZE,
  data: new Uint8ClampedArray(SIZE * SIZE * 4).fill(value),
});

/** Front and back depth of the ball, its matte, and the depth without its rim. */
function ball() {
  const depth = planarMap([2, SIZE, SIZE]);
  const matte = { width: SIZE, height: SIZE, data: new Uint8Array(SIZE * SIZE) };
  const unit = depthUnitPx(SIZE);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const x = ((2 * column + 1) / SIZE - 1) * HALF_VIEW_TANGENT;
      const y = ((2 * row + 1) / SIZE - 1) * HALF_VIEW_TANGENT;
      const cos = 1 / Math.hypot(x, y, 1);
      const root = cos * cos - (1 - RADIUS * RADIUS);
      if (root < 0) continue;
      const i = row * SIZE + column;
      matte.data[i] = 255;
      depth.data[i] = depthAtDistance(cos - Math.sqrt(root), SIZE) / unit;
      depth.data[SIZE * SIZE + i] = depthAtDistance(cos + Math.sqrt(root), SIZE) / unit;
    }
  }
  const cut = planarMap([2, SIZE, SIZE], depth.data.slice());
  for (let row = 3; row < SIZE - 3; row++) {
    for (let column = 3; column < SIZE - 3; column++) {
      let inside = true;
      for (let dy = -RIM; dy <= RIM; dy++) {
        for (let dx = -RIM; dx <= RIM; dx++) inside &&= matte.data[(row + dy) * SIZE + column + dx] > 0;
      }
      if (!inside) for (const side of [0, 1]) cut.data[(side * SIZE + row) * SIZE + column] = 0;
    }
  }
  return { cut, matte };
}

describe('points that close the rim', () => {
  const { cut, matte } = ball();
  const rim = rimPoints(cut, matte, RIM, grey(200), grey(100));

  test('on a ball they lie on the ball and face out of it', () => {
    expect(rim.count).toBeGreaterThan(500);
    const pixel = 1 / focalPx(SIZE);
    let worst = 0;
    let meanCosine = 0;
    for (let i = 0; i < rim.count; i++) {
      const p = [0, 1, 2].map((axis) => rim.positions[i * 3 + axis] * CLOUD_DIVISOR);
      const r = Math.hypot(p[0], p[1], p[2]);
      worst = Math.max(worst, Math.abs(r - RADIUS) / pixel);
      const dot = p[0] * rim.normals[i * 3] + p[1] * rim.normals[i * 3 + 1] + p[2] * rim.normals[i * 3 + 2];
      meanCosine += dot / r / rim.count;
    }
    expect(worst).toBeLessThan(2.5);
    expect(meanCosine).toBeGreaterThan(0.98);
  });

  test('half of them take the front colour, half the back colour', () => {
    const fronts = rim.sides.filter((side) => side === 0).length;
    expect(Math.abs(fronts / rim.count - 0.5)).toBeLessThan(0.1);
    for (let i = 0; i < rim.count; i += 37) expect(rim.colours[i * 3]).toBe(rim.sides[i] === 0 ? 200 : 100);
  });

  test('a hole inside the person is left alone', () => {
    const holed = planarMap([2, SIZE, SIZE], cut.data.slice());
    for (let row = 250; row < 262; row++) {
      for (const side of [0, 1])
        holed.data.fill(0, (side * SIZE + row) * SIZE + 250, (side * SIZE + row) * SIZE + 262);
    }
    expect(rimPoints(holed, matte, RIM, grey(200), grey(100)).count).toBe(rim.count);
  });
});

test('along a slanting outline a strip has none of its pixels’ steps, and its ridge a point at every pixel', () => {
  // A plate whose right side leans by one pixel in nine rows.
  const lean = 1 / 9;
  const side = (row: number) => 300 + lean * (row - 256);
  const [front, back] = [1.75, 2.25];
  const depth = planarMap([2, SIZE, SIZE]);
  const matte = { width: SIZE, height: SIZE, data: new Uint8Array(SIZE * SIZE) };
  for (let row = 100; row < 412; row++) {
    for (let column = 100; column < 340; column++) {
      const i = row * SIZE + column;
      if (column < side(row)) matte.data[i] = 255;
      if (column < 104 || column >= side(row) - RIM || row < 104 || row >= 408) continue;
      depth.data[i] = front;
      depth.data[SIZE * SIZE + i] = back;
    }
  }
  const rim = rimPoints(depth, matte, RIM, grey(200), grey(100));
  const unit = depthUnitPx(SIZE);
  const distances = new Map<number, number[]>();
  const ridgeRows = new Set<number>();
  for (let i = 0; i < rim.count; i++) {
    const [x, y, z] = [0, 1, 2].map((axis) => rim.positions[i * 3 + axis] * CLOUD_DIVISOR);
    const away = 1 - z;
    const column = ((x / away / HALF_VIEW_TANGENT + 1) * SIZE - 1) / 2;
    const row = ((-y / away / HALF_VIEW_TANGENT + 1) * SIZE - 1) / 2;
    if (row < 130 || row > 380 || column < 200) continue;
    const level = Math.round(depthAtDistance(Math.hypot(x, y, away), SIZE) - (front + back) * 0.5 * unit);
    const distance = (column - side(row)) / Math.hypot(1, lean);
    distances.set(level, [...(distances.get(level) ?? []), distance]);
    if (Math.abs(level) <= 5) ridgeRows.add(Math.round(row));
  }
  expect(distances.size).toBeGreaterThan(4);
  // At the pixels' centres they would be spread over a whole pixel.
  for (const [level, found] of distances) {
    expect(Math.max(...found) - Math.min(...found), `level ${level}`).toBeLessThan(0.3);
  }
  expect(ridgeRows.size).toBeGreaterThan(240);
});
