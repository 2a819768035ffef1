/**
 * The coarsest part of the solve, on dense grids: 2^3 .. 2^rootDepth cells a side over the whole cube, with natural
 * (zero-flux) boundary. Each grid starts from the coarser one's solution (cascadic) and takes some steps of conjugate
 * gradients with Jacobi preconditioning; the coarsest starts from zero and is solved to the end.
 *
 * Equation at cell size h: (A + alpha sum_s area_s / h^2 phi phi) u = r / h, A = K(x)M M + M K(x)M + M M K(x)
 * the trilinear stiffness for h = 1, M = (1 4 1)/6 and K = (-1 2 -1), half of it at the boundary.
 * Alpha over h: Kazhdan & Hoppe 2013, section 4.2, double the screening with every finer level.
 */

import { CLUSTER_BYTES, clusterEnd, clusterFirst } from './clusters';
import { bytesOf, Grid } from './dense-grid';
import { brickX, brickY, brickZ, Level, packedBrick } from './level';
import { allocate, allocateZeroed, release } from './memory';
import { restrictToDense } from './restrict';
import { solveGrid } from './root-solve';
import { ROOT_SCREENING } from './screening';
import { S } from './state';

const COARSEST: i32 = 3;

function createGrid(depth: i32): Grid {
  const grid = changetype<Grid>(allocateZeroed(offsetof<Grid>()));
  const cells = 1 << depth;
  grid.nodes = cells + 1;
  grid.stride = (grid.nodes + 3) & ~3;
  grid.size = <f32>(1 << (S.depth - depth));
  grid.sums = allocateZeroed((<u64>cells * cells * cells) << 4);
  grid.u = allocateZeroed(bytesOf(grid));
  grid.r = allocateZeroed(bytesOf(grid));
  return grid;
}

/** Value of the root's solution at a node; coordinates must be inside. */
// @ts-ignore: decorator
@inline export function rootValue(grid: Grid, x: i32, y: i32, z: i32): f32 {
  return load<f32>(grid.u + ((<usize>((z * grid.nodes + y) * grid.stride + x)) << 2));
}

/** Solves down from the first sparse level; the finest dense grid becomes S.root, with only its solution left. */
export function solveRoot(first: Level): void {
  const grids = allocate(16 * 4);
  for (let k = COARSEST; k <= S.rootDepth; k++)
    store<u32>(grids + ((<usize>k) << 2), <u32>changetype<usize>(createGrid(k)));
  const root = gridAt(grids, S.rootDepth);
  restrictToDense(first, root.r, root.nodes, root.stride);
  sumFromLevel(first, root);
  for (let k = S.rootDepth; k > COARSEST; k--) {
    halveRightSide(gridAt(grids, k), gridAt(grids, k - 1));
    halveSums(gridAt(grids, k), gridAt(grids, k - 1));
  }
  for (let k = COARSEST; k <= S.rootDepth; k++) {
    const grid = gridAt(grids, k);
    pack(grid);
    if (k > COARSEST) prolong(gridAt(grids, k - 1), grid);
    solveGrid(grid, k == COARSEST ? 60 : 24);
  }
  for (let k = COARSEST; k < S.rootDepth; k++) {
    release(gridAt(grids, k).u);
    release(changetype<usize>(gridAt(grids, k)));
  }
  S.root = changetype<usize>(root);
  release(grids);
}

// @ts-ignore: decorator
@inline function gridAt(grids: usize, depth: i32): Grid {
  return changetype<Grid>(<usize>load<u32>(grids + ((<usize>depth) << 2)));
}

function sumFromLevel(fine: Level, grid: Grid): void {
  const cells = grid.nodes - 1;
  for (let b = 0; b < fine.sampledBricks; b++) {
    const packed = packedBrick(fine, b);
    const end = clusterEnd(fine, b);
    for (let c = clusterFirst(fine, b); c < end; c += CLUSTER_BYTES) {
      const slot = load<i32>(c);
      const x = (brickX(packed) << 3) + (slot & 7),
        y = (brickY(packed) << 3) + ((slot >> 3) & 7),
        z = (brickZ(packed) << 3) + (slot >> 6);
      const at = grid.sums + ((<usize>(((z >> 1) * cells + (y >> 1)) * cells + (x >> 1))) << 4);
      const v = f32x4(
        <f32>0.5 * (<f32>(x & 1) + load<f32>(c, 4)),
        <f32>0.5 * (<f32>(y & 1) + load<f32>(c, 8)),
        <f32>0.5 * (<f32>(z & 1) + load<f32>(c, 12)),
        1,
      );
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(v, f32x4.splat(load<f32>(c, 16)))));
    }
  }
}

