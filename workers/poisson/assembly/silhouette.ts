/**
 * Nothing of the mesh may stand outside the figure's silhouette, as the camera sees it: where no sample holds the surface
 * (the rim between front and back, the web between arm and body) it bulges. Vertices outside are moved sideways, at their
 * own depth, toward the nearest point of the silhouette, and keep LEFT of the way: who was farther out stays farther out, so
 * that the picture's plane is mapped onto itself without folds. Onto the silhouette itself, rows of vertices met in one
 * place (of a sample figure at depth 10, 2432 triangles had no area and 8780 met another one). The few places where
 * triangles, which are straight, still cut a corner of the silhouette are mended by ../unfold.ts.
 *
 * The silhouette is the half-way contour of the pixels that have a sample, after a 5 x 5 binomial blur: exact to a fraction
 * of a pixel and without their steps. Things so thin that nothing of them is left by the blur (a strand of two pixels)
 * keep what lies within THIN_REACH of their pixels' centres. ../envelope.reference.ts measures the distance
 * in another way.
 *
 * Only for clouds that come from a depth map. Empty pixels that hang together are outside where they are many (HOLE) and
 * one can see through the mesh there too: the background, the hole between arm and body. Where the mesh spans them,
 * samples are only missing.
 */

import { allocate, allocateZeroed, release } from './memory';
import { staysVertex, VERTEX_BLOCK } from './pieces';
import { blockEnd, SAMPLE_BLOCK, sampleBlocks } from './sample-blocks';
import { S } from './state';
import { forItems } from './thread-pool';

export const CANVAS_PX: i32 = 2048; // @abi
const SIDE: i32 = CANVAS_PX;
/** What the blur makes of the silhouette's edge; 256 where all pixels around belong to the figure. */
const EDGE: f64 = 128;
/** Half a pixel's diagonal: the pixel's own square lies inside. */
const THIN_REACH: f64 = 0.71;
/** Pixels within which the figure is looked for: beyond, nothing near says where a vertex belongs. */
const FARTHEST: i32 = 32;
/** Share of its way to the silhouette that a vertex keeps. */
const LEFT: f64 = 0.05;
/** Fewer empty pixels together are missing samples, not a hole. */
const HOLE: i32 = 256;
/** Two cells of the solver at depth 9: where the mesh spans a region, no square of 8 pixels is without a vertex. */
const BIN_BITS: i32 = 3;
const BIN_SIDE: i32 = 1 << BIN_BITS;
const BINS: i32 = SIDE >> BIN_BITS;
/** A byte a pixel: bit 0 is the figure. */
const EMPTY: u8 = 0;
const FIGURE: u8 = 1;
const OUTSIDE: u8 = 2;

/** Moves vertices of the pieces that stay, in place; needs S.positions of S.count samples. Returns how many it moved. */
export function clampToSilhouette(cameraZ: f64, focal: f64): i32 {
  S.centreZ = cameraZ;
  S.focalPx = focal;
  const map = allocateZeroed(<u64>SIDE * SIDE);
  S.silhouette = map;
  forItems(mapSamplesJob, sampleBlocks());
  const covered = allocateZeroed(<u64>BINS * BINS);
  S.jobTo = covered;
  const vertexBlocks = (S.vertexCount + VERTEX_BLOCK - 1) / VERTEX_BLOCK;
  forItems(coverJob, vertexBlocks);
  fillGaps(map, covered);
  release(covered);
  // The blur reads and leaves out two rows and columns at the borders.
  S.jobFrom = allocateZeroed(<u64>SIDE * SIDE);
  S.coverage = allocateZeroed(<u64>SIDE * SIDE * 2);
  forItems(blurRowsJob, SIDE);
  forItems(blurColumnsJob, SIDE);
  release(S.jobFrom);
  const counts = allocate((<u64>vertexBlocks) << 2);
  S.jobTo = counts;
  forItems(holdJob, vertexBlocks);
  let moved: u32 = 0;
  for (let b = 0; b < vertexBlocks; b++) moved += load<u32>(counts + ((<usize>b) << 2));
  release(counts);
  release(S.coverage);
  release(map);
  return <i32>moved;
}

// @ts-ignore: decorator
@inline function columnOf(at: usize): f64 {
  return (<f64>load<f32>(at) / (S.centreZ - <f64>load<f32>(at, 8))) * S.focalPx + SIDE / 2;
}
// @ts-ignore: decorator
@inline function rowOf(at: usize): f64 {
  return (-(<f64>load<f32>(at, 4)) / (S.centreZ - <f64>load<f32>(at, 8))) * S.focalPx + SIDE / 2;
}

