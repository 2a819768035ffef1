/**
 * How far a mesh can be believed, vertex by vertex: the distance to the nearest sample, and from it and `seen` one
 * value from 0 to 1.
 *
 *   confidence = near * (GUESSED_SHARE + (1 - GUESSED_SHARE) * seen)
 *   near       = 1 up to one spacing, then halved with every HALVING spacings, 0 from FARTHEST on
 *
 * `seen` is 0..1; distances are counted in spacings of the cloud (square root of the median area of a sample), so the
 * value does not depend on units or on the depth of the solve. On a person of 1.8 m at 2048 px a spacing is about 1 mm.
 * It is an order, not a probability: the weights are chosen, nothing was fitted.
 *
 * Search: samples are sorted into cubes of CUBE spacings, 4 x 4 x 4 cubes to a block; blocks without a sample do not
 * exist, and a vertex in the middle of 27 such blocks is done at once. Otherwise rings of cubes, nearest first, until
 * nothing nearer can come or a sample lies within one spacing, where `near` cannot get larger: nine vertices of ten end
 * in their own cube. A hash table instead of blocks took twice as long, because neighbours lie far apart in it.
 */
import type { OrientedCloud } from './types.ts';

/** What a guessed vertex right beside a sample has. */
const GUESSED_SHARE = 0.5;
/** Spacings that halve the confidence. */
const HALVING = 2;
/** Distances are not measured beyond this many spacings. */
export const FARTHEST = 16;
/** Side of a cube of the search, in spacings; a block has 4 cubes a side, so its side is FARTHEST. */
const CUBE = 4;
const BLOCK = FARTHEST;
/** Numbers a block's record has: where its 64 cubes begin, and where the last one ends. */
const RECORD = 65;
/** Blocks in the box round a cloud, at most; beyond, spacings are made longer for the search. */
const MOST_BLOCKS = 1 << 24;

/**
 * @param positions vertices, 3 each.
 * @param cloud     the samples; those without a normal do not count, because the solver leaves them out.
 * @param spacing   of the samples, in the cloud's units; more than 0.
 * @returns per vertex the distance to the nearest sample in spacings: exact from 1 to FARTHEST; some value up to 1 when it
 *   is at most 1; Infinity beyond FARTHEST.
 */
export function measureSupport(
  positions: Float32Array,
  cloud: OrientedCloud,
  spacing: number,
): Float32Array<ArrayBuffer> {
  const grid = sortIntoCubes(cloud, spacing);
  const { points, records, low, unit } = grid;
  const scale = 1 / unit;
  const [free, farthest] = [(spacing / unit) ** 2, (FARTHEST * spacing) / unit];
  const vertices = positions.length / 3;
  const distances = new Float32Array(vertices).fill(Infinity);
  for (let v = 0; v < vertices; v++) {
    const x = (positions[v * 3] - low[0]) * scale;
    const y = (positions[v * 3 + 1] - low[1]) * scale;
    const z = (positions[v * 3 + 2] - low[2]) * scale;
    const cx = Math.floor(x / CUBE);
    const cy = Math.floor(y / CUBE);
    const cz = Math.floor(z / CUBE);
    let best = farthest * farthest;
    // To the nearest face of the own cube: rings up to r leave nothing nearer than this plus r cubes.
    let inset = 0;
    search: for (let ring = 0; ring <= BLOCK / CUBE; ring++) {
      if (ring === 1) {
        inset = Math.min(
          Math.min(x - cx * CUBE, cx * CUBE + CUBE - x),
          Math.min(y - cy * CUBE, cy * CUBE + CUBE - y),
          Math.min(z - cz * CUBE, cz * CUBE + CUBE - z),
        );
        if (best === farthest * farthest && isLonely(grid, cx >> 2, cy >> 2, cz >> 2)) break;
      }
      if (ring > 0 && (inset + (ring - 1) * CUBE) ** 2 >= best) break;
      for (let dz = -ring; dz <= ring; dz++) {
        for (let dy = -ring; dy <= ring; dy++) {
          const face = Math.abs(dz) === ring || Math.abs(dy) === ring;
          for (let dx = -ring; dx <= ring; dx += face ? 1 : 2 * ring) {
            const block = blockAt(grid, (cx + dx) >> 2, (cy + dy) >> 2, (cz + dz) >> 2);
            if (block === 0) continue;
            const cube =
              (block - 1) * RECORD + (((cz + dz) & 3) << 4) + (((cy + dy) & 3) << 2) + ((cx + dx) & 3);
            for (let at = records[cube] * 3, end = records[cube + 1] * 3; at < end; at += 3) {
              const ox = points[at] - x;
              const oy = points[at + 1] - y;
              const oz = points[at + 2] - z;
              const square = ox * ox + oy * oy + oz * oz;
              if (square >= best) continue;
              best = square;
              if (best <= free) break search;
            }
          }
        }
      }
    }
    if (best < farthest * farthest) distances[v] = (Math.sqrt(best) * unit) / spacing;
  }
  return distances;
}

