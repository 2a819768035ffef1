import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { StageError } from '../../base/errors.ts';
import { finish } from '../../base/steps.ts';
import type { MeshData } from '../mesh-data.ts';
import { sphereMesh } from '../mesh-fixtures.ts';
import { DEFAULT_PRINT_OPTIONS } from './print-options.ts';
import { previewOf } from './print-preview.ts';
import { makePrintSolid } from './print-solid.ts';
import { wallThickness } from './wall-thickness.ts';

/** A ball drawn out to a figure 1 tall, its upper half a thin blade: thick and thin along z. */
function bladed(thinness: number): MeshData {
  const ball = sphereMesh(40, 60);
  const positions = ball.positions.slice();
  for (let i = 0; i < positions.length; i += 3) {
    const height = positions[i + 1] + 0.5;
    // From round below to a blade above.
    const share = Math.min(1, Math.max(0, (height - 0.4) / 0.2));
    positions[i + 2] *= 1 - share + share * thinness;
  }
  const { indices } = ball;
  const normals = new Float32Array(positions.length);
  for (let t = 0; t < indices.length; t += 3) {
    const at = (k: number, axis: number) => positions[indices[t + k] * 3 + axis];
    const [u, v] = [1, 2].map((k) => [0, 1, 2].map((axis) => at(k, axis) - at(0, axis)));
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    for (let k = 0; k < 3; k++)
      for (let axis = 0; axis < 3; axis++) normals[indices[t + k] * 3 + axis] += n[axis];
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]);
    for (let axis = 0; axis < 3; axis++) normals[i + axis] /= length;
  }
  return { ...ball, positions, normals };
}

/** Edges that are not used exactly once in each direction. */
function openEdges(indices: Uint32Array): number {
  const uses = new Map<string, number>();
  for (let t = 0; t < indices.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b] = [indices[t + k], indices[t + ((k + 1) % 3)]];
      uses.set(`${a} ${b}`, (uses.get(`${a} ${b}`) ?? 0) + 1);
    }
  }
  let open = 0;
  for (const [edge, count] of uses) {
    const [a, b] = edge.split(' ');
    if (count !== 1 || uses.get(`${b} ${a}`) !== 1) open++;
  }
  return open;
}

test('a wall is as thick as it is, a convex edge is none', () => {
  const mesh = bladed(0.004);
  const thickness = finish(wallThickness(mesh.positions, mesh.normals, mesh.indices, 0.02));
  let [found, of] = [0, 0];
  for (let i = 0; i < thickness.length; i++) {
    const [x, y, z] = [0, 1, 2].map((axis) => mesh.positions[i * 3 + axis]);
    // The blade's middle: sides face along z.
    if (y > 0.15 && y < 0.3 && Math.abs(x) < 0.2) {
      of++;
      if (Math.abs(thickness[i] - 2 * Math.abs(z)) < 4e-4) found++;
    }
    if (y < -0.2) expect(thickness[i]).toBe(Number.POSITIVE_INFINITY);
  }
  expect(of).toBeGreaterThan(20);
  expect(found / of).toBeGreaterThan(0.95);
});

