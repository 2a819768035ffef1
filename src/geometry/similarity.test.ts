/** Least-squares similarity: exact where it can be, optimal where not, minimum norm where points coincide. */
import { describe, expect, test } from 'vitest';
import { hashNoiseArray } from '../base/deterministic.ts';
import {
  affineFromSimilarity,
  applyAffine,
  applySimilarity,
  fitSimilarity,
  invertAffine,
  type Point,
  type Similarity,
} from './similarity.ts';

const pointsOf = (key: string, n: number): Point[] => {
  const u = hashNoiseArray(key, 2 * n);
  return Array.from({ length: n }, (_, i): Point => [u[2 * i], u[2 * i + 1]]);
};
const cost = (s: Similarity, from: readonly Point[], to: readonly Point[]) =>
  from.reduce((sum, p, i) => {
    const [x, y] = applySimilarity(s, p);
    return sum + (x - to[i][0]) ** 2 + (y - to[i][1]) ** 2;
  }, 0);

test('recovers a similarity from two points and from many', () => {
  const truth: Similarity = { a: 0.6, b: -0.3, tx: 0.1, ty: -0.7 };
  for (const n of [2, 3, 9]) {
    const from = pointsOf(`similarity/exact/${n}`, n);
    const found = fitSimilarity(
      from,
      from.map((p) => applySimilarity(truth, p)),
    );
    for (const key of ['a', 'b', 'tx', 'ty'] as const) expect(found[key]).toBeCloseTo(truth[key], 12);
  }
});

describe('least squares', () => {
  for (const seed of ['similarity/a', 'similarity/b', 'similarity/c']) {
    test(`no small change is better, seed ${seed}`, () => {
      const from = pointsOf(`${seed}/from`, 5);
      const to = pointsOf(`${seed}/to`, 5);
      const best = fitSimilarity(from, to);
      for (const key of ['a', 'b', 'tx', 'ty'] as const) {
        for (const step of [-1e-4, 1e-4]) {
          expect(cost({ ...best, [key]: best[key] + step }, from, to)).toBeGreaterThan(cost(best, from, to));
        }
      }
    });
  }
});

test('points that coincide: hits the mean target with the smallest parameters', () => {
  const from: Point[] = [
    [0.4, -0.2],
    [0.4, -0.2],
  ];
  const to: Point[] = [
    [0.1, 0.3],
    [0.3, 0.1],
  ];
  const found = fitSimilarity(from, to);
  const [x, y] = applySimilarity(found, from[0]);
  expect(x).toBeCloseTo(0.2, 12);
  expect(y).toBeCloseTo(0.2, 12);
  // Directions that change nothing at the point: the solution must be orthogonal to them.
  const [px, py] = from[0];
  expect(found.a - px * found.tx - py * found.ty).toBeCloseTo(0, 12);
  expect(found.b + py * found.tx - px * found.ty).toBeCloseTo(0, 12);
});

test('the inverse undoes, and a singular one is refused', () => {
  const m = affineFromSimilarity({ a: 0.5, b: 0.25, tx: -0.1, ty: 0.3 });
  const back = applyAffine(invertAffine(m)!, applyAffine(m, [0.3, -0.8]));
  expect(back[0]).toBeCloseTo(0.3, 6);
  expect(back[1]).toBeCloseTo(-0.8, 6);
  expect(invertAffine(Float32Array.of(0, 0, 0.2, 0, 0, 0.1))).toBeNull();
  expect(invertAffine(Float32Array.of(Number.NaN, 0, 0, 0, Number.NaN, 0))).toBeNull();
});
