/**
 * Pieces of the drawn mesh and its edges, by all threads. Pieces: union-find in which the smaller vertex becomes the
 * root, so that the roots do not depend on who joined what first; linking is one compare-and-swap, and shortening a path
 * only touches vertices that are no roots any more. Edges: sorted into buckets of their lower vertex; places in a
 * bucket are taken in any order, then the bucket is sorted.
 */
import { prefixSum } from './clusters';
import { allocate, allocateZeroed, release } from './memory';
import { S } from './state';
import { forItems } from './thread-pool';

export const VERTEX_BLOCK: i32 = 4096;
const TRIANGLE_BLOCK: i32 = 4096;
const NONE: u32 = 0xffffffff;
/** A run of triangles of one piece: u32 piece, u32 triangles, f64 signed volume. */
const RUN_BYTES: usize = 16;

// @ts-ignore: decorator
@inline function vertexBlocks(): i32 {
  return (S.vertexCount + VERTEX_BLOCK - 1) / VERTEX_BLOCK;
}
// @ts-ignore: decorator
@inline function triangleBlocks(): i32 {
  return (S.triangleCount + TRIANGLE_BLOCK - 1) / TRIANGLE_BLOCK;
}
// @ts-ignore: decorator
@inline export function corner(triangle: i32, k: i32): u32 {
  return load<u32>(S.triangles + ((<usize>triangle * 3 + k) << 2));
}
// @ts-ignore: decorator
@inline export function wordAt(base: usize, i: u32): usize {
  return base + ((<usize>i) << 2);
}

/** Adds one to a counter that several threads count in. */
// @ts-ignore: decorator
@inline export function takeOne(at: usize): u32 {
  if (S.helpers > 0) return atomic.add<u32>(at, 1);
  const before = load<u32>(at);
  store<u32>(at, before + 1);
  return before;
}

/** Finds the pieces: S.pieceCount, S.pieceOf (u32 a vertex), S.runs of S.runCount. */
export function findPieces(): void {
  const blocks = vertexBlocks();
  const parents = allocate((<u64>S.vertexCount) << 2);
  S.pieceOf = parents;
  forItems(selfJob, blocks);
  forItems(joinJob, triangleBlocks());
  // Roots a block, then the number of each block's first.
  const counts = allocate((<u64>(blocks + 1)) << 2);
  S.jobTo = counts;
  forItems(flattenJob, blocks);
  S.pieceCount = <i32>prefixSum(counts, blocks);
  numberRoots(counts);
  release(counts);
  forItems(numberPiecesJob, blocks);

  const starts = allocate((<u64>(triangleBlocks() + 1)) << 2);
  S.jobFrom = starts;
  forItems(countRunsJob, triangleBlocks());
  S.runCount = <i32>prefixSum(starts, triangleBlocks());
  S.runs = allocate(<u64>S.runCount * RUN_BYTES);
  forItems(writeRunsJob, triangleBlocks());
  release(starts);
}

export function selfJob(first: i32, last: i32): void {
  for (let v = first * VERTEX_BLOCK, n = min(last * VERTEX_BLOCK, S.vertexCount); v < n; v++)
    store<u32>(wordAt(S.pieceOf, v), v);
}

function rootOf(v: u32): u32 {
  const parents = S.pieceOf;
  let parent = load<u32>(wordAt(parents, v));
  while (parent != v) {
    const next = load<u32>(wordAt(parents, parent));
    if (next != parent) store<u32>(wordAt(parents, v), next);
    v = parent;
    parent = next;
  }
  return v;
}

function join(a: u32, b: u32): void {
  for (;;) {
    a = rootOf(a);
    b = rootOf(b);
    if (a == b) return;
    const low = min(a, b),
      high = max(a, b);
    const at = wordAt(S.pieceOf, high);
    if (S.helpers == 0) {
      store<u32>(at, low);
      return;
    }
    if (atomic.cmpxchg<u32>(at, high, low) == high) return;
  }
}

export function joinJob(first: i32, last: i32): void {
  for (let t = first * TRIANGLE_BLOCK, n = min(last * TRIANGLE_BLOCK, S.triangleCount); t < n; t++) {
    const a = corner(t, 0);
    join(a, corner(t, 1));
    join(a, corner(t, 2));
  }
}

/**
 * Every vertex's parent becomes its root; counts the roots. Nobody shortens paths here: such a write could come late
 * and undo another thread's.
 */
export function flattenJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    let roots: u32 = 0;
    for (let v = b * VERTEX_BLOCK, n = min((b + 1) * VERTEX_BLOCK, S.vertexCount); v < n; v++) {
      let root: u32 = v;
      for (
        let parent = load<u32>(wordAt(S.pieceOf, root));
        parent != root;
        parent = load<u32>(wordAt(S.pieceOf, root))
      )
        root = parent;
      if (root == v) roots++;
      else store<u32>(wordAt(S.pieceOf, v), root);
    }
    store<u32>(wordAt(S.jobTo, b), roots);
  }
}

