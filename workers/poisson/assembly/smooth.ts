/**
 * Widens the splatted normals: the right side is filtered with (1 2 1)/4 along x, y and z. Filtering V does the same,
 * because divergence and filter commute; this way it costs three passes over one field instead of three fields.
 * Together with the quadratic splat the kernel is about four cells wide. Detail is not lost by it, because the
 * screening term still pulls the surface through the samples; noise of single normals is (README, "Normals").
 */

import { gatherHalo, HALO_BYTES } from './halo';
import { BRICK_BYTES, Level } from './level';
import { S, scratch } from './state';

/** Job over bricks: level.r to level.q, which the caller allocated. */
export function smoothJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const halo = scratch,
    passX = halo + HALO_BYTES,
    passY = passX + 3200;
  for (let b = first; b < last; b++) {
    gatherHalo(level, level.r, b, halo);
    for (let row: usize = 0; row < 100; row++) {
      v128.store(passX + (row << 5), filter(halo + row * 40, 4));
      v128.store(passX + (row << 5), filter(halo + row * 40 + 16, 4), 16);
    }
    for (let z: usize = 0; z < 10; z++)
      for (let i: usize = 0; i < 256; i += 16)
        v128.store(passY + (z << 8) + i, filter(passX + z * 320 + i, 32));
    const out = level.q + <usize>b * BRICK_BYTES;
    for (let i: usize = 0; i < BRICK_BYTES; i += 16) v128.store(out + i, filter(passY + i, 256));
  }
}

/** (1 2 1)/4 over three vectors `stride` apart. */
// @ts-ignore: decorator
@inline function filter(at: usize, stride: usize): v128 {
  const sides = f32x4.add(v128.load(at), v128.load(at + 2 * stride));
  const middle = f32x4.mul(v128.load(at + stride), f32x4.splat(0.5));
  return f32x4.add(f32x4.mul(sides, f32x4.splat(0.25)), middle);
}
