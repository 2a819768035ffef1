/**
 * Triangles of a mesh that cut or touch each other where they share no edge and no vertex: what a slicer calls a
 * self-intersection. A binary tree of boxes over the triangles in Morton order (Lauterbach et al., "Fast BVH construction
 * on GPUs", 2009) finds the near pairs; signs of volumes, in double precision, decide each pair.
 *
 * Two triangles with a common vertex count when the side opposite to it of one meets the other; two with a common edge
 * when they lie on each other. Touching counts for triangles without a common vertex. Triangles without area are left out:
 * they have no inside to cut, and are another fault (flat-triangles.ts).
 */
import { hasArea } from './flat-triangles.ts';

/** Triangles in a leaf. */
const LEAF = 4;
/** Bits an axis of the Morton code. */
const MORTON_BITS = 10;
/** A triangle's rank goes below the code, in one double. */
const RANKS = 2 ** 23;

export interface IntersectionSearch {
  /** Calls back once for every pair of triangles that meet. */
  pairs(onPair: (a: number, b: number) => void): void;
  /** Calls back for every triangle that the given one meets; finds those whose vertices have not moved far since. */
  meetings(triangle: number, onMeeting: (other: number) => void): void;
}

/**
 * @param positions 3 per vertex, finite; may change between questions, within the boxes round both places of the vertices.
 * @param indices   3 per triangle.
 * @param among     the triangles to look at, at most 2^23; null: all.
 * @param otherwise the other places of the vertices; null: those that move may be missed.
 */
export function intersectionSearch(
  positions: Float32Array,
  indices: Uint32Array,
  among: Uint32Array | null = null,
  otherwise: Float32Array | null = null,
): IntersectionSearch {
  const { boxes, order, first, single } = buildTree(positions, indices, among, otherwise);
  const meets = pairTest(positions, indices);
  const across = (a: number, b: number, onPair: (a: number, b: number) => void): void => {
    if (boxesApart(boxes, a * 6, boxes, b * 6)) return;
    if (a < first) {
      across(a * 2, b * 2, onPair);
      across(a * 2, b * 2 + 1, onPair);
      across(a * 2 + 1, b * 2, onPair);
      across(a * 2 + 1, b * 2 + 1, onPair);
      return;
    }
    const end = Math.min((a - first + 1) * LEAF, order.length);
    const there = (b - first) * LEAF;
    const endThere = Math.min(there + LEAF, order.length);
    for (let k = (a - first) * LEAF; k < end; k++) {
      if (boxesApart(single, k * 6, boxes, b * 6)) continue;
      for (let l = there; l < endThere; l++) {
        if (boxesApart(single, k * 6, single, l * 6)) continue;
        if (meets(order[k], order[l])) onPair(order[k], order[l]);
      }
    }
  };
  const inside = (node: number, onPair: (a: number, b: number) => void): void => {
    if (node < first) {
      inside(node * 2, onPair);
      inside(node * 2 + 1, onPair);
      across(node * 2, node * 2 + 1, onPair);
      return;
    }
    const from = (node - first) * LEAF;
    const end = Math.min(from + LEAF, order.length);
    for (let k = from; k < end; k++) {
      for (let l = k + 1; l < end; l++) if (meets(order[k], order[l])) onPair(order[k], order[l]);
    }
  };
  const stack = new Uint32Array(128);
  const query = new Float32Array(6);
  const meetings = (t: number, onMeeting: (other: number) => void): void => {
    setBox(query, 0, positions, indices, t);
    let top = 0;
    stack[top++] = 1;
    while (top > 0) {
      const node = stack[--top];
      if (boxesApart(boxes, node * 6, query, 0)) continue;
      if (node < first) {
        stack[top++] = node * 2;
        stack[top++] = node * 2 + 1;
        continue;
      }
      const end = Math.min((node - first + 1) * LEAF, order.length);
      for (let k = (node - first) * LEAF; k < end; k++) if (meets(t, order[k])) onMeeting(order[k]);
    }
  };
  return { pairs: (onPair) => inside(1, onPair), meetings };
}

