/**
 * Normals for a cloud that has none: the plane through each point's nearest neighbours, then one side for all of them
 * by walking the neighbour graph along its smoothest edges (Hoppe et al. 1992: minimum spanning tree of 1 - |n . n'|).
 * Each connected part starts at its point nearest to the camera (largest z), whose normal must point to the camera.
 *
 * It is a guess: thin parts whose two sides are nearer to each other than the points are apart come out wrong.
 */
import { badCloud } from './failures.ts';

/** Beyond, the neighbour graph takes more memory than a process has (2.1 GB for 3 million points). */
const MOST_POINTS = 4_000_000;
const NEIGHBOURS = 12;
/** Edge weights are sorted into this many steps. */
const STEPS = 256;

/**
 * @param positions 3 per point.
 * @returns unit normals, 3 per point; 0 for a point without neighbours.
 * @throws StageError E_BAD_CLOUD when a position is not finite, or there are more than MOST_POINTS.
 */
export function estimateNormals(positions: Float32Array): Float32Array<ArrayBuffer> {
  const count = positions.length / 3;
  if (count > MOST_POINTS) {
    throw badCloud(
      `it has no normals, and ${count} points are too many to estimate them for`,
      `Save it with normals, or with at most ${MOST_POINTS} points.`,
    );
  }
  let notFinite = 0;
  for (const value of positions) if (!Number.isFinite(value)) notFinite++;
  if (notFinite > 0) {
    throw badCloud(`${notFinite} of its coordinates are not finite numbers`, 'Remove those points.');
  }
  const neighbours = nearest(positions, count);
  const normals = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) planeNormal(positions, neighbours, i, normals);
  orient(positions, normals, neighbours, count);
  return normals;
}

/** NEIGHBOURS indices a point, nearest first, -1 where there are fewer. */
function nearest(positions: Float32Array, count: number): Int32Array {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count * 3; i++) {
    low[i % 3] = Math.min(low[i % 3], positions[i]);
    high[i % 3] = Math.max(high[i % 3], positions[i]);
  }
  const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2], 1e-12);
  // About four points a cell where they cover a surface of the size of the box's face.
  const side = Math.max(1, Math.min(1024, Math.floor(Math.sqrt(count / 4))));
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
  for (let b = 0; b < buckets; b++) start[b + 1] += start[b];
  const fill = start.slice();
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[fill[bucketOf[i]]++] = i;

  const result = new Int32Array(count * NEIGHBOURS).fill(-1);
  const distances = new Float64Array(NEIGHBOURS);
  for (let i = 0; i < count; i++) {
    const at = i * NEIGHBOURS;
    let found = 0;
    const cell = [cellOf(i, 0), cellOf(i, 1), cellOf(i, 2)];
    for (let ring = 0; ring < side; ring++) {
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
                result[at + place] = result[at + place - 1];
              }
              distances[place] = d;
              result[at + place] = j;
            }
          }
        }
      }
    }
  }
  return result;
}

/** Direction in which the neighbourhood is thinnest: smallest eigenvector of its covariance. */
function planeNormal(positions: Float32Array, neighbours: Int32Array, i: number, out: Float32Array): void {
  let sx = 0;
  let sy = 0;
  let sz = 0;
  let n = 1;
  const [px, py, pz] = [positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]];
  let xx = 0;
  let xy = 0;
  let xz = 0;
  let yy = 0;
  let yz = 0;
  let zz = 0;
  for (let k = 0; k < NEIGHBOURS; k++) {
    const j = neighbours[i * NEIGHBOURS + k];
    if (j < 0) break;
    const x = positions[j * 3] - px;
    const y = positions[j * 3 + 1] - py;
    const z = positions[j * 3 + 2] - pz;
    sx += x;
    sy += y;
    sz += z;
    xx += x * x;
    xy += x * y;
    xz += x * z;
    yy += y * y;
    yz += y * z;
    zz += z * z;
    n++;
  }
  if (n < 4) return;
  const v = smallestEigenvector(
    xx - (sx * sx) / n,
    xy - (sx * sy) / n,
    xz - (sx * sz) / n,
    yy - (sy * sy) / n,
    yz - (sy * sz) / n,
    zz - (sz * sz) / n,
  );
  out.set(v, i * 3);
}

