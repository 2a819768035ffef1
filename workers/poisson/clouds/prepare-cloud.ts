/**
 * Makes a cloud that comes from anywhere fit for the solver: outliers go (separate-groups.ts), normals that are missing,
 * contradictory or inward are estimated or turned. What is done is counted and said.
 */

import { badCloud } from '../failures.ts';
import type { OrientedCloud } from '../types.ts';
import { countOf } from './columns.ts';
import { compareNormals, estimateNormals, type NormalAgreement, orientNormals } from './estimate-normals.ts';
import { looksScattered, withoutScattered } from './scattered-points.ts';
import { MOST_LEFT_OUT, type PointGroups, scattered, separateGroups } from './separate-groups.ts';

const FEWEST_POINTS = 16;
/** Pairs of neighbours with opposite normals: thin parts have some, half of them are random. */
const MOST_OPPOSED = 0.25;
/** Mean |cosine| of given normals with the planes through the points below which they are no normals (0.5: random). */
const LEAST_WITH_PLANE = 0.65;
/** The planes themselves must agree this well before they contradict anything. */
const PLANES_TRUSTED = 0.85;
/** Points that a large cloud is judged by. */
const SOME = 100_000;
/** Of the points, the outermost in a direction. */
const OUTERMOST = 0.01;

/** Where the normals of a prepared cloud come from. */
export type NormalSource = 'given' | 'completed' | 'turned' | 'estimated';

export interface PreparedCloud {
  readonly cloud: OrientedCloud;
  readonly normals: NormalSource;
  /** Points far from the body that were left out. */
  readonly outliers: number;
  /** What was done, whole sentences. */
  readonly notices: readonly string[];
}

export interface PrepareOptions {
  /** Estimate the normals even where there are some. */
  readonly ignoreNormals?: boolean;
}

/**
 * @param cloud finite positions; normals of any length, 0 where there is none. Stays the caller's.
 * @returns a cloud of its own, or the same one where nothing was to do.
 * @throws SurfaceError E_BAD_CLOUD: too few points, bodies too far apart, too many points to estimate normals for.
 */
export function prepareCloud(
  cloud: OrientedCloud,
  { ignoreNormals = false }: PrepareOptions = {},
): PreparedCloud {
  if (!(cloud.count > 0)) throw badCloud('it has no points', 'Choose a file that holds points.');
  if (cloud.count < FEWEST_POINTS)
    throw badCloud(
      `it has only ${countOf(cloud.count, 'point')}`,
      `Use at least ${FEWEST_POINTS} points, from all around the body.`,
    );
  const notices: string[] = [];
  const { kept, bodies, outliers, onOneSpot } = withoutOutliers(cloud);
  if (outliers > 0) {
    const far = `${countOf(outliers, 'point')} far from the body ${outliers === 1 ? 'was' : 'were'} left out`;
    notices.push(onOneSpot > 0 ? `${far}, ${onOneSpot} of them on one spot.` : `${far}.`);
  }
  if (bodies.length > 1)
    notices.push(
      `The cloud holds ${bodies.length} bodies far apart; they share one grid, so each gets a coarser one.`,
    );
  const { normals, source } = settleNormals(kept, ignoreNormals, notices);
  const outward = turnOutward(kept.positions, normals, bodies, source, notices);
  return {
    cloud: outward === kept.normals ? kept : { ...kept, normals: outward },
    normals: source,
    outliers,
    notices,
  };
}

/** Far groups first; where there are scattered points, more of them hang nearer to the body. */
function withoutOutliers(cloud: OrientedCloud) {
  const groups = separateGroups(cloud.positions.subarray(0, cloud.count * 3));
  const { onOneSpot } = groups;
  let outliers = groups.leftOut;
  let kept = groups.kept ? pick(cloud, groups.kept) : cloud;
  if (groups.bodies.length === 0 && (outliers > onOneSpot || looksScattered(pickSome(kept).positions))) {
    const near = withoutScattered(kept.positions, farFrom(cloud, groups));
    if (near) kept = pick(kept, near);
    outliers = cloud.count - kept.count;
    if (outliers - onOneSpot > cloud.count * MOST_LEFT_OUT)
      throw scattered(outliers - onOneSpot, cloud.count);
  }
  return { kept, bodies: groups.bodies, outliers, onOneSpot };
}

/** Positions of the far points that were left out, but for those on one spot. */
function farFrom({ count, positions }: OrientedCloud, { kept, onOneSpot }: PointGroups): Float32Array {
  if (!kept || onOneSpot > 0) return new Float32Array(0);
  const far = new Float32Array((count - kept.length) * 3);
  for (let i = 0, k = 0, to = 0; i < count; i++) {
    if (k < kept.length && kept[k] === i) k++;
    else far.set(positions.subarray(i * 3, i * 3 + 3), 3 * to++);
  }
  return far;
}