/** The roots in ascending order at S.roots. */
function numberRoots(counts: usize): void {
  S.roots = allocate((<u64>S.pieceCount) << 2);
  for (let b = 0; b < vertexBlocks(); b++) {
    let next = load<u32>(wordAt(counts, b));
    if (load<u32>(wordAt(counts, b + 1)) == next) continue;
    for (let v = b * VERTEX_BLOCK, n = min((b + 1) * VERTEX_BLOCK, S.vertexCount); v < n; v++)
      if (load<u32>(wordAt(S.pieceOf, v)) == v) store<u32>(wordAt(S.roots, next++), v);
  }
}

/** Number of a root: its place among the roots. */
function numberOf(root: u32): u32 {
  let low: u32 = 0,
    high: u32 = S.pieceCount;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (load<u32>(wordAt(S.roots, middle)) <= root) low = middle;
    else high = middle;
  }
  return low;
}

/** Roots to numbers, in place: only this block's own words are read and written. */
export function numberPiecesJob(first: i32, last: i32): void {
  let root = NONE,
    number: u32 = 0;
  for (let v = first * VERTEX_BLOCK, n = min(last * VERTEX_BLOCK, S.vertexCount); v < n; v++) {
    const own = load<u32>(wordAt(S.pieceOf, v));
    if (own != root) {
      root = own;
      number = numberOf(root);
    }
    store<u32>(wordAt(S.pieceOf, v), number);
  }
}

// @ts-ignore: decorator
@inline function pieceOfTriangle(t: i32): u32 {
  return load<u32>(wordAt(S.pieceOf, corner(t, 0)));
}

/** Runs a block: triangles in a row that belong to one piece. */
export function countRunsJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    let runs: u32 = 0,
      piece = NONE;
    for (let t = b * TRIANGLE_BLOCK, n = min((b + 1) * TRIANGLE_BLOCK, S.triangleCount); t < n; t++) {
      const own = pieceOfTriangle(t);
      runs += u32(own != piece);
      piece = own;
    }
    store<u32>(wordAt(S.jobFrom, b), runs);
  }
}

export function writeRunsJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    let to = S.runs + <usize>load<u32>(wordAt(S.jobFrom, b)) * RUN_BYTES - RUN_BYTES;
    let piece = NONE;
    for (let t = b * TRIANGLE_BLOCK, n = min((b + 1) * TRIANGLE_BLOCK, S.triangleCount); t < n; t++) {
      const own = pieceOfTriangle(t);
      if (own != piece) {
        piece = own;
        to += RUN_BYTES;
        store<u32>(to, piece);
        store<u32>(to, 0, 4);
        store<f64>(to, 0, 8);
      }
      store<u32>(to, load<u32>(to, 4) + 1, 4);
      store<f64>(to, load<f64>(to, 8) + tetrahedron(t), 8);
    }
  }
}

/** Signed volume of the tetrahedron from the origin to a triangle. */
function tetrahedron(t: i32): f64 {
  const a = S.vertices + <usize>corner(t, 0) * 12,
    b = S.vertices + <usize>corner(t, 1) * 12,
    c = S.vertices + <usize>corner(t, 2) * 12;
  const bx = <f64>load<f32>(b),
    by = <f64>load<f32>(b, 4),
    bz = <f64>load<f32>(b, 8);
  const cx = <f64>load<f32>(c),
    cy = <f64>load<f32>(c, 4),
    cz = <f64>load<f32>(c, 8);
  return (
    (load<f32>(a) * (by * cz - bz * cy) +
      load<f32>(a, 4) * (bz * cx - bx * cz) +
      load<f32>(a, 8) * (bx * cy - by * cx)) /
    6
  );
}

/** Where the caller says which pieces stay: u8 a piece, not 0 = stays. */
export function pieceStaysAt(): usize {
  if (S.pieceStays == 0) S.pieceStays = allocate(S.pieceCount);
  return S.pieceStays;
}

/** A block's tally, u32 x 4: edges, with one triangle, with more than two, with two that run the same way. */
const TALLY_BYTES: usize = 16;

/** Counts the edges of the pieces that stay: S.tallies, one a block of vertices. Needs findPieces and pieceStaysAt. */
export function tallyEdges(): void {
  const start = allocateZeroed((<u64>(S.vertexCount + 1)) << 2);
  S.edgeStart = start;
  forItems(countEdgesJob, triangleBlocks());
  const total = prefixSum(start, S.vertexCount);
  S.edgeUpper = allocate((<u64>total) << 2);
  // Filling moves every start to its end.
  forItems(placeEdgesJob, triangleBlocks());
  S.tallies = allocate(<u64>vertexBlocks() * TALLY_BYTES);
  forItems(tallyEdgesJob, vertexBlocks());
  release(S.edgeUpper);
  release(start);
}

export function tallyBlocks(): i32 {
  return vertexBlocks();
}

