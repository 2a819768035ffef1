/**
 * Right side of the finest level: r_i = integral of grad(phi_i) . V, phi_i the trilinear hat of node i.
 *
 * Along one axis only four cells j = i-2 .. i+1 matter. Hat times quadratic B-spline is the quartic B-spline at half
 * steps, M = (1, 11, 11, 1)/24; the hat's derivative times it is a difference of cubic B-splines,
 * D = (1, 3, -3, -1)/6. The box is separable: r = (D M M) Vx + (M D M) Vy + (M M D) Vz. The field is interleaved
 * (x, y, z, area), so one pass an axis does all three terms at once with different taps in each lane.
 */
import { BRICK_BYTES, BRICK_NODES, brickAt, brickX, brickY, brickZ, Level, packedBrick } from './level';
import { S, scratch } from './state';

/** Cells gathered a side: -2 .. 8. */
const SIDE: i32 = 11;

/** Job over bricks: S.jobLevel; S.jobPartials is the interleaved field. Writes level.r. */
export function divergenceJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const field = S.jobPartials;
  const halo = scratch;
  const passX = halo + SIDE * SIDE * SIDE * 16;
  const passY = passX + 8 * SIDE * SIDE * 16;
  for (let b = first; b < last; b++) {
    gatherCells(level, field, b, halo);
    divergenceOf(halo, passX, passY, level.r + <usize>b * BRICK_BYTES);
  }
}

function gatherCells(level: Level, field: usize, brick: i32, out: usize): void {
  const packed = packedBrick(level, brick);
  const bx = brickX(packed),
    by = brickY(packed),
    bz = brickZ(packed);
  for (let dz = -1; dz <= 1; dz++) {
    const z0 = dz < 0 ? 0 : dz > 0 ? 10 : 2,
      z1 = dz < 0 ? 2 : dz > 0 ? 11 : 10;
    for (let dy = -1; dy <= 1; dy++) {
      const y0 = dy < 0 ? 0 : dy > 0 ? 10 : 2,
        y1 = dy < 0 ? 2 : dy > 0 ? 11 : 10;
      for (let dx = -1; dx <= 1; dx++) {
        const x0 = dx < 0 ? 0 : dx > 0 ? 10 : 2,
          x1 = dx < 0 ? 2 : dx > 0 ? 11 : 10;
        const bytes = (<usize>(x1 - x0)) << 4;
        const other = brickAt(level, bx + dx, by + dy, bz + dz);
        const source = field + ((<usize>other * BRICK_NODES) << 4);
        for (let z = z0; z < z1; z++)
          for (let y = y0; y < y1; y++) {
            const to = out + ((<usize>((z * SIDE + y) * SIDE + x0)) << 4);
            if (other < 0) {
              for (let k: usize = 0; k < bytes; k += 16) v128.store(to + k, i64x2.splat(0));
            } else {
              const from =
                source + ((<usize>((((z + 6) & 7) << 6) | (((y + 6) & 7) << 3) | ((x0 + 6) & 7))) << 4);
              for (let k: usize = 0; k < bytes; k += 16) v128.store(to + k, v128.load(from + k));
            }
          }
      }
    }
  }
}

/** Four taps over items `stride` bytes apart. */
// @ts-ignore: decorator
@inline function taps(at: usize, stride: usize, t0: v128, t1: v128, t2: v128, t3: v128): v128 {
  return f32x4.add(
    f32x4.add(f32x4.mul(v128.load(at), t0), f32x4.mul(v128.load(at + stride), t1)),
    f32x4.add(f32x4.mul(v128.load(at + 2 * stride), t2), f32x4.mul(v128.load(at + 3 * stride), t3)),
  );
}

const M0: f32 = 1.0 / 24.0;
const M1: f32 = 11.0 / 24.0;
const D0: f32 = 1.0 / 6.0;
const D1: f32 = 0.5;

function divergenceOf(halo: usize, passX: usize, passY: usize, out: usize): void {
  let t0 = f32x4(D0, M0, M0, 0),
    t1 = f32x4(D1, M1, M1, 0),
    t2 = f32x4(-D1, M1, M1, 0),
    t3 = f32x4(-D0, M0, M0, 0);
  let to = passX;
  for (let row = 0; row < SIDE * SIDE; row++) {
    const from = halo + <usize>row * SIDE * 16;
    for (let x: usize = 0; x < 8; x++, to += 16) v128.store(to, taps(from + (x << 4), 16, t0, t1, t2, t3));
  }
  t0 = f32x4(M0, D0, M0, 0);
  t1 = f32x4(M1, D1, M1, 0);
  t2 = f32x4(M1, -D1, M1, 0);
  t3 = f32x4(M0, -D0, M0, 0);
  to = passY;
  for (let z: usize = 0; z < <usize>SIDE; z++)
    for (let i: usize = 0; i < 64; i++, to += 16)
      v128.store(to, taps(passX + z * (SIDE * 128) + (i << 4), 128, t0, t1, t2, t3));
  t0 = f32x4(M0, M0, D0, 0);
  t1 = f32x4(M1, M1, D1, 0);
  t2 = f32x4(M1, M1, -D1, 0);
  t3 = f32x4(M0, M0, -D0, 0);
  for (let i: usize = 0; i < 512; i++) {
    const v = taps(passY + (i << 4), 1024, t0, t1, t2, t3);
    store<f32>(
      out + (i << 2),
      f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2),
    );
  }
}
