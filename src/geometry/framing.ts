/**
 * Where a person must stand on the canvas. The networks know people who fill about three quarters of the height in the
 * middle of a view of 50 degrees: any other photo is cut or padded to that, and the mapping remembered, so that keypoints,
 * masks and colours still come from the photo's own pixels (robust mode; reference mode takes the photo as it is).
 */
import { CANVAS_SIZE, KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId, type KeypointTable } from './body.ts';
import { focalPx } from './camera.ts';
import { photoFromCanvas, type SquareMapping } from './keypoints.ts';

export interface FigureBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Share of the canvas that a standing figure fills. Bundled samples, rendered as the training is: 0.63 to 0.80. */
const FIGURE_HEIGHT = 0.75;
/** Arms may reach this far before the figure is made smaller for them. */
const FIGURE_WIDTH = 0.9;
/** A photo that is this near already (share of its side) stays as it is. */
const NEAR_ENOUGH = 0.04;
/** Top of the head beyond the nose, and sole below the lowest point of the feet, in nose to ankle (samples: 0.1, 0.02). */
const HEAD_PER_BODY = 0.1;
const SOLE_PER_BODY = 0.02;

const indexOf = (id: KeypointId) => KEYPOINT_IDS.indexOf(id) * 3;

/**
 * Box around a whole figure, from its keypoints.
 *
 * @param keypoints 31 x (x, y, confidence), all placed (completePose): points outside the picture and estimated ones count,
 *   so that a person cut off at the knees keeps the size that the joints say. Any units.
 */
