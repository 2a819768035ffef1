import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../../tests/npz.ts';
import { hashNoiseArray } from '../../base/deterministic.ts';
import { type PlanarMap, planarMap } from '../../base/images.ts';
import { PART_IDS } from '../../geometry/body.ts';
import {
  fillUncovered,
  mergeNormals,
  mergeWeights,
  type ReferenceMergePart,
} from './merge-normals.reference.ts';
import { cropOrigin, SampleGrid, sampleZero } from './sampling.reference.ts';

const CANVAS = 96;

const rotation = (degrees: number, scale: number, x = 0, y = 0) => {
  const a = Math.cos((degrees * Math.PI) / 180) * scale;
  const b = Math.sin((degrees * Math.PI) / 180) * scale;
  return Float32Array.of(a, -b, x, b, a, y);
};

function noisePart(
  key: string,
  height: number,
  width: number,
  partFromImage: Float32Array<ArrayBuffer>,
): ReferenceMergePart {
  const coded = hashNoiseArray(`${key}/n`, 6 * height * width).map((u) => 0.5 + 0.5 * u);
  const occupancy = hashNoiseArray(`${key}/o`, height * width).map((u) => Math.max(0, u));
  return {
    normals: planarMap([6, height, width], coded),
    occupancy: planarMap([1, height, width], occupancy),
    partFromImage,
  };
}

/** The reference's own formulation: pad each part to the canvas, warp everything, then weigh and add. */
function mergeOnFullCanvases(parts: readonly ReferenceMergePart[]): PlanarMap {
  const out = planarMap([6, CANVAS, CANVAS]);
  const plane = CANVAS * CANVAS;
  const padded = (map: PlanarMap) => {
    const [channels, height, width] = map.shape;
    const canvas = planarMap([channels, CANVAS, CANVAS]);
    for (let i = 0; i < map.data.length; i++) {
      const row = (Math.floor(i / width) % height) + cropOrigin(CANVAS, height);
      const column = (i % width) + cropOrigin(CANVAS, width);
      canvas.data[Math.floor(i / (width * height)) * plane + row * CANVAS + column] = map.data[i];
    }
    return canvas;
  };
  const layers = parts.map((p) => ({
    normals: padded(p.normals),
    occupancy: padded(p.occupancy),
    grid: new SampleGrid(p.partFromImage, CANVAS),
  }));
  for (let i = 0; i < plane; i++) {
    const row = Math.floor(i / CANVAS);
    const column = i % CANVAS;
    const at = layers.map(({ grid }) => {
      grid.beginRow(row);
      return [grid.x(column), grid.y(column)];
    });
    const weights = layers.map((l, p) => sampleZero(l.occupancy.data, 0, CANVAS, CANVAS, at[p][0], at[p][1]));
    const sum = weights.reduce((a, b) => a + b, 0) || 1;
    for (let c = 0; c < 6; c++) {
      layers.forEach((l, p) => {
        const n = sampleZero(l.normals.data, c * plane, CANVAS, CANVAS, at[p][0], at[p][1]);
        out.data[c * plane + i] += (weights[p] / sum) * n;
      });
    }
  }
  return out;
}

function worst(a: Float32Array, b: Float32Array): number {
  let max = 0;
  for (let i = 0; i < a.length; i++) max = Math.max(max, Math.abs(a[i] - b[i]));
  return max;
}

describe('mergeNormals', () => {
  test.each([
    ['one straight part', [noisePart('straight', 20, 30, rotation(0, 1))]],
    ['odd crop sizes', [noisePart('odd', 21, 13, rotation(17, 1.3, 0.1, -0.2))]],
    [
      'overlapping rotated parts, one half outside, one mirrored',
      [
        noisePart('a', 24, 40, rotation(30, 1.4)),
        noisePart('b', 40, 16, rotation(-95, 0.6, 0.2, 0.1)),
        noisePart('c', 32, 32, rotation(180, 1, 0.9, 0)),
        noisePart('d', 18, 26, Float32Array.of(-1, 0, 0.1, 0, 1, 0)),
      ],
    ],
    ['a one-pixel crop', [noisePart('pixel', 1, 1, rotation(45, 0.05))]],
  ])('%s equals warping full canvases', (_, parts) => {
    expect(worst(mergeNormals(parts, CANVAS).data, mergeOnFullCanvases(parts).data)).toBeLessThan(2e-6);
  });

  test('nothing, a part elsewhere, and a singular part give exact zeros', () => {
    const elsewhere = noisePart('far', 10, 10, rotation(0, 1, 7, 0));
    const singular = noisePart('nan', 10, 10, new Float32Array(6).fill(NaN));
    for (const parts of [[], [elsewhere], [singular]]) {
      expect(mergeNormals(parts, CANVAS).data.every((v) => v === 0)).toBe(true);
    }
  });

  test('a single part keeps its normals wherever it has any weight', () => {
    const part = noisePart('keep', 20, 20, rotation(0, 1));
    part.normals.data.fill(0.75);
    part.occupancy.data.fill(1e-4);
    const out = mergeNormals([part], CANVAS);
    const first = cropOrigin(CANVAS, 20);
    expect(out.data[(first + 3) * CANVAS + first + 5]).toBeCloseTo(0.75, 6);
    expect(out.data[(first - 1) * CANVAS + first + 5]).toBe(0);
  });

  test('the warp of part normals equals golden refine.out0', () => {
    // Small golden run: canvas 256, occupancy given on the canvas, five stacks of parts.
    const golden = readNpz(readFileSync('tests/golden/networks_small.npz'))['refine.out0'].data;
    const affines = JSON.parse(readFileSync('tests/golden/keypoints_affine.json', 'utf8')).hanni.theta_inv;
    const share = hashNoiseArray('input/refine/o', 12 * 65536).map((u) => Math.fround(0.5 + 0.5 * u) / 12);
    const stacks = [
      [1, 46, 40],
      [1, 66, 42],
      [4, 44, 28],
      [4, 34, 32],
      [2, 22, 16],
    ];
    const sum = new Float64Array(6 * 65536);
    let part = 0;
    stacks.forEach(([count, height, width], k) => {
      const all = hashNoiseArray(`input/refine/n${k + 1}`, count * 6 * height * width).map((u) =>
        Math.fround(0.5 + Math.fround(0.5 * u)),
      );
      for (let b = 0; b < count; b++, part++) {
        const grid = new SampleGrid(Float32Array.from(affines[part].flat() as number[]), 256);
        const normals = all.subarray(b * 6 * height * width, (b + 1) * 6 * height * width);
        for (let i = 0; i < 65536; i++) {
          grid.beginRow(i >> 8);
          const x = grid.x(i & 255) - cropOrigin(256, width);
          const y = grid.y(i & 255) - cropOrigin(256, height);
          for (let c = 0; c < 6; c++) {
            sum[c * 65536 + i] +=
              share[part * 65536 + i] * sampleZero(normals, c * height * width, height, width, x, y);
          }
        }
      }
    });
    expect(part).toBe(PART_IDS.length);
    let max = 0;
    for (let i = 0; i < sum.length; i++) max = Math.max(max, Math.abs(sum[i] - Number(golden[i])));
    expect(max).toBeLessThan(5e-7);
  });
});