function pick(cloud: OrientedCloud, kept: Uint32Array): OrientedCloud {
  const three = <T extends Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(from: T, to: T): T => {
    for (let i = 0; i < kept.length; i++)
      for (let axis = 0; axis < 3; axis++) to[i * 3 + axis] = from[kept[i] * 3 + axis];
    return to;
  };
  const n = kept.length;
  return {
    count: n,
    positions: three(cloud.positions, new Float32Array(n * 3)),
    normals: three(cloud.normals, new Float32Array(n * 3)),
    colours: three(cloud.colours, new Uint8Array(n * 3)),
    sides: Uint8Array.from(kept, (i) => cloud.sides[i]),
  };
}

function settleNormals(
  { count, positions, normals }: OrientedCloud,
  ignore: boolean,
  notices: string[],
): { normals: Float32Array<ArrayBuffer>; source: NormalSource } {
  let missing = 0;
  let broken = false;
  for (let i = 0; i < count * 3; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]);
    if (!(length > 1e-6)) missing++;
    if (!(length < Infinity) || (length <= 1e-6 && length > 0)) broken = true;
  }
  if (missing === count || ignore) {
    if (!ignore)
      notices.push(
        'The cloud has no normals: they are estimated from neighbouring points, which loses detail.',
      );
    return { normals: estimateDistinct(positions, null), source: 'estimated' };
  }
  const some = pickSome({ count, positions, normals });
  const agreement = compareDistinct(some.positions, some.normals);
  if (agreement.planes > PLANES_TRUSTED && agreement.withPlane < LEAST_WITH_PLANE) {
    notices.push(
      'The normals of the cloud do not fit its points: they are estimated from neighbouring points, which loses detail.',
    );
    return { normals: estimateDistinct(positions, null), source: 'estimated' };
  }
  let given = normals;
  let source: NormalSource = 'given';
  if (agreement.opposed > MOST_OPPOSED) {
    notices.push('Normals of neighbouring points point to opposite sides: they are turned to agree.');
    given = orientNormals(positions, withoutBroken(given, broken));
    source = 'turned';
  }
  if (missing > 0) {
    notices.push(
      `${countOf(missing, 'point')} without a normal: ${missing === 1 ? 'it is' : 'they are'} estimated from neighbouring points.`,
    );
    given = estimateDistinct(positions, withoutBroken(given, broken));
    if (source === 'given') source = 'completed';
  }
  return { normals: given, source };
}

/** Normals that are not finite or next to nothing become 0, which means missing. */
function withoutBroken(normals: Float32Array<ArrayBuffer>, broken: boolean): Float32Array<ArrayBuffer> {
  if (!broken) return normals;
  const clean = normals.slice();
  for (let i = 0; i < clean.length; i += 3) {
    const length = Math.hypot(clean[i], clean[i + 1], clean[i + 2]);
    if (!(length > 1e-6 && length < Infinity)) clean.fill(0, i, i + 3);
  }
  return clean;
}

/** estimateNormals on distinct positions: a point's copies are no neighbourhood. */
function estimateDistinct(
  positions: Float32Array<ArrayBuffer>,
  given: Float32Array<ArrayBuffer> | null,
): Float32Array<ArrayBuffer> {
  const { first, distinct } = firstOfEach(positions);
  if (distinct === first.length) return estimateNormals(positions, given ?? undefined);
  const place = new Int32Array(first.length);
  const own = new Float32Array(distinct * 3);
  const ownGiven = given ? new Float32Array(distinct * 3) : undefined;
  for (let i = 0, next = 0; i < first.length; i++) {
    if (first[i] === i) {
      own.set(positions.subarray(i * 3, i * 3 + 3), next * 3);
      place[i] = next++;
    } else place[i] = place[first[i]];
    const at = place[i] * 3;
    if (ownGiven && given && !ownGiven[at] && !ownGiven[at + 1] && !ownGiven[at + 2])
      ownGiven.set(given.subarray(i * 3, i * 3 + 3), at);
  }
  const estimated = estimateNormals(own, ownGiven);
  const normals = new Float32Array(positions.length);
  for (let i = 0; i < place.length; i++) {
    const isGiven = given && (given[i * 3] || given[i * 3 + 1] || given[i * 3 + 2]);
    const from = isGiven
      ? given.subarray(i * 3, i * 3 + 3)
      : estimated.subarray(place[i] * 3, place[i] * 3 + 3);
    normals.set(from, i * 3);
  }
  return normals;
}

