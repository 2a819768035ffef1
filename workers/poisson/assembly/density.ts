/**
 * Areas of samples that do not come from a depth map: one over the local density.
 *
 * Counts are splatted trilinearly on dense grids of 4^3 to 128^3 cells. On a surface with rho samples per unit area,
 * splatting and reading back with the same hat function gives about 2/3 rho h^2 (the cubic B-spline at 0 is 2/3), so
 * the area is 2/3 h^2 / count. Each sample uses the finest grid on which it sees at least ENOUGH samples.
 * A sample alone in its neighbourhood keeps the coarsest estimate.
 */
import { allocate, allocateZeroed, release } from './memory';
import { blockEnd, SAMPLE_BLOCK, sampleBlocks } from './sample-blocks';
import { S } from './state';
import { forItems } from './thread-pool';

const COARSEST: i32 = 2;
const FINEST: i32 = 7;
const ENOUGH: f32 = 6;

/** Fills S.areas; needs the frame (origin, scale, depth). */
export function areasFromDensity(): void {
  const grids = allocate(16 * 4);
  for (let k = COARSEST; k <= FINEST; k++) {
    const n = <u64>(1 << k) + 1;
    store<u32>(grids + ((<usize>k) << 2), <u32>allocateZeroed(4 * n * n * n));
  }
  S.jobFrom = grids;
  forItems(densityJob, FINEST - COARSEST + 1);
  forItems(densityAreasJob, sampleBlocks());
  for (let k = FINEST; k >= COARSEST; k--) release(<usize>load<u32>(grids + ((<usize>k) << 2)));
  release(grids);
}

/** Job over the grids: counts the samples. */
export function densityJob(first: i32, last: i32): void {
  for (let k = COARSEST + first; k < COARSEST + last; k++) {
    const grid = <usize>load<u32>(S.jobFrom + ((<usize>k) << 2));
    for (let i = 0; i < S.count; i++) {
      locate(i, k);
      for (let c = 0; c < 8; c++) {
        const at = grid + corner(c, k);
        store<f32>(at, load<f32>(at) + weight(c));
      }
    }
  }
}

/** Job over blocks of samples: reads their areas off the grids. */
export function densityAreasJob(first: i32, last: i32): void {
  const grids = S.jobFrom;
  for (let i = first * SAMPLE_BLOCK, n = blockEnd(last - 1); i < n; i++) {
    let count: f32 = 1;
    let k = FINEST;
    for (; k >= COARSEST; k--) {
      locate(i, k);
      const grid = <usize>load<u32>(grids + ((<usize>k) << 2));
      count = 0;
      for (let c = 0; c < 8; c++) count += weight(c) * load<f32>(grid + corner(c, k));
      if (count >= ENOUGH) break;
    }
    const h = <f32>(1 << S.depth) / <f32>(1 << max(k, COARSEST)) / S.scale;
    store<f32>(S.areas + ((<usize>i) << 2), (<f32>(2.0 / 3.0) * h * h) / max(count, 1));
  }
}

let cellX: i32 = 0,
  cellY: i32 = 0,
  cellZ: i32 = 0;
let fx: f32 = 0,
  fy: f32 = 0,
  fz: f32 = 0;

function locate(i: i32, depth: i32): void {
  const at = S.positions + <usize>i * 12;
  const n = <f32>(1 << depth);
  const scale = (S.scale * n) / <f32>(1 << S.depth);
  const x = min(max((load<f32>(at) - S.originX) * scale, 0), n - <f32>0.001);
  const y = min(max((load<f32>(at, 4) - S.originY) * scale, 0), n - <f32>0.001);
  const z = min(max((load<f32>(at, 8) - S.originZ) * scale, 0), n - <f32>0.001);
  cellX = <i32>x;
  cellY = <i32>y;
  cellZ = <i32>z;
  fx = x - <f32>cellX;
  fy = y - <f32>cellY;
  fz = z - <f32>cellZ;
}

// @ts-ignore: decorator
@inline function corner(c: i32, depth: i32): usize {
  const n = (1 << depth) + 1;
  return (<usize>(((cellZ + (c >> 2)) * n + cellY + ((c >> 1) & 1)) * n + cellX + (c & 1))) << 2;
}

// @ts-ignore: decorator
@inline function weight(c: i32): f32 {
  return (c & 1 ? fx : 1 - fx) * (c & 2 ? fy : 1 - fy) * (c & 4 ? fz : 1 - fz);
}
