/**
 * Takes a mesh apart where parts of it touch: edges with four or more triangles, and vertices that join several fans.
 * The simplifier makes them when it collapses a thin neck or a small loop (6 of 300,000 edges on the benchmark person).
 * After Gueziec, Taubin, Lazarus & Horn, "Converting sets of polygons to manifold surfaces by cutting and stitching", 1998.
 *
 * 1. Two triangles on the same three vertices, back to back, enclose nothing: both go.
 * 2. Round an edge with several triangles the two that bound the same wedge of solid belong together, so that bodies
 *    which touch come apart and no body is cut.
 * 3. Every fan of a vertex gets a vertex of its own, pulled a little toward the fan, so that a program which welds
 *    equal positions does not join them again.
 * 4. Where both pairs at an edge still have the same two vertices (a loop closes there), one pair is split at its middle.
 *
 * Locking the vertices round a pinch and simplifying again was tried first: on real clouds it locked half the mesh,
 * missed the target up to 160 times and took 24 s.
 */

/** How far a vertex is pulled toward its fan, as a share of the way to the mean of its neighbours. */
const PULL = 0.02;
const NONE = 0xffffffff;

export interface SplitMesh {
  readonly indices: Uint32Array<ArrayBuffer>;
  /** For every vertex of the result the old vertex that it is a copy of. */
  readonly sources: Uint32Array<ArrayBuffer>;
  /** 3 per vertex of the result. */
  readonly positions: Float32Array<ArrayBuffer>;
}

const next = (corner: number) => (corner % 3 === 2 ? corner - 2 : corner + 1);
const before = (corner: number) => (corner % 3 === 0 ? corner + 2 : corner - 1);

/**
 * @param indices triangles of a mesh whose triangles agree about the outside.
 * @returns the same mesh without non-manifold edges and vertices: every edge has two triangles where the given mesh is closed, and every vertex
 *   one fan. Vertices that nothing uses stay.
 */
export function splitNonManifold(positions: Float32Array, indices: Uint32Array): SplitMesh {
  const triangles = withoutFolds(indices, positions.length / 3);
  const twins = pairCorners(positions, triangles);
  const sources: number[] = [];
  for (let v = 0; v < positions.length / 3; v++) sources.push(v);
  const pulled: number[] = [];
  giveFansVertices(triangles, twins, sources, pulled);
  const split = splitDoubleEdges(triangles, twins, sources);
  const parted = new Float32Array(sources.length * 3);
  for (let v = 0; v < sources.length; v++) {
    for (let k = 0; k < 3; k++) parted[v * 3 + k] = positions[sources[v] * 3 + k];
  }
  for (const [v, a, b] of split.middles) {
    for (let k = 0; k < 3; k++) parted[v * 3 + k] = (parted[a * 3 + k] + parted[b * 3 + k]) / 2;
  }
  pull(parted, split.indices, new Set([...pulled, ...split.middles.map(([v]) => v)]));
  return { indices: split.indices, sources: Uint32Array.from(sources), positions: parted };
}

/** Corners that start at each vertex: those of v are list[start[v]] .. list[start[v + 1]]. */
function cornersOf(indices: Uint32Array, vertices: number) {
  const start = new Uint32Array(vertices + 1);
  for (const v of indices) start[v + 1]++;
  for (let v = 0; v < vertices; v++) start[v + 1] += start[v];
  const fill = start.slice(0, vertices);
  const list = new Uint32Array(indices.length);
  for (let c = 0; c < indices.length; c++) list[fill[indices[c]]++] = c;
  return { start, list };
}

/** Without triangles that use a vertex twice and without pairs of opposite triangles. */
function withoutFolds(indices: Uint32Array, vertices: number): Uint32Array<ArrayBuffer> {
  const { start, list } = cornersOf(indices, vertices);
  const gone = new Uint8Array(indices.length / 3);
  let folds = 0;
  for (let t = 0; t < gone.length; t++) {
    const a = indices[t * 3];
    const b = indices[t * 3 + 1];
    const c = indices[t * 3 + 2];
    if (a === b || b === c || c === a) {
      gone[t] = 1;
      folds++;
    }
    for (let i = start[a]; i < start[a + 1] && !gone[t]; i++) {
      const corner = list[i];
      const other = Math.floor(corner / 3);
      if (other <= t || gone[other]) continue;
      if (indices[next(corner)] !== c || indices[before(corner)] !== b) continue;
      gone[t] = 1;
      gone[other] = 1;
      folds++;
    }
  }
  return folds === 0 ? indices.slice() : indices.slice().filter((_, i) => !gone[Math.floor(i / 3)]);
}

/** For the edge that starts at each corner the corner of the triangle on its other side; NONE where there is none. */
function pairCorners(positions: Float32Array, indices: Uint32Array): Uint32Array {
  const { start, list } = cornersOf(indices, positions.length / 3);
  const twins = new Uint32Array(indices.length).fill(NONE);
  const along: number[] = [];
  const against: number[] = [];
  const collect = (from: number, to: number, found: number[]) => {
    found.length = 0;
    for (let i = start[from]; i < start[from + 1]; i++)
      if (indices[next(list[i])] === to) found.push(list[i]);
  };
  for (let c = 0; c < indices.length; c++) {
    const a = indices[c];
    const b = indices[next(c)];
    if (twins[c] !== NONE) continue;
    collect(a, b, along);
    collect(b, a, against);
    if (along.length === 1 && against.length === 1) {
      twins[along[0]] = against[0];
      twins[against[0]] = along[0];
    } else if (c === along[0]) pairWedges(positions, indices, along, against, twins);
  }
  return twins;
}

