/**
 * Normals for a cloud that has none: the plane through each point's nearest neighbours, then one side for all of them
 * by walking the neighbour graph along its smoothest edges (Hoppe et al. 1992: minimum spanning tree of 1 - |n . n'|).
 * Each connected part starts at its point nearest to the camera (largest z), whose normal must point to the camera.
 *
 * It is a guess: thin parts whose two sides are nearer to each other than the points are apart come out wrong.
 */
import { badCloud } from '../failures.ts';
import { NEIGHBOURS, neighbourSearch } from './neighbours.ts';

/** Beyond, the neighbour graph takes more memory than a process has (2.1 GB for 3 million points). */
const MOST_POINTS = 4_000_000;
/** Edge weights are sorted into this many steps. */
const STEPS = 256;

/**
 * @param positions 3 per point.
 * @param given     normals that are there, 3 per point; those that are not 0 are kept and lead the others.
 * @returns unit normals, 3 per point; 0 for a point without neighbours.
 * @throws SurfaceError E_BAD_CLOUD when a position is not finite, or there are more than MOST_POINTS.
 */
export function estimateNormals(positions: Float32Array, given?: Float32Array): Float32Array<ArrayBuffer> {
  const count = positions.length / 3;
  const neighbours = allNeighbours(positions);
  const normals = given ? Float32Array.from(given) : new Float32Array(count * 3);
  const fixed = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    if (normals[i * 3] !== 0 || normals[i * 3 + 1] !== 0 || normals[i * 3 + 2] !== 0) fixed[i] = 1;
    else planeNormal(positions, neighbours.subarray(i * NEIGHBOURS, (i + 1) * NEIGHBOURS), i, normals);
  }
  orient(positions, normals, neighbours, fixed);
  return normals;
}

/**
 * The given normals, each on the side on which the estimated one is. The estimate decides, because it is smooth where exact
 * normals of two parts meet at a right angle and say nothing about each other.
 *
 * @throws SurfaceError as estimateNormals.
 */
export function orientNormals(positions: Float32Array, given: Float32Array): Float32Array<ArrayBuffer> {
  const sides = estimateNormals(positions);
  const normals = Float32Array.from(given);
  for (let i = 0; i < normals.length; i += 3) {
    const dot = normals[i] * sides[i] + normals[i + 1] * sides[i + 1] + normals[i + 2] * sides[i + 2];
    if (dot < 0) for (let axis = i; axis < i + 3; axis++) normals[axis] = -normals[axis];
  }
  return normals;
}

function allNeighbours(positions: Float32Array): Int32Array {
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
  const search = neighbourSearch(positions);
  const neighbours = new Int32Array(count * NEIGHBOURS);
  for (let i = 0; i < count; i++) search(i, neighbours, i * NEIGHBOURS);
  return neighbours;
}

/** Points whose normals are compared with their neighbours and with the plane through them. */
const COMPARED = 3000;

export interface NormalAgreement {
  /** Share of pairs of near points whose normals point to opposite sides; 0.5 where the sides are random. */
  readonly opposed: number;
  /** Mean |cosine| between a normal and that of the plane through its point's neighbours; 0.5 where they are random. */
  readonly withPlane: number;
  /** The same between the planes of near points: how far withPlane says anything. */
  readonly planes: number;
}

/** How far given normals fit the points, on COMPARED of them. Points with normal 0 are left out. */
export function compareNormals(positions: Float32Array, normals: Float32Array): NormalAgreement {
  const count = positions.length / 3;
  const search = neighbourSearch(positions);
  const near = new Int32Array(NEIGHBOURS);
  const plane = new Float32Array(3);
  const planeAt = (i: number) => {
    plane.fill(0);
    const own = new Int32Array(NEIGHBOURS);
    search(i, own, 0);
    planeNormal(positions, own, i, plane, 0);
    return [plane[0], plane[1], plane[2]];
  };
  let [pairs, opposed, along, between, looked] = [0, 0, 0, 0, 0];
  const step = Math.max(1, Math.floor(count / COMPARED));
  for (let i = 0; i < count; i += step) {
    const [x, y, z] = normals.subarray(i * 3, i * 3 + 3);
    const length = Math.hypot(x, y, z);
    if (length === 0) continue;
    search(i, near, 0);
    for (let k = 0; k < 4 && near[k] >= 0; k++) {
      const j = near[k] * 3;
      const dot = x * normals[j] + y * normals[j + 1] + z * normals[j + 2];
      if (dot === 0) continue;
      pairs++;
      if (dot < 0) opposed++;
    }
    if (near[0] < 0) continue;
    const own = planeAt(i);
    const next = planeAt(near[0]);
    looked++;
    along += Math.abs(own[0] * x + own[1] * y + own[2] * z) / length;
    between += Math.abs(own[0] * next[0] + own[1] * next[1] + own[2] * next[2]);
  }
  return {
    opposed: pairs > 0 ? opposed / pairs : 0,
    withPlane: looked > 0 ? along / looked : 1,
    planes: looked > 0 ? between / looked : 1,
  };
}

/** Direction in which the neighbourhood is thinnest: smallest eigenvector of its covariance. */
function planeNormal(
  positions: Float32Array,
  neighbours: Int32Array,
  i: number,
  out: Float32Array,
  at = i * 3,
): void {
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
    const j = neighbours[k];
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
  out.set(v, at);
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
function orient(
  positions: Float32Array,
  normals: Float32Array,
  neighbours: Int32Array,
  fixed: Uint8Array,
): void {
  const count = fixed.length;
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
  const spread = () => {
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
  };
  // Given normals first, all of them, then what is connected to them.
  for (let i = 0; i < count; i++) done[i] = fixed[i];
  for (let i = 0; i < count; i++) if (fixed[i]) visit(i);
  spread();
  const seeds = new Uint32Array(count)
    .map((_, i) => i)
    .sort((a, b) => positions[b * 3 + 2] - positions[a * 3 + 2]);
  for (const seed of seeds) {
    if (done[seed]) continue;
    if (normals[seed * 3 + 2] < 0) turn(seed);
    visit(seed);
    spread();
  }
}
