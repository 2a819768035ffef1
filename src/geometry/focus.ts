/** Where a figure's mesh deserves more triangles: the face and both hands, as spheres around what the camera saw of them. */
import type { OrientedCloud } from '../base/cloud.ts';
import { CANVAS_SIZE, KEYPOINT_IDS, type KeypointId, type KeypointTable } from './body.ts';
import { CLOUD_DIVISOR, focalPx } from './camera.ts';

export interface Focus {
  /** Final frame. */
  readonly centre: readonly [number, number, number];
  readonly radius: number;
  /** Length of the edges wanted, pixels. */
  readonly edgePx: number;
}

/** Of the face, in distances from the nose to the middle of the shoulders. */
const FACE_REACH = 0.72;
/** Of a hand, in distances from its middle to the farthest of its points. */
const HAND_REACH = 1.3;
/** Edges, canvas px: the triangles that hands do not take are left to the rest of the figure. */
const FACE_EDGE_PX = 1;
const HAND_EDGE_PX = 2;
/** A hand is no larger than this share of the distance from nose to shoulders. */
const LARGEST_HAND = 0.6;
/** Canvas px per unit of the final frame near its origin. */
const PX_PER_UNIT = CLOUD_DIVISOR * focalPx(CANVAS_SIZE);
/** Half side of the square of pixels whose depths say how far away a middle is, px. */
const AROUND_PX = 6;
/** Points that a middle needs there. */
const LEAST_POINTS = 8;

const HANDS: readonly (readonly KeypointId[])[] = (['left', 'right'] as const).map((side) => [
  `${side}Wrist`,
  `${side}Finger1`,
  `${side}Finger2`,
  `${side}Finger3`,
  `${side}Finger4`,
]);

/**
 * @param keypoints on the canvas; those of confidence 0 were not seen and are left out.
 * @returns one for the face and one for each hand, as far as they were seen.
 */
export function focusesOf(cloud: OrientedCloud, keypoints: KeypointTable): Focus[] {
  const at = (id: KeypointId) => {
    const i = KEYPOINT_IDS.indexOf(id) * 3;
    return { x: keypoints[i], y: keypoints[i + 1], seen: keypoints[i + 2] > 0 };
  };
  const [nose, left, right] = [at('nose'), at('leftShoulder'), at('rightShoulder')];
  const neck = Math.hypot((left.x + right.x) / 2 - nose.x, (left.y + right.y) / 2 - nose.y);
  const places: { x: number; y: number; reach: number; edgePx: number }[] = [];
  if (nose.seen) places.push({ x: nose.x, y: nose.y, reach: neck * FACE_REACH, edgePx: FACE_EDGE_PX });
  for (const ids of HANDS) {
    const points = ids.map(at).filter(({ seen }) => seen);
    if (points.length < 3) continue;
    const x = points.reduce((sum, p) => sum + p.x, 0) / points.length;
    const y = points.reduce((sum, p) => sum + p.y, 0) / points.length;
    const farthest = Math.max(...points.map((p) => Math.hypot(p.x - x, p.y - y)));
    const reach = Math.min(farthest * HAND_REACH, neck * LARGEST_HAND);
    places.push({ x, y, reach, edgePx: HAND_EDGE_PX });
  }
  return places.flatMap(({ x, y, reach, edgePx }) => {
    const centre = seenAt(cloud, x, y);
    return centre && reach > 0 ? [{ centre, radius: reach / PX_PER_UNIT, edgePx }] : [];
  });
}

/** Middle of the front's points around a canvas place; null where there are none. */
function seenAt(cloud: OrientedCloud, x: number, y: number): [number, number, number] | null {
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < cloud.count; i++) {
    if (cloud.sides[i] !== 0) continue;
    const column = cloud.pixels[i] % CANVAS_SIZE;
    if (Math.abs(column - x) > AROUND_PX) continue;
    if (Math.abs((cloud.pixels[i] - column) / CANVAS_SIZE - y) > AROUND_PX) continue;
    for (let k = 0; k < 3; k++) sum[k] += cloud.positions[i * 3 + k];
    count++;
  }
  return count < LEAST_POINTS ? null : [sum[0] / count, sum[1] / count, sum[2] / count];
}
