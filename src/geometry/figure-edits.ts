/**
 * What a person corrected by hand on a figure, as plain data: joints, part boxes, painted outline. Everything in px of the
 * 2048 canvas; left and right are the figure's own. An edit that is not there changes nothing, to the bit.
 */
import { StageError } from '../base/errors.ts';
import {
  type Affine,
  CANVAS_SIZE,
  type CanvasPose,
  CROP_SIZES,
  KEYPOINT_IDS,
  type KeypointId,
  KIND_OF_PART,
  PART_IDS,
  type PartId,
} from './body.ts';
import { cropCorners } from './crop.ts';
import type { PartFits, PartGeometry } from './parts.ts';
import { invertAffine } from './similarity.ts';

/** How a part's box differs from the one that its joints give: moved, then turned and scaled about its own middle. */
export interface BoxChange {
  readonly dx: number;
  readonly dy: number;
  readonly turnRad: number;
  readonly scale: number;
}

export interface PaintStroke {
  readonly kind: 'add' | 'remove';
  readonly radiusPx: number;
  /** 1: a sharp rim; 0: fades from its middle on. */
  readonly hardness: number;
  /** Stops where the photo's colour changes from that under the brush's middle. */
  readonly edgeAware: boolean;
  /** x, y of each point. */
  readonly points: readonly number[];
}

/** Parts that have a partner on the other side. */
export const LIMBS = ['UpperArm', 'Forearm', 'Thigh', 'Shin', 'Foot'] as const;
export type Limb = (typeof LIMBS)[number];

export interface FigureEdits {
  readonly joints: Readonly<Partial<Record<KeypointId, readonly [x: number, y: number]>>>;
  /** All joints of the left side are those of the right, and the other way round; moved joints are named as after it. */
  readonly sidesSwapped: boolean;
  readonly boxes: Readonly<Partial<Record<PartId, BoxChange>>>;
  /** Parts that give nothing to the merge: the coarse shape is taken there. */
  readonly hidden: readonly PartId[];
  /** Limbs whose left and right boxes are exchanged. */
  readonly swappedLimbs: readonly Limb[];
  /** In the order they were painted. */
  readonly strokes: readonly PaintStroke[];
}

export const NO_EDITS: FigureEdits = {
  joints: {},
  sidesSwapped: false,
  boxes: {},
  hidden: [],
  swappedLimbs: [],
  strokes: [],
};

export const NO_CHANGE: BoxChange = { dx: 0, dy: 0, turnRad: 0, scale: 1 };

export function isUnedited(edits: FigureEdits): boolean {
  return (
    !hasPoseEdits(edits) && !hasBoxEdits(edits) && edits.strokes.length === 0 && edits.hidden.length === 0
  );
}

export function hasPoseEdits({ joints, sidesSwapped }: FigureEdits): boolean {
  return sidesSwapped || Object.keys(joints).length > 0;
}

export function hasBoxEdits({ boxes, swappedLimbs }: FigureEdits): boolean {
  return swappedLimbs.length > 0 || Object.keys(boxes).length > 0;
}

/** Half a limb's parts: `Forearm` -> leftForearm, rightForearm. */
export const limbParts = (limb: Limb): readonly [PartId, PartId] => [`left${limb}`, `right${limb}`];

const LEFT_RIGHT = (id: string) =>
  id.startsWith('left') ? id.replace('left', 'right') : id.replace('right', 'left');

/** The id on the other side; its own where there is none. */
export const otherSide = <Id extends KeypointId | PartId>(id: Id): Id => LEFT_RIGHT(id) as Id;

/** Corrected points stay this far inside the canvas, px: coordinate 0 means "absent" to the method. */
const CANVAS_RIM_PX = 1;

const onCanvas = (value: number) => Math.max(CANVAS_RIM_PX, Math.min(CANVAS_SIZE - CANVAS_RIM_PX, value));

