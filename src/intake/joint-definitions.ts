/**
 * BlazePose and OpenPose do not mean the same place by "hip" or "ankle": BlazePose's points are moved to where OpenPose's
 * lie, by fixed steps along the body.
 */
import { KEYPOINT_IDS, type KeypointId, type KeypointTable } from '../geometry/body.ts';

/**
 * Steps in torsos (between the shoulders to between the hips): away from the body's middle line, and up the body.
 *
 * From the bundled samples alone (eight rendered people, sixteen of each joint), by two yardsticks: their exact joints,
 * and MoveNet Thunder run on the same pictures, which was trained on the joints that OpenPose was trained on. Of the two
 * medians the smaller is taken, and none where they point apart (shoulders, elbows). On the face, where the samples'
 * joints are points of the mesh as ours are, MoveNet's alone; for the feet, which MoveNet lacks, the samples' alone, and
 * only sideways: along the shin their ankle is lower than OpenPose's. No real photo was used.
 */
const JOINT_STEPS: Readonly<Record<string, readonly [outward: number, up: number]>> = {
  nose: [0, 0.025],
  Eye: [0.002, 0.006],
  Ear: [0.014, -0.006],
  Wrist: [0, 0.004],
  Hip: [0.007, 0.026],
  Knee: [0.015, 0],
  Ankle: [0.003, -0.046],
  BigToe: [-0.04, 0],
  SmallToe: [-0.04, 0],
  Heel: [0.018, 0],
};

/**
 * @param table 31 x (x, y, confidence), canvas px; confidence 0 = absent. Not changed.
 * @returns a new table; the same values when shoulders or hips are absent.
 */
export function toOpenPoseJoints(table: KeypointTable): Float64Array<ArrayBuffer> {
  const out = Float64Array.from(table);
  const row = (id: KeypointId) => KEYPOINT_IDS.indexOf(id) * 3;
  const torso = (['leftShoulder', 'rightShoulder', 'leftHip', 'rightHip'] as const).map(row);
  if (torso.some((at) => table[at + 2] === 0)) return out;
  const [ls, rs, lh, rh] = torso;
  const upX = (table[ls] + table[rs] - table[lh] - table[rh]) / 2;
  const upY = (table[ls + 1] + table[rs + 1] - table[lh + 1] - table[rh + 1]) / 2;
  // Across the torso, towards the person's left, as long as the torso.
  const facing =
    (table[ls] + table[lh] - table[rs] - table[rh]) * -upY +
    (table[ls + 1] + table[lh + 1] - table[rs + 1] - table[rh + 1]) * upX;
  const [leftX, leftY] = facing >= 0 ? [-upY, upX] : [upY, -upX];
  KEYPOINT_IDS.forEach((id, i) => {
    const step = JOINT_STEPS[id.replace(/^(left|right)/, '')];
    if (!step || table[i * 3 + 2] === 0) return;
    const side = id.startsWith('left') ? 1 : id.startsWith('right') ? -1 : 0;
    out[i * 3] += side * step[0] * leftX + step[1] * upX;
    out[i * 3 + 1] += side * step[0] * leftY + step[1] * upY;
  });
  return out;
}