function halveSums(fine: Grid, coarse: Grid): void {
  const n = fine.nodes - 1,
    half = n >> 1;
  let from = fine.sums;
  for (let z = 0; z < n; z++)
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++, from += 16) {
        const v = v128.load(from);
        const area = f32x4.extract_lane(v, 3);
        if (area == 0) continue;
        const at = coarse.sums + ((<usize>(((z >> 1) * half + (y >> 1)) * half + (x >> 1))) << 4);
        const moved = f32x4.add(
          v,
          f32x4.mul(f32x4(<f32>(x & 1), <f32>(y & 1), <f32>(z & 1), 1), f32x4.splat(area)),
        );
        v128.store(at, f32x4.add(v128.load(at), f32x4.mul(moved, f32x4.splat(0.5))));
      }
}

function halveRightSide(fine: Grid, coarse: Grid): void {
  const n = fine.nodes;
  for (let z = 0; z < n; z++)
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) {
        const value = load<f32>(fine.r + ((<usize>((z * n + y) * fine.stride + x)) << 2));
        if (value == 0) continue;
        const share = value * (x & 1 ? 0.5 : 1) * (y & 1 ? 0.5 : 1) * (z & 1 ? 0.5 : 1);
        for (let c = z >> 1; c <= (z + 1) >> 1; c++)
          for (let b = y >> 1; b <= (y + 1) >> 1; b++)
            for (let a = x >> 1; a <= (x + 1) >> 1; a++) {
              const to = coarse.r + ((<usize>((c * coarse.nodes + b) * coarse.stride + a)) << 2);
              store<f32>(to, load<f32>(to) + share);
            }
      }
}

function prolong(coarse: Grid, fine: Grid): void {
  const n = fine.nodes;
  for (let z = 0; z < n; z++)
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) {
        let sum: f32 = 0;
        for (let k = 0; k < 8; k++)
          sum += rootValue(coarse, (x + (k & 1)) >> 1, (y + ((k >> 1) & 1)) >> 1, (z + (k >> 2)) >> 1);
        store<f32>(fine.u + ((<usize>((z * n + y) * fine.stride + x)) << 2), sum * <f32>0.125);
      }
}

/** Cluster list with the screening factor alpha area / h^2 in place of the area; frees the sums. */
function pack(grid: Grid): void {
  const cells = grid.nodes - 1;
  const total = <usize>cells * cells * cells;
  let count = 0;
  for (let i: usize = 0; i < total; i++) count += i32(load<f32>(grid.sums + (i << 4), 12) > 0);
  grid.clusters = allocate(<u64>count * CLUSTER_BYTES);
  const factor = (ROOT_SCREENING * S.pointWeight) / (grid.size * grid.size);
  let to = grid.clusters;
  let from = grid.sums;
  grid.layers = allocate((<u64>(cells + 1)) << 2);
  for (let z = 0; z < cells; z++) {
    store<u32>(grid.layers + ((<usize>z) << 2), <u32>to);
    for (let y = 0; y < cells; y++)
      for (let x = 0; x < cells; x++, from += 16) {
        const area = load<f32>(from, 12);
        if (area == 0) continue;
        store<u32>(to, (<u32>((z * grid.nodes + y) * grid.stride + x)) << 2);
        store<f32>(to, load<f32>(from) / area, 4);
        store<f32>(to, load<f32>(from, 4) / area, 8);
        store<f32>(to, load<f32>(from, 8) / area, 12);
        store<f32>(to, area * factor, 16);
        to += CLUSTER_BYTES;
      }
  }
  store<u32>(grid.layers + ((<usize>cells) << 2), <u32>to);
  release(grid.sums);
}
