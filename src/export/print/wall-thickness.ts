/**
 * How thick a closed surface is below each of its vertices: from the vertex against its normal to the first surface that
 * faces the other way. A convex edge has sides that meet at an angle and is no wall, whatever is near: only a surface turned
 * away by more than 120 degrees counts. Rays go through three-mesh-bvh.
 */
import { BufferAttribute, BufferGeometry, DoubleSide, Ray, Vector3 } from 'three';
import { MeshBVH } from 'three-mesh-bvh';
import type { Steps } from '../../base/steps.ts';

/** Cosine between the normals of two sides of a wall, at most. */
const OPPOSITE_COSINE = -0.5;
/** Rays begin this far inside, of the distance looked at: the vertex's own triangles are there. */
const INSET = 1e-3;
/** Rows between two pauses. */
const SLICE = 2048;

/**
 * @param positions 3 per vertex; normals unit length, outward.
 * @param most      distances above are not told apart, same unit.
 * @returns per vertex; Infinity where nothing is opposite within `most`.
 */
export function* wallThickness(
  positions: Float32Array<ArrayBuffer>,
  normals: Float32Array,
  indices: Uint32Array<ArrayBuffer>,
  most: number,
): Steps<Float32Array<ArrayBuffer>> {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(positions, 3));
  // The tree sorts the triangles it is given.
  geometry.setIndex(new BufferAttribute(indices.slice(), 1));
  const tree = new MeshBVH(geometry);
  yield;
  const count = positions.length / 3;
  const out = new Float32Array(count).fill(Number.POSITIVE_INFINITY);
  const ray = new Ray();
  const normal = new Vector3();
  for (let i = 0; i < count; i++) {
    if (i % SLICE === 0) yield;
    normal.fromArray(normals, i * 3);
    ray.direction.copy(normal).negate();
    ray.origin.fromArray(positions, i * 3).addScaledVector(ray.direction, most * INSET);
    const hit = tree.raycastFirst(ray, DoubleSide, 0, most);
    if (!hit?.face || hit.face.normal.dot(normal) > OPPOSITE_COSINE) continue;
    out[i] = hit.distance + most * INSET;
  }
  return out;
}