/** Job over blocks of samples: their pixels. */
export function mapSamplesJob(first: i32, last: i32): void {
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++) {
    const at = S.positions + <usize>i * 12;
    const column = floor<f64>(columnOf(at)),
      row = floor<f64>(rowOf(at));
    if (column >= 0 && row >= 0 && column < SIDE && row < SIDE)
      store<u8>(S.silhouette + <usize>(<i32>row * SIDE + <i32>column), FIGURE);
  }
}

/** Job over blocks of vertices: marks the bins of S.jobTo that have one. */
export function coverJob(first: i32, last: i32): void {
  for (let v = first * VERTEX_BLOCK, n = min(last * VERTEX_BLOCK, S.vertexCount); v < n; v++) {
    if (!staysVertex(v)) continue;
    const at = S.vertices + <usize>v * 12;
    const column = floor<f64>(columnOf(at)),
      row = floor<f64>(rowOf(at));
    if (column >= 0 && row >= 0 && column < SIDE && row < SIDE)
      store<u8>(S.jobTo + binOf(<i32>row * SIDE + <i32>column), 1);
  }
}

// @ts-ignore: decorator
@inline function binOf(pixel: i32): usize {
  return <usize>((pixel >> (11 + BIN_BITS)) * BINS + ((pixel & (SIDE - 1)) >> BIN_BITS));
}

/** Makes regions of empty pixels that are no holes part of the figure; region by region, run by run along the rows. */
function fillGaps(map: usize, covered: usize): void {
  // The region's runs (first pixel, end), then starts of runs to look at: a run is pushed once for every run above and
  // below that touches it, and two rows have at most SIDE such pairs, seen from both sides. Untouched memory is free.
  const runs = allocate(<u64>SIDE * SIDE * 4);
  const stack = allocate(<u64>(2 * SIDE + 1) * SIDE * 4);
  const end = SIDE * SIDE;
  for (let start = 0; start < end; start++) {
    if ((start & 7) == 0) {
      // Eight at once where none of the bytes is zero.
      const eight = load<u64>(map + <usize>start);
      if (((eight - 0x0101010101010101) & ~eight & 0x8080808080808080) == 0) {
        start += 7;
        continue;
      }
    }
    if (load<u8>(map + <usize>start) != EMPTY) continue;
    let size = 0,
      open = 0;
    let run = runs,
      top = push(stack, start);
    while (top > stack) {
      top -= 4;
      const pixel = load<i32>(top);
      if (load<u8>(map + <usize>pixel) != EMPTY) continue;
      const row = pixel & ~(SIDE - 1);
      let from = pixel,
        to = pixel + 1;
      while (from - 8 >= row && load<u64>(map + <usize>(from - 8)) == 0) from -= 8;
      while (from > row && load<u8>(map + <usize>(from - 1)) == EMPTY) from--;
      while (to + 8 <= row + SIDE && load<u64>(map + <usize>to) == 0) to += 8;
      while (to < row + SIDE && load<u8>(map + <usize>to) == EMPTY) to++;
      memory.fill(map + <usize>from, OUTSIDE, <usize>(to - from));
      size += to - from;
      for (let k = from; k < to; ) {
        const next = min((k | (BIN_SIDE - 1)) + 1, to);
        if (load<u8>(covered + binOf(k)) == 0) open += next - k;
        k = next;
      }
      run = push(push(run, from), to);
      if (row > 0) top = pushRuns(map, top, from - SIDE, to - SIDE);
      if (row < (SIDE - 1) * SIDE) top = pushRuns(map, top, from + SIDE, to + SIDE);
    }
    if (size >= HOLE && 2 * open > size) continue;
    for (let at = runs; at < run; at += 8)
      memory.fill(map + <usize>load<i32>(at), FIGURE, <usize>(load<i32>(at, 4) - load<i32>(at)));
  }
  release(stack);
  release(runs);
}

// @ts-ignore: decorator
@inline function push(top: usize, pixel: i32): usize {
  store<i32>(top, pixel);
  return top + 4;
}

