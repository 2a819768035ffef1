/**
 * Counts on triangle meshes: edges that do not have exactly two triangles, pieces, volume.
 * Edges are bucketed by their lower vertex (counting sort), so 5 million edges take a fraction of a second.
 */

export interface EdgeReport {
  readonly edges: number;
  /** Edges with one triangle. */
  readonly boundary: number;
  /** Edges with more than two. */
  readonly nonManifold: number;
  /** Edges whose two triangles run along it in the same direction. */
  readonly flipped: number;
}

/** @param onBad called for every edge that does not have exactly two triangles. */
export function reportEdges(
  indices: Uint32Array,
  vertexCount: number,
  onBad: (a: number, b: number) => void = () => {},
): EdgeReport {
  const start = new Uint32Array(vertexCount + 1);
  for (let i = 0; i < indices.length; i += 3) {
    const a = indices[i];
    const b = indices[i + 1];
    const c = indices[i + 2];
    start[Math.min(a, b) + 1]++;
    start[Math.min(b, c) + 1]++;
    start[Math.min(c, a) + 1]++;
  }
  for (let v = 0; v < vertexCount; v++) start[v + 1] += start[v];
  // Upper vertex * 2 + direction would pass 32 bits only beyond 2^31 vertices.
  const upper = new Uint32Array(indices.length);
  const fill = start.slice(0, vertexCount);
  const put = (a: number, b: number) => {
    if (a < b) upper[fill[a]++] = b * 2;
    else upper[fill[b]++] = a * 2 + 1;
  };
  for (let i = 0; i < indices.length; i += 3) {
    put(indices[i], indices[i + 1]);
    put(indices[i + 1], indices[i + 2]);
    put(indices[i + 2], indices[i]);
  }
  let edges = 0;
  let boundary = 0;
  let nonManifold = 0;
  let flipped = 0;
  for (let v = 0; v < vertexCount; v++) {
    const from = start[v];
    const to = start[v + 1];
    for (let i = from + 1; i < to; i++) {
      const value = upper[i];
      let j = i;
      for (; j > from && upper[j - 1] > value; j--) upper[j] = upper[j - 1];
      upper[j] = value;
    }
    for (let i = from; i < to; ) {
      let j = i;
      let forward = 0;
      for (; j < to && upper[j] >>> 1 === upper[i] >>> 1; j++) forward += upper[j] & 1;
      edges++;
      if (j - i === 1) boundary++;
      else if (j - i > 2) nonManifold++;
      else if (forward !== 1) flipped++;
      if (j - i !== 2) onBad(v, upper[i] >>> 1);
      i = j;
    }
  }
  return { edges, boundary, nonManifold, flipped };
}

export interface Pieces {
  readonly count: number;
  /** Piece of each vertex, 0 .. count - 1, in order of first vertex. */
  readonly ofVertex: Uint32Array;
  readonly triangles: Uint32Array;
  /** Signed volume: positive where the triangles turn outward. */
  readonly volumes: Float64Array;
}

export function findPieces(positions: Float32Array, indices: Uint32Array): Pieces {
  const vertexCount = positions.length / 3;
  const parent = new Uint32Array(vertexCount);
  for (let v = 0; v < vertexCount; v++) parent[v] = v;
  const rootOf = (v: number): number => {
    while (parent[v] !== v) {
      parent[v] = parent[parent[v]];
      v = parent[v];
    }
    return v;
  };
  const join = (a: number, b: number) => {
    // Most triangles join what is joined.
    if (parent[a] === parent[b]) return;
    const ra = rootOf(a);
    const rb = rootOf(b);
    if (ra < rb) parent[rb] = ra;
    else if (rb < ra) parent[ra] = rb;
  };
  for (let i = 0; i < indices.length; i += 3) {
    join(indices[i], indices[i + 1]);
    join(indices[i], indices[i + 2]);
  }
  const ofVertex = new Uint32Array(vertexCount);
  let count = 0;
  for (let v = 0; v < vertexCount; v++) ofVertex[v] = parent[v] === v ? count++ : ofVertex[rootOf(v)];
  const triangles = new Uint32Array(count);
  const volumes = new Float64Array(count);
  for (let i = 0; i < indices.length; i += 3) {
    const piece = ofVertex[indices[i]];
    triangles[piece]++;
    volumes[piece] += tetrahedron(positions, indices[i] * 3, indices[i + 1] * 3, indices[i + 2] * 3);
  }
  return { count, ofVertex, triangles, volumes };
}

/** Signed volume of the tetrahedron from the origin to a triangle. */
function tetrahedron(p: Float32Array, a: number, b: number, c: number): number {
  return (
    (p[a] * (p[b + 1] * p[c + 2] - p[b + 2] * p[c + 1]) +
      p[a + 1] * (p[b + 2] * p[c] - p[b] * p[c + 2]) +
      p[a + 2] * (p[b] * p[c + 1] - p[b + 1] * p[c])) /
    6
  );
}
