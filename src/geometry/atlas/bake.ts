/**
 * Fills the texels of placed charts. Of each texel it is known where on the textured mesh it lies; from there, along the way
 * its chart is looked at, the nearest place of the full mesh gives colour and normal, and appearance.ts says what the photo
 * and the fine normals make of it. Texels up to two beyond a chart's edge lie on its triangles' planes and are worked out
 * alike, so that filtering across a seam finds the same on both sides; what is then left is filled from around.
 */
import type { RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import type { Steps } from '../../base/steps.ts';
import type { Appearance } from './appearance.ts';
import { neighboursSteps } from './charts.ts';
import type { Placement } from './packing.ts';
import { FRONT, projected } from './projections.ts';

/** Texels beyond a chart's edge that are worked out like its own. */
const SKIRT = 2;
/** The full mesh is looked for within this depth of the textured one, canvas px; beyond, its own vertices answer. */
const REACH_PX = 24;
/** Side of the cells in which triangles of the full mesh are found, canvas px. */
const CELL_PX = 32;

export interface BakeTarget {
  /** sRGB, opaque where a chart is. */
  readonly colour: RgbaImage;
  /** Tangent space; perhaps smaller than colour by a power of two. */
  readonly normal: RgbaImage;
}

/** The textured mesh with its vertices split between charts. */
export interface SplitMesh {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  readonly tangents: Float32Array;
  readonly indices: Uint32Array;
  /** Vertex of the closed mesh. */
  readonly sources: Uint32Array;
}

/** Triangles of the full mesh by where they are seen from one side. */
interface SeenMesh {
  readonly view: Float32Array;
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  readonly starts: Uint32Array;
  readonly triangles: Uint32Array;
}

/**
 * @param split   the mesh with texture, its triangles in the order of `closed`.
 * @param closed  the same before its vertices were split; its colours answer where the full mesh is not near.
 * @param full    the mesh that it was made from; the same object where it is the full mesh itself.
 * @param target  is filled; all zero before.
 */
export function* bakeSteps(
  placements: readonly Placement[],
  split: SplitMesh,
  closed: SurfaceMesh,
  full: SurfaceMesh,
  appearance: Appearance,
  target: BakeTarget,
): Steps<void> {
  const bySide = [...placements].sort((a, b) => a.chart.side - b.chart.side);
  const across = yield* neighboursSteps(split.indices, split.positions.length / 3);
  const baker = new Baker(split, closed, full, appearance, target, across);
  let side = -1;
  let seen: SeenMesh | null = null;
  let view = new Float32Array(0);
  for (const placement of bySide) {
    if (placement.chart.side !== side) {
      side = placement.chart.side;
      view = projected(split.positions, side);
      yield;
      seen = closed === full ? null : yield* seenMeshSteps(full, side);
    }
    yield* appearance.need(appearance.levelFor(placement.scale));
    yield* baker.chartSteps(placement, view, seen);
  }
}

function* seenMeshSteps(full: SurfaceMesh, side: number): Steps<SeenMesh> {
  const view = projected(full.positions, side);
  yield;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < view.length; i += 3) {
    left = Math.min(left, view[i]);
    right = Math.max(right, view[i]);
    top = Math.min(top, view[i + 1]);
    bottom = Math.max(bottom, view[i + 1]);
  }
  const columns = Math.floor((right - left) / CELL_PX) + 1;
  const rows = Math.floor((bottom - top) / CELL_PX) + 1;
  const starts = new Uint32Array(columns * rows + 1);
  const { indices } = full;
  const visit = (t: number, what: (cell: number) => void) => {
    const [a, b, c] = [indices[t * 3] * 3, indices[t * 3 + 1] * 3, indices[t * 3 + 2] * 3];
    const area =
      (view[b] - view[a]) * (view[c + 1] - view[a + 1]) - (view[b + 1] - view[a + 1]) * (view[c] - view[a]);
    // Seen from inside.
    if (area >= 0) return;
    const x0 = Math.floor((Math.min(view[a], view[b], view[c]) - left) / CELL_PX);
    const x1 = Math.floor((Math.max(view[a], view[b], view[c]) - left) / CELL_PX);
    const y0 = Math.floor((Math.min(view[a + 1], view[b + 1], view[c + 1]) - top) / CELL_PX);
    const y1 = Math.floor((Math.max(view[a + 1], view[b + 1], view[c + 1]) - top) / CELL_PX);
    for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) what(y * columns + x);
  };
  const count = indices.length / 3;
  for (let t = 0; t < count; t++) {
    if (t % 8192 === 0) yield;
    visit(t, (cell) => starts[cell + 1]++);
  }
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const next = starts.slice();
  const triangles = new Uint32Array(starts[starts.length - 1]);
  for (let t = 0; t < count; t++) {
    if (t % 8192 === 0) yield;
    visit(t, (cell) => {
      triangles[next[cell]++] = t;
    });
  }
  return { view, left, top, columns, rows, starts, triangles };
}

