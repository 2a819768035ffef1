import { beforeAll, describe, expect, test } from 'vitest';
import { methodCameraOf } from './camera.ts';
import { farthestOutsidePx } from './envelope.reference.ts';
import { SurfaceError, type SurfaceErrorCode } from './failures.ts';
import { poissonModule } from './load-module.node.mjs';
import { cloudOf, depthMapSphere, type Point, sphereCloud, spherePoints } from './shapes.ts';
import { solveSurface } from './solver.ts';
import { findPieces, reportEdges } from './topology.ts';
import type { OrientedCloud, SurfaceMesh } from './types.ts';
import { DEFAULT_SURFACE_OPTIONS, type SurfaceOptions } from './types.ts';

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await poissonModule();
}, 120_000);

const solve = (cloud: OrientedCloud, options: Partial<SurfaceOptions> = {}) =>
  solveSurface(module, cloud, {
    ...DEFAULT_SURFACE_OPTIONS,
    depth: 8,
    camera: methodCameraOf(cloud),
    ...options,
  });

/** Every edge has two triangles that run along it in opposite directions; V - E + F = 2 a piece. */
function expectClosed(mesh: SurfaceMesh, pieces = 1) {
  const vertices = mesh.positions.length / 3;
  const edges = reportEdges(mesh.indices, vertices);
  expect(edges).toMatchObject({ boundary: 0, nonManifold: 0, flipped: 0 });
  expect(vertices - edges.edges + mesh.indices.length / 3).toBe(2 * pieces);
}

const bytesOf = (array: ArrayBufferView) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

function radii(mesh: SurfaceMesh, centre: Point = [0, 0, 0]) {
  let sum = 0;
  let worst = 0;
  let inward = 0;
  const count = mesh.positions.length / 3;
  for (let i = 0; i < count * 3; i += 3) {
    const p = [0, 1, 2].map((k) => mesh.positions[i + k] - centre[k]);
    const r = Math.hypot(...p);
    sum += r;
    worst = Math.max(worst, Math.abs(r - 0.5));
    const along = (p[0] * mesh.normals[i] + p[1] * mesh.normals[i + 1] + p[2] * mesh.normals[i + 2]) / r;
    if (along < 0.9) inward++;
  }
  return { mean: sum / count, worst, inward };
}

