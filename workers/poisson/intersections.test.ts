import { describe, expect, test } from 'vitest';
import { sphereMesh } from '../../src/export/mesh-fixtures.ts';
import { countIntersecting, findIntersections } from './intersections.ts';

type Point = readonly [number, number, number];

/** Pairs that meet, of triangles that are given by their corners; equal corners are one vertex. */
function pairs(...triangles: readonly (readonly [Point, Point, Point])[]): string[] {
  const names: string[] = [];
  const points: Point[] = [];
  const indices = triangles.flat().map((point) => {
    const known = names.indexOf(point.join());
    if (known !== -1) return known;
    names.push(point.join());
    return points.push(point) - 1;
  });
  const found: string[] = [];
  findIntersections(Float32Array.from(points.flat()), Uint32Array.from(indices), (a, b) => {
    found.push(`${Math.min(a, b)} ${Math.max(a, b)}`);
  });
  return found.sort();
}

const FLOOR: readonly [Point, Point, Point] = [
  [0, 0, 0],
  [4, 0, 0],
  [0, 4, 0],
];

describe('two triangles', () => {
  test('one through the other', () =>
    expect(
      pairs(FLOOR, [
        [1, 1, -1],
        [1, 1, 1],
        [2, 1, 1],
      ]),
    ).toEqual(['0 1']));
  test('one beside the other, in crossing planes', () =>
    expect(
      pairs(FLOOR, [
        [3, 3, -1],
        [3, 3, 1],
        [4, 3, 1],
      ]),
    ).toEqual([]));
  test('one above the other', () =>
    expect(
      pairs(FLOOR, [
        [0, 0, 0.1],
        [4, 0, 0.1],
        [0, 4, 0.1],
      ]),
    ).toEqual([]));
  test('one inside the other, in its plane', () =>
    expect(
      pairs(FLOOR, [
        [0.5, 0.5, 0],
        [1, 0.5, 0],
        [0.5, 1, 0],
      ]),
    ).toEqual(['0 1']));
  test('beside each other in one plane, sides on one line', () =>
    expect(
      pairs(FLOOR, [
        [5, 0, 0],
        [6, 0, 0],
        [5, -1, 0],
      ]),
    ).toEqual([]));
  test('a tip on the other', () =>
    expect(
      pairs(FLOOR, [
        [1, 1, 0],
        [1, 1, 1],
        [2, 1, 1],
      ]),
    ).toEqual(['0 1']));
});

describe('neighbours', () => {
  test('with a common side: a fold on itself meets, a bend and flat ground do not', () => {
    expect(
      pairs(FLOOR, [
        [4, 0, 0],
        [0, 0, 0],
        [1, -1, 1],
      ]),
    ).toEqual([]);
    expect(
      pairs(FLOOR, [
        [4, 0, 0],
        [0, 0, 0],
        [1, -1, 0],
      ]),
    ).toEqual([]);
    expect(
      pairs(FLOOR, [
        [4, 0, 0],
        [0, 0, 0],
        [1, 1, 0],
      ]),
    ).toEqual(['0 1']);
  });
  test('with a common corner: meet where the opposite side of one goes through the other', () => {
    expect(
      pairs(FLOOR, [
        [0, 0, 0],
        [2, 1, -1],
        [2, 1, 1],
      ]),
    ).toEqual(['0 1']);
    expect(
      pairs(FLOOR, [
        [0, 0, 0],
        [-2, -1, -1],
        [-2, -1, 1],
      ]),
    ).toEqual([]);
    // In one plane, the far corner on the line of a side but not on the side.
    expect(
      pairs(FLOOR, [
        [0, 0, 0],
        [-1, 0, 0],
        [-1, -1, 0],
      ]),
    ).toEqual([]);
  });
  test('triangles without area meet nothing', () =>
    expect(
      pairs(FLOOR, [
        [1, 1, -1],
        [1, 1, 0],
        [1, 1, 1],
      ]),
    ).toEqual([]));
});

describe('a mesh', () => {
  const ball = sphereMesh(14, 20);
  test('a ball: none', () => expect(countIntersecting(ball.positions, ball.indices)).toBe(0));
  test('two balls that overlap: as many as one by one', () => {
    const count = ball.positions.length;
    const positions = new Float32Array(count * 2);
    positions.set(ball.positions);
    positions.set(
      ball.positions.map((v, i) => v + [0.31, 0.12, 0.07][i % 3]),
      count,
    );
    const indices = new Uint32Array(ball.indices.length * 2);
    indices.set(ball.indices);
    indices.set(
      ball.indices.map((v) => v + count / 3),
      ball.indices.length,
    );
    const each = ball.indices.length / 3;
    const found = new Set<string>();
    findIntersections(positions, indices, (a, b) => found.add(`${Math.min(a, b)} ${Math.max(a, b)}`));
    let expected = 0;
    for (let a = 0; a < each; a++) {
      for (let b = each; b < 2 * each; b++) {
        if (!crossesBrute(positions, indices, a, b)) continue;
        expected++;
        expect(found.has(`${a} ${b}`)).toBe(true);
      }
    }
    expect(expected).toBeGreaterThan(20);
    expect(found.size).toBe(expected);
  });
});

/** Whether a side of one goes through the other, by solving for the point (no shared corners, none in one plane). */
function crossesBrute(p: Float32Array, indices: Uint32Array, s: number, t: number): boolean {
  const at = (v: number) => [p[v * 3], p[v * 3 + 1], p[v * 3 + 2]];
  const less = (a: number[], b: number[]) => a.map((value, k) => value - b[k]);
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  const cross = (a: number[], b: number[]) =>
    [0, 1, 2].map((k) => a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3]);
  const through = (sides: number, triangle: number) => {
    const [a, b, c] = [0, 1, 2].map((k) => at(indices[triangle * 3 + k]));
    const normal = cross(less(b, a), less(c, a));
    return [0, 1, 2].some((k) => {
      const from = at(indices[sides * 3 + k]);
      const way = less(at(indices[sides * 3 + ((k + 1) % 3)]), from);
      const share = dot(normal, less(a, from)) / dot(normal, way);
      if (!(share >= 0 && share <= 1)) return false;
      const point = from.map((value, axis) => value + share * way[axis]);
      return [
        [a, b],
        [b, c],
        [c, a],
      ].every(([q, r]) => dot(cross(less(r, q), less(point, q)), normal) >= 0);
    });
  };
  return through(s, t) || through(t, s);
}
