/**
 * Fewer triangles with meshoptimizer's quadric simplifier; colour and normal differences count as error too, so that
 * a face or a print keeps more triangles than a plain sleeve.
 *
 * The simplifier can pinch thin parts together (an edge with four triangles; 5 of 75,000 edges on the benchmark person).
 * Then the vertices round such edges are locked and the mesh is simplified again from the start.
 */
import { MeshoptSimplifier } from 'meshoptimizer/simplifier';
import type { SurfaceMesh } from '../../src/digitizer/types.ts';
import { DROPPED, subsetMesh } from './mesh-subset.ts';
import { reportEdges } from './topology.ts';

/** Weight of a unit of normal and of full-scale colour against position error (relative to the mesh's size). */
const NORMAL_WEIGHT = 0.05;
const COLOUR_WEIGHT = 0.05;

/** Simplifications after the first one, at most. */
const MOST_ATTEMPTS = 5;

/**
 * @param triangles most triangles wanted; a mesh that has no more is returned as it is.
 * @returns a new mesh of about that many triangles, on a subset of the vertices.
 */
export async function simplifyMesh(mesh: SurfaceMesh, triangles: number): Promise<SurfaceMesh> {
  if (mesh.indices.length / 3 <= triangles) return mesh;
  await MeshoptSimplifier.ready;
  const vertices = mesh.positions.length / 3;
  const attributes = new Float32Array(vertices * 6);
  for (let v = 0; v < vertices; v++) {
    for (let k = 0; k < 3; k++) {
      attributes[v * 6 + k] = mesh.normals[v * 3 + k];
      attributes[v * 6 + 3 + k] = mesh.colours[v * 3 + k] / 255;
    }
  }
  const weights = [NORMAL_WEIGHT, NORMAL_WEIGHT, NORMAL_WEIGHT, COLOUR_WEIGHT, COLOUR_WEIGHT, COLOUR_WEIGHT];
  const locked = new Uint8Array(vertices);
  for (let attempt = 0; ; attempt++) {
    const [indices] = MeshoptSimplifier.simplifyWithAttributes(
      mesh.indices,
      mesh.positions,
      3,
      attributes,
      6,
      weights,
      attempt === 0 ? null : locked,
      triangles * 3,
      1,
    );
    if (attempt === MOST_ATTEMPTS || lockPinches(mesh.positions, indices, locked) === 0) {
      return withVertices(mesh, indices);
    }
  }
}

/** Locks the vertices round every edge that has not two triangles; returns how many such edges there are. */
function lockPinches(positions: Float32Array, indices: Uint32Array, locked: Uint8Array): number {
  let pinches = 0;
  reportEdges(indices, locked.length, (a, b) => {
    pinches++;
    const [ax, ay, az] = positions.subarray(a * 3, a * 3 + 3);
    const [bx, by, bz] = positions.subarray(b * 3, b * 3 + 3);
    const reach = (2 * Math.hypot(ax - bx, ay - by, az - bz)) ** 2;
    for (let v = 0; v < locked.length; v++) {
      const [x, y, z] = [positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]];
      const fromA = (x - ax) ** 2 + (y - ay) ** 2 + (z - az) ** 2;
      const fromB = (x - bx) ** 2 + (y - by) ** 2 + (z - bz) ** 2;
      if (Math.min(fromA, fromB) <= reach) locked[v] = 1;
    }
  });
  return pinches;
}

/** The mesh with other triangles and without the vertices that they do not use. */
function withVertices(mesh: SurfaceMesh, triangles: Uint32Array): SurfaceMesh {
  const indices = Uint32Array.from(triangles);
  const [numbers, count] = MeshoptSimplifier.compactMesh(indices);
  // It ends with the last vertex in use.
  const target = new Uint32Array(mesh.seen.length).fill(DROPPED);
  target.set(numbers);
  return subsetMesh(mesh, target, count, indices);
}
