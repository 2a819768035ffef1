/** Whether an arm hangs on to the body beyond its armpit, by the surface: nothing that weights or a coarse mesh could feign. */
import { DisjointSets } from '../../base/disjoint-sets.ts';
import type { FigureSkeleton, Place } from '../../base/skeleton.ts';

/**
 * Farther from the shoulder's joint than this no armpit lies, m, not in a wide sleeve either. Of 24 arms of held-out people the free
 * ones meet the trunk at 0.08 to 0.22, those that have grown on (a hand in a pocket, an elbow at the waist) at 0.29 and more.
 */
const ARMPIT_METERS = 0.25;

/**
 * How far from the shoulder hand and trunk are still joined: without the surface nearer to the joint than this there is no way from
 * one to the other.
 *
 * @param positions m.
 * @returns m.
 */
export function joinedAt(
  side: 'left' | 'right',
  positions: Float32Array,
  indices: Uint32Array,
  { heads }: FigureSkeleton,
): number {
  const count = positions.length / 3;
  const away = (place: Place) => {
    const out = new Float32Array(count);
    for (let v = 0; v < count; v++) {
      out[v] = Math.hypot(
        positions[v * 3] - place[0],
        positions[v * 3 + 1] - place[1],
        positions[v * 3 + 2] - place[2],
      );
    }
    return out;
  };
  const nearest = (place: Place) => {
    const distances = away(place);
    let best = 0;
    for (let v = 1; v < count; v++) if (distances[v] < distances[best]) best = v;
    return best;
  };
  const [hand, trunk] = [nearest(heads[`${side}Hand`]), nearest(heads.hips)];
  const distances = away(heads[`${side}UpperArm`]);
  // Edges from the farthest to the nearest, each as far as its nearer end, until the two hang together.
  const lengths = new Float32Array(indices.length);
  for (let c = 0; c < indices.length; c++) {
    lengths[c] = Math.min(distances[indices[c]], distances[indices[nextCorner(c)]]);
  }
  const order = Uint32Array.from(lengths.keys()).sort((a, b) => lengths[b] - lengths[a]);
  const sets = new DisjointSets(count);
  for (const c of order) {
    if (!sets.join(indices[c], indices[nextCorner(c)])) continue;
    if (sets.rootOf(hand) === sets.rootOf(trunk)) return lengths[c];
  }
  return 0;
}

const nextCorner = (corner: number) => (corner % 3 === 2 ? corner - 2 : corner + 1);

/** Raised, the arm would pull a web out of the body. */
export function isFused(
  side: 'left' | 'right',
  positions: Float32Array,
  indices: Uint32Array,
  skeleton: FigureSkeleton,
): boolean {
  return joinedAt(side, positions, indices, skeleton) > ARMPIT_METERS;
}
