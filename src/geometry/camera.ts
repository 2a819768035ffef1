/**
 * The method's fixed camera: 50 degrees of view, one canvas pixel per pixel of depth. Depth D, in px, runs along the
 * ray; D = size / 2 is distance 1. Final frame: x right, y up, z toward the camera, origin one unit in front of it.
 * Source: docs/method.md#camera-and-cloud.
 */

/** Horizontal and vertical field of view, degrees. */
const FIELD_OF_VIEW_DEG = 50;

/** tan of half the field of view. */
export const HALF_VIEW_TANGENT = Math.tan(((FIELD_OF_VIEW_DEG / 2) * Math.PI) / 180);

/** The reference divides its finished cloud by this; docs/method.md#faults, item 14. */
export const CLOUD_DIVISOR = 1.0367394227574303;

/** Points nearer than this along z (before the final transform) are dropped, as the reference does. */
export const NEAREST_Z = 0.3;

/** Focal length in px of a size x size canvas; 2195.975 at 2048. */
export function focalPx(size: number): number {
  return size / (2 * HALF_VIEW_TANGENT);
}

/** Depth in px per unit of network depth: 512 on the 2048 canvas. */
export function depthUnitPx(size: number): number {
  return size / 4;
}

/** Distance along the ray, in units of the plane at distance 1, of a depth in px. */
export function rayDistance(depthPx: number, size: number): number {
  return (depthPx - size / 2) / focalPx(size) + 1;
}

/** Inverse of rayDistance. */
export function depthAtDistance(distance: number, size: number): number {
  return (distance - 1) * focalPx(size) + size / 2;
}

/** Tangent of the ray angle at each pixel centre along one axis, growing with the index (right, or down). */
export function pixelTangents(size: number): Float64Array<ArrayBuffer> {
  const end = HALF_VIEW_TANGENT * (1 - 1 / size);
  const step = size > 1 ? (2 * end) / (size - 1) : 0;
  const tangents = Float64Array.from({ length: size }, (_, i) => -end + i * step);
  tangents[size - 1] = end;
  return tangents;
}

/**
 * Point of one pixel before the reference's final transform: x right, y down, z away from the camera, camera at 0.
 *
 * @param tangentX of the column, @param tangentY of the row (growing downward), from pixelTangents.
 */
export function unproject(
  tangentX: number,
  tangentY: number,
  distance: number,
): readonly [x: number, y: number, z: number] {
  const scale = distance / Math.sqrt(tangentX * tangentX + tangentY * tangentY + 1);
  return [tangentX * scale, tangentY * scale, scale];
}

/** Camera frame of `unproject` -> the final frame. */
export function cloudFromCamera(
  point: readonly [number, number, number],
): readonly [x: number, y: number, z: number] {
  return [point[0] / CLOUD_DIVISOR, -point[1] / CLOUD_DIVISOR, -(point[2] - 1) / CLOUD_DIVISOR];
}

/** Point of the final frame that one pixel sees at a depth. @param depthPx along the ray; pixel centres at whole numbers. */
export function cloudFromCanvas(
  column: number,
  row: number,
  depthPx: number,
  size: number,
): readonly [x: number, y: number, z: number] {
  const end = HALF_VIEW_TANGENT * (1 - 1 / size);
  const step = (2 * end) / (size - 1);
  return cloudFromCamera(unproject(column * step - end, row * step - end, rayDistance(depthPx, size)));
}

/**
 * Where a point of the final frame is seen on the canvas: inverse of `unproject` and `cloudFromCamera`.
 *
 * @returns column and row in px, pixel centres at whole numbers; not rounded, and off the canvas where it is not seen.
 */
export function canvasFromCloud(
  point: readonly [number, number, number],
  size: number,
): readonly [column: number, row: number] {
  const depth = 1 - point[2] * CLOUD_DIVISOR;
  const end = HALF_VIEW_TANGENT * (1 - 1 / size);
  const step = (2 * end) / (size - 1);
  const indexOf = (across: number) => (across / depth + end) / step;
  return [indexOf(point[0] * CLOUD_DIVISOR), indexOf(-point[1] * CLOUD_DIVISOR)];
}
