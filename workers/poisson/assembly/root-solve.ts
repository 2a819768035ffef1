/**
 * Conjugate gradients on one dense grid of root.ts, Jacobi preconditioned. Work is shared by planes along z; sums are kept
 * a plane and added up in order. Screening adds to the planes on both sides of a layer of cells, so the even layers run
 * first and then the odd ones.
 */
import { CLUSTER_BYTES } from './clusters';
import { bytesOf, Grid, valuesOf } from './dense-grid';
import { allocate, allocateZeroed, release } from './memory';
import { S } from './state';
import { forItems, Job } from './thread-pool';
import { addLayer, high, laneSum, loadLayer, low, trilinearWeights } from './weights';

/** Grids with fewer planes are done sooner than a helper wakes up. */
const FEWEST_PLANES: i32 = 33;

function forPlanes(grid: Grid, job: Job, count: i32): void {
  if (grid.nodes < FEWEST_PLANES) job(0, count);
  else forItems(job, count);
}

/** Sum of one f64 a plane, in order. */
function planeSum(grid: Grid): f64 {
  let sum: f64 = 0;
  for (let z = 0; z < grid.nodes; z++) sum += load<f64>(S.jobPartials + ((<usize>z) << 3));
  return sum;
}

/** Improves grid.u by `iterations` steps; grid.r is used up, and the clusters. */
export function solveGrid(grid: Grid, iterations: i32): void {
  const n = grid.nodes;
  const bytes = bytesOf(grid);
  grid.p = allocateZeroed(bytes);
  grid.q = allocateZeroed(bytes);
  grid.d = allocateZeroed(bytes);
  grid.work = allocateZeroed(bytes * 4);
  inverseDiagonal(grid);
  memory.copy(grid.p, grid.u, <usize>bytes);
  S.jobLevel = changetype<usize>(grid);
  S.jobPartials = allocate((<u64>n) << 3);
  apply(grid);
  forPlanes(grid, rootStartJob, n);
  let rz = planeSum(grid);
  const enough = rz * 1e-10;
  for (let k = 0; k < iterations && rz > enough; k++) {
    apply(grid);
    forPlanes(grid, rootProductJob, n);
    const pq = planeSum(grid);
    if (pq <= 0) break;
    S.jobFactor = <f32>(rz / pq);
    forPlanes(grid, rootAdvanceJob, n);
    const next = planeSum(grid);
    S.jobFactor = <f32>(next / rz);
    rz = next;
    forPlanes(grid, rootTurnJob, n);
  }
  release(S.jobPartials);
  release(grid.work);
  release(grid.p);
  release(grid.q);
  release(grid.d);
  release(grid.r);
  release(grid.clusters);
  release(grid.layers);
}

/** q = (A + screening) p. */
function apply(grid: Grid): void {
  const cells = grid.nodes - 1;
  forPlanes(grid, rootXyJob, grid.nodes);
  forPlanes(grid, rootZJob, grid.nodes);
  forPlanes(grid, rootEvenJob, (cells + 1) >> 1);
  forPlanes(grid, rootOddJob, cells >> 1);
}

// @ts-ignore: decorator
@inline function theGrid(): Grid {
  return changetype<Grid>(S.jobLevel);
}
// @ts-ignore: decorator
@inline function rowBytes(grid: Grid): usize {
  return (<usize>grid.stride) << 2;
}
// @ts-ignore: decorator
@inline function planeBytes(grid: Grid): usize {
  return rowBytes(grid) * <usize>grid.nodes;
}

/** Adds four products to two sums in double precision. */
// @ts-ignore: decorator
@inline function addProducts(sum: v128, products: v128): v128 {
  const upper = i8x16.shuffle(products, products, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(products), f64x2.promote_low_f32x4(upper)));
}

