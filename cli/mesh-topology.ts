/**
 * Counts what keeps a triangle mesh from being closed and manifold, by its indices (`topologyOf`) and by its geometry
 * (`shapeOf`: vertices in one place are one vertex there); for tools and end-to-end tests.
 */
import { hasArea } from '../workers/poisson/flat-triangles.ts';
import { countIntersecting } from '../workers/poisson/intersections.ts';

export interface Topology {
  readonly vertices: number;
  readonly triangles: number;
  /** Edges with one triangle. */
  readonly boundaryEdges: number;
  /** Edges with more than two triangles, or two that run along it the same way. */
  readonly nonManifoldEdges: number;
  /** Triangles that use a vertex twice. */
  readonly degenerateTriangles: number;
  /** Pieces that share no vertex. */
  readonly components: number;
  /** Triangles of the largest piece. */
  readonly largestComponentTriangles: number;
  /** Vertices no triangle uses. */
  readonly looseVertices: number;
}

/** Sorts directed edges as one number each: two 26-bit vertex indices fit the 53 bits of a double. */
const EDGE_BASE = 2 ** 26;

function countEdges(indices: ArrayLike<number>): { boundary: number; nonManifold: number } {
  const keys = new Float64Array(indices.length);
  for (let i = 0; i < indices.length; i += 3) {
    for (let corner = 0; corner < 3; corner++) {
      const from = indices[i + corner];
      const to = indices[i + ((corner + 1) % 3)];
      // The lowest bit says which way the triangle runs along the edge.
      const forward = from < to;
      keys[i + corner] = (Math.min(from, to) * EDGE_BASE + Math.max(from, to)) * 2 + (forward ? 0 : 1);
    }
  }
  keys.sort();
  let boundary = 0;
  let nonManifold = 0;
  for (let start = 0; start < keys.length; ) {
    const edge = Math.floor(keys[start] / 2);
    let end = start;
    let forward = 0;
    while (end < keys.length && Math.floor(keys[end] / 2) === edge) {
      if (keys[end] % 2 === 0) forward++;
      end++;
    }
    const count = end - start;
    if (count === 1) boundary++;
    else if (count !== 2 || forward !== 1) nonManifold++;
    start = end;
  }
  return { boundary, nonManifold };
}

/**
 * @param indices 3 per triangle.
 * @throws RangeError for more than 2^25 vertices (edge keys would lose exactness).
 */
export function topologyOf(vertexCount: number, indices: ArrayLike<number>): Topology {
  if (vertexCount > 2 ** 25)
    throw new RangeError(`${vertexCount} vertices are more than this check can take`);
  const parent = Uint32Array.from({ length: vertexCount }, (_, i) => i);
  const rootOf = (vertex: number): number => {
    let root = vertex;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  };
  const used = new Uint8Array(vertexCount);
  let degenerate = 0;
  for (let i = 0; i < indices.length; i += 3) {
    const [a, b, c] = [indices[i], indices[i + 1], indices[i + 2]];
    if (a === b || b === c || a === c) degenerate++;
    used[a] = used[b] = used[c] = 1;
    parent[rootOf(b)] = rootOf(a);
    parent[rootOf(c)] = rootOf(a);
  }
  const trianglesOfRoot = new Map<number, number>();
  for (let i = 0; i < indices.length; i += 3) {
    const root = rootOf(indices[i]);
    trianglesOfRoot.set(root, (trianglesOfRoot.get(root) ?? 0) + 1);
  }
  const { boundary, nonManifold } = countEdges(indices);
  return {
    vertices: vertexCount,
    triangles: indices.length / 3,
    boundaryEdges: boundary,
    nonManifoldEdges: nonManifold,
    degenerateTriangles: degenerate,
    components: trianglesOfRoot.size,
    largestComponentTriangles: [...trianglesOfRoot.values()].reduce((most, n) => Math.max(most, n), 0),
    looseVertices: used.reduce((count, u) => count + (u === 0 ? 1 : 0), 0),
  };
}

/** What a program finds that looks at places instead of indices, as slicers do. */
export interface Shape {
  /** Vertices that lie exactly where an earlier one does. */
  readonly doubledPositions: number;
  /** Triangles whose corners lie on one line or in one place. */
  readonly flatTriangles: number;
  /** Triangles that cut or touch another one, common sides and corners apart. */
  readonly intersectingTriangles: number;
  /** Of the mesh with equal positions joined. */
  readonly boundaryEdges: number;
  readonly nonManifoldEdges: number;
}

/** @param positions 3 per vertex. @param indices 3 per triangle. */
export function shapeOf(positions: Float32Array, indices: ArrayLike<number>): Shape {
  const numbers = new Map<string, number>();
  const target = new Uint32Array(positions.length / 3);
  for (let v = 0; v < target.length; v++) {
    // Adding 0 makes -0 and 0 one place.
    const place = `${positions[v * 3] + 0} ${positions[v * 3 + 1] + 0} ${positions[v * 3 + 2] + 0}`;
    target[v] = numbers.get(place) ?? v;
    if (target[v] === v) numbers.set(place, v);
  }
  const joined = Uint32Array.from(indices, (v) => target[v]);
  const { boundary, nonManifold } = countEdges(joined);
  let flatTriangles = 0;
  for (let t = 0; t < joined.length / 3; t++) if (!hasArea(positions, joined, t)) flatTriangles++;
  return {
    doubledPositions: target.length - numbers.size,
    flatTriangles,
    intersectingTriangles: countIntersecting(positions, joined),
    boundaryEdges: boundary,
    nonManifoldEdges: nonManifold,
  };
}
