/**
 * Cuts a closed mesh into charts: pieces that lie flat, without covering themselves, when looked at from one of six sides
 * (projections.ts). What faces the camera becomes one large chart of the photo, what faces away another; the sides go to
 * whatever looks at them most squarely. Isolated triangles join their neighbours' side as long as they still face it.
 *
 * General unwrapping (xatlas) was not taken: it turns and stretches charts, so that no texel is a pixel of the photo any
 * more, and takes half a minute for 400,000 triangles.
 */
import type { SurfaceMesh } from '../../base/mesh.ts';
import type { Steps } from '../../base/steps.ts';
import { BACK, FRONT, facing, projected, SIDES, type SideIndex } from './projections.ts';

export interface Chart {
  readonly side: SideIndex;
  /** Of the part that gets more texels. */
  readonly important: boolean;
  readonly triangles: Uint32Array<ArrayBuffer>;
  /** Bounds of its triangles, canvas px as seen from the side. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Area of its triangles as seen from the side, px^2. */
  readonly area: number;
}

/** Front and back take what they see at this cosine or better; what they see worse goes to the sides. */
const FRONT_COSINE = 0.35;
/** No triangle is looked at at a smaller cosine: its texels would be stretched more than sixfold. */
const LEAST_COSINE = 0.16;
/** Rounds in which single triangles take the side of those around them. */
const SMOOTHING_ROUNDS = 12;
/** Charts of less than this are given to their neighbours, canvas px^2. */
const SMALL_AREA_PX = 300;
/** Two triangles of one chart over the same pixel are the same sheet when their depths differ by less, px. */
const SAME_SHEET_PX = 3;
const STEP = 4096;

/** The triangle across each edge: edge k of a triangle runs from its corner k to k + 1; -1: none. */
export function* neighboursSteps(indices: Uint32Array, vertices: number): Steps<Int32Array<ArrayBuffer>> {
  const triangles = indices.length / 3;
  const across = new Int32Array(indices.length).fill(-1);
  // Half edges by their lower vertex, as linked lists.
  const first = new Int32Array(vertices).fill(-1);
  const next = new Int32Array(indices.length).fill(-1);
  for (let t = 0; t < triangles; t++) {
    if (t % STEP === 0) yield;
    for (let k = 0; k < 3; k++) {
      const edge = t * 3 + k;
      const from = indices[edge];
      const to = indices[t * 3 + ((k + 1) % 3)];
      const low = Math.min(from, to);
      let found = -1;
      for (let other = first[low]; other !== -1; other = next[other]) {
        const u = Math.floor(other / 3);
        const otherFrom = indices[other];
        const otherTo = indices[u * 3 + (((other % 3) + 1) % 3)];
        if (across[other] === -1 && otherFrom === to && otherTo === from) {
          found = other;
          break;
        }
      }
      if (found !== -1) {
        across[edge] = Math.floor(found / 3);
        across[found] = t;
      } else {
        next[edge] = first[low];
        first[low] = edge;
      }
    }
  }
  return across;
}

/**
 * @param important tells by its middle, final frame, whether a triangle belongs to what deserves more texels (the head).
 * @returns charts, each triangle in one of them, the largest first.
 */
