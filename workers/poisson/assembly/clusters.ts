/**
 * Screening samples: all pieces in one cell become one cluster with their summed area and mean position.
 * That bounds the work of the screening term by the number of cells, and changes the result less than rounding does
 * (positions inside a cell differ by at most one cell, and the term is smooth over it).
 *
 * A cluster: u32 slot of its cell in the brick, f32 x 3 position in the cell in [0, 1], f32 area in finest cells^2.
 * Brick b owns clusters clusterStart[b] .. clusterStart[b + 1].
 */
import { firstOfSlab, sampleAt } from './bins';
import { BRICK_NODES, brickAt, brickX, brickY, brickZ, Level, markNodes, packedBrick } from './level';
import { allocate, release } from './memory';
import { centreX, centreY, centreZ, loadSample, pieceArea, piecesA, piecesB } from './samples';
import { S } from './state';
import { forItems } from './thread-pool';

export const CLUSTER_BYTES: usize = 20;

/** Coarse nodes below and above a coarse cell that the right side of the cell's samples reaches: half of splat.ts's. */
const REACH_BELOW: i32 = 2;
const REACH_ABOVE: i32 = 3;

/** Adds area-weighted positions of every sample to `sums` (f32 x 4 a cell of the level, zeroed by the caller). */
export function sumPieces(level: Level, sums: usize): void {
  S.jobLevel = changetype<usize>(level);
  S.jobTo = sums;
  forItems(sumSlabsJob, S.slabs);
}

/** Job over slabs. */
export function sumSlabsJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const sums = S.jobTo;
  for (let k = firstOfSlab(first), n = firstOfSlab(last); k < n; k++) {
    loadSample(sampleAt(k));
    if (pieceArea == 0) continue;
    const x = <i32>centreX,
      y = <i32>centreY,
      z = <i32>centreZ;
    const brick = <usize>brickAt(level, x >> 3, y >> 3, z >> 3);
    const at = sums + ((brick * BRICK_NODES + <usize>(((z & 7) << 6) | ((y & 7) << 3) | (x & 7))) << 4);
    const area = pieceArea * <f32>(piecesA * piecesB);
    v128.store(
      at,
      f32x4.add(
        v128.load(at),
        f32x4.mul(f32x4(centreX - <f32>x, centreY - <f32>y, centreZ - <f32>z, 1), f32x4.splat(area)),
      ),
    );
  }
}

/** Packs the occupied cells of `sums` into the level's cluster list. */
export function packClusters(level: Level, sums: usize): void {
  const bricks = level.brickCount;
  level.clusterStart = allocate((<u64>(bricks + 1)) << 2);
  S.jobLevel = changetype<usize>(level);
  S.jobFrom = sums;
  forItems(countClustersJob, bricks);
  const total = prefixSum(level.clusterStart, bricks);
  level.clusters = allocate(<u64>total * CLUSTER_BYTES);
  forItems(packClustersJob, bricks);
}

/** Counts to beginnings, with the total behind them. */
export function prefixSum(at: usize, count: i32): u32 {
  let total: u32 = 0;
  for (let i = 0; i < count; i++, at += 4) {
    const own = load<u32>(at);
    store<u32>(at, total);
    total += own;
  }
  store<u32>(at, total);
  return total;
}

/** Job over bricks: occupied cells of S.jobFrom. */
export function countClustersJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  let at = S.jobFrom + ((<usize>first * BRICK_NODES) << 4);
  for (let b = first; b < last; b++) {
    let count: u32 = 0;
    for (let k = 0; k < BRICK_NODES; k++, at += 16) count += u32(load<f32>(at, 12) > 0);
    store<u32>(level.clusterStart + ((<usize>b) << 2), count);
  }
}

/** Job over bricks. */
export function packClustersJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  let at = S.jobFrom + ((<usize>first * BRICK_NODES) << 4);
  let to = clusterFirst(level, first);
  for (let b = first; b < last; b++)
    for (let k = 0; k < BRICK_NODES; k++, at += 16) {
      const area = load<f32>(at, 12);
      if (area > 0) {
        const inverse: f32 = 1 / area;
        store<u32>(to, <u32>k);
        store<f32>(to, load<f32>(at) * inverse, 4);
        store<f32>(to, load<f32>(at, 4) * inverse, 8);
        store<f32>(to, load<f32>(at, 8) * inverse, 12);
        store<f32>(to, area, 16);
        to += CLUSTER_BYTES;
      }
    }
}

