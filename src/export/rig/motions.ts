/**
 * Poses and motions of the humanoid skeleton. A pose says how each bone is turned in the world from the T-pose (arms out
 * along x, legs down, facing +z); the rest pose is how the photo shows the figure, so a bone's turn from rest is the pose's
 * turn after the way back from the photo to the T.
 */
import { Euler, Quaternion, Vector3 } from 'three';
import { BONE_IDS, BONE_PARENTS, type BoneId, type FigureSkeleton } from '../../base/skeleton.ts';

/** World turns by bone, from the T-pose; left out: as the trunk it hangs on. */
export type TurnsFromT = Partial<Record<BoneId, Quaternion>>;

export interface Motion {
  readonly name: 'idle' | 'walk' | 'wave';
  readonly seconds: number;
  /** Turns at a time of 0 to 1, and how far the hips are above their rest, of the figure's height. */
  readonly at: (t: number) => { turns: TurnsFromT; rise: number };
}

/** Key frames a second; readers turn in between. */
export const KEYS_A_SECOND = 15;

const DEG = Math.PI / 180;
const turn = (x: number, y: number, z: number) =>
  new Quaternion().setFromEuler(new Euler(x * DEG, y * DEG, z * DEG, 'XYZ'));
const then = (first: Quaternion, second: Quaternion) => second.clone().multiply(first);

/** Arms hanging: down from the T by so much, then swung forward. Left is the person's own, at +x. */
function arm(side: 'left' | 'right', down: number, forward: number, bend: number): TurnsFromT {
  const sign = side === 'left' ? 1 : -1;
  const upper = then(turn(0, 0, -sign * down), turn(-forward, 0, 0));
  // A bent elbow brings the forearm to the front.
  const lower = then(turn(0, -sign * bend, 0), upper);
  return { [`${side}UpperArm`]: upper, [`${side}LowerArm`]: lower, [`${side}Hand`]: lower } as TurnsFromT;
}

function leg(side: 'left' | 'right', forward: number, bend: number): TurnsFromT {
  const upper = turn(-forward, 0, 0);
  const lower = turn(-forward + bend, 0, 0);
  return {
    [`${side}UpperLeg`]: upper,
    [`${side}LowerLeg`]: lower,
    [`${side}Foot`]: turn((-forward + bend) * 0.4, 0, 0),
  } as TurnsFromT;
}

const trunk = (lean: number, sway: number): TurnsFromT => ({
  spine: turn(lean * 0.4, sway * 0.4, 0),
  chest: turn(lean, sway, 0),
  neck: turn(lean * 0.5, sway * 0.5, 0),
  head: turn(0, 0, 0),
});

const wave = (t: number, phase = 0) => Math.sin(2 * Math.PI * (t + phase));

/** Moves by itself: found, and not one with the body. */
export function isFree(bone: BoneId, { grownOn, missing }: FigureSkeleton): boolean {
  return !grownOn.includes(bone) && !missing.includes(bone);
}

/** The arm raised as for waving. */
export function raisedArm(side: 'left' | 'right'): TurnsFromT {
  return arm(side, -28, 0, 0);
}

/** The thigh half way to level, the shin as far back. */
export function bentKnee(side: 'left' | 'right'): TurnsFromT {
  return leg(side, 45, 90);
}

/** Motions that a figure can do; one that sits cannot walk. */
export function motionsOf(skeleton: FigureSkeleton): Motion[] {
  const { sits, legsTogether, missing } = skeleton;
  const waving = (['right', 'left'] as const).find((side) => isFree(`${side}UpperArm`, skeleton));
  const hanging = { ...arm('left', 74, 2, 10), ...arm('right', 74, 2, 10) };
  const standing = sits ? {} : { ...leg('left', 0, 0), ...leg('right', 0, 0) };
  const idle: Motion = {
    name: 'idle',
    seconds: 4,
    at: (t) => ({
      turns: {
        ...standing,
        ...trunk(1.2 * wave(t), 1.5 * wave(t, 0.25)),
        ...arm('left', 74 + 1.5 * wave(t), 2, 10 + 2 * wave(t)),
        ...arm('right', 74 + 1.5 * wave(t), 2, 10 + 2 * wave(t, 0.1)),
        head: turn(1.5 * wave(t, 0.1), 4 * wave(t, 0.3), 0),
      },
      rise: 0,
    }),
  };
  const greeting: Motion = {
    name: 'wave',
    seconds: 2.4,
    at: (t) => {
      const sign = waving === 'left' ? -1 : 1;
      const upper = turn(0, 0, sign * -28);
      const lower = turn(0, 0, sign * (-70 + 22 * wave(2 * t)));
      return {
        turns: {
          ...hanging,
          ...standing,
          ...trunk(0, -3),
          [`${waving}UpperArm`]: upper,
          [`${waving}LowerArm`]: lower,
          [`${waving}Hand`]: then(lower, turn(0, 0, sign * -10 * wave(2 * t, 0.2))),
          head: turn(0, -5, 3 * wave(t)),
        },
        rise: 0,
      };
    },
  };
  const greetings = waving ? [greeting] : [];
  if (sits || missing.some((bone) => bone.endsWith('Leg'))) return [idle, ...greetings];
  // Under one skirt legs swing little and knees hardly bend.
  const stride = legsTogether ? 7 : 24;
  const bending = legsTogether ? 0.2 : 1.8;
  const walk: Motion = {
    name: 'walk',
    seconds: 1.1,
    at: (t) => {
      const step = (side: 'left' | 'right') => {
        const phase = side === 'left' ? 0 : 0.5;
        const forward = stride * wave(t, phase);
        // The knee bends while its leg comes forward.
        const lift = Math.max(0, wave(t, phase + 0.25 - 0.06));
        return leg(side, forward, stride * (0.2 + bending * lift));
      };
      const swing = stride * 0.8;
      return {
        turns: {
          ...step('left'),
          ...step('right'),
          ...arm('left', 76, -swing * wave(t), 18),
          ...arm('right', 76, swing * wave(t), 18),
          ...trunk(2, 4 * wave(t)),
        },
        rise: -0.008 * (stride / 24) * (1 - Math.cos(4 * Math.PI * t)) * 0.5,
      };
    },
  };
  return [idle, walk, ...greetings];
}

