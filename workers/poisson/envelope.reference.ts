/**
 * How far a mesh stands outside the figure's silhouette as the camera sees it, for tests of assembly/silhouette.ts, which
 * moves such vertices. Distances are along the line to the nearest pixel of the figure, so no shorter than to the contour.
 *
 * The silhouette is the half-way contour of the pixels that have a point, after a 5 x 5 binomial blur: exact to a
 * fraction of a pixel and without their steps. Things so thin that the blur leaves less than half of them (a strand of
 * two pixels) keep what lies within THIN_REACH_PX of their pixels' centres.
 *
 * Only for clouds that come from a depth map. Empty pixels count as outside where they are many and the mesh is open
 * there too: the surroundings, the hole between arm and body. Where the mesh spans them, points are only missing.
 */

import { METHOD_CAMERA } from './camera.ts';
import type { OrientedCloud } from './types.ts';

const { z: CAMERA_Z, focalPx: FOCAL_PX } = METHOD_CAMERA;

const SIDE = 2048;
/** What the blur makes of the silhouette's edge; 256 where all pixels around belong to the figure. */
const EDGE = 128;
/** Half a pixel's diagonal: the pixel's own square lies inside. */
const THIN_REACH_PX = 0.71;
/** Vertices farther out than this may be anywhere: nothing near says where they belong. */
const FARTHEST_PX = 32;
/** Fewer empty pixels together are missing points, not a hole. */
const HOLE_PX = 256;
/** Two cells of the solver at depth 9: where the mesh spans a region, no square of this side is without a vertex. */
const BIN_PX = 8;
/** Pixels from the silhouette to the vertex farthest outside, of those within FARTHEST_PX; 0 where none is outside. */
export function farthestOutsidePx(positions: Float32Array, cloud: OrientedCloud): number {
  const figure = figureOf(cloud, positions);
  const coverage = blur(figure);
  let farthest = 0;
  for (let at = 0; at < positions.length; at += 3) {
    const z = CAMERA_Z - positions[at + 2];
    const x = (positions[at] / z) * FOCAL_PX + SIDE / 2;
    const y = (-positions[at + 1] / z) * FOCAL_PX + SIDE / 2;
    // The blur and the interpolation look three pixels round.
    if (!(x >= 4 && y >= 4 && x < SIDE - 4 && y < SIDE - 4)) continue;
    if (coverageAt(coverage, x, y) >= EDGE) continue;
    const near = nearestFigure(figure, x, y);
    if (near) farthest = Math.max(farthest, (1 - shareInside(coverage, x, y, near)) * near[2]);
  }
  return farthest;
}

/** How far to go from the pixel centre `near` to (x, y), 0 to 1, so as to end on the silhouette. */
function shareInside(
  coverage: Uint16Array,
  x: number,
  y: number,
  [px, py, distance]: readonly [number, number, number],
): number {
  if (coverageAt(coverage, px, py) < EDGE) return Math.min(1, THIN_REACH_PX / distance);
  let inside = 0;
  let outside = 1;
  for (let k = 0; k < 8; k++) {
    const middle = (inside + outside) / 2;
    if (coverageAt(coverage, px + (x - px) * middle, py + (y - py) * middle) >= EDGE) inside = middle;
    else outside = middle;
  }
  return inside;
}

function pixelAt(x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  return column >= 0 && row >= 0 && column < SIDE && row < SIDE ? row * SIDE + column : -1;
}

/** 1 where a pixel has a point or lies in a gap between such pixels, 0 outside. */
function figureOf({ count, positions }: OrientedCloud, vertices: Float32Array): Uint8Array {
  const figure = new Uint8Array(SIDE * SIDE);
  for (let at = 0; at < count * 3; at += 3) {
    const pixel = pixelOf(positions, at);
    if (pixel !== -1) figure[pixel] = 1;
  }
  const seenThrough = emptyBins(vertices);
  for (const region of emptyRegions(figure)) {
    if (region.length < HOLE_PX || !isHole(region, seenThrough))
      for (const pixel of region) figure[pixel] = 1;
  }
  return figure;
}

function pixelOf(positions: Float32Array, at: number): number {
  const z = CAMERA_Z - positions[at + 2];
  return pixelAt((positions[at] / z) * FOCAL_PX + SIDE / 2, (-positions[at + 1] / z) * FOCAL_PX + SIDE / 2);
}

