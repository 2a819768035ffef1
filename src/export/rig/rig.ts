/**
 * A figure ready to move: in metres, feet on the ground, with its weights. Where a motion would stretch an edge beyond
 * MOST_STRETCH, the weights around it are evened out until it does not, or nothing more is gained.
 */
import { Matrix4 } from 'three';
import { BONE_IDS, type BoneId, type FigureSkeleton, type Place } from '../../base/skeleton.ts';
import type { MeshData } from '../mesh-data.ts';
import { placedNormals, placedPositions, placementOf, type WholeFigure } from '../placement.ts';
import { isFree, motionsOf, raisedArm, type TurnsFromT, turnsFromRest } from './motions.ts';
import { posedJoints } from './posed.ts';
import { type SkinWeights, skinWeights, WEIGHTS_A_VERTEX } from './skin-weights.ts';

/** Of an edge in a motion, times its length at rest. */
export const MOST_STRETCH = 2.5;
/** Shorter edges are noise of the surface: their stretch is measured as if they were so long, m. */
export const SHORTEST_EDGE_METERS = 0.004;
const RELAX_ROUNDS = 12;
/** Of the vertices: more that are pulled out below a raised arm's armpit are a web. */
const FUSED_SHARE = 0.002;
/** How far an armpit lies below the shoulder's joint at most, m. */
const ARMPIT_METERS = 0.2;

export interface Rig {
  readonly positions: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  readonly skin: SkinWeights;
  /** Metres, as the positions. */
  readonly skeleton: FigureSkeleton;
}

/** Poses in which stretch is measured: the ends of the walk, one of each motion that hardly changes. */
export function extremePoses(skeleton: FigureSkeleton): TurnsFromT[] {
  return motionsOf(skeleton).flatMap(({ name, at }) =>
    (name === 'walk' ? [0, 0.25, 0.5, 0.75] : [0.25]).map((t) => at(t).turns),
  );
}

/**
 * @param heightMeters of the person.
 * @param whole        where the mesh is only part of them.
 */
export function makeRig(
  mesh: MeshData,
  skeleton: FigureSkeleton,
  heightMeters: number,
  whole: WholeFigure | null = null,
): Rig {
  const placement = placementOf(mesh.positions, heightMeters, whole);
  const { scale, shift } = placement;
  const move = (places: Readonly<Record<BoneId, Place>>) =>
    Object.fromEntries(
      BONE_IDS.map((bone) => [bone, places[bone].map((value, axis) => value * scale + shift[axis])]),
    ) as unknown as Record<BoneId, Place>;
  const placed: FigureSkeleton = { ...skeleton, heads: move(skeleton.heads), tails: move(skeleton.tails) };
  const positions = placedPositions(mesh.positions, placement, 'y');
  const normals = placedNormals(mesh.normals, 'y');
  let rigged = placed;
  let skin = skinWeights(positions, mesh.indices, rigged);
  const fused = (['left', 'right'] as const).filter(
    (side) => isFree(`${side}UpperArm`, rigged) && isFused(side, positions, mesh.indices, skin, rigged),
  );
  if (fused.length > 0) {
    rigged = {
      ...rigged,
      grownOn: [
        ...rigged.grownOn,
        ...fused.flatMap((side) => [`${side}UpperArm`, `${side}LowerArm`, `${side}Hand`] as const),
      ],
      notes: [
        ...rigged.notes,
        ...fused.map(
          (side) =>
            `The ${side} arm or hand has grown on to the body in this photo: it moves with the chest.`,
        ),
      ],
    };
    skin = skinWeights(positions, mesh.indices, rigged);
  }
  return { positions, normals, skin: relaxed(positions, mesh.indices, skin, rigged), skeleton: rigged };
}

/** Raised, the arm would pull a web out of the body: it hangs on somewhere below the shoulder. */
function isFused(
  side: 'left' | 'right',
  positions: Float32Array,
  indices: Uint32Array,
  skin: SkinWeights,
  skeleton: FigureSkeleton,
): boolean {
  const pose = boneMatrices(skeleton, turnsFromRest(skeleton, raisedArm(side)));
  const all = Uint32Array.from({ length: indices.length / 3 }, (_, i) => i * 3);
  const stretched = stretchedIn([pose], positions, indices, skin, all);
  // The armpit stretches on everybody, in a loose shirt down to the elbow; what is lower does not.
  const armpit = skeleton.heads[`${side}UpperArm`][1] - ARMPIT_METERS;
  const below = Math.min(armpit, skeleton.heads[`${side}LowerArm`][1]);
  let count = 0;
  for (const vertex of stretched) if (positions[vertex * 3 + 1] < below) count++;
  return count > FUSED_SHARE * (positions.length / 3);
}

function relaxed(
  positions: Float32Array,
  indices: Uint32Array,
  skin: SkinWeights,
  skeleton: FigureSkeleton,
): SkinWeights {
  const poses = extremePoses(skeleton).map((turns) => boneMatrices(skeleton, turnsFromRest(skeleton, turns)));
  let now = skin;
  /** Triangles that may be stretched: all of them first, then those whose weights have changed. */
  let asked: Uint32Array = Uint32Array.from({ length: indices.length / 3 }, (_, i) => i * 3);
  for (let round = 0; round < RELAX_ROUNDS; round++) {
    const stretched = stretchedIn(poses, positions, indices, now, asked);
    if (stretched.size === 0) break;
    const chosen = around(stretched, indices, positions.length / 3, 2 + round);
    now = evened(now, indices, chosen);
    asked = asked.filter((t) => chosen[indices[t]] || chosen[indices[t + 1]] || chosen[indices[t + 2]]);
  }
  return now;
}

