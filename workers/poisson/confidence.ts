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
 * Samples are sorted into cubes by a hash. Cubes that share a bucket only add samples to look at: the nearest one stays
 * right. The search stops at the first sample within one spacing, because `near` cannot get larger; nine vertices of
 * ten end in their own cube.
 */
import type { OrientedCloud } from '../../src/gpu/kernel-set.ts';

/** What a guessed vertex right beside a sample has. */
const GUESSED_SHARE = 0.5;
/** Spacings that halve the confidence. */
const HALVING = 2;
/** Distances are not measured beyond this many spacings. */
export const FARTHEST = 16;
/** Side of a cube of the search, in spacings. */
const CUBE = 4;

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
  const scale = 1 / spacing;
  const { points, start, mask } = sortIntoCubes(cloud, scale);
  const vertices = positions.length / 3;
  const distances = new Float32Array(vertices);
  for (let v = 0; v < vertices; v++) {
    const x = positions[v * 3] * scale;
    const y = positions[v * 3 + 1] * scale;
    const z = positions[v * 3 + 2] * scale;
    const cx = Math.floor(x / CUBE);
    const cy = Math.floor(y / CUBE);
    const cz = Math.floor(z / CUBE);
    // To the nearest face of the own cube: rings up to r leave nothing nearer than this plus r cubes.
    const inset = Math.min(
      Math.min(x - cx * CUBE, cx * CUBE + CUBE - x),
      Math.min(y - cy * CUBE, cy * CUBE + CUBE - y),
      Math.min(z - cz * CUBE, cz * CUBE + CUBE - z),
    );
    let best = FARTHEST * FARTHEST;
    search: for (let ring = 0; ring <= FARTHEST / CUBE; ring++) {
      if (ring > 0 && (inset + (ring - 1) * CUBE) ** 2 >= best) break;
      for (let dz = -ring; dz <= ring; dz++) {
        for (let dy = -ring; dy <= ring; dy++) {
          const face = Math.abs(dz) === ring || Math.abs(dy) === ring;
          for (let dx = -ring; dx <= ring; dx += face ? 1 : 2 * ring) {
            const bucket = hash(cx + dx, cy + dy, cz + dz) & mask;
            for (let at = start[bucket], end = start[bucket + 1]; at < end; at++) {
              const ox = points[at * 3] - x;
              const oy = points[at * 3 + 1] - y;
              const oz = points[at * 3 + 2] - z;
              const square = ox * ox + oy * oy + oz * oz;
              if (square >= best) continue;
              best = square;
              if (best <= 1) break search;
            }
          }
        }
      }
    }
    distances[v] = best < FARTHEST * FARTHEST ? Math.sqrt(best) : Infinity;
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

function hash(x: number, y: number, z: number): number {
  return Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(z, 83492791);
}

/** The samples, in spacings, ordered by bucket; bucket b holds points start[b] .. start[b + 1]. */
function sortIntoCubes({ count, positions, normals }: OrientedCloud, scale: number) {
  // About sixteen samples a cube, four buckets a cube.
  const buckets = 2 ** Math.max(4, Math.ceil(Math.log2(count / 4)));
  const mask = buckets - 1;
  const start = new Uint32Array(buckets + 1);
  const bucketOf = new Int32Array(count);
  const toCube = scale / CUBE;
  for (let i = 0; i < count; i++) {
    const at = i * 3;
    if (normals[at] === 0 && normals[at + 1] === 0 && normals[at + 2] === 0) {
      bucketOf[i] = -1;
      continue;
    }
    const bucket =
      hash(
        Math.floor(positions[at] * toCube),
        Math.floor(positions[at + 1] * toCube),
        Math.floor(positions[at + 2] * toCube),
      ) & mask;
    bucketOf[i] = bucket;
    start[bucket + 1]++;
  }
  for (let b = 0; b < buckets; b++) start[b + 1] += start[b];
  const fill = start.slice(0, buckets);
  const points = new Float32Array(start[buckets] * 3);
  for (let i = 0; i < count; i++) {
    if (bucketOf[i] === -1) continue;
    const to = fill[bucketOf[i]]++ * 3;
    points[to] = positions[i * 3] * scale;
    points[to + 1] = positions[i * 3 + 1] * scale;
    points[to + 2] = positions[i * 3 + 2] * scale;
  }
  return { points, start, mask };
}
