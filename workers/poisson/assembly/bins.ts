/**
 * The cloud cut into slabs along y, so that several threads can add samples to one field. A slab is thicker than twice
 * what a sample reaches, so samples of every other slab never touch the same cell: first the even slabs run, all at
 * once, then the odd ones. Within a slab samples keep their order in the cloud. So every cell gets its summands in an
 * order that depends only on the cloud. Along y, because depth maps come row by row: a slab's samples lie together.
 *
 * A stable counting sort by blocks of samples: each block counts its slabs, a prefix sum gives it its places.
 */

import { allocate, allocateZeroed, release } from './memory';
import { blockEnd, SAMPLE_BLOCK, sampleBlocks } from './sample-blocks';
import { sampleCellY, sampleReach } from './samples';
import { S } from './state';
import { forItems } from './thread-pool';

/** Cells beyond a piece's own that its splat reaches, with one to spare. */
const SPLAT_CELLS: f32 = 3;
const THINNEST: i32 = 16;

/** Makes S.order, S.slabs, S.slabStart; needs the frame and the areas. */
export function sortIntoSlabs(): void {
  const blocks = sampleBlocks();
  const reaches = allocate((<u64>blocks) << 2);
  S.jobTo = reaches;
  forItems(reachJob, blocks);
  let reach: f32 = 0;
  for (let b = 0; b < blocks; b++) reach = max(reach, load<f32>(reaches + ((<usize>b) << 2)));
  release(reaches);
  S.slabCells = max(THINNEST, (<i32>ceil<f32>(2 * (reach + SPLAT_CELLS)) + 7) & ~7);
  S.slabs = (1 << S.depth) / S.slabCells + 1;

  // counts[block][slab], then the first place of that pair.
  const counts = allocateZeroed((<u64>blocks * S.slabs) << 2);
  S.jobTo = counts;
  forItems(countSlabsJob, blocks);
  S.slabStart = allocate((<u64>(S.slabs + 1)) << 2);
  let place: u32 = 0;
  for (let slab = 0; slab < S.slabs; slab++) {
    store<u32>(S.slabStart + ((<usize>slab) << 2), place);
    for (let b = 0; b < blocks; b++) {
      const at = counts + ((<usize>(b * S.slabs + slab)) << 2);
      const count = load<u32>(at);
      store<u32>(at, place);
      place += count;
    }
  }
  store<u32>(S.slabStart + ((<usize>S.slabs) << 2), place);
  S.order = allocate((<u64>S.count) << 2);
  forItems(placeSlabsJob, blocks);
  release(counts);
}

export function releaseSlabs(): void {
  release(S.order);
  release(S.slabStart);
}

/** Samples of a slab: sampleAt(k) for k from firstOfSlab(slab) to firstOfSlab(slab + 1). */
// @ts-ignore: decorator
@inline export function firstOfSlab(slab: i32): i32 {
  return load<i32>(S.slabStart + ((<usize>slab) << 2));
}
// @ts-ignore: decorator
@inline export function sampleAt(k: i32): i32 {
  return load<i32>(S.order + ((<usize>k) << 2));
}

/** Job over blocks of samples: the farthest reach along y of each block's pieces, in cells. */
export function reachJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    let reach: f32 = 0;
    for (let i = b * SAMPLE_BLOCK, end = blockEnd(b); i < end; i++) reach = max(reach, sampleReach(i));
    store<f32>(S.jobTo + ((<usize>b) << 2), reach);
  }
}

export function countSlabsJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    const counts = S.jobTo + ((<usize>(b * S.slabs)) << 2);
    for (let i = b * SAMPLE_BLOCK, end = blockEnd(b); i < end; i++) {
      const at = counts + ((<usize>(sampleCellY(i) / S.slabCells)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
}

export function placeSlabsJob(first: i32, last: i32): void {
  for (let b = first; b < last; b++) {
    const places = S.jobTo + ((<usize>(b * S.slabs)) << 2);
    for (let i = b * SAMPLE_BLOCK, end = blockEnd(b); i < end; i++) {
      const at = places + ((<usize>(sampleCellY(i) / S.slabCells)) << 2);
      const place = load<u32>(at);
      store<u32>(S.order + ((<usize>place) << 2), i);
      store<u32>(at, place + 1);
    }
  }
}
