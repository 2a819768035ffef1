/**
 * From keypoints in the photo's pixels to keypoints on the square working canvas.
 * `reference` mode repeats the reference to the letter, its surprises included: after padding, each coordinate that
 * is exactly 0 becomes the middle of the canvas (docs/method.md#keypoints and #faults). `robust` mode recognises missing points in
 * the photo's own frame and estimates them from the rest of the body (missing-joints.ts).
 */
import { CANVAS_SIZE, type CanvasPose, KEYPOINT_COUNT, type KeypointTable } from './body.ts';
import { completePose } from './missing-joints.ts';

export type PoseMode = 'robust' | 'reference';

/** How a photo lies on the square canvas: canvas = (photo + offset) * scale. */
export interface SquareMapping {
  /** Size of the photo, px. */
  readonly width: number;
  readonly height: number;
  /** Side of the canvas, px. */
  readonly canvas: number;
  /** Replicated columns left of, and rows above, the photo; photo px. Negative where the photo is cut (framing.ts). */
  readonly offsetX: number;
  readonly offsetY: number;
  /** Canvas px per photo px. */
  readonly scale: number;
}

/** Centre padding to a square, then resize: offset = floor(half the difference) on the left or top. */
export function squareMapping(width: number, height: number, canvas = CANVAS_SIZE): SquareMapping {
  const side = Math.max(width, height);
  return {
    width,
    height,
    canvas,
    offsetX: Math.floor((side - width) / 2),
    offsetY: Math.floor((side - height) / 2),
    scale: canvas / side,
  };
}

export function canvasFromPhoto(m: SquareMapping, x: number, y: number): [x: number, y: number] {
  return [(x + m.offsetX) * m.scale, (y + m.offsetY) * m.scale];
}

export function photoFromCanvas(m: SquareMapping, x: number, y: number): [x: number, y: number] {
  return [x / m.scale - m.offsetX, y / m.scale - m.offsetY];
}

/** The photo's rectangle on the canvas, px, right and bottom exclusive; outside it the canvas is padding. */
export function photoRectangle(m: SquareMapping): {
  left: number;
  top: number;
  right: number;
  bottom: number;
} {
  const [left, top] = canvasFromPhoto(m, 0, 0);
  const [right, bottom] = canvasFromPhoto(m, m.width, m.height);
  return {
    left: Math.max(0, Math.round(left)),
    top: Math.max(0, Math.round(top)),
    right: Math.min(m.canvas, Math.round(right)),
    bottom: Math.min(m.canvas, Math.round(bottom)),
  };
}

/**
 * Maps 31 keypoints from photo px to canvas px.
 *
 * @param table 31 x (x, y, confidence) in photo px; (0, 0) or confidence 0 means absent. Not changed.
 * @returns a new table. Reference mode: nothing is estimated. Robust mode: estimated points carry confidence 0.
 * @throws StageError E_BAD_KEYPOINTS in robust mode when too few points are there to stand a body on.
 */
export function toCanvas(table: KeypointTable, mapping: SquareMapping, mode: PoseMode): CanvasPose {
  const keypoints = new Float64Array(KEYPOINT_COUNT * 3);
  for (let i = 0; i < KEYPOINT_COUNT; i++) {
    const x = table[i * 3];
    const y = table[i * 3 + 1];
    const confidence = table[i * 3 + 2];
    const [cx, cy] = canvasFromPhoto(mapping, x, y);
    if (mode === 'reference') {
      const middle = mapping.canvas / 2;
      keypoints.set([cx === 0 ? middle : cx, cy === 0 ? middle : cy, confidence], i * 3);
    } else if (confidence > 0 && (x !== 0 || y !== 0)) {
      keypoints.set([cx, cy, confidence], i * 3);
    }
  }
  return mode === 'reference' ? { keypoints, estimated: [] } : completePose(keypoints);
}
