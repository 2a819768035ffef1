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
const SAMPLE = 2000;
const FEW = 0.003;

/**
 * @param positions finite and distinct enough, 3 per point.
 * @returns indices of the points that stay, in order; null when all do.
 */
export function withoutScattered(positions: Float32Array): Uint32Array | null {
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
  return stays === count ? null : kept.slice(0, stays);
}

/** Whether more than a few points are scattered, told from a sample. */
export function looksScattered(positions: Float32Array): boolean {
  const count = positions.length / 3;
  if (count <= NEIGHBOURS) return false;
  const search = neighbourSearch(positions);
  const found = new Int32Array(NEIGHBOURS);
  const step = Math.max(1, Math.floor(count / SAMPLE));
  const reach: number[] = [];
  for (let i = 0; i < count; i += step) {
    search(i, found, 0);
    reach.push(reachOf(positions, i, found[LOOKED_AT - 1]));
  }
  const usual = median(Float32Array.from(reach));
  return usual > 0 && reach.filter((r) => r > ANYWHERE * usual).length > reach.length * FEW;
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
