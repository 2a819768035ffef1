/**
 * Which bones move which vertices: geodesic voxel binding. From each bone the distance through the figure's inside is
 * measured, so that a hand beside a thigh belongs to its arm; near bones weigh more; the weights are spread in the solid and
 * read at the vertices. Hands, feet and the head are rigid. At most four bones a vertex.
 * Method: Dionne, de Lasa, Geodesic Voxel Binding for Production Character Meshes, SCA 2013.
 */
import { BONE_IDS, type BoneId, type FigureSkeleton, type Place } from '../../base/skeleton.ts';
import { VoxelGraph } from './voxel-graph.ts';
import { voxelSolid } from './voxel-solid.ts';

export const WEIGHTS_A_VERTEX = 4;
const BONE_COUNT = BONE_IDS.length;
/** Cells along the figure's height: 1.1 cm of a person. */
const CELLS = 150;
/** How fast the weight of a bone falls with its distance. */
const FALL_OFF = 4;
/** Vertices are read so far under the surface, in cells: there are cells inside all round. */
const UNDER_CELLS = 0.6;
/** Rounds of averaging over neighbouring cells; legs under one skirt take more. */
const SPREAD_ROUNDS = 4;
const SKIRT_ROUNDS = 24;
/** Taken off every weight, so that it fades to nothing. */
const FAINT = 0.06;
/** Bones that move what is beyond their joint as one piece, and where along the bone that begins. */
const RIGID: Readonly<Partial<Record<BoneId, number>>> = {
  head: 0.25,
  leftHand: 0.2,
  rightHand: 0.2,
  leftFoot: 0.2,
  rightFoot: 0.2,
};

/**
 * Flesh round a bone, of the figure's height, all of it as near as the bone: the waist is a hand's breadth from the spine, and as far
 * from an arm that hangs beside it would else go with that.
 */
const THICK: Readonly<Partial<Record<BoneId, number>>> = { hips: 0.05, spine: 0.05, chest: 0.05 };

/** Of a bone's weight, between which its piece becomes rigid; and of its length before that begins. */
const OWN_FROM = 0.3;
const OWN_TO = 0.6;
const RIGID_RAMP = 0.2;

const ramp = (from: number, to: number, value: number): number => {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
};

export interface SkinWeights {
  /** Bone numbers (BONE_IDS), WEIGHTS_A_VERTEX a vertex; 0 where the weight is 0. */
  readonly bones: Uint8Array<ArrayBuffer>;
  /** Sum to 1 at each vertex. */
  readonly weights: Float32Array<ArrayBuffer>;
}

const numberOf = (bone: BoneId) => BONE_IDS.indexOf(bone);

/** Who moves what a limb that is one with the body would move. */
function moverOf(bone: BoneId, skeleton: FigureSkeleton): BoneId {
  return skeleton.grownOn.includes(bone) ? 'chest' : bone;
}

/** Weights of all bones in every cell, BONE_COUNT a cell; none where no bone reaches (a piece by itself). */
function cellWeights(cells: VoxelGraph, skeleton: FigureSkeleton): Float32Array {
  const count = cells.list.length;
  const weights = new Float32Array(count * BONE_COUNT);
  for (const bone of BONE_IDS) {
    if (skeleton.missing.includes(bone)) continue;
    const [head, tail] = [skeleton.heads[bone], skeleton.tails[bone]];
    const length = Math.hypot(head[0] - tail[0], head[1] - tail[1], head[2] - tail[2]);
    const steps = Math.max(2, Math.ceil(length / cells.solid.cell));
    const sources = new Set<number>();
    for (let k = 0; k <= steps; k++) {
      const t = k / steps;
      const cell = cells.at(
        [0, 1, 2].map((axis) => head[axis] + (tail[axis] - head[axis]) * t) as unknown as Place,
      );
      if (cell !== -1) sources.add(cell);
    }
    const distances = cells.distancesFrom([...sources]);
    const mover = numberOf(moverOf(bone, skeleton));
    const flesh = (THICK[bone] ?? 0) * CELLS;
    for (let i = 0; i < count; i++) {
      const near = 1 / (Math.max(0, distances[i] - flesh) + 0.7) ** FALL_OFF;
      const at = i * BONE_COUNT + mover;
      weights[at] = Math.max(weights[at], near);
    }
  }
  for (let i = 0; i < count; i++) {
    normalise(weights, i * BONE_COUNT);
  }
  return weights;
}

