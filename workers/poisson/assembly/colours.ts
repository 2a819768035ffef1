/**
 * Colour of every vertex from the samples around it. Each occupied cell keeps the area-weighted mean colour of its
 * samples and the share of it that the camera saw (side 0); a vertex mixes the eight cells around it, trilinearly.
 * Vertices without a sample near stay unsupported: spread.ts fills them from their neighbours.
 *
 * Cells are found without a dense table: 512 bits a brick, the cluster's number is the rank of its bit.
 */

import { firstOfSlab, sampleAt } from './bins';
import { CLUSTER_BYTES, clusterEnd, clusterFirst } from './clusters';
import { brickAt, Level } from './level';
import { allocate, allocateZeroed, release } from './memory';
import { centreX, centreY, centreZ, loadSample, pieceArea, piecesA, piecesB } from './samples';
import { S } from './state';
import { forItems } from './thread-pool';

/** A brick's record: u32 x 16 bits, u32 x 16 ranks (counted from the first cluster of the level). */
const RECORD: usize = 128;
const RANKS: usize = 64;
export const ABSENT: u32 = 0xffffffff;
/** Clusters and vertices that a job takes as one item. */
export const CLUSTER_BLOCK: i32 = 4096;
const VERTEX_BLOCK: i32 = 4096;

/** Job over bricks: bits and ranks of S.clusterIndex. */
export function indexClustersJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let b = first; b < last; b++) {
    const record = S.clusterIndex + <usize>b * RECORD;
    memory.fill(record, 0, RECORD);
    const end = clusterEnd(level, b);
    for (let c = clusterFirst(level, b); c < end; c += CLUSTER_BYTES) {
      const slot = load<u32>(c);
      const word = record + ((<usize>(slot >> 5)) << 2);
      store<u32>(word, load<u32>(word) | ((<u32>1) << (slot & 31)));
    }
    let rank = load<u32>(level.clusterStart + ((<usize>b) << 2));
    for (let w: usize = 0; w < RANKS; w += 4) {
      store<u32>(record + w, rank, RANKS);
      rank += popcnt<u32>(load<u32>(record + w));
    }
  }
}

// @ts-ignore: decorator
@inline export function clusterAt(level: Level, x: i32, y: i32, z: i32): u32 {
  const brick = brickAt(level, x >> 3, y >> 3, z >> 3);
  if (<u32>brick >= <u32>level.sampledBricks) return ABSENT;
  const slot = <u32>(((z & 7) << 6) | ((y & 7) << 3) | (x & 7));
  const word = S.clusterIndex + <usize>brick * RECORD + ((<usize>(slot >> 5)) << 2);
  const bits = load<u32>(word),
    bit = (<u32>1) << (slot & 31);
  return bits & bit ? load<u32>(word, RANKS) + popcnt<u32>(bits & (bit - 1)) : ABSENT;
}

/** Mean colours of the clusters; the cloud's colours are not needed afterwards. */
export function colourClusters(level: Level): void {
  S.jobLevel = changetype<usize>(level);
  S.clusterIndex = allocate(<u64>level.sampledBricks * RECORD);
  forItems(indexClustersJob, level.sampledBricks);
  const count = clusterCount(level);
  const sums = allocateZeroed((<u64>count) << 4);
  S.jobTo = sums;
  forItems(colourSlabsJob, S.slabs);
  S.clusterColours = allocate((<u64>count) << 2);
  forItems(meanColoursJob, (count + CLUSTER_BLOCK - 1) / CLUSTER_BLOCK);
  release(sums);
}

// @ts-ignore: decorator
@inline export function clusterCount(level: Level): i32 {
  return load<i32>(level.clusterStart + ((<usize>level.brickCount) << 2));
}

/** Job over slabs of samples: adds colours to S.jobTo, f32 x 4 a cluster. */
export function colourSlabsJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let k = firstOfSlab(first), n = firstOfSlab(last); k < n; k++) {
    const i = sampleAt(k);
    loadSample(i);
    if (pieceArea == 0) continue;
    const rgb = S.colours + <usize>i * 3;
    const v = f32x4.mul(
      f32x4(
        <f32>load<u8>(rgb),
        <f32>load<u8>(rgb, 1),
        <f32>load<u8>(rgb, 2),
        load<u8>(S.sides + <usize>i) == 0 ? 255 : 0,
      ),
      f32x4.splat(pieceArea * <f32>(piecesA * piecesB)),
    );
    const at = S.jobTo + ((<usize>clusterAt(level, <i32>centreX, <i32>centreY, <i32>centreZ)) << 4);
    v128.store(at, f32x4.add(v128.load(at), v));
  }
}

