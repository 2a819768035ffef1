/** The skeleton of a figure: humanoid bones as VRM 1.0 names them, places in the method's frame. Plain data. */

export const BONE_IDS = [
  'hips',
  'spine',
  'chest',
  'neck',
  'head',
  'leftShoulder',
  'leftUpperArm',
  'leftLowerArm',
  'leftHand',
  'rightShoulder',
  'rightUpperArm',
  'rightLowerArm',
  'rightHand',
  'leftUpperLeg',
  'leftLowerLeg',
  'leftFoot',
  'rightUpperLeg',
  'rightLowerLeg',
  'rightFoot',
] as const;
export type BoneId = (typeof BONE_IDS)[number];

export const BONE_PARENTS: Readonly<Record<BoneId, BoneId | null>> = {
  hips: null,
  spine: 'hips',
  chest: 'spine',
  neck: 'chest',
  head: 'neck',
  leftShoulder: 'chest',
  leftUpperArm: 'leftShoulder',
  leftLowerArm: 'leftUpperArm',
  leftHand: 'leftLowerArm',
  rightShoulder: 'chest',
  rightUpperArm: 'rightShoulder',
  rightLowerArm: 'rightUpperArm',
  rightHand: 'rightLowerArm',
  leftUpperLeg: 'hips',
  leftLowerLeg: 'leftUpperLeg',
  leftFoot: 'leftLowerLeg',
  rightUpperLeg: 'hips',
  rightLowerLeg: 'rightUpperLeg',
  rightFoot: 'rightLowerLeg',
};

export type Place = readonly [x: number, y: number, z: number];

export interface FigureSkeleton {
  /** Where each bone turns. */
  readonly heads: Readonly<Record<BoneId, Place>>;
  /** Where it ends: the next joint, the finger tips, the toes, the crown. */
  readonly tails: Readonly<Record<BoneId, Place>>;
  /** Limbs that are one with the body: their surface moves with the trunk. */
  readonly grownOn: readonly BoneId[];
  /** Limbs that are not there: their bones are, and move nothing. */
  readonly missing: readonly BoneId[];
  /** No gap between the thighs: a skirt, a long coat, or legs held together. */
  readonly legsTogether: boolean;
  readonly sits: boolean;
  /** What could not be found, a sentence each. */
  readonly notes: readonly string[];
}