// @ts-ignore: decorator
@inline export function staysVertex(v: i32): bool {
  return load<u8>(S.pieceStays + <usize>load<u32>(wordAt(S.pieceOf, v))) != 0;
}
// @ts-ignore: decorator
@inline function stays(t: i32): bool {
  return load<u8>(S.pieceStays + <usize>pieceOfTriangle(t)) != 0;
}

export function countEdgesJob(first: i32, last: i32): void {
  for (let t = first * TRIANGLE_BLOCK, n = min(last * TRIANGLE_BLOCK, S.triangleCount); t < n; t++) {
    if (!stays(t)) continue;
    const a = corner(t, 0),
      b = corner(t, 1),
      c = corner(t, 2);
    takeOne(wordAt(S.edgeStart, min(a, b)));
    takeOne(wordAt(S.edgeStart, min(b, c)));
    takeOne(wordAt(S.edgeStart, min(c, a)));
  }
}

/** Upper vertex times two, plus one where the triangle runs from upper to lower: 2^31 vertices are never reached. */
// @ts-ignore: decorator
@inline function placeEdge(a: u32, b: u32): void {
  const low = min(a, b),
    high = max(a, b);
  store<u32>(wordAt(S.edgeUpper, takeOne(wordAt(S.edgeStart, low))), (high << 1) | u32(a > b));
}

export function placeEdgesJob(first: i32, last: i32): void {
  for (let t = first * TRIANGLE_BLOCK, n = min(last * TRIANGLE_BLOCK, S.triangleCount); t < n; t++) {
    if (!stays(t)) continue;
    const a = corner(t, 0),
      b = corner(t, 1),
      c = corner(t, 2);
    placeEdge(a, b);
    placeEdge(b, c);
    placeEdge(c, a);
  }
}

export function tallyEdgesJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    let edges: u32 = 0,
      boundary: u32 = 0,
      nonManifold: u32 = 0,
      flipped: u32 = 0;
    const v0 = b * VERTEX_BLOCK;
    let from: u32 = v0 == 0 ? 0 : load<u32>(wordAt(S.edgeStart, v0 - 1));
    for (let v = v0, n = min(v0 + VERTEX_BLOCK, S.vertexCount); v < n; v++) {
      const to = load<u32>(wordAt(S.edgeStart, v));
      sortWords(wordAt(S.edgeUpper, from), wordAt(S.edgeUpper, to));
      for (let i = from; i < to; ) {
        const upper = load<u32>(wordAt(S.edgeUpper, i)) >> 1;
        let j = i,
          backward: u32 = 0;
        for (; j < to && load<u32>(wordAt(S.edgeUpper, j)) >> 1 == upper; j++)
          backward += load<u32>(wordAt(S.edgeUpper, j)) & 1;
        edges++;
        if (j - i == 1) boundary++;
        else if (j - i > 2) nonManifold++;
        else if (backward != 1) flipped++;
        i = j;
      }
      from = to;
    }
    const to = S.tallies + <usize>b * TALLY_BYTES;
    store<u32>(to, edges);
    store<u32>(to, boundary, 4);
    store<u32>(to, nonManifold, 8);
    store<u32>(to, flipped, 12);
  }
}

/** Insertion sort; a bucket has about six. */
function sortWords(from: usize, end: usize): void {
  for (let i = from + 4; i < end; i += 4) {
    const value = load<u32>(i);
    let j = i;
    for (; j > from && load<u32>(j - 4) > value; j -= 4) store<u32>(j, load<u32>(j - 4));
    store<u32>(j, value);
  }
}

/**
 * Triangles with a vertex that no sample coloured: their numbers, ascending, at S.openTriangles; returns how many.
 * First counted, then written: the same job, with and without a place to write to.
 */
export function findOpenTriangles(): i32 {
  const starts = allocate((<u64>(triangleBlocks() + 1)) << 2);
  S.jobFrom = starts;
  S.openTriangles = 0;
  forItems(openTrianglesJob, triangleBlocks());
  const total = prefixSum(starts, triangleBlocks());
  S.openTriangles = allocate((<u64>total) << 2);
  if (total > 0) forItems(openTrianglesJob, triangleBlocks());
  release(starts);
  return <i32>total;
}

export function openTrianglesJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    let at: u32 = S.openTriangles == 0 ? 0 : load<u32>(wordAt(S.jobFrom, b));
    for (let t = b * TRIANGLE_BLOCK, n = min((b + 1) * TRIANGLE_BLOCK, S.triangleCount); t < n; t++) {
      const known = supported(corner(t, 0)) & supported(corner(t, 1)) & supported(corner(t, 2));
      if (known != 0) continue;
      if (S.openTriangles != 0) store<u32>(wordAt(S.openTriangles, at), t);
      at++;
    }
    if (S.openTriangles == 0) store<u32>(wordAt(S.jobFrom, b), at);
  }
}

// @ts-ignore: decorator
@inline function supported(v: u32): u8 {
  return load<u8>(S.vertexSupported + <usize>v);
}
