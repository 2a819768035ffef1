/**
 * Which point of a keypoint file is which joint. A layout is a list of joints in the order its tool writes them; those
 * the method does not use have no name. Sources: OpenPose poseParameters, COCO, COCO-WholeBody, Halpe, MPII, LSP,
 * CrowdPose, AI Challenger, Human3.6M, BlazePose, Sapiens (Goliath 308) documentation; docs/method.md#keypoints for BODY_25.
 */
import { KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId, type KeypointTable } from '../../geometry/body.ts';

/** Points a layout may have: the method's 31, and two that help to place a head that the file lacks. */
export type Joint = KeypointId | 'neck' | 'headTop';

export interface KeypointLayout {
  /** As people call it: "COCO-17". */
  readonly name: string;
  readonly count: number;
  /** Joint to row of the layout. */
  readonly rowOf: ReadonlyMap<Joint, number>;
}

const known = new Set<string>([...KEYPOINT_IDS, 'neck', 'headTop']);

/** "LKnee" is leftKnee; words that are no joint of ours hold a row free. */
function joints(words: string): (Joint | null)[] {
  return words.split(' ').map((word) => {
    const id = word.replace(/^L(?=[A-Z])/, 'left').replace(/^R(?=[A-Z])/, 'right');
    return known.has(id) ? (id as Joint) : null;
  });
}

function layout(name: string, order: readonly (Joint | null)[], count = order.length): KeypointLayout {
  const rowOf = new Map<Joint, number>();
  for (const [row, joint] of order.entries()) if (joint && !rowOf.has(joint)) rowOf.set(joint, row);
  return { name, count, rowOf };
}

/** Rows of the four finger points (middle joints of index, middle, ring and little finger) in a hand of 21 points. */
export const FINGER_ROWS = [6, 10, 14, 18] as const;
export const HAND_POINTS = 21;

/** A hand of 21 points as OpenPose, COCO-WholeBody and MediaPipe order it; 20 points: the wrist is left out. */
function hand(side: 'left' | 'right', points: 20 | 21): (Joint | null)[] {
  const order = new Array<Joint | null>(HAND_POINTS).fill(null);
  for (const [i, row] of FINGER_ROWS.entries()) order[row] = `${side}Finger${i + 1}` as KeypointId;
  return order.slice(HAND_POINTS - points);
}

/** Sapiens counts a hand from the thumb's tip, each finger from tip to knuckle, the wrist last. */
function goliathHand(side: 'left' | 'right'): (Joint | null)[] {
  const order = new Array<Joint | null>(HAND_POINTS).fill(null);
  for (const i of [0, 1, 2, 3]) order[6 + 4 * i] = `${side}Finger${i + 1}` as KeypointId;
  order[20] = `${side}Wrist`;
  return order;
}

const free = (n: number) => new Array<null>(n).fill(null);
const FEET = joints('LBigToe LSmallToe LHeel RBigToe RSmallToe RHeel');
const COCO = [...KEYPOINT_IDS.slice(0, 17)];
const COCO_18 = joints(
  'nose neck RShoulder RElbow RWrist LShoulder LElbow LWrist RHip RKnee RAnkle LHip LKnee LAnkle REye LEye REar LEar',
);
const BODY_19 = [...COCO_18.slice(0, 8), null, ...COCO_18.slice(8)];
const BODY_25 = [...BODY_19, ...FEET];
const BODY_25B = [...COCO, ...joints('neck headTop'), ...FEET];
const HALPE_26 = [...COCO, ...joints('headTop neck hip LBigToe RBigToe LSmallToe RSmallToe LHeel RHeel')];
const BLAZEPOSE = [
  ...joints('nose - LEye - - REye - LEar REar - - LShoulder RShoulder LElbow RElbow LWrist RWrist'),
  ...joints('- - - - - - LHip RHip LKnee RKnee LAnkle RAnkle LHeel RHeel LBigToe RBigToe'),
];

export const LAYOUT_BODY_25 = layout('BODY_25', BODY_25);
export const LAYOUT_BLAZEPOSE = layout('MediaPipe', BLAZEPOSE);
export const FOOT_LAYOUT = layout('feet', FEET);