export function* chartsSteps(
  { positions, indices }: Pick<SurfaceMesh, 'positions' | 'indices'>,
  important: (x: number, y: number, z: number) => boolean,
): Steps<Chart[]> {
  const triangles = indices.length / 3;
  const across = yield* neighboursSteps(indices, positions.length / 3);
  const cosines = new Float32Array(triangles * SIDES.length);
  const marked = new Uint8Array(triangles);
  for (let t = 0; t < triangles; t++) {
    if (t % STEP === 0) yield;
    cosinesOf(positions, indices, t, cosines);
    const [a, b, c] = [indices[t * 3] * 3, indices[t * 3 + 1] * 3, indices[t * 3 + 2] * 3];
    const middle = (k: number) => (positions[a + k] + positions[b + k] + positions[c + k]) / 3;
    marked[t] = important(middle(0), middle(1), middle(2)) ? 1 : 0;
  }
  const labels = new Uint8Array(triangles);
  for (let t = 0; t < triangles; t++) labels[t] = bestSide(cosines, t);
  yield* smoothSteps(labels, across, cosines);

  const seen: Float32Array[] = [];
  const viewOf = (side: SideIndex) => (seen[side] ??= projected(positions, side));
  let pieces = yield* piecesSteps(allOf(triangles), labels, marked, across);
  // Small ones join what lies around them, then everything is pieced together anew.
  for (let round = 0; round < 3; round++) {
    let joined = false;
    for (const piece of pieces) {
      if (areaOf(piece, viewOf(labels[piece[0]]), indices) >= SMALL_AREA_PX) continue;
      joined = join(piece, labels, across, cosines) || joined;
    }
    yield;
    if (!joined) break;
    pieces = yield* piecesSteps(allOf(triangles), labels, marked, across);
  }

  const charts: Chart[] = [];
  const buffers = new SheetBuffers();
  while (pieces.length > 0) {
    const later: Uint32Array[] = [];
    for (const piece of pieces) {
      yield;
      const side = labels[piece[0]];
      const view = viewOf(side);
      const { kept, covered } = buffers.part(piece, view, indices);
      if (kept.length > 0) charts.push(chartOf(kept, side, marked[kept[0]] === 1, view, indices));
      if (covered.length > 0) later.push(covered);
    }
    pieces = [];
    for (const covered of later) pieces.push(...(yield* piecesSteps(covered, labels, marked, across)));
  }
  // A cut may have parted what is left of a piece.
  const whole: Chart[] = [];
  for (const chart of charts) {
    for (const part of yield* piecesSteps(chart.triangles, labels, marked, across)) {
      whole.push(chartOf(part, chart.side, chart.important, viewOf(chart.side), indices));
    }
  }
  return whole.sort((a, b) => b.area - a.area);
}

function allOf(triangles: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: triangles }, (_, t) => t);
}

function cosinesOf(positions: Float32Array, indices: Uint32Array, t: number, out: Float32Array): void {
  const a = indices[t * 3] * 3;
  const b = indices[t * 3 + 1] * 3;
  const c = indices[t * 3 + 2] * 3;
  const ux = positions[b] - positions[a];
  const uy = positions[b + 1] - positions[a + 1];
  const uz = positions[b + 2] - positions[a + 2];
  const vx = positions[c] - positions[a];
  const vy = positions[c + 1] - positions[a + 1];
  const vz = positions[c + 2] - positions[a + 2];
  const nx = uy * vz - uz * vy;
  const ny = uz * vx - ux * vz;
  const nz = ux * vy - uy * vx;
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
  for (let side = 0; side < SIDES.length; side++) {
    out[t * SIDES.length + side] = facing(
      nx / length,
      ny / length,
      nz / length,
      positions[a],
      positions[a + 1],
      positions[a + 2],
      side,
    );
  }
}

function bestSide(cosines: Float32Array, t: number): SideIndex {
  const at = t * SIDES.length;
  if (cosines[at + FRONT] > FRONT_COSINE) return FRONT;
  if (cosines[at + BACK] > FRONT_COSINE) return BACK;
  let best = FRONT;
  for (let side = 1; side < SIDES.length; side++) if (cosines[at + side] > cosines[at + best]) best = side;
  return best;
}

