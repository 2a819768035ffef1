/**
 * The iso-surface's value, and bricks wherever it goes.
 *
 * Value: mean of the solution at the samples, weighted by area (Kazhdan, Bolitho & Hoppe 2006).
 * Bricks: where the surface leaves the bricks through a missing neighbour, that brick is added with the interpolated
 * coarser solution, until none is missing. So the mesh is closed by construction. Nodes on the cube's own boundary
 * count as outside (extract.ts), which closes a surface that runs out of the cube.
 */

import { sealBoundary } from './boundary';
import { CLUSTER_BYTES, clusterEnd, clusterFirst } from './clusters';
import { crossedCells, readRows } from './crossed';
import { gatherHalo, HALO_BYTES, isSurrounded } from './halo';
import { PHASE_EXTRACT } from './host';
import { gatherCoarse, gatherComplete, refine } from './interpolate';
import {
  BRICK_BYTES,
  brickX,
  brickY,
  brickZ,
  fieldBytes,
  Level,
  markNodes,
  numberMarked,
  packedBrick,
} from './level';
import { allocate, release } from './memory';
import { S, scratch } from './state';
import { forItems, reportNext } from './thread-pool';
import { high, laneSum, loadLayer, low, trilinearWeights } from './weights';

export function isoValue(level: Level): f32 {
  const sums = allocate((<u64>level.sampledBricks) << 4);
  S.jobLevel = changetype<usize>(level);
  S.jobTo = sums;
  forItems(isoJob, level.sampledBricks);
  let areas: f64 = 0,
    sum: f64 = 0;
  for (let b = 0, at = sums; b < level.sampledBricks; b++, at += 16) {
    sum += load<f64>(at);
    areas += load<f64>(at, 8);
  }
  release(sums);
  return areas > 0 ? <f32>(sum / areas) : 0;
}

/** Job over bricks: area times value, and area, of each one's samples. */
export function isoJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let b = first; b < last; b++) {
    let areas: f64 = 0,
      sum: f64 = 0;
    const from = clusterFirst(level, b),
      end = clusterEnd(level, b);
    if (from < end) gatherHalo(level, level.u, b, scratch);
    for (let c = from; c < end; c += CLUSTER_BYTES) {
      const slot = load<i32>(c);
      const at =
        scratch + ((<usize>(((slot >> 6) + 1) * 100 + (((slot >> 3) & 7) + 1) * 10 + (slot & 7) + 1)) << 2);
      trilinearWeights(load<f32>(c, 4), load<f32>(c, 8), load<f32>(c, 12));
      const value = laneSum(
        f32x4.add(f32x4.mul(low, loadLayer(at, 40)), f32x4.mul(high, loadLayer(at + 400, 40))),
      );
      const area = load<f32>(c, 16);
      areas += area;
      sum += <f64>area * value;
    }
    const to = S.jobTo + ((<usize>b) << 4);
    store<f64>(to, sum);
    store<f64>(to, areas, 8);
  }
}

/** Adds bricks until every cell that the surface crosses has all its corners in bricks. */
export function closeBand(level: Level): void {
  S.jobLevel = changetype<usize>(level);
  let from = 0;
  while (from < level.brickCount) {
    const until = level.brickCount;
    S.jobFirst = from;
    if (from == 0) reportNext(0.8, 0.82, PHASE_EXTRACT);
    forItems(markMissingJob, until - from);
    if (numberMarked(level) == 0) return;
    const u = allocate(fieldBytes(level));
    memory.copy(u, level.u, <usize>until * BRICK_BYTES);
    // The new values come from the coarser level: read them through the old field before it goes.
    S.jobFirst = until;
    S.jobTo = u;
    forItems(interpolateJob, level.brickCount - until);
    release(level.u);
    level.u = u;
    from = until;
  }
}

/** Job over bricks from S.jobFirst on: marks the missing neighbours through which the surface leaves. */
export function markMissingJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const iso = S.isoValue;
  for (let b = S.jobFirst + first; b < S.jobFirst + last; b++) {
    if (isSurrounded(level, b)) continue;
    const rows = scratch + HALO_BYTES;
    gatherComplete(level, b, scratch, rows);
    const packed = packedBrick(level, b);
    sealBoundary(level, packed, scratch, 10, iso);
    readRows(scratch, rows, iso);
    const x0 = brickX(packed) << 3,
      y0 = brickY(packed) << 3,
      z0 = brickZ(packed) << 3;
    for (let z = -1; z < 8; z++)
      for (let y = -1; y < 8; y++) {
        // In the middle only the first and the last cell have corners in other bricks.
        const outer: u32 = y < 0 || y > 6 || z < 0 || z > 6 ? 511 : 257;
        for (let cells = crossedCells(rows, y + 1, z + 1) & outer; cells != 0; cells &= cells - 1) {
          const x = x0 - 1 + ctz<i32>(cells);
          markNodes(level, x, x + 1, y0 + y, y0 + y + 1, z0 + z, z0 + z + 1);
        }
      }
  }
}

/** Job over bricks from S.jobFirst on: their nodes in S.jobTo. */
export function interpolateJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  for (let b = S.jobFirst + first; b < S.jobFirst + last; b++)
    interpolateBrick(level, b, S.jobTo + <usize>b * BRICK_BYTES);
}

/** The brick's nodes from the coarser level, as interpolate.ts gives them to its neighbours. */
function interpolateBrick(level: Level, brick: i32, to: usize): void {
  const packed = packedBrick(level, brick);
  const coarse = scratch,
    halo = scratch + 1536;
  gatherCoarse(
    level.depth - 1,
    (brickX(packed) << 2) - 1,
    (brickY(packed) << 2) - 1,
    (brickZ(packed) << 2) - 1,
    coarse,
  );
  refine(coarse, halo, halo + HALO_BYTES);
  for (let z: usize = 0; z < 8; z++)
    for (let y: usize = 0; y < 8; y++)
      memory.copy(to + (z << 8) + (y << 5), halo + (z + 1) * 400 + (y + 1) * 40 + 4, 32);
}