export function figureBox(keypoints: KeypointTable): FigureBox {
  const at = (id: KeypointId) => [keypoints[indexOf(id)], keypoints[indexOf(id) + 1]] as const;
  const middle = (a: KeypointId, b: KeypointId) =>
    [(at(a)[0] + at(b)[0]) / 2, (at(a)[1] + at(b)[1]) / 2] as const;
  const nose = at('nose');
  const ankles = middle('leftAnkle', 'rightAnkle');
  const [bodyX, bodyY] = [nose[0] - ankles[0], nose[1] - ankles[1]];
  const body = Math.hypot(bodyX, bodyY);
  const hips = middle('leftHip', 'rightHip');
  const upper = Math.hypot(nose[0] - hips[0], nose[1] - hips[1]) || 1;
  const head = [
    nose[0] + ((nose[0] - hips[0]) / upper) * HEAD_PER_BODY * body,
    nose[1] + ((nose[1] - hips[1]) / upper) * HEAD_PER_BODY * body,
  ] as const;
  const box = { left: head[0], top: head[1], right: head[0], bottom: head[1] };
  for (let i = 0; i < KEYPOINT_COUNT; i++) {
    const [x, y] = [keypoints[i * 3], keypoints[i * 3 + 1]];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return { ...box, bottom: box.bottom + SOLE_PER_BODY * body };
}

/**
 * The square of the photo that becomes the canvas, around a figure.
 *
 * @param figure in photo px.
 * @param mapping how the photo lies on the canvas when nothing is done.
 * @returns `mapping` itself when the figure stands right in it already. Else offsets are whole photo px, negative where
 *   the photo is cut.
 */
export function framedMapping(figure: FigureBox, mapping: SquareMapping): SquareMapping {
  const height = figure.bottom - figure.top;
  const width = figure.right - figure.left;
  const side = Math.max(2, Math.round(Math.max(height / FIGURE_HEIGHT, width / FIGURE_WIDTH)));
  const left = Math.round((figure.left + figure.right - side) / 2);
  const top = Math.round((figure.top + figure.bottom - side) / 2);
  const now = mapping.canvas / mapping.scale;
  const near =
    Math.abs(side / now - 1) < NEAR_ENOUGH &&
    Math.abs(left + mapping.offsetX) < NEAR_ENOUGH * now &&
    Math.abs(top + mapping.offsetY) < NEAR_ENOUGH * now;
  if (near) return mapping;
  return { ...mapping, offsetX: -left, offsetY: -top, scale: mapping.canvas / side };
}

/** Canvas px of one mapping to those of another of the same photo; confidences stay. New table. */
export function remapped(
  keypoints: KeypointTable,
  from: SquareMapping,
  to: SquareMapping,
): Float64Array<ArrayBuffer> {
  const out = Float64Array.from(keypoints);
  for (let i = 0; i < out.length; i += 3) {
    const [x, y] = photoFromCanvas(from, keypoints[i], keypoints[i + 1]);
    out[i] = (x + to.offsetX) * to.scale;
    out[i + 1] = (y + to.offsetY) * to.scale;
  }
  return out;
}

/** Points of the photo, in a unit of `px` photo px, on the canvas; confidences stay. New table. */
export function remappedToCanvas(
  points: KeypointTable,
  px: number,
  mapping: SquareMapping,
): Float64Array<ArrayBuffer> {
  const out = Float64Array.from(points);
  for (let i = 0; i < out.length; i += 3) {
    out[i] = (points[i] * px + mapping.offsetX) * mapping.scale;
    out[i + 1] = (points[i + 1] * px + mapping.offsetY) * mapping.scale;
  }
  return out;
}

/** A pinhole that sees the canvas: what the depth maps are unprojected through. */
export interface CanvasCamera {
  /** Canvas px. */
  readonly focalPx: number;
  /** Where the figure stands: a canvas px there is as large as one at distance 1 of the method's camera. */
  readonly distance: number;
  /** How the lens looks at the middle of the canvas from its own axis: to the right, and down. 0 without a known lens. */
  readonly yawRad: number;
  readonly pitchRad: number;
}

/**
 * The camera of a framed photo.
 *
 * @param photoFocalPx focal length in photo px (EXIF); null when unknown: then the method's own 50 degrees, straight on, so
 *   that a figure does not depend on where it stood in the photo.
 */
export function cameraOf(mapping: SquareMapping, photoFocalPx: number | null): CanvasCamera {
  const own = focalPx(mapping.canvas);
  if (photoFocalPx === null) return { focalPx: own, distance: 1, yawRad: 0, pitchRad: 0 };
  const [x, y] = photoFromCanvas(mapping, mapping.canvas / 2, mapping.canvas / 2);
  // Off the axis the middle of the canvas is farther from the lens than the axis is: it looks larger by 1 / cos.
  const yawRad = Math.atan((x - mapping.width / 2) / photoFocalPx);
  const pitchRad = Math.atan(((y - mapping.height / 2) / photoFocalPx) * Math.cos(yawRad));
  const focal = (photoFocalPx * mapping.scale) / (Math.cos(yawRad) * Math.cos(pitchRad));
  return { focalPx: focal, distance: focal / own, yawRad, pitchRad };
}

/**
 * A point of a depth map, in units of the method's camera: x right, y down, z away from the lens, the figure's plane at
 * `distance`. The method's own camera gives what `unproject` gives.
 *
 * The networks tell relief before a plane at distance 1: that stays, and the pinhole through which it is seen changes.
 * Then the figure is turned to the lens's axis, so that a person at the edge of a photo who was seen from the side or from
 * above stands upright.
 *
 * @param column, row    canvas px, pixel centres at half steps.
 * @param rayDistance    of the depth map, along the ray of the method's camera (camera.ts).
 */
export function unprojectFramed(
  camera: CanvasCamera,
  column: number,
  row: number,
  rayDistance: number,
): readonly [x: number, y: number, z: number] {
  const own = focalPx(CANVAS_SIZE);
  const [right, down] = [column - CANVAS_SIZE / 2, row - CANVAS_SIZE / 2];
  const relief = rayDistance / Math.hypot(right / own, down / own, 1) - 1;
  const z = camera.distance + relief;
  const [x, y] = [(right / camera.focalPx) * z, (down / camera.focalPx) * z];
  // About the figure, not about the lens: it stays where it is and turns.
  const [sinPitch, cosPitch] = [Math.sin(camera.pitchRad), Math.cos(camera.pitchRad)];
  const [sinYaw, cosYaw] = [Math.sin(camera.yawRad), Math.cos(camera.yawRad)];
  const from = z - camera.distance;
  const y1 = cosPitch * y + sinPitch * from;
  const z1 = cosPitch * from - sinPitch * y;
  return [cosYaw * x + sinYaw * z1, y1, cosYaw * z1 - sinYaw * x + camera.distance];
}
