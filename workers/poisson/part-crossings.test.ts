import { describe, expect, test } from 'vitest';
import { sphereMesh } from '../../src/export/mesh-fixtures.ts';
import { sturdyTest } from './flat-triangles.ts';
import { countIntersecting } from './intersections.ts';
import { partCrossings } from './part-crossings.ts';
import { unfold } from './unfold.ts';

const ROWS = 40;
const COLUMNS = 60;
const ball = sphereMesh(ROWS, COLUMNS);
const at = (row: number, column: number) => 3 * (1 + (row - 1) * COLUMNS + column);

const flatTriangles = (positions: Float32Array) => {
  const isSturdy = sturdyTest(positions, ball.indices);
  return Array.from({ length: ball.indices.length / 3 }, (_, t) => t).filter((t) => !isSturdy(t)).length;
};
const farthestMove = (positions: Float32Array) =>
  positions.reduce((most, value, i) => Math.max(most, Math.abs(value - ball.positions[i])), 0);

/** Ball in which vertices have gone elsewhere. */
const spoilt: readonly (readonly [string, (positions: Float32Array) => void, number])[] = [
  ['a vertex beyond its neighbours', (p) => p.copyWithin(at(20, 10), at(20, 13), at(20, 13) + 3), 0.3],
  [
    'a vertex on the line of its neighbours',
    (p) => {
      for (let k = 0; k < 3; k++) p[at(20, 10) + k] = (p[at(20, 11) + k] + p[at(21, 11) + k]) / 2;
    },
    0.1,
  ],
  [
    'a dent through the far side',
    (p) => {
      for (let k = 0; k < 3; k++) p[at(20, 10) + k] = -1.1 * p[at(20, 10) + k];
    },
    2,
  ],
];

describe.each(spoilt)('%s', (_, spoil, most) => {
  const positions = ball.positions.slice() as Float32Array<ArrayBuffer>;
  spoil(positions);

  test('is a fault', () =>
    expect(countIntersecting(positions, ball.indices) + flatTriangles(positions)).toBeGreaterThan(0));

  test('is mended by moving what is near', () => {
    const before = positions.slice();
    const parted = partCrossings(positions, ball.indices);
    expect(positions).toEqual(before);
    expect(parted.left).toBe(0);
    expect(countIntersecting(parted.positions, ball.indices)).toBe(0);
    expect(flatTriangles(parted.positions)).toBe(0);
    expect(farthestMove(parted.positions)).toBeLessThan(most);
  });
});

// The far side is too far: only what is near the moved vertices is looked at.
describe.each(spoilt.slice(0, 2))('%s, its place before is known', (_, spoil) => {
  const positions = ball.positions.slice() as Float32Array<ArrayBuffer>;
  spoil(positions);

  test('is mended', () => {
    const moved = positions.slice();
    unfold(moved, ball.positions, ball.indices);
    expect(countIntersecting(moved, ball.indices)).toBe(0);
    expect(flatTriangles(moved)).toBe(0);
  });
});

test('a sound mesh comes back as it is', () => {
  const positions = ball.positions as Float32Array<ArrayBuffer>;
  expect(partCrossings(positions, ball.indices)).toEqual({ positions, left: 0 });
  expect(partCrossings(positions, ball.indices).positions).toBe(positions);
});

test('what no smoothing can part goes back to where it was', () => {
  const moved = ball.positions.slice() as Float32Array<ArrayBuffer>;
  // Every second vertex of some rows past its neighbours.
  for (let row = 14; row < 26; row++) {
    for (let column = 0; column < COLUMNS - 4; column += 2) {
      moved.set(ball.positions.subarray(at(row, column + 3), at(row, column + 3) + 3), at(row, column));
      moved[at(row, column)] += 1e-3;
    }
  }
  expect(partCrossings(moved, ball.indices).left).toBeGreaterThan(0);
  expect(unfold(moved, ball.positions, ball.indices)).toBeGreaterThan(0);
  expect(countIntersecting(moved, ball.indices)).toBe(0);
});
