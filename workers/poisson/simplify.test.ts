import { beforeAll, describe, expect, test } from 'vitest';
import { poissonModule } from './load-module.node.mjs';
import { cloudOf, type Point, spherePoints } from './shapes.ts';
import { simplifyMesh } from './simplify.ts';
import { solveSurface } from './solver.ts';
import { splitNonManifold } from './split-non-manifold.ts';
import { findPieces, reportEdges } from './topology.ts';
import type { SurfaceMesh } from './types.ts';
import { DEFAULT_SURFACE_OPTIONS } from './types.ts';

const CLOSED = { boundary: 0, nonManifold: 0, flipped: 0 };

describe('parts that touch come apart', () => {
  /** A tetrahedron, turned outward, on vertices a to d. */
  const tetrahedron = (a: number, b: number, c: number, d: number) => [a, c, b, a, b, d, b, c, d, c, a, d];

  test('at an edge: two bodies, each closed, no vertex shared, nearly where they were', () => {
    const positions = Float32Array.of(
      0,
      0,
      0,
      0,
      0,
      1,
      1,
      -0.3,
      0.5,
      1,
      0.3,
      0.5,
      -1,
      0.3,
      0.5,
      -1,
      -0.3,
      0.5,
    );
    const indices = Uint32Array.from([...tetrahedron(0, 1, 2, 3), ...tetrahedron(0, 1, 4, 5)]);
    expect(reportEdges(indices, 6)).toMatchObject({ nonManifold: 1 });
    const before = findPieces(positions, indices).volumes[0];
    const parted = splitNonManifold(positions, indices);
    expect(reportEdges(parted.indices, parted.sources.length)).toMatchObject({ edges: 12, ...CLOSED });
    const pieces = findPieces(parted.positions, parted.indices);
    expect(pieces.count).toBe(2);
    expect(pieces.volumes[0]).toBeGreaterThan(0);
    expect(pieces.volumes[1]).toBeGreaterThan(0);
    expect(pieces.volumes[0] + pieces.volumes[1]).toBeCloseTo(before, 1);
    const places = Array.from({ length: 8 }, (_, v) => parted.positions.subarray(v * 3, v * 3 + 3).join(' '));
    expect(new Set(places).size).toBe(8);
  });

  test('at a vertex', () => {
    const positions = Float32Array.of(
      ...[0, 0, 0, 1, -1, 1, 1, 1, 1, 1, 0, -1],
      ...[-1, 1, 1, -1, -1, 1, -1, 0, -1],
    );
    const indices = Uint32Array.from([...tetrahedron(0, 1, 2, 3), ...tetrahedron(0, 4, 5, 6)]);
    const parted = splitNonManifold(positions, indices);
    expect(parted.sources.length).toBe(8);
    expect(findPieces(parted.positions, parted.indices).count).toBe(2);
  });

  test('at an edge that closes a loop: the ring stays one body', () => {
    // A square ring of four wedge-shaped rooms whose first and last share the edge 0-1 and, elsewhere, a wall.
    const positions = Float32Array.of(
      ...[0, 0, 0, 0, 0, 1, 1, 0.2, 0, 1, 0.2, 1, 1, -0.2, 0, 1, -0.2, 1, 2, 0, 0, 2, 0, 1],
    );
    // Prism 0 2 6 (upper arm) and prism 0 6 4 (lower arm), joined along the wall 6-7-0-1 except at the edge 0-1.
    const upper = [0, 2, 6, 1, 7, 3, 0, 1, 3, 0, 3, 2, 2, 3, 7, 2, 7, 6];
    const lower = [0, 6, 4, 1, 5, 7, 0, 4, 5, 0, 5, 1, 4, 6, 7, 4, 7, 5];
    const walls = [0, 6, 7, 0, 7, 1, 6, 0, 7, 7, 0, 1];
    const indices = Uint32Array.from([...upper, ...lower, ...walls]);
    const parted = splitNonManifold(positions, indices);
    expect(reportEdges(parted.indices, parted.sources.length)).toMatchObject({ nonManifold: 0, flipped: 0 });
  });

  test('two triangles back to back go; an open mesh stays as open as it was', () => {
    const positions = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0);
    const parted = splitNonManifold(positions, Uint32Array.of(0, 1, 2, 1, 3, 2, 1, 2, 3));
    expect([...parted.indices]).toEqual([0, 1, 2]);
  });
});

