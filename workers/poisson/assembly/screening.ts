/**
 * The screening term: alpha / h sum over clusters of area u(p)^2, which pulls the iso-surface through the samples
 * (Kazhdan & Hoppe 2013). Its product with a vector is gathered brick by brick: a brick has a copy of every cluster
 * whose cell has a corner in it (its own cells and the cells just below it), so bricks do not write to each other.
 *
 * A copy: u32 byte offset of the cell's lowest node in the 10^3 halo, f32 x 3 position in the cell,
 * f32 alpha area / h^2 (the equations are divided by h).
 *
 * Levels above the finest only prepare its start, and where no sample is, in the hollow behind an arm, that start is the
 * answer. They are screened more than the energy asks, which holds the walls of the hollow closer to its rim: its mean
 * error falls by 3 to 4 % on every cloud of the benchmark, the visible error rises by at most 1.3 %
 * (../README.md has the table). Root 16 times instead of 4: 1 % worse than not at all.
 */

import { CLUSTER_BYTES, clusterEnd, clusterFirst, prefixSum } from './clusters';
import { brickAt, brickX, brickY, brickZ, Level, packedBrick } from './level';
import { allocate } from './memory';
import { S } from './state';
import { forItems } from './thread-pool';
import { addLayer, high, laneSum, loadLayer, low, trilinearWeights } from './weights';

const ROW: usize = 40;
const PLANE: usize = 400;

const COARSE_SCREENING: f32 = 2;
export const ROOT_SCREENING: f32 = 4;

/** Makes the copies, for all bricks of the level, also those without samples of their own. */
export function spreadClusters(level: Level): void {
  const bricks = level.brickCount;
  level.screenStart = allocate((<u64>(bricks + 1)) << 2);
  S.jobLevel = changetype<usize>(level);
  forItems(countScreensJob, bricks);
  const total = prefixSum(level.screenStart, bricks);
  level.screens = allocate(<u64>total * CLUSTER_BYTES);
  forItems(writeScreensJob, bricks);
}

/** Job over bricks: how many copies each gets. */
export function countScreensJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let b = first; b < last; b++) store<u32>(level.screenStart + ((<usize>b) << 2), collect(level, b, 0));
}

export function writeScreensJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let b = first; b < last; b++) collect(level, b, screenFirst(level, b));
}

/** Counts (to = 0) or writes the clusters that touch brick b: its own and those at the far faces of the bricks below. */
function collect(level: Level, b: i32, to: usize): u32 {
  const packed = packedBrick(level, b);
  const bx = brickX(packed),
    by = brickY(packed),
    bz = brickZ(packed);
  const strength: f32 = level.depth < S.depth ? COARSE_SCREENING : 1;
  const factor = (strength * S.pointWeight) / (level.size * level.size);
  let count: u32 = 0;
  for (let dz = 1; dz >= 0; dz--)
    for (let dy = 1; dy >= 0; dy--)
      for (let dx = 1; dx >= 0; dx--) {
        const from = brickAt(level, bx - dx, by - dy, bz - dz);
        if (<u32>from >= <u32>level.sampledBricks) continue;
        // A cluster's slot has these bits set where its cell lies at the face towards b.
        const face = (dx ? 7 : 0) | (dy ? 56 : 0) | (dz ? 448 : 0);
        const end = clusterEnd(level, from);
        for (let c = clusterFirst(level, from); c < end; c += CLUSTER_BYTES) {
          const slot = load<i32>(c);
          if ((slot & face) != face) continue;
          count++;
          if (to == 0) continue;
          const x = slot & 7,
            y = (slot >> 3) & 7,
            z = slot >> 6;
          // Cell coordinates in the halo of b: -1 becomes 0.
          const hx = x + 1 - (dx << 3),
            hy = y + 1 - (dy << 3),
            hz = z + 1 - (dz << 3);
          store<u32>(to, (<u32>(hz * 100 + hy * 10 + hx)) << 2);
          store<f32>(to, load<f32>(c, 4), 4);
          store<f32>(to, load<f32>(c, 8), 8);
          store<f32>(to, load<f32>(c, 12), 12);
          store<f32>(to, load<f32>(c, 16) * factor, 16);
          to += CLUSTER_BYTES;
        }
      }
  return count;
}

// @ts-ignore: decorator
@inline export function screenFirst(level: Level, brick: i32): usize {
  return level.screens + <usize>load<u32>(level.screenStart + ((<usize>brick) << 2)) * CLUSTER_BYTES;
}
// @ts-ignore: decorator
@inline export function screenEnd(level: Level, brick: i32): usize {
  return level.screens + <usize>load<u32>(level.screenStart + ((<usize>brick) << 2), 4) * CLUSTER_BYTES;
}

/** out(10^3) += screening of in(10^3), for one brick; only the inner 8^3 of out is complete. */
export function screen(first: usize, end: usize, halo: usize, out: usize): void {
  for (let c = first; c < end; c += CLUSTER_BYTES) {
    const offset = <usize>load<u32>(c);
    trilinearWeights(load<f32>(c, 4), load<f32>(c, 8), load<f32>(c, 12));
    const from = halo + offset,
      to = out + offset;
    const products = f32x4.add(
      f32x4.mul(low, loadLayer(from, ROW)),
      f32x4.mul(high, loadLayer(from + PLANE, ROW)),
    );
    const value = f32x4.splat(laneSum(products) * load<f32>(c, 16));
    addLayer(to, ROW, f32x4.mul(low, value));
    addLayer(to + PLANE, ROW, f32x4.mul(high, value));
  }
}

/** out(10^3) += diagonal of the screening of one brick. */
export function screenDiagonal(first: usize, end: usize, out: usize): void {
  for (let c = first; c < end; c += CLUSTER_BYTES) {
    const to = out + <usize>load<u32>(c);
    trilinearWeights(load<f32>(c, 4), load<f32>(c, 8), load<f32>(c, 12));
    const w = f32x4.splat(load<f32>(c, 16));
    addLayer(to, ROW, f32x4.mul(f32x4.mul(low, low), w));
    addLayer(to + PLANE, ROW, f32x4.mul(f32x4.mul(high, high), w));
  }
}
