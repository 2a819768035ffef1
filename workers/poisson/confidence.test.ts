import { beforeAll, describe, expect, test } from 'vitest';
import { confidenceOf, FARTHEST, measureSupport } from './confidence.ts';
import { poissonModule } from './load-module.node.mjs';
import { cloudOf, sphereCloud, spherePoints } from './shapes.ts';
import { solveSurface } from './solver.ts';
import { reportEdges } from './topology.ts';
import { TRIM_SPACINGS } from './trim.ts';
import { DEFAULT_SURFACE_OPTIONS } from './types.ts';

describe('distance to the nearest sample', () => {
  test('as a plain search finds it: inside, near and far of 500 samples', () => {
    const cloud = sphereCloud(500, [1000, -2000, 3], 7);
    const spacing = 0.8;
    const at: number[] = [];
    for (let i = 0; i < 300; i++) {
      at.push(1000 + 15 * Math.sin(i * 1.7), -2000 + 15 * Math.sin(i * 2.9), 3 + 15 * Math.sin(i * 4.3));
    }
    const positions = Float32Array.from(at);
    const found = measureSupport(positions, cloud, spacing);
    let far = 0;
    for (let v = 0; v < found.length; v++) {
      let nearest = Infinity;
      for (let i = 0; i < cloud.count; i++) {
        nearest = Math.min(
          nearest,
          Math.hypot(...[0, 1, 2].map((k) => cloud.positions[i * 3 + k] - positions[v * 3 + k])) / spacing,
        );
      }
      if (nearest > FARTHEST) far++;
      if (nearest <= 1) expect(found[v]).toBeLessThanOrEqual(1.001);
      else if (nearest >= FARTHEST) expect(found[v]).toBe(Infinity);
      else expect(found[v]).toBeCloseTo(nearest, 2);
    }
    expect(far).toBeGreaterThan(0);
    expect(far).toBeLessThan(found.length / 2);
  });

  test('samples without a normal do not count', () => {
    const cloud = sphereCloud(200);
    cloud.normals.fill(0, 0, 300);
    const below = measureSupport(Float32Array.of(0, 0, -0.5), cloud, 0.1);
    const above = measureSupport(Float32Array.of(0, 0, 0.5), cloud, 0.1);
    expect(below[0]).toBeLessThan(1);
    expect(above[0]).toBeGreaterThan(4);
  });
});

test('confidence: seen counts full, guessed half, and each two spacings halve it', () => {
  const distances = Float32Array.of(0, 1, 3, 5, 15.9, FARTHEST, Infinity, 1, 3);
  const seen = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 0, 0);
  expect([...confidenceOf(distances, seen)]).toEqual([255, 255, 128, 64, 1, 0, 0, 128, 64]);
});

describe('a sphere with a gap', () => {
  let module: WebAssembly.Module;
  beforeAll(async () => {
    module = await poissonModule();
  }, 120_000);
  const cloud = cloudOf(spherePoints(30_000, [0, 0, 0], 0.5).filter(({ normal }) => normal[0] < 0.8));

  test('is sure where it was sampled, less behind, not at all in the middle of the gap', () => {
    const { mesh, spacing } = solveSurface(module, cloud, { ...DEFAULT_SURFACE_OPTIONS, depth: 8 });
    expect(spacing).toBeCloseTo(Math.sqrt(Math.PI / 30_000), 2);
    const means = { front: [0, 0], back: [0, 0], gap: [0, 0] };
    for (let v = 0; v < mesh.seen.length; v++) {
      const [x, , z] = mesh.positions.subarray(v * 3, v * 3 + 3);
      const sum =
        x > 0.45 ? means.gap : x > 0.38 ? null : z > 0.05 ? means.front : z < -0.05 ? means.back : null;
      if (!sum) continue;
      sum[0] += mesh.confidence[v] / 255;
      sum[1]++;
    }
    expect(means.front[0] / means.front[1]).toBeGreaterThan(0.98);
    expect(means.back[0] / means.back[1]).toBeCloseTo(0.5, 1);
    expect(means.gap[0] / means.gap[1]).toBeLessThan(0.05);
  });

  test('trimmed is open at the gap, manifold, and says so; the rest is untouched', () => {
    const whole = solveSurface(module, cloud, { ...DEFAULT_SURFACE_OPTIONS, depth: 8 });
    const { mesh, stats } = solveSurface(module, cloud, { ...DEFAULT_SURFACE_OPTIONS, depth: 8, trim: true });
    expect(stats.boundaryEdges).toBeGreaterThan(50);
    expect(stats).toMatchObject({ components: 1, nonManifoldEdges: 0 });
    expect(reportEdges(mesh.indices, stats.vertices)).toMatchObject({ flipped: 0, nonManifold: 0 });
    expect(mesh.confidence.length).toBe(stats.vertices);
    const farthest = (positions: Float32Array) =>
      measureSupport(positions, cloud, whole.spacing).reduce((most, d) => Math.max(most, d), 0);
    expect(farthest(whole.mesh.positions)).toBe(Infinity);
    expect(farthest(mesh.positions)).toBeLessThanOrEqual(TRIM_SPACINGS);
    expect(stats.vertices).toBeGreaterThan(whole.stats.vertices * 0.85);
  });

  test('a cloud without gaps is not opened', () => {
    const { stats } = solveSurface(module, sphereCloud(20_000), {
      ...DEFAULT_SURFACE_OPTIONS,
      depth: 7,
      trim: true,
    });
    expect(stats.boundaryEdges).toBe(0);
  });
});
