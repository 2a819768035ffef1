/** The guided filter against a direct evaluation of its definition, and what it is for: edges of the guide. */
import { expect, test } from 'vitest';
import { hashNoiseArray } from '../base/deterministic.ts';
import { applyGuidedModel, fitGuidedFilter } from './guided-filter.ts';

const unit = (key: string, n: number) => hashNoiseArray(key, n).map((v) => (v + 1) / 2);

/** Solves a 3x3 system by Cramer's rule. */
function solve3(m: number[][], v: number[]): number[] {
  const det = (a: number[][]) =>
    a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
    a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
    a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  return [0, 1, 2].map((k) => det(m.map((row, i) => row.map((x, j) => (j === k ? v[i] : x)))) / det(m));
}

test('equals the definition on 19 x 13 noise, seed guided', () => {
  const [width, height, radius, epsilon] = [19, 13, 3, 0.01];
  const n = width * height;
  const guide = [unit('guided/r', n), unit('guided/g', n), unit('guided/b', n)] as const;
  const mask = unit('guided/mask', n);
  const windowOf = (i: number) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const out: number[] = [];
    for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
      for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++)
        out.push(v * width + u);
    }
    return out;
  };
  const mean = (list: number[], f: (i: number) => number) => list.reduce((s, i) => s + f(i), 0) / list.length;
  const local = Array.from({ length: n }, (_, i) => {
    const w = windowOf(i);
    const m = guide.map((g) => mean(w, (k) => g[k]));
    const p = mean(w, (k) => mask[k]);
    const covariance = guide.map((a, r) =>
      guide.map((b, c) => mean(w, (k) => a[k] * b[k]) - m[r] * m[c] + (r === c ? epsilon : 0)),
    );
    const a = solve3(
      covariance,
      guide.map((g, r) => mean(w, (k) => g[k] * mask[k]) - m[r] * p),
    );
    return [...a, p - a[0] * m[0] - a[1] * m[1] - a[2] * m[2]];
  });
  const model = fitGuidedFilter([guide[0], guide[1], guide[2]], mask, width, height, radius, epsilon);
  for (let i = 0; i < n; i++) {
    const w = windowOf(i);
    [model.red, model.green, model.blue, model.offset].forEach((plane, k) => {
      expect(Math.abs(plane[i] - mean(w, (j) => local[j][k]))).toBeLessThan(2e-4);
    });
  }
});

test('a blurred mask snaps to the edge of the picture, also when applied at four times the size', () => {
  const [small, large] = [64, 256];
  const edge = (x: number, side: number) => (x < side * 0.5 ? 0.2 : 0.8);
  const planes = [0, 1, 2].map(() => new Float32Array(small * small)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const mask = new Float32Array(small * small);
  for (let y = 0; y < small; y++) {
    for (let x = 0; x < small; x++) {
      for (const plane of planes) plane[y * small + x] = edge(x, small);
      // Blurred over 12 px and 2 px off.
      mask[y * small + x] = Math.max(0, Math.min(1, (x - 28) / 12));
    }
  }
  const pixels = new Uint8ClampedArray(large * large * 4);
  for (let i = 0; i < large * large; i++) pixels.fill(255 * edge(i % large, large), i * 4, i * 4 + 3);
  const model = fitGuidedFilter(planes, mask, small, small, 8, 1e-4);
  const sharp = applyGuidedModel(model, pixels, large, large);
  const row = sharp.subarray(128 * large, 129 * large);
  expect(row[126]).toBeLessThan(0.4);
  expect(row[129]).toBeGreaterThan(0.6);
  expect(row[129] - row[126]).toBeGreaterThan(0.4);
});
