/**
 * A cloud seen through the lens that took the photo. The depth maps stay in the method's camera (docs/method.md#camera-and-cloud),
 * because the networks know no other; their points are moved afterwards to where the photo's lens puts them (framing.ts),
 * and normals with them. A figure that stood off the lens's axis is turned upright last: the surface solver needs the
 * camera to look straight on.
 */
import type { OrientedCloud } from '../base/cloud.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { CANVAS_SIZE } from './body.ts';
import { CLOUD_DIVISOR, focalPx } from './camera.ts';
import type { CanvasCamera } from './framing.ts';

/** How far a camera may be from the method's own and still count as it. */
const SAME = 1e-6;
/** Points between two pauses. */
const BLOCK = 65_536;

/** The method's camera, straight on: nothing has to be moved. */
export function isMethodCamera({ focalPx: focal, yawRad, pitchRad }: CanvasCamera): boolean {
  return Math.abs(focal / focalPx(CANVAS_SIZE) - 1) < SAME && yawRad === 0 && pitchRad === 0;
}

/** Pinhole of a cloud before it is turned, in the cloud's units: at (0, 0, z), looking down -z. */
export function pinholeOf({ focalPx: focal, distance }: CanvasCamera): { z: number; focalPx: number } {
  return { z: distance / CLOUD_DIVISOR, focalPx: focal };
}

/**
 * Turns points or directions about the origin, to the lens's axis or back; in place.
 *
 * @param values 3 each, final frame: x right, y up, z toward the camera.
 */
export function turn(values: Float32Array, { yawRad, pitchRad }: CanvasCamera, back = false): void {
  if (yawRad === 0 && pitchRad === 0) return;
  const [sinYaw, cosYaw] = [Math.sin(yawRad), Math.cos(yawRad)];
  const [sinPitch, cosPitch] = [Math.sin(pitchRad), Math.cos(pitchRad)];
  for (let i = 0; i < values.length; i += 3) {
    const [x, y, z] = [values[i], values[i + 1], values[i + 2]];
    if (back) {
      const forward = cosYaw * z - sinYaw * x;
      values[i] = cosYaw * x + sinYaw * z;
      values[i + 1] = cosPitch * y - sinPitch * forward;
      values[i + 2] = cosPitch * forward + sinPitch * y;
    } else {
      const forward = cosPitch * z - sinPitch * y;
      values[i] = cosYaw * x - sinYaw * forward;
      values[i + 1] = cosPitch * y + sinPitch * z;
      values[i + 2] = cosYaw * forward + sinYaw * x;
    }
  }
}

/**
 * The same cloud as the photo's lens sees it, turned upright.
 *
 * @param cloud of the method's camera (depthToCloud, rimPoints); its arrays are changed.
 */
export function* throughLensSteps(cloud: OrientedCloud, camera: CanvasCamera): Steps<OrientedCloud> {
  if (isMethodCamera(camera)) return cloud;
  const { positions, normals } = cloud;
  const { distance } = camera;
  for (let i = 0; i < positions.length; i += 3) {
    if (i % (3 * BLOCK) === 0) yield;
    // Units of the plane at distance 1, z away from the method's camera.
    const z = 1 - positions[i + 2] * CLOUD_DIVISOR;
    // x of the method is tangent times z; the lens sees the plane at `distance` as large, and the same relief before it.
    const gain = (distance + z - 1) / (distance * z);
    const slope = (1 - distance) / (distance * z * z);
    const [x, y] = [positions[i] * CLOUD_DIVISOR, positions[i + 1] * CLOUD_DIVISOR];
    positions[i] *= gain;
    positions[i + 1] *= gain;
    // Normals by the inverse transpose of that map's derivative; z of the final frame runs the other way.
    const [nx, ny] = [normals[i] / gain, normals[i + 1] / gain];
    const nz = normals[i + 2] + slope * (x * nx + y * ny);
    const length = Math.hypot(nx, ny, nz) || 1;
    normals[i] = nx / length;
    normals[i + 1] = ny / length;
    normals[i + 2] = nz / length;
  }
  yield;
  turn(positions, camera);
  turn(normals, camera);
  return cloud;
}

/** One point of the method's camera, as the lens sees it. */
export function pointThroughLens(
  point: readonly [number, number, number],
  camera: CanvasCamera,
): [number, number, number] {
  const none = { colours: new Uint8Array(3), sides: new Uint8Array(1), pixels: new Uint32Array(1) };
  const cloud = { ...none, count: 1, positions: Float32Array.from(point), normals: Float32Array.of(0, 0, 1) };
  const { positions } = atOnce(throughLensSteps)(cloud, camera);
  return [positions[0], positions[1], positions[2]];
}

/** One point of a figure before a lens, as the method's camera sees it. @param camera left out: the method's own. */
export function pointOutOfLens(
  point: readonly [number, number, number],
  camera?: CanvasCamera,
): [number, number, number] {
  if (!camera) return [...point];
  const given = { positions: Float32Array.from(point), normals: Float32Array.of(0, 0, 1) };
  const { positions } = atOnce(outOfLensSteps<typeof given>)(given, camera);
  return [positions[0], positions[1], positions[2]];
}

/**
 * The same points as the method's camera sees them: the way back from throughLensSteps.
 *
 * @param given points or vertices with their normals; stay the caller's.
 * @returns `given` itself for the method's own camera.
 */
export function* outOfLensSteps<T extends Pick<OrientedCloud, 'positions' | 'normals'>>(
  given: T,
  camera: CanvasCamera,
): Steps<T> {
  if (isMethodCamera(camera)) return given;
  const { distance } = camera;
  const positions = given.positions.slice();
  const normals = given.normals.slice();
  turn(positions, camera, true);
  turn(normals, camera, true);
  for (let i = 0; i < positions.length; i += 3) {
    if (i % (3 * BLOCK) === 0) yield;
    const z = 1 - positions[i + 2] * CLOUD_DIVISOR;
    const gain = (distance + z - 1) / (distance * z);
    const slope = (1 - distance) / (distance * z * z);
    positions[i] /= gain;
    positions[i + 1] /= gain;
    const [x, y] = [positions[i] * CLOUD_DIVISOR, positions[i + 1] * CLOUD_DIVISOR];
    const nz = normals[i + 2] - slope * (x * normals[i] + y * normals[i + 1]);
    const [nx, ny] = [normals[i] * gain, normals[i + 1] * gain];
    const length = Math.hypot(nx, ny, nz) || 1;
    normals[i] = nx / length;
    normals[i + 1] = ny / length;
    normals[i + 2] = nz / length;
  }
  return { ...given, positions, normals };
}