/** Pushes the first pixel of each empty run between two pixels of one row. */
function pushRuns(map: usize, top: usize, from: i32, to: i32): usize {
  let before = OUTSIDE;
  for (let pixel = from; pixel < to; pixel++) {
    if (pixel + 8 <= to) {
      // Eight at once that start no run.
      const eight = load<u64>(map + <usize>pixel);
      const all = eight == 0 ? EMPTY : eight == 0x0202020202020202 ? OUTSIDE : FIGURE;
      if (all == OUTSIDE || (all == EMPTY && before == EMPTY)) {
        before = all;
        pixel += 7;
        continue;
      }
    }
    const value = load<u8>(map + <usize>pixel);
    if (value == EMPTY && before != EMPTY) top = push(top, pixel);
    before = value;
  }
  return top;
}

/** (1 4 6 4 1) over five vectors. */
// @ts-ignore: decorator
@inline function binomial(a: v128, b: v128, c: v128, d: v128, e: v128): v128 {
  const inner = i16x8.shl(i16x8.add(i16x8.add(b, d), c), 2);
  return i16x8.add(i16x8.add(a, e), i16x8.add(inner, i16x8.shl(c, 1)));
}

// @ts-ignore: decorator
@inline function figureBytes(at: usize): v128 {
  return v128.and(v128.load(at), i8x16.splat(1));
}

/** Job over rows: the figure, 0 or 1, blurred along x: 0 to 16. Sums of bytes stay below 256, so lanes of 16 bits do. */
export function blurRowsJob(first: i32, last: i32): void {
  const from = max(first * SIDE, 16),
    end = min(last * SIDE, SIDE * SIDE - 16);
  for (let i = from; i < end; i += 16) {
    const at = S.silhouette + <usize>i;
    v128.store(
      S.jobFrom + <usize>i,
      binomial(
        figureBytes(at - 2),
        figureBytes(at - 1),
        figureBytes(at),
        figureBytes(at + 1),
        figureBytes(at + 2),
      ),
    );
  }
}

/** Job over rows: blurred along y: 0 to 256. */
export function blurColumnsJob(first: i32, last: i32): void {
  for (let i = max(first, 2) * SIDE, end = min(last, SIDE - 2) * SIDE; i < end; i += 8) {
    const at = S.jobFrom + <usize>i;
    v128.store(
      S.coverage + ((<usize>i) << 1),
      binomial(
        v128.load8x8_u(at - 2 * SIDE),
        v128.load8x8_u(at - SIDE),
        v128.load8x8_u(at),
        v128.load8x8_u(at + SIDE),
        v128.load8x8_u(at + 2 * SIDE),
      ),
    );
  }
}

/** Between the centres of four pixels, linear. */
function coverageAt(x: f64, y: f64): f64 {
  const column = floor<f64>(x - 0.5),
    row = floor<f64>(y - 0.5);
  const u = x - 0.5 - column,
    v = y - 0.5 - row;
  const at = S.coverage + ((<usize>(<i32>row * SIDE + <i32>column)) << 1);
  const above = <f64>load<u16>(at) * (1 - u) + <f64>load<u16>(at, 2) * u;
  const below = <f64>load<u16>(at, 2 * SIDE) * (1 - u) + <f64>load<u16>(at, 2 * SIDE + 2) * u;
  return above * (1 - v) + below * v;
}

let nearX: f64 = 0,
  nearY: f64 = 0,
  nearDistance: f64 = 0;

// @ts-ignore: decorator
@inline function consider(x: f64, y: f64, px: f64, py: f64, short: f64): void {
  const distance = sqrt<f64>((px - x) * (px - x) + (py - y) * (py - y)) - short;
  if (distance >= nearDistance) return;
  nearDistance = distance;
  // On the way to (px, py), `short` of it.
  const share = short == 0 ? 0 : short / (distance + short);
  nearX = px + (x - px) * share;
  nearY = py + (y - py) * share;
}

/** The nearest point of a segment. */
function considerSegment(x: f64, y: f64, ax: f64, ay: f64, bx: f64, by: f64): void {
  const ux = bx - ax,
    uy = by - ay;
  const squared = ux * ux + uy * uy;
  const share = squared > 0 ? min(max(((x - ax) * ux + (y - ay) * uy) / squared, 0), <f64>1) : 0;
  consider(x, y, ax + share * ux, ay + share * uy, 0);
}

/** Pixel of the figure with nothing of the blurred figure beside it: a thing too thin for a contour. */
function isThin(column: i32, row: i32): bool {
  if (load<u8>(S.silhouette + <usize>(row * SIDE + column)) != FIGURE) return false;
  for (let dy = -1; dy <= 1; dy++)
    for (let dx = -1; dx <= 1; dx++)
      if (<f64>load<u16>(S.coverage + ((<usize>((row + dy) * SIDE + column + dx)) << 1)) >= EDGE)
        return false;
  return true;
}

