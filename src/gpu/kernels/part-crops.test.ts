/** Sampling, coarse resizing, blur, part inputs and occupancies on small canvases. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../../tests/npz.ts';
import { hashNoiseArray } from '../../base/deterministic.ts';
import { planarMap } from '../../base/images.ts';
import { downsample8 } from './downsample8.reference.ts';
import { partInput } from './part-input.reference.ts';
import { blur, blurKernel, partOccupancy, reflected } from './part-occupancy.reference.ts';
import {
  gridLine,
  pixelAffine,
  SampleGrid,
  sampleZero,
  upsampledAt,
  upsampleTable,
} from './sampling.reference.ts';

const golden = readNpz(readFileSync('tests/golden/unit.npz'));
const IDENTITY = Float32Array.of(1, 0, 0, 0, 1, 0);
const rotation = (degrees: number, scale: number, x = 0, y = 0) => {
  const a = Math.cos((degrees * Math.PI) / 180) * scale;
  const b = Math.sin((degrees * Math.PI) / 180) * scale;
  return Float32Array.of(a, -b, x, b, a, y);
};

function worst(actual: ArrayLike<number>, expected: { readonly length: number; [i: number]: unknown }) {
  expect(actual.length).toBe(expected.length);
  let max = 0;
  for (let i = 0; i < actual.length; i++) max = Math.max(max, Math.abs(actual[i] - Number(expected[i])));
  return max;
}

describe('against golden/unit.npz', () => {
  test('bilinear sampling with zeros outside', () => {
    const image = hashNoiseArray('unit/gs/img', 2 * 3 * 20 * 28);
    const grid = golden.gs_grid.data;
    const out = new Float32Array(2 * 3 * 24 * 20);
    for (let i = 0; i < out.length; i++) {
      const pixel = i % 480;
      const plane = Math.floor(i / 480);
      const at = (Math.floor(plane / 3) * 480 + pixel) * 2;
      const x = ((Number(grid[at]) + 1) * 28 - 1) / 2;
      const y = ((Number(grid[at + 1]) + 1) * 20 - 1) / 2;
      out[i] = sampleZero(image, plane * 560, 20, 28, x, y);
    }
    expect(worst(out, golden.gs_out.data)).toBeLessThan(5e-6);
  });

  test('positions of a grid, to the bit', () => {
    const thetas = golden.gs_theta.data as Float32Array;
    const grid = golden.gs_grid.data;
    const columns = gridLine(20);
    const rows = gridLine(24);
    const { fround } = Math;
    for (let i = 0; i < 2 * 480; i++) {
      const m = thetas.subarray(Math.floor(i / 480) * 6);
      const [x, y] = [columns[i % 20], rows[Math.floor((i % 480) / 20)]];
      expect(fround(fround(fround(x * m[0]) + fround(y * m[1])) + m[2])).toBe(grid[2 * i]);
      expect(fround(fround(fround(x * m[3]) + fround(y * m[4])) + m[5])).toBe(grid[2 * i + 1]);
    }
  });

  test('1/8 down, then bilinear up', () => {
    const map = planarMap([3, 64, 64], hashNoiseArray('unit/interp/x', 3 * 64 * 64));
    const down = downsample8(map);
    expect(worst(down.data, golden.interp_down8.data)).toBeLessThan(1e-7);
    const table = upsampleTable(8, 64);
    const up = Float32Array.from({ length: 3 * 4096 }, (_, i) =>
      upsampledAt(down.data, (i >> 12) * 64, 8, table, table, (i >> 6) & 63, i & 63),
    );
    expect(worst(up, golden.interp_up8.data)).toBeLessThan(1e-6);
  });

  test('Gaussian blur and its kernel', () => {
    const binary = hashNoiseArray('unit/blur/x', 40 * 48).map((u) => (u > 0 ? 1 : 0));
    blur(binary, 40, 48, reflected);
    expect(worst(binary, golden.blur_out.data)).toBeLessThan(1e-6);
    expect(worst(blurKernel(), golden.blur_kernel1d.data)).toBeLessThan(1e-15);
  });
});

describe('partInput', () => {
  const size = 64;
  const input = planarMap([3, size, size], hashNoiseArray('crops/input', 3 * size * size));
  const coarse = planarMap([6, 8, 8], hashNoiseArray('crops/coarse', 6 * 64));

  test('the identity cuts the centre', () => {
    const out = partInput(input, coarse, { height: 24, width: 10 }, IDENTITY);
    expect(out.shape).toEqual([8, 24, 10]);
    expect(out.data[2 * 240 + 3 * 10 + 4]).toBeCloseTo(input.data[2 * 4096 + (20 + 3) * 64 + 27 + 4], 5);
    const table = upsampleTable(8, 64);
    expect(out.data[4 * 240]).toBeCloseTo(upsampledAt(coarse.data, 64, 8, table, table, 20, 27), 5);
    expect(out.data.subarray(6 * 240).every((v) => v === 0)).toBe(true);
  });

  test('a quarter turn turns the crop', () => {
    const crop = { height: 16, width: 16 };
    const straight = partInput(input, coarse, crop, IDENTITY);
    const turned = partInput(input, coarse, crop, Float32Array.of(0, -1, 0, 1, 0, 0));
    // Part (x, y) looks at image (-y, x).
    for (const [r, c] of [
      [0, 0],
      [3, 9],
      [15, 2],
    ]) {
      expect(turned.data[r * 16 + c]).toBeCloseTo(straight.data[c * 16 + (15 - r)], 5);
      expect(turned.data[4 * 256 + r * 16 + c]).toBeCloseTo(straight.data[4 * 256 + c * 16 + (15 - r)], 5);
    }
  });

  test('an odd rotation equals sampling a stored full canvas', () => {
    const affine = rotation(33, 1.7, 0.4, -0.3);
    const out = partInput(input, coarse, { height: 20, width: 12 }, affine);
    const table = upsampleTable(8, 64);
    const stored = Float32Array.from({ length: 4096 }, (_, i) =>
      upsampledAt(coarse.data, 2 * 64, 8, table, table, i >> 6, i & 63),
    );
    const grid = new SampleGrid(affine, size);
    for (let r = 0; r < 20; r++) {
      grid.beginRow(22 + r);
      for (let c = 0; c < 12; c++) {
        const x = grid.x(26 + c);
        const y = grid.y(26 + c);
        expect(out.data[5 * 240 + r * 12 + c]).toBeCloseTo(sampleZero(stored, 0, 64, 64, x, y), 6);
      }
    }
  });

  test('f32 positions stay within 2e-4 px of exact ones at full size', () => {
    const affine = rotation(-75, 0.8, 0.3, -0.6);
    const grid = new SampleGrid(affine, 2048);
    const m = pixelAffine(affine, 2048);
    let most = 0;
    for (let r = 0; r < 2048; r += 13) {
      grid.beginRow(r);
      for (let c = 0; c < 2048; c += 7) {
        most = Math.max(most, Math.abs(grid.x(c) - (m.a * c + m.b * r + m.c)));
        most = Math.max(most, Math.abs(grid.y(c) - (m.d * c + m.e * r + m.f)));
      }
    }
    expect(most).toBeLessThan(2e-4);
    expect(most).toBeGreaterThan(0);
  });

  test('a part far outside the picture, and a singular one, are all zeros', () => {
    for (const affine of [rotation(10, 1, 9, 9), Float32Array.of(NaN, NaN, NaN, NaN, NaN, NaN)]) {
      const out = partInput(input, coarse, { height: 8, width: 8 }, affine);
      expect(out.data.every((v) => v === 0)).toBe(true);
    }
  });
});

describe('partOccupancy', () => {
  const crop = { height: 60, width: 50 };

  test('is 1 deep inside, 0 on the rim, symmetric, and sums to the window', () => {
    const { data } = partOccupancy(crop, IDENTITY, 128);
    expect(data[30 * 50 + 25]).toBeCloseTo(1, 6);
    for (let c = 0; c < 50; c++) expect([data[c], data[59 * 50 + c]]).toEqual([0, 0]);
    for (let r = 0; r < 60; r++) expect([data[r * 50], data[r * 50 + 49]]).toEqual([0, 0]);
    expect(data[1 * 50 + 25]).toBeGreaterThan(0);
    expect(data[5 * 50 + 7]).toBeCloseTo(data[54 * 50 + 42], 6);
    expect(data.reduce((a, b) => a + b)).toBeCloseTo(44 * 34, 2);
  });

  test('fades where the crop leaves the picture', () => {
    // The left edge of the picture runs through the crop's middle.
    const { data } = partOccupancy(crop, Float32Array.of(1, 0, -1, 0, 1, 0), 128);
    expect(data[30 * 50 + 10]).toBe(0);
    expect(data[30 * 50 + 33]).toBeCloseTo(1, 6);
    expect(data[30 * 50 + 25]).toBeGreaterThan(0.3);
    expect(data[30 * 50 + 25]).toBeLessThan(0.7);
  });

  test('a singular transform owns nothing', () => {
    const { data } = partOccupancy(crop, new Float32Array(6).fill(NaN), 128);
    expect(data.every((v) => v === 0)).toBe(true);
  });
});