/**
 * @param distances as measureSupport gives them.
 * @param seen      per vertex, 0..255.
 * @returns per vertex, 0..255 for 0..1.
 */
export function confidenceOf(distances: Float32Array, seen: Uint8Array): Uint8Array<ArrayBuffer> {
  const confidence = new Uint8Array(seen.length);
  for (let v = 0; v < seen.length; v++) {
    const distance = distances[v];
    const near = distance <= 1 ? 1 : distance < FARTHEST ? 2 ** ((1 - distance) / HALVING) : 0;
    confidence[v] = Math.round(near * (GUESSED_SHARE * 255 + (1 - GUESSED_SHARE) * seen[v]));
  }
  return confidence;
}

interface Cubes {
  /** Samples cube by cube, 3 each, from `low` in units. */
  readonly points: Float32Array;
  /** RECORD numbers a block that exists: samples of its cube c are those from records[c] to records[c + 1]. */
  readonly records: Uint32Array;
  /** Per block of the box, 0 = no sample, else the number of its record plus 1. */
  readonly blocks: Uint32Array;
  readonly size: readonly [number, number, number];
  readonly low: readonly [number, number, number];
  /** What the search calls one spacing; longer than the cloud's where the cloud is spread very thin. */
  readonly unit: number;
}

function blockAt({ blocks, size }: Cubes, x: number, y: number, z: number): number {
  if (x < 0 || y < 0 || z < 0 || x >= size[0] || y >= size[1] || z >= size[2]) return 0;
  return blocks[(z * size[1] + y) * size[0] + x];
}

/** Whether neither a block nor its 26 neighbours have a sample. */
function isLonely(grid: Cubes, x: number, y: number, z: number): boolean {
  for (let k = 0; k < 27; k++) {
    if (blockAt(grid, x - 1 + (k % 3), y - 1 + (Math.floor(k / 3) % 3), z - 1 + Math.floor(k / 9))) {
      return false;
    }
  }
  return true;
}

function sortIntoCubes({ count, positions, normals }: OrientedCloud, spacing: number): Cubes {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 3; k++) {
      const value = positions[i * 3 + k];
      if (value < low[k]) low[k] = value;
      if (value > high[k]) high[k] = value;
    }
  }
  let unit = spacing;
  const sizeFor = () => [0, 1, 2].map((k) => Math.floor((high[k] - low[k]) / (unit * BLOCK)) + 1);
  while (sizeFor().reduce((a, b) => a * b) > MOST_BLOCKS) unit *= 2;
  const [width, height, deep] = sizeFor();
  const blocks = new Uint32Array(width * height * deep);
  const scale = 1 / unit;

  // Cube of each sample: 64 * (number of its block's record) + cube in the block.
  const cubeOf = new Int32Array(count);
  let records = new Uint32Array(RECORD * 64);
  let existing = 0;
  for (let i = 0; i < count; i++) {
    const at = i * 3;
    if (normals[at] === 0 && normals[at + 1] === 0 && normals[at + 2] === 0) {
      cubeOf[i] = -1;
      continue;
    }
    const x = Math.floor(((positions[at] - low[0]) * scale) / CUBE);
    const y = Math.floor(((positions[at + 1] - low[1]) * scale) / CUBE);
    const z = Math.floor(((positions[at + 2] - low[2]) * scale) / CUBE);
    const block = ((z >> 2) * height + (y >> 2)) * width + (x >> 2);
    if (blocks[block] === 0) {
      blocks[block] = ++existing;
      if (existing * RECORD > records.length) {
        const longer = new Uint32Array(records.length * 2);
        longer.set(records);
        records = longer;
      }
    }
    const cube = (blocks[block] - 1) * RECORD + ((z & 3) << 4) + ((y & 3) << 2) + (x & 3);
    cubeOf[i] = cube;
    records[cube]++;
  }
  // Counts become beginnings; a record's last number is the next record's first.
  let sum = 0;
  for (let r = 0; r < existing * RECORD; r++) {
    const counted = records[r];
    records[r] = sum;
    sum += counted;
  }
  const fill = records.slice(0, existing * RECORD);
  const points = new Float32Array(sum * 3);
  for (let i = 0; i < count; i++) {
    if (cubeOf[i] === -1) continue;
    const to = fill[cubeOf[i]]++ * 3;
    points[to] = (positions[i * 3] - low[0]) * scale;
    points[to + 1] = (positions[i * 3 + 1] - low[1]) * scale;
    points[to + 2] = (positions[i * 3 + 2] - low[2]) * scale;
  }
  return { points, records, blocks, size: [width, height, deep], low, unit };
}