/** @returns the pose as corrected; the same object when nothing was. A moved joint is as sure as one that was seen. */
export function correctedPose(
  pose: CanvasPose,
  { joints, sidesSwapped }: Pick<FigureEdits, 'joints' | 'sidesSwapped'>,
): CanvasPose {
  const moved = Object.keys(joints) as KeypointId[];
  if (!sidesSwapped && moved.length === 0) return pose;
  const keypoints = pose.keypoints.slice();
  let { estimated } = pose;
  if (sidesSwapped) {
    for (const [i, id] of KEYPOINT_IDS.entries()) {
      const from = KEYPOINT_IDS.indexOf(otherSide(id)) * 3;
      keypoints.set(pose.keypoints.subarray(from, from + 3), i * 3);
    }
    estimated = estimated.map(otherSide);
  }
  for (const id of moved) {
    const [x, y] = joints[id] as readonly [number, number];
    keypoints.set([onCanvas(x), onCanvas(y), 1], KEYPOINT_IDS.indexOf(id) * 3);
  }
  return { keypoints, estimated: estimated.filter((id) => !moved.includes(id)) };
}

/** imageFromPart with its box moved, then turned and scaled about its middle; coordinates in [-1, 1]. */
export function changedBox(imageFromPart: Affine, { dx, dy, turnRad, scale }: BoxChange): Affine {
  const [cos, sin] = [scale * Math.cos(turnRad), scale * Math.sin(turnRad)];
  const [a, b, tx, c, d, ty] = imageFromPart;
  return Float32Array.of(
    cos * a - sin * c,
    cos * b - sin * d,
    tx + (2 * dx) / CANVAS_SIZE,
    sin * a + cos * c,
    sin * b + cos * d,
    ty + (2 * dy) / CANVAS_SIZE,
  );
}

/**
 * The fits with corrected boxes; the same object when none is.
 *
 * @throws StageError E_SINGULAR_PART when a box lies outside the canvas: its network would see nothing.
 */
export function correctedParts(
  fits: PartFits,
  { boxes, swappedLimbs }: Pick<FigureEdits, 'boxes' | 'swappedLimbs'>,
): PartFits {
  if (swappedLimbs.length === 0 && Object.keys(boxes).length === 0) return fits;
  const imageFromPart = [...fits.imageFromPart];
  const partFromImage = [...fits.partFromImage];
  const stored = [...fits.fits];
  for (const limb of swappedLimbs) {
    const [left, right] = limbParts(limb).map((part) => PART_IDS.indexOf(part));
    for (const list of [imageFromPart, partFromImage, stored])
      [list[left], list[right]] = [list[right], list[left]];
  }
  const changed = new Set(swappedLimbs.flatMap(limbParts));
  for (const [index, part] of PART_IDS.entries()) {
    const change = boxes[part];
    if (!change) continue;
    changed.add(part);
    const to = changedBox(imageFromPart[index], change);
    const back = invertAffine(to);
    if (!back) throw unplaceable(part, 'has no size');
    imageFromPart[index] = to;
    partFromImage[index] = back;
    stored[index] = back;
  }
  const parts = fits.parts.map((geometry, index) => {
    const { part } = geometry;
    if (!changed.has(part)) return geometry;
    const corners = cropCorners(imageFromPart[index], CROP_SIZES[KIND_OF_PART[part]]);
    if (isOffCanvas(corners)) throw unplaceable(part, 'lies outside the photo');
    return { ...geometry, corners, scale: Math.hypot(imageFromPart[index][0], imageFromPart[index][3]) };
  });
  return { fits: stored, imageFromPart, partFromImage, parts };
}

/** True when no part of the box's bounding box is on the canvas. */
function isOffCanvas(corners: PartGeometry['corners']): boolean {
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return (
    Math.max(...xs) <= 0 ||
    Math.max(...ys) <= 0 ||
    Math.min(...xs) >= CANVAS_SIZE ||
    Math.min(...ys) >= CANVAS_SIZE
  );
}

/** `leftUpperArm` -> left upper arm. */
const inWords = (part: PartId) => part.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function unplaceable(part: PartId, why: string): StageError {
  return new StageError('parts', 'E_SINGULAR_PART', `The box of the ${inWords(part)} ${why}.`, {
    fix: 'Move it so that it lies on the person. The figure before stays as it was.',
  });
}
