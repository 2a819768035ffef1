/** Depth redrawn by normals, on surfaces whose truth is known. */
import { describe, expect, test } from 'vitest';
import { planarMap } from '../../base/images.ts';
import { depthUnitPx } from '../../geometry/camera.ts';
import { consistencyNormals } from '../../geometry/depth-normals.ts';
import { chebyshevSteps, ITERATIONS, LINK_PX, relief, SCREENING, THIN_PX } from './relief.reference.ts';

const SIZE = 192;
const PLANE = SIZE * SIZE;
const UNIT = depthUnitPx(SIZE);
const RADIUS = 80;

type Surface = (u: number, v: number) => number;

const inBall = (u: number, v: number) => u * u + v * v < RADIUS * RADIUS;
/** px toward the camera. */
const ball: Surface = (u, v) => Math.sqrt(Math.max(0, 100 ** 2 - u * u - v * v)) - 60;
const folds: Surface = (u, v) => 1.2 * Math.sin(u / 2.2) * Math.cos(v / 3.1);

/** Front and back depth; `front` and `back` are heights over the plane at distance 1. */
function depthOf(front: Surface, back: Surface, inside = inBall) {
  const map = planarMap([2, SIZE, SIZE]);
  for (let i = 0; i < PLANE; i++) {
    const u = (i % SIZE) - SIZE / 2;
    const v = Math.floor(i / SIZE) - SIZE / 2;
    if (!inside(u, v)) continue;
    map.data[i] = 2 - front(u, v) / UNIT;
    map.data[PLANE + i] = 2 + back(u, v) / UNIT;
  }
  return map;
}

function normalsOf(depth: ReturnType<typeof planarMap>) {
  const normals = planarMap([6, SIZE, SIZE]);
  for (let side = 0; side < 2; side++) {
    const one = planarMap([1, SIZE, SIZE], depth.data.slice(side * PLANE, (side + 1) * PLANE));
    normals.data.set(consistencyNormals(one).data, side * 3 * PLANE);
  }
  return normals;
}

/** Root mean square step error against the truth, px, over pixels at least 8 px inside the outline. */
function slopeError(depth: Float32Array, truth: Float32Array, side: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < PLANE; i++) {
    const u = (i % SIZE) - SIZE / 2;
    const v = Math.floor(i / SIZE) - SIZE / 2;
    if (u * u + v * v > (RADIUS - 8) ** 2) continue;
    const at = side * PLANE + i;
    sum += ((depth[at + 1] - depth[at] - truth[at + 1] + truth[at]) * UNIT) ** 2;
    count++;
  }
  return Math.sqrt(sum / count);
}

describe('relief', () => {
  const truth = depthOf(
    (u, v) => ball(u, v) + folds(u, v),
    (u, v) => ball(u, v) - folds(u, v),
  );
  const normals = normalsOf(truth);

  test('folds that only the normals know come into the depth of both sides', () => {
    const smooth = depthOf(ball, ball);
    const redrawn = relief(smooth, normals);
    for (const side of [0, 1]) {
      expect(slopeError(redrawn.data, truth.data, side)).toBeLessThan(
        0.2 * slopeError(smooth.data, truth.data, side),
      );
    }
  });

  test('an 8 px grid in the depth goes, its large shape stays', () => {
    const gridded: Surface = (u, v) => ball(u, v) + 0.8 * Math.sin((u * Math.PI) / 4) + v / 8;
    const depth = depthOf(gridded, ball);
    const flat = normalsOf(depthOf(ball, ball));
    const redrawn = relief(depth, flat);
    const wanted = depthOf((u, v) => ball(u, v) + v / 8, ball);
    let grid = 0;
    let shape = 0;
    for (let u = -40; u < 40; u++) {
      for (let v = -40; v < 40; v++) {
        const i = (v + SIZE / 2) * SIZE + u + SIZE / 2;
        const error = (redrawn.data[i] - wanted.data[i]) * UNIT;
        grid += error * Math.sin((u * Math.PI) / 4);
        shape = Math.max(shape, Math.abs(error));
      }
    }
    expect(Math.abs(grid / (80 * 80)) * 2).toBeLessThan(0.05);
    expect(shape).toBeLessThan(0.5);
  });

  test('nothing leaks over a jump, and empty stays empty', () => {
    const step = LINK_PX + 4;
    const raised: Surface = (u) => (u < 0 ? 10 : 10 + step);
    const depth = depthOf(raised, () => 40);
    // Normals that would smear the step over the picture, were it a slope.
    const steep = normalsOf(
      depthOf(
        (u) => 10 + u,
        () => 40,
      ),
    );
    steep.data.set(normalsOf(depth).data.subarray(3 * PLANE), 3 * PLANE);
    for (let i = 0; i < PLANE; i++) {
      const u = (i % SIZE) - SIZE / 2;
      if (u < -1 || u > 0) for (let c = 0; c < 3; c++) steep.data[c * PLANE + i] = c < 2 ? 0.5 : 1;
    }
    const redrawn = relief(depth, steep);
    const at = (u: number) => (2 - redrawn.data[(SIZE / 2) * SIZE + SIZE / 2 + u]) * UNIT;
    expect(at(0) - at(-1)).toBeGreaterThan(step - 2);
    expect(at(-30)).toBeCloseTo(10, 1);
    for (let i = 0; i < 2 * PLANE; i++) expect(redrawn.data[i] > 0).toBe(depth.data[i] > 0);
  });

  test('a part without normals keeps its depth', () => {
    const depth = depthOf((u, v) => ball(u, v) + folds(u, v), ball);
    expect(relief(depth, planarMap([6, SIZE, SIZE])).data).toEqual(depth.data);
  });

  test('where the redrawn sheets would cross they keep the thickness they had, at most the thin one', () => {
    const depth = depthOf(
      () => 0.5,
      () => 0.5,
    );
    const apart = normalsOf(
      depthOf(
        (u, v) => 3 * Math.sin(u / 3) * Math.sin(v / 3),
        (u, v) => -3 * Math.sin(u / 3) * Math.sin(v / 3) - 6 * Math.sin(u / 3),
      ),
    );
    const redrawn = relief(depth, apart);
    let thinnest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < PLANE; i++) {
      if (depth.data[i] > 0) {
        thinnest = Math.min(thinnest, (redrawn.data[PLANE + i] - redrawn.data[i]) * UNIT);
      }
    }
    expect(thinnest).toBeGreaterThan(0.99);
    expect(thinnest).toBeLessThan(THIN_PX);
  });

  test('the steps of the iteration leave at most a ninth of any wave', () => {
    // On a scaled eigenvalue x one step acts as a polynomial; follow it for the whole range.
    const low = SCREENING / (SCREENING + 4);
    for (let x = low; x <= 2; x += 0.002) {
      let error = 1;
      let direction = 0;
      for (const { beta, alpha } of chebyshevSteps(ITERATIONS)) {
        direction = beta * direction + alpha * x * error;
        error -= direction;
      }
      expect(Math.abs(error)).toBeLessThan(1 / 9);
    }
  });
});