describe('simplified', () => {
  let hand: SurfaceMesh;
  const numberAt = new Map<string, number>();
  const placeOf = ({ positions }: SurfaceMesh, v: number) =>
    `${positions[v * 3]} ${positions[v * 3 + 1]} ${positions[v * 3 + 2]}`;
  beforeAll(async () => {
    // A ball with five thin fingers: what a simplifier pinches first.
    const ball = spherePoints(30_000, [0, 0, 0], 0.3);
    const fingers = Array.from({ length: 5 }, (_, f) => {
      const turn = (f - 2) * 0.25;
      const axis: Point = [Math.sin(turn), Math.cos(turn), 0];
      return spherePoints(6000, [0, 0, 0], 1).map(({ normal }) => {
        const along = normal[0] * axis[0] + normal[1] * axis[1];
        const out = normal.map((value, k) => value - along * axis[k]);
        const width = Math.hypot(...out) || 1;
        // A capsule: the middle of the unit ball drawn out along the axis.
        const stretch = 0.42 + 0.25 * along;
        const at = out.map((value, k) => (value * 0.018) / (width < 0.3 ? 1 : width) + axis[k] * stretch);
        const direction = width < 0.3 ? normal : out.map((value) => value / width);
        return { at: at as unknown as Point, normal: direction as unknown as Point };
      });
    }).flat();
    const kept = [
      ...ball.filter(({ at }) => !(at[1] > 0.25 && Math.abs(at[0]) < 0.02)),
      ...fingers.filter(({ at }) => Math.hypot(...at) > 0.3),
    ];
    hand = solveSurface(await poissonModule(), cloudOf(kept), { ...DEFAULT_SURFACE_OPTIONS, depth: 7 }).mesh;
    for (let v = 0; v < hand.seen.length; v++) numberAt.set(placeOf(hand, v), v);
  }, 120_000);

  test.each([10_000, 2000, 400])(
    'to %i triangles: closed, manifold, as large as before, all values carried',
    async (wanted) => {
      const before = hand.positions.slice();
      const mesh = await simplifyMesh(hand, wanted);
      const vertices = mesh.positions.length / 3;
      expect(mesh.indices.length / 3).toBeLessThanOrEqual(wanted);
      expect(mesh.indices.length / 3).toBeGreaterThan(wanted * 0.9);
      expect(reportEdges(mesh.indices, vertices)).toMatchObject(CLOSED);
      expect(hand.positions).toEqual(before);
      for (const [values, width] of [
        [mesh.normals, 3],
        [mesh.colours, 3],
        [mesh.seen, 1],
        [mesh.confidence, 1],
      ] as const) {
        expect(values.length).toBe(vertices * width);
      }
      const volume = (of: SurfaceMesh) =>
        findPieces(of.positions, of.indices).volumes.reduce((a, b) => a + b);
      expect(volume(mesh) / volume(hand)).toBeGreaterThan(wanted < 1000 ? 0.9 : 0.98);
      expect(volume(mesh) / volume(hand)).toBeLessThan(1.02);
      // Every vertex has the colour and confidence of the old vertex it stands on.
      let moved = 0;
      let wrong = 0;
      for (let v = 0; v < vertices; v++) {
        const source = numberAt.get(placeOf(mesh, v));
        if (source === undefined) moved++;
        else if (
          mesh.confidence[v] !== hand.confidence[source] ||
          mesh.seen[v] !== hand.seen[source] ||
          mesh.colours[v * 3] !== hand.colours[source * 3]
        ) {
          wrong++;
        }
      }
      expect(wrong).toBe(0);
      expect(moved).toBeLessThan(vertices * 0.02 + 3);
    },
  );

  test('to more triangles than there are: the same mesh', async () => {
    expect(await simplifyMesh(hand, 10_000_000)).toBe(hand);
  });
});