/** Squares of BIN_PX pixels: 1 where no vertex of the mesh is. */
function emptyBins(vertices: Float32Array): Uint8Array {
  const bins = new Uint8Array((SIDE / BIN_PX) ** 2).fill(1);
  for (let at = 0; at < vertices.length; at += 3) {
    const pixel = pixelOf(vertices, at);
    if (pixel !== -1) bins[binOf(pixel)] = 0;
  }
  return bins;
}

function binOf(pixel: number): number {
  return Math.floor(pixel / SIDE / BIN_PX) * (SIDE / BIN_PX) + Math.floor((pixel % SIDE) / BIN_PX);
}

/** Whether one can see through the mesh in more than half of the region. */
function isHole(region: Int32Array, seenThrough: Uint8Array): boolean {
  let open = 0;
  for (const pixel of region) open += seenThrough[binOf(pixel)];
  return open > region.length / 2;
}

/** Connected empty pixels; each region's array is valid until the next is asked for. */
function* emptyRegions(figure: Uint8Array): Generator<Int32Array> {
  const done = figure.slice();
  const region = new Int32Array(SIDE * SIDE);
  for (let start = 0; start < done.length; start++) {
    if (done[start]) continue;
    let size = 0;
    const reach = (pixel: number) => {
      if (done[pixel]) return;
      done[pixel] = 1;
      region[size++] = pixel;
    };
    reach(start);
    for (let k = 0; k < size; k++) {
      const pixel = region[k];
      const column = pixel % SIDE;
      if (column > 0) reach(pixel - 1);
      if (column < SIDE - 1) reach(pixel + 1);
      if (pixel >= SIDE) reach(pixel - SIDE);
      if (pixel < SIDE * (SIDE - 1)) reach(pixel + SIDE);
    }
    yield region.subarray(0, size);
  }
}

/** (1 4 6 4 1) along both axes: 0 to 256. */
function blur(figure: Uint8Array): Uint16Array {
  const rows = new Uint8Array(SIDE * SIDE);
  const out = new Uint16Array(SIDE * SIDE);
  for (let at = 2; at < rows.length - 2; at++) {
    rows[at] = figure[at - 2] + figure[at + 2] + 4 * (figure[at - 1] + figure[at + 1]) + 6 * figure[at];
  }
  for (let at = 2 * SIDE; at < out.length - 2 * SIDE; at++) {
    out[at] =
      rows[at - 2 * SIDE] + rows[at + 2 * SIDE] + 4 * (rows[at - SIDE] + rows[at + SIDE]) + 6 * rows[at];
  }
  return out;
}

/** Between the centres of four pixels, linear. */
function coverageAt(coverage: Uint16Array, x: number, y: number): number {
  const column = Math.floor(x - 0.5);
  const row = Math.floor(y - 0.5);
  const u = x - 0.5 - column;
  const v = y - 0.5 - row;
  const at = row * SIDE + column;
  return (
    (coverage[at] * (1 - u) + coverage[at + 1] * u) * (1 - v) +
    (coverage[at + SIDE] * (1 - u) + coverage[at + SIDE + 1] * u) * v
  );
}

/** Centre of the nearest pixel of the figure, and how far it is; null beyond FARTHEST_PX. */
function nearestFigure(figure: Uint8Array, x: number, y: number): readonly [number, number, number] | null {
  const column = Math.floor(x);
  const row = Math.floor(y);
  let best: readonly [number, number, number] | null = null;
  for (let ring = 0; ring <= FARTHEST_PX; ring++) {
    // A square ring's nearest pixel is at least this far.
    if (best && best[2] <= ring - 0.5) break;
    for (let dy = -ring; dy <= ring; dy++) {
      const step = ring === 0 || Math.abs(dy) === ring ? 1 : 2 * ring;
      for (let dx = -ring; dx <= ring; dx += step) {
        const pixel = pixelAt(column + dx, row + dy);
        if (pixel === -1 || !figure[pixel]) continue;
        const px = column + dx + 0.5;
        const py = row + dy + 0.5;
        const distance = Math.hypot(px - x, py - y);
        if (!best || distance < best[2]) best = [px, py, distance];
      }
    }
  }
  return best;
}
