/** What the photo's overlays show while a correction is dragged: the joints and boxes it would give, computed at once on the page. */
import type { PartReport, RunMode } from '../digitizer/types.ts';
import { KEYPOINT_IDS, type KeypointId, type PartId } from '../geometry/body.ts';
import {
  type BoxChange,
  correctedParts,
  correctedPose,
  type FigureEdits,
  NO_CHANGE,
} from '../geometry/figure-edits.ts';
import { fitParts } from '../geometry/parts.ts';
import type { Placement } from './viewport.ts';

type Table = Float64Array<ArrayBuffer>;

/** @param keypoints of the figure on screen, corrected as it was. @param draft what is being changed; null: nothing. */
export function previewOf(
  keypoints: Table,
  reports: readonly PartReport[],
  mode: RunMode,
  draft: FigureEdits | null,
): { readonly keypoints: Table; readonly reports: readonly PartReport[] } {
  if (!draft) return { keypoints, reports };
  const pose = correctedPose({ keypoints, estimated: [] }, { joints: draft.joints, sidesSwapped: false });
  try {
    const fits = correctedParts(fitParts(pose, mode), draft);
    const corrected = fits.parts.map((part) => ({
      ...part,
      estimated: reports.find((report) => report.part === part.part)?.estimated ?? false,
    }));
    return { keypoints: pose.keypoints, reports: corrected };
  } catch {
    // Impossible as it is held now: the boxes wait where they were, and the run would say why.
    return { keypoints: pose.keypoints, reports };
  }
}

export const withJoint = (edits: FigureEdits, joint: KeypointId, x: number, y: number): FigureEdits => ({
  ...edits,
  joints: { ...edits.joints, [joint]: [x, y] },
});

export const jointId = (index: number): KeypointId => KEYPOINT_IDS[index];

export function withBox(edits: FigureEdits, part: PartId, change: BoxChange): FigureEdits {
  const { [part]: _, ...others } = edits.boxes;
  const isNone = JSON.stringify(change) === JSON.stringify(NO_CHANGE);
  return { ...edits, boxes: isNone ? others : { ...others, [part]: change } };
}

type Point = { readonly x: number; readonly y: number };
export type BoxHandle = 'move' | 'turn' | 'scale';

/** Distance of the turning handle from the box's edge, pane px. */
const TURN_ARM_PX = 30;
const REACH_PX = 18;

const middleOf = ({ corners }: PartReport): Point => ({
  x: corners.reduce((sum, [x]) => sum + x, 0) / 4,
  y: corners.reduce((sum, [, y]) => sum + y, 0) / 4,
});

const inPane = (at: Point, place: Placement): Point => ({
  x: at.x * place.scale + place.offsetX,
  y: at.y * place.scale + place.offsetY,
});

/** Where the turning handle is, pane px: beyond the middle of the box's own bottom edge, away from the label. */
export function turnHandle(report: PartReport, place: Placement): Point {
  const [, , c, d] = report.corners;
  const edge = inPane({ x: (c[0] + d[0]) / 2, y: (c[1] + d[1]) / 2 }, place);
  const middle = inPane(middleOf(report), place);
  const length = Math.hypot(edge.x - middle.x, edge.y - middle.y) || 1;
  return {
    x: edge.x + ((edge.x - middle.x) / length) * TURN_ARM_PX,
    y: edge.y + ((edge.y - middle.y) / length) * TURN_ARM_PX,
  };
}

/** What of a chosen box is under a point of the canvas; null outside. */
export function boxHandleAt(report: PartReport, place: Placement, point: Point): BoxHandle | null {
  const at = inPane(point, place);
  const turn = turnHandle(report, place);
  if (Math.hypot(at.x - turn.x, at.y - turn.y) < REACH_PX) return 'turn';
  for (const [x, y] of report.corners) {
    const corner = inPane({ x, y }, place);
    if (Math.hypot(at.x - corner.x, at.y - corner.y) < REACH_PX) return 'scale';
  }
  return isInside(report, point) ? 'move' : null;
}

