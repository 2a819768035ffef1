/**
 * Finer where it matters: the triangles inside given spheres (a face, a hand) are split, and their vertices moved along their
 * normals onto a surface that was solved there alone, on cells as fine as those of a deeper grid. A sphere of an eighth of
 * the figure's height at depth 8 has the cells of depth 11 and costs a fiftieth of a solve of depth 11. The mesh stays what it
 * was: closed and manifold, because splitting keeps that, and the same outside, because the way a vertex goes fades to 0 at
 * the sphere's edge.
 *
 * Tried and left: the nearest place of the fine surface instead of the one along the normal (lids and lips fold);
 * cutting the sphere out and sewing the fine surface in (hair and hands have many borders there).
 */
import { distinctPositions } from './distinct-positions.ts';
import { partCrossings } from './part-crossings.ts';
import { simplifyMesh } from './simplify.ts';
import type { OrientedCloud, SurfaceMesh } from './types.ts';

/** A place that deserves more triangles. */
export interface Focus {
  /** In the cloud's frame and unit. */
  readonly centre: readonly [number, number, number];
  readonly radius: number;
}

/** Points are taken from this many radii around the centre: what lies behind the edge must not matter inside it. */
const POINTS_RADII = 1.3;
/** From this share of the radius on, vertices go a smaller part of their way. */
const WHOLE_SHARE = 0.75;
/** A vertex looks for the fine surface this far out and in, in cells of the coarse grid. */
const REACH_CELLS = 1.3;
/** Cosine between the normals of both surfaces below which they are not the same sheet. */
const SAME_SHEET = 0.35;
/** Ways of neighbours may differ by this share of the distance between them; steeper ones are smoothed. */
const STEEPEST = 0.6;
const SMOOTHINGS = 3;
/** Points without which nothing can be solved. */
const LEAST_POINTS = 2000;
/** Cells along the longest side of a grid leave this margin on both sides (frame.ts). */
const LARGEST_DEPTH = 9;
const SMALLEST_DEPTH = 6;

export interface RefineOptions {
  /** Width of a cell of the grid that the mesh came from, in the cloud's units. */
  readonly cell: number;
  /** Times that a triangle's edges are halved inside a focus. */
  readonly halvings: number;
  /** Most triangles of the result; those inside a focus stay. */
  readonly triangles: number;
}

/** Solves a part of the cloud. @param depth of its own grid. */
export type SolvePart = (part: OrientedCloud, depth: number) => Promise<SurfaceMesh> | SurfaceMesh;

/**
 * @param mesh  closed; not changed.
 * @param cloud that it was solved from.
 * @returns a closed mesh of at most about that many triangles.
 */
export async function refineMesh(
  mesh: SurfaceMesh,
  cloud: OrientedCloud,
  focuses: readonly Focus[],
  options: RefineOptions,
  solve: SolvePart,
): Promise<SurfaceMesh> {
  let refined = mesh;
  for (const focus of focuses) refined = await refinedAt(refined, cloud, focus, options, solve);
  const keep = new Uint8Array(refined.seen.length);
  for (const focus of focuses) {
    for (let v = 0; v < keep.length; v++) if (weightAt(refined.positions, v, focus) > 0.5) keep[v] = 1;
  }
  if (refined.indices.length / 3 > options.triangles) return simplifyMesh(refined, options.triangles, keep);
  if (refined === mesh) return mesh;
  const positions = distinctPositions(refined.positions);
  return {
    ...refined,
    positions: partCrossings(positions, refined.indices, touching(refined.indices, keep)).positions,
  };
}

/** Triangles with a marked corner. */
function touching(indices: Uint32Array, marked: Uint8Array): Uint32Array {
  const found: number[] = [];
  for (let t = 0; t < indices.length / 3; t++) {
    if (marked[indices[t * 3]] || marked[indices[t * 3 + 1]] || marked[indices[t * 3 + 2]]) found.push(t);
  }
  return Uint32Array.from(found);
}

async function refinedAt(
  mesh: SurfaceMesh,
  cloud: OrientedCloud,
  focus: Focus,
  { cell, halvings }: RefineOptions,
  solve: SolvePart,
): Promise<SurfaceMesh> {
  const part = pointsIn(cloud, focus, POINTS_RADII);
  if (part.count < LEAST_POINTS) return mesh;
  const fineCell = cell / 2 ** halvings;
  const depth = Math.round(Math.log2((2.2 * POINTS_RADII * focus.radius) / fineCell));
  const fine = await solve(part, Math.min(LARGEST_DEPTH, Math.max(SMALLEST_DEPTH, depth)));
  let split = mesh;
  for (let k = 0; k < halvings; k++) split = halved(split, focus);
  return moved(split, fine, focus, cell, fineCell);
}

