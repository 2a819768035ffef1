/**
 * Nobody can be looked through between shoulders and hips. Where a matte has a hole there, a shadow or black cloth was
 * taken for the background, as under folded hands. Only the pose can tell such a hole from the gap inside a bent arm;
 * their brightness is the same. Not in the original, whose surfaces keep the hole.
 */
import type { GreyImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { type CanvasPose, KEYPOINT_IDS, type KeypointId } from '../geometry/body.ts';
import { FOREGROUND_LEVEL } from '../gpu/kernels/network-input.reference.ts';
import { label } from './binary-image.ts';
import { LARGEST_HOLE } from './dark-cloth.ts';

/** The trunk reaches this share of the thigh below the hip joints; the legs part farther down. */
const BELOW_HIPS = 0.3;
/** Share of a hole that must lie in the trunk. */
const INSIDE_SHARE = 0.9;

const CORNERS: readonly KeypointId[] = ['leftShoulder', 'rightShoulder', 'rightHip', 'leftHip'];

type Point = readonly [x: number, y: number];

/** Outline of the trunk on the canvas; null where a shoulder or a hip was not seen. */
function trunkOf({ keypoints, estimated }: CanvasPose): readonly Point[] | null {
  if (CORNERS.some((id) => estimated.includes(id))) return null;
  const at = (id: KeypointId): Point => {
    const i = 3 * KEYPOINT_IDS.indexOf(id);
    return [keypoints[i], keypoints[i + 1]];
  };
  const below = (hip: KeypointId, knee: KeypointId): Point => {
    const [from, to] = [at(hip), at(knee)];
    const share = estimated.includes(knee) ? 0 : BELOW_HIPS;
    return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
  };
  return [
    at('leftShoulder'),
    at('rightShoulder'),
    at('rightHip'),
    below('rightHip', 'rightKnee'),
    below('leftHip', 'leftKnee'),
    at('leftHip'),
  ];
}

/** Even-odd rule. */
function isInside(outline: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  outline.forEach(([x1, y1], i) => {
    const [x0, y0] = outline[(i + outline.length - 1) % outline.length];
    if (y1 > y !== y0 > y && x < x1 + ((y - y1) / (y0 - y1)) * (x0 - x1)) inside = !inside;
  });
  return inside;
}

/**
 * @param matte canvas, person >= 128; stays as it is.
 * @param pose  on the same canvas.
 * @returns the matte itself, or a new one without holes in the trunk.
 */
export function* fillTrunkHolesSteps(matte: GreyImage, pose: CanvasPose): Steps<GreyImage> {
  const trunk = trunkOf(pose);
  if (!trunk) return matte;
  const { width, height } = matte;
  const person = { width, height, data: matte.data.map((v) => (v >= FOREGROUND_LEVEL ? 1 : 0)) };
  yield;
  const holes = label(person, 0, false);
  yield;
  const near = holes.components.map(
    ({ area, left, top, right, bottom }) =>
      area <= LARGEST_HOLE && isInside(trunk, (left + right - 1) / 2, (top + bottom - 1) / 2),
  );
  if (!near.includes(true)) return matte;
  const indices = holes.indices();
  const filled = holes.components.map(({ area, left, top, right, bottom }, index) => {
    if (!near[index]) return false;
    let inside = 0;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        if (indices[y * width + x] === index && isInside(trunk, x, y)) inside++;
      }
    }
    return inside >= INSIDE_SHARE * area;
  });
  if (!filled.includes(true)) return matte;
  const data = matte.data.slice();
  holes.paint(data, 255, (_, index) => filled[index]);
  return { width, height, data };
}

export const fillTrunkHoles = atOnce(fillTrunkHolesSteps);
