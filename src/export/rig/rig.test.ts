import { VRMLoaderPlugin } from '@pixiv/three-vrm';
import { validateBytes } from 'gltf-validator';
import { AnimationMixer, type Bone, type SkinnedMesh, Vector3 } from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { describe, expect, test } from 'vitest';
import { makePerson, type PersonPose } from '../../../tests/people.ts';
import { BONE_IDS, type BoneId } from '../../base/skeleton.ts';
import { estimateSkeleton } from '../../geometry/skeleton.ts';
import { joinedAt } from './fused-arm.ts';
import { motionsOf, type TurnsFromT, turnsFromRest } from './motions.ts';
import { posed, stretchOf } from './posed.ts';
import { SHORTEST_EDGE_METERS } from './relaxed-weights.ts';
import { extremePoses, makeRig } from './rig.ts';
import { writeRiggedGlb } from './rigged-glb.ts';
import { skinWeights } from './skin-weights.ts';

const OPTIONS = { name: 'person', generator: 'test', extras: { mode: 'robust' } };
const HEIGHT = 1.7;

async function person(pose: PersonPose = {}) {
  const made = await makePerson(pose);
  const { positions, indices } = made.mesh;
  return { ...made, skeleton: estimateSkeleton(positions, indices, made.keypoints) };
}

/** Metres of a length in the fixture: its people are about 1 tall. */
function metersOf(positions: Float32Array, length: number): number {
  let [low, high] = [1e9, -1e9];
  for (let i = 1; i < positions.length; i += 3) {
    low = Math.min(low, positions[i]);
    high = Math.max(high, positions[i]);
  }
  return (length / (high - low)) * HEIGHT;
}

function worstStretch(made: Awaited<ReturnType<typeof person>>, poses: readonly TurnsFromT[]): number {
  const rig = makeRig(made.mesh, made.skeleton, HEIGHT);
  return Math.max(
    ...poses.map((pose) => {
      const turns = turnsFromRest(rig.skeleton, pose);
      const moved = posed(rig.positions, rig.normals, rig.skin, rig.skeleton.heads, turns);
      return stretchOf(rig.positions, moved.positions, made.mesh.indices, SHORTEST_EDGE_METERS, 2.5).most;
    }),
  );
}

describe('the skeleton of people whose joints are known', () => {
  test.each([
    ['arms out', { arms: 40 }],
    ['arms down', { arms: 18, legs: 5 }],
    ['arms level, legs apart', { arms: 88, legs: 16 }],
  ] as const)('%s: joints within 3 cm, nothing amiss', async (_, pose) => {
    const { joints, skeleton, mesh } = await person(pose);
    const errors = (Object.entries(joints) as [BoneId, [number, number, number]][]).map(([bone, at]) =>
      metersOf(mesh.positions, Math.hypot(...at.map((value, axis) => value - skeleton.heads[bone][axis]))),
    );
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.03);
    expect(skeleton.notes).toEqual([]);
    expect([skeleton.sits, skeleton.legsTogether]).toEqual([false, false]);
  });

  test('sitting, thighs toward the camera: legs within 4 cm in the mean, hips behind the knees', async () => {
    const { joints, skeleton, mesh } = await person({ sitting: true });
    const legs = (Object.entries(joints) as [BoneId, [number, number, number]][]).filter(([bone]) =>
      /Leg|Foot/.test(bone),
    );
    const errors = legs.map(([bone, at]) =>
      metersOf(mesh.positions, Math.hypot(...at.map((value, axis) => value - skeleton.heads[bone][axis]))),
    );
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.04);
    expect(skeleton.heads.leftLowerLeg[2] - skeleton.heads.leftUpperLeg[2]).toBeGreaterThan(0.15);
  });

  test.each([
    ['arms grown on', { grownArms: true }, /left arm is one with the body/],
    ['one leg', { oneLeg: true }, /right leg was not found/],
    ['a skirt', { skirt: true }, /no gap between the thighs/],
    ['sitting', { sitting: true }, /does not stand upright/],
  ] as const)('%s: it is said, and the figure still moves', async (_, pose, words) => {
    const made = await person(pose);
    expect(made.skeleton.notes.join(' ')).toMatch(words);
    const names = motionsOf(made.skeleton).map(({ name }) => name);
    expect(names).toContain('idle');
    expect(names.includes('walk')).toBe(!made.skeleton.sits && made.skeleton.missing.length === 0);
    const bytes = writeRiggedGlb(made.mesh, made.skeleton, OPTIONS, 'glb');
    expect((await validateBytes(bytes)).issues.numErrors).toBe(0);
    expect(worstStretch(made, extremePoses(made.skeleton))).toBeLessThan(4);
  });
});

