/**
 * A figure ready to move: in metres, feet on the ground, with its weights. Where a motion would stretch an edge too far, the
 * weights around it are evened out (relaxed-weights.ts).
 */
import { Matrix4 } from 'three';
import { BONE_IDS, type BoneId, type FigureSkeleton, type Place } from '../../base/skeleton.ts';
import type { MeshData } from '../mesh-data.ts';
import { placedNormals, placedPositions, placementOf, type WholeFigure } from '../placement.ts';
import { isFused } from './fused-arm.ts';
import {
  bentKnee,
  isFree,
  motionsOf,
  raisedArm,
  shortestTurns,
  type TurnsFromT,
  turnsFromRest,
} from './motions.ts';
import { posedJoints } from './posed.ts';
import { relaxed } from './relaxed-weights.ts';
import { type SkinWeights, skinWeights } from './skin-weights.ts';

export interface Rig {
  readonly positions: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  readonly skin: SkinWeights;
  /** Metres, as the positions. */
  readonly skeleton: FigureSkeleton;
}

/** Poses in which stretch is measured: the ends of the walk, one of each motion that hardly changes, arms raised, knees bent. */
export function extremePoses(skeleton: FigureSkeleton): TurnsFromT[] {
  return [
    ...motionsOf(skeleton).flatMap(({ name, at }) =>
      (name === 'walk' ? [0, 0.25, 0.75] : [0.25]).map((t) => at(t).turns),
    ),
    ...limbPoses(skeleton),
  ];
}

/** Each free arm raised, each free knee bent. */
function limbPoses(skeleton: FigureSkeleton): TurnsFromT[] {
  const sides = ['left', 'right'] as const;
  return [
    ...sides.filter((side) => isFree(`${side}UpperArm`, skeleton)).map(raisedArm),
    ...sides
      .filter((side) => isFree(`${side}UpperLeg`, skeleton) && !skeleton.sits && !skeleton.legsTogether)
      .map(bentKnee),
  ];
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
  const fused = (['left', 'right'] as const).filter(
    (side) => isFree(`${side}UpperArm`, rigged) && isFused(side, positions, mesh.indices, rigged),
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
  }
  const skin = skinWeights(positions, normals, mesh.indices, rigged);
  return {
    positions,
    normals,
    skin: relaxed(positions, mesh.indices, skin, posesOf(rigged)),
    skeleton: rigged,
  };
}

/** Limbs with the twist of the motions and without. */
const posesOf = (skeleton: FigureSkeleton) =>
  [
    ...extremePoses(skeleton).map((turns) => turnsFromRest(skeleton, turns)),
    ...limbPoses(skeleton).map((turns) => shortestTurns(skeleton, turns)),
  ].map((turns) => boneMatrices(skeleton, turns));

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
