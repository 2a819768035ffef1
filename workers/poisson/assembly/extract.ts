/**
 * Marching cubes over the bricks, in three passes that all work brick by brick.
 *
 * Pass 1 marks in a bit field which edges (node, axis) the surface crosses and counts vertices and triangles; a prefix
 * sum over bricks then gives every brick its place in the output. Pass 2 writes vertices, pass 3 triangles
 * (triangles.ts). A vertex's number is its brick's first number plus the rank of its bit, so no dense table of indices
 * (12 bytes a node) is needed, and the output order does not depend on who did which brick. The triangle table is made
 * by tracing faces (../cube-table.ts): two cells that share a face always cut it in the same way, so the mesh is closed
 * and manifold.
 *
 * Vertex normals are the solution's gradient, central differences at the two nodes, interpolated.
 */
import { sealBoundary } from './boundary';
import { gatherWide, WIDE_BYTES, WIDE_SIDE } from './halo';
import { FAIL_MEMORY, FAIL_NO_SURFACE, fail, PHASE_EXTRACT } from './host';
import { brickX, brickY, brickZ, Level, packedBrick } from './level';
import { allocate, release } from './memory';
import {
  ANY,
  cellMask,
  FIRST_TRIANGLE,
  FIRST_VERTEX,
  mixedCells,
  RANKS,
  RECORD,
  readSigns,
  signRow,
} from './signs';
import { S, scratch } from './state';
import { forItems, reportNext } from './thread-pool';
import { trianglesJob } from './triangles';

export function extractSurface(level: Level): void {
  const records = allocate(<u64>level.brickCount * RECORD);
  S.jobLevel = changetype<usize>(level);
  S.jobPartials = records;
  reportNext(0.82, 0.84, PHASE_EXTRACT);
  forItems(countJob, level.brickCount);
  let vertices: u64 = 0,
    triangles: u64 = 0;
  for (let b = 0; b < level.brickCount; b++) {
    const record = records + <usize>b * RECORD;
    const v = load<u32>(record + FIRST_VERTEX),
      t = load<u32>(record + FIRST_TRIANGLE);
    store<u32>(record + FIRST_VERTEX, <u32>vertices);
    store<u32>(record + FIRST_TRIANGLE, <u32>triangles);
    vertices += v;
    triangles += t;
  }
  if (triangles == 0) fail(FAIL_NO_SURFACE, 0);
  if (triangles > 300000000) fail(FAIL_MEMORY, <f64>triangles * 12);
  S.vertexCount = <i32>vertices;
  S.triangleCount = <i32>triangles;
  S.vertices = allocate(vertices * 12);
  S.vertexNormals = allocate(vertices * 12);
  S.triangles = allocate(triangles * 12);
  reportNext(0.84, 0.86, PHASE_EXTRACT);
  forItems(verticesJob, level.brickCount);
  reportNext(0.86, 0.88, PHASE_EXTRACT);
  forItems(trianglesJob, level.brickCount);
  release(records);
}

export function countJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const wide = scratch,
    signs = scratch + WIDE_BYTES;
  for (let b = first; b < last; b++) {
    gatherWide(level, b, wide);
    sealBoundary(level, packedBrick(level, b), wide, WIDE_SIDE, S.isoValue);
    readSigns(wide, signs);
    const record = S.jobPartials + <usize>b * RECORD;
    memory.fill(record, 0, RANKS);
    let triangles: u32 = 0;
    for (let z: usize = 0; z < 8; z++)
      for (let y: usize = 0; y < 8; y++) {
        const a = signRow(signs, y, z),
          by = signRow(signs, y + 1, z),
          bz = signRow(signs, y, z + 1),
          d = signRow(signs, y + 1, z + 1);
        const word = record + (((z << 1) + (y >> 2)) << 2);
        const shift = <u32>((y & 3) << 3);
        store<u32>(word, load<u32>(word) | (((a ^ (a >> 1)) & (a >> 16) & (a >> 17) & 255) << shift));
        store<u32>(word, load<u32>(word, 64) | (((a ^ by) & ((a & by) >> 16) & 255) << shift), 64);
        store<u32>(word, load<u32>(word, 128) | (((a ^ bz) & ((a & bz) >> 16) & 255) << shift), 128);
        let cells = mixedCells(a, by, bz, d);
        while (cells != 0) {
          triangles += load<u8>(S.cubeTable + <usize>cellMask(a, by, bz, d, ctz<u32>(cells)));
          cells &= cells - 1;
        }
      }
    let vertices: u32 = 0;
    for (let w: usize = 0; w < RANKS; w += 4) {
      store<u32>(record + w, vertices, RANKS);
      vertices += popcnt<u32>(load<u32>(record + w));
    }
    store<u32>(record + FIRST_VERTEX, vertices);
    store<u32>(record + FIRST_TRIANGLE, triangles);
    store<u32>(record + ANY, triangles | vertices);
  }
}

