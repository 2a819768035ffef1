/** A mesh on some of the vertices of another: every array of one value a vertex goes along. */
import type { SurfaceMesh } from './types.ts';

/** In a target list: this vertex goes. */
export const DROPPED = 0xffffffff;

type VertexArray = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/**
 * @param target per vertex its new number, or DROPPED; numbers run from 0 to count - 1.
 * @returns `values` of the kept vertices in their new order, a new array.
 */
export function takeVertices<A extends VertexArray>(values: A, target: Uint32Array, count: number): A {
  const width = values.length / target.length;
  const taken = new (values.constructor as new (length: number) => A)(count * width);
  for (let v = 0; v < target.length; v++) {
    if (target[v] === DROPPED) continue;
    for (let k = 0; k < width; k++) taken[target[v] * width + k] = values[v * width + k];
  }
  return taken;
}

/** @param indices triangles in the new numbers. */
export function subsetMesh(
  mesh: SurfaceMesh,
  target: Uint32Array,
  count: number,
  indices: Uint32Array<ArrayBuffer>,
): SurfaceMesh {
  return {
    positions: takeVertices(mesh.positions, target, count),
    normals: takeVertices(mesh.normals, target, count),
    colours: takeVertices(mesh.colours, target, count),
    seen: takeVertices(mesh.seen, target, count),
    confidence: takeVertices(mesh.confidence, target, count),
    indices,
  };
}

/**
 * @param stays per vertex, not 0 = stays. Triangles that lose a vertex go.
 * @returns new numbers for the kept vertices and the triangles that are left, in the new numbers.
 */
export function renumber(stays: Uint8Array, indices: Uint32Array) {
  const target = new Uint32Array(stays.length);
  let count = 0;
  for (let v = 0; v < stays.length; v++) target[v] = stays[v] ? count++ : DROPPED;
  const left = new Uint32Array(indices.length);
  let at = 0;
  for (let i = 0; i < indices.length; i += 3) {
    const a = target[indices[i]];
    const b = target[indices[i + 1]];
    const c = target[indices[i + 2]];
    if (a === DROPPED || b === DROPPED || c === DROPPED) continue;
    left[at++] = a;
    left[at++] = b;
    left[at++] = c;
  }
  return { target, count, indices: left.slice(0, at) };
}