/** Rows of a 3 x 4 matrix a bone: from a place at rest to the place in the pose. */
function boneMatrices(skeleton: FigureSkeleton, turns: ReturnType<typeof turnsFromRest>): Float64Array {
  const joints = posedJoints(skeleton.heads, turns);
  const out = new Float64Array(BONE_IDS.length * 12);
  const matrix = new Matrix4();
  BONE_IDS.forEach((bone, i) => {
    const e = matrix.makeRotationFromQuaternion(turns[bone]).elements;
    const [x, y, z] = skeleton.heads[bone];
    for (let row = 0; row < 3; row++) {
      const [a, b, c] = [e[row], e[row + 4], e[row + 8]];
      out.set([a, b, c, joints[bone][row] - a * x - b * y - c * z], i * 12 + row * 4);
    }
  });
  return out;
}

/** Ends of edges that any pose stretches beyond MOST_STRETCH. @param asked first corner of each triangle to look at. */
function stretchedIn(
  poses: readonly Float64Array[],
  positions: Float32Array,
  indices: Uint32Array,
  { bones, weights }: SkinWeights,
  asked: Uint32Array,
): Set<number> {
  const found = new Set<number>();
  const moved = new Float32Array(positions.length);
  const movedIn = new Int8Array(positions.length / 3).fill(-1);
  poses.forEach((matrices, pose) => {
    const move = (v: number) => {
      if (movedIn[v] === pose) return;
      movedIn[v] = pose;
      const [x, y, z] = [positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]];
      for (let row = 0; row < 3; row++) {
        let sum = 0;
        for (let k = v * WEIGHTS_A_VERTEX; k < (v + 1) * WEIGHTS_A_VERTEX; k++) {
          const at = bones[k] * 12 + row * 4;
          sum +=
            weights[k] * (matrices[at] * x + matrices[at + 1] * y + matrices[at + 2] * z + matrices[at + 3]);
        }
        moved[v * 3 + row] = sum;
      }
    };
    const length = (of: Float32Array, a: number, b: number) =>
      Math.hypot(of[a * 3] - of[b * 3], of[a * 3 + 1] - of[b * 3 + 1], of[a * 3 + 2] - of[b * 3 + 2]);
    for (const t of asked) {
      for (let k = 0; k < 3; k++) move(indices[t + k]);
      for (let k = 0; k < 3; k++) {
        const [a, b] = [indices[t + k], indices[t + ((k + 1) % 3)]];
        const rest = Math.max(length(positions, a, b), SHORTEST_EDGE_METERS);
        if (length(moved, a, b) > rest * MOST_STRETCH) found.add(a).add(b);
      }
    }
  });
  return found;
}

/** The vertices, and those within so many edges. */
function around(from: Set<number>, indices: Uint32Array, count: number, rings: number): Uint8Array {
  let near = new Uint8Array(count);
  for (const vertex of from) near[vertex] = 1;
  for (let ring = 0; ring < rings; ring++) {
    const next = near.slice();
    for (let t = 0; t < indices.length; t += 3) {
      if (near[indices[t]] || near[indices[t + 1]] || near[indices[t + 2]]) {
        next[indices[t]] = next[indices[t + 1]] = next[indices[t + 2]] = 1;
      }
    }
    near = next;
  }
  return near;
}

/** Weights of the chosen vertices as the mean of their own and their neighbours'. */
function evened(skin: SkinWeights, indices: Uint32Array, chosen: Uint8Array): SkinWeights {
  const bones = BONE_IDS.length;
  const sums = new Map<number, Float32Array>();
  const take = (into: number, from: number) => {
    let sum = sums.get(into);
    if (!sum) {
      sum = new Float32Array(bones);
      sums.set(into, sum);
    }
    for (let k = 0; k < WEIGHTS_A_VERTEX; k++) {
      const at = from * WEIGHTS_A_VERTEX + k;
      sum[skin.bones[at]] += skin.weights[at];
    }
  };
  for (let t = 0; t < indices.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b] = [indices[t + k], indices[t + ((k + 1) % 3)]];
      if (!chosen[a]) continue;
      take(a, a);
      take(a, b);
    }
  }
  const out: SkinWeights = { bones: skin.bones.slice(), weights: skin.weights.slice() };
  for (const [vertex, sum] of sums) {
    const order = [...sum.keys()].sort((a, b) => sum[b] - sum[a]).slice(0, WEIGHTS_A_VERTEX);
    const total = order.reduce((all, bone) => all + sum[bone], 0);
    order.forEach((bone, k) => {
      const weight = sum[bone] / total;
      out.bones[vertex * WEIGHTS_A_VERTEX + k] = weight > 0 ? bone : 0;
      out.weights[vertex * WEIGHTS_A_VERTEX + k] = weight;
    });
  }
  return out;
}