/** Marks on `coarse` every brick that the clusters of `fine` reach there. */
export function markFromClusters(fine: Level, coarse: Level): void {
  S.jobLevel = changetype<usize>(fine);
  S.jobOther = changetype<usize>(coarse);
  forItems(markClustersJob, fine.brickCount);
}

/** Job over bricks of the finer level; threads may mark the same brick, with the same value. */
export function markClustersJob(first: i32, last: i32): void {
  const fine = changetype<Level>(S.jobLevel),
    coarse = changetype<Level>(S.jobOther);
  for (let b = first; b < last; b++) {
    const packed = packedBrick(fine, b);
    const x = brickX(packed) << 3,
      y = brickY(packed) << 3,
      z = brickZ(packed) << 3;
    const end = clusterEnd(fine, b);
    for (let c = clusterFirst(fine, b); c < end; c += CLUSTER_BYTES) {
      const slot = load<i32>(c);
      const cx = (x + (slot & 7)) >> 1,
        cy = (y + ((slot >> 3) & 7)) >> 1,
        cz = (z + (slot >> 6)) >> 1;
      markNodes(
        coarse,
        cx - REACH_BELOW,
        cx + REACH_ABOVE,
        cy - REACH_BELOW,
        cy + REACH_ABOVE,
        cz - REACH_BELOW,
        cz + REACH_ABOVE,
      );
    }
  }
}

/** Merges the clusters of `fine` into those of `coarse`, whose bricks exist. */
export function mergeClusters(fine: Level, coarse: Level): void {
  const sums = allocate((<u64>coarse.brickCount * BRICK_NODES) << 4);
  S.jobLevel = changetype<usize>(fine);
  S.jobOther = changetype<usize>(coarse);
  S.jobTo = sums;
  forItems(mergeClustersJob, coarse.brickCount);
  packClusters(coarse, sums);
  release(sums);
}

/** Job over bricks of the coarser level: gathers from the up to eight finer bricks inside, in their order. */
export function mergeClustersJob(first: i32, last: i32): void {
  const fine = changetype<Level>(S.jobLevel),
    coarse = changetype<Level>(S.jobOther);
  for (let b = first; b < last; b++) {
    const sums = S.jobTo + ((<usize>b * BRICK_NODES) << 4);
    memory.fill(sums, 0, BRICK_NODES << 4);
    const packed = packedBrick(coarse, b);
    for (let k = 0; k < 8; k++) {
      const dx = k & 1,
        dy = (k >> 1) & 1,
        dz = k >> 2;
      const child = brickAt(fine, 2 * brickX(packed) + dx, 2 * brickY(packed) + dy, 2 * brickZ(packed) + dz);
      if (child >= 0) mergeBrick(fine, child, dx << 3, dy << 3, dz << 3, sums);
    }
  }
}

function mergeBrick(fine: Level, child: i32, x: i32, y: i32, z: i32, sums: usize): void {
  const end = clusterEnd(fine, child);
  for (let c = clusterFirst(fine, child); c < end; c += CLUSTER_BYTES) {
    const slot = load<i32>(c);
    const fx = x + (slot & 7),
      fy = y + ((slot >> 3) & 7),
      fz = z + (slot >> 6);
    const at = sums + ((<usize>(((fz >> 1) << 6) | ((fy >> 1) << 3) | (fx >> 1))) << 4);
    const area = load<f32>(c, 16);
    const v = f32x4(
      <f32>0.5 * (<f32>(fx & 1) + load<f32>(c, 4)),
      <f32>0.5 * (<f32>(fy & 1) + load<f32>(c, 8)),
      <f32>0.5 * (<f32>(fz & 1) + load<f32>(c, 12)),
      1,
    );
    v128.store(at, f32x4.add(v128.load(at), f32x4.mul(v, f32x4.splat(area))));
  }
}

// @ts-ignore: decorator
@inline export function clusterFirst(level: Level, brick: i32): usize {
  return level.clusters + <usize>load<u32>(level.clusterStart + ((<usize>brick) << 2)) * CLUSTER_BYTES;
}
// @ts-ignore: decorator
@inline export function clusterEnd(level: Level, brick: i32): usize {
  return level.clusters + <usize>load<u32>(level.clusterStart + ((<usize>brick) << 2), 4) * CLUSTER_BYTES;
}
