/**
 * What a person corrected by hand on a figure, as plain data: joints, part boxes, painted outline. Everything in px of the
 * 2048 canvas; left and right are the figure's own. An edit that is not there changes nothing, to the bit.
 */
import type { KeypointId, PartId } from './body.ts';

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
