/**
 * Looks at a cloud before the solve: is it usable, where does it lie in the cube, does it come from a depth map.
 */
import type { OrientedCloud } from '../../src/gpu/kernel-set.ts';
import { badCloud } from './failures.ts';

/** The camera of the method's frame: FACTS section 5. Height above the plane r = 1, in its units. */
export const CAMERA_Z = 1 / 1.0367394227574303;
/** Focal length in px of the 2048 canvas: 1024 / tan 25 degrees. */
export const FOCAL_PX = 1024 / Math.tan((25 * Math.PI) / 180);

const FEWEST_POINTS = 16;
/** Free border round the figure, each side, as a share of the cube; and at least this many cells. */
const BORDER_SHARE = 0.045;
const BORDER_CELLS = 5;

export interface Frame {
  readonly origin: readonly [number, number, number];
  /** Cells per unit. */
  readonly scale: number;
}

export interface CloudSurvey {
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
  /** Points whose normal has no length; they are left out of the solve. */
  readonly withoutNormal: number;
}

/** @throws StageError E_BAD_CLOUD: too few points, wrong array lengths, not finite, no normals, flat. */
export function surveyCloud(cloud: OrientedCloud): CloudSurvey {
  const { count, positions, normals } = cloud;
  if (count === 0) throw badCloud('it has no points', 'Check the matte: the figure may be empty.');
  if (
    positions.length < count * 3 ||
    normals.length < count * 3 ||
    cloud.colours.length < count * 3 ||
    cloud.sides.length < count
  ) {
    throw badCloud(`its arrays are shorter than its ${count} points`, 'Make the cloud again.');
  }
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  let withoutNormal = 0;
  let notFinite = 0;
  for (let i = 0; i < count * 3; i += 3) {
    const x = positions[i];
    const y = positions[i + 1];
    const z = positions[i + 2];
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]);
    if (!Number.isFinite(x + y + z + length)) notFinite++;
    if (!(length > 1e-6)) withoutNormal++;
    if (x < low[0]) low[0] = x;
    if (x > high[0]) high[0] = x;
    if (y < low[1]) low[1] = y;
    if (y > high[1]) high[1] = y;
    if (z < low[2]) low[2] = z;
    if (z > high[2]) high[2] = z;
  }
  if (notFinite > 0) {
    throw badCloud(
      `${notFinite} of its points are not finite numbers`,
      'Remove them, or make the depth maps again.',
    );
  }
  if (withoutNormal > count / 2) {
    throw badCloud(`${withoutNormal} of its ${count} points have no normal`, 'Give every point a normal.');
  }
  if (count - withoutNormal < FEWEST_POINTS) {
    throw badCloud(`it has only ${count - withoutNormal} points`, `Use at least ${FEWEST_POINTS} points.`);
  }
  if (isFlat(cloud)) {
    throw badCloud('all points lie on a plane, a line or one spot', 'Use points from all around the body.');
  }
  return { low, high, withoutNormal };
}

/** Whether the smallest spread of the cloud is nothing beside its largest. */
function isFlat({ count, positions }: OrientedCloud): boolean {
  const mean = [0, 0, 0];
  for (let i = 0; i < count * 3; i++) mean[i % 3] += positions[i] / count;
  let xx = 0;
  let xy = 0;
  let xz = 0;
  let yy = 0;
  let yz = 0;
  let zz = 0;
  for (let i = 0; i < count * 3; i += 3) {
    const x = positions[i] - mean[0];
    const y = positions[i + 1] - mean[1];
    const z = positions[i + 2] - mean[2];
    xx += x * x;
    xy += x * y;
    xz += x * z;
    yy += y * y;
    yz += y * z;
    zz += z * z;
  }
  // Smallest eigenvalue over the largest is about det / trace^3.
  const trace = xx + yy + zz;
  const det = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
  return !(trace > 0) || det < 1e-10 * trace ** 3;
}

/** The cube: centred on the cloud, with a free border on all sides. */
export function frameFor(survey: CloudSurvey, depth: number): Frame {
  const { low, high } = survey;
  const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  const cells = 2 ** depth;
  const side = Math.max(extent / (1 - 2 * BORDER_SHARE), (extent * cells) / (cells - 2 * BORDER_CELLS));
  return {
    origin: [(low[0] + high[0] - side) / 2, (low[1] + high[1] - side) / 2, (low[2] + high[2] - side) / 2],
    scale: cells / side,
  };
}

/**
 * Whether the points lie on the centres of the canvas's pixels as the method's camera sees them. Then each point's
 * area is known exactly; otherwise it is estimated from the density.
 */
export function isDepthMap({ count, positions }: OrientedCloud): boolean {
  const step = Math.max(1, Math.floor(count / 4000));
  let onCentre = 0;
  let looked = 0;
  for (let i = 0; i < count; i += step) {
    const z = CAMERA_Z - positions[i * 3 + 2];
    if (z > 0.1) {
      const column = (positions[i * 3] / z) * FOCAL_PX;
      const row = (positions[i * 3 + 1] / z) * FOCAL_PX;
      // Centres lie at half steps from the canvas's middle.
      const offColumn = Math.abs(column - Math.floor(column) - 0.5);
      const offRow = Math.abs(row - Math.floor(row) - 0.5);
      if (offColumn < 0.1 && offRow < 0.1) onCentre++;
    }
    looked++;
  }
  return onCentre > 0.8 * looked;
}
