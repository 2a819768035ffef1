/**
 * From coarse to fine: each level starts from the coarser solution, interpolated, and adds a few steps of conjugate
 * gradients (a cascadic multigrid, Bornemann & Deuflhard 1996: no way back down, because the start is already good).
 *
 * Before a level is solved, bricks are added along the coarser level's iso-surface: that closes what no sample saw
 * (the sides, under the arms).
 */

import { crossedCells, readRows } from './crossed';
import { Grid } from './dense-grid';
import { addInner, allocatePartials, conjugateGradients } from './gradient';
import { HALO_BYTES } from './halo';
import { PHASE_CASCADE, progress } from './host';
import { gatherCoarse, gatherComplete, refine } from './interpolate';
import {
  BRICK_BYTES,
  brickX,
  brickY,
  brickZ,
  fieldBytes,
  Level,
  levelAt,
  markNodes,
  numberMarked,
  packedBrick,
} from './level';
import { allocate, release } from './memory';
import { rootValue } from './root';
import { screen, screenDiagonal, screenEnd, screenFirst, spreadClusters } from './screening';
import { S, scratch } from './state';
import { stiffness } from './stencil';
import { forItems, reportNext } from './thread-pool';
import { laneSum } from './weights';

/** Nodes around the coarse surface that the finer level covers. */
const MARGIN: i32 = 2;
/** Share of a level's time before the conjugate gradients. */
const START_SHARE: f64 = 0.4;

/** Progress runs from `from` to `to` meanwhile. */
export function solveLevel(depth: i32, from: f64, to: f64): void {
  progress(from, PHASE_CASCADE);
  const level = levelAt(depth);
  followSurface(level);
  const bytes = fieldBytes(level);
  const sampledBytes = <usize>level.sampledBricks * BRICK_BYTES;
  const r = allocate(bytes);
  memory.copy(r, level.r, sampledBytes);
  memory.fill(r + sampledBytes, 0, <usize>bytes - sampledBytes);
  release(level.r);
  level.r = r;
  level.u = allocate(bytes);
  level.p = allocate(bytes);
  level.q = allocate(bytes);
  level.d = allocate(bytes);
  spreadClusters(level);
  const partials = allocatePartials(level);
  S.jobLevel = changetype<usize>(level);
  S.jobPartials = partials;
  const started = from + START_SHARE * (to - from);
  reportNext(from, started, PHASE_CASCADE);
  forItems(startJob, level.brickCount);
  conjugateGradients(level, S.iterations, partials, started, to);
  release(partials);
  release(level.r);
  release(level.p);
  release(level.q);
  release(level.d);
  release(level.screens);
  release(level.screenStart);
  if (depth < S.depth) {
    release(level.clusters);
    release(level.clusterStart);
  }
}

/** Bricks along the zero surface of the coarser solution. */
function followSurface(level: Level): void {
  const coarse = level.depth - 1;
  if (coarse == S.rootDepth) {
    const grid = changetype<Grid>(S.root);
    const cells = grid.nodes - 1;
    for (let z = 0; z < cells; z++)
      for (let y = 0; y < cells; y++)
        for (let x = 0; x < cells; x++) {
          let signs = 0;
          for (let k = 0; k < 8; k++)
            signs |= rootValue(grid, x + (k & 1), y + ((k >> 1) & 1), z + (k >> 2)) < 0 ? 1 : 2;
          if (signs == 3) cover(level, x, y, z);
        }
  } else {
    S.jobLevel = changetype<usize>(levelAt(coarse));
    S.jobOther = changetype<usize>(level);
    forItems(followJob, levelAt(coarse).brickCount);
  }
  numberMarked(level);
}

/** Job over coarse bricks: marks the fine bricks along the surface. */
export function followJob(first: i32, last: i32): void {
  const from = changetype<Level>(S.jobLevel),
    level = changetype<Level>(S.jobOther);
  for (let b = first; b < last; b++) {
    const rows = scratch + HALO_BYTES;
    gatherComplete(from, b, scratch, rows);
    readRows(scratch, rows, 0);
    const packed = packedBrick(from, b);
    const x0 = brickX(packed) << 3,
      y0 = brickY(packed) << 3,
      z0 = brickZ(packed) << 3;
    for (let z = 0; z < 8; z++)
      for (let y = 0; y < 8; y++)
        for (let cells = (crossedCells(rows, y + 1, z + 1) >> 1) & 255; cells != 0; cells &= cells - 1)
          cover(level, x0 + ctz<i32>(cells), y0 + y, z0 + z);
  }
}

// @ts-ignore: decorator
@inline function cover(level: Level, x: i32, y: i32, z: i32): void {
  markNodes(
    level,
    2 * x - MARGIN,
    2 * x + 2 + MARGIN,
    2 * y - MARGIN,
    2 * y + 2 + MARGIN,
    2 * z - MARGIN,
    2 * z + 2 + MARGIN,
  );
}

/** Start of a level: u interpolated, r = b/h - A u, d, p = d r; partial p . r. */
export function startJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const halo = scratch,
    coarse = halo + HALO_BYTES,
    out = coarse + 1536,
    screened = out + BRICK_BYTES;
  const diagonal = screened + HALO_BYTES,
    work = diagonal + HALO_BYTES;
  const scale = f32x4.splat(1 / level.size),
    plain = f32x4.splat(<f32>(8.0 / 3.0)),
    one = f32x4.splat(1);
  for (let b = first; b < last; b++) {
    const packed = packedBrick(level, b);
    gatherCoarse(
      level.depth - 1,
      (brickX(packed) << 2) - 1,
      (brickY(packed) << 2) - 1,
      (brickZ(packed) << 2) - 1,
      coarse,
    );
    refine(coarse, halo, work);
    stiffness(halo, out, work);
    memory.fill(screened, 0, 2 * HALO_BYTES);
    const from = screenFirst(level, b),
      end = screenEnd(level, b);
    if (from < end) {
      screen(from, end, halo, screened);
      addInner(screened, out);
      screenDiagonal(from, end, diagonal);
    }
    let sum: v128 = i64x2.splat(0);
    const at = <usize>b * BRICK_BYTES;
    for (let z: usize = 0; z < 8; z++)
      for (let y: usize = 0; y < 8; y++)
        for (let x: usize = 0; x < 32; x += 16) {
          const inner = (z + 1) * 400 + (y + 1) * 40 + 4 + x;
          const i = (z << 8) + (y << 5) + x;
          v128.store(level.u + at + i, v128.load(halo + inner));
          const r = f32x4.sub(f32x4.mul(v128.load(level.r + at + i), scale), v128.load(out + i));
          const d = f32x4.div(one, f32x4.add(plain, v128.load(diagonal + inner)));
          const p = f32x4.mul(r, d);
          v128.store(level.r + at + i, r);
          v128.store(level.d + at + i, d);
          v128.store(level.p + at + i, p);
          sum = f32x4.add(sum, f32x4.mul(p, r));
        }
    store<f32>(S.jobPartials + ((<usize>b) << 2), laneSum(sum));
  }
}