/** Job over blocks of clusters: sums to means. */
export function meanColoursJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let c = first * CLUSTER_BLOCK, n = min(last * CLUSTER_BLOCK, clusterCount(level)); c < n; c++) {
    const area = load<f32>(level.clusters + <usize>c * CLUSTER_BYTES, 16);
    const mean = f32x4.add(
      f32x4.div(v128.load(S.jobTo + ((<usize>c) << 4)), f32x4.splat(area)),
      f32x4.splat(0.5),
    );
    store<u32>(S.clusterColours + ((<usize>c) << 2), packBytes(f32x4.min(mean, f32x4.splat(255))));
  }
}

/** Four values 0 .. 255 to bytes, cut. */
// @ts-ignore: decorator
@inline function packBytes(v: v128): u32 {
  const words = i16x8.narrow_i32x4_u(i32x4.trunc_sat_f32x4_u(v), i64x2.splat(0));
  return i32x4.extract_lane(i8x16.narrow_i16x8_u(words, i64x2.splat(0)), 0);
}

/** Writes S.vertexColours (u8 x 3), S.vertexSeen and S.vertexSupported (255 where a sample is near). */
export function colourVertices(level: Level): void {
  S.vertexColours = allocate(<u64>S.vertexCount * 3);
  S.vertexSupported = allocate(<u64>S.vertexCount);
  S.vertexSeen = allocate(<u64>S.vertexCount);
  S.jobLevel = changetype<usize>(level);
  forItems(colourVerticesJob, (S.vertexCount + VERTEX_BLOCK - 1) / VERTEX_BLOCK);
  release(S.clusterIndex);
  release(S.clusterColours);
}

/** Job over blocks of vertices. */
export function colourVerticesJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let i = first * VERTEX_BLOCK, n = min(last * VERTEX_BLOCK, S.vertexCount); i < n; i++) {
    const at = S.vertices + <usize>i * 12;
    const x = (load<f32>(at) - S.originX) * S.scale - <f32>0.5;
    const y = (load<f32>(at, 4) - S.originY) * S.scale - <f32>0.5;
    const z = (load<f32>(at, 8) - S.originZ) * S.scale - <f32>0.5;
    const cx = <i32>floor<f32>(x),
      cy = <i32>floor<f32>(y),
      cz = <i32>floor<f32>(z);
    const fx = x - <f32>cx,
      fy = y - <f32>cy,
      fz = z - <f32>cz;
    let sum: v128 = i64x2.splat(0);
    let weight: f32 = 0;
    for (let k = 0; k < 8; k++) {
      const cluster = clusterAt(level, cx + (k & 1), cy + ((k >> 1) & 1), cz + (k >> 2));
      if (cluster == ABSENT) continue;
      const w = (k & 1 ? fx : 1 - fx) * (k & 2 ? fy : 1 - fy) * (k & 4 ? fz : 1 - fz);
      sum = f32x4.add(sum, f32x4.mul(colourOf(cluster), f32x4.splat(w)));
      weight += w;
    }
    if (weight < 0.01) {
      for (let k = 0; k < 64; k++) {
        const cluster = clusterAt(level, cx - 1 + (k & 3), cy - 1 + ((k >> 2) & 3), cz - 1 + (k >> 4));
        if (cluster == ABSENT) continue;
        sum = f32x4.add(sum, colourOf(cluster));
        weight += 1;
      }
    }
    const to = S.vertexColours + <usize>i * 3;
    store<u8>(S.vertexSupported + <usize>i, weight == 0 ? 0 : 255);
    if (weight == 0) {
      store<u16>(to, 0);
      store<u8>(to, 0, 2);
      store<u8>(S.vertexSeen + <usize>i, 0);
      continue;
    }
    const mean = packBytes(f32x4.add(f32x4.div(sum, f32x4.splat(weight)), f32x4.splat(0.5)));
    store<u16>(to, <u16>mean);
    store<u8>(to, <u8>(mean >> 16), 2);
    store<u8>(S.vertexSeen + <usize>i, <u8>(mean >> 24));
  }
}

// @ts-ignore: decorator
@inline function colourOf(cluster: u32): v128 {
  const c = S.clusterColours + ((<usize>cluster) << 2);
  return f32x4(<f32>load<u8>(c), <f32>load<u8>(c, 1), <f32>load<u8>(c, 2), <f32>load<u8>(c, 3));
}
