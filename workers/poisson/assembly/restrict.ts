/**
 * Right sides of coarser levels. A coarse hat is the sum of fine hats with weights 1, 1/2, 1/4, 1/8 (1/2 along every
 * axis in which the fine node is odd), so its right side is the same sum of the fine right sides: exact, no sampling.
 */
import { BRICK_BYTES, Level, brickAt, brickX, brickY, brickZ, packedBrick } from './level';
import { scratch } from './state';

/** Coarse nodes that one fine brick touches along one axis. */
const TOUCHED: i32 = 5;

/** Sums the brick's 8^3 right sides onto its 5^3 coarse nodes, in scratch. */
function restrictBrick(from: usize, out: usize): void {
  const px = out + 125 * 4, py = px + 5 * 64 * 4;
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

/** Adds the right side of `fine` to that of `coarse` (zeroed by the caller). */
export function restrictToBricks(fine: Level, coarse: Level): void {
  for (let b = 0; b < fine.sampledBricks; b++) {
    const packed = packedBrick(fine, b);
    restrictBrick(fine.r + <usize>b * BRICK_BYTES, scratch);
    const x0 = brickX(packed) << 2, y0 = brickY(packed) << 2, z0 = brickZ(packed) << 2;
    let at = scratch;
    for (let z = z0; z < z0 + TOUCHED; z++)
      for (let y = y0; y < y0 + TOUCHED; y++)
        for (let x = x0; x < x0 + TOUCHED; x++, at += 4) {
          const value = load<f32>(at);
          if (value == 0) continue;
          const brick = brickAt(coarse, x >> 3, y >> 3, z >> 3);
          // The coarse bricks cover all that the samples reach; a miss could only be rounding at the rim.
          if (brick < 0) continue;
          const to = coarse.r + <usize>brick * BRICK_BYTES + (<usize>(((z & 7) << 6) | ((y & 7) << 3) | (x & 7)) << 2);
          store<f32>(to, load<f32>(to) + value);
        }
  }
}

/** Adds the right side of `fine` to a dense field of `nodes`^3 nodes, rows `stride` apart (zeroed by the caller). */
export function restrictToDense(fine: Level, dense: usize, nodes: i32, stride: i32): void {
  for (let b = 0; b < fine.sampledBricks; b++) {
    const packed = packedBrick(fine, b);
    restrictBrick(fine.r + <usize>b * BRICK_BYTES, scratch);
    const x0 = brickX(packed) << 2, y0 = brickY(packed) << 2, z0 = brickZ(packed) << 2;
    let at = scratch;
    for (let z = z0; z < z0 + TOUCHED; z++)
      for (let y = y0; y < y0 + TOUCHED; y++)
        for (let x = x0; x < x0 + TOUCHED; x++, at += 4) {
          const value = load<f32>(at);
          if (value == 0 || x >= nodes || y >= nodes || z >= nodes) continue;
          const to = dense + (<usize>((z * nodes + y) * stride + x) << 2);
          store<f32>(to, load<f32>(to) + value);
        }
  }
}