describe('a sphere', () => {
  test.each([
    [1000, 0.006],
    [100_000, 0.0015],
  ])('of %i points is closed, round and turned outward', (count, tolerance) => {
    const { mesh, stats } = solve(sphereCloud(count));
    expectClosed(mesh);
    const { mean, worst, inward } = radii(mesh);
    expect(Math.abs(mean - 0.5)).toBeLessThan(tolerance / 2);
    expect(worst).toBeLessThan(tolerance);
    expect(inward).toBe(0);
    const volume = findPieces(mesh.positions, mesh.indices).volumes[0];
    expect(volume / ((4 / 3) * Math.PI * 0.125)).toBeCloseTo(1, count > 10_000 ? 2 : 1);
    expect(stats).toMatchObject({ points: count, components: 1, boundaryEdges: 0, nonManifoldEdges: 0 });
    expect(stats.vertices).toBe(mesh.positions.length / 3);
    expect(stats.triangles).toBe(mesh.indices.length / 3);
  });

  test('takes the colours and the seen side of the nearest samples', () => {
    const { mesh } = solve(sphereCloud(20_000));
    let wrong = 0;
    for (let v = 0; v < mesh.seen.length; v++) {
      const z = mesh.positions[v * 3 + 2];
      if (Math.abs(z) < 0.05) continue;
      if (mesh.seen[v] !== (z > 0 ? 255 : 0)) wrong++;
      const [r, g, b] = mesh.colours.subarray(v * 3, v * 3 + 3);
      if (r !== (z > 0 ? 200 : 20) || g !== 40 || b !== (z > 0 ? 20 : 200)) wrong++;
    }
    expect(wrong).toBe(0);
  });

  test('solved twice gives the same bytes, and the cloud is left alone', () => {
    const cloud = sphereCloud(5000);
    const before = cloud.positions.slice();
    const [a, b] = [solve(cloud).mesh, solve(cloud).mesh];
    expect(Buffer.compare(bytesOf(a.positions), bytesOf(b.positions))).toBe(0);
    expect(Buffer.compare(bytesOf(a.indices), bytesOf(b.indices))).toBe(0);
    expect(Buffer.compare(bytesOf(a.colours), bytesOf(b.colours))).toBe(0);
    expect(Buffer.compare(bytesOf(cloud.positions), bytesOf(before))).toBe(0);
  });

  test('with a gap of a fifth is closed over the gap, in the colour of its rim', () => {
    const points = spherePoints(30_000, [0, 0, 0], 0.5).filter(({ normal }) => normal[0] < 0.8);
    const { mesh } = solve(cloudOf(points));
    expectClosed(mesh);
    let dark = 0;
    for (let v = 0; v < mesh.seen.length; v++)
      if (mesh.colours[v * 3] + mesh.colours[v * 3 + 2] < 150) dark++;
    expect(dark).toBe(0);
  });

  test('reports progress from 0 to 1 without going back', () => {
    const seen: number[] = [];
    solveSurface(module, sphereCloud(2000), { ...DEFAULT_SURFACE_OPTIONS, depth: 7 }, (fraction) =>
      seen.push(fraction),
    );
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('reports progress inside a level, not only between phases', () => {
    const refining = new Set<number>();
    solveSurface(
      module,
      sphereCloud(100_000),
      { ...DEFAULT_SURFACE_OPTIONS, depth: 10 },
      (fraction, note) => {
        if (note === 'Refining') refining.add(fraction);
      },
    );
    expect(refining.size).toBeGreaterThan(10);
  });
});

describe('a depth map', () => {
  const centre: Point = [0.1, -0.2, 0.05];
  const radius = 0.04;

  test('of a sphere: exact areas, closed, round', () => {
    const { mesh, areas } = solve(depthMapSphere(centre, radius));
    expect(areas).toBe('camera');
    expectClosed(mesh);
    let worst = 0;
    for (let i = 0; i < mesh.positions.length; i += 3) {
      const r = Math.hypot(...centre.map((value, k) => mesh.positions[i + k] - value));
      worst = Math.max(worst, Math.abs(r / radius - 1));
    }
    expect(worst).toBeLessThan(0.02);
  });

  test('without its rim: nothing stands more than 2 px outside what was seen', () => {
    const cloud = depthMapSphere(centre, radius, (normal) => Math.abs(normal[2]) > 0.35);
    const { mesh, heldVertices } = solve(cloud);
    expectClosed(mesh);
    expect(heldVertices).toBeGreaterThan(0);
    expect(farthestOutsidePx(mesh.positions, cloud)).toBeLessThan(2);
  });
});

describe('depths', () => {
  test.each([4, 5, 6, 7, 10])('%i gives a closed sphere', (depth) => {
    const { mesh, depth: used } = solve(sphereCloud(40_000), { depth });
    expectClosed(mesh);
    expect(used).toBeLessThanOrEqual(depth);
  });
});

describe('odd clouds', () => {
  const withChange = (change: (cloud: OrientedCloud) => void, count = 1000) => {
    const cloud = sphereCloud(count);
    change(cloud);
    return cloud;
  };
  const refused = (cloud: OrientedCloud, options: Partial<SurfaceOptions> = {}): SurfaceErrorCode => {
    try {
      solve(cloud, options);
    } catch (thrown) {
      if (thrown instanceof SurfaceError) {
        expect(thrown.fix).not.toBe('');
        return thrown.code;
      }
      throw thrown;
    }
    throw new Error('was accepted');
  };

  test('empty', () => expect(refused(sphereCloud(0))).toBe('E_BAD_CLOUD'));
  test('one point', () => expect(refused(sphereCloud(1))).toBe('E_BAD_CLOUD'));
  test('ten points', () => expect(refused(sphereCloud(10))).toBe('E_BAD_CLOUD'));
  test('thirty points are enough for a rough ball', () => expectClosed(solve(sphereCloud(30)).mesh));
  test('a plane', () =>
    expect(
      refused(
        cloudOf(
          spherePoints(1000, [0, 0, 0], 1).map(({ at }) => ({ at: [at[0], at[1], 3], normal: [0, 0, 1] })),
        ),
      ),
    ).toBe('E_BAD_CLOUD'));
  test('all points at one spot', () =>
    expect(refused(cloudOf(spherePoints(1000, [0.2, 0.1, 0], 0)))).toBe('E_BAD_CLOUD'));
  test('NaN in a position', () =>
    expect(refused(withChange((c) => c.positions.fill(Number.NaN, 30, 31)))).toBe('E_BAD_CLOUD'));
  test('infinite normal', () =>
    expect(refused(withChange((c) => c.normals.fill(Number.POSITIVE_INFINITY, 3, 4)))).toBe('E_BAD_CLOUD'));
  test.each([1e-30, 1e-12, 1e12, 1e30])('%d units large', (size) =>
    expect(refused(sphereCloud(1000, [0, 0, 0], size))).toBe('E_BAD_CLOUD'),
  );
  test.each([1e-6, 1e6])('%d units large is ordinary', (size) =>
    expectClosed(solve(sphereCloud(3000, [0, 0, 0], size), { depth: 7 }).mesh),
  );
  test('nine points of ten at one spot: an error or a closed mesh', () => {
    const points = [
      ...spherePoints(500, [0, 0, 0], 0.5),
      ...Array.from({ length: 5000 }, () => spherePoints(1, [0, 0, 0], 0.5)[0]),
    ];
    try {
      expectClosed(solve(cloudOf(points), { depth: 7 }).mesh);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(SurfaceError);
    }
  });
  test('no normals at all', () => expect(refused(withChange((c) => c.normals.fill(0)))).toBe('E_BAD_CLOUD'));
  test('normals turned inward', () =>
    expect(
      refused(
        withChange((c) => {
          for (let i = 0; i < c.normals.length; i++) c.normals[i] *= -1;
        }),
      ),
    ).toBe('E_BAD_CLOUD'));
  test('arrays shorter than the count', () =>
    expect(refused({ ...sphereCloud(1000), count: 1001 })).toBe('E_BAD_CLOUD'));
  test.each([3, 12, 8.5, Number.NaN])('depth %d', (depth) =>
    expect(refused(sphereCloud(1000), { depth })).toBe('E_BAD_CLOUD'),
  );
  test.each([-1, Number.NaN])('point weight %d', (pointWeight) =>
    expect(refused(sphereCloud(1000), { pointWeight })).toBe('E_BAD_CLOUD'),
  );

  test('a few zero normals are left out', () => {
    const { mesh, stats } = solve(withChange((c) => c.normals.fill(0, 0, 300)));
    expect(stats.points).toBe(900);
    expectClosed(mesh);
  });
  test('normals of any length are made unit', () => {
    const { mesh } = solve(
      withChange((c) => {
        for (let i = 0; i < c.normals.length; i++) c.normals[i] *= 7;
      }),
    );
    expectClosed(mesh);
    expect(radii(mesh).worst).toBeLessThan(0.006);
  });
  test('every point five times', () => {
    const points = spherePoints(2000, [0, 0, 0], 0.5);
    const { mesh } = solve(cloudOf(Array.from({ length: 5 }, () => points).flat()));
    expectClosed(mesh);
    expect(radii(mesh).worst).toBeLessThan(0.01);
  });
  test('two spheres far apart stay two', () => {
    const { mesh, stats } = solve(
      cloudOf([...spherePoints(8000, [0, 0, 0], 0.5), ...spherePoints(8000, [20, 0, 0], 0.5)]),
      { depth: 9 },
    );
    expectClosed(mesh, 2);
    expect(stats.components).toBe(2);
  });
  test('stray points far from the figure do not become islands', () => {
    const strays = spherePoints(12, [0.9, 0.9, 0.9], 0.002);
    const { mesh, stats } = solve(cloudOf([...spherePoints(20_000, [0, 0, 0], 0.5), ...strays]));
    expectClosed(mesh);
    expect(stats.components).toBe(1);
  });
  test('points far from the origin, in millimetres', () => {
    const { mesh } = solve(cloudOf(spherePoints(20_000, [5000, -3000, 2000], 900)));
    expectClosed(mesh);
  });
  test('random normals: an error or a closed mesh, never a hang', () => {
    const cloud = withChange((c) => {
      for (let i = 0; i < c.normals.length; i++) c.normals[i] = (Math.sin(i * 12.9898) * 43758.5453) % 1;
    }, 5000);
    try {
      const { stats } = solve(cloud);
      expect(stats).toMatchObject({ boundaryEdges: 0, nonManifoldEdges: 0 });
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(SurfaceError);
    }
  });
});

test('a memory that cannot grow to what the depth needs is E_MEMORY with a way out', () => {
  const { Memory } = WebAssembly;
  class SmallMemory extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super({ ...descriptor, maximum: 512 });
    }
  }
  WebAssembly.Memory = SmallMemory;
  try {
    const cloud = sphereCloud(200_000);
    expect(() => solve(cloud, { depth: 9 })).toThrow(
      expect.objectContaining({ code: 'E_MEMORY', fix: expect.stringContaining('lower depth') }),
    );
    expectClosed(solve(sphereCloud(2000), { depth: 6 }).mesh);
  } finally {
    WebAssembly.Memory = Memory;
  }
});