function pointsIn(cloud: OrientedCloud, { centre, radius }: Focus, radii: number): OrientedCloud {
  const kept: number[] = [];
  const most = (radius * radii) ** 2;
  const { positions } = cloud;
  for (let i = 0; i < cloud.count; i++) {
    const x = positions[i * 3] - centre[0];
    const y = positions[i * 3 + 1] - centre[1];
    const z = positions[i * 3 + 2] - centre[2];
    if (x * x + y * y + z * z < most) kept.push(i);
  }
  const count = kept.length;
  const triples = <A extends Float32Array | Uint8Array>(from: A, into: A): A => {
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < 3; k++) into[i * 3 + k] = from[kept[i] * 3 + k];
    }
    return into;
  };
  return {
    count,
    positions: triples(positions, new Float32Array(count * 3)) as Float32Array<ArrayBuffer>,
    normals: triples(cloud.normals, new Float32Array(count * 3)) as Float32Array<ArrayBuffer>,
    colours: triples(cloud.colours, new Uint8Array(count * 3)) as Uint8Array<ArrayBuffer>,
    sides: Uint8Array.from(kept, (i) => cloud.sides[i]),
  };
}

/** 1 inside, 0 from the radius on. */
function weightAt(positions: Float32Array, v: number, { centre, radius }: Focus): number {
  const away = Math.hypot(
    positions[v * 3] - centre[0],
    positions[v * 3 + 1] - centre[1],
    positions[v * 3 + 2] - centre[2],
  );
  const t = (radius - away) / (radius * (1 - WHOLE_SHARE));
  if (t <= 0) return 0;
  return t >= 1 ? 1 : t * t * (3 - 2 * t);
}

/** Edges with both ends inside are halved; triangles are split so that neighbours fit. */
function halved(mesh: SurfaceMesh, focus: Focus): SurfaceMesh {
  const { positions, indices } = mesh;
  const vertices = mesh.seen.length;
  const inside = new Uint8Array(vertices);
  for (let v = 0; v < vertices; v++) if (weightAt(positions, v, focus) > 0) inside[v] = 1;
  const middles = new Map<number, number>();
  const ends: number[] = [];
  const middle = (a: number, b: number): number => {
    if (!inside[a] || !inside[b]) return -1;
    const key = Math.min(a, b) * vertices + Math.max(a, b);
    let found = middles.get(key);
    if (found === undefined) {
      found = vertices + ends.length / 2;
      middles.set(key, found);
      ends.push(a, b);
    }
    return found;
  };
  const out: number[] = [];
  for (let i = 0; i < indices.length; i += 3) {
    const [a, b, c] = [indices[i], indices[i + 1], indices[i + 2]];
    if (!inside[a] && !inside[b] && !inside[c]) {
      out.push(a, b, c);
      continue;
    }
    const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
    if (ab >= 0 && bc >= 0 && ca >= 0) out.push(a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca);
    // With both ends of two edges inside, all three are: one edge is left.
    else if (ab >= 0) out.push(a, ab, c, ab, b, c);
    else if (bc >= 0) out.push(b, bc, a, bc, c, a);
    else if (ca >= 0) out.push(c, ca, b, ca, a, b);
    else out.push(a, b, c);
  }
  const more = ends.length / 2;
  const grow = <A extends Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(values: A): A => {
    const width = values.length / vertices;
    const grown = new (values.constructor as new (length: number) => A)((vertices + more) * width);
    grown.set(values);
    for (let m = 0; m < more; m++) {
      const [a, b] = [ends[m * 2] * width, ends[m * 2 + 1] * width];
      for (let k = 0; k < width; k++) grown[(vertices + m) * width + k] = (values[a + k] + values[b + k]) / 2;
    }
    return grown;
  };
  return {
    positions: grow(mesh.positions),
    normals: grow(mesh.normals),
    colours: grow(mesh.colours),
    seen: grow(mesh.seen),
    confidence: grow(mesh.confidence),
    indices: Uint32Array.from(out),
  };
}