// @ts-ignore: decorator
@inline function storeSum(plane: i32, sum: v128): void {
  store<f64>(S.jobPartials + ((<usize>plane) << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

/** Jobs over planes. Start: r = b / h - A u, p = d r; sum of p r. */
export function rootStartJob(first: i32, last: i32): void {
  const grid = theGrid();
  const scale = f32x4.splat(1 / grid.size),
    plane = planeBytes(grid);
  for (let z = first; z < last; z++) {
    let sum: v128 = i64x2.splat(0);
    for (let i = <usize>z * plane, end = i + plane; i < end; i += 16) {
      const r = f32x4.sub(f32x4.mul(v128.load(grid.r + i), scale), v128.load(grid.q + i));
      const p = f32x4.mul(r, v128.load(grid.d + i));
      v128.store(grid.r + i, r);
      v128.store(grid.p + i, p);
      sum = addProducts(sum, f32x4.mul(r, p));
    }
    storeSum(z, sum);
  }
}

/** Sum of p q. */
export function rootProductJob(first: i32, last: i32): void {
  const grid = theGrid();
  const plane = planeBytes(grid);
  for (let z = first; z < last; z++) {
    let sum: v128 = i64x2.splat(0);
    for (let i = <usize>z * plane, end = i + plane; i < end; i += 16)
      sum = addProducts(sum, f32x4.mul(v128.load(grid.p + i), v128.load(grid.q + i)));
    storeSum(z, sum);
  }
}

/** u += a p, r -= a q; sum of r d r. */
export function rootAdvanceJob(first: i32, last: i32): void {
  const grid = theGrid();
  const a = f32x4.splat(S.jobFactor),
    plane = planeBytes(grid);
  for (let z = first; z < last; z++) {
    let sum: v128 = i64x2.splat(0);
    for (let i = <usize>z * plane, end = i + plane; i < end; i += 16) {
      const r = f32x4.sub(v128.load(grid.r + i), f32x4.mul(a, v128.load(grid.q + i)));
      v128.store(grid.r + i, r);
      v128.store(grid.u + i, f32x4.add(v128.load(grid.u + i), f32x4.mul(a, v128.load(grid.p + i))));
      sum = addProducts(sum, f32x4.mul(f32x4.mul(r, r), v128.load(grid.d + i)));
    }
    storeSum(z, sum);
  }
}

/** p = d r + b p. */
export function rootTurnJob(first: i32, last: i32): void {
  const grid = theGrid();
  const b = f32x4.splat(S.jobFactor),
    plane = planeBytes(grid);
  for (let i = <usize>first * plane, end = <usize>last * plane; i < end; i += 16)
    v128.store(
      grid.p + i,
      f32x4.add(f32x4.mul(v128.load(grid.r + i), v128.load(grid.d + i)), f32x4.mul(b, v128.load(grid.p + i))),
    );
}

function inverseDiagonal(grid: Grid): void {
  const n = grid.nodes,
    last = n - 1;
  for (let z = 0; z < n; z++)
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) {
        const inner = i32(x > 0 && x < last) + i32(y > 0 && y < last) + i32(z > 0 && z < last);
        // 8/3 inside; every face of the cube a node lies on halves it.
        const value = <f32>(8.0 / 3.0) * (inner == 3 ? 1 : inner == 2 ? 0.5 : inner == 1 ? 0.25 : 0.125);
        store<f32>(grid.d + ((<usize>((z * n + y) * grid.stride + x)) << 2), value);
      }
  const row = rowBytes(grid),
    plane = planeBytes(grid);
  const clustersEnd = <usize>load<u32>(grid.layers + ((<usize>last) << 2));
  for (let c = grid.clusters; c < clustersEnd; c += CLUSTER_BYTES) {
    const at = grid.d + load<u32>(c);
    trilinearWeights(load<f32>(c, 4), load<f32>(c, 8), load<f32>(c, 12));
    const w = f32x4.splat(load<f32>(c, 16));
    addLayer(at, row, f32x4.mul(f32x4.mul(low, low), w));
    addLayer(at + plane, row, f32x4.mul(f32x4.mul(high, high), w));
  }
  const end = grid.d + (valuesOf(grid) << 2);
  for (let i = grid.d; i < end; i += 4) {
    const value = load<f32>(i);
    if (value > 0) store<f32>(i, 1 / value);
  }
}

const SIXTH: f32 = 1.0 / 6.0;

/** The stencil along x (M and K), then along y (MM and KM + MK), both inside each plane. */
export function rootXyJob(first: i32, last: i32): void {
  const grid = theGrid();
  const n = grid.nodes;
  const row = rowBytes(grid),
    plane = planeBytes(grid),
    all = <usize>bytesOf(grid);
  const m = grid.work,
    k = m + all,
    mm = k + all,
    km = mm + all;
  for (let z = first; z < last; z++) {
    for (let y = 0; y < n; y++) {
      const i = <usize>z * plane + <usize>y * row;
      rowPass(grid.p + i, m + i, k + i, n, row);
    }
    for (let y = 0; y < n; y++) {
      const at = <usize>z * plane + <usize>y * row;
      const before = y > 0 ? row : 0,
        after = y < n - 1 ? row : 0;
      const wb = f32x4.splat(y > 0 ? 1 : 0),
        wa = f32x4.splat(y < n - 1 ? 1 : 0);
      const half: f32 = y > 0 && y < n - 1 ? 2 : 1;
      const two = f32x4.splat(half),
        four = f32x4.splat(2 * half),
        six = f32x4.splat(SIXTH);
      for (let x: usize = 0; x < row; x += 16) {
        const i = at + x;
        const sides = f32x4.add(
          f32x4.mul(v128.load(m + i - before), wb),
          f32x4.mul(v128.load(m + i + after), wa),
        );
        const sidesK = f32x4.add(
          f32x4.mul(v128.load(k + i - before), wb),
          f32x4.mul(v128.load(k + i + after), wa),
        );
        const mid = v128.load(m + i),
          midK = v128.load(k + i);
        v128.store(mm + i, f32x4.mul(f32x4.add(sides, f32x4.mul(mid, four)), six));
        v128.store(
          km + i,
          f32x4.add(
            f32x4.sub(f32x4.mul(mid, two), sides),
            f32x4.mul(f32x4.add(sidesK, f32x4.mul(midK, four)), six),
          ),
        );
      }
    }
  }
}

/** One row along x; the ends have half a hat, and the padding stays zero. */
// @ts-ignore: decorator
@inline function rowPass(e: usize, a: usize, b: usize, n: i32, row: usize): void {
  const four = f32x4.splat(4),
    two = f32x4.splat(2),
    six = f32x4.splat(SIXTH);
  for (let x: usize = 0; x < row; x += 16) {
    const sides = f32x4.add(v128.load(e + x - 4), v128.load(e + x + 4)),
      mid = v128.load(e + x);
    v128.store(a + x, f32x4.mul(f32x4.add(sides, f32x4.mul(mid, four)), six));
    v128.store(b + x, f32x4.sub(f32x4.mul(mid, two), sides));
  }
  const lastX = (<usize>(n - 1)) << 2;
  store<f32>(a, (2 * load<f32>(e) + load<f32>(e, 4)) * SIXTH);
  store<f32>(b, load<f32>(e) - load<f32>(e, 4));
  store<f32>(a + lastX, (2 * load<f32>(e + lastX) + load<f32>(e + lastX - 4)) * SIXTH);
  store<f32>(b + lastX, load<f32>(e + lastX) - load<f32>(e + lastX - 4));
  for (let x = lastX + 4; x < row; x += 4) {
    store<f32>(a + x, 0);
    store<f32>(b + x, 0);
  }
}

/** The stencil along z: q. */
export function rootZJob(first: i32, last: i32): void {
  const grid = theGrid();
  const n = grid.nodes;
  const plane = planeBytes(grid),
    all = <usize>bytesOf(grid);
  const mm = grid.work + 2 * all,
    km = mm + all;
  const six = f32x4.splat(SIXTH);
  for (let z = first; z < last; z++) {
    const at = <usize>z * plane;
    const before = z > 0 ? plane : 0,
      after = z < n - 1 ? plane : 0;
    const wb = f32x4.splat(z > 0 ? 1 : 0),
      wa = f32x4.splat(z < n - 1 ? 1 : 0);
    const half: f32 = z > 0 && z < n - 1 ? 2 : 1;
    const two = f32x4.splat(half),
      four = f32x4.splat(2 * half);
    for (let i = at; i < at + plane; i += 16) {
      const sides = f32x4.add(
        f32x4.mul(v128.load(mm + i - before), wb),
        f32x4.mul(v128.load(mm + i + after), wa),
      );
      const sidesK = f32x4.add(
        f32x4.mul(v128.load(km + i - before), wb),
        f32x4.mul(v128.load(km + i + after), wa),
      );
      v128.store(
        grid.q + i,
        f32x4.add(
          f32x4.sub(f32x4.mul(v128.load(mm + i), two), sides),
          f32x4.mul(f32x4.add(sidesK, f32x4.mul(v128.load(km + i), four)), six),
        ),
      );
    }
  }
}

/** Jobs over every other layer of cells: q += screening of p. */
export function rootEvenJob(first: i32, last: i32): void {
  for (let k = first; k < last; k++) screenLayer(2 * k);
}
export function rootOddJob(first: i32, last: i32): void {
  for (let k = first; k < last; k++) screenLayer(2 * k + 1);
}

function screenLayer(layer: i32): void {
  const grid = theGrid();
  const row = rowBytes(grid),
    plane = planeBytes(grid);
  const at = grid.layers + ((<usize>layer) << 2);
  const end = <usize>load<u32>(at, 4);
  for (let c = <usize>load<u32>(at); c < end; c += CLUSTER_BYTES) {
    const offset = <usize>load<u32>(c);
    trilinearWeights(load<f32>(c, 4), load<f32>(c, 8), load<f32>(c, 12));
    const from = grid.p + offset,
      to = grid.q + offset;
    const products = f32x4.add(
      f32x4.mul(low, loadLayer(from, row)),
      f32x4.mul(high, loadLayer(from + plane, row)),
    );
    const value = f32x4.splat(laneSum(products) * load<f32>(c, 16));
    addLayer(to, row, f32x4.mul(low, value));
    addLayer(to + plane, row, f32x4.mul(high, value));
  }
}