function normalise(weights: Float32Array, at: number): void {
  let sum = 0;
  for (let b = 0; b < BONE_COUNT; b++) sum += weights[at + b];
  if (sum > 0) for (let b = 0; b < BONE_COUNT; b++) weights[at + b] /= sum;
}

/** Averages over the six neighbours, in place of a heat flow. `only`: cells that take part. */
function spread(
  cells: VoxelGraph,
  weights: Float32Array,
  rounds: number,
  only?: (cell: number) => boolean,
): Float32Array {
  const beside = new Int32Array(6);
  let now = weights;
  for (let round = 0; round < rounds; round++) {
    const next = now.slice();
    for (let i = 0; i < cells.list.length; i++) {
      if (only && !only(i)) continue;
      const at = i * BONE_COUNT;
      const count = cells.beside(i, beside);
      for (let k = 0; k < count; k++) {
        for (let b = 0; b < BONE_COUNT; b++) next[at + b] += now[beside[k] * BONE_COUNT + b];
      }
      for (let b = 0; b < BONE_COUNT; b++) next[at + b] /= count + 1;
    }
    now = next;
  }
  return now;
}

/** Share of the way along a bone, of the place's foot on it. */
function alongBone(place: Place, head: Place, tail: Place): number {
  let [dot, square] = [0, 0];
  for (let axis = 0; axis < 3; axis++) {
    const d = tail[axis] - head[axis];
    dot += (place[axis] - head[axis]) * d;
    square += d * d;
  }
  return square > 0 ? dot / square : 0;
}

/**
 * @param positions in the skeleton's frame.
 * @param normals   of the vertices, outward, unit length.
 * @returns bones and weights of every vertex.
 */
export function skinWeights(
  positions: Float32Array,
  normals: Float32Array,
  indices: Uint32Array,
  skeleton: FigureSkeleton,
): SkinWeights {
  const cells = new VoxelGraph(voxelSolid(positions, indices, CELLS));
  const own = cellWeights(cells, skeleton);
  let field = spread(cells, own, SPREAD_ROUNDS);
  if (skeleton.legsTogether) {
    const { origin, cell, size } = cells.solid;
    const hips = (skeleton.heads.leftUpperLeg[1] + skeleton.heads.rightUpperLeg[1]) / 2;
    const knees = Math.min(skeleton.heads.leftLowerLeg[1], skeleton.heads.rightLowerLeg[1]);
    const row = (i: number) => origin[1] + cell * (Math.floor(cells.list[i] / size[0]) % size[1]);
    field = spread(cells, field, SKIRT_ROUNDS, (i) => row(i) < hips && row(i) > knees - 0.3 * (hips - knees));
  }
  const count = positions.length / 3;
  const bones = new Uint8Array(count * WEIGHTS_A_VERTEX);
  const weights = new Float32Array(count * WEIGHTS_A_VERTEX);
  const read = new Float32Array(count * BONE_COUNT);
  const outside: number[] = [];
  for (let v = 0; v < count; v++) {
    const own = read.subarray(v * BONE_COUNT, (v + 1) * BONE_COUNT);
    if (!sample(cells, field, placeOf(positions, v), placeOf(normals, v), own)) outside.push(v);
  }
  fromNeighbours(read, indices, outside);
  for (let v = 0; v < count; v++) {
    const place = placeOf(positions, v);
    const all = read.subarray(v * BONE_COUNT, (v + 1) * BONE_COUNT);
    for (const [bone, from] of Object.entries(RIGID) as [BoneId, number][]) {
      const number = numberOf(bone);
      const along = alongBone(place, skeleton.heads[bone], skeleton.tails[bone]);
      // Mostly its own already, and beyond the joint: then entirely; in between by and by, or edges across would tear.
      const share = ramp(OWN_FROM, OWN_TO, all[number]) * ramp(from - RIGID_RAMP, from, along);
      for (let b = 0; b < BONE_COUNT; b++) all[b] *= 1 - share;
      all[number] += share;
    }
    // Faint weights of far bones end smoothly: cut off at the fourth, they would tear edges.
    for (let b = 0; b < BONE_COUNT; b++) all[b] = Math.max(0, all[b] - FAINT);
    const order = [...all.keys()].sort((a, b) => all[b] - all[a]).slice(0, WEIGHTS_A_VERTEX);
    const kept = order.filter((bone) => all[bone] > 0);
    const sum = kept.reduce((total, bone) => total + all[bone], 0);
    kept.forEach((bone, k) => {
      bones[v * WEIGHTS_A_VERTEX + k] = bone;
      weights[v * WEIGHTS_A_VERTEX + k] = all[bone] / sum;
    });
  }
  return { bones, weights };
}