/** All pairs of triangles that meet, of a whole mesh. */
export function findIntersections(
  positions: Float32Array,
  indices: Uint32Array,
  onPair: (a: number, b: number) => void,
): void {
  intersectionSearch(positions, indices).pairs(onPair);
}

/** @returns how many triangles meet another one. */
export function countIntersecting(positions: Float32Array, indices: Uint32Array): number {
  const hit = new Uint8Array(indices.length / 3);
  findIntersections(positions, indices, (a, b) => {
    hit[a] = 1;
    hit[b] = 1;
  });
  return hit.reduce((sum, one) => sum + one, 0);
}

/** Spreads ten bits so that two free ones follow each. */
function spreadBits(value: number): number {
  let v = value;
  v = (v | (v << 16)) & 0x030000ff;
  v = (v | (v << 8)) & 0x0300f00f;
  v = (v | (v << 4)) & 0x030c30c3;
  return (v | (v << 2)) & 0x09249249;
}

/** The triangles in Morton order of their middles. */
function mortonOrder(p: Float32Array, indices: Uint32Array, triangles: Uint32Array): Uint32Array {
  const low = [Infinity, Infinity, Infinity];
  let extent = 0;
  for (let k = 0; k < 3; k++) {
    let high = -Infinity;
    for (let i = k; i < p.length; i += 3) {
      if (p[i] < low[k]) low[k] = p[i];
      if (p[i] > high) high = p[i];
    }
    extent = Math.max(extent, high - low[k]);
  }
  const scale = (2 ** MORTON_BITS - 1) / (extent || 1) / 3;
  const keys = new Float64Array(triangles.length);
  for (let n = 0; n < triangles.length; n++) {
    const a = indices[triangles[n] * 3] * 3;
    const b = indices[triangles[n] * 3 + 1] * 3;
    const c = indices[triangles[n] * 3 + 2] * 3;
    let code = 0;
    for (let k = 0; k < 3; k++) {
      code |= spreadBits(((p[a + k] + p[b + k] + p[c + k] - 3 * low[k]) * scale) | 0) << k;
    }
    keys[n] = code * RANKS + n;
  }
  keys.sort();
  const order = new Uint32Array(triangles.length);
  for (let n = 0; n < order.length; n++) order[n] = triangles[keys[n] % RANKS];
  return order;
}

/** A binary heap of boxes (low x y z, high x y z): node 1 is the root, the leaves start at `first`, empty ones last. */
function buildTree(
  positions: Float32Array,
  indices: Uint32Array,
  among: Uint32Array | null,
  otherwise: Float32Array | null,
) {
  const all = among ?? numbersTo(indices.length / 3);
  if (all.length > RANKS) throw new RangeError(`${all.length} triangles are more than this search can take`);
  const order = mortonOrder(positions, indices, all);
  let first = 1;
  while (first * LEAF < order.length) first *= 2;
  const boxes = new Float32Array(first * 12);
  for (let at = 0; at < boxes.length; at += 6) emptyBox(boxes, at);
  const single = new Float32Array(order.length * 6);
  const other = new Float32Array(6);
  for (let k = 0; k < order.length; k++) {
    setBox(single, k * 6, positions, indices, order[k]);
    if (otherwise) {
      setBox(other, 0, otherwise, indices, order[k]);
      mergeBox(single, k * 6, other, 0);
    }
    mergeBox(boxes, (first + Math.floor(k / LEAF)) * 6, single, k * 6);
  }
  for (let at = (first - 1) * 6; at > 0; at -= 6) {
    for (let k = 0; k < 3; k++) {
      boxes[at + k] = Math.min(boxes[at * 2 + k], boxes[at * 2 + 6 + k]);
      boxes[at + k + 3] = Math.max(boxes[at * 2 + k + 3], boxes[at * 2 + 9 + k]);
    }
  }
  return { boxes, order, first, single };
}

/** 0, 1, 2, ... */
export function numbersTo(count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  for (let k = 1; k < count; k++) numbers[k] = k;
  return numbers;
}