class Baker {
  /** Triangle of the textured mesh at each texel of the chart; -1: none. */
  #own = new Int32Array(0);
  /** Triangle of the full mesh; -1: none near. */
  #full = new Int32Array(0);
  /** Depth of the textured mesh, canvas px. */
  #depth = new Float32Array(0);
  /** Distance in depth of the full one; on the skirt before that, distance to its triangle. */
  #away = new Float32Array(0);
  readonly #colour = new Float64Array(3);
  readonly #normal = new Float64Array(3);
  readonly #place: [number, number] = [0, 0];

  constructor(
    readonly split: SplitMesh,
    readonly closed: SurfaceMesh,
    readonly full: SurfaceMesh,
    readonly appearance: Appearance,
    readonly target: BakeTarget,
    /** Neighbours within the same chart; -1 at its edge. */
    readonly across: Int32Array,
  ) {}

  *chartSteps(placement: Placement, view: Float32Array, seen: SeenMesh | null): Steps<void> {
    const { width, height } = placement;
    const texels = width * height;
    if (this.#own.length < texels) {
      this.#own = new Int32Array(texels);
      this.#full = new Int32Array(texels);
      this.#depth = new Float32Array(texels);
      this.#away = new Float32Array(texels);
    }
    this.#own.fill(-1, 0, texels);
    this.#full.fill(-1, 0, texels);
    yield;
    yield* this.#ownTriangles(placement, view);
    if (seen) yield* this.#fullTriangles(placement, seen);
    for (let y = 0; y < height; y++) {
      yield;
      this.#row(placement, view, seen, y);
    }
  }

