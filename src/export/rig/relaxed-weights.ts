/**
 * Weights that no pose stretches too far: where one would stretch an edge beyond MOST_STRETCH, the weights around it are evened
 * out until it does not, or nothing more is gained; over hand's breadths first (relaxed-groups.ts), then edge by edge.
 */
import { BONE_IDS } from '../../base/skeleton.ts';
import { type Pose, relaxCoarsely } from './relaxed-groups.ts';
import { keepLargest, type SkinWeights, WEIGHTS_A_VERTEX } from './skin-weights.ts';

/** Of an edge in a motion, times its length at rest. */
export const MOST_STRETCH = 2.5;
/** Shorter edges are what floats are rounded to: their stretch is measured as if they were so long, m. */
export const SHORTEST_EDGE_METERS = 0.00005;
/** Evened out from here on, so that what is written in floats stays below the limit. */
const AIMED_STRETCH = 2.45;
const RELAX_ROUNDS = 60;
/** Bones whose own vertices stay as they are: hands, feet and head are rigid, whatever is evened out beside them. */
const RIGID: ReadonlySet<number> = new Set(
  (['leftHand', 'rightHand', 'leftFoot', 'rightFoot', 'head'] as const).map((bone) => BONE_IDS.indexOf(bone)),
);
const WHOLLY = 0.999;
/** Rings of edges round a stretched one that are evened out in the first round; one more each round. */
const FEWEST_RINGS = 2;
/** Times that weights go toward their neighbours' in a round. */
const TURNS_A_ROUND = 4;
/** And once before: what is read from cells has steps at their borders, which short edges would show; and once after groups. */
const TURNS_BEFORE = 8;
const TURNS_AFTER_GROUPS = 2;
/** Edges up to here are tied where they are stretched, m. */
const TIED_METERS = 0.0015;
/** So much more the ends of an edge pull at each other for every pose and triangle in which it is stretched, a round; and at most. */
const GAIN = 1.25;
const MOST_PULL = 1e6;
/**
 * @param poses in which edges are measured.
 * @returns new weights.
 */
export function relaxed(
  positions: Float32Array,
  indices: Uint32Array,
  skin: SkinWeights,
  poses: readonly Pose[],
): SkinWeights {
  const now: SkinWeights = { bones: skin.bones.slice(), weights: skin.weights.slice() };
  const graph = edgesOf(positions, indices);
  const rigid = rigidVertices(skin);
  evenOut(now, graph, blended(now), TURNS_BEFORE);
  evenOut(now, graph, relaxCoarsely(positions, indices, now, poses, rigid), TURNS_AFTER_GROUPS);
  /** Triangles that may be stretched: all of them first, then those whose weights have changed. */
  const all = firstCorners(indices);
  let asked = all;
  /** Stretched edges of all rounds: evening out takes the ends of a tied edge apart again. */
  const tied: number[] = [];
  for (let round = 0; round < RELAX_ROUNDS; round++) {
    const edges = stretchedEdges(poses, positions, indices, now, asked);
    const stretched = new Set(edges);
    if (stretched.size === 0) break;
    const chosen = around(stretched, graph, FEWEST_RINGS + round).filter((vertex) => !rigid[vertex]);
    strengthen(graph, edges);
    evenOut(now, graph, chosen, TURNS_A_ROUND);
    for (const vertex of edges) tied.push(vertex);
    tieShort(positions, now, tied);
    const changed = new Uint8Array(positions.length / 3);
    for (const vertex of chosen) changed[vertex] = 1;
    for (const vertex of tied) changed[vertex] = 1;
    asked = all.filter((t) => changed[indices[t]] || changed[indices[t + 1]] || changed[indices[t + 2]]);
  }
  return now;
}

/** 1 for vertices that a rigid bone alone moves. */
function rigidVertices({ bones, weights }: SkinWeights): Uint8Array {
  const out = new Uint8Array(weights.length / WEIGHTS_A_VERTEX);
  for (let k = 0; k < weights.length; k++) {
    if (weights[k] >= WHOLLY && RIGID.has(bones[k])) out[Math.floor(k / WEIGHTS_A_VERTEX)] = 1;
  }
  return out;
}

function firstCorners(indices: Uint32Array): Uint32Array {
  const corners = new Uint32Array(indices.length / 3);
  for (let t = 0; t < corners.length; t++) corners[t] = t * 3;
  return corners;
}