function emptyBox(boxes: Float32Array, at: number): void {
  boxes.fill(Infinity, at, at + 3);
  boxes.fill(-Infinity, at + 3, at + 6);
}

function boxesApart(one: Float32Array, a: number, other: Float32Array, b: number): boolean {
  return (
    one[a] > other[b + 3] ||
    one[a + 1] > other[b + 4] ||
    one[a + 2] > other[b + 5] ||
    one[a + 3] < other[b] ||
    one[a + 4] < other[b + 1] ||
    one[a + 5] < other[b + 2]
  );
}

/** The box of one triangle. */
function setBox(boxes: Float32Array, at: number, p: Float32Array, indices: Uint32Array, t: number): void {
  const a = indices[t * 3] * 3;
  const b = indices[t * 3 + 1] * 3;
  const c = indices[t * 3 + 2] * 3;
  for (let k = 0; k < 3; k++) {
    const x = p[a + k];
    const y = p[b + k];
    const z = p[c + k];
    boxes[at + k] = Math.min(Math.min(x, y), z);
    boxes[at + k + 3] = Math.max(Math.max(x, y), z);
  }
}

function mergeBox(boxes: Float32Array, at: number, other: Float32Array, from: number): void {
  for (let k = 0; k < 3; k++) {
    if (other[from + k] < boxes[at + k]) boxes[at + k] = other[from + k];
    if (other[from + k + 3] > boxes[at + k + 3]) boxes[at + k + 3] = other[from + k + 3];
  }
}

/** A function that says whether two triangles, given by number, meet where they should not; positions may change. */
export function pairTest(p: Float32Array, indices: Uint32Array): (s: number, t: number) => boolean {
  const meet = meetTest(p, indices);
  return (s, t) => meet(s, t) && hasArea(p, indices, s) && hasArea(p, indices, t);
}

function meetTest(p: Float32Array, indices: Uint32Array): (s: number, t: number) => boolean {
  /** Six times the volume of a tetrahedron, signed; vertex numbers. */
  const volume = (a: number, b: number, c: number, d: number): number => {
    const i = a * 3;
    const j = b * 3;
    const k = c * 3;
    const l = d * 3;
    const ux = p[j] - p[i];
    const uy = p[j + 1] - p[i + 1];
    const uz = p[j + 2] - p[i + 2];
    const vx = p[k] - p[i];
    const vy = p[k + 1] - p[i + 1];
    const vz = p[k + 2] - p[i + 2];
    const wx = p[l] - p[i];
    const wy = p[l + 1] - p[i + 1];
    const wz = p[l + 2] - p[i + 2];
    return ux * (vy * wz - vz * wy) + uy * (vz * wx - vx * wz) + uz * (vx * wy - vy * wx);
  };
  /** Whether segment u-v meets triangle a b c; a segment in its plane is flatMeets' question. */
  const pierces = (u: number, v: number, a: number, b: number, c: number): boolean => {
    const above = volume(a, b, c, u);
    const below = volume(a, b, c, v);
    if ((above > 0 && below > 0) || (above < 0 && below < 0)) return false;
    if (above === 0 && below === 0) return flatMeets(p, u, v, a, b, c);
    if (above === 0) return flatMeets(p, u, u, a, b, c);
    if (below === 0) return flatMeets(p, v, v, a, b, c);
    const x = volume(u, v, a, b);
    const y = volume(u, v, b, c);
    const z = volume(u, v, c, a);
    return !((x < 0 || y < 0 || z < 0) && (x > 0 || y > 0 || z > 0));
  };
  const apart = (a: number, b: number, c: number, d: number, e: number, f: number): boolean => {
    const x = volume(a, b, c, d);
    const y = volume(a, b, c, e);
    const z = volume(a, b, c, f);
    return (x > 0 && y > 0 && z > 0) || (x < 0 && y < 0 && z < 0);
  };
  return (s, t) => {
    if (s === t) return false;
    const a = indices[s * 3];
    const b = indices[s * 3 + 1];
    const c = indices[s * 3 + 2];
    const d = indices[t * 3];
    const e = indices[t * 3 + 1];
    const f = indices[t * 3 + 2];
    const ofA = a === d ? 0 : a === e ? 1 : a === f ? 2 : -1;
    const ofB = b === d ? 0 : b === e ? 1 : b === f ? 2 : -1;
    const ofC = c === d ? 0 : c === e ? 1 : c === f ? 2 : -1;
    const common = (ofA >= 0 ? 1 : 0) + (ofB >= 0 ? 1 : 0) + (ofC >= 0 ? 1 : 0);
    if (common === 0) {
      if (apart(a, b, c, d, e, f) || apart(d, e, f, a, b, c)) return false;
      return (
        pierces(d, e, a, b, c) ||
        pierces(e, f, a, b, c) ||
        pierces(f, d, a, b, c) ||
        pierces(a, b, d, e, f) ||
        pierces(b, c, d, e, f) ||
        pierces(c, a, d, e, f)
      );
    }
    if (common === 1) {
      const l = ofA >= 0 ? ofA : ofB >= 0 ? ofB : ofC;
      const u = ofA >= 0 ? b : a;
      const v = ofC >= 0 ? b : c;
      const w = l === 0 ? e : d;
      const x = l === 2 ? e : f;
      return pierces(u, v, d, e, f) || pierces(w, x, a, b, c);
    }
    if (common === 2) {
      const tip = ofA < 0 ? a : ofB < 0 ? b : c;
      const from = ofA < 0 ? b : a;
      const to = ofC < 0 ? b : c;
      const other = d !== from && d !== to ? d : e !== from && e !== to ? e : f;
      if (volume(a, b, c, other) !== 0) return false;
      const [i, j] = widestAxes(p, a, b, c);
      return turn(p, i, j, from, to, tip) * turn(p, i, j, from, to, other) > 0;
    }
    return true;
  };
}

