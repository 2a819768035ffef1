/**
 * Whether a mesh is the surface of its cloud: a solve always ends with a closed mesh, also where normals, noise or the grid
 * made a ruin of it. Compared are both on a coarse grid of cells, a fortieth of the cloud wide or more.
 */
import type { OrientedCloud, SurfaceMesh } from '../types.ts';

export interface SurfaceCheck {
  /** Share of the points with surface in their cell or beside it. */
  readonly pointsNear: number;
  /** Share of the mesh's vertices with a point within two cells. */
  readonly verticesNear: number;
  /** How far the mesh reaches beyond the cloud's box, in sizes of the cloud. */
  readonly beyond: number;
  /** Mean cosine of the cells' mean normals, mesh and cloud; 1 for the same directions. */
  readonly normalsAgree: number;
  /** Area of the mesh, in areas of the cloud's box. */
  readonly area: number;
}

const CELLS = 40;
/** Below or beyond these the mesh is no surface of the cloud. A scan of one side has 0.5 of its vertices near points. */
const LEAST_POINTS_NEAR = 0.85;
const LEAST_VERTICES_NEAR = 0.3;
const MOST_BEYOND = 0.3;
const LEAST_AGREEMENT = 0.7;
/** A body is smaller than its box; folds and hair may double it. */
const MOST_AREA = 2.5;
const GUESSED_NOTICE = 0.75;

/** @param cell width of a cell of the solver's grid, or the distance of neighbouring points where that is wider. */
export function checkSurface(mesh: SurfaceMesh, cloud: OrientedCloud, cell: number): SurfaceCheck {
  const box = boxOf(cloud.positions, cloud.count);
  const drawn = boxOf(mesh.positions, mesh.positions.length / 3);
  const size = Math.max(...[0, 1, 2].map((axis) => box.high[axis] - box.low[axis]));
  const width = Math.max(size / CELLS, cell * 2, Number.MIN_VALUE);
  let beyond = 0;
  for (let axis = 0; axis < 3; axis++)
    beyond = Math.max(
      beyond,
      (box.low[axis] - drawn.low[axis]) / size,
      (drawn.high[axis] - box.high[axis]) / size,
    );
  // Two empty cells all round; what lies outside counts as far.
  const sides = [0, 1, 2].map((axis) => Math.ceil((box.high[axis] - box.low[axis]) / width) + 7);
  const cellAt = (positions: Float32Array, i: number): number => {
    let at = 0;
    for (let axis = 2; axis >= 0; axis--) {
      const k = Math.floor((positions[i * 3 + axis] - box.low[axis]) / width) + 3;
      if (!(k >= 2 && k < sides[axis] - 2)) return -1;
      at = at * sides[axis] + k;
    }
    return at;
  };
  const cells = sides[0] * sides[1] * sides[2];
  const ofMesh = new Float32Array(cells * 3);
  const ofCloud = new Float32Array(cells * 3);
  const hasMesh = new Uint8Array(cells);
  const hasPoint = new Uint8Array(cells);
  const vertices = mesh.positions.length / 3;
  const mark = (
    positions: Float32Array,
    normals: Float32Array,
    count: number,
    has: Uint8Array,
    sums: Float32Array,
  ) => {
    for (let i = 0; i < count; i++) {
      const at = cellAt(positions, i);
      if (at === -1) continue;
      has[at] = 1;
      for (let axis = 0; axis < 3; axis++) sums[at * 3 + axis] += normals[i * 3 + axis];
    }
  };
  mark(mesh.positions, mesh.normals, vertices, hasMesh, ofMesh);
  mark(cloud.positions, cloud.normals, cloud.count, hasPoint, ofCloud);
  let agree = 0;
  let weight = 0;
  for (let at = 0; at < cells * 3; at += 3) {
    const a = Math.hypot(ofMesh[at], ofMesh[at + 1], ofMesh[at + 2]);
    const b = Math.hypot(ofCloud[at], ofCloud[at + 1], ofCloud[at + 2]);
    // A cell has one vote, less where its normals cancel.
    if (a === 0 || b === 0) continue;
    const cosine =
      (ofMesh[at] * ofCloud[at] + ofMesh[at + 1] * ofCloud[at + 1] + ofMesh[at + 2] * ofCloud[at + 2]) /
      (a * b);
    agree += cosine;
    weight++;
  }
  const shareNear = (positions: Float32Array, count: number, near: Uint8Array) => {
    let found = 0;
    for (let i = 0; i < count; i++) {
      const at = cellAt(positions, i);
      if (at !== -1 && near[at]) found++;
    }
    return found / Math.max(1, count);
  };
  return {
    pointsNear: shareNear(cloud.positions, cloud.count, widen(hasMesh, sides, 1)),
    verticesNear: shareNear(mesh.positions, vertices, widen(hasPoint, sides, 2)),
    beyond,
    normalsAgree: weight > 0 ? agree / weight : 0,
    area: areaOf(mesh) / boxArea(box),
  };
}