/** compareNormals on distinct positions. */
function compareDistinct(positions: Float32Array<ArrayBuffer>, normals: Float32Array): NormalAgreement {
  const { first, distinct } = firstOfEach(positions);
  if (distinct === first.length) return compareNormals(positions, normals);
  const kept = first.filter((j, i) => i === j);
  const take = (from: Float32Array) =>
    Float32Array.from({ length: kept.length * 3 }, (_, k) => from[kept[Math.floor(k / 3)] * 3 + (k % 3)]);
  return compareNormals(take(positions), take(normals));
}

/** Per point the first with the same coordinates. */
function firstOfEach(positions: Float32Array<ArrayBuffer>): { first: Uint32Array; distinct: number } {
  const count = positions.length / 3;
  const words = new Uint32Array(positions.buffer, positions.byteOffset, count * 3);
  const size = 1 << Math.max(4, Math.ceil(Math.log2(count * 2 + 1)));
  const slots = new Int32Array(size).fill(-1);
  const first = new Uint32Array(count);
  let distinct = 0;
  for (let i = 0; i < count; i++) {
    const [a, b, c] = [words[i * 3], words[i * 3 + 1], words[i * 3 + 2]];
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
    hash ^= hash >>> 15;
    let slot = hash & (size - 1);
    for (; ; slot = (slot + 1) & (size - 1)) {
      const j = slots[slot];
      if (j === -1) {
        slots[slot] = i;
        first[i] = i;
        distinct++;
        break;
      }
      if (words[j * 3] === a && words[j * 3 + 1] === b && words[j * 3 + 2] === c) {
        first[i] = j;
        break;
      }
    }
  }
  return { first, distinct };
}

/** Enough points to tell what a cloud is like: all of a small one, of others some that no order of the file favours. */
function pickSome({ count, positions, normals }: Pick<OrientedCloud, 'count' | 'positions' | 'normals'>) {
  if (count <= SOME * 2) return { positions, normals };
  const limit = (SOME / count) * 2 ** 32;
  const kept: number[] = [];
  for (let i = 0; i < count; i++) {
    let hash = Math.imul(i ^ (i >>> 16), 0x7feb352d);
    hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
    if ((hash ^ (hash >>> 16)) >>> 0 < limit) kept.push(i);
  }
  const take = (from: Float32Array<ArrayBuffer>) => {
    const to = new Float32Array(kept.length * 3);
    for (let k = 0; k < kept.length; k++)
      for (let axis = 0; axis < 3; axis++) to[k * 3 + axis] = from[kept[k] * 3 + axis];
    return to;
  };
  return { positions: take(positions), normals: take(normals) };
}

/** Turns all normals of a body round where its outermost points say that they point inward. */
function turnOutward(
  positions: Float32Array,
  normals: Float32Array<ArrayBuffer>,
  bodies: readonly Uint32Array[],
  source: NormalSource,
  notices: string[],
): Float32Array<ArrayBuffer> {
  const count = positions.length / 3;
  const sets: readonly (Uint32Array | null)[] = bodies.length > 1 ? bodies : [null];
  const inward = sets.filter((points) => outwardness(positions, normals, points) < 0);
  if (inward.length === 0) return normals;
  const turned = normals.slice();
  for (const points of inward) {
    for (let k = 0; k < (points ? points.length : count); k++) {
      const i = (points ? points[k] : k) * 3;
      for (let axis = i; axis < i + 3; axis++) turned[axis] = -turned[axis];
    }
  }
  if (source === 'given' || source === 'completed')
    notices.push('The normals point into the body: they are turned round.');
  return turned;
}

/**
 * Mean cosine between the normals of the outermost points and the directions in which they are outermost: for any closed body
 * positive, whatever hollows it has. 26 directions.
 */
function outwardness(positions: Float32Array, normals: Float32Array, points: Uint32Array | null): number {
  const total = points ? points.length : positions.length / 3;
  const step = Math.max(1, Math.floor(total / 10_000));
  const looked: number[] = [];
  for (let k = 0; k < total; k += step) looked.push(points ? points[k] : k);
  const outermost = Math.max(1, Math.round(looked.length * OUTERMOST));
  let sum = 0;
  for (let dz = -1; dz <= 1; dz++) {
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const length = Math.hypot(dx, dy, dz);
        if (length === 0) continue;
        const along = (at: Float32Array, i: number) =>
          (at[i * 3] * dx + at[i * 3 + 1] * dy + at[i * 3 + 2] * dz) / length;
        const reach = Float64Array.from(looked, (i) => along(positions, i));
        const limit = Float64Array.from(reach).sort()[reach.length - outermost];
        let own = 0;
        let counted = 0;
        for (let k = 0; k < looked.length; k++) {
          if (reach[k] < limit) continue;
          own += along(normals, looked[k]);
          counted++;
        }
        sum += own / counted;
      }
    }
  }
  return sum / 26;
}
