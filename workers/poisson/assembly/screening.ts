/**
 * The screening term: alpha / h sum over clusters of area u(p)^2, which pulls the iso-surface through the samples
 * (Kazhdan & Hoppe 2013). Its product with a vector is gathered brick by brick: a brick has a copy of every cluster
 * whose cell has a corner in it (its own cells and the cells just below it), so bricks do not write to each other.
 *
 * A copy: u32 byte offset of the cell's lowest node in the 10^3 halo, f32 x 3 position in the cell,
 * f32 alpha area / h^2 (the equations are divided by h).
 */
import { allocate, allocateZeroed } from './memory';
import { Level, brickAt, brickX, brickY, brickZ, packedBrick } from './level';
import { CLUSTER_BYTES, clusterEnd, clusterFirst } from './clusters';
import { addLayer, high, laneSum, loadLayer, low, trilinearWeights } from './weights';
import { S } from './state';

const ROW: usize = 40;
const PLANE: usize = 400;

/** Makes the copies, for all bricks of the level, also those without samples of their own. */
export function spreadClusters(level: Level): void {
  const bricks = level.brickCount;
  const start = allocateZeroed(<u64>(bricks + 2) << 2);
  for (let b = 0; b < level.sampledBricks; b++) visit(level, b, start, 0);
  let total: u32 = 0;
  for (let b = 0; b <= bricks; b++) {
    const at = start + (<usize>b << 2);
    const count = load<u32>(at);
    store<u32>(at, total);
    total += count;
  }
  level.screens = allocate(<u64>total * CLUSTER_BYTES);
  for (let b = 0; b < level.sampledBricks; b++) visit(level, b, start, level.screens);
  // Filling moved every start to its end; shift them back.
  memory.copy(start + 4, start, <usize>bricks << 2);
  store<u32>(start, 0);
  level.screenStart = start;
}

/** Counts (target = 0) or writes the copies of brick b's clusters. */
function visit(level: Level, b: i32, start: usize, target: usize): void {
  const packed = packedBrick(level, b);
  const bx = brickX(packed), by = brickY(packed), bz = brickZ(packed);
  const factor = S.pointWeight / (level.size * level.size);
  const end = clusterEnd(level, b);
  for (let c = clusterFirst(level, b); c < end; c += CLUSTER_BYTES) {
    const slot = load<i32>(c);
    const x = slot & 7, y = (slot >> 3) & 7, z = slot >> 6;
    for (let dz = 0; dz <= i32(z == 7); dz++)
      for (let dy = 0; dy <= i32(y == 7); dy++)
        for (let dx = 0; dx <= i32(x == 7); dx++) {
          const other = brickAt(level, bx + dx, by + dy, bz + dz);
          if (other < 0) continue;
          const at = start + (<usize>other << 2);
          const index = load<u32>(at);
          store<u32>(at, index + 1);
          if (target == 0) continue;
          const to = target + <usize>index * CLUSTER_BYTES;
          const hx = dx ? 0 : x + 1, hy = dy ? 0 : y + 1, hz = dz ? 0 : z + 1;
          store<u32>(to, <u32>(hz * 100 + hy * 10 + hx) << 2);
          store<f32>(to, load<f32>(c, 4), 4);
          store<f32>(to, load<f32>(c, 8), 8);
          store<f32>(to, load<f32>(c, 12), 12);
          store<f32>(to, load<f32>(c, 16) * factor, 16);
        }
  }
}

// @ts-ignore: decorator
@inline export function screenFirst(level: Level, brick: i32): usize {
  return level.screens + <usize>load<u32>(level.screenStart + (<usize>brick << 2)) * CLUSTER_BYTES;
}
// @ts-ignore: decorator
@inline export function screenEnd(level: Level, brick: i32): usize {
  return level.screens + <usize>load<u32>(level.screenStart + (<usize>brick << 2), 4) * CLUSTER_BYTES;
}

/** out(10^3) += screening of in(10^3), for one brick; only the inner 8^3 of out is complete. */
export function screen(first: usize, end: usize, halo: usize, out: usize): void {
  for (let c = first; c < end; c += CLUSTER_BYTES) {
    const offset = <usize>load<u32>(c);
    trilinearWeights(load<f32>(c, 4), load<f32>(c, 8), load<f32>(c, 12));
    const from = halo + offset, to = out + offset;
    const products = f32x4.add(f32x4.mul(low, loadLayer(from, ROW)), f32x4.mul(high, loadLayer(from + PLANE, ROW)));
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