function isInside({ corners }: PartReport, { x, y }: Point): boolean {
  let sign = 0;
  for (const [i, [ax, ay]] of corners.entries()) {
    const [bx, by] = corners[(i + 1) % 4];
    const side = Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax));
    if (side === 0) continue;
    if (sign !== 0 && side !== sign) return false;
    sign = side;
  }
  return true;
}

const SCALES = { least: 0.3, most: 3 } as const;

/** The change that a drag of a handle makes of the one before it. */
export function draggedBox(
  handle: BoxHandle,
  before: BoxChange,
  report: PartReport,
  from: Point,
  to: Point,
): BoxChange {
  const middle = middleOf(report);
  if (handle === 'move') return { ...before, dx: before.dx + to.x - from.x, dy: before.dy + to.y - from.y };
  if (handle === 'turn') {
    const turned =
      Math.atan2(to.y - middle.y, to.x - middle.x) - Math.atan2(from.y - middle.y, from.x - middle.x);
    return { ...before, turnRad: wrapped(before.turnRad + turned) };
  }
  const grown =
    Math.hypot(to.x - middle.x, to.y - middle.y) / (Math.hypot(from.x - middle.x, from.y - middle.y) || 1);
  return { ...before, scale: Math.max(SCALES.least, Math.min(SCALES.most, before.scale * grown)) };
}

const wrapped = (rad: number) => Math.atan2(Math.sin(rad), Math.cos(rad));

export function drawBoxHandles(g: CanvasRenderingContext2D, report: PartReport, place: Placement): void {
  const turn = turnHandle(report, place);
  const [, , c, d] = report.corners;
  const edge = inPane({ x: (c[0] + d[0]) / 2, y: (c[1] + d[1]) / 2 }, place);
  g.save();
  g.strokeStyle = '#fff';
  g.fillStyle = '#15171a';
  g.lineWidth = 1.5;
  g.beginPath();
  g.moveTo(edge.x, edge.y);
  g.lineTo(turn.x, turn.y);
  g.stroke();
  g.beginPath();
  g.arc(turn.x, turn.y, 6.5, 0, 2 * Math.PI);
  g.fill();
  g.stroke();
  for (const [x, y] of report.corners) {
    const at = inPane({ x, y }, place);
    g.beginPath();
    g.rect(at.x - 5, at.y - 5, 10, 10);
    g.fill();
    g.stroke();
  }
  g.restore();
}

/** A stroke as it is painted, pane px: its path in the width of its brush. */
export function drawStroke(
  g: CanvasRenderingContext2D,
  { kind, radiusPx, points }: FigureEdits['strokes'][number],
  place: Placement,
): void {
  g.save();
  g.globalAlpha = 0.5;
  g.strokeStyle = kind === 'add' ? '#8fc9a3' : '#e88b7d';
  g.lineWidth = 2 * radiusPx * place.scale;
  g.lineCap = 'round';
  g.lineJoin = 'round';
  g.beginPath();
  for (let i = 0; i + 1 < points.length; i += 2) {
    const [x, y] = [points[i] * place.scale + place.offsetX, points[i + 1] * place.scale + place.offsetY];
    if (i === 0) g.moveTo(x, y);
    g.lineTo(x + 0.01, y);
  }
  g.stroke();
  g.restore();
}

export function drawBrush(g: CanvasRenderingContext2D, at: Point, radiusPx: number, place: Placement): void {
  const { x, y } = inPane(at, place);
  g.save();
  for (const [colour, width] of [
    ['#000a', 3],
    ['#fff', 1.25],
  ] as const) {
    g.beginPath();
    g.arc(x, y, Math.max(1, radiusPx * place.scale), 0, 2 * Math.PI);
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.stroke();
  }
  g.restore();
}
