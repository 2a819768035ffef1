/**
 * A figure with its skeleton as glTF binary: metres, y up, facing +z, rest pose as in the photo, with the motions idle, walk
 * and wave as animations; or as VRM 1.0 (an avatar): in the T-pose that VRM asks for, without motions.
 * Source: glTF 2.0 sections 3.7.3 and 3.11; VRMC_vrm 1.0 specification.
 */
import { Quaternion } from 'three';
import { BONE_IDS, BONE_PARENTS, type BoneId, type FigureSkeleton, type Place } from '../../base/skeleton.ts';
import { addColours, assetOf, type GlbOptions, materialOf, shortestIndices } from '../glb.ts';
import { GltfFile, type JsonValue } from '../gltf-file.ts';
import { boxOf, checkMesh, type MeshData } from '../mesh-data.ts';
import { DEFAULT_HEIGHT_METERS } from '../placement.ts';
import { KEYS_A_SECOND, type Motion, motionsOf, tPose, turnsFromRest } from './motions.ts';
import { posed, posedJoints } from './posed.ts';
import { makeRig, type Rig } from './rig.ts';

/** Nodes: the figure's root, its mesh, then the bones in order. */
const FIRST_BONE = 2;

function boneNodes(heads: Readonly<Record<BoneId, Place>>): JsonValue[] {
  return BONE_IDS.map((bone) => {
    const parent = BONE_PARENTS[bone];
    const from: Place = parent ? heads[parent] : [0, 0, 0];
    const children = BONE_IDS.flatMap((other, i) => (BONE_PARENTS[other] === bone ? FIRST_BONE + i : []));
    return {
      name: bone,
      translation: heads[bone].map((value, axis) => value - from[axis]),
      ...(children.length > 0 && { children }),
    };
  });
}

/** Way back from each joint's place at rest; column by column. */
function inverseBinds(heads: Readonly<Record<BoneId, Place>>): Float32Array<ArrayBuffer> {
  const out = new Float32Array(BONE_IDS.length * 16);
  BONE_IDS.forEach((bone, i) => {
    const [x, y, z] = heads[bone];
    out.set([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -x, -y, -z, 1], i * 16);
  });
  return out;
}

/** Local turns of a motion, key by key, for the bones that turn at all. */
function animationOf(
  file: GltfFile,
  skeleton: FigureSkeleton,
  motion: Motion,
  heightMeters: number,
): JsonValue {
  const keys = Math.round(motion.seconds * KEYS_A_SECOND) + 1;
  const times = Float32Array.from({ length: keys }, (_, k) => (k / (keys - 1)) * motion.seconds);
  const locals = new Map<BoneId, Float32Array<ArrayBuffer>>(
    BONE_IDS.map((bone) => [bone, new Float32Array(keys * 4)]),
  );
  const rise = new Float32Array(keys * 3);
  for (let k = 0; k < keys; k++) {
    const frame = motion.at(k / (keys - 1));
    const world = turnsFromRest(skeleton, frame.turns);
    for (const bone of BONE_IDS) {
      const parent = BONE_PARENTS[bone];
      const local = parent ? world[parent].clone().invert().multiply(world[bone]) : world[bone];
      const track = locals.get(bone) as Float32Array;
      // The shorter way from key to key.
      const before = k > 0 ? new Quaternion().fromArray(track, (k - 1) * 4) : local;
      if (local.dot(before) < 0) local.set(-local.x, -local.y, -local.z, -local.w);
      local.toArray(track, k * 4);
    }
    const [x, y, z] = skeleton.heads.hips;
    rise.set([x, y + frame.rise * heightMeters, z], k * 3);
  }
  const input = file.accessor(times, { type: 'SCALAR', bounds: true });
  const samplers: JsonValue[] = [];
  const channels: JsonValue[] = [];
  const add = (node: number, path: string, output: number) => {
    channels.push({ sampler: samplers.length, target: { node, path } });
    samplers.push({ input, output, interpolation: 'LINEAR' });
  };
  for (const [bone, track] of locals) {
    const turns = track.some((value, i) => Math.abs(value - (i % 4 === 3 ? 1 : 0)) > 1e-5);
    if (turns) {
      add(FIRST_BONE + BONE_IDS.indexOf(bone), 'rotation', file.accessor(track, { type: 'VEC4' }));
    }
  }
  add(FIRST_BONE, 'translation', file.accessor(rise, { type: 'VEC3' }));
  return { name: motion.name, samplers, channels };
}

