/**
 * Weights that no pose stretches too far: where one would stretch an edge beyond MOST_STRETCH, the weights around it are evened
 * out until it does not, or nothing more is gained; over hand's breadths first, by groups of vertices, then edge by edge.
 */
import { BONE_IDS } from '../../base/skeleton.ts';
import { type SkinWeights, WEIGHTS_A_VERTEX } from './skin-weights.ts';

/** Rows of a 3 x 4 matrix a bone: from a place at rest to the place in the pose. */
export type Pose = Float64Array;

/** Of an edge in a motion, times its length at rest. */
export const MOST_STRETCH = 2.5;
/** Shorter edges are what floats are rounded to: their stretch is measured as if they were so long, m. */
export const SHORTEST_EDGE_METERS = 0.00005;
/** Evened out from here on, so that what is written in floats stays below the limit. */
const AIMED_STRETCH = 2.45;
const RELAX_ROUNDS = 30;
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
/** Cells whose vertices are a group, m; how far edges between groups may be stretched, and how their weights are evened out. */
const GROUP_METERS = 0.014;
const COARSE_STRETCH = 1.9;
const COARSE_ROUNDS = 60;
const COARSE_TURNS = 4;
const ROUNDS_A_RING = 4;
/** How an edge between groups pulls, by its stretch. */
const PULL_POWER = 3;
const LEAST_PULL = 0.1;
const MOST_PULL = 10;
/** How far a group weighs in its vertices, m; and rings over which this fades. */
const REACH_METERS = 0.026;
const FADING_RINGS = 4;

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
    evenOut(now, graph, chosen, TURNS_A_ROUND);
    for (const vertex of edges) tied.push(vertex);
    tieShort(positions, now, tied);
    const changed = new Uint8Array(positions.length / 3);
    for (const vertex of chosen) changed[vertex] = 1;
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

/** Groups of vertices: those of one cell of a grid that hang together. */
interface Groups {
  readonly of: Uint32Array;
  readonly count: number;
  /** Mean place of each. */
  readonly places: Float64Array;
  /** Groups that an edge joins, two numbers each. */
  readonly edges: Uint32Array;
  readonly neighbours: readonly ReadonlySet<number>[];
}

function groupsOf(p: Float32Array, indices: Uint32Array): Groups {
  const vertices = p.length / 3;
  const cells = new Float64Array(vertices);
  const cell = (value: number) => Math.floor(value / GROUP_METERS) + 2 ** 14;
  for (let v = 0; v < vertices; v++) {
    cells[v] = (cell(p[v * 3]) * 2 ** 15 + cell(p[v * 3 + 1])) * 2 ** 15 + cell(p[v * 3 + 2]);
  }
  const parent = new Uint32Array(vertices);
  for (let v = 0; v < vertices; v++) parent[v] = v;
  const rootOf = (vertex: number): number => {
    let v = vertex;
    while (parent[v] !== v) {
      parent[v] = parent[parent[v]];
      v = parent[v];
    }
    return v;
  };
  for (let c = 0; c < indices.length; c++) {
    const a = indices[c];
    const b = indices[c % 3 === 2 ? c - 2 : c + 1];
    if (cells[a] === cells[b]) parent[rootOf(a)] = rootOf(b);
  }
  const of = new Uint32Array(vertices);
  const numbers = new Int32Array(vertices).fill(-1);
  let count = 0;
  for (let v = 0; v < vertices; v++) {
    const root = rootOf(v);
    if (numbers[root] < 0) numbers[root] = count++;
    of[v] = numbers[root];
  }
  const places = new Float64Array(count * 3);
  const sizes = new Uint32Array(count);
  for (let v = 0; v < vertices; v++) {
    sizes[of[v]]++;
    for (let k = 0; k < 3; k++) places[of[v] * 3 + k] += p[v * 3 + k];
  }
  for (let i = 0; i < places.length; i++) places[i] /= sizes[Math.floor(i / 3)];
  const neighbours = Array.from({ length: count }, () => new Set<number>());
  const edges: number[] = [];
  for (let c = 0; c < indices.length; c++) {
    const a = of[indices[c]];
    const b = of[indices[c % 3 === 2 ? c - 2 : c + 1]];
    if (a === b || neighbours[a].has(b)) continue;
    neighbours[a].add(b);
    neighbours[b].add(a);
    edges.push(a, b);
  }
  return { of, count, places, edges: Uint32Array.from(edges), neighbours };
}

/**
 * Evens out over hand's breadths, which edge by edge would take for ever: weights of groups of vertices first, then every vertex
 * by as much as the groups around it. Changes `skin`.
 *
 * @returns the vertices that were changed.
 */
