/**
 * Which bones move which vertices: geodesic voxel binding. From each bone the distance through the figure's inside is
 * measured, so that a hand beside a thigh belongs to its arm; near bones weigh more; the weights are spread in the solid and
 * read at the vertices. Hands, feet and the head are rigid. At most four bones a vertex.
 * Method: Dionne, de Lasa, Geodesic Voxel Binding for Production Character Meshes, SCA 2013.
 */
import { BONE_IDS, type BoneId, type FigureSkeleton, type Place } from '../../base/skeleton.ts';
import { type VoxelSolid, voxelSolid } from './voxel-solid.ts';

export const WEIGHTS_A_VERTEX = 4;
const BONE_COUNT = BONE_IDS.length;
/** Cells along the figure's height: 1.1 cm of a person. */
const CELLS = 150;
/** How fast the weight of a bone falls with its distance. */
const FALL_OFF = 4;
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

/** The cells inside as a list, with their neighbours: 6 of them for spreading, 26 for distances. */
class Cells {
  readonly list: Uint32Array;
  readonly numbers: Int32Array;
  readonly offsets: { step: number; length: number }[] = [];

  constructor(readonly solid: VoxelSolid) {
    const { inside, size } = solid;
    this.numbers = new Int32Array(inside.length).fill(-1);
    const list: number[] = [];
    for (let i = 0; i < inside.length; i++) {
      if (!inside[i]) continue;
      this.numbers[i] = list.length;
      list.push(i);
    }
    this.list = Uint32Array.from(list);
    const [nx, ny] = size;
    for (let z = -1; z <= 1; z++) {
      for (let y = -1; y <= 1; y++) {
        for (let x = -1; x <= 1; x++) {
          const length = Math.hypot(x, y, z);
          if (length > 0) this.offsets.push({ step: x + nx * (y + ny * z), length });
        }
      }
    }
  }

  /** The inside cell nearest to a place, within a few cells; -1 where there is none. */
  at(place: Place, reach = 4): number {
    const { origin, cell, size } = this.solid;
    const [x, y, z] = [0, 1, 2].map((axis) => Math.round((place[axis] - origin[axis]) / cell));
    let [best, away] = [-1, Number.POSITIVE_INFINITY];
    for (let dz = -reach; dz <= reach; dz++) {
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          const distance = dx * dx + dy * dy + dz * dz;
          if (distance >= away) continue;
          const [cx, cy, cz] = [x + dx, y + dy, z + dz];
          if (cx < 0 || cy < 0 || cz < 0 || cx >= size[0] || cy >= size[1] || cz >= size[2]) continue;
          const number = this.numbers[cx + size[0] * (cy + size[1] * cz)];
          if (number !== -1) [best, away] = [number, distance];
        }
      }
    }
    return best;
  }
}

/** Distances through the inside from a set of cells, in cells; a heap of (distance, cell). */
function distancesFrom(cells: Cells, sources: readonly number[]): Float64Array {
  const { list, numbers, offsets } = cells;
  // Doubles: a sum rounded up to a float would look like a way that can be shortened, for ever.
  const out = new Float64Array(list.length).fill(Number.POSITIVE_INFINITY);
  const heap: { key: number; cell: number }[] = [];
  const push = (key: number, cell: number) => {
    let at = heap.length;
    heap.push({ key, cell });
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above].key <= key) break;
      heap[at] = heap[above];
      at = above;
    }
    heap[at] = { key, cell };
  };
  const pop = () => {
    const top = heap[0];
    const last = heap.pop() as { key: number; cell: number };
    if (heap.length > 0) {
      let at = 0;
      for (;;) {
        let below = 2 * at + 1;
        if (below >= heap.length) break;
        if (below + 1 < heap.length && heap[below + 1].key < heap[below].key) below++;
        if (heap[below].key >= last.key) break;
        heap[at] = heap[below];
        at = below;
      }
      heap[at] = last;
    }
    return top;
  };
  for (const cell of sources) {
    out[cell] = 0;
    push(0, cell);
  }
  while (heap.length > 0) {
    const { key, cell } = pop();
    if (key > out[cell]) continue;
    for (const { step, length } of offsets) {
      const next = numbers[list[cell] + step];
      if (next === undefined || next === -1 || out[next] <= key + length) continue;
      out[next] = key + length;
      push(key + length, next);
    }
  }
  return out;
}

