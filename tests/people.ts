/**
 * Closed people of known skeletons for the tests of the rig: capsules united by manifold-3d, seen by the method's camera.
 * Places in the method's frame, about 1 tall.
 */
import type { FigureSkeleton } from '../src/base/skeleton.ts';
import type { MeshData } from '../src/export/mesh-data.ts';
import { loadManifold } from '../src/export/print/manifold.ts';
import { CANVAS_SIZE, KEYPOINT_IDS, type KeypointId } from '../src/geometry/body.ts';
import { seenAt } from '../src/geometry/figure-depths.ts';

type Point = readonly [number, number, number];

export interface Person {
  readonly mesh: MeshData;
  readonly keypoints: Float64Array;
  /** Where the joints are in truth. */
  readonly joints: Readonly<Partial<Record<keyof FigureSkeleton['heads'], Point>>>;
}

export interface PersonPose {
  /** Arms away from the trunk, degrees from straight down. */
  readonly arms?: number;
  readonly legs?: number;
  /** Arms within the trunk's sides. */
  readonly grownArms?: boolean;
  readonly oneLeg?: boolean;
  readonly skirt?: boolean;
  readonly sitting?: boolean;
}

const rad = (deg: number) => (deg * Math.PI) / 180;

/** @param edge about the length of the mesh's edges. */
export async function makePerson(pose: PersonPose = {}, edge = 0.02): Promise<Person> {
  const { Manifold } = await loadManifold();
  const ball = (at: Point, radius: number) => Manifold.sphere(radius, 20).translate([...at]);
  const limb = (a: Point, b: Point, ra: number, rb: number) => Manifold.hull([ball(a, ra), ball(b, rb)]);
  const { arms = 30, legs = 8 } = pose;
  const hip = { left: [0.055, 0.02, 0], right: [-0.055, 0.02, 0] } as const;
  const shoulder = { left: [0.11, 0.31, 0], right: [-0.11, 0.31, 0] } as const;
  const p: Partial<Record<KeypointId, Point>> = {};
  const parts = [
    limb([0, 0.03, 0], [0, 0.3, 0], 0.1, 0.09),
    limb([0.06, 0.3, 0], [-0.06, 0.3, 0], 0.06, 0.06),
    limb([0, 0.3, 0], [0, 0.4, 0], 0.035, 0.035),
    ball([0, 0.44, 0.005], 0.066),
  ];
  const joints: Record<string, Point> = {};
  for (const side of ['left', 'right'] as const) {
    const sign = side === 'left' ? 1 : -1;
    const angle = rad(arms);
    const from = shoulder[side];
    const down = (length: number, at: Point, deg = angle): Point => [
      at[0] + sign * length * Math.sin(deg),
      at[1] - length * Math.cos(deg),
      at[2],
    ];
    const start: Point = pose.grownArms ? [sign * 0.1, 0.31, 0] : from;
    const elbow = pose.grownArms ? ([sign * 0.1, 0.15, 0] as const) : down(0.165, start);
    const wrist = pose.grownArms ? ([sign * 0.1, 0.02, 0] as const) : down(0.15, elbow);
    const tips = pose.grownArms ? ([sign * 0.1, -0.04, 0] as const) : down(0.07, wrist);
    parts.push(
      limb(start, elbow, 0.034, 0.027),
      limb(elbow, wrist, 0.027, 0.02),
      limb(wrist, tips, 0.022, 0.015),
    );
    if (pose.grownArms) parts.push(limb([sign * 0.07, 0.25, 0], [sign * 0.07, -0.03, 0], 0.06, 0.06));
    p[`${side}Shoulder`] = start;
    p[`${side}Elbow`] = elbow;
    p[`${side}Wrist`] = wrist;
    for (const n of [1, 2, 3, 4] as const) p[`${side}Finger${n}`] = tips;
    p[`${side}Hip`] = hip[side];
    const spread = rad(legs);
    let knee: Point = down(0.23, hip[side], spread);
    let ankle: Point = down(0.22, knee, spread * 0.4);
    if (pose.sitting) {
      knee = [hip[side][0] + sign * 0.04, 0, 0.22];
      ankle = [knee[0], -0.22, 0.22];
    }
    const toe: Point = [ankle[0] + sign * 0.01, ankle[1] - 0.02, ankle[2] + 0.07];
    const stump = pose.oneLeg && side === 'right';
    if (stump) {
      p.rightKnee = p.leftKnee;
      p.rightAnkle = p.leftAnkle;
    } else {
      p[`${side}Knee`] = knee;
      p[`${side}Ankle`] = ankle;
      parts.push(
        limb(hip[side], knee, 0.055, 0.042),
        limb(knee, ankle, 0.042, 0.028),
        limb(ankle, toe, 0.028, 0.02),
      );
    }
    for (const id of [`${side}BigToe`, `${side}SmallToe`] as const) p[id] = toe;
    p[`${side}Heel`] = ankle;
    Object.assign(joints, {
      [`${side}UpperArm`]: start,
      [`${side}LowerArm`]: elbow,
      [`${side}Hand`]: wrist,
      [`${side}UpperLeg`]: hip[side],
      ...(!stump && { [`${side}LowerLeg`]: knee, [`${side}Foot`]: ankle }),
    });
  }
  if (pose.skirt) {
    parts.push(Manifold.cylinder(0.3, 0.19, 0.11, 48).rotate([-90, 0, 0]).translate([0, -0.24, 0]));
  }
  p.nose = [0, 0.435, 0.065];
  p.leftEye = [0.02, 0.455, 0.055];
  p.rightEye = [-0.02, 0.455, 0.055];
  p.leftEar = [0.06, 0.445, 0];
  p.rightEar = [-0.06, 0.445, 0];
  const solid = Manifold.union(parts).refineToLength(edge).calculateNormals(0, 180);
  const got = solid.getMesh();
  // Where parts meet, Manifold keeps a vertex of each: one vertex a place, as a solved surface has.
  const merged = Uint32Array.from({ length: got.vertProperties.length / got.numProp }, (_, i) => i);
  got.mergeFromVert?.forEach((from, k) => {
    merged[from] = got.mergeToVert?.[k] ?? from;
  });
  const kept = [...new Set(got.triVerts.map((vertex) => merged[vertex]))];
  const numbers = new Map(kept.map((vertex, i) => [vertex, i]));
  const count = kept.length;
  const positions = new Float32Array(count * 3);
  const normals = new Float32Array(count * 3);
  kept.forEach((vertex, i) => {
    for (let c = 0; c < 3; c++) {
      positions[i * 3 + c] = got.vertProperties[vertex * got.numProp + c];
      normals[i * 3 + c] = got.vertProperties[vertex * got.numProp + 3 + c];
    }
  });
  const keypoints = new Float64Array(KEYPOINT_IDS.length * 3);
  KEYPOINT_IDS.forEach((id, i) => {
    const [column, row] = seenAt(...(p[id] as [number, number, number]), CANVAS_SIZE);
    keypoints.set([column, row, pose.oneLeg && /^right(Knee|Ankle)/.test(id) ? 0 : 0.9], i * 3);
  });
  solid.delete();
  return {
    mesh: {
      positions,
      normals,
      colours: new Uint8Array(count * 3).fill(150),
      seen: new Uint8Array(count).fill(255),
      confidence: new Uint8Array(count).fill(255),
      indices: Uint32Array.from(got.triVerts, (vertex) => numbers.get(merged[vertex]) as number),
    },
    keypoints,
    joints,
  };
}
