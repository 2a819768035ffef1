/**
 * Takes noise out of the screening samples before they pull the surface. Every cluster is moved along its normal to
 * where its neighbours' tangent planes expect it:
 *
 *   p_i += s n_i mean_j w_j (n_i + n_j)/2 . (p_j - p_i),   w_j = area_j (1 - |p_j - p_i|^2 / 4)^2, j within a cell
 *
 * The mean of both normals makes this exact for every quadric, so curved surfaces do not shrink; neighbours that face
 * another way (the other sheet of something thin, a crease) have no say. s is Wiener's weight: the variance that the
 * noise must have caused over the variance of all the moves, so that what is no noise stays (../noise.ts measures the
 * noise on the samples; a cluster's mean has that much less as it has samples). A cloud without noise is left alone.
 */

import { firstOfSlab, sampleAt } from './bins';
import { CLUSTER_BYTES, clusterEnd, clusterFirst } from './clusters';
import { ABSENT, CLUSTER_BLOCK, clusterAt, clusterCount } from './colours';
import { brickX, brickY, brickZ, Level, packedBrick } from './level';
import { allocate, allocateZeroed, release } from './memory';
import {
  centreX,
  centreY,
  centreZ,
  loadSample,
  normalX,
  normalY,
  normalZ,
  pieceArea,
  piecesA,
  piecesB,
} from './samples';
import { S } from './state';
import { forItems } from './thread-pool';

/** Cosine below which a neighbour belongs to another part of the surface. */
const ALIKE: f32 = 0.5;
/** Square of the distance, in cells, from which a neighbour has no weight. */
const REACH: f32 = 4;
/** Least noise, in cells, that is worth the work. */
const LEAST_NOISE: f32 = 0.002;

/** `noise`: standard deviation of a sample along its normal, in the caller's units. Needs the slabs and S.clusterIndex. */
export function denoiseClusters(level: Level, noise: f32): void {
  noise *= S.scale;
  if (noise < LEAST_NOISE) return;
  const count = clusterCount(level);
  S.jobLevel = changetype<usize>(level);
  S.clusterNormals = allocateZeroed((<u64>count) << 4);
  forItems(normalSlabsJob, S.slabs);
  const blocks = (count + CLUSTER_BLOCK - 1) / CLUSTER_BLOCK;
  forItems(unitNormalsJob, blocks);
  S.clusterMoves = allocate((<u64>count) << 2);
  S.jobPartials = allocate((<u64>level.brickCount) << 2);
  forItems(offsetsJob, level.brickCount);
  let squares: f64 = 0;
  for (let b = 0; b < level.brickCount; b++) squares += load<f32>(S.jobPartials + ((<usize>b) << 2));
  const expected = (<f64>noise * noise * count) / S.count;
  S.jobFactor = <f32>min(<f64>1, (expected * count) / max(squares, 1e-30));
  forItems(moveClustersJob, blocks);
  release(S.jobPartials);
  release(S.clusterMoves);
  release(S.clusterNormals);
}

/** Job over slabs of samples: adds area times normal, and area, to S.clusterNormals, f32 x 4 a cluster. */
export function normalSlabsJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let k = firstOfSlab(first), n = firstOfSlab(last); k < n; k++) {
    loadSample(sampleAt(k));
    if (pieceArea == 0) continue;
    const v = f32x4.mul(
      f32x4(normalX, normalY, normalZ, 1),
      f32x4.splat(pieceArea * <f32>(piecesA * piecesB)),
    );
    const at = S.clusterNormals + ((<usize>clusterAt(level, <i32>centreX, <i32>centreY, <i32>centreZ)) << 4);
    v128.store(at, f32x4.add(v128.load(at), v));
  }
}

