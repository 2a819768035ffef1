/**
 * Looks at a cloud before the solve: is it usable, and where does it lie in the cube?
 */

import { SURVEY_NUMBERS } from './abi.generated.mjs';
import { badCloud } from './failures.ts';
import type { OrientedCloud } from './types.ts';

const FEWEST_POINTS = 16;
/** Extents whose squares and cubes are still ordinary single-precision numbers. */
const SMALLEST = 1e-9;
const LARGEST = 1e9;
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
  readonly mean: readonly [number, number, number];
  /** Points whose normal has no length; they are left out of the solve. */
  readonly withoutNormal: number;
}

/** @throws SurfaceError E_BAD_CLOUD: no points, or arrays shorter than they. */
export function requireArrays(cloud: OrientedCloud): void {
  const { count, positions, normals } = cloud;
  if (!(count > 0)) throw badCloud('it has no points', 'Check the matte: the figure may be empty.');
  if (
    positions.length < count * 3 ||
    normals.length < count * 3 ||
    cloud.colours.length < count * 3 ||
    cloud.sides.length < count
  ) {
    throw badCloud(`its arrays are shorter than its ${count} points`, 'Make the cloud again.');
  }
}

/**
 * @param first   the first point: the sums are relative to it.
 * @param records the module's survey, SURVEY_NUMBERS a block of points.
 * @throws SurfaceError E_BAD_CLOUD: not finite, no normals, too few points, flat.
 */
export function judgeSurvey(
  count: number,
  first: readonly [number, number, number],
  records: Float64Array,
): CloudSurvey {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  const sums = new Float64Array(SURVEY_NUMBERS);
  for (let at = 0; at < records.length; at += SURVEY_NUMBERS) {
    for (let k = 0; k < 3; k++) {
      low[k] = Math.min(low[k], records[at + k]);
      high[k] = Math.max(high[k], records[at + 3 + k]);
    }
    for (let k = 6; k < SURVEY_NUMBERS; k++) sums[k] += records[at + k];
  }
  const [notFinite, withoutNormal] = [sums[6], sums[7]];
  if (notFinite > 0) {
    throw badCloud(
      `${notFinite} of its points are not finite numbers`,
      'Remove them, or make the depth maps again.',
    );
  }
  const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  if (extent > LARGEST || (extent > 0 && extent < SMALLEST)) {
    throw badCloud(
      `it is ${extent.toExponential(1)} units large, which single precision cannot hold`,
      `Scale it to between ${SMALLEST} and ${LARGEST} units.`,
    );
  }
  if (withoutNormal > count / 2) {
    throw badCloud(`${withoutNormal} of its ${count} points have no normal`, 'Give every point a normal.');
  }
  if (count - withoutNormal < FEWEST_POINTS) {
    throw badCloud(`it has only ${count - withoutNormal} points`, `Use at least ${FEWEST_POINTS} points.`);
  }
  const shift = [sums[8] / count, sums[9] / count, sums[10] / count];
  if (isFlat(count, shift, sums.subarray(11))) {
    throw badCloud('all points lie on a plane, a line or one spot', 'Use points from all around the body.');
  }
  const mean: [number, number, number] = [first[0] + shift[0], first[1] + shift[1], first[2] + shift[2]];
  return { low, high, mean, withoutNormal };
}

/** Whether the smallest spread of the cloud is nothing beside its largest. @param sums of xx xy xz yy yz zz. */
function isFlat(count: number, mean: readonly number[], sums: Float64Array): boolean {
  const spread = (sum: number, a: number, b: number) => sum - count * mean[a] * mean[b];
  const xx = spread(sums[0], 0, 0);
  const xy = spread(sums[1], 0, 1);
  const xz = spread(sums[2], 0, 2);
  const yy = spread(sums[3], 1, 1);
  const yz = spread(sums[4], 1, 2);
  const zz = spread(sums[5], 2, 2);
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
