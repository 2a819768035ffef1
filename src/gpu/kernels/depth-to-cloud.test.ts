/** Clouds against golden/pers2pc_16.npz and against analytic ellipsoids seen by the same camera. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNpz } from '../../../tests/npz.ts';
import type { OrientedCloud } from '../../base/cloud.ts';
import { StageError } from '../../base/errors.ts';
import { type PlanarMap, planarMap, type RgbaImage } from '../../base/images.ts';
import {
  CLOUD_DIVISOR,
  depthAtDistance,
  depthUnitPx,
  focalPx,
  pixelTangents,
} from '../../geometry/camera.ts';
import { consistencyNormals } from '../../geometry/depth-normals.ts';
import type { CloudOptions } from '../kernel-set.ts';
import { depthInPx, depthToCloud, noMergedNormals } from './depth-to-cloud.reference.ts';

const REFERENCE: CloudOptions = { mode: 'reference', erodeBack: false };
const ROBUST: CloudOptions = { mode: 'robust', erodeBack: false };

function colours(size: number, pixel: (i: number, c: number) => number = () => 0): RgbaImage {
  const data = new Uint8ClampedArray(size * size * 4);
  for (let i = 0; i < data.length; i++) data[i] = pixel(i >> 2, i & 3);
  return { width: size, height: size, data };
}

interface Ellipsoid {
  readonly centre: readonly number[];
  readonly radii: readonly number[];
}

/** Depth [2, S, S] of ellipsoids: nearest and farthest hit along each pixel's ray; camera at (0, 0, 1). */
function render(size: number, bodies: readonly Ellipsoid[]): PlanarMap {
  const depth = planarMap([2, size, size]);
  const tangents = pixelTangents(size);
  for (let i = 0; i < size * size; i++) {
    const x = tangents[i % size];
    const y = -tangents[Math.floor(i / size)];
    const norm = Math.hypot(x, y, 1);
    const ray = [x / norm, y / norm, -1 / norm];
    let near = Number.POSITIVE_INFINITY;
    let far = 0;
    for (const { centre, radii } of bodies) {
      let a = 0;
      let b = 0;
      let c = -1;
      for (let k = 0; k < 3; k++) {
        const from = ((k === 2 ? 1 : 0) - centre[k]) / radii[k];
        const along = ray[k] / radii[k];
        a += along * along;
        b += from * along;
        c += from * from;
      }
      const root = b * b - a * c;
      if (root < 0) continue;
      near = Math.min(near, (-b - Math.sqrt(root)) / a);
      far = Math.max(far, (-b + Math.sqrt(root)) / a);
    }
    if (far === 0) continue;
    depth.data[i] = depthAtDistance(near, size) / depthUnitPx(size);
    depth.data[size * size + i] = depthAtDistance(far, size) / depthUnitPx(size);
  }
  return depth;
}

/** For each point: how far it lies off the nearest body, px, its normal's error, degrees, and the view cosine. */
function judge(cloud: OrientedCloud, bodies: readonly Ellipsoid[], size: number) {
  return Array.from({ length: cloud.count }, (_, i) => {
    const at = [0, 1, 2].map((k) => cloud.positions[3 * i + k] * CLOUD_DIVISOR);
    let offPx = Number.POSITIVE_INFINITY;
    let normal = [0, 0, 1];
    for (const { centre, radii } of bodies) {
      const unit = at.map((v, k) => (v - centre[k]) / radii[k]);
      const gradient = unit.map((v, k) => v / radii[k]);
      const level = Math.hypot(...unit);
      const steep = Math.hypot(...gradient);
      const off = (Math.abs(level - 1) * level * focalPx(size)) / steep;
      if (off < offPx) {
        offPx = off;
        normal = gradient.map((v) => v / steep);
      }
    }
    const own = [...cloud.normals.subarray(3 * i, 3 * i + 3)];
    const dot = own.reduce((sum, v, k) => sum + v * normal[k], 0);
    const view = [at[0], at[1], at[2] - 1];
    const cosine = normal.reduce((sum, v, k) => sum + v * view[k], 0) / Math.hypot(...view);
    return { offPx, errorDeg: (Math.acos(Math.min(1, dot)) * 180) / Math.PI, cosine: Math.abs(cosine) };
  });
}

