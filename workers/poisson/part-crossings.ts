/**
 * Moves vertices of a mesh so that no triangle meets another one and none is without area. For what the simplifier leaves: it
 * looks at single collapses, and of some 100,000 a few fold a triangle over or push a sheet through the next one (two to
 * four triangles of a sample figure at 200,000, 50,000 and 10,000); and for vertices moved onto a curve (unfold.ts).
 *
 * Cluster by cluster, the corners of the bad triangles go toward the middle of their neighbours, or out, or in; whichever
 * leaves the fewest bad triangles is kept, and where that does not help, a ring of vertices more goes along.
 * Making the mesh again with the bad place locked costs the whole time of the simplifier for each try.
 */
import { sturdyTest } from './flat-triangles.ts';
import { type IntersectionSearch, intersectionSearch, numbersTo, pairTest } from './intersections.ts';

/** Tries with the same vertices, and how often a ring more is taken. */
const TRIES = 6;
const RINGS = 4;
/** Rounds over all clusters: where one moved toward another. */
const ROUNDS = 3;
/** Corners beyond which a cluster is no local fault: its tries would take minutes. */
const LARGEST_CLUSTER = 400;
/** Share of the way to the middle of the neighbours in one try. */
const SMOOTHING = 0.5;
/** Share of the mean length of the edges that vertices go out or in, in one try. */
const PUSH = 0.15;

export interface PartedCrossings {
  /** The given array where nothing was wrong, else a new one. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** Triangles that still meet another one or have no area. */
  readonly left: number;
}

/**
 * @param given   3 per vertex; not changed.
 * @param indices of a closed mesh: every vertex has triangles round it.
 * @param among   the triangles that may be bad, and whatever those may meet; null: all.
 */
export function partCrossings(
  given: Float32Array<ArrayBuffer>,
  indices: Uint32Array,
  among: Uint32Array | null = null,
): PartedCrossings {
  const positions = given.slice();
  const search = intersectionSearch(positions, indices, among);
  const isSturdy = sturdyTest(positions, indices);
  let clusters = badClusters(
    indices,
    search,
    (among ?? numbersTo(indices.length / 3)).filter((t) => !isSturdy(t)),
  );
  if (clusters.length === 0) return { positions: given, left: 0 };
  const around = trianglesAround(indices, given.length / 3);
  const touched = new Set<number>();
  const faults = faultCounter(positions, indices, around, search, touched);
  let left = 0;
  for (let round = 0; clusters.length > 0 && round < ROUNDS; round++) {
    left = 0;
    for (const cluster of clusters) left += mendCluster(positions, indices, around, cluster, faults);
    // The search has the boxes of before: two that were both moved are asked again.
    clusters = badClusters(indices, intersectionSearch(positions, indices, Uint32Array.from(touched)), []);
  }
  return { positions, left: Math.max(left, clusters.length) };
}

/** Triangles of every vertex. */
type Around = (vertex: number) => Uint32Array;

function trianglesAround(indices: Uint32Array, vertices: number): Around {
  const start = new Uint32Array(vertices + 1);
  for (const v of indices) start[v + 1]++;
  for (let v = 0; v < vertices; v++) start[v + 1] += start[v];
  const fill = start.slice(0, vertices);
  const list = new Uint32Array(indices.length);
  for (let c = 0; c < indices.length; c++) list[fill[indices[c]]++] = Math.floor(c / 3);
  return (v) => list.subarray(start[v], start[v + 1]);
}

/** The corners of triangles that meet another one or are flat, those that belong together in one set. */
function badClusters(
  indices: Uint32Array,
  search: IntersectionSearch,
  flat: Iterable<number>,
): Set<number>[] {
  const groups = Array.from(flat, (t) => [t]);
  search.pairs((a, b) => groups.push([a, b]));
  return joined(groups.map((group) => group.flatMap((t) => [...indices.subarray(t * 3, t * 3 + 3)])));
}

/** Groups that have a member in common, as one set each. */
function joined(groups: readonly (readonly number[])[]): Set<number>[] {
  const parent = new Map<number, number>();
  const rootOf = (v: number): number => {
    let root = v;
    for (let above = parent.get(root); above !== undefined; above = parent.get(root)) root = above;
    if (root !== v) parent.set(v, root);
    return root;
  };
  for (const group of groups) {
    for (const v of group) if (rootOf(v) !== rootOf(group[0])) parent.set(rootOf(v), rootOf(group[0]));
  }
  const sets = new Map<number, Set<number>>();
  for (const v of groups.flat()) sets.set(rootOf(v), (sets.get(rootOf(v)) ?? new Set()).add(v));
  return [...sets.values()];
}