/** Vertices that more than one bone moves. */
function blended({ weights }: SkinWeights): number[] {
  const found: number[] = [];
  for (let v = 0; v < weights.length / WEIGHTS_A_VERTEX; v++) {
    if (weights[v * WEIGHTS_A_VERTEX] < 1) found.push(v);
  }
  return found;
}

/** Edges that any pose stretches beyond MOST_STRETCH, two vertices each, some more than once. @param asked first corner of each triangle to look at. */
function stretchedEdges(
  poses: readonly Pose[],
  p: Float32Array,
  indices: Uint32Array,
  { bones, weights }: SkinWeights,
  asked: Uint32Array,
): number[] {
  const found: number[] = [];
  const moved = new Float64Array(p.length);
  const movedIn = new Int8Array(p.length / 3).fill(-1);
  const least = SHORTEST_EDGE_METERS ** 2;
  for (let pose = 0; pose < poses.length; pose++) {
    const m = poses[pose];
    for (const t of asked) {
      for (let k = t; k < t + 3; k++) {
        const v = indices[k];
        if (movedIn[v] === pose) continue;
        movedIn[v] = pose;
        const x = p[v * 3];
        const y = p[v * 3 + 1];
        const z = p[v * 3 + 2];
        let sumX = 0;
        let sumY = 0;
        let sumZ = 0;
        for (let i = v * WEIGHTS_A_VERTEX; i < (v + 1) * WEIGHTS_A_VERTEX; i++) {
          const weight = weights[i];
          if (weight === 0) continue;
          const at = bones[i] * 12;
          sumX += weight * (m[at] * x + m[at + 1] * y + m[at + 2] * z + m[at + 3]);
          sumY += weight * (m[at + 4] * x + m[at + 5] * y + m[at + 6] * z + m[at + 7]);
          sumZ += weight * (m[at + 8] * x + m[at + 9] * y + m[at + 10] * z + m[at + 11]);
        }
        moved[v * 3] = sumX;
        moved[v * 3 + 1] = sumY;
        moved[v * 3 + 2] = sumZ;
      }
      for (let k = 0; k < 3; k++) {
        const a = indices[t + k] * 3;
        const b = indices[t + ((k + 1) % 3)] * 3;
        const rest = (p[a] - p[b]) ** 2 + (p[a + 1] - p[b + 1]) ** 2 + (p[a + 2] - p[b + 2]) ** 2;
        const now =
          (moved[a] - moved[b]) ** 2 +
          (moved[a + 1] - moved[b + 1]) ** 2 +
          (moved[a + 2] - moved[b + 2]) ** 2;
        if (now > Math.max(rest, least) * AIMED_STRETCH ** 2) found.push(a / 3, b / 3);
      }
    }
  }
  return found;
}

/** Gives the ends of short edges the same weights: hardly anything moves, and what they differ by is noise. Changes `skin`. */
function tieShort(p: Float32Array, skin: SkinWeights, edges: readonly number[]): void {
  const parents = new Map<number, number>();
  const rootOf = (vertex: number): number => {
    let v = vertex;
    for (let above = parents.get(v); above !== undefined && above !== v; above = parents.get(v)) v = above;
    return v;
  };
  for (let e = 0; e < edges.length; e += 2) {
    const [a, b] = [edges[e], edges[e + 1]];
    const length = Math.hypot(p[a * 3] - p[b * 3], p[a * 3 + 1] - p[b * 3 + 1], p[a * 3 + 2] - p[b * 3 + 2]);
    if (length > TIED_METERS) continue;
    if (!parents.has(a)) parents.set(a, a);
    if (!parents.has(b)) parents.set(b, b);
    parents.set(rootOf(a), rootOf(b));
  }
  const sums = new Map<number, Float32Array>();
  for (const v of parents.keys()) {
    const root = rootOf(v);
    const sum = sums.get(root) ?? new Float32Array(BONE_IDS.length);
    sums.set(root, sum);
    for (let k = v * WEIGHTS_A_VERTEX; k < (v + 1) * WEIGHTS_A_VERTEX; k++)
      sum[skin.bones[k]] += skin.weights[k];
  }
  for (const v of parents.keys()) keepLargest(skin, v, sums.get(rootOf(v)) as Float32Array, null);
}

/** Neighbours of every vertex: those of v are `others[start[v]] .. others[start[v + 1]]`, each twice. */
interface Edges {
  readonly start: Uint32Array;
  readonly others: Uint32Array;
  /** One over the edge's length: what is near counts more, so that the ends of a short edge go along. */
  readonly pulls: Float32Array;
}