/** Of a symmetric 3x3 matrix: the eigenvalue in closed form (Smith 1961), then the best cross product of two rows. */
function smallestEigenvector(a: number, b: number, c: number, d: number, e: number, f: number): number[] {
  const scale = Math.max(Math.abs(a), Math.abs(d), Math.abs(f), 1e-300);
  a /= scale;
  b /= scale;
  c /= scale;
  d /= scale;
  e /= scale;
  f /= scale;
  const mean = (a + d + f) / 3;
  const spread = Math.sqrt(
    ((a - mean) ** 2 + (d - mean) ** 2 + (f - mean) ** 2 + 2 * (b * b + c * c + e * e)) / 6,
  );
  let smallest = mean;
  if (spread > 0) {
    const [A, D, F] = [(a - mean) / spread, (d - mean) / spread, (f - mean) / spread];
    const [B, C, E] = [b / spread, c / spread, e / spread];
    const half = (A * (D * F - E * E) - B * (B * F - E * C) + C * (B * E - D * C)) / 2;
    const angle = Math.acos(Math.min(1, Math.max(-1, half))) / 3;
    smallest = mean + 2 * spread * Math.cos(angle + (2 * Math.PI) / 3);
  }
  const rows = [
    [a - smallest, b, c],
    [b, d - smallest, e],
    [c, e, f - smallest],
  ];
  let best = [0, 0, 1];
  let bestLength = 0;
  for (const [r, s] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ]) {
    const [p, q] = [rows[r], rows[s]];
    const cross = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
    const length = Math.hypot(cross[0], cross[1], cross[2]);
    if (length > bestLength) {
      bestLength = length;
      best = cross.map((value) => value / length);
    }
  }
  return best;
}

/** Turns normals so that neighbours agree: Prim's algorithm with the edge weights in STEPS buckets. */
function orient(positions: Float32Array, normals: Float32Array, neighbours: Int32Array, count: number): void {
  // Neighbourhood is not mutual: walk it both ways.
  const start = new Uint32Array(count + 1);
  for (const j of neighbours) if (j >= 0) start[j + 1]++;
  for (let i = 0; i < count; i++) start[i + 1] += start[i];
  const fill = start.slice();
  const reverse = new Uint32Array(start[count]);
  for (let i = 0; i < count; i++) {
    for (let k = i * NEIGHBOURS; k < (i + 1) * NEIGHBOURS; k++) {
      if (neighbours[k] >= 0) reverse[fill[neighbours[k]]++] = i;
    }
  }
  const dot = (i: number, j: number) =>
    normals[i * 3] * normals[j * 3] +
    normals[i * 3 + 1] * normals[j * 3 + 1] +
    normals[i * 3 + 2] * normals[j * 3 + 2];
  const turn = (i: number) => {
    for (let k = 0; k < 3; k++) normals[i * 3 + k] = -normals[i * 3 + k];
  };
  const done = new Uint8Array(count);
  const queue: number[][] = Array.from({ length: STEPS }, () => []);
  let lowest = STEPS;
  const push = (from: number, to: number) => {
    if (done[to]) return;
    // Rounding makes the product of equal normals a little more than 1.
    const step = Math.max(0, Math.min(STEPS - 1, Math.floor((1 - Math.abs(dot(from, to))) * STEPS)));
    queue[step].push(from, to);
    lowest = Math.min(lowest, step);
  };
  const visit = (i: number) => {
    done[i] = 1;
    for (let k = i * NEIGHBOURS; k < (i + 1) * NEIGHBOURS; k++)
      if (neighbours[k] >= 0) push(i, neighbours[k]);
    for (let k = start[i]; k < start[i + 1]; k++) push(i, reverse[k]);
  };
  const seeds = new Uint32Array(count)
    .map((_, i) => i)
    .sort((a, b) => positions[b * 3 + 2] - positions[a * 3 + 2]);
  for (const seed of seeds) {
    if (done[seed]) continue;
    if (normals[seed * 3 + 2] < 0) turn(seed);
    visit(seed);
    while (lowest < STEPS) {
      const edges = queue[lowest];
      if (edges.length === 0) {
        lowest++;
        continue;
      }
      const to = edges.pop() as number;
      const from = edges.pop() as number;
      if (done[to]) continue;
      if (dot(from, to) < 0) turn(to);
      visit(to);
    }
  }
}
