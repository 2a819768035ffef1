/**
 * Error of a mesh against the analytic person, in mm for a body of 1.8 m. `visible`: vertices near a point of the clean
 * cloud; `gap`: the others, which nothing saw. Normals: of faces, at their centres, visible part. Every STEP-th vertex
 * and face is measured.
 */
import type { OrientedCloud } from '../../src/base/cloud.ts';
import { FRAME_SCALE } from './clouds.ts';
import { distanceToSurface, FOCAL_PX, gradient, SIDE_PX, UNITS_PER_METRE } from './person.ts';

const STEP = 7;
/** Cell of the grid that says which places the cloud saw, in units of the person. */
const CELL = 0.0015;

export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly p95: number;
  readonly max: number;
}

export interface MeshErrors {
  readonly visibleMm: Spread;
  readonly gapMm: Spread;
  /**
   * Mean over the gap's area instead of its vertices: an octree's vertices stand thin where no sample is, so the mean
   * over vertices leaves out the most of what is farthest from the samples.
   */
  readonly gapByAreaMm: number;
  readonly normalDeg: Spread;
  /** Vertices that project more than two pixels outside the silhouette. */
  readonly outsideSilhouette: number;
}

export interface Mesh {
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
}

function spread(values: number[]): Spread {
  if (values.length === 0) return { count: 0, mean: 0, p95: 0, max: 0 };
  values.sort((a, b) => a - b);
  return {
    count: values.length,
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    p95: values[Math.floor(values.length * 0.95)],
    max: values[values.length - 1],
  };
}

/** To the person's own frame. */
function toPerson(p: Float32Array, at: number): [number, number, number] {
  return [p[at] * FRAME_SCALE, -p[at + 1] * FRAME_SCALE, 1 - p[at + 2] * FRAME_SCALE];
}

type Vector = [number, number, number];

/** Side of the pieces into which large faces are cut, in units of the person: 1.7 mm. */
const PIECE = 0.0008;

/** Mean distance of the faces' unseen parts, by area, in units of the person. */
function gapByArea({ positions, indices }: Mesh, isSeen: (p: Vector) => boolean): number {
  let area = 0;
  let sum = 0;
  const add = (a: Vector, b: Vector, c: Vector) => {
    const between = (p: Vector, q: Vector) => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
    const [ab, bc, ca] = [between(a, b), between(b, c), between(c, a)];
    const longest = Math.max(ab, bc, ca);
    if (longest > PIECE) {
      const [from, to, apex] = longest === ab ? [a, b, c] : longest === bc ? [b, c, a] : [c, a, b];
      const middle: Vector = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, (from[2] + to[2]) / 2];
      add(from, middle, apex);
      add(middle, to, apex);
      return;
    }
    const centre: Vector = [(a[0] + b[0] + c[0]) / 3, (a[1] + b[1] + c[1]) / 3, (a[2] + b[2] + c[2]) / 3];
    if (isSeen(centre)) return;
    const half = (ab + bc + ca) / 2;
    const size = Math.sqrt(Math.max(0, half * (half - ab) * (half - bc) * (half - ca)));
    area += size;
    sum += size * distanceToSurface(...centre);
  };
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => toPerson(positions, indices[t + k] * 3));
    if (!(isSeen(a) && isSeen(b) && isSeen(c))) add(a, b, c);
  }
  return area > 0 ? sum / area : 0;
}

export type Judge = (mesh: Mesh) => MeshErrors;

/** @param clean the clean cloud: it says what was seen. */
export function judgeAgainst(clean: OrientedCloud): Judge {
  const side = 800;
  const cellOf = (x: number, y: number, z: number) =>
    (Math.floor((z - 0.4) / CELL) * side + Math.floor((y + 0.6) / CELL)) * side +
    Math.floor((x + 0.6) / CELL);
  const seen = new Uint8Array(800 ** 3);
  const inside = new Uint8Array(SIDE_PX * SIDE_PX);
  for (let i = 0; i < clean.count; i++) {
    const [x, y, z] = toPerson(clean.positions, i * 3);
    for (let d = 0; d < 27; d++) {
      const cell = cellOf(
        x + ((d % 3) - 1) * CELL,
        y + ((Math.floor(d / 3) % 3) - 1) * CELL,
        z + (Math.floor(d / 9) - 1) * CELL,
      );
      seen[cell] = 1;
    }
    const row = Math.floor(clean.pixels[i] / SIDE_PX);
    const column = clean.pixels[i] % SIDE_PX;
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) inside[(row + dy) * SIDE_PX + column + dx] = 1;
    }
  }
  const mm = 1000 / UNITS_PER_METRE;
  return ({ positions, indices }) => {
    const visible: number[] = [];
    const gap: number[] = [];
    const normals: number[] = [];
    let outsideSilhouette = 0;
    for (let v = 0; v < positions.length / 3; v++) {
      const [x, y, z] = toPerson(positions, v * 3);
      const column = Math.round((x / z) * FOCAL_PX + SIDE_PX / 2 - 0.5);
      const row = Math.round((y / z) * FOCAL_PX + SIDE_PX / 2 - 0.5);
      if (!inside[row * SIDE_PX + column]) outsideSilhouette++;
      if (v % STEP) continue;
      (seen[cellOf(x, y, z)] ? visible : gap).push(distanceToSurface(x, y, z) * mm);
    }
    const g = new Float64Array(3);
    for (let t = 0; t < indices.length; t += 3 * STEP) {
      const [a, b, c] = [0, 1, 2].map((k) => toPerson(positions, indices[t + k] * 3));
      if (!seen[cellOf(...a)]) continue;
      const u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
      const w = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
      const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
      const length = Math.hypot(...n);
      if (length < 1e-9) continue;
      gradient((a[0] + b[0] + c[0]) / 3, (a[1] + b[1] + c[1]) / 3, (a[2] + b[2] + c[2]) / 3, g);
      const cos = Math.abs(n[0] * g[0] + n[1] * g[1] + n[2] * g[2]) / length / Math.hypot(g[0], g[1], g[2]);
      normals.push((Math.acos(Math.min(1, cos)) * 180) / Math.PI);
    }
    const isSeen = (p: Vector) => seen[cellOf(...p)] === 1;
    return {
      visibleMm: spread(visible),
      gapMm: spread(gap),
      gapByAreaMm: gapByArea({ positions, indices }, isSeen) * mm,
      normalDeg: spread(normals),
      outsideSilhouette,
    };
  };
}