/** The vertices inside, on the fine surface: places, normals and colours. */
function moved(
  mesh: SurfaceMesh,
  fine: SurfaceMesh,
  focus: Focus,
  cell: number,
  fineCell: number,
): SurfaceMesh {
  const grid = new TriangleGrid(fine, fineCell * 2);
  const inside: number[] = [];
  for (let v = 0; v < mesh.seen.length; v++) if (weightAt(mesh.positions, v, focus) > 0) inside.push(v);
  const ways = new Float32Array(mesh.seen.length).fill(Number.NaN);
  const hits = new Map<number, Hit>();
  const normals = mesh.normals.slice();
  for (const v of inside) {
    const length = Math.hypot(normals[v * 3], normals[v * 3 + 1], normals[v * 3 + 2]) || 1;
    for (let k = 0; k < 3; k++) normals[v * 3 + k] /= length;
    const hit = grid.along(mesh.positions, normals, v, REACH_CELLS * cell);
    if (!hit) continue;
    ways[v] = hit.way;
    hits.set(v, hit);
  }
  smoothWays(ways, mesh, inside);
  const positions = mesh.positions.slice();
  const colours = mesh.colours.slice();
  const along = normals.slice();
  for (const v of inside) {
    const weight = weightAt(mesh.positions, v, focus);
    const hit = hits.get(v);
    for (let k = 0; k < 3; k++) positions[v * 3 + k] += along[v * 3 + k] * ways[v] * weight;
    if (!hit) continue;
    // Where the way was smoothed, the surface there is another.
    const share = Math.abs(hit.way - ways[v]) < fineCell ? weight : 0;
    let length = 0;
    for (let k = 0; k < 3; k++) {
      const [a, b, c] = [0, 1, 2].map((corner) => fine.indices[hit.triangle * 3 + corner] * 3 + k);
      const mixed = (values: Float32Array | Uint8Array) =>
        values[a] * (1 - hit.wb - hit.wc) + values[b] * hit.wb + values[c] * hit.wc;
      normals[v * 3 + k] += (mixed(fine.normals) - normals[v * 3 + k]) * share;
      colours[v * 3 + k] += Math.round((mixed(fine.colours) - colours[v * 3 + k]) * share);
      length += normals[v * 3 + k] ** 2;
    }
    length = Math.sqrt(length) || 1;
    for (let k = 0; k < 3; k++) normals[v * 3 + k] /= length;
  }
  return { ...mesh, positions, normals, colours };
}

/** Gives vertices that met nothing, or something far from what their neighbours met, their neighbours' mean. */
function smoothWays(
  ways: Float32Array,
  { positions, indices }: SurfaceMesh,
  inside: readonly number[],
): void {
  const place = new Map<number, number>();
  for (let i = 0; i < inside.length; i++) place.set(inside[i], i);
  const neighbours: number[][] = inside.map(() => []);
  for (let i = 0; i < indices.length; i++) {
    const at = place.get(indices[i]);
    if (at === undefined) continue;
    neighbours[at].push(indices[i - (i % 3) + ((i + 1) % 3)]);
  }
  for (let round = 0; round < SMOOTHINGS; round++) {
    const next = new Float32Array(inside.length);
    for (let i = 0; i < inside.length; i++) {
      const v = inside[i];
      let sum = 0;
      let count = 0;
      let length = 0;
      for (const other of neighbours[i]) {
        if (Number.isNaN(ways[other])) continue;
        sum += ways[other];
        length += Math.hypot(
          positions[v * 3] - positions[other * 3],
          positions[v * 3 + 1] - positions[other * 3 + 1],
          positions[v * 3 + 2] - positions[other * 3 + 2],
        );
        count++;
      }
      const mean = count > 0 ? sum / count : Number.NaN;
      const steep = count > 0 && !(Math.abs(ways[v] - mean) < (STEEPEST * length) / count);
      next[i] = steep ? mean : ways[v];
    }
    for (let i = 0; i < inside.length; i++) ways[inside[i]] = next[i];
  }
  for (const v of inside) if (Number.isNaN(ways[v])) ways[v] = 0;
}

interface Hit {
  /** Along the normal, outward positive. */
  readonly way: number;
  readonly triangle: number;
  readonly wb: number;
  readonly wc: number;
}

/** Triangles by the cells of a grid that they touch. */
class TriangleGrid {
  readonly #cells = new Map<number, number[]>();
  readonly #asked: Uint32Array;
  #question = 0;

