/**
 * Right sides of coarser levels. A coarse hat is the sum of fine hats with weights 1, 1/2, 1/4, 1/8 (1/2 along every
 * axis in which the fine node is odd), so its right side is the same sum of the fine right sides: exact, no sampling.
 */
import { BRICK_BYTES, brickAt, brickX, brickY, brickZ, Level, packedBrick } from './level';
import { allocate, release } from './memory';
import { S, scratch } from './state';
import { forItems } from './thread-pool';

/** Coarse nodes that one fine brick touches along one axis. */
const TOUCHED: i32 = 5;

/** Sums the brick's 8^3 right sides onto its 5^3 coarse nodes, in scratch. */
function restrictBrick(from: usize, out: usize): void {
  const px = out + 125 * 4,
    py = px + 5 * 64 * 4;
  for (let row: usize = 0; row < 64; row++) halve(from + (row << 5), 4, px + row * 20, 4);
  for (let z: usize = 0; z < 8; z++)
    for (let x: usize = 0; x < 5; x++) halve(px + z * 160 + (x << 2), 20, py + z * 100 + (x << 2), 20);
  for (let i: usize = 0; i < 25; i++) halve(py + (i << 2), 100, out + (i << 2), 100);
}

/** Eight values `stride` apart to five. */
// @ts-ignore: decorator
@inline function halve(from: usize, stride: usize, to: usize, step: usize): void {
  let before: f32 = 0;
  for (let k: usize = 0; k < 4; k++) {
    const odd = <f32>0.5 * load<f32>(from + (2 * k + 1) * stride);
    store<f32>(to + k * step, before + load<f32>(from + 2 * k * stride) + odd);
    before = odd;
  }
  store<f32>(to + 4 * step, before);
}

/** Bytes of a fine brick's coarse nodes. */
const TOUCHED_BYTES: usize = 125 * 4;

/** Makes coarse.r, which the caller allocated, from the right side of `fine`. */
export function restrictToBricks(fine: Level, coarse: Level): void {
  const parts = allocate(<u64>fine.sampledBricks * TOUCHED_BYTES);
  S.jobLevel = changetype<usize>(fine);
  S.jobOther = changetype<usize>(coarse);
  S.jobTo = parts;
  forItems(restrictJob, fine.sampledBricks);
  forItems(gatherRestrictedJob, coarse.brickCount);
  release(parts);
}

/** Job over fine bricks: each one's share of the coarse nodes. */
export function restrictJob(first: i32, last: i32): void {
  const fine = changetype<Level>(S.jobLevel);
  for (let b = first; b < last; b++) {
    restrictBrick(fine.r + <usize>b * BRICK_BYTES, scratch);
    memory.copy(S.jobTo + <usize>b * TOUCHED_BYTES, scratch, TOUCHED_BYTES);
  }
}

/** Job over coarse bricks: adds up the shares of the fine bricks that touch it, in their order. */
export function gatherRestrictedJob(first: i32, last: i32): void {
  const fine = changetype<Level>(S.jobLevel),
    coarse = changetype<Level>(S.jobOther);
  for (let b = first; b < last; b++) {
    const to = coarse.r + <usize>b * BRICK_BYTES;
    memory.fill(to, 0, BRICK_BYTES);
    const packed = packedBrick(coarse, b);
    for (let dz = -1; dz < 2; dz++)
      for (let dy = -1; dy < 2; dy++)
        for (let dx = -1; dx < 2; dx++) {
          const child = brickAt(
            fine,
            2 * brickX(packed) + dx,
            2 * brickY(packed) + dy,
            2 * brickZ(packed) + dz,
          );
          if (<u32>child < <u32>fine.sampledBricks)
            addTouched(S.jobTo + <usize>child * TOUCHED_BYTES, dx << 2, dy << 2, dz << 2, to);
        }
  }
}

/** Adds 5^3 nodes from (x0, y0, z0), relative to the brick, as far as they lie in it. */
function addTouched(from: usize, x0: i32, y0: i32, z0: i32, to: usize): void {
  for (let z = max(z0, 0); z < min(z0 + TOUCHED, 8); z++)
    for (let y = max(y0, 0); y < min(y0 + TOUCHED, 8); y++)
      for (let x = max(x0, 0); x < min(x0 + TOUCHED, 8); x++) {
        const at = to + ((<usize>((z << 6) | (y << 3) | x)) << 2);
        store<f32>(
          at,
          load<f32>(at) +
            load<f32>(from + ((<usize>(((z - z0) * TOUCHED + y - y0) * TOUCHED + x - x0)) << 2)),
        );
      }
}

/** Adds the right side of `fine` to a dense field of `nodes`^3 nodes, rows `stride` apart (zeroed by the caller). */
export function restrictToDense(fine: Level, dense: usize, nodes: i32, stride: i32): void {
  for (let b = 0; b < fine.sampledBricks; b++) {
    const packed = packedBrick(fine, b);
    restrictBrick(fine.r + <usize>b * BRICK_BYTES, scratch);
    const x0 = brickX(packed) << 2,
      y0 = brickY(packed) << 2,
      z0 = brickZ(packed) << 2;
    let at = scratch;
    for (let z = z0; z < z0 + TOUCHED; z++)
      for (let y = y0; y < y0 + TOUCHED; y++)
        for (let x = x0; x < x0 + TOUCHED; x++, at += 4) {
          const value = load<f32>(at);
          if (value == 0 || x >= nodes || y >= nodes || z >= nodes) continue;
          const to = dense + ((<usize>((z * nodes + y) * stride + x)) << 2);
          store<f32>(to, load<f32>(to) + value);
        }
  }
}
