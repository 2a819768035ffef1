/**
 * Conjugate gradients on one level's bricks, Jacobi preconditioned. Outside the bricks the correction is zero, so the
 * coarser levels' solution stands there.
 *
 * Sums are kept a brick and added up in brick order by the leader: the result does not depend on who did which brick.
 */

import { gatherHalo, HALO_BYTES } from './halo';
import { PHASE_CASCADE } from './host';
import { BRICK_BYTES, Level } from './level';
import { allocate } from './memory';
import { screen, screenEnd, screenFirst } from './screening';
import { S, scratch } from './state';
import { stiffness } from './stencil';
import { forItems, reportNext } from './thread-pool';
import { laneSum } from './weights';

/**
 * Adds `iterations` corrections to level.u; level.r (residual), level.p = d r and their product must be ready.
 * Progress runs from `from` to `to` meanwhile.
 */
export function conjugateGradients(level: Level, iterations: i32, partials: usize, from: f64, to: f64): void {
  S.jobLevel = changetype<usize>(level);
  S.jobPartials = partials;
  let rz = total(level, partials);
  const enough = rz * 1e-12;
  for (let k = 0; k < iterations && rz > enough; k++) {
    const step = (to - from) / <f64>iterations;
    reportNext(from + step * <f64>k, from + step * <f64>(k + 1), PHASE_CASCADE);
    forItems(applyJob, level.brickCount);
    const pq = total(level, partials);
    if (pq <= 0) return;
    S.jobFactor = <f32>(rz / pq);
    forItems(advanceJob, level.brickCount);
    const next = total(level, partials);
    S.jobFactor = <f32>(next / rz);
    rz = next;
    if (k + 1 < iterations) forItems(turnJob, level.brickCount);
  }
}

/** Sum of one f32 a brick. */
export function total(level: Level, partials: usize): f64 {
  let sum: f64 = 0;
  for (let b = 0; b < level.brickCount; b++) sum += load<f32>(partials + ((<usize>b) << 2));
  return sum;
}

/** q = A p; partial p . q. */
export function applyJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const halo = scratch,
    screened = scratch + HALO_BYTES,
    work = screened + HALO_BYTES;
  for (let b = first; b < last; b++) {
    gatherHalo(level, level.p, b, halo);
    const out = level.q + <usize>b * BRICK_BYTES;
    stiffness(halo, out, work);
    const from = screenFirst(level, b),
      end = screenEnd(level, b);
    if (from < end) {
      memory.fill(screened, 0, HALO_BYTES);
      screen(from, end, halo, screened);
      addInner(screened, out);
    }
    let sum: v128 = i64x2.splat(0);
    const p = level.p + <usize>b * BRICK_BYTES;
    for (let i: usize = 0; i < BRICK_BYTES; i += 16)
      sum = f32x4.add(sum, f32x4.mul(v128.load(p + i), v128.load(out + i)));
    store<f32>(S.jobPartials + ((<usize>b) << 2), laneSum(sum));
  }
}

/** Adds the inner 8^3 of a 10^3 halo to a brick. */
export function addInner(halo: usize, out: usize): void {
  for (let z: usize = 0; z < 8; z++)
    for (let y: usize = 0; y < 8; y++) {
      const from = halo + (z + 1) * 400 + (y + 1) * 40 + 4;
      const to = out + (z << 8) + (y << 5);
      v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
      v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
    }
}

/** u += a p, r -= a q; partial r . d r. */
export function advanceJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const a = f32x4.splat(S.jobFactor);
  for (let b = first; b < last; b++) {
    const at = <usize>b * BRICK_BYTES;
    let sum: v128 = i64x2.splat(0);
    for (let i = at; i < at + BRICK_BYTES; i += 16) {
      v128.store(level.u + i, f32x4.add(v128.load(level.u + i), f32x4.mul(a, v128.load(level.p + i))));
      const r = f32x4.sub(v128.load(level.r + i), f32x4.mul(a, v128.load(level.q + i)));
      v128.store(level.r + i, r);
      sum = f32x4.add(sum, f32x4.mul(f32x4.mul(r, r), v128.load(level.d + i)));
    }
    store<f32>(S.jobPartials + ((<usize>b) << 2), laneSum(sum));
  }
}

/** p = d r + b p. */
export function turnJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const b = f32x4.splat(S.jobFactor);
  const end = <usize>last * BRICK_BYTES;
  for (let i = <usize>first * BRICK_BYTES; i < end; i += 16)
    v128.store(
      level.p + i,
      f32x4.add(
        f32x4.mul(v128.load(level.r + i), v128.load(level.d + i)),
        f32x4.mul(b, v128.load(level.p + i)),
      ),
    );
}

/** One f32 a brick; the caller releases it. */
export function allocatePartials(level: Level): usize {
  return allocate((<u64>level.brickCount) << 2);
}