  constructor(
    readonly mesh: SurfaceMesh,
    readonly width: number,
  ) {
    const { positions, indices } = mesh;
    this.#asked = new Uint32Array(indices.length / 3);
    for (let t = 0; t < indices.length / 3; t++) {
      const corners = [indices[t * 3] * 3, indices[t * 3 + 1] * 3, indices[t * 3 + 2] * 3];
      const [low, high] = [Math.min, Math.max].map((of) =>
        [0, 1, 2].map((k) =>
          this.#at(of(positions[corners[0] + k], positions[corners[1] + k], positions[corners[2] + k])),
        ),
      );
      for (let z = low[2]; z <= high[2]; z++) {
        for (let y = low[1]; y <= high[1]; y++) {
          for (let x = low[0]; x <= high[0]; x++) {
            const key = keyOf(x, y, z);
            const list = this.#cells.get(key);
            if (list) list.push(t);
            else this.#cells.set(key, [t]);
          }
        }
      }
    }
  }

  #at(value: number): number {
    return Math.floor(value / this.width);
  }

  /** The triangle nearest to a vertex along its normal that faces the same way; null where there is none within reach. */
  along(positions: Float32Array, normals: Float32Array, v: number, reach: number): Hit | null {
    this.#question++;
    const o = [positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]];
    const d = [normals[v * 3], normals[v * 3 + 1], normals[v * 3 + 2]];
    let best: Hit | null = null;
    const step = this.width / 2;
    let last = Number.NaN;
    // From the vertex outward and inward in turn, so that the first found ends the search soon.
    const steps = Math.ceil(reach / step);
    for (let s = 0; s <= 2 * steps; s++) {
      const way = ((s + 1) >> 1) * step * (s % 2 === 0 ? 1 : -1);
      if (best && Math.abs(way) > Math.abs(best.way) + this.width) break;
      const key = keyOf(
        this.#at(o[0] + d[0] * way),
        this.#at(o[1] + d[1] * way),
        this.#at(o[2] + d[2] * way),
      );
      if (key === last) continue;
      last = key;
      for (const t of this.#cells.get(key) ?? []) {
        if (this.#asked[t] === this.#question) continue;
        this.#asked[t] = this.#question;
        const hit = this.#cross(t, o, d);
        if (hit && Math.abs(hit.way) <= reach && (!best || Math.abs(hit.way) < Math.abs(best.way)))
          best = hit;
      }
    }
    return best;
  }

  /** Möller and Trumbore, "Fast, minimum storage ray/triangle intersection", 1997. */
  #cross(t: number, o: readonly number[], d: readonly number[]): Hit | null {
    const { positions, indices } = this.mesh;
    const a = indices[t * 3] * 3;
    const b = indices[t * 3 + 1] * 3;
    const c = indices[t * 3 + 2] * 3;
    const ux = positions[b] - positions[a];
    const uy = positions[b + 1] - positions[a + 1];
    const uz = positions[b + 2] - positions[a + 2];
    const vx = positions[c] - positions[a];
    const vy = positions[c + 1] - positions[a + 1];
    const vz = positions[c + 2] - positions[a + 2];
    const px = d[1] * vz - d[2] * vy;
    const py = d[2] * vx - d[0] * vz;
    const pz = d[0] * vy - d[1] * vx;
    const determinant = ux * px + uy * py + uz * pz;
    // A normal of the triangle against the direction: twice its area times the cosine.
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    const area = Math.sqrt(nx * nx + ny * ny + nz * nz);
    if (nx * d[0] + ny * d[1] + nz * d[2] < SAME_SHEET * area || area === 0) return null;
    const sx = o[0] - positions[a];
    const sy = o[1] - positions[a + 1];
    const sz = o[2] - positions[a + 2];
    const wb = (sx * px + sy * py + sz * pz) / determinant;
    if (!(wb >= -1e-6 && wb <= 1 + 1e-6)) return null;
    const qx = sy * uz - sz * uy;
    const qy = sz * ux - sx * uz;
    const qz = sx * uy - sy * ux;
    const wc = (d[0] * qx + d[1] * qy + d[2] * qz) / determinant;
    if (!(wc >= -1e-6 && wb + wc <= 1 + 1e-6)) return null;
    return { way: (vx * qx + vy * qy + vz * qz) / determinant, triangle: t, wb, wc };
  }
}

const keyOf = (x: number, y: number, z: number) => (x + 32768) * 2 ** 32 + (y + 32768) * 65536 + (z + 32768);