function relaxCoarsely(
  p: Float32Array,
  indices: Uint32Array,
  skin: SkinWeights,
  poses: readonly Pose[],
  rigid: Uint8Array,
): number[] {
  const groups = groupsOf(p, indices);
  const { of, count, neighbours } = groups;
  /** Groups with a rigid vertex among theirs: others follow them, they follow nobody. */
  const held = new Uint8Array(count);
  for (let v = 0; v < of.length; v++) held[of[v]] |= rigid[v];
  const bones = BONE_IDS.length;
  const weights = new Float32Array(count * bones);
  for (let k = 0; k < skin.weights.length; k++) {
    weights[of[Math.floor(k / WEIGHTS_A_VERTEX)] * bones + skin.bones[k]] += skin.weights[k];
  }
  for (let g = 0; g < count; g++) normalise(weights, g * bones, bones);
  const links = linksOf(groups);
  const stretches = new Float32Array(groups.edges.length / 2);
  const mean = new Float32Array(bones);
  let chosen = new Set<number>();
  for (let round = 0; round < COARSE_ROUNDS; round++) {
    measureGroups(groups, weights, poses, stretches);
    const stretched = new Set<number>();
    for (let e = 0; e < stretches.length; e++) {
      if (stretches[e] > COARSE_STRETCH) stretched.add(groups.edges[e * 2]).add(groups.edges[e * 2 + 1]);
    }
    if (stretched.size === 0) break;
    for (const g of stretched) chosen.add(g);
    if (round % ROUNDS_A_RING === ROUNDS_A_RING - 1) {
      const wider = new Set(chosen);
      // Only round what is still stretched.
      for (const g of ringsRound(stretched, neighbours, 1 + Math.floor(round / ROUNDS_A_RING))) wider.add(g);
      chosen = wider;
    }
    // What is stretched more holds together more: stretch spreads evenly, as far as there is room.
    for (let e = 0; e < stretches.length; e++) {
      stretches[e] = Math.min(MOST_PULL, Math.max(LEAST_PULL, (stretches[e] / COARSE_STRETCH) ** PULL_POWER));
    }
    for (let turn = 0; turn < COARSE_TURNS; turn++) {
      for (const g of chosen) {
        if (held[g]) continue;
        mean.fill(0);
        let total = 0;
        for (let l = links.start[g]; l < links.start[g + 1]; l++) {
          const pull = stretches[links.edges[l]];
          const from = links.others[l] * bones;
          for (let b = 0; b < bones; b++) mean[b] += pull * weights[from + b];
          total += pull;
        }
        if (total > 0) for (let b = 0; b < bones; b++) weights[g * bones + b] = mean[b] / total;
      }
    }
    // As many bones as a vertex will have.
    for (const g of chosen) limit(weights.subarray(g * bones, (g + 1) * bones));
  }
  return fromGroups(p, groups, weights, chosen, skin, rigid);
}

/**
 * Weights of vertices where groups were changed, smooth in space: a short edge has no more of a step than a long one. They fade into
 * the vertices' own over some rings of groups. Changes `skin`.
 *
 * @returns the vertices that were changed.
 */
function fromGroups(
  p: Float32Array,
  { of, places, neighbours, count }: Groups,
  weights: Float32Array,
  chosen: ReadonlySet<number>,
  skin: SkinWeights,
  rigid: Uint8Array,
): number[] {
  const bones = BONE_IDS.length;
  const shares = new Float32Array(count);
  let reached: ReadonlySet<number> = chosen;
  for (let ring = 0; ring <= FADING_RINGS; ring++) {
    for (const g of reached) shares[g] += 1 / (FADING_RINGS + 1);
    if (ring < FADING_RINGS) reached = ringsRound(reached, neighbours, 1);
  }
  const changed: number[] = [];
  const own = new Float32Array(bones);
  // Two rings, so that all are there that a vertex is near to: no step where the next one has other neighbours.
  const nearby = new Map<number, readonly number[]>();
  for (let v = 0; v < of.length; v++) {
    if (rigid[v]) continue;
    let near = nearby.get(of[v]);
    if (!near) {
      const all = [...ringsRound(new Set([of[v]]), neighbours, 2)];
      near = all.some((g) => shares[g] > 0) ? all : [];
      nearby.set(of[v], near);
    }
    if (near.length === 0) continue;
    own.fill(0);
    let [total, kept] = [0, 0];
    for (const g of near) {
      const square =
        (p[v * 3] - places[g * 3]) ** 2 +
        (p[v * 3 + 1] - places[g * 3 + 1]) ** 2 +
        (p[v * 3 + 2] - places[g * 3 + 2]) ** 2;
      const part = Math.max(0, 1 - square / (REACH_METERS * REACH_METERS)) ** 2;
      total += part;
      kept += part * (1 - shares[g]);
      for (let b = 0; b < bones; b++) own[b] += part * shares[g] * weights[g * bones + b];
    }
    if (total === 0 || kept === total) continue;
    changed.push(v);
    for (let k = v * WEIGHTS_A_VERTEX; k < (v + 1) * WEIGHTS_A_VERTEX; k++)
      own[skin.bones[k]] += kept * skin.weights[k];
    keepLargest(skin, v, own, null);
  }
  return changed;
}