/** VRM's own part of the file. Who made the avatar, and what others may do with it, is for its owner to say: as little as can be. */
function vrmOf(options: GlbOptions): JsonValue {
  return {
    specVersion: '1.0',
    meta: {
      name: options.name,
      version: '1',
      authors: ['the person who made it from their photo'],
      licenseUrl: 'https://vrm.dev/licenses/1.0/',
      avatarPermission: 'onlyAuthor',
      commercialUsage: 'personalNonProfit',
      creditNotation: 'required',
      modification: 'prohibited',
      allowRedistribution: false,
      allowExcessivelyViolentUsage: false,
      allowExcessivelySexualUsage: false,
      allowPoliticalOrReligiousUsage: false,
      allowAntisocialOrHateUsage: false,
    },
    humanoid: {
      humanBones: Object.fromEntries(BONE_IDS.map((bone, i) => [bone, { node: FIRST_BONE + i }])),
    },
  };
}

/** The rig in the T-pose, feet on the ground again. */
function inTPose(rig: Rig): Rig {
  const turns = turnsFromRest(rig.skeleton, tPose(rig.skeleton));
  const { positions, normals } = posed(rig.positions, rig.normals, rig.skin, rig.skeleton.heads, turns);
  const heads = posedJoints(rig.skeleton.heads, turns);
  const floor = boxOf(positions).min[1];
  for (let i = 1; i < positions.length; i += 3) positions[i] -= floor;
  const lowered = Object.fromEntries(
    BONE_IDS.map((bone) => [bone, [heads[bone][0], heads[bone][1] - floor, heads[bone][2]]]),
  ) as unknown as Record<BoneId, Place>;
  return { ...rig, positions, normals, skeleton: { ...rig.skeleton, heads: lowered } };
}

/**
 * @param skeleton in the mesh's frame.
 * @param kind     `glb`: rest pose of the photo, with motions; `vrm`: T-pose, VRM 1.0.
 * @throws StageError E_BAD_MESH as writeGlb.
 */
export function writeRiggedGlb(
  mesh: MeshData,
  skeleton: FigureSkeleton,
  options: GlbOptions,
  kind: 'glb' | 'vrm',
): Uint8Array<ArrayBuffer> {
  checkMesh(mesh);
  const heightMeters = options.heightMeters ?? DEFAULT_HEIGHT_METERS;
  const made = makeRig(mesh, skeleton, heightMeters, options.whole);
  const rig = kind === 'vrm' ? inTPose(made) : made;
  const file = new GltfFile();
  const target = 'vertices';
  const attributes: Record<string, number> = {
    POSITION: file.accessor(rig.positions, { type: 'VEC3', target, bounds: true }),
    NORMAL: file.accessor(rig.normals, { type: 'VEC3', target }),
    ...addColours(file, mesh),
    JOINTS_0: file.accessor(rig.skin.bones, { type: 'VEC4', target }),
    WEIGHTS_0: file.accessor(rig.skin.weights, { type: 'VEC4', target }),
  };
  const indices = file.accessor(shortestIndices(mesh.indices, mesh.positions.length / 3), {
    type: 'SCALAR',
    target: 'indices',
  });
  const inverseBindMatrices = file.accessor(inverseBinds(rig.skeleton.heads), { type: 'MAT4' });
  const animations =
    kind === 'vrm'
      ? []
      : motionsOf(rig.skeleton).map((motion) => animationOf(file, rig.skeleton, motion, heightMeters));
  const { notes } = rig.skeleton;
  return file.write({
    asset: assetOf({
      ...options,
      extras: { ...options.extras, ...(notes.length > 0 && { rig: [...notes] }) },
    }),
    ...(kind === 'vrm' && {
      extensionsUsed: ['VRMC_vrm'],
      extensions: { VRMC_vrm: vrmOf(options) },
    }),
    scene: 0,
    // A skinned mesh stands by itself: what is above it would not move it.
    scenes: [{ nodes: [0, 1] }],
    nodes: [
      { name: options.name, children: [FIRST_BONE] },
      { name: 'figure', mesh: 0, skin: 0 },
      ...boneNodes(rig.skeleton.heads),
    ],
    meshes: [{ name: options.name, primitives: [{ attributes, indices, material: 0 }] }],
    skins: [
      {
        joints: BONE_IDS.map((_, i) => FIRST_BONE + i),
        skeleton: FIRST_BONE,
        inverseBindMatrices,
      },
    ],
    ...(animations.length > 0 && { animations }),
    ...materialOf(file, mesh.texture),
  });
}