const placeOf = (values: Float32Array, vertex: number): Place => [
  values[vertex * 3],
  values[vertex * 3 + 1],
  values[vertex * 3 + 2],
];

/**
 * Between the eight cells around a place a little under the surface, those that can be reached from the nearest of them: what is
 * beyond a gap is somebody else's.
 *
 * @param out BONE_COUNT values.
 * @returns false where there is none: thinner than a cell.
 */
function sample(
  cells: VoxelGraph,
  field: Float32Array,
  place: Place,
  normal: Place,
  out: Float32Array,
): boolean {
  const { origin, cell } = cells.solid;
  const exact = place.map((value, axis) => (value - origin[axis]) / cell - UNDER_CELLS * normal[axis]);
  const base = exact.map(Math.floor);
  const numbers: number[] = [];
  const shares: number[] = [];
  let nearest = -1;
  for (let corner = 0; corner < 8; corner++) {
    const at = [base[0] + (corner & 1), base[1] + ((corner >> 1) & 1), base[2] + (corner >> 2)];
    const number = cells.number(at[0], at[1], at[2]);
    let [share, out, sum] = [1, 0, 0];
    for (let axis = 0; axis < 3; axis++) {
      share *= 1 - Math.abs(at[axis] - exact[axis]);
      out += (at[axis] - (place[axis] - origin[axis]) / cell) * normal[axis];
    }
    if (number !== -1) for (let b = 0; b < BONE_COUNT; b++) sum += field[number * BONE_COUNT + b];
    numbers.push(sum > 0 ? number : -1);
    shares.push(share);
    if (sum > 0 && share > 0 && out < 0 && (nearest === -1 || share > shares[nearest])) nearest = corner;
  }
  if (nearest === -1) return false;
  let total = 0;
  numbers.forEach((number, corner) => {
    if (number === -1 || !cells.isOpen(numbers[nearest], number)) return;
    total += shares[corner];
    for (let b = 0; b < BONE_COUNT; b++) out[b] += shares[corner] * field[number * BONE_COUNT + b];
  });
  for (let b = 0; b < BONE_COUNT; b++) out[b] /= total;
  return true;
}

/**
 * Vertices without values take their neighbours', ring by ring: thin things (hems, strands) move with what they hang on. What hangs
 * on nothing moves with the hips.
 *
 * @param values BONE_COUNT a vertex; changed.
 */
function fromNeighbours(values: Float32Array, indices: Uint32Array, without: readonly number[]): void {
  const lacks = new Set(without);
  let corners: number[] = [];
  for (let c = 0; c < indices.length; c++) if (lacks.has(indices[c])) corners.push(c);
  while (lacks.size > 0) {
    const counts = new Map<number, number>();
    for (const c of corners) {
      const vertex = indices[c];
      for (let k = c - (c % 3); k < c - (c % 3) + 3; k++) {
        if (lacks.has(indices[k])) continue;
        counts.set(vertex, (counts.get(vertex) ?? 0) + 1);
        for (let b = 0; b < BONE_COUNT; b++) {
          values[vertex * BONE_COUNT + b] += values[indices[k] * BONE_COUNT + b];
        }
      }
    }
    if (counts.size === 0) break;
    for (const [vertex, count] of counts) {
      for (let b = 0; b < BONE_COUNT; b++) values[vertex * BONE_COUNT + b] /= count;
      lacks.delete(vertex);
    }
    corners = corners.filter((c) => lacks.has(indices[c]));
  }
  for (const vertex of lacks) values[vertex * BONE_COUNT] = 1;
}

/**
 * The largest of the values become a vertex's weights, less the first that has no room: cut off instead, it would tear edges.
 *
 * @param used bones of the values; null: all.
 */
export function keepLargest(
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
