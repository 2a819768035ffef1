/**
 * Points that hang in the air round a body: outliers too near for separate-groups.ts to tell from it. One is scattered when its
 * neighbours are much farther from it than theirs from them, or much farther than anywhere in the cloud.
 */
import { NEIGHBOURS, neighbourSearch } from './neighbours.ts';

/** Of the neighbours, the one whose distance counts: a few outliers beside each other do not hide themselves. */
const LOOKED_AT = 6;
/** Distances, in those of the neighbours, and in the cloud's median. A body may be ten times denser in one part (100 by area). */
const BESIDE = 4;
const ANYWHERE = 12;
/** Points looked at to tell whether any are scattered, and the share that may be. */
const SAMPLE = 4000;
const FEW = 0.003;
/** Dimensions from which on scattered points fill a volume; fewer points do not tell. */
const VOLUME = 2.42;
const FEWEST_FOR_DIMENSION = 40;
/** Points whose distances are counted, to four times as many. */
const PAIRS = 500;
const FEW_POINTS = 4;

/**
 * @param positions finite and distinct enough, 3 per point.
 * @param others    scattered points that were found before: they help to tell what the ones found here are.
 * @returns indices of the points that stay, in order; null when all do.
 */
export function withoutScattered(positions: Float32Array, others: Float32Array): Uint32Array | null {
  const count = positions.length / 3;
  if (count <= NEIGHBOURS) return null;
  const search = neighbourSearch(positions);
  const found = new Int32Array(count * NEIGHBOURS);
  const reach = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    search(i, found, i * NEIGHBOURS);
    reach[i] = reachOf(positions, i, found[i * NEIGHBOURS + LOOKED_AT - 1]);
  }
  const usual = median(reach);
  if (!(usual > 0)) return null;
  const kept = new Uint32Array(count);
  let stays = 0;
  const beside = new Float32Array(LOOKED_AT);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < LOOKED_AT; k++) {
      const j = found[i * NEIGHBOURS + k];
      beside[k] = j < 0 ? Infinity : reach[j];
    }
    beside.sort();
    const isScattered =
      reach[i] > ANYWHERE * usual || (reach[i] > 2 * usual && reach[i] > BESIDE * beside[LOOKED_AT >> 1]);
    if (!isScattered) kept[stays++] = i;
  }
  if (stays === count) return null;
  const away = new Float32Array((count - stays) * 3 + others.length);
  let to = 0;
  for (let i = 0, k = 0; i < count; i++) {
    if (k < stays && kept[k] === i) k++;
    else away.set(positions.subarray(i * 3, i * 3 + 3), 3 * to++);
  }
  away.set(others, to * 3);
  // A part of the body that is far thinner sampled than the rest is a surface too.
  if (dimensionOf(away) < VOLUME) return null;
  return kept.slice(0, stays);
}

/**
 * How many dimensions points fill, 2 for a surface, 3 for a volume (less where they are few, because of its border); Infinity for too
 * few to tell. From the number of points within two distances (correlation dimension, Grassberger & Procaccia 1983): it
 * also holds for points in an even lattice.
 */
export function dimensionOf(positions: Float32Array): number {
  const count = positions.length / 3;
  if (count < FEWEST_FOR_DIMENSION) return Infinity;
  const step = Math.max(1, Math.floor(count / PAIRS));
  const looked = Math.ceil(count / step);
  const squares = new Float64Array(Math.min(count, PAIRS * 4));
  const every = Math.max(1, Math.floor(count / squares.length));
  // The first pass finds the distance within which a few points lie, the second counts.
  const own = new Float64Array(looked);
  let [near, far] = [0, 0];
  for (let pass = 0; pass < 2; pass++) {
    const within = pass === 1 ? own.slice().sort()[looked >> 1] : 0;
    for (let a = 0; a < looked; a++) {
      const i = a * step;
      for (let b = 0; b < squares.length; b++)
        squares[b] = b * every === i ? Infinity : reachOf(positions, i, b * every) ** 2;
      if (pass === 0) own[a] = squares.slice().sort()[FEW_POINTS];
      else
        for (const square of squares) {
          if (square <= within) near++;
          if (square <= within * 4) far++;
        }
    }
  }
  return near > 0 ? Math.log2(far / near) : Infinity;
}

/** Whether more than a few points are scattered through space, told from a sample. */
export function looksScattered(positions: Float32Array): boolean {
  const count = positions.length / 3;
  if (count <= NEIGHBOURS) return false;
  const search = neighbourSearch(positions);
  const found = new Int32Array(NEIGHBOURS);
  const step = Math.max(1, Math.floor(count / SAMPLE));
  const looked: number[] = [];
  for (let i = 0; i < count; i += step) looked.push(i);
  const reach = Float32Array.from(looked, (i) => {
    search(i, found, 0);
    return reachOf(positions, i, found[LOOKED_AT - 1]);
  });
  const usual = median(reach);
  const away = looked.filter((_, k) => reach[k] > ANYWHERE * usual);
  if (!(usual > 0) || away.length <= looked.length * FEW) return false;
  return (
    dimensionOf(Float32Array.from(away.flatMap((i) => [...positions.subarray(i * 3, i * 3 + 3)]))) >= VOLUME
  );
}

const median = (values: Float32Array) => values.slice().sort()[values.length >> 1];

/** Distance between two points; Infinity without a second. */
const reachOf = (positions: Float32Array, i: number, j: number) =>
  j < 0
    ? Infinity
    : Math.hypot(
        positions[j * 3] - positions[i * 3],
        positions[j * 3 + 1] - positions[i * 3 + 1],
        positions[j * 3 + 2] - positions[i * 3 + 2],
      );