/** The contour between the centres of the pixel (column, row) and its neighbours right, below, and diagonally. */
function considerSquare(x: f64, y: f64, column: i32, row: i32): void {
  const at = S.coverage + ((<usize>(row * SIDE + column)) << 1);
  const a = <f64>load<u16>(at) - EDGE,
    b = <f64>load<u16>(at, 2) - EDGE;
  const c = <f64>load<u16>(at, 2 * SIDE) - EDGE,
    d = <f64>load<u16>(at, 2 * SIDE + 2) - EDGE;
  const mask = i32(a >= 0) | (i32(b >= 0) << 1) | (i32(c >= 0) << 2) | (i32(d >= 0) << 3);
  if (mask == 15) return;
  if (mask == 0) {
    if (isThin(column, row)) consider(x, y, <f64>column + 0.5, <f64>row + 0.5, THIN_REACH);
    return;
  }
  const left = <f64>column + 0.5,
    top = <f64>row + 0.5;
  // Where the four sides are crossed; only those of sides whose ends differ are used.
  const above = left + a / (a - b),
    below = left + c / (c - d),
    west = top + a / (a - c),
    east = top + b / (b - d);
  const cutsAbove = a >= 0 != b >= 0,
    cutsBelow = c >= 0 != d >= 0,
    cutsWest = a >= 0 != c >= 0;
  if (cutsAbove && cutsBelow && cutsWest) {
    // Opposite corners inside: each side's end is near enough.
    considerSegment(x, y, above, top, left, west);
    considerSegment(x, y, below, top + 1, left + 1, east);
  } else if (cutsAbove) {
    if (cutsBelow) considerSegment(x, y, above, top, below, top + 1);
    else if (cutsWest) considerSegment(x, y, above, top, left, west);
    else considerSegment(x, y, above, top, left + 1, east);
  } else if (cutsBelow) {
    if (cutsWest) considerSegment(x, y, below, top + 1, left, west);
    else considerSegment(x, y, below, top + 1, left + 1, east);
  } else considerSegment(x, y, left, west, left + 1, east);
}

/** Puts the nearest point of the silhouette into nearX and nearY, and how far it is into nearDistance; false: none. */
function nearestEdge(x: f64, y: f64): bool {
  const column = <i32>floor<f64>(x - 0.5),
    row = <i32>floor<f64>(y - 0.5);
  nearDistance = f64.MAX_VALUE;
  for (let ring = 0; ring <= FARTHEST; ring++) {
    // What a square of this ring has, a thin pixel's reach included, is at least this far.
    if (nearDistance <= <f64>ring - 1 - THIN_REACH) break;
    for (let dy = -ring; dy <= ring; dy++) {
      const step = ring == 0 || abs(dy) == ring ? 1 : 2 * ring;
      for (let dx = -ring; dx <= ring; dx += step) {
        const px = column + dx,
          py = row + dy;
        if (px >= 2 && py >= 2 && px < SIDE - 3 && py < SIDE - 3) considerSquare(x, y, px, py);
      }
    }
  }
  return nearDistance <= <f64>FARTHEST;
}

/** Job over blocks of vertices: moves those outside; S.jobTo gets how many a block. */
export function holdJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    let moved: u32 = 0;
    for (let v = b * VERTEX_BLOCK, n = min((b + 1) * VERTEX_BLOCK, S.vertexCount); v < n; v++)
      if (staysVertex(v)) moved += u32(hold(S.vertices + <usize>v * 12));
    store<u32>(S.jobTo + ((<usize>b) << 2), moved);
  }
}

function hold(at: usize): bool {
  const x = columnOf(at),
    y = rowOf(at);
  // The blur and the interpolation look three pixels round.
  if (!(x >= 4 && y >= 4 && x < SIDE - 4 && y < SIDE - 4)) return false;
  if (coverageAt(x, y) >= EDGE) return false;
  if (!nearestEdge(x, y) || nearDistance <= 0) return false;
  const z = S.centreZ - <f64>load<f32>(at, 8);
  store<f32>(at, <f32>(((nearX + (x - nearX) * LEFT - SIDE / 2) / S.focalPx) * z));
  store<f32>(at, <f32>((-(nearY + (y - nearY) * LEFT - SIDE / 2) / S.focalPx) * z), 4);
  return true;
}