function* smoothSteps(labels: Uint8Array, across: Int32Array, cosines: Float32Array): Steps<void> {
  for (let round = 0; round < SMOOTHING_ROUNDS; round++) {
    let changed = 0;
    for (let t = 0; t < labels.length; t++) {
      if (t % STEP === 0) yield;
      const a = across[t * 3];
      const b = across[t * 3 + 1];
      const c = across[t * 3 + 2];
      if (a < 0 || b < 0 || c < 0) continue;
      const wanted =
        labels[a] === labels[b] || labels[a] === labels[c]
          ? labels[a]
          : labels[b] === labels[c]
            ? labels[b]
            : labels[t];
      if (wanted === labels[t] || cosines[t * SIDES.length + wanted] < LEAST_COSINE) continue;
      labels[t] = wanted;
      changed++;
    }
    if (changed === 0) return;
  }
}

/** Connected pieces of one side and one importance among some triangles. */
function* piecesSteps(
  among: Uint32Array,
  labels: Uint8Array,
  marked: Uint8Array,
  across: Int32Array,
): Steps<Uint32Array<ArrayBuffer>[]> {
  // 0: not among them, 1: waiting, 2: taken.
  const state = new Uint8Array(labels.length);
  for (const t of among) state[t] = 1;
  const pieces: Uint32Array<ArrayBuffer>[] = [];
  const stack = new Uint32Array(among.length);
  let steps = 0;
  for (const start of among) {
    if (state[start] !== 1) continue;
    const from = labels[start];
    const piece: number[] = [];
    let top = 0;
    stack[top++] = start;
    state[start] = 2;
    while (top > 0) {
      if (++steps % STEP === 0) yield;
      const t = stack[--top];
      piece.push(t);
      for (let k = 0; k < 3; k++) {
        const other = across[t * 3 + k];
        if (other < 0 || state[other] !== 1) continue;
        if (labels[other] !== from || marked[other] !== marked[start]) continue;
        state[other] = 2;
        stack[top++] = other;
      }
    }
    pieces.push(Uint32Array.from(piece));
  }
  return pieces;
}

/** Gives the triangles of a small piece to sides of their neighbours, where they face them. */
function join(piece: Uint32Array, labels: Uint8Array, across: Int32Array, cosines: Float32Array): boolean {
  const own = labels[piece[0]];
  const votes = new Float64Array(SIDES.length);
  for (const t of piece) {
    for (let k = 0; k < 3; k++) {
      const other = across[t * 3 + k];
      if (other >= 0 && labels[other] !== own) votes[labels[other]]++;
    }
  }
  let best = -1;
  for (let side = 0; side < votes.length; side++) {
    if (votes[side] === 0 || (best !== -1 && votes[side] <= votes[best])) continue;
    if (piece.every((t) => cosines[t * SIDES.length + side] >= LEAST_COSINE)) best = side;
  }
  if (best === -1) return false;
  for (const t of piece) labels[t] = best;
  return true;
}

/** Twice the area of a triangle as seen; negative from outside. */
function areaTwice(view: Float32Array, indices: Uint32Array, t: number): number {
  const a = indices[t * 3] * 3;
  const b = indices[t * 3 + 1] * 3;
  const c = indices[t * 3 + 2] * 3;
  return (
    (view[b] - view[a]) * (view[c + 1] - view[a + 1]) - (view[b + 1] - view[a + 1]) * (view[c] - view[a])
  );
}

function areaOf(triangles: Uint32Array, view: Float32Array, indices: Uint32Array): number {
  let area = 0;
  for (const t of triangles) area += Math.abs(areaTwice(view, indices, t)) / 2;
  return area;
}

function chartOf(
  triangles: Uint32Array<ArrayBuffer>,
  side: SideIndex,
  important: boolean,
  view: Float32Array,
  indices: Uint32Array,
): Chart {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const t of triangles) {
    for (let k = 0; k < 3; k++) {
      const v = indices[t * 3 + k] * 3;
      left = Math.min(left, view[v]);
      right = Math.max(right, view[v]);
      top = Math.min(top, view[v + 1]);
      bottom = Math.max(bottom, view[v + 1]);
    }
  }
  return { side, important, triangles, left, top, right, bottom, area: areaOf(triangles, view, indices) };
}