describe('reference cloud', () => {
  const golden = readNpz(readFileSync('tests/golden/pers2pc_16.npz'));
  const depth = planarMap([2, 16, 16]);
  // Depth in px of a 16 px canvas, whose unit is 4 px.
  for (let i = 0; i < 256; i++) depth.data[i] = Number(golden.depth.data[i]) / 4;
  const picture = colours(16, (i, c) => (c === 3 ? 255 : Number(golden.colour.data[i * 3 + c])));

  test('equals golden points in number, order, place and colour', () => {
    const cloud = depthToCloud(depth, noMergedNormals(16), picture, picture, REFERENCE);
    expect(cloud.count).toBe(golden.xyz_final.shape[0]);
    for (let i = 0; i < cloud.count * 3; i++) {
      // One golden depth, 0.001 px, lies between two 16-bit steps.
      const exact = (Number(golden.depth.data[cloud.pixels[Math.floor(i / 3)]]) * 4096) % 1 === 0;
      const error = Math.abs(cloud.positions[i] - Number(golden.xyz_final.data[i]));
      expect(error).toBeLessThan(exact ? 4e-8 : 2e-6);
      expect(cloud.colours[i]).toBe(picture.data[4 * cloud.pixels[Math.floor(i / 3)] + (i % 3)]);
    }
    expect(cloud.sides.every((s) => s === 0)).toBe(true);
    expect([...cloud.pixels]).toEqual([...cloud.pixels].sort((a, b) => a - b));
  });

  test('16-bit depth truncates, and wraps from 4 upward', () => {
    const values = Float32Array.of(2, 1.99999, 4, 5, 0.00001, 3.99999);
    expect([...depthInPx(values, 2048, false)]).toEqual([
      1024,
      32767 / 32,
      0,
      512,
      0,
      Math.trunc(Math.fround(3.99999) * 16384) / 32,
    ]);
    expect(depthInPx(values, 2048, true)[3]).toBe(2560);
  });

  test('back points follow front points, with their own colours, inside the eroded front only', () => {
    const both = planarMap([2, 32, 32]);
    for (let r = 8; r < 24; r++) {
      for (let c = 8; c < 24; c++) {
        both.data[r * 32 + c] = 1.9;
        both.data[1024 + r * 32 + c] = 2.1;
      }
    }
    const cloud = depthToCloud(
      both,
      noMergedNormals(32),
      colours(32, () => 10),
      colours(32, () => 90),
      {
        mode: 'reference',
        erodeBack: true,
      },
    );
    expect(cloud.count).toBe(16 * 16 + 10 * 10);
    expect(cloud.sides.indexOf(1)).toBe(256);
    expect([cloud.colours[0], cloud.colours[256 * 3]]).toEqual([10, 90]);
    expect([cloud.normals[2] > 0.9, cloud.normals[256 * 3 + 2] < -0.9]).toEqual([true, true]);
    expect(cloud.pixels[256]).toBe(11 * 32 + 11);
  });

  test('nothing, and a single pixel', () => {
    const empty = depthToCloud(planarMap([2, 8, 8]), noMergedNormals(8), colours(8), colours(8), REFERENCE);
    expect(empty.count).toBe(0);
    expect(empty.positions.length).toBe(0);
    const one = planarMap([2, 1, 1], Float32Array.of(2, 2));
    const cloud = depthToCloud(one, noMergedNormals(1), colours(1), colours(1), REFERENCE);
    expect(cloud.count).toBe(2);
    expect([...cloud.positions.slice(0, 3)].map(Math.abs)).toEqual([0, 0, 0]);
    expect([...cloud.normals]).toEqual([0, 0, 1, -0, -0, -1].map((v) => expect.closeTo(v, 12)));
    expect(depthToCloud(one, noMergedNormals(1), colours(1), colours(1), ROBUST).count).toBe(0);
  });

  test('sizes that differ are refused', () => {
    expect(() =>
      depthToCloud(planarMap([2, 8, 8]), noMergedNormals(4), colours(8), colours(8), REFERENCE),
    ).toThrow(StageError);
  });
});

