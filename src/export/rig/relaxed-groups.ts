/**
 * Weights evened out over hand's breadths, which edge by edge would take for ever: weights of groups of vertices first, then every
 * vertex by as much as the groups around it (relaxed-weights.ts does what is left, edge by edge).
 */
import { DisjointSets } from '../../base/disjoint-sets.ts';
import { BONE_IDS } from '../../base/skeleton.ts';
import { keepLargest, type SkinWeights, WEIGHTS_A_VERTEX } from './skin-weights.ts';

/** Rows of a 3 x 4 matrix a bone: from a place at rest to the place in the pose. */
export type Pose = Float64Array;

/** Cells whose vertices are a group, m; how far edges between groups may be stretched, and how their weights are evened out. */
const GROUP_METERS = 0.014;
const COARSE_STRETCH = 1.9;
const COARSE_ROUNDS = 60;
const COARSE_TURNS = 4;
const ROUNDS_A_RING = 4;
/**
 * How much more an edge between groups pulls after a round, by its stretch; and within which bounds. Pulls are kept from round to
 * round: made anew of the stretch each time they swing, and what had to hold together comes apart again.
 */
const GAIN_POWER = 0.7;
const LEAST_GAIN = 0.9;
const MOST_GAIN = 1.5;
const LEAST_PULL = 0.1;
const MOST_PULL = 100;
/** How far a group weighs in its vertices, m; and rings over which this fades. */
const REACH_METERS = 0.026;
const FADING_RINGS = 4;

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
  const sets = new DisjointSets(vertices);
  for (let c = 0; c < indices.length; c++) {
    const a = indices[c];
    const b = indices[c % 3 === 2 ? c - 2 : c + 1];
    if (cells[a] === cells[b]) sets.join(a, b);
  }
  const of = new Uint32Array(vertices);
  const numbers = new Int32Array(vertices).fill(-1);
  let count = 0;
  for (let v = 0; v < vertices; v++) {
    const root = sets.rootOf(v);
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
export function relaxCoarsely(
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
  const pulls = new Float32Array(stretches.length).fill(1);
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
    // What is stretched more holds together more, and keeps to it: stretch spreads evenly, as far as there is room.
    for (let e = 0; e < stretches.length; e++) {
      const factor = Math.min(MOST_GAIN, Math.max(LEAST_GAIN, (stretches[e] / COARSE_STRETCH) ** GAIN_POWER));
      pulls[e] = Math.min(MOST_PULL, Math.max(LEAST_PULL, pulls[e] * factor));
    }
    for (let turn = 0; turn < COARSE_TURNS; turn++) {
      for (const g of chosen) {
        if (held[g]) continue;
        mean.fill(0);
        let total = 0;
        for (let l = links.start[g]; l < links.start[g + 1]; l++) {
          const pull = pulls[links.edges[l]];
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
