/** A skinned figure in a pose: joints by forward kinematics, vertices by linear blend skinning. */
import { type Quaternion, Vector3 } from 'three';
import { BONE_IDS, BONE_PARENTS, type BoneId, type Place } from '../../base/skeleton.ts';
import { type SkinWeights, WEIGHTS_A_VERTEX } from './skin-weights.ts';

/** Where the joints are when bones turn; the root stays. */
export function posedJoints(
  heads: Readonly<Record<BoneId, Place>>,
  turns: Readonly<Record<BoneId, Quaternion>>,
): Record<BoneId, Place> {
  const out = {} as Record<BoneId, Place>;
  for (const bone of BONE_IDS) {
    const parent = BONE_PARENTS[bone];
    if (!parent) {
      out[bone] = heads[bone];
      continue;
    }
    const offset = new Vector3(...heads[bone]).sub(new Vector3(...heads[parent]));
    const place = offset.applyQuaternion(turns[parent]).add(new Vector3(...out[parent]));
    out[bone] = [place.x, place.y, place.z];
  }
  return out;
}

/**
 * @param turns world turns from rest.
 * @returns positions and unit normals in the pose.
 */
export function posed(
  positions: Float32Array,
  normals: Float32Array,
  skin: SkinWeights,
  heads: Readonly<Record<BoneId, Place>>,
  turns: Readonly<Record<BoneId, Quaternion>>,
): { positions: Float32Array<ArrayBuffer>; normals: Float32Array<ArrayBuffer> } {
  const joints = posedJoints(heads, turns);
  const out = { positions: new Float32Array(positions.length), normals: new Float32Array(positions.length) };
  const [place, normal, sum, turned] = [new Vector3(), new Vector3(), new Vector3(), new Vector3()];
  const rest = BONE_IDS.map((bone) => new Vector3(...heads[bone]));
  const moved = BONE_IDS.map((bone) => new Vector3(...joints[bone]));
  const quaternions = BONE_IDS.map((bone) => turns[bone]);
  for (let v = 0; v < positions.length; v += 3) {
    sum.set(0, 0, 0);
    turned.set(0, 0, 0);
    for (let k = 0; k < WEIGHTS_A_VERTEX; k++) {
      const at = (v / 3) * WEIGHTS_A_VERTEX + k;
      const weight = skin.weights[at];
      if (weight === 0) continue;
      const bone = skin.bones[at];
      place.fromArray(positions, v).sub(rest[bone]).applyQuaternion(quaternions[bone]).add(moved[bone]);
      sum.addScaledVector(place, weight);
      normal.fromArray(normals, v).applyQuaternion(quaternions[bone]);
      turned.addScaledVector(normal, weight);
    }
    turned.normalize();
    sum.toArray(out.positions, v);
    turned.toArray(out.normals, v);
  }
  return out;
}

/** Largest stretch of an edge longer than `least`, and how many edges are stretched beyond `limit`. */
export function stretchOf(
  rest: Float32Array,
  pose: Float32Array,
  indices: Uint32Array,
  least: number,
  limit: number,
): { most: number; beyond: number; vertices: Set<number> } {
  let [most, beyond] = [0, 0];
  const vertices = new Set<number>();
  for (let t = 0; t < indices.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b] = [indices[t + k], indices[t + ((k + 1) % 3)]];
      if (a > b) continue;
      const length = (of: Float32Array) =>
        Math.hypot(of[a * 3] - of[b * 3], of[a * 3 + 1] - of[b * 3 + 1], of[a * 3 + 2] - of[b * 3 + 2]);
      const stretch = length(pose) / Math.max(length(rest), least);
      most = Math.max(most, stretch);
      if (stretch <= limit) continue;
      beyond++;
      vertices.add(a).add(b);
    }
  }
  return { most, beyond, vertices };
}