/** Edges at every group: those of g are `edges[start[g]] .. edges[start[g + 1]]`, `others` the groups at their other ends. */
function linksOf({ count, edges: pairs }: Groups) {
  const start = new Uint32Array(count + 1);
  for (const g of pairs) start[g + 1]++;
  for (let g = 0; g < count; g++) start[g + 1] += start[g];
  const fill = start.slice(0, -1);
  const others = new Uint32Array(pairs.length);
  const edges = new Uint32Array(pairs.length);
  for (let e = 0; e < pairs.length; e++) {
    const at = fill[pairs[e]]++;
    others[at] = pairs[e ^ 1];
    edges[at] = e >> 1;
  }
  return { start, others, edges };
}

/** Vertices that more than one bone moves. */
function blended({ weights }: SkinWeights): number[] {
  const found: number[] = [];
  for (let v = 0; v < weights.length / WEIGHTS_A_VERTEX; v++) {
    if (weights[v * WEIGHTS_A_VERTEX] < 1) found.push(v);
  }
  return found;
}

/** Takes the first value that a vertex has no room for off all of them; they then sum to 1. */
function limit(values: Float32Array): void {
  const sorted = values.slice().sort();
  const least = sorted[values.length - 1 - WEIGHTS_A_VERTEX];
  if (least > 0 && sorted[values.length - 1] > least) {
    for (let b = 0; b < values.length; b++) values[b] = Math.max(0, values[b] - least);
  }
  normalise(values, 0, values.length);
}

function ringsRound(from: ReadonlySet<number>, neighbours: Groups['neighbours'], rings: number): Set<number> {
  const found = new Set(from);
  for (let ring = 0; ring < rings; ring++) {
    for (const g of [...found]) for (const other of neighbours[g]) found.add(other);
  }
  return found;
}

function normalise(values: Float32Array, at: number, count: number): void {
  let sum = 0;
  for (let b = 0; b < count; b++) sum += values[at + b];
  for (let b = 0; b < count; b++) values[at + b] /= sum || 1;
}

/** How far each edge between groups is stretched by the pose that stretches it most. @param out one an edge. */
function measureGroups(
  { count, places: p, edges }: Groups,
  weights: Float32Array,
  poses: readonly Pose[],
  out: Float32Array,
): void {
  const bones = BONE_IDS.length;
  const moved = new Float64Array(count * 3);
  const least = (GROUP_METERS / 2) ** 2;
  out.fill(0);
  for (const m of poses) {
    for (let g = 0; g < count; g++) {
      const x = p[g * 3];
      const y = p[g * 3 + 1];
      const z = p[g * 3 + 2];
      let sumX = 0;
      let sumY = 0;
      let sumZ = 0;
      for (let b = 0; b < bones; b++) {
        const weight = weights[g * bones + b];
        if (weight === 0) continue;
        const at = b * 12;
        sumX += weight * (m[at] * x + m[at + 1] * y + m[at + 2] * z + m[at + 3]);
        sumY += weight * (m[at + 4] * x + m[at + 5] * y + m[at + 6] * z + m[at + 7]);
        sumZ += weight * (m[at + 8] * x + m[at + 9] * y + m[at + 10] * z + m[at + 11]);
      }
      moved[g * 3] = sumX;
      moved[g * 3 + 1] = sumY;
      moved[g * 3 + 2] = sumZ;
    }
    for (let e = 0; e < edges.length; e += 2) {
      const a = edges[e] * 3;
      const b = edges[e + 1] * 3;
      const rest = (p[a] - p[b]) ** 2 + (p[a + 1] - p[b + 1]) ** 2 + (p[a + 2] - p[b + 2]) ** 2;
      const now =
        (moved[a] - moved[b]) ** 2 + (moved[a + 1] - moved[b + 1]) ** 2 + (moved[a + 2] - moved[b + 2]) ** 2;
      out[e / 2] = Math.max(out[e / 2], Math.sqrt(now / Math.max(rest, least)));
    }
  }
}

/**
 * The largest of the values become a vertex's weights, less the first that has no room: cut off instead, it would tear edges.
 *
 * @param used bones of the values; null: all.
 */
function keepLargest(
  skin: SkinWeights,
  vertex: number,
  values: Float32Array,
  used: readonly number[] | null,
): void {
  const order = [...values.keys()].sort((a, b) => values[b] - values[a]);
  const least = order.length > WEIGHTS_A_VERTEX ? values[order[WEIGHTS_A_VERTEX]] : 0;
  // Where all are equal nothing would be left.
  const taken = values[order[0]] > least ? least : 0;
  let total = 0;
  for (let k = 0; k < Math.min(WEIGHTS_A_VERTEX, order.length); k++) total += values[order[k]] - taken;
  const at = vertex * WEIGHTS_A_VERTEX;
  for (let k = 0; k < WEIGHTS_A_VERTEX; k++) {
    const weight = k < order.length ? (values[order[k]] - taken) / total : 0;
    skin.bones[at + k] = weight > 0 ? (used ? used[order[k]] : order[k]) : 0;
    skin.weights[at + k] = weight;
  }
}

/** Ends of edges that any pose stretches beyond MOST_STRETCH. */
export function stretchedIn(
  poses: readonly Pose[],
  positions: Float32Array,
  indices: Uint32Array,
  skin: SkinWeights,
): Set<number> {
  return new Set(stretchedEdges(poses, positions, indices, skin, firstCorners(indices)));
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