  *#ownTriangles(
    { chart, scale, originX, originY, width, height }: Placement,
    view: Float32Array,
  ): Steps<void> {
    const { indices } = this.split;
    let steps = 0;
    for (const t of chart.triangles) {
      if (++steps % 2048 === 0) yield;
      overTexels(view, indices, t, scale, originX, originY, width, height, 0, (i, wb, wc, d) => {
        if (wb < 0 || wc < 0 || wb + wc > 1) return;
        this.#own[i] = t;
        this.#depth[i] = d;
      });
    }
    // The skirt: the nearest of the edge's triangles, by how far its barycentrics are outside, in texels.
    this.#away.fill(Infinity, 0, width * height);
    for (const t of chart.triangles) {
      if (this.across[t * 3] >= 0 && this.across[t * 3 + 1] >= 0 && this.across[t * 3 + 2] >= 0) continue;
      if (++steps % 2048 === 0) yield;
      overTexels(
        view,
        indices,
        t,
        scale,
        originX,
        originY,
        width,
        height,
        SKIRT,
        (i, wb, wc, d, hb, hc, ha) => {
          const wa = 1 - wb - wc;
          const beyond = Math.max(-wa * ha, -wb * hb, -wc * hc);
          if (beyond > SKIRT * 1.5 || beyond >= this.#away[i]) return;
          if (this.#own[i] !== -1 && this.#away[i] === Infinity) return;
          this.#own[i] = t;
          this.#depth[i] = d;
          this.#away[i] = beyond;
        },
      );
    }
  }

  *#fullTriangles(
    { scale, originX, originY, width, height }: Placement,
    { view, left, top, columns, rows, starts, triangles }: SeenMesh,
  ): Steps<void> {
    this.#away.fill(REACH_PX, 0, width * height);
    const toColumn = (u: number) => Math.min(columns - 1, Math.max(0, Math.floor((u - left) / CELL_PX)));
    const toRow = (v: number) => Math.min(rows - 1, Math.max(0, Math.floor((v - top) / CELL_PX)));
    const x1 = toColumn((originX + width) / scale);
    const y1 = toRow((originY + height) / scale);
    for (let y = toRow(originY / scale); y <= y1; y++) {
      for (let x = toColumn(originX / scale); x <= x1; x++) {
        yield;
        const cell = y * columns + x;
        for (let k = starts[cell]; k < starts[cell + 1]; k++) {
          const t = triangles[k];
          overTexels(
            view,
            this.full.indices,
            t,
            scale,
            originX,
            originY,
            width,
            height,
            0,
            (i, wb, wc, d) => {
              if (this.#own[i] === -1 || wb < 0 || wc < 0 || wb + wc > 1) return;
              const away = Math.abs(d - this.#depth[i]);
              if (away >= this.#away[i]) return;
              this.#away[i] = away;
              this.#full[i] = t;
            },
          );
        }
      }
    }
  }

  #row(placement: Placement, view: Float32Array, seen: SeenMesh | null, y: number): void {
    const { chart, scale, originX, originY, placeX, placeY, width } = placement;
    const { split, closed, full, appearance, target } = this;
    const level = appearance.levelFor(scale);
    const { colour, normal } = target;
    const shrink = colour.width / normal.width;
    const v = (originY + y + 0.5) / scale;
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const t = this.#own[i];
      if (t === -1) continue;
      const u = (originX + x + 0.5) / scale;
      const a = split.indices[t * 3];
      const b = split.indices[t * 3 + 1];
      const c = split.indices[t * 3 + 2];
      const [wa, wb, wc] = barycentric(view, a, b, c, u, v);
      const p = split.positions;
      const px = p[a * 3] * wa + p[b * 3] * wb + p[c * 3] * wc;
      const py = p[a * 3 + 1] * wa + p[b * 3 + 1] * wb + p[c * 3 + 1] * wc;
      const pz = p[a * 3 + 2] * wa + p[b * 3 + 2] * wb + p[c * 3 + 2] * wc;
      // Beyond the triangle attributes stay those of its edge.
      const [ka, kb, kc] = clamped(wa, wb, wc);
      const found = this.#full[i];
      if (found !== -1 && seen) {
        const [fa, fb, fc] = [
          full.indices[found * 3],
          full.indices[found * 3 + 1],
          full.indices[found * 3 + 2],
        ];
        const [qa, qb, qc] = barycentric(seen.view, fa, fb, fc, u, v);
        this.#take(full, fa, fb, fc, qa, qb, qc);
      } else {
        this.#take(closed, split.sources[a], split.sources[b], split.sources[c], ka, kb, kc);
      }
      this.#place[0] = u;
      this.#place[1] = v;
      appearance.at(px, py, pz, chart.side === FRONT ? this.#place : null, level, this.#colour, this.#normal);
      const atX = placeX + x;
      const atY = placeY + y;
      if (atX >= colour.width || atY >= colour.height) continue;
      const out = (atY * colour.width + atX) * 4;
      for (let k = 0; k < 3; k++) colour.data[out + k] = this.#colour[k];
      colour.data[out + 3] = 255;
      if (shrink > 1 && (atX % shrink !== 0 || atY % shrink !== 0)) continue;
      this.#writeNormal((atY / shrink) * normal.width + atX / shrink, a, b, c, ka, kb, kc);
    }
  }

  #take(mesh: SurfaceMesh, a: number, b: number, c: number, wa: number, wb: number, wc: number): void {
    const { colours, normals } = mesh;
    for (let k = 0; k < 3; k++) {
      this.#colour[k] = colours[a * 3 + k] * wa + colours[b * 3 + k] * wb + colours[c * 3 + k] * wc;
      this.#normal[k] = normals[a * 3 + k] * wa + normals[b * 3 + k] * wb + normals[c * 3 + k] * wc;
    }
    const n = this.#normal;
    const length = Math.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2) || 1;
    for (let k = 0; k < 3; k++) n[k] /= length;
  }

  /** The normal in the frame that a reader of the map has at this texel: interpolated tangent and normal, their cross product. */
  #writeNormal(texel: number, a: number, b: number, c: number, wa: number, wb: number, wc: number): void {
    const { normals, tangents } = this.split;
    let nx = normals[a * 3] * wa + normals[b * 3] * wb + normals[c * 3] * wc;
    let ny = normals[a * 3 + 1] * wa + normals[b * 3 + 1] * wb + normals[c * 3 + 1] * wc;
    let nz = normals[a * 3 + 2] * wa + normals[b * 3 + 2] * wb + normals[c * 3 + 2] * wc;
    let tx = tangents[a * 4] * wa + tangents[b * 4] * wb + tangents[c * 4] * wc;
    let ty = tangents[a * 4 + 1] * wa + tangents[b * 4 + 1] * wb + tangents[c * 4 + 1] * wc;
    let tz = tangents[a * 4 + 2] * wa + tangents[b * 4 + 2] * wb + tangents[c * 4 + 2] * wc;
    const n = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
    [nx, ny, nz] = [nx / n, ny / n, nz / n];
    const s = Math.sqrt(tx * tx + ty * ty + tz * tz) || 1;
    [tx, ty, tz] = [tx / s, ty / s, tz / s];
    const [bx, by, bz] = [ny * tz - nz * ty, nz * tx - nx * tz, nx * ty - ny * tx];
    // Rows of the inverse of [t b n], but for its determinant.
    const [dx, dy, dz] = this.#normal;
    const along = dx * (by * nz - bz * ny) + dy * (bz * nx - bx * nz) + dz * (bx * ny - by * nx);
    const up = dx * (ny * tz - nz * ty) + dy * (nz * tx - nx * tz) + dz * (nx * ty - ny * tx);
    const out = dx * (ty * bz - tz * by) + dy * (tz * bx - tx * bz) + dz * (tx * by - ty * bx);
    const length = Math.sqrt(along * along + up * up + out * out) || 1;
    const { data } = this.target.normal;
    data[texel * 4] = (along / length / 2 + 0.5) * 255;
    data[texel * 4 + 1] = (up / length / 2 + 0.5) * 255;
    data[texel * 4 + 2] = (out / length / 2 + 0.5) * 255;
    data[texel * 4 + 3] = 255;
  }
}