describe('normals of an ellipsoid far off the axis', () => {
  const size = 512;
  const bodies: readonly Ellipsoid[] = [{ centre: [-0.2, 0.18, 0.03], radii: [0.15, 0.2, 0.1] }];
  const depth = render(size, bodies);
  const count = size * size;

  test('from depth: within 1 degree away from the rim, outward on both sides', () => {
    const cloud = depthToCloud(depth, noMergedNormals(size), colours(size), colours(size), ROBUST);
    const points = judge(cloud, bodies, size);
    expect(points.length).toBeGreaterThan(30000);
    const inner = points.filter((p) => p.cosine > 0.4);
    expect(Math.max(...points.map((p) => p.offPx))).toBeLessThan(0.01);
    expect(Math.max(...inner.map((p) => p.errorDeg))).toBeLessThan(1);
    expect(points.filter((p) => p.errorDeg > 90).length).toBe(0);
  });

  test('from network normals coded as the reference codes them: within 4 degrees, 1 on average, outward on both sides', () => {
    const merged = noMergedNormals(size);
    for (const side of [0, 1]) {
      // Training codes slopes of the 2048 canvas's units per px; a smaller canvas has the same units.
      const plane = planarMap([1, size, size], depth.data.slice(side * count, (side + 1) * count));
      merged.data.set(consistencyNormals(plane).data, side * 3 * count);
    }
    const points = judge(
      depthToCloud(depth, merged, colours(size), colours(size), ROBUST),
      bodies,
      size,
    ).filter((p) => p.cosine > 0.5);
    expect(Math.max(...points.map((p) => p.errorDeg))).toBeLessThan(4);
    expect(points.reduce((sum, p) => sum + p.errorDeg, 0) / points.length).toBeLessThan(1);
  });

  test('a network normal that contradicts the depth does not win', () => {
    const merged = noMergedNormals(size);
    // Coded as facing far left everywhere, front and back.
    for (let c = 0; c < 6; c++) merged.data.fill([0.99, 0.5, 0.55][c % 3], c * count, (c + 1) * count);
    const cloud = depthToCloud(depth, merged, colours(size), colours(size), ROBUST);
    const rightFlank = judge(cloud, bodies, size).filter(
      (p, i) => cloud.sides[i] === 0 && cloud.normals[3 * i] > 0.5 && p.cosine > 0.7,
    );
    expect(rightFlank.every((p) => p.errorDeg < 1)).toBe(true);
  });
});

describe('flying points', () => {
  const size = 512;
  const bodies: readonly Ellipsoid[] = [
    { centre: [0, 0, 0], radii: [0.16, 0.35, 0.09] },
    { centre: [0.03, 0, 0.2], radii: [0.2, 0.05, 0.04] },
  ];
  const sharp = render(size, bodies);

  /** Depth as a network gives it: the jump between arm and trunk smeared over a few rows. */
  function smeared(): PlanarMap {
    const out = planarMap(sharp.shape, sharp.data.slice());
    for (let i = 2 * size; i < (size - 2) * size; i++) {
      const column = [-2, -1, 0, 1, 2].map((k) => sharp.data[i + k * size]);
      if (column.every((d) => d > 0)) out.data[i] = column.reduce((a, b) => a + b) / 5;
    }
    return out;
  }

  test('robust mode keeps both edges of a clean jump and invents nothing between', () => {
    const cloud = depthToCloud(sharp, noMergedNormals(size), colours(size), colours(size), ROBUST);
    const points = judge(cloud, bodies, size);
    expect(Math.max(...points.map((p) => p.offPx))).toBeLessThan(0.05);
    const kept = cloud.count / sharp.data.filter((d) => d > 0).length;
    expect(kept).toBeGreaterThan(0.99);
    const bent = points.filter((p) => p.cosine > 0.4 && p.errorDeg > 5).length;
    expect(bent / points.length).toBeLessThan(0.003);
  });

  test('robust mode drops most points that a smeared jump leaves in the air', () => {
    const depth = smeared();
    const far = (options: CloudOptions, merged: PlanarMap) =>
      judge(depthToCloud(depth, merged, colours(size), colours(size), options), bodies, size).filter(
        (p) => p.offPx > 4,
      ).length;
    const merged = noMergedNormals(size);
    const front = planarMap([1, size, size], sharp.data.slice(0, size * size));
    merged.data.set(consistencyNormals(front).data);
    const all = far(REFERENCE, noMergedNormals(size));
    expect(all).toBeGreaterThan(500);
    expect(far(ROBUST, noMergedNormals(size))).toBeLessThan(all / 2);
    expect(far(ROBUST, merged)).toBeLessThan(all / 10);
  });
});