describe('a print', () => {
  test.each(['round', 'square', 'none'] as const)(
    'on a %s plinth is one closed solid, as tall as asked for, on the ground',
    async (plinth) => {
      const mesh = sphereMesh(40, 60);
      const { positions, indices, facts, colours } = await makePrintSolid(mesh, {
        ...DEFAULT_PRINT_OPTIONS,
        heightMm: 100,
        plinth,
      });
      expect(openEdges(indices)).toBe(0);
      expect(facts.pieces).toBe(1);
      expect(facts.thinShare).toBe(0);
      expect(facts.sizeMm[2]).toBeCloseTo(plinth === 'none' ? 100 : 100 + 6 - 1.2, 1);
      const lowest = positions.reduce((low, value, i) => (i % 3 === 2 ? Math.min(low, value) : low), 1e9);
      expect(lowest).toBeCloseTo(0, 4);
      // A ball 100 mm across, less what the plinth holds already.
      const ball = (Math.PI / 6) * 1000;
      expect(facts.volumeCm3).toBeGreaterThan(ball * 0.98);
      expect(colours.length).toBe(positions.length);
      let flat = 0;
      for (let t = 0; t < indices.length; t += 3) {
        if (new Set([indices[t], indices[t + 1], indices[t + 2]]).size < 3) flat++;
      }
      expect(flat).toBe(0);
    },
  );

  test('thin walls are told, shown in red, and made a millimetre thick on wish', async () => {
    // 0.4 mm at its thickest, 100 mm tall.
    const mesh = bladed(0.004);
    const options = { ...DEFAULT_PRINT_OPTIONS, heightMm: 100, plinth: 'none' } as const;
    const asItIs = await makePrintSolid(mesh, { ...options, thicken: false });
    const thick = await makePrintSolid(mesh, { ...options, thicken: true });
    expect(asItIs.facts.thinShare).toBeGreaterThan(0.2);
    expect(thick.facts.thinShare).toBe(asItIs.facts.thinShare);
    const reds = (solid: typeof thick) => solid.thin.reduce((sum, value) => sum + (value ? 1 : 0), 0);
    expect(reds(thick)).toBeLessThan(reds(asItIs) / 4);
    expect(openEdges(thick.indices)).toBe(0);
    const middle = (solid: typeof thick) => {
      let most = 0;
      for (let i = 0; i < solid.positions.length; i += 3) {
        const [x, y, z] = solid.positions.subarray(i, i + 3);
        if (z > 62 && Math.abs(x) < 45) most = Math.max(most, Math.abs(y));
      }
      return 2 * most;
    };
    expect(middle(asItIs)).toBeLessThan(0.5);
    expect(middle(thick)).toBeGreaterThan(0.97);
    expect(middle(thick)).toBeLessThan(1.3);
    const preview = previewOf(asItIs, 100);
    const red = preview.colours.reduce(
      (sum, _, i, all) => sum + (i % 3 === 0 && all[i] - all[i + 1] > 100 ? 1 : 0),
      0,
    );
    expect(red).toBeGreaterThanOrEqual(reds(asItIs));
  });

  test('colours of the figure stay where they are', async () => {
    const ball = sphereMesh(40, 60);
    const mesh = {
      ...ball,
      colours: ball.colours.map((_, i) => (ball.positions[i - (i % 3) + 1] > 0 ? 250 : 20)),
    };
    const { positions, colours } = await makePrintSolid(mesh, { ...DEFAULT_PRINT_OPTIONS, heightMm: 100 });
    for (let i = 0; i < colours.length; i += 3) {
      if (positions[i + 2] > 70) expect(colours[i]).toBe(250);
      if (positions[i + 2] > 15 && positions[i + 2] < 40) expect(colours[i]).toBe(20);
      if (positions[i + 2] < 1) expect(colours[i]).toBe(150);
    }
  });

  test.each([
    [{ heightMm: 5 }, '5 mm'],
    [{ heightMm: Number.NaN }, 'NaN mm'],
    [{ text: 'x'.repeat(40) }, '40 letters'],
    [{ plinth: 'none', text: 'Anna' }, 'no plinth'],
  ] as const)('%o is refused in a sentence', async (options, words) => {
    const made = makePrintSolid(sphereMesh(6, 8), { ...DEFAULT_PRINT_OPTIONS, ...options });
    await expect(made).rejects.toThrow(StageError);
    await expect(made).rejects.toThrow(words);
  });

  test('a surface that is not closed is no solid, and that is said', async () => {
    const mesh = sphereMesh(20, 20);
    const made = makePrintSolid({ ...mesh, indices: mesh.indices.slice(3) }, DEFAULT_PRINT_OPTIONS);
    await expect(made).rejects.toThrow('not closed');
  });
});

test('the boolean library makes no code from strings: the page forbids that', () => {
  const script = `import('manifold-3d').then(async ({ default: open }) => {
    const library = await open();
    library.setup();
    const { Manifold } = library;
    const solid = Manifold.union([Manifold.cube([1, 1, 1]), Manifold.sphere(1, 16)]);
    console.log(solid.genus(), solid.getMesh().numTri > 20);
  });`;
  const run = spawnSync(process.execPath, ['--disallow-code-generation-from-strings', '-e', script], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.stdout.trim()).toBe('0 true');
});