function barycentric(
  view: Float32Array,
  a: number,
  b: number,
  c: number,
  u: number,
  v: number,
): readonly [number, number, number] {
  const ax = view[a * 3];
  const ay = view[a * 3 + 1];
  const bx = view[b * 3] - ax;
  const by = view[b * 3 + 1] - ay;
  const cx = view[c * 3] - ax;
  const cy = view[c * 3 + 1] - ay;
  const area = bx * cy - by * cx;
  if (Math.abs(area) < 1e-12) return [1, 0, 0];
  const wb = ((u - ax) * cy - (v - ay) * cx) / area;
  const wc = (bx * (v - ay) - by * (u - ax)) / area;
  return [1 - wb - wc, wb, wc];
}

function clamped(wa: number, wb: number, wc: number): readonly [number, number, number] {
  if (wa >= 0 && wb >= 0 && wc >= 0) return [wa, wb, wc];
  const [a, b, c] = [Math.max(0, wa), Math.max(0, wb), Math.max(0, wc)];
  const sum = a + b + c;
  return [a / sum, b / sum, c / sum];
}

/**
 * Calls for every texel whose centre lies in the box of a triangle, grown by `around` texels: index in the chart,
 * barycentrics of b and c, depth, and the heights of the triangle over the edges opposite b, c and a, texels.
 */
function overTexels(
  view: Float32Array,
  indices: Uint32Array,
  t: number,
  scale: number,
  originX: number,
  originY: number,
  width: number,
  height: number,
  around: number,
  what: (i: number, wb: number, wc: number, d: number, hb: number, hc: number, ha: number) => void,
): void {
  const a = indices[t * 3] * 3;
  const b = indices[t * 3 + 1] * 3;
  const c = indices[t * 3 + 2] * 3;
  const ax = view[a] * scale - originX;
  const ay = view[a + 1] * scale - originY;
  const bx = view[b] * scale - originX;
  const by = view[b + 1] * scale - originY;
  const cx = view[c] * scale - originX;
  const cy = view[c + 1] * scale - originY;
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  if (Math.abs(area) < 1e-12) return;
  const size = Math.abs(area);
  const ha = size / (Math.hypot(cx - bx, cy - by) || 1);
  const hb = size / (Math.hypot(cx - ax, cy - ay) || 1);
  const hc = size / (Math.hypot(bx - ax, by - ay) || 1);
  const x0 = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5 - around));
  const x1 = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx) - 0.5 + around));
  const y0 = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5 - around));
  const y1 = Math.min(height - 1, Math.floor(Math.max(ay, by, cy) - 0.5 + around));
  const [ad, bd, cd] = [view[a + 2], view[b + 2], view[c + 2]];
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const wb = ((x + 0.5 - ax) * (cy - ay) - (y + 0.5 - ay) * (cx - ax)) / area;
      const wc = ((bx - ax) * (y + 0.5 - ay) - (by - ay) * (x + 0.5 - ax)) / area;
      what(y * width + x, wb, wc, ad + wb * (bd - ad) + wc * (cd - ad), hb, hc, ha);
    }
  }
}