/** Job over bricks, after countJob and the prefix sum: positions and normals. */
export function verticesJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const wide = scratch;
  for (let b = first; b < last; b++) {
    const record = S.jobPartials + <usize>b * RECORD;
    if (load<u32>(record + ANY) == 0) continue;
    gatherWide(level, b, wide);
    sealBoundary(level, packedBrick(level, b), wide, WIDE_SIDE, S.isoValue);
    writeVertices(level, b, record, wide);
  }
}

function writeVertices(level: Level, brick: i32, record: usize, wide: usize): void {
  const packed = packedBrick(level, brick);
  const x0 = <f32>(brickX(packed) << 3),
    y0 = <f32>(brickY(packed) << 3),
    z0 = <f32>(brickZ(packed) << 3);
  const inverse: f32 = 1 / S.scale;
  let to = <usize>load<u32>(record + FIRST_VERTEX) * 12;
  for (let axis: usize = 0; axis < 3; axis++) {
    const step: usize = axis == 0 ? 4 : axis == 1 ? 44 : 484;
    for (let w: usize = 0; w < 16; w++) {
      let bits = load<u32>(record + (axis << 6) + (w << 2));
      while (bits != 0) {
        const slot = (w << 5) + <usize>ctz<u32>(bits);
        bits &= bits - 1;
        const x = slot & 7,
          y = (slot >> 3) & 7,
          z = slot >> 6;
        const at = wide + (((z + 1) * 11 + y + 1) * 11 + x + 1) * 4;
        const t = crossing(at, step);
        store<f32>(S.vertices + to, (x0 + <f32>x + (axis == 0 ? t : 0)) * inverse + S.originX);
        store<f32>(S.vertices + to, (y0 + <f32>y + (axis == 1 ? t : 0)) * inverse + S.originY, 4);
        store<f32>(S.vertices + to, (z0 + <f32>z + (axis == 2 ? t : 0)) * inverse + S.originZ, 8);
        const gx = slope(at, step, 4, t),
          gy = slope(at, step, 44, t),
          gz = slope(at, step, 484, t);
        const length: f32 = 1 / max(sqrt<f32>(gx * gx + gy * gy + gz * gz), 1e-20);
        store<f32>(S.vertexNormals + to, gx * length);
        store<f32>(S.vertexNormals + to, gy * length, 4);
        store<f32>(S.vertexNormals + to, gz * length, 8);
        to += 12;
      }
    }
  }
}

/**
 * Where the surface crosses the edge from the node at `at`, 0 .. 1: the root of the cubic through both values with
 * both central differences as slopes (Newton from the straight line's root, which it keeps where a slope is missing).
 */
// @ts-ignore: decorator
@inline function crossing(at: usize, step: usize): f32 {
  const a = load<f32>(at) - S.isoValue,
    b = load<f32>(at + step) - S.isoValue;
  const slopeA: f32 = 0.5 * (b + S.isoValue - load<f32>(at - step));
  const slopeB: f32 = 0.5 * (load<f32>(at + 2 * step) - S.isoValue - a);
  const rise: f32 = b - a;
  const square: f32 = rise + rise + rise - slopeA - slopeA - slopeB,
    cube: f32 = slopeA + slopeB - rise - rise;
  let t: f32 = a / (a - b);
  for (let k = 0; k < 3; k++) {
    const value: f32 = a + t * (slopeA + t * (square + t * cube));
    const slope: f32 = slopeA + t * (square + square + t * (cube + cube + cube));
    const next: f32 = t - value / slope;
    if (next > 0 && next < 1) t = next;
  }
  // A vertex on a node would make triangles without area, and one beside it triangles that lose theirs where a program
  // rounds their corners to floats of its own: at depth 11 this leaves 50 steps of a float.
  return min(max(t, 5e-3), <f32>0.995);
}

/** Slope along `stride`, between the node at `at` and its neighbour at `at + step`. */
// @ts-ignore: decorator
@inline function slope(at: usize, step: usize, stride: usize, t: f32): f32 {
  const a = nodeSlope(at, stride);
  return a + t * (nodeSlope(at + step, stride) - a);
}

/** Central difference, one-sided beside a node that does not exist. */
// @ts-ignore: decorator
@inline function nodeSlope(at: usize, stride: usize): f32 {
  const before = load<f32>(at - stride),
    after = load<f32>(at + stride);
  const central: f32 = after - before;
  if (central == central) return central;
  const here = load<f32>(at);
  return before == before ? 2 * (here - before) : after == after ? 2 * (after - here) : 0;
}
