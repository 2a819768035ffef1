/**
 * Copies a brick with its surroundings out of a field, so that stencils run on contiguous memory without look-ups.
 *
 * `gatherHalo`: 10^3 nodes, -1 .. 8, missing bricks as zero: the hot one, for the conjugate gradients, whose vectors
 * are zero outside the bricks. `gatherWide`: 11^3 nodes, -1 .. 9, of the solution, missing nodes as NaN, for drawing
 * the surface. interpolate.ts has a third one, whose missing nodes come from the coarser level.
 */

import { Grid } from './dense-grid';
import { BRICK_BYTES, brickAt, brickX, brickY, brickZ, Level, levelAt, packedBrick } from './level';
import { rootValue } from './root';
import { S } from './state';

export const HALO_SIDE: i32 = 10;
export const HALO_BYTES: usize = 4096;
export const WIDE_SIDE: i32 = 11;
export const WIDE_BYTES: usize = 5376;

/** Solution of a level at any node: its own, or interpolated from the next coarser that has it. */
export function valueAt(depth: i32, x: i32, y: i32, z: i32): f32 {
  const last = 1 << depth;
  x = min(max(x, 0), last);
  y = min(max(y, 0), last);
  z = min(max(z, 0), last);
  if (depth == S.rootDepth) return rootValue(changetype<Grid>(S.root), x, y, z);
  const level = levelAt(depth);
  const brick = brickAt(level, x >> 3, y >> 3, z >> 3);
  if (brick >= 0)
    return load<f32>(
      level.u + <usize>brick * BRICK_BYTES + ((<usize>(((z & 7) << 6) | ((y & 7) << 3) | (x & 7))) << 2),
    );
  const x0 = x >> 1,
    x1 = (x + 1) >> 1,
    y0 = y >> 1,
    y1 = (y + 1) >> 1,
    z0 = z >> 1,
    z1 = (z + 1) >> 1;
  let sum: f32 = 0;
  for (let k = 0; k < 8; k++) sum += valueAt(depth - 1, k & 1 ? x1 : x0, k & 2 ? y1 : y0, k & 4 ? z1 : z0);
  return sum * <f32>0.125;
}

const ZERO: v128 = i64x2.splat(0);
const NONE: v128 = i32x4.splat(0x7fc00000);

export function gatherHalo(level: Level, field: usize, brick: i32, out: usize): void {
  const packed = packedBrick(level, brick);
  const bx = brickX(packed),
    by = brickY(packed),
    bz = brickZ(packed);
  for (let dz = -1; dz <= 1; dz++) {
    const z0 = dz < 0 ? 0 : dz > 0 ? 9 : 1,
      z1 = dz < 0 ? 1 : dz > 0 ? 10 : 9;
    for (let dy = -1; dy <= 1; dy++) {
      const y0 = dy < 0 ? 0 : dy > 0 ? 9 : 1,
        y1 = dy < 0 ? 1 : dy > 0 ? 10 : 9;
      const before = brickAt(level, bx - 1, by + dy, bz + dz);
      const here = brickAt(level, bx, by + dy, bz + dz);
      const after = brickAt(level, bx + 1, by + dy, bz + dz);
      const fromBefore = field + <usize>before * BRICK_BYTES + 28;
      const fromHere = field + <usize>here * BRICK_BYTES;
      const fromAfter = field + <usize>after * BRICK_BYTES;
      for (let z = z0; z < z1; z++)
        for (let y = y0; y < y1; y++) {
          const to = out + <usize>(z * 100 + y * 10) * 4;
          const row = (<usize>((((z + 7) & 7) << 6) | (((y + 7) & 7) << 3))) << 2;
          store<f32>(to, before >= 0 ? load<f32>(fromBefore + row) : 0);
          if (here >= 0) {
            v128.store(to, v128.load(fromHere + row), 4);
            v128.store(to, v128.load(fromHere + row, 16), 20);
          } else {
            v128.store(to, ZERO, 4);
            v128.store(to, ZERO, 20);
          }
          store<f32>(to, after >= 0 ? load<f32>(fromAfter + row) : 0, 36);
        }
    }
  }
}

/** Whether all 26 bricks around a brick exist. */
export function isSurrounded(level: Level, brick: i32): bool {
  const packed = packedBrick(level, brick);
  const x = brickX(packed),
    y = brickY(packed),
    z = brickZ(packed);
  for (let dz = -1; dz <= 1; dz++)
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) if (brickAt(level, x + dx, y + dy, z + dz) < 0) return false;
  return true;
}

export function gatherWide(level: Level, brick: i32, out: usize): void {
  const packed = packedBrick(level, brick);
  const bx = brickX(packed),
    by = brickY(packed),
    bz = brickZ(packed);
  for (let dz = -1; dz <= 1; dz++) {
    const z0 = dz < 0 ? 0 : dz > 0 ? 9 : 1,
      z1 = dz < 0 ? 1 : dz > 0 ? 11 : 9;
    for (let dy = -1; dy <= 1; dy++) {
      const y0 = dy < 0 ? 0 : dy > 0 ? 9 : 1,
        y1 = dy < 0 ? 1 : dy > 0 ? 11 : 9;
      const before = brickAt(level, bx - 1, by + dy, bz + dz);
      const here = brickAt(level, bx, by + dy, bz + dz);
      const after = brickAt(level, bx + 1, by + dy, bz + dz);
      const fromBefore = level.u + <usize>before * BRICK_BYTES + 28;
      const fromHere = level.u + <usize>here * BRICK_BYTES;
      const fromAfter = level.u + <usize>after * BRICK_BYTES;
      for (let z = z0; z < z1; z++)
        for (let y = y0; y < y1; y++) {
          const to = out + ((<usize>((z * WIDE_SIDE + y) * WIDE_SIDE)) << 2);
          const row = (<usize>((((z + 7) & 7) << 6) | (((y + 7) & 7) << 3))) << 2;
          store<f32>(to, before >= 0 ? load<f32>(fromBefore + row) : f32.NaN);
          v128.store(to, here >= 0 ? v128.load(fromHere + row) : NONE, 4);
          v128.store(to, here >= 0 ? v128.load(fromHere + row, 16) : NONE, 20);
          store<u64>(to, after >= 0 ? load<u64>(fromAfter + row) : 0x7fc000007fc00000, 36);
        }
    }
  }
}