/** Of layouts with the same number of points the usual one comes first. */
const LAYOUTS: readonly KeypointLayout[] = [
  layout('COCO-17', COCO),
  layout('COCO-18', COCO_18),
  LAYOUT_BODY_25,
  layout('BODY_25B', BODY_25B),
  layout('BODY_19', BODY_19),
  layout('COCO-17 with feet', [...COCO, ...FEET]),
  layout('Halpe-26', HALPE_26),
  LAYOUT_BLAZEPOSE,
  layout('31 keypoints', [...KEYPOINT_IDS]),
  layout('BODY_59', [...BODY_19, ...hand('left', 20), ...hand('right', 20)]),
  layout('BODY_65', [...BODY_25, ...hand('left', 20), ...hand('right', 20)]),
  layout('COCO-WholeBody', [...COCO, ...FEET, ...free(68), ...hand('left', 21), ...hand('right', 21)]),
  layout('BODY_135', [...BODY_25B, ...hand('left', 20), ...hand('right', 20)], 135),
  layout('Halpe-136', [...HALPE_26, ...free(68), ...hand('left', 21), ...hand('right', 21)]),
  // Elbows to ankles without the wrists, which follow the hands.
  layout(
    'Sapiens-308',
    [...COCO.slice(0, 9), ...COCO.slice(11), ...FEET, ...goliathHand('right'), ...goliathHand('left')],
    308,
  ),
  layout(
    'MPII-16',
    joints(
      'RAnkle RKnee RHip LHip LKnee LAnkle pelvis thorax neck headTop RWrist RElbow RShoulder LShoulder LElbow LWrist',
    ),
  ),
  layout(
    'MPI-15',
    joints(
      'headTop neck RShoulder RElbow RWrist LShoulder LElbow LWrist RHip RKnee RAnkle LHip LKnee LAnkle chest',
    ),
  ),
  layout(
    'CrowdPose-14',
    joints(
      'LShoulder RShoulder LElbow RElbow LWrist RWrist LHip RHip LKnee RKnee LAnkle RAnkle headTop neck',
    ),
  ),
  layout(
    'LSP-14',
    joints(
      'RAnkle RKnee RHip LHip LKnee LAnkle RWrist RElbow RShoulder LShoulder LElbow LWrist neck headTop',
    ),
  ),
  layout(
    'AI Challenger-14',
    joints(
      'RShoulder RElbow RWrist LShoulder LElbow LWrist RHip RKnee RAnkle LHip LKnee LAnkle headTop neck',
    ),
  ),
  layout(
    'Human3.6M-17',
    joints(
      'pelvis RHip RKnee RAnkle LHip LKnee LAnkle spine neck nose headTop LShoulder LElbow LWrist RShoulder RElbow RWrist',
    ),
  ),
];

/** Layouts that are recognised by their number of points and hold no body we could use. */
export const UNUSABLE_COUNTS: Readonly<Record<number, string>> = {
  21: 'one hand (21 points)',
  42: 'two hands (42 points)',
  22: 'the 22 joints of SMPL-X, a body model without eyes, ears and fingers',
  24: 'the 24 joints of SMPL, a body model without eyes, ears and fingers',
  45: 'the 45 joints of SMPL',
  55: 'the 55 joints of SMPL-X',
  127: 'the 127 joints of SMPL-X',
  144: 'the 144 joints of SMPL-X',
  68: 'a face (68 points)',
  70: 'a face (70 points)',
  98: 'a face (98 points)',
  106: 'a face (106 points)',
  468: 'a face mesh (468 points)',
  478: 'a face mesh (478 points)',
};

export function layoutsOf(count: number): KeypointLayout[] {
  return LAYOUTS.filter((candidate) => candidate.count === count);
}

const ANIMAL = /paw|tail|withers|hoof|beak|snout|wing|throat/i;
const PLAIN: Readonly<Record<string, string>> = {
  toe: 'BigToe',
  bigtoe: 'BigToe',
  footindex: 'BigToe',
  smalltoe: 'SmallToe',
  littletoe: 'SmallToe',
  forefinger2: 'Finger1',
  indexfinger2: 'Finger1',
  middlefinger2: 'Finger2',
  ringfinger2: 'Finger3',
  pinkyfinger2: 'Finger4',
};
for (const joint of ['Eye', 'Ear', 'Shoulder', 'Elbow', 'Wrist', 'Hip', 'Knee', 'Ankle', 'Heel']) {
  (PLAIN as Record<string, string>)[joint.toLowerCase()] = joint;
}
for (const i of [1, 2, 3, 4]) (PLAIN as Record<string, string>)[`finger${i}`] = `Finger${i}`;