/** Job over bricks: each cluster's move to S.clusterMoves, the sum of their squares to S.jobPartials. */
export function offsetsJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let b = first; b < last; b++) {
    const packed = packedBrick(level, b);
    const x = brickX(packed) << 3,
      y = brickY(packed) << 3,
      z = brickZ(packed) << 3;
    let sum: f32 = 0;
    for (let c = clusterFirst(level, b), end = clusterEnd(level, b); c < end; c += CLUSTER_BYTES) {
      const slot = load<i32>(c);
      const index = (c - level.clusters) / CLUSTER_BYTES;
      const move = moveOf(level, c, index, x + (slot & 7), y + ((slot >> 3) & 7), z + (slot >> 6));
      store<f32>(S.clusterMoves + (index << 2), move);
      sum += move * move;
    }
    store<f32>(S.jobPartials + ((<usize>b) << 2), sum);
  }
}

/** Job over blocks of clusters: sums to unit normals. */
export function unitNormalsJob(first: i32, last: i32): void {
  const count = clusterCount(changetype<Level>(S.jobLevel));
  for (let k = first * CLUSTER_BLOCK, n = min(last * CLUSTER_BLOCK, count); k < n; k++) {
    const at = S.clusterNormals + ((<usize>k) << 4);
    const x = load<f32>(at),
      y = load<f32>(at, 4),
      z = load<f32>(at, 8);
    const inverse: f32 = 1 / max(sqrt<f32>(x * x + y * y + z * z), 1e-20);
    store<f32>(at, x * inverse);
    store<f32>(at, y * inverse, 4);
    store<f32>(at, z * inverse, 8);
  }
}

/** Unit normal of a cluster into (nx, ny, nz). */
let nx: f32 = 0,
  ny: f32 = 0,
  nz: f32 = 0;
// @ts-ignore: decorator
@inline function loadNormal(index: usize): void {
  const at = S.clusterNormals + (index << 4);
  nx = load<f32>(at);
  ny = load<f32>(at, 4);
  nz = load<f32>(at, 8);
}

function moveOf(level: Level, c: usize, index: usize, x: i32, y: i32, z: i32): f32 {
  const px = load<f32>(c, 4),
    py = load<f32>(c, 8),
    pz = load<f32>(c, 12);
  loadNormal(index);
  const ax = nx,
    ay = ny,
    az = nz;
  let sum: f32 = 0,
    weight = load<f32>(c, 16);
  for (let dz = -1; dz <= 1; dz++)
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        if ((dx | dy | dz) == 0) continue;
        const neighbour = clusterAt(level, x + dx, y + dy, z + dz);
        if (neighbour == ABSENT) continue;
        const other = level.clusters + <usize>neighbour * CLUSTER_BYTES;
        const rx = load<f32>(other, 4) + <f32>dx - px,
          ry = load<f32>(other, 8) + <f32>dy - py,
          rz = load<f32>(other, 12) + <f32>dz - pz;
        const near: f32 = 1 - (rx * rx + ry * ry + rz * rz) / REACH;
        if (near <= 0) continue;
        loadNormal(neighbour);
        if (ax * nx + ay * ny + az * nz < ALIKE) continue;
        const w = load<f32>(other, 16) * near * near;
        sum += w * <f32>0.5 * ((ax + nx) * rx + (ay + ny) * ry + (az + nz) * rz);
        weight += w;
      }
  return sum / weight;
}

/** Job over blocks of clusters: S.jobFactor of each move, within its cell. */
export function moveClustersJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let k = first * CLUSTER_BLOCK, n = min(last * CLUSTER_BLOCK, clusterCount(level)); k < n; k++) {
    const c = level.clusters + <usize>k * CLUSTER_BYTES;
    const move = S.jobFactor * load<f32>(S.clusterMoves + ((<usize>k) << 2));
    loadNormal(<usize>k);
    store<f32>(c, min(max(load<f32>(c, 4) + move * nx, 0), 1), 4);
    store<f32>(c, min(max(load<f32>(c, 8) + move * ny, 0), 1), 8);
    store<f32>(c, min(max(load<f32>(c, 12) + move * nz, 0), 1), 12);
  }
}
