/**
 * Normals onto the finest grid: V(x) = sum over pieces of area * normal * B(x - p), B the quadratic B-spline over
 * cells (support 3 x 3 x 3, smooth first derivative). Kazhdan & Hoppe 2013 splat with degree 2 as well; against the
 * trilinear splat it lowers the normal error, see ../README.md.
 *
 * The field is interleaved, f32 x 4 a cell: normal x, y, z and the area itself.
 */

import { firstOfSlab, sampleAt } from './bins';
import { PHASE_SPLAT } from './host';
import { BRICK_NODES, brickAt, Level, markNodes } from './level';
import { blockEnd, SAMPLE_BLOCK } from './sample-blocks';
import {
  centreX,
  centreY,
  centreZ,
  loadPiece,
  loadSample,
  normalX,
  normalY,
  normalZ,
  pieceArea,
  piecesA,
  piecesB,
  pieceX,
  pieceY,
  pieceZ,
} from './samples';
import { S } from './state';
import { forItems, reportNext } from './thread-pool';

/** Nodes below and above a piece's cell that its splat, the divergence of that, and smooth.ts can reach. */
export const REACH_BELOW: i32 = 3;
export const REACH_ABOVE: i32 = 4;

/** The bricks that markAround marked last, their bounds packed: neighbours in the cloud mostly touch the same. */
let marked: u64 = 0;

// @ts-ignore: decorator
@inline function boundsAlong(x: i32): u64 {
  return <u64>(((x - REACH_BELOW) >> 3) | (((x + REACH_ABOVE) >> 3) << 10));
}

// @ts-ignore: decorator
@inline function markAround(level: Level, x: i32, y: i32, z: i32): void {
  const bounds = boundsAlong(x) | (boundsAlong(y) << 20) | (boundsAlong(z) << 40);
  if (bounds == marked) return;
  marked = bounds;
  markNodes(
    level,
    x - REACH_BELOW,
    x + REACH_ABOVE,
    y - REACH_BELOW,
    y + REACH_ABOVE,
    z - REACH_BELOW,
    z + REACH_ABOVE,
  );
}

/** Job over blocks of samples: marks the bricks that they touch on S.jobLevel. */
export function markJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  marked = 0;
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++) {
    loadSample(i);
    if (pieceArea == 0) continue;
    markAround(level, <i32>centreX, <i32>centreY, <i32>centreZ);
    if (piecesA == 1 && piecesB == 1) continue;
    for (let a = 0; a < piecesA; a++)
      for (let b = 0; b < piecesB; b++) {
        loadPiece(a, b);
        markAround(level, <i32>pieceX, <i32>pieceY, <i32>pieceZ);
      }
  }
}

// @ts-ignore: decorator
@inline function cellAddress(level: Level, field: usize, x: i32, y: i32, z: i32): usize {
  const brick = <usize>brickAt(level, x >> 3, y >> 3, z >> 3);
  return field + ((brick * BRICK_NODES + <usize>(((z & 7) << 6) | ((y & 7) << 3) | (x & 7))) << 4);
}

// @ts-ignore: decorator
@inline function add(at: usize, v: v128): void {
  v128.store(at, f32x4.add(v128.load(at), v));
}

/** Adds every piece to `field` (16 bytes a cell, zeroed by the caller). */
export function splatNormals(level: Level, field: usize): void {
  S.jobLevel = changetype<usize>(level);
  S.jobTo = field;
  reportNext(0.06, 0.13, PHASE_SPLAT);
  forItems(splatEvenJob, (S.slabs + 1) >> 1);
  reportNext(0.13, 0.2, PHASE_SPLAT);
  forItems(splatOddJob, S.slabs >> 1);
}

/** Jobs over the even and over the odd slabs. */
export function splatEvenJob(first: i32, last: i32): void {
  for (let k = first; k < last; k++) splatSlab(changetype<Level>(S.jobLevel), S.jobTo, 2 * k);
}
export function splatOddJob(first: i32, last: i32): void {
  for (let k = first; k < last; k++) splatSlab(changetype<Level>(S.jobLevel), S.jobTo, 2 * k + 1);
}

function splatSlab(level: Level, field: usize, slab: i32): void {
  for (let k = firstOfSlab(slab), n = firstOfSlab(slab + 1); k < n; k++) {
    loadSample(sampleAt(k));
    if (pieceArea == 0) continue;
    const v = f32x4.mul(f32x4(normalX, normalY, normalZ, 1), f32x4.splat(pieceArea));
    for (let a = 0; a < piecesA; a++)
      for (let b = 0; b < piecesB; b++) {
        loadPiece(a, b);
        splatPiece(level, field, v);
      }
  }
}

function splatPiece(level: Level, field: usize, v: v128): void {
  const x = <i32>pieceX,
    y = <i32>pieceY,
    z = <i32>pieceZ;
  const fx = pieceX - <f32>x,
    fy = pieceY - <f32>y,
    fz = pieceZ - <f32>z;
  const x0: f32 = 0.5 * (1 - fx) * (1 - fx),
    x2: f32 = 0.5 * fx * fx,
    x1: f32 = 1 - x0 - x2;
  const y0: f32 = 0.5 * (1 - fy) * (1 - fy),
    y2: f32 = 0.5 * fy * fy,
    y1: f32 = 1 - y0 - y2;
  const z0: f32 = 0.5 * (1 - fz) * (1 - fz),
    z2: f32 = 0.5 * fz * fz,
    z1: f32 = 1 - z0 - z2;
  const vx0 = f32x4.mul(v, f32x4.splat(x0)),
    vx1 = f32x4.mul(v, f32x4.splat(x1)),
    vx2 = f32x4.mul(v, f32x4.splat(x2));
  const inside =
    ((x & 7) - 1) | (6 - (x & 7)) | ((y & 7) - 1) | (6 - (y & 7)) | ((z & 7) - 1) | (6 - (z & 7));
  if (inside >= 0) {
    const at = cellAddress(level, field, x - 1, y - 1, z - 1);
    for (let dz = 0; dz < 3; dz++) {
      const wz = dz == 0 ? z0 : dz == 1 ? z1 : z2;
      const plane = at + ((<usize>dz) << 10);
      addRow(plane, wz * y0, vx0, vx1, vx2);
      addRow(plane + 128, wz * y1, vx0, vx1, vx2);
      addRow(plane + 256, wz * y2, vx0, vx1, vx2);
    }
    return;
  }
  for (let dz = 0; dz < 3; dz++) {
    const wz = dz == 0 ? z0 : dz == 1 ? z1 : z2;
    for (let dy = 0; dy < 3; dy++) {
      const w = f32x4.splat(wz * (dy == 0 ? y0 : dy == 1 ? y1 : y2));
      add(cellAddress(level, field, x - 1, y + dy - 1, z + dz - 1), f32x4.mul(vx0, w));
      add(cellAddress(level, field, x, y + dy - 1, z + dz - 1), f32x4.mul(vx1, w));
      add(cellAddress(level, field, x + 1, y + dy - 1, z + dz - 1), f32x4.mul(vx2, w));
    }
  }
}

// @ts-ignore: decorator
@inline function addRow(at: usize, weight: f32, a: v128, b: v128, c: v128): void {
  const w = f32x4.splat(weight);
  add(at, f32x4.mul(a, w));
  add(at + 16, f32x4.mul(b, w));
  add(at + 32, f32x4.mul(c, w));
}