function edgesOf(p: Float32Array, indices: Uint32Array): Edges {
  const start = new Uint32Array(p.length / 3 + 1);
  for (const v of indices) start[v + 1] += 2;
  for (let v = 0; v + 1 < start.length; v++) start[v + 1] += start[v];
  const fill = start.slice(0, -1);
  const others = new Uint32Array(indices.length * 2);
  const pulls = new Float32Array(others.length);
  const put = (a: number, b: number) => {
    const x = p[a * 3] - p[b * 3];
    const y = p[a * 3 + 1] - p[b * 3 + 1];
    const z = p[a * 3 + 2] - p[b * 3 + 2];
    const pull = 1 / Math.max(Math.sqrt(x * x + y * y + z * z), SHORTEST_EDGE_METERS);
    others[fill[a]] = b;
    pulls[fill[a]++] = pull;
    others[fill[b]] = a;
    pulls[fill[b]++] = pull;
  };
  for (let t = 0; t < indices.length; t += 3) {
    put(indices[t], indices[t + 1]);
    put(indices[t + 1], indices[t + 2]);
    put(indices[t + 2], indices[t]);
  }
  return { start, others, pulls };
}

/** The ends of these edges pull more at each other from now on: what is stretched spreads over what has room. Changes `pulls`. */
function strengthen({ start, others, pulls }: Edges, edges: readonly number[]): void {
  const pull = (from: number, to: number) => {
    for (let e = start[from]; e < start[from + 1]; e++) {
      if (others[e] === to) pulls[e] = Math.min(MOST_PULL, pulls[e] * GAIN);
    }
  };
  for (let e = 0; e < edges.length; e += 2) {
    pull(edges[e], edges[e + 1]);
    pull(edges[e + 1], edges[e]);
  }
}

/** The vertices, and those within so many edges. */
function around(from: ReadonlySet<number>, { start, others }: Edges, rings: number): number[] {
  const found = [...from];
  const seen = new Set(from);
  for (let ring = 0, next = 0; ring < rings; ring++) {
    for (const end = found.length; next < end; next++) {
      for (let e = start[found[next]]; e < start[found[next] + 1]; e++) {
        if (seen.has(others[e])) continue;
        seen.add(others[e]);
        found.push(others[e]);
      }
    }
  }
  return found;
}

/** Weights of the chosen vertices half way to the mean of their neighbours', by turns; the others stay. */
function evenOut(
  skin: SkinWeights,
  { start, others, pulls }: Edges,
  chosen: readonly number[],
  turns: number,
): void {
  const slots = new Int32Array(start.length).fill(-1);
  const members: number[] = [];
  const take = (vertex: number) => {
    if (slots[vertex] < 0) slots[vertex] = members.push(vertex) - 1;
  };
  for (const vertex of chosen) take(vertex);
  for (const vertex of chosen) for (let e = start[vertex]; e < start[vertex + 1]; e++) take(others[e]);
  // Only the bones that have to do with these: a few of all.
  const columns = new Int8Array(BONE_IDS.length).fill(-1);
  const used: number[] = [];
  for (const vertex of members) {
    for (let k = vertex * WEIGHTS_A_VERTEX; k < (vertex + 1) * WEIGHTS_A_VERTEX; k++) {
      if (skin.weights[k] > 0 && columns[skin.bones[k]] < 0)
        columns[skin.bones[k]] = used.push(skin.bones[k]) - 1;
    }
  }
  const bones = used.length;
  const all = new Float32Array(members.length * bones);
  for (let slot = 0; slot < members.length; slot++) {
    const from = members[slot] * WEIGHTS_A_VERTEX;
    for (let k = from; k < from + WEIGHTS_A_VERTEX; k++) {
      if (skin.weights[k] > 0) all[slot * bones + columns[skin.bones[k]]] += skin.weights[k];
    }
  }
  const mean = new Float32Array(bones);
  for (let turn = 0; turn < turns; turn++) {
    for (let slot = 0; slot < chosen.length; slot++) {
      const vertex = chosen[slot];
      mean.fill(0);
      let sum = 0;
      for (let e = start[vertex]; e < start[vertex + 1]; e++) {
        const at = slots[others[e]] * bones;
        for (let b = 0; b < bones; b++) mean[b] += pulls[e] * all[at + b];
        sum += pulls[e];
      }
      for (let b = 0; b < bones; b++) {
        const at = slot * bones + b;
        all[at] = (all[at] + mean[b] / sum) / 2;
      }
    }
  }
  chosen.forEach((vertex, slot) => {
    const own = all.subarray(slot * bones, (slot + 1) * bones);
    keepLargest(skin, vertex, own, used);
  });
}