/** What is wrong with the mesh, as the end of a sentence; null when nothing is. */
export function surfaceProblem(check: SurfaceCheck): string | null {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  if (check.beyond > MOST_BEYOND)
    return `the surface bulges out of the cloud by ${percent(check.beyond)} of its size`;
  if (check.pointsNear < LEAST_POINTS_NEAR)
    return `only ${percent(check.pointsNear)} of the points lie near the surface`;
  if (check.verticesNear < LEAST_VERTICES_NEAR)
    return `only ${percent(check.verticesNear)} of the surface lies near points`;
  if (check.area > MOST_AREA)
    return `the points fill a volume instead of covering a surface (${Number(check.area.toPrecision(2))} times the area of their box)`;
  if (check.normalsAgree < LEAST_AGREEMENT) return 'the surface faces another way than the normals say';
  return null;
}

/** A sentence about what is guessed, null where little is. */
export function guessNotice({ verticesNear }: SurfaceCheck): string | null {
  if (verticesNear >= GUESSED_NOTICE) return null;
  return `${Math.round((1 - verticesNear) * 100)} % of the surface has no points near it and is a guess.`;
}

function areaOf({ positions: p, indices }: SurfaceMesh): number {
  let sum = 0;
  for (let at = 0; at < indices.length; at += 3) {
    const [a, b, c] = [indices[at] * 3, indices[at + 1] * 3, indices[at + 2] * 3];
    const [ux, uy, uz] = [p[b] - p[a], p[b + 1] - p[a + 1], p[b + 2] - p[a + 2]];
    const [vx, vy, vz] = [p[c] - p[a], p[c + 1] - p[a + 1], p[c + 2] - p[a + 2]];
    sum += Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx) / 2;
  }
  return sum;
}

function boxArea({
  low,
  high,
}: {
  readonly low: readonly number[];
  readonly high: readonly number[];
}): number {
  const [x, y, z] = [0, 1, 2].map((axis) => high[axis] - low[axis]);
  return 2 * (x * y + y * z + z * x);
}

function boxOf(positions: Float32Array, count: number) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count * 3; i++) {
    const axis = i % 3;
    if (positions[i] < low[axis]) low[axis] = positions[i];
    if (positions[i] > high[axis]) high[axis] = positions[i];
  }
  return { low, high };
}

/** Cells within so many steps of a marked one; the border stays empty. */
function widen(marked: Uint8Array, [w, h, d]: readonly number[], steps: number): Uint8Array {
  let from = marked;
  for (const stride of [1, w, w * h]) {
    const to = from.slice();
    for (let at = steps * stride; at < w * h * d - steps * stride; at++) {
      if (!from[at]) continue;
      for (let k = -steps; k <= steps; k++) to[at + k * stride] = 1;
    }
    from = to;
  }
  return from;
}