/** Who moves what a limb that is one with the body would move. */
function moverOf(bone: BoneId, skeleton: FigureSkeleton): BoneId {
  return skeleton.grownOn.includes(bone) ? 'chest' : bone;
}

/** Weights of all bones in every cell, BONE_COUNT a cell. */
function cellWeights(cells: Cells, skeleton: FigureSkeleton): Float32Array {
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
    const distances = distancesFrom(cells, [...sources]);
    const mover = numberOf(moverOf(bone, skeleton));
    for (let i = 0; i < count; i++) {
      const near = 1 / (distances[i] + 0.7) ** FALL_OFF;
      const at = i * BONE_COUNT + mover;
      weights[at] = Math.max(weights[at], near);
    }
  }
  for (let i = 0; i < count; i++) {
    normalise(weights, i * BONE_COUNT);
  }
  return weights;
}

/** What no bone reaches (a piece that hangs on nothing) moves with the hips. */
function normalise(weights: Float32Array, at: number): void {
  let sum = 0;
  for (let b = 0; b < BONE_COUNT; b++) sum += weights[at + b];
  if (sum > 0) for (let b = 0; b < BONE_COUNT; b++) weights[at + b] /= sum;
  else weights[at] = 1;
}

/** Averages over the six neighbours, in place of a heat flow. `only`: cells that take part. */
function spread(
  cells: Cells,
  weights: Float32Array,
  rounds: number,
  only?: (cell: number) => boolean,
): Float32Array {
  const { list, numbers, offsets } = cells;
  const six = offsets.filter(({ length }) => length === 1);
  let now = weights;
  for (let round = 0; round < rounds; round++) {
    const next = now.slice();
    for (let i = 0; i < list.length; i++) {
      if (only && !only(i)) continue;
      let count = 1;
      const at = i * BONE_COUNT;
      for (const { step } of six) {
        const other = numbers[list[i] + step];
        if (other === undefined || other === -1) continue;
        count++;
        for (let b = 0; b < BONE_COUNT; b++) next[at + b] += now[other * BONE_COUNT + b];
      }
      for (let b = 0; b < BONE_COUNT; b++) next[at + b] /= count;
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
 * @param positions method's frame, as the skeleton.
 * @returns bones and weights of every vertex.
 */
export function skinWeights(
  positions: Float32Array,
  indices: Uint32Array,
  skeleton: FigureSkeleton,
): SkinWeights {
  const cells = new Cells(voxelSolid(positions, indices, CELLS));
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
  const all = new Float32Array(BONE_COUNT);
  for (let v = 0; v < count; v++) {
    const place: Place = [positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]];
    sample(cells, field, place, all);
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

/** Between the eight cells around a place, those that are inside. */
function sample(cells: Cells, field: Float32Array, place: Place, out: Float32Array): void {
  const { origin, cell, size } = cells.solid;
  const exact = [0, 1, 2].map((axis) => (place[axis] - origin[axis]) / cell);
  const base = exact.map(Math.floor);
  out.fill(0);
  let total = 0;
  for (let corner = 0; corner < 8; corner++) {
    const step = [corner & 1, (corner >> 1) & 1, corner >> 2];
    let share = 1;
    for (let axis = 0; axis < 3; axis++) {
      const part = exact[axis] - base[axis];
      share *= step[axis] ? part : 1 - part;
    }
    const at = base[0] + step[0] + size[0] * (base[1] + step[1] + size[1] * (base[2] + step[2]));
    const number = cells.numbers[at] ?? -1;
    if (number === -1 || share <= 0) continue;
    total += share;
    for (let b = 0; b < BONE_COUNT; b++) out[b] += share * field[number * BONE_COUNT + b];
  }
  if (total > 0) for (let b = 0; b < BONE_COUNT; b++) out[b] /= total;
  else out[0] = 1;
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