/** "left_knee", "LKnee", "kneeLeft", "Left Knee" to leftKnee; null for points the method has no use for. */
function jointOfName(name: string): Joint | null {
  const words = name
    .replace(/^([LR])(?=[A-Z])/, '$1_')
    .replace(/([a-z])(?=[A-Z])/g, '$1_')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  let side = words.find((word) => /^(left|right|l|r)$/.test(word))?.[0];
  let rest = words.filter((word) => !/^(left|right|l|r)$/.test(word)).join('');
  const glued = /^(left|right)/.exec(rest);
  if (!side && glued) {
    side = glued[0][0];
    rest = rest.slice(glued[0].length);
  }
  if (rest === 'nose') return 'nose';
  if (rest === 'neck' || rest === 'upperneck') return 'neck';
  if (rest === 'headtop' || rest === 'tophead' || rest === 'head') return 'headTop';
  if (!side || !Object.hasOwn(PLAIN, rest)) return null;
  return `${side === 'l' ? 'left' : 'right'}${PLAIN[rest]}` as KeypointId;
}

/** @returns a layout made of the file's own names, 'animal', or null when they do not name a body. */
export function layoutOfNames(names: readonly string[]): KeypointLayout | 'animal' | null {
  if (names.filter((name) => ANIMAL.test(name)).length > 1) return 'animal';
  const made = layout('named points', names.map(jointOfName));
  if (['leftShoulder', 'rightShoulder', 'leftHip', 'rightHip'].some((id) => !made.rowOf.has(id as Joint))) {
    return null;
  }
  return LAYOUTS.find((candidate) => candidate.count === made.count && sameRows(candidate, made)) ?? made;
}

function sameRows(a: KeypointLayout, b: KeypointLayout): boolean {
  return [...b.rowOf].every(([joint, row]) => a.rowOf.get(joint) === row);
}

/** Bones every layout has, and their usual lengths in trunk lengths: a wrong reading of a file makes other proportions. */
const BONES = (['left', 'right'] as const).flatMap((side) =>
  (
    [
      ['Shoulder', 'Elbow', 0.52],
      ['Elbow', 'Wrist', 0.46],
      ['Shoulder', 'Hip', 1],
      ['Hip', 'Knee', 0.77],
      ['Knee', 'Ankle', 0.69],
    ] as const
  ).map(([from, to, usual]) => ({
    from: `${side}${from}` as KeypointId,
    to: `${side}${to}` as KeypointId,
    usual,
  })),
);
/** Proportions of people, limbs towards the camera too, vary by less than this (deviation of the logarithm). */
const USUAL_DEVIATION = 0.35;
/** A less usual layout is taken when its proportions are this much better, and when so many bones can be measured. */
const BETTER = 0.5;
const MIN_BONES = 5;

/** Standard deviation of the logarithm of bone over usual bone; infinite when there are too few bones. */
function disproportion(points: Float64Array, { rowOf }: KeypointLayout): number {
  const logs: number[] = [];
  for (const { from, to, usual } of BONES) {
    const a = 3 * (rowOf.get(from) ?? 0);
    const b = 3 * (rowOf.get(to) ?? 0);
    if (!(points[a + 2] > 0 && points[b + 2] > 0)) continue;
    logs.push(Math.hypot(points[a] - points[b], points[a + 1] - points[b + 1]) / usual);
  }
  if (logs.length < MIN_BONES) return Number.POSITIVE_INFINITY;
  // A bone that points at the camera has no length: it must not count for infinitely much.
  const floor = 0.05 * Math.max(...logs);
  const values = logs.map((v) => Math.log(Math.max(v, floor, Number.MIN_VALUE)));
  const mean = values.reduce((total, v) => total + v, 0) / values.length;
  return Math.sqrt(values.reduce((total, v) => total + (v - mean) ** 2, 0) / values.length);
}

/** Of layouts with the same number of points, the one in which the body has its proportions; the first when in doubt. */
export function likeliestLayout(points: Float64Array, candidates: readonly KeypointLayout[]): KeypointLayout {
  let best = candidates[0];
  let limit = disproportion(points, best);
  if (!(limit > USUAL_DEVIATION) || limit === Number.POSITIVE_INFINITY) return best;
  limit *= BETTER;
  for (const candidate of candidates.slice(1)) {
    const value = disproportion(points, candidate);
    if (value < limit) {
      best = candidate;
      limit = value;
    }
  }
  return best;
}

/** The layout's points in the method's rows; what it lacks is (0, 0, 0). */
export function tableOf(points: Float64Array, { rowOf }: KeypointLayout): KeypointTable {
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  for (const [row, id] of KEYPOINT_IDS.entries()) {
    const source = rowOf.get(id);
    if (source !== undefined) table.set(points.subarray(source * 3, source * 3 + 3), row * 3);
  }
  return table;
}
