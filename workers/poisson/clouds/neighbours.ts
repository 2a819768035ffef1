/** Nearest neighbours of the points of a cloud: a hash grid, searched in rings of cells. */

/** How many are found a point. */
export const NEIGHBOURS = 12;
/** Rings of cells after which a point is taken to have no more neighbours; the work grows with their cube. */
const MOST_RINGS = 16;
/** Cells along the longest side. */
const MOST_CELLS = 2048;
/** With more points in a point's cell than CROWD the cells are made smaller, for FEW_MATES. */
const CROWD = 64;
const FEW_MATES = 8;

/** Writes NEIGHBOURS indices of a point, nearest first, -1 where there are fewer. */
export type NeighbourSearch = (i: number, out: Int32Array, at: number) => void;

/** @param positions finite, 3 per point; they must not change while the search is used. */
export function neighbourSearch(positions: Float32Array): NeighbourSearch {
  const count = positions.length / 3;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count * 3; i++) {
    low[i % 3] = Math.min(low[i % 3], positions[i]);
    high[i % 3] = Math.max(high[i % 3], positions[i]);
  }
  const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2], 1e-12);
  // About four points a cell where they cover a surface of the size of the box's face; finer where they crowd.
  const first = Math.max(1, Math.min(MOST_CELLS, Math.floor(Math.sqrt(count / 4))));
  const coarse = hashGrid(positions, low, extent, first);
  const side =
    coarse.mates > CROWD
      ? Math.min(MOST_CELLS, Math.ceil(first * Math.sqrt(coarse.mates / FEW_MATES)))
      : first;
  const { start, order, cellOf, hash, scale } =
    side === first ? coarse : hashGrid(positions, low, extent, side);

  const distances = new Float64Array(NEIGHBOURS);
  return (i, out, at) => {
    out.fill(-1, at, at + NEIGHBOURS);
    let found = 0;
    const cell = [cellOf(i, 0), cellOf(i, 1), cellOf(i, 2)];
    for (let ring = 0; ring < Math.min(side, MOST_RINGS); ring++) {
      // Everything in farther rings is at least this far away.
      const reach = ((ring - 1) / scale) ** 2;
      if (found === NEIGHBOURS && ring > 0 && distances[found - 1] <= reach) break;
      if (ring > 8 && found > 3) break;
      for (let dz = -ring; dz <= ring; dz++) {
        for (let dy = -ring; dy <= ring; dy++) {
          const shell = Math.abs(dz) === ring || Math.abs(dy) === ring;
          for (let dx = -ring; dx <= ring; dx += shell || ring === 0 ? 1 : 2 * ring) {
            const [x, y, z] = [cell[0] + dx, cell[1] + dy, cell[2] + dz];
            const bucket = hash(x, y, z);
            for (let k = start[bucket]; k < start[bucket + 1]; k++) {
              const j = order[k];
              if (j === i || cellOf(j, 0) !== x || cellOf(j, 1) !== y || cellOf(j, 2) !== z) continue;
              const d =
                (positions[j * 3] - positions[i * 3]) ** 2 +
                (positions[j * 3 + 1] - positions[i * 3 + 1]) ** 2 +
                (positions[j * 3 + 2] - positions[i * 3 + 2]) ** 2;
              if (found === NEIGHBOURS && d >= distances[found - 1]) continue;
              let place = found < NEIGHBOURS ? found++ : found - 1;
              for (; place > 0 && distances[place - 1] > d; place--) {
                distances[place] = distances[place - 1];
                out[at + place] = out[at + place - 1];
              }
              distances[place] = d;
              out[at + place] = j;
            }
          }
        }
      }
    }
  };
}

/** Points by cell. `mates`: points in the cell of a point, in the mean. */
function hashGrid(positions: Float32Array, low: readonly number[], extent: number, side: number) {
  const count = positions.length / 3;
  const scale = (side - 1e-3) / extent;
  const cellOf = (i: number, axis: number) => Math.floor((positions[i * 3 + axis] - low[axis]) * scale);
  const buckets = 1 << Math.max(4, Math.ceil(Math.log2(count + 1)));
  const hash = (x: number, y: number, z: number) =>
    (Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(z, 83492791)) & (buckets - 1);
  const start = new Uint32Array(buckets + 1);
  const bucketOf = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    bucketOf[i] = hash(cellOf(i, 0), cellOf(i, 1), cellOf(i, 2));
    start[bucketOf[i] + 1]++;
  }
  let squares = 0;
  for (let b = 0; b < buckets; b++) {
    squares += start[b + 1] ** 2;
    start[b + 1] += start[b];
  }
  const fill = start.slice();
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[fill[bucketOf[i]]++] = i;
  return { start, order, cellOf, hash, scale, mates: squares / Math.max(1, count) };
}
