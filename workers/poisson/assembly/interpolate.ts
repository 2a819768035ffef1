/**
 * The coarser solution on finer nodes: trilinear interpolation of 7^3 coarse nodes to a brick's 10^3 halo.
 * `gatherComplete` joins both: a brick's halo of the solution, with the interpolated coarser one where bricks are
 * missing. Each node gets the same bits whichever brick asks, so neighbours agree about every sign.
 */

import { gatherHalo, isSurrounded, valueAt } from './halo';
import { BRICK_BYTES, brickAt, brickX, brickY, brickZ, Level, levelAt, packedBrick } from './level';
import { S } from './state';

/** Bytes of work space that gatherComplete needs. */
export const COMPLETE_BYTES: usize = 1536 + 4096 + 8192;

/** 10^3 nodes of level.u, -1 .. 8, none missing. */
export function gatherComplete(level: Level, brick: i32, out: usize, work: usize): void {
  gatherHalo(level, level.u, brick, out);
  if (!isSurrounded(level, brick)) fillMissing(level, brick, out, work);
}

function fillMissing(level: Level, brick: i32, out: usize, work: usize): void {
  const packed = packedBrick(level, brick);
  const bx = brickX(packed),
    by = brickY(packed),
    bz = brickZ(packed);
  const coarse = work,
    halo = work + 1536;
  gatherCoarse(level.depth - 1, (bx << 2) - 1, (by << 2) - 1, (bz << 2) - 1, coarse);
  refine(coarse, halo, halo + 4096);
  for (let dz = -1; dz <= 1; dz++)
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++)
        if (brickAt(level, bx + dx, by + dy, bz + dz) < 0) copyPart(halo, out, dx, dy, dz);
}

/** First halo node along an axis that lies in the brick before, in the own and in the next. */
// @ts-ignore: decorator
@inline function firstNode(side: i32): i32 {
  return side < 0 ? 0 : side == 0 ? 1 : 9;
}
// @ts-ignore: decorator
@inline function endNode(side: i32): i32 {
  return side < 0 ? 1 : side == 0 ? 9 : 10;
}

/** Copies the halo's nodes that lie in the neighbour (dx, dy, dz). */
function copyPart(halo: usize, out: usize, dx: i32, dy: i32, dz: i32): void {
  for (let z = firstNode(dz); z < endNode(dz); z++)
    for (let y = firstNode(dy); y < endNode(dy); y++) {
      const row = (<usize>(z * 100 + y * 10)) << 2;
      for (let x = firstNode(dx); x < endNode(dx); x++)
        store<f32>(out + row + ((<usize>x) << 2), load<f32>(halo + row + ((<usize>x) << 2)));
    }
}

/** Side of the coarse block under a 10^3 halo. */
const COARSE_SIDE: i32 = 7;

/** 7^3 nodes of the solution at `depth` from (x0, y0, z0). */
export function gatherCoarse(depth: i32, x0: i32, y0: i32, z0: i32, out: usize): void {
  let to = out;
  if (depth == S.rootDepth) {
    for (let z = z0; z < z0 + COARSE_SIDE; z++)
      for (let y = y0; y < y0 + COARSE_SIDE; y++)
        for (let x = x0; x < x0 + COARSE_SIDE; x++, to += 4) store<f32>(to, valueAt(depth, x, y, z));
    return;
  }
  const level = levelAt(depth);
  for (let z = z0; z < z0 + COARSE_SIDE; z++)
    for (let y = y0; y < y0 + COARSE_SIDE; y++) {
      let brickOfRow = -2,
        lastBx = -1;
      for (let x = x0; x < x0 + COARSE_SIDE; x++, to += 4) {
        const bx = x >> 3;
        if (bx != lastBx || brickOfRow == -2) {
          brickOfRow = brickAt(level, bx, y >> 3, z >> 3);
          lastBx = bx;
        }
        store<f32>(
          to,
          brickOfRow >= 0
            ? load<f32>(
                level.u +
                  <usize>brickOfRow * BRICK_BYTES +
                  ((<usize>(((z & 7) << 6) | ((y & 7) << 3) | (x & 7))) << 2),
              )
            : valueAt(depth, x, y, z),
        );
      }
    }
}

/** Trilinear interpolation of 7^3 coarse nodes to the 10^3 fine nodes -1 .. 8; fine i lies over coarse (i+1)/2 (i from 0). */
export function refine(coarse: usize, halo: usize, work: usize): void {
  const px = work,
    py = px + 490 * 4;
  for (let row: usize = 0; row < 49; row++)
    for (let i: usize = 0; i < 10; i++) {
      const a = coarse + row * 28;
      store<f32>(
        px + row * 40 + (i << 2),
        <f32>0.5 * (load<f32>(a + (((i + 1) >> 1) << 2)) + load<f32>(a + (((i + 2) >> 1) << 2))),
      );
    }
  for (let z: usize = 0; z < 7; z++)
    for (let i: usize = 0; i < 10; i++)
      average(
        px + z * 280 + ((i + 1) >> 1) * 40,
        px + z * 280 + ((i + 2) >> 1) * 40,
        py + z * 400 + i * 40,
        40,
      );
  for (let i: usize = 0; i < 10; i++)
    average(py + ((i + 1) >> 1) * 400, py + ((i + 2) >> 1) * 400, halo + i * 400, 400);
}

/** `bytes` may be a multiple of 8. */
// @ts-ignore: decorator
@inline function average(a: usize, b: usize, to: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 8) {
    const mean = f32x4.mul(f32x4.add(v128.load64_zero(a + k), v128.load64_zero(b + k)), f32x4.splat(0.5));
    v128.store64_lane(to + k, mean, 0);
  }
}