/** Counts bad triangles among those that have a vertex of the set; adds them to `touched`. */
function faultCounter(
  positions: Float32Array,
  indices: Uint32Array,
  around: Around,
  { meetings }: IntersectionSearch,
  touched: Set<number>,
) {
  const meets = pairTest(positions, indices);
  const isSturdy = sturdyTest(positions, indices);
  return (moved: ReadonlySet<number>): number => {
    const asked = new Set<number>();
    for (const v of moved) for (const t of around(v)) asked.add(t);
    const bad = new Set<number>();
    for (const t of asked) {
      touched.add(t);
      if (!isSturdy(t)) bad.add(t);
      meetings(t, () => bad.add(t));
      for (const other of asked) if (meets(t, other)) bad.add(t);
    }
    return bad.size;
  };
}

/** @returns how many bad triangles are left. */
function mendCluster(
  positions: Float32Array,
  indices: Uint32Array,
  around: Around,
  cluster: ReadonlySet<number>,
  faults: (moved: ReadonlySet<number>) => number,
): number {
  let moved = cluster;
  let left = faults(moved);
  for (let ring = 0; ring < RINGS && left > 0 && moved.size <= LARGEST_CLUSTER; ring++) {
    for (let k = 0; k < TRIES && left > 0; k++) {
      const old = takePlaces(positions, moved);
      const tries = [0, 1, -1].map((way) => {
        const places =
          way === 0
            ? middles(positions, indices, around, moved)
            : pushed(positions, indices, around, moved, way);
        putPlaces(positions, places);
        const count = faults(moved);
        putPlaces(positions, old);
        return { places, count };
      });
      const best = tries.reduce((one, other) => (other.count < one.count ? other : one));
      // A first smoothing that helps nobody may still lead somewhere.
      if (best.count > left) break;
      putPlaces(positions, best.places);
      left = best.count;
    }
    if (left === 0) break;
    const wider = new Set(moved);
    for (const v of moved)
      for (const t of around(v)) for (let c = t * 3; c < t * 3 + 3; c++) wider.add(indices[c]);
    moved = wider;
    left = faults(moved);
  }
  return left;
}

type Places = ReadonlyMap<number, readonly [number, number, number]>;

function takePlaces(positions: Float32Array, which: ReadonlySet<number>): Places {
  return new Map([...which].map((v) => [v, [positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]]]));
}

function putPlaces(positions: Float32Array, places: Places): void {
  for (const [v, place] of places) positions.set(place, v * 3);
}

/** Every vertex on its way to the middle of its neighbours, all from the places they have. */
function middles(
  positions: Float32Array,
  indices: Uint32Array,
  around: Around,
  which: ReadonlySet<number>,
): Places {
  const places = new Map<number, [number, number, number]>();
  for (const v of which) {
    const sum = [0, 0, 0];
    let count = 0;
    for (const t of around(v)) {
      for (let c = t * 3; c < t * 3 + 3; c++) {
        if (indices[c] === v) continue;
        for (let k = 0; k < 3; k++) sum[k] += positions[indices[c] * 3 + k];
        count++;
      }
    }
    const at = (k: number) => {
      const here = positions[v * 3 + k];
      return here + SMOOTHING * (sum[k] / count - here);
    };
    places.set(v, [at(0), at(1), at(2)]);
  }
  return places;
}

/** Every vertex a little along the mean normal of its triangles, or against it. */
function pushed(
  positions: Float32Array,
  indices: Uint32Array,
  around: Around,
  which: ReadonlySet<number>,
  way: number,
): Places {
  const places = new Map<number, [number, number, number]>();
  for (const v of which) {
    const normal = [0, 0, 0];
    let length = 0;
    for (const t of around(v)) {
      const [a, b, c] = [0, 1, 2].map((k) => indices[t * 3 + k] * 3);
      const u = [0, 1, 2].map((k) => positions[b + k] - positions[a + k]);
      const w = [0, 1, 2].map((k) => positions[c + k] - positions[a + k]);
      for (let k = 0; k < 3; k++)
        normal[k] += u[(k + 1) % 3] * w[(k + 2) % 3] - u[(k + 2) % 3] * w[(k + 1) % 3];
      length += Math.hypot(...u) / around(v).length;
    }
    const step = (way * PUSH * length) / (Math.hypot(...normal) || 1);
    const at = (k: number) => positions[v * 3 + k] + step * normal[k];
    places.set(v, [at(0), at(1), at(2)]);
  }
  return places;
}
