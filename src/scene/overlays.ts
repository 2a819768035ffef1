/** Draws what lies on the photo: the skeleton of the keypoints and the boxes of the parts. Canvas 2D, pane px. */
import type { PartReport } from '../digitizer/types.ts';
import { KEYPOINT_IDS, type KeypointId, KIND_OF_PART, type PartId } from '../geometry/body.ts';
import { KIND_COLOURS } from './colour.ts';
import type { Placement } from './viewport.ts';

const index = (id: KeypointId) => KEYPOINT_IDS.indexOf(id);

/** Bones by the kind of part they run through, so that colours mean the same everywhere. */
const BONES: readonly (readonly [from: KeypointId, to: KeypointId, colour: string])[] = [
  ['nose', 'leftEye', KIND_COLOURS.face],
  ['nose', 'rightEye', KIND_COLOURS.face],
  ['leftEye', 'leftEar', KIND_COLOURS.face],
  ['rightEye', 'rightEar', KIND_COLOURS.face],
  ['leftShoulder', 'rightShoulder', KIND_COLOURS.upper],
  ['leftShoulder', 'leftHip', KIND_COLOURS.upper],
  ['rightShoulder', 'rightHip', KIND_COLOURS.upper],
  ['leftHip', 'rightHip', KIND_COLOURS.upper],
  ...(['left', 'right'] as const).flatMap(
    (side) =>
      [
        [`${side}Shoulder`, `${side}Elbow`, KIND_COLOURS.arm],
        [`${side}Elbow`, `${side}Wrist`, KIND_COLOURS.arm],
        [`${side}Wrist`, `${side}Finger1`, KIND_COLOURS.arm],
        [`${side}Wrist`, `${side}Finger2`, KIND_COLOURS.arm],
        [`${side}Wrist`, `${side}Finger3`, KIND_COLOURS.arm],
        [`${side}Wrist`, `${side}Finger4`, KIND_COLOURS.arm],
        [`${side}Hip`, `${side}Knee`, KIND_COLOURS.leg],
        [`${side}Knee`, `${side}Ankle`, KIND_COLOURS.leg],
        [`${side}Ankle`, `${side}Heel`, KIND_COLOURS.foot],
        [`${side}Ankle`, `${side}BigToe`, KIND_COLOURS.foot],
        [`${side}BigToe`, `${side}SmallToe`, KIND_COLOURS.foot],
      ] as const,
  ),
];

const isThere = (table: Float64Array, i: number) =>
  table[i * 3 + 2] > 0 || table[i * 3] !== 0 || table[i * 3 + 1] !== 0;

export function drawSkeleton(
  g: CanvasRenderingContext2D,
  table: Float64Array,
  place: Placement,
  active: number | null,
): void {
  const x = (i: number) => table[i * 3] * place.scale + place.offsetX;
  const y = (i: number) => table[i * 3 + 1] * place.scale + place.offsetY;
  g.save();
  g.lineCap = 'round';
  for (const pass of ['shade', 'line'] as const) {
    g.lineWidth = pass === 'shade' ? 5 : 2.25;
    for (const [from, to, colour] of BONES) {
      const a = index(from);
      const b = index(to);
      if (!isThere(table, a) || !isThere(table, b)) continue;
      g.strokeStyle = pass === 'shade' ? '#0b0c0e80' : colour;
      g.beginPath();
      g.moveTo(x(a), y(a));
      g.lineTo(x(b), y(b));
      g.stroke();
    }
  }
  for (let i = 0; i < KEYPOINT_IDS.length; i++) {
    if (!isThere(table, i)) continue;
    const small = KEYPOINT_IDS[i].includes('Finger');
    g.beginPath();
    g.arc(x(i), y(i), i === active ? 6 : small ? 2 : 3.5, 0, 2 * Math.PI);
    g.fillStyle = i === active ? '#fff' : '#0e0f11';
    g.strokeStyle = '#f4efe9';
    g.lineWidth = small ? 1 : 1.5;
    g.fill();
    g.stroke();
  }
  g.restore();
}

/** The keypoint within `reach` px of a pane point, nearest first; null when none is. */
export function keypointAt(
  table: Float64Array,
  place: Placement,
  paneX: number,
  paneY: number,
  reach: number,
): number | null {
  let found: number | null = null;
  let best = reach;
  for (let i = 0; i < KEYPOINT_IDS.length; i++) {
    if (!isThere(table, i)) continue;
    const away = Math.hypot(
      table[i * 3] * place.scale + place.offsetX - paneX,
      table[i * 3 + 1] * place.scale + place.offsetY - paneY,
    );
    if (away < best) {
      best = away;
      found = i;
    }
  }
  return found;
}