/** Pairs the triangles round one edge so that each pair bounds a wedge of solid. */
function pairWedges(
  positions: Float32Array,
  indices: Uint32Array,
  along: readonly number[],
  against: readonly number[],
  twins: Uint32Array,
): void {
  const a = indices[along[0]] * 3;
  const b = indices[next(along[0])] * 3;
  const axis = [0, 1, 2].map((k) => positions[b + k] - positions[a + k]);
  const squared = axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2 || 1;
  const length = Math.sqrt(squared);
  const across = (corner: number) => {
    const tip = indices[before(corner)] * 3;
    const side = [0, 1, 2].map((k) => positions[tip + k] - positions[a + k]);
    const share = (side[0] * axis[0] + side[1] * axis[1] + side[2] * axis[2]) / squared;
    return side.map((value, k) => value - share * axis[k]);
  };
  const u = across(along[0]);
  const v = [
    (axis[1] * u[2] - axis[2] * u[1]) / length,
    (axis[2] * u[0] - axis[0] * u[2]) / length,
    (axis[0] * u[1] - axis[1] * u[0]) / length,
  ];
  const angle = (corner: number) => {
    const w = across(corner);
    return Math.atan2(w[0] * v[0] + w[1] * v[1] + w[2] * v[2], w[0] * u[0] + w[1] * u[1] + w[2] * u[2]);
  };
  // A triangle along the edge has its outside at growing angles, so its solid ends at the next smaller one against it.
  const turn = 2 * Math.PI;
  const gaps = along.flatMap((one) =>
    against.map((other) => ({ one, other, gap: (((angle(one) - angle(other)) % turn) + turn) % turn })),
  );
  gaps.sort((p, q) => p.gap - q.gap);
  for (const { one, other } of gaps) {
    if (twins[one] !== NONE || twins[other] !== NONE) continue;
    twins[one] = other;
    twins[other] = one;
  }
}

/** Gives every fan but the first of a vertex a new vertex. Changes `indices`, extends `sources`. */
function giveFansVertices(
  indices: Uint32Array,
  twins: Uint32Array,
  sources: number[],
  pulled: number[],
): void {
  const used = new Uint8Array(sources.length);
  const done = new Uint8Array(indices.length);
  const old = indices.slice();
  for (let c = 0; c < indices.length; c++) {
    if (done[c]) continue;
    const vertex = old[c];
    let name = vertex;
    if (used[vertex]) {
      name = sources.length;
      sources.push(vertex);
      pulled.push(vertex, name);
    }
    used[vertex] = 1;
    // Both ways round, because the fan of an open edge has two ends.
    for (let at = c; at !== NONE && !done[at]; at = twins[before(at)]) {
      done[at] = 1;
      indices[at] = name;
    }
    for (let at = c; ; ) {
      const twin = twins[at];
      if (twin === NONE) break;
      at = next(twin);
      if (done[at]) break;
      done[at] = 1;
      indices[at] = name;
    }
  }
}

/** Where two pairs of triangles share both vertices of their edge, all but one are split at the middle. */
function splitDoubleEdges(indices: Uint32Array, twins: Uint32Array, sources: number[]) {
  const { start, list } = cornersOf(indices, sources.length);
  const middles: (readonly [number, number, number])[] = [];
  const middleOf = new Map<number, number>();
  for (let c = 0; c < indices.length; c++) {
    const [a, b] = [indices[c], indices[next(c)]];
    // Of the two corners of an edge the one that starts at the lower vertex.
    if (twins[c] === NONE || a > b) continue;
    for (let i = start[a]; list[i] !== c; i++) {
      if (indices[next(list[i])] !== b) continue;
      const middle = sources.length;
      sources.push(sources[a]);
      middles.push([middle, a, b]);
      middleOf.set(c, middle);
      middleOf.set(twins[c], middle);
      break;
    }
  }
  if (middles.length === 0) return { indices: indices.slice(), middles };
  const out: number[] = [];
  for (let t = 0; t < indices.length; t += 3) {
    // The triangle's outline with its middles, cut into a fan from the first of them.
    const outline: number[] = [];
    let first = 0;
    for (let k = 0; k < 3; k++) {
      outline.push(indices[t + k]);
      const middle = middleOf.get(t + k);
      if (middle === undefined) continue;
      first = outline.length;
      outline.push(middle);
    }
    const corner = (k: number) => outline[(first + k) % outline.length];
    for (let k = 1; k + 1 < outline.length; k++) out.push(corner(0), corner(k), corner(k + 1));
  }
  return { indices: Uint32Array.from(out), middles };
}

/** Moves the named vertices a little toward the mean of their neighbours, all from the places they had. */
function pull(positions: Float32Array, indices: Uint32Array, which: ReadonlySet<number>): void {
  if (which.size === 0) return;
  const sums = new Map<number, [number, number, number, number]>();
  for (const v of which) sums.set(v, [0, 0, 0, 0]);
  for (let c = 0; c < indices.length; c++) {
    const sum = sums.get(indices[c]);
    if (!sum) continue;
    for (const other of [indices[next(c)], indices[before(c)]]) {
      for (let k = 0; k < 3; k++) sum[k] += positions[other * 3 + k];
      sum[3]++;
    }
  }
  for (const [v, sum] of sums) {
    if (sum[3] === 0) continue;
    for (let k = 0; k < 3; k++) positions[v * 3 + k] += PULL * (sum[k] / sum[3] - positions[v * 3 + k]);
  }
}
