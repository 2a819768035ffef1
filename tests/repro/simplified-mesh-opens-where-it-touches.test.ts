/**
 * Fault: a closed mesh in which neighbours lie in one place (an edge without length, or two tips of one fan) came out of
 * the simplifier open. Cause: the simplifier takes vertices of equal position for one. Mended by moving them one float
 * apart (workers/poisson/distinct-positions.ts).
 */

import { describe, expect, test } from 'vitest';
import type { SurfaceMesh } from '../../src/base/mesh.ts';
import { sphereMesh } from '../../src/export/mesh-fixtures.ts';
import { distinctPositions } from '../../workers/poisson/distinct-positions.ts';
import { simplifyMesh } from '../../workers/poisson/simplify.ts';
import { reportEdges } from '../../workers/poisson/topology.ts';
import { simplifiedMesh } from '../../workers/simplified-mesh.ts';

const ROWS = 40;
const COLUMNS = 60;

/** A closed ball in which every vertex of a column lies where its neighbour so many columns further does. */
function foldedBall(columnsFurther: number): SurfaceMesh {
  const ball = sphereMesh(ROWS, COLUMNS);
  const positions = ball.positions.slice();
  const at = (row: number, column: number) => 3 * (1 + (row - 1) * COLUMNS + column);
  for (let row = 12; row < 28; row++) {
    const other = at(row, 15 + columnsFurther);
    positions.copyWithin(at(row, 15), other, other + 3);
  }
  return { ...ball, positions } as SurfaceMesh;
}

describe.each([
  ['an edge without length', 1],
  ['two tips of one fan in one place', 2],
])('a mesh with %s', (_, columnsFurther) => {
  const ball = foldedBall(columnsFurther);
  const before = ball.positions.slice();

  test('is closed before', () => {
    expect(reportEdges(ball.indices, ball.seen.length)).toMatchObject({ boundary: 0, nonManifold: 0 });
  });

  test.each([2000, 800, 300])('stays closed with %i triangles', async (triangles) => {
    const mesh = await simplifyMesh(ball, triangles);
    expect(mesh.indices.length / 3).toBeLessThanOrEqual(triangles);
    expect(reportEdges(mesh.indices, mesh.seen.length)).toMatchObject({
      boundary: 0,
      nonManifold: 0,
      flipped: 0,
    });
    expect(ball.positions).toEqual(before);
  });

  test('its report says so', async () => {
    const { mesh, report } = await simplifiedMesh(ball, 800);
    expect(report).toMatchObject({
      wantedTriangles: 800,
      triangles: mesh.indices.length / 3,
      vertices: mesh.positions.length / 3,
      boundaryEdges: 0,
      nonManifoldEdges: 0,
    });
  });
});

describe('distinct positions', () => {
  test('nothing in one place: the same array', () => {
    const positions = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0);
    expect(distinctPositions(positions)).toBe(positions);
  });

  test('every place once, nobody moved by more than the number of those in it; 0 and -0 are one place', () => {
    const places = [0, 0, 0, -0, 0, 0, 0.5, -2, 7, 0.5, -2, 7, 0.5, -2, 7, -0.25, 1, -0];
    const positions = Float32Array.from(places);
    const moved = distinctPositions(positions);
    expect([...positions]).toEqual(places);
    const names = new Set<string>();
    for (let v = 0; v < 6; v++) names.add([0, 1, 2].map((k) => moved[v * 3 + k] + 0).join());
    expect(names.size).toBe(6);
    for (let i = 0; i < places.length; i++) expect(Math.abs(moved[i] - places[i])).toBeLessThan(2e-7);
  });
});