describe('weights', () => {
  test('a hand moves with its arm and not with the thigh beside it; hands, feet and head are rigid', async () => {
    const made = await person({ arms: 18 });
    const rig = makeRig(made.mesh, made.skeleton, HEIGHT);
    const { heads, tails } = rig.skeleton;
    const at = (bone: BoneId) => BONE_IDS.indexOf(bone);
    let [hand, thigh] = [0, 0];
    for (let v = 0; v < rig.positions.length / 3; v++) {
      const place = rig.positions.subarray(v * 3, v * 3 + 3);
      const middle = heads.leftHand.map((value, axis) => (value + tails.leftHand[axis]) / 2);
      const near = Math.hypot(...middle.map((value, axis) => value - place[axis]));
      const weights = [0, 1, 2, 3].map((k) => [rig.skin.bones[v * 4 + k], rig.skin.weights[v * 4 + k]]);
      expect(weights.reduce((sum, [, weight]) => sum + weight, 0)).toBeCloseTo(1, 5);
      if (near > 0.045) continue;
      hand++;
      if (weights[0][0] !== at('leftHand') || weights[0][1] < 0.999) thigh++;
    }
    expect(hand).toBeGreaterThan(20);
    expect(thigh / hand).toBeLessThan(0.03);
  });

  test('an arm that hangs a few millimetres beside the trunk is its own, in a coarse mesh too', async () => {
    for (const edge of [0.02, 0.06]) {
      const made = await makePerson({ arms: 6 }, edge);
      const { positions, indices } = made.mesh;
      const skeleton = { ...estimateSkeleton(positions, indices, made.keypoints), grownOn: [], notes: [] };
      expect(makeRig(made.mesh, skeleton, HEIGHT).skeleton.notes).toEqual([]);
      // Before stretch is evened out, which goes over the armpit as far as it has to.
      const skin = skinWeights(positions, made.mesh.normals, indices, skeleton);
      const forearms = (['leftLowerArm', 'leftHand', 'rightLowerArm', 'rightHand'] as const).map((bone) =>
        BONE_IDS.indexOf(bone),
      );
      let [trunk, most] = [0, 0];
      for (let v = 0; v < positions.length / 3; v++) {
        const [x, y] = [positions[v * 3], positions[v * 3 + 1]];
        // The waist's side, across the gap from the forearm.
        if (Math.abs(x) > 0.097 || Math.abs(x) < 0.08 || y < 0.03 || y > 0.13) continue;
        trunk++;
        let sum = 0;
        for (let k = v * 4; k < v * 4 + 4; k++) if (forearms.includes(skin.bones[k])) sum += skin.weights[k];
        most = Math.max(most, sum);
      }
      expect(trunk).toBeGreaterThan(3);
      expect(most).toBeLessThan(0.05);
    }
  });

  test('how far from the shoulder an arm hangs on: the armpit, or what it has grown on to', async () => {
    const at = async (pose: PersonPose) => {
      const { mesh, skeleton } = await person(pose);
      const rig = makeRig(mesh, { ...skeleton, grownOn: [] }, HEIGHT);
      return {
        joined: joinedAt('left', rig.positions, mesh.indices, rig.skeleton),
        fused: rig.skeleton.grownOn.includes('leftHand'),
      };
    };
    const [free, grown] = [await at({ arms: 18 }), await at({ grownArms: true })];
    // The shoulder's ball of 3.4 cm of a metre is 6 cm here: the arm leaves the trunk within twice that.
    expect(free.joined).toBeGreaterThan(0.05);
    expect(free.joined).toBeLessThan(0.15);
    expect(free.fused).toBe(false);
    expect(grown.joined).toBeGreaterThan(0.3);
    expect(grown.fused).toBe(true);
  });

  test('a raised arm and a bent knee stretch no edge beyond 2.5 times', async () => {
    const made = await person({ arms: 30 });
    expect(worstStretch(made, extremePoses(made.skeleton))).toBeLessThanOrEqual(2.5);
  });
});

