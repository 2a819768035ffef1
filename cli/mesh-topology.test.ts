import { describe, expect, test } from 'vitest';
import { writeGlb } from '../src/export/glb.ts';
import { sphereMesh } from '../src/export/mesh-fixtures.ts';
import { inspectGlb } from './inspect-glb.ts';
import { shapeOf, topologyOf } from './mesh-topology.ts';

const TETRAHEDRON = [0, 2, 1, 0, 1, 3, 1, 2, 3, 2, 0, 3];

describe('topologyOf', () => {
  test('a closed surface has neither boundary nor non-manifold edges', () => {
    const topology = topologyOf(4, TETRAHEDRON);
    expect(topology).toMatchObject({ boundaryEdges: 0, nonManifoldEdges: 0, components: 1, triangles: 4 });
  });

  test('a missing triangle leaves three boundary edges', () => {
    expect(topologyOf(4, TETRAHEDRON.slice(3)).boundaryEdges).toBe(3);
  });

  test('a triangle turned over is not manifold, nor is a fin', () => {
    expect(topologyOf(4, [0, 1, 2, ...TETRAHEDRON.slice(3)]).nonManifoldEdges).toBe(3);
    expect(topologyOf(5, [...TETRAHEDRON, 0, 1, 4]).nonManifoldEdges).toBe(1);
  });

  test('counts pieces, unused vertices and degenerate triangles', () => {
    const two = [...TETRAHEDRON, ...TETRAHEDRON.map((i) => i + 4)];
    expect(topologyOf(9, two)).toMatchObject({
      components: 2,
      largestComponentTriangles: 4,
      looseVertices: 1,
    });
    expect(topologyOf(4, [...TETRAHEDRON, 1, 1, 2]).degenerateTriangles).toBe(1);
  });
});

describe('shapeOf', () => {
  const ball = sphereMesh(12, 18);
  const sound = {
    doubledPositions: 0,
    flatTriangles: 0,
    intersectingTriangles: 0,
    boundaryEdges: 0,
    nonManifoldEdges: 0,
  };

  test('a ball has no fault', () => expect(shapeOf(ball.positions, ball.indices)).toEqual(sound));

  test('vertices in one place are one: a seam closes, an edge without length makes two triangles without area', () => {
    const apart = Float32Array.from(
      [...ball.indices].flatMap((v) => [...ball.positions.subarray(v * 3, v * 3 + 3)]),
    );
    const corners = Uint32Array.from(ball.indices, (_, k) => k);
    expect(topologyOf(corners.length, corners).boundaryEdges).toBe(corners.length);
    const doubledPositions = corners.length - ball.positions.length / 3;
    expect(shapeOf(apart, corners)).toEqual({ ...sound, doubledPositions });
    const pinched = ball.positions.slice();
    pinched.copyWithin(30 * 3, 31 * 3, 32 * 3);
    expect(topologyOf(pinched.length / 3, ball.indices).degenerateTriangles).toBe(0);
    expect(shapeOf(pinched, ball.indices)).toMatchObject({ doubledPositions: 1, flatTriangles: 2 });
  });

  test('corners on a line that are three places', () => {
    const positions = Float32Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2);
    expect(shapeOf(positions, [0, 1, 2])).toMatchObject({ doubledPositions: 0, flatTriangles: 1 });
  });

  test('a vertex through the far side cuts triangles', () => {
    const positions = ball.positions.slice();
    for (let k = 90; k < 93; k++) positions[k] *= -1.5;
    expect(shapeOf(positions, ball.indices).intersectingTriangles).toBeGreaterThan(6);
  });
});

test('a written sphere is valid, closed and of the height asked for', async () => {
  const verdict = await inspectGlb(
    writeGlb(sphereMesh(40, 60), { name: 's', generator: 't', heightMeters: 1.5 }),
  );
  expect(verdict.errors).toBe(0);
  expect(verdict.topology).toMatchObject({ boundaryEdges: 0, nonManifoldEdges: 0, components: 1 });
  expect(verdict.sizeMeters[1]).toBeCloseTo(1.5, 5);
});

test('a broken file is reported, not read', async () => {
  const bytes = writeGlb(sphereMesh(4, 5), { name: 's', generator: 't' });
  expect((await inspectGlb(bytes.slice(0, 200))).errors).toBeGreaterThan(0);
});