/** Finds the triangles of a piece that others of it cover, as seen from its side. */
class SheetBuffers {
  #depth = new Float32Array(0);
  #owner = new Int32Array(0);

  /**
   * @returns the triangles nobody covers, and those that are behind others over some pixel, or beside one that is theirs.
   */
  part(
    piece: Uint32Array<ArrayBuffer>,
    view: Float32Array,
    indices: Uint32Array,
  ): { kept: Uint32Array<ArrayBuffer>; covered: Uint32Array<ArrayBuffer> } {
    const { left, top, right, bottom } = chartOf(piece, 0, false, view, indices);
    const [x0, y0] = [Math.floor(left) - 1, Math.floor(top) - 1];
    const [width, height] = [Math.ceil(right) + 2 - x0, Math.ceil(bottom) + 2 - y0];
    if (this.#depth.length < width * height) this.#depth = new Float32Array(width * height);
    const depth = this.#depth.subarray(0, width * height).fill(Infinity);
    // Every pixel that a triangle touches, each with the depth of its plane there, within its own range.
    const visit = (t: number, what: (i: number, d: number) => boolean): boolean => {
      const a = indices[t * 3] * 3;
      const b = indices[t * 3 + 1] * 3;
      const c = indices[t * 3 + 2] * 3;
      const [ax, ay, ad] = [view[a] - x0, view[a + 1] - y0, view[a + 2]];
      const [bx, by, bd] = [view[b] - x0, view[b + 1] - y0, view[b + 2]];
      const [cx, cy, cd] = [view[c] - x0, view[c + 1] - y0, view[c + 2]];
      const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
      const inverse = Math.abs(area) > 1e-9 ? 1 / area : 0;
      const [low, high] = [Math.min(ad, bd, cd), Math.max(ad, bd, cd)];
      const yEnd = Math.floor(Math.max(ay, by, cy));
      for (let y = Math.floor(Math.min(ay, by, cy)); y <= yEnd; y++) {
        const span = spanInBand(ax, ay, bx, by, cx, cy, y, y + 1);
        if (!span) continue;
        for (let x = Math.floor(span[0]); x <= Math.floor(span[1]); x++) {
          const wb = ((x + 0.5 - ax) * (cy - ay) - (y + 0.5 - ay) * (cx - ax)) * inverse;
          const wc = ((bx - ax) * (y + 0.5 - ay) - (by - ay) * (x + 0.5 - ax)) * inverse;
          const d = Math.min(high, Math.max(low, ad + wb * (bd - ad) + wc * (cd - ad)));
          if (what(y * width + x, d)) return true;
        }
      }
      return false;
    };
    for (const t of piece) {
      visit(t, (i, d) => {
        if (d < depth[i]) depth[i] = d;
        return false;
      });
    }
    const kept: number[] = [];
    const covered: number[] = [];
    for (const t of piece) {
      const steep = slopeOf(view, indices, t);
      const behind = visit(t, (i, d) => d > depth[i] + SAME_SHEET_PX + steep);
      (behind ? covered : kept).push(t);
    }
    this.#sampled(kept, covered, view, indices, x0, y0, width, height);
    // Nothing is nearest where all are behind each other: then the piece stays whole rather than forever.
    if (kept.length === 0) return { kept: piece, covered: new Uint32Array(0) };
    return { kept: Uint32Array.from(kept), covered: Uint32Array.from(covered) };
  }

  /**
   * Folds so shallow that depths do not tell them: of two triangles over one sample, two samples a pixel along each side,
   * the farther one is moved to `covered`.
   */
  #sampled(
    kept: number[],
    covered: number[],
    view: Float32Array,
    indices: Uint32Array,
    x0: number,
    y0: number,
    width: number,
    height: number,
  ): void {
    const [columns, samples] = [width * 2, width * height * 4];
    if (this.#owner.length < samples) this.#owner = new Int32Array(samples);
    if (this.#depth.length < samples) this.#depth = new Float32Array(samples);
    const owner = this.#owner.subarray(0, samples).fill(-1);
    const depth = this.#depth;
    const out = new Set<number>();
    for (const t of kept) {
      const a = indices[t * 3] * 3;
      const b = indices[t * 3 + 1] * 3;
      const c = indices[t * 3 + 2] * 3;
      const [ax, ay] = [(view[a] - x0) * 2, (view[a + 1] - y0) * 2];
      const [bx, by] = [(view[b] - x0) * 2, (view[b + 1] - y0) * 2];
      const [cx, cy] = [(view[c] - x0) * 2, (view[c + 1] - y0) * 2];
      const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
      if (Math.abs(area) < 1e-9) continue;
      const yEnd = Math.floor(Math.max(ay, by, cy));
      const xEnd = Math.floor(Math.max(ax, bx, cx));
      for (let y = Math.floor(Math.min(ay, by, cy)); y <= yEnd; y++) {
        for (let x = Math.floor(Math.min(ax, bx, cx)); x <= xEnd; x++) {
          const wb = ((x + 0.5 - ax) * (cy - ay) - (y + 0.5 - ay) * (cx - ax)) / area;
          const wc = ((bx - ax) * (y + 0.5 - ay) - (by - ay) * (x + 0.5 - ax)) / area;
          if (wb < 1e-4 || wc < 1e-4 || wb + wc > 1 - 1e-4) continue;
          const d = view[a + 2] + wb * (view[b + 2] - view[a + 2]) + wc * (view[c + 2] - view[a + 2]);
          const i = y * columns + x;
          const other = owner[i];
          if (other !== -1) out.add(d < depth[i] ? other : t);
          if (other !== -1 && d >= depth[i]) continue;
          owner[i] = t;
          depth[i] = d;
        }
      }
    }
    if (out.size === 0) return;
    covered.push(...out);
    let n = 0;
    for (const t of kept) if (!out.has(t)) kept[n++] = t;
    kept.length = n;
  }
}

/** Change of depth over a pixel and a half, px: what touching neighbours may differ by. */
function slopeOf(view: Float32Array, indices: Uint32Array, t: number): number {
  const a = indices[t * 3] * 3;
  const b = indices[t * 3 + 1] * 3;
  const c = indices[t * 3 + 2] * 3;
  const area = areaTwice(view, indices, t);
  if (Math.abs(area) < 1e-9) return 0;
  const db = view[b + 2] - view[a + 2];
  const dc = view[c + 2] - view[a + 2];
  const du = (db * (view[c + 1] - view[a + 1]) - dc * (view[b + 1] - view[a + 1])) / area;
  const dv = (dc * (view[b] - view[a]) - db * (view[c] - view[a])) / area;
  return Math.min(12, 1.5 * Math.sqrt(du * du + dv * dv));
}

/** The part of a triangle between two heights, left to right; null where it has none there. */
export function spanInBand(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
  top: number,
  bottom: number,
): readonly [number, number] | null {
  let left = Infinity;
  let right = -Infinity;
  for (let k = 0; k < 3; k++) {
    const [x0, y0] = k === 0 ? [ax, ay] : k === 1 ? [bx, by] : [cx, cy];
    const [x1, y1] = k === 0 ? [bx, by] : k === 1 ? [cx, cy] : [ax, ay];
    if ((y0 < top && y1 < top) || (y0 > bottom && y1 > bottom)) continue;
    // Both ends of the edge, moved into the band.
    const slope = y1 === y0 ? 0 : (x1 - x0) / (y1 - y0);
    const start = y0 < top ? x0 + (top - y0) * slope : y0 > bottom ? x0 + (bottom - y0) * slope : x0;
    const end = y1 < top ? x0 + (top - y0) * slope : y1 > bottom ? x0 + (bottom - y0) * slope : x1;
    left = Math.min(left, start, end);
    right = Math.max(right, start, end);
  }
  return left <= right ? [left, right] : null;
}