/** Signed area, times two, of a triangle as seen along the third axis. */
function turn(p: Float32Array, i: number, j: number, a: number, b: number, c: number): number {
  const x = p[a * 3 + i];
  const y = p[a * 3 + j];
  return (p[b * 3 + i] - x) * (p[c * 3 + j] - y) - (p[b * 3 + j] - y) * (p[c * 3 + i] - x);
}

/** The two axes along which a triangle is widest. */
function widestAxes(p: Float32Array, a: number, b: number, c: number): readonly [number, number] {
  const xy = Math.abs(turn(p, 0, 1, a, b, c));
  const yz = Math.abs(turn(p, 1, 2, a, b, c));
  const zx = Math.abs(turn(p, 2, 0, a, b, c));
  return xy >= yz && xy >= zx ? [0, 1] : yz >= zx ? [1, 2] : [2, 0];
}

/** Whether a segment, or a point where u is v, in the plane of triangle a b c meets it. */
function flatMeets(p: Float32Array, u: number, v: number, a: number, b: number, c: number): boolean {
  const [i, j] = widestAxes(p, a, b, c);
  const corners = [a, b, c];
  const way = Math.sign(turn(p, i, j, a, b, c));
  const within = (w: number) => corners.every((q, k) => turn(p, i, j, q, corners[(k + 1) % 3], w) * way >= 0);
  if (within(u)) return true;
  if (u === v) return false;
  if (within(v)) return true;
  const overlap = (k: number, q: number, r: number): boolean =>
    Math.max(p[u * 3 + k], p[v * 3 + k]) >= Math.min(p[q * 3 + k], p[r * 3 + k]) &&
    Math.max(p[q * 3 + k], p[r * 3 + k]) >= Math.min(p[u * 3 + k], p[v * 3 + k]);
  return corners.some((q, k) => {
    const r = corners[(k + 1) % 3];
    // Segments on one line meet where their boxes do.
    return (
      overlap(i, q, r) &&
      overlap(j, q, r) &&
      turn(p, i, j, u, v, q) * turn(p, i, j, u, v, r) <= 0 &&
      turn(p, i, j, q, r, u) * turn(p, i, j, q, r, v) <= 0
    );
  });
}