describe('mergeWeights', () => {
  const parts = [
    noisePart('w1', 30, 30, rotation(20, 1.2)),
    noisePart('w2', 30, 30, rotation(-40, 1.2, 0.2, 0)),
  ];

  test('shares sum to 1 where any part reaches, and unused channels are 0', () => {
    const out = mergeWeights(parts, CANVAS, CANVAS);
    expect(out.shape).toEqual([12, CANVAS, CANVAS]);
    let covered = 0;
    for (let i = 0; i < CANVAS * CANVAS; i++) {
      const sum = out.data[i] + out.data[CANVAS * CANVAS + i];
      if (sum !== 0) {
        covered++;
        expect(sum).toBeCloseTo(1, 6);
      }
    }
    expect(covered).toBeGreaterThan(500);
    expect(out.data.subarray(2 * CANVAS * CANVAS).every((v) => v === 0)).toBe(true);
  });

  test('a smaller grid takes every so-many-th pixel', () => {
    const full = mergeWeights(parts, CANVAS, CANVAS);
    const quarter = mergeWeights(parts, CANVAS / 4, CANVAS);
    expect(quarter.data[24 * 24 + 10 * 24 + 11]).toBe(full.data[CANVAS * CANVAS + 40 * CANVAS + 44]);
  });
});

describe('fillUncovered', () => {
  const part = noisePart('fill', 32, 32, rotation(0, 1));
  part.occupancy.data.fill(1);
  for (let r = 0; r < 32; r++) part.occupancy.data.fill(0.25, r * 32, r * 32 + 4);
  const merged = mergeNormals([part], CANVAS);
  const first = cropOrigin(CANVAS, 32);
  const at = (channel: number, row: number, column: number) =>
    channel * CANVAS * CANVAS + row * CANVAS + column;
  /** The same coarse normal everywhere, front and back. */
  const flat = (...code: readonly number[]) =>
    planarMap(
      [6, 12, 12],
      Float32Array.from({ length: 6 * 144 }, (_, i) => code[Math.floor(i / 144) % 3]),
    );

  test('uses coarse slopes, 8 times flatter, outside; merged normals inside; both on the fading edge', () => {
    const before = merged.data.slice();
    // Decoded (0.6, 0, 0.8): slope 0.75 on the coarse grid, 0.09375 on the canvas.
    const out = fillUncovered(merged, [part], flat(0.8, 0.5, 0.9));
    expect(merged.data).toEqual(before);
    const length = Math.hypot(0.75 / 8, 1);
    const x = (0.75 / 8 / length + 1) / 2;
    const z = (1 / length + 1) / 2;
    for (const side of [0, 3]) {
      expect(out.data[at(side, 2, 3)]).toBeCloseTo(x, 6);
      expect(out.data[at(side + 1, 2, 3)]).toBeCloseTo(0.5, 6);
      expect(out.data[at(side + 2, 2, 3)]).toBeCloseTo(z, 6);
    }
    const inside = at(5, first + 16, first + 16);
    expect(out.data[inside]).toBe(merged.data[inside]);
    const edge = at(5, first + 16, first + 1);
    expect(out.data[edge]).toBeCloseTo(0.25 * merged.data[edge] + 0.75 * z, 6);
  });

  test('an empty coarse background stays exactly 0', () => {
    const out = fillUncovered(merged, [part], flat(0, 0, 0));
    for (let c = 0; c < 6; c++) expect(out.data[at(c, 2, 3)]).toBe(0);
  });
});