/** Where bones point in the T-pose; the others are upright. */
const T_DIRECTIONS: Partial<Record<BoneId, Vector3>> = {
  leftUpperArm: new Vector3(1, 0, 0),
  leftLowerArm: new Vector3(1, 0, 0),
  leftHand: new Vector3(1, 0, 0),
  rightUpperArm: new Vector3(-1, 0, 0),
  rightLowerArm: new Vector3(-1, 0, 0),
  rightHand: new Vector3(-1, 0, 0),
  leftUpperLeg: new Vector3(0, -1, 0),
  leftLowerLeg: new Vector3(0, -1, 0),
  rightUpperLeg: new Vector3(0, -1, 0),
  rightLowerLeg: new Vector3(0, -1, 0),
};

/** World turn of each bone from the T-pose to the photo; limbs without freedom have none of their own. */
export function photoTurns(skeleton: FigureSkeleton): Record<BoneId, Quaternion> {
  const turns = {} as Record<BoneId, Quaternion>;
  for (const bone of BONE_IDS) {
    const direction = T_DIRECTIONS[bone];
    const fixed = skeleton.grownOn.includes(bone) || skeleton.missing.includes(bone);
    turns[bone] = new Quaternion();
    if (!direction || fixed) continue;
    const [head, tail] = [skeleton.heads[bone], skeleton.tails[bone]];
    const now = new Vector3(tail[0] - head[0], tail[1] - head[1], tail[2] - head[2]).normalize();
    if (now.lengthSq() > 0) turns[bone].setFromUnitVectors(direction, now);
  }
  return turns;
}

/**
 * World turns of the bones from rest (the photo) for a pose.
 *
 * @param turns from the T-pose; a bone left out, or one that is not free, moves with its parent.
 */
export function turnsFromRest(skeleton: FigureSkeleton, turns: TurnsFromT): Record<BoneId, Quaternion> {
  const photo = photoTurns(skeleton);
  const world = {} as Record<BoneId, Quaternion>;
  for (const bone of BONE_IDS) {
    const parent = BONE_PARENTS[bone];
    const asParent = parent ? world[parent].clone() : new Quaternion();
    const wanted = turns[bone];
    const fixed = skeleton.grownOn.includes(bone) || skeleton.missing.includes(bone);
    world[bone] = wanted && !fixed ? wanted.clone().multiply(photo[bone].clone().invert()) : asParent;
  }
  return world;
}

/**
 * World turns from rest that point the limbs of a pose where it points them by the shortest way, without the twist that the pose has
 * against rest; all else stays.
 */
export function shortestTurns(skeleton: FigureSkeleton, pose: TurnsFromT): Record<BoneId, Quaternion> {
  const world = {} as Record<BoneId, Quaternion>;
  for (const bone of BONE_IDS) {
    const parent = BONE_PARENTS[bone];
    world[bone] = parent ? world[parent].clone() : new Quaternion();
    const [wanted, direction] = [pose[bone], T_DIRECTIONS[bone]];
    if (!wanted || !direction || !/Arm|Leg/.test(bone)) continue;
    const [head, tail] = [skeleton.heads[bone], skeleton.tails[bone]];
    const now = new Vector3(tail[0] - head[0], tail[1] - head[1], tail[2] - head[2]).normalize();
    if (now.lengthSq() > 0) world[bone].setFromUnitVectors(now, direction.clone().applyQuaternion(wanted));
  }
  return world;
}

/** The T-pose itself: limbs straight, the trunk as it is. */
export function tPose(skeleton: FigureSkeleton): TurnsFromT {
  const turns: TurnsFromT = {};
  for (const bone of Object.keys(T_DIRECTIONS) as BoneId[]) turns[bone] = new Quaternion();
  // Seated legs stay as they are: straightened, they would stand in the seat.
  if (skeleton.sits) for (const bone of BONE_IDS) if (/Leg|Foot/.test(bone)) delete turns[bone];
  return turns;
}