/** three.js as a reader: the file, its skinned mesh, its bones by name. */
async function readBack(bytes: Uint8Array<ArrayBuffer>, vrm = false) {
  const loader = new GLTFLoader();
  if (vrm) loader.register((parser) => new VRMLoaderPlugin(parser));
  const gltf = await loader.parseAsync(bytes.buffer, '');
  const mesh = gltf.scene.getObjectByProperty('type', 'SkinnedMesh') as SkinnedMesh;
  const bone = (name: BoneId) => gltf.scene.getObjectByName(name) as Bone;
  return { ...gltf, mesh, bone };
}

const placeOf = (bone: Bone) => bone.getWorldPosition(new Vector3());

describe('files', () => {
  test('the GLB is valid, rests as in the photo, and its motions do what they are called', async () => {
    const made = await person({ arms: 30 });
    const bytes = writeRiggedGlb(made.mesh, made.skeleton, OPTIONS, 'glb');
    const report = await validateBytes(bytes);
    expect(report.issues.messages.filter(({ severity }) => severity < 2)).toEqual([]);
    const { animations, scene, mesh, bone } = await readBack(bytes);
    expect(animations.map(({ name }) => name)).toEqual(['idle', 'walk', 'wave']);
    scene.updateMatrixWorld(true);
    const at = new Vector3();
    for (const vertex of [0, 100, 2000]) {
      mesh.getVertexPosition(vertex, at);
      const stored = new Vector3().fromBufferAttribute(mesh.geometry.getAttribute('position'), vertex);
      expect(at.distanceTo(stored)).toBeLessThan(1e-5);
    }
    const play = (name: string, seconds: number) => {
      const mixer = new AnimationMixer(scene);
      mixer.clipAction(animations.find((clip) => clip.name === name)!).play();
      mixer.setTime(seconds);
      scene.updateMatrixWorld(true);
    };
    play('idle', 0);
    // Arms hang whatever the photo shows.
    expect(placeOf(bone('leftHand')).y).toBeLessThan(placeOf(bone('leftUpperArm')).y - 0.4);
    play('wave', 0.6);
    expect(placeOf(bone('rightHand')).y).toBeGreaterThan(placeOf(bone('head')).y);
    expect(placeOf(bone('leftHand')).y).toBeLessThan(placeOf(bone('chest')).y);
    const forward: number[] = [];
    for (const t of [0, 0.275, 0.55, 0.825]) {
      play('walk', t);
      forward.push(placeOf(bone('leftFoot')).z - placeOf(bone('rightFoot')).z);
    }
    expect(Math.max(...forward)).toBeGreaterThan(0.25);
    expect(Math.min(...forward)).toBeLessThan(-0.25);
  });

  test('the VRM is read by three-vrm as a humanoid of version 1.0 in the T-pose, feet on the ground', async () => {
    const made = await person({ arms: 30, legs: 12 });
    const bytes = writeRiggedGlb(made.mesh, made.skeleton, OPTIONS, 'vrm');
    expect((await validateBytes(bytes)).issues.numErrors).toBe(0);
    const { userData, scene, mesh, bone } = await readBack(bytes, true);
    const { vrm } = userData;
    expect(vrm.meta).toMatchObject({ metaVersion: '1', name: 'person', avatarPermission: 'onlyAuthor' });
    for (const name of BONE_IDS) expect(vrm.humanoid.getRawBoneNode(name)?.name, name).toBe(name);
    scene.updateMatrixWorld(true);
    for (const side of ['left', 'right'] as const) {
      const [upper, hand] = [placeOf(bone(`${side}UpperArm`)), placeOf(bone(`${side}Hand`))];
      expect(Math.abs(hand.y - upper.y)).toBeLessThan(1e-3);
      expect(Math.sign(hand.x - upper.x)).toBe(side === 'left' ? 1 : -1);
      const [hip, foot] = [placeOf(bone(`${side}UpperLeg`)), placeOf(bone(`${side}Foot`))];
      expect(Math.abs(foot.x - hip.x)).toBeLessThan(1e-3);
    }
    mesh.geometry.computeBoundingBox();
    expect(mesh.geometry.boundingBox?.min.y).toBeCloseTo(0, 4);
    // What an application does with it: turn a normalised bone.
    vrm.humanoid.getNormalizedBoneNode('leftUpperArm').rotation.z = -Math.PI / 2;
    vrm.update(0);
    scene.updateMatrixWorld(true);
    expect(placeOf(bone('leftHand')).y).toBeLessThan(placeOf(bone('leftUpperArm')).y - 0.4);
  });
});