function trace(g: CanvasRenderingContext2D, report: PartReport, place: Placement): void {
  g.beginPath();
  for (const [i, corner] of report.corners.entries()) {
    const x = corner[0] * place.scale + place.offsetX;
    const y = corner[1] * place.scale + place.offsetY;
    if (i === 0) g.moveTo(x, y);
    else g.lineTo(x, y);
  }
  g.closePath();
}

/** Boxes of all parts; when one is chosen, everything outside it steps back and it carries its name. */
export function drawParts(
  g: CanvasRenderingContext2D,
  reports: readonly PartReport[],
  place: Placement,
  pane: { width: number; height: number },
  chosen: { part: PartId; label: string } | null,
): void {
  g.save();
  const lit = chosen && reports.find((r) => r.part === chosen.part);
  if (lit) {
    trace(g, lit, place);
    g.rect(0, 0, pane.width, pane.height);
    g.fillStyle = '#0c0d0fb8';
    g.fill('evenodd');
  }
  for (const report of reports) {
    if (report === lit) continue;
    trace(g, report, place);
    g.strokeStyle = KIND_COLOURS[KIND_OF_PART[report.part]];
    g.globalAlpha = 0.55;
    g.lineWidth = 1.25;
    g.setLineDash(report.estimated ? [4, 4] : []);
    g.stroke();
  }
  if (lit && chosen) drawChosen(g, lit, place, pane, chosen.label);
  g.restore();
}

const LABEL_HEIGHT = 18;

/** Where the name of a box stands, pane px: a place on one of its edges, and the turn of the text. */
export interface LabelPlace {
  readonly x: number;
  readonly y: number;
  /** In [-45, 45] degrees: always read from left to right. */
  readonly turnRad: number;
}

/**
 * The box's own top edge may be below, or stand upright, when the limb is raised: the name goes on the edge that is uppermost
 * and nearest to level, from its left end, moved along by as much as keeps it in the pane.
 *
 * @param corners of the box, pane px, in either direction around it.
 */
export function labelPlace(
  corners: readonly (readonly [x: number, y: number])[],
  width: number,
  pane: { width: number; height: number },
): LabelPlace {
  const centreY = corners.reduce((sum, [, y]) => sum + y, 0) / corners.length;
  let best: LabelPlace | null = null;
  let bestTurn = Number.POSITIVE_INFINITY;
  for (const [i, a] of corners.entries()) {
    const b = corners[(i + 1) % corners.length];
    const [left, right] = a[0] <= b[0] ? [a, b] : [b, a];
    const turnRad = Math.atan2(right[1] - left[1], right[0] - left[0]);
    const isAbove = (left[1] + right[1]) / 2 <= centreY;
    if (!isAbove || Math.abs(turnRad) >= bestTurn - 1e-6) continue;
    bestTurn = Math.abs(turnRad);
    best = { x: left[0], y: left[1], turnRad };
  }
  const { x, y, turnRad } = best ?? { x: corners[0][0], y: corners[0][1], turnRad: 0 };
  const within = (value: number, least: number, most: number) =>
    Math.max(least, Math.min(Math.max(least, most), value));
  return {
    x: within(x, 2, pane.width - 2 - width * Math.cos(turnRad)),
    y: within(y, LABEL_HEIGHT + 2, pane.height - 2),
    turnRad,
  };
}

function drawChosen(
  g: CanvasRenderingContext2D,
  report: PartReport,
  place: Placement,
  pane: { width: number; height: number },
  label: string,
): void {
  const colour = KIND_COLOURS[KIND_OF_PART[report.part]];
  trace(g, report, place);
  g.globalAlpha = 1;
  g.lineWidth = 2.5;
  g.lineJoin = 'round';
  g.strokeStyle = colour;
  g.setLineDash(report.estimated ? [6, 4] : []);
  g.stroke();
  g.font = '600 11px "Inter Variable", system-ui, sans-serif';
  const width = g.measureText(label).width + 12;
  const corners = report.corners.map(
    ([x, y]) => [x * place.scale + place.offsetX, y * place.scale + place.offsetY] as const,
  );
  const at = labelPlace(corners, width, pane);
  g.translate(at.x, at.y);
  g.rotate(at.turnRad);
  g.fillStyle = colour;
  g.beginPath();
  g.roundRect(-1.25, -LABEL_HEIGHT - 1, width, LABEL_HEIGHT, [4, 4, 0, 0]);
  g.fill();
  g.fillStyle = '#15120e';
  g.fillText(label, 4.75, -6);
}
