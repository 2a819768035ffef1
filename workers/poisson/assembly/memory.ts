/**
 * A first-fit allocator for the few hundred large blocks of one solve. Blocks lie one after another from the heap's
 * start to its end; each has a 16-byte header (u32 total size, u32 in use), neighbours that are free are joined while
 * walking. The memory grows by exactly what is missing, so its size is the peak use.
 *
 * Why not AssemblyScript's own: it doubles the memory when it grows, which is up to twice the peak.
 * Only the instance that leads the solve allocates; the state lives in ordinary globals.
 */
import { FAIL_MEMORY, fail } from './host';
import { S } from './state';
import { forItems } from './thread-pool';

const HEADER: usize = 16;
const PAGE: u64 = 65536;
/** The last page is never handed out, so that pointer sums cannot wrap at 4 GiB. */
const LIMIT: u64 = 65535 * PAGE;

let heapStart: usize = 0;
let heapEnd: usize = 0;
/** Everything from here on was never handed out: a new memory's pages are zero. */
let untouched: usize = 0;

// @ts-ignore: decorator
@inline function sizeOf(block: usize): usize {
  return <usize>load<u32>(block);
}
// @ts-ignore: decorator
@inline function used(block: usize): bool {
  return load<u32>(block, 4) != 0;
}

/** Forgets every block. */
export function resetHeap(): void {
  heapStart = (__heap_base + 63) & ~63;
  heapEnd = heapStart;
  untouched = heapStart;
}

function growTo(end: u64): void {
  const have = <u64>memory.size() * PAGE;
  if (end <= have) return;
  const pages = (end - have + PAGE - 1) / PAGE;
  if (end > LIMIT || memory.grow(<i32>pages) < 0) fail(FAIL_MEMORY, <f64>end);
}

/** A block of at least `bytes`, 16-byte aligned, contents undefined. Fails with FAIL_MEMORY. */
export function allocate(bytes: u64): usize {
  if (bytes > LIMIT) fail(FAIL_MEMORY, <f64>bytes);
  const need = ((<usize>bytes + 15) & ~15) + HEADER;
  let block = heapStart;
  while (block < heapEnd) {
    let size = sizeOf(block);
    if (!used(block)) {
      let next = block + size;
      while (next < heapEnd && !used(next)) next += sizeOf(next);
      size = next - block;
      if (next >= heapEnd) {
        heapEnd = block;
        break;
      }
      store<u32>(block, <u32>size);
      if (size >= need) {
        const rest = size - need;
        if (rest >= 64) {
          store<u32>(block, <u32>need);
          store<u32>(block + need, <u32>rest);
          store<u32>(block + need, 0, 4);
        }
        store<u32>(block, 1, 4);
        return block + HEADER;
      }
    }
    block += size;
  }
  growTo(<u64>heapEnd + <u64>need);
  block = heapEnd;
  store<u32>(block, <u32>need);
  store<u32>(block, 1, 4);
  heapEnd += need;
  untouched = max(untouched, heapEnd);
  return block + HEADER;
}

/** Like allocate, filled with zeros. */
export function allocateZeroed(bytes: u64): usize {
  const old = untouched;
  const pointer = allocate(bytes);
  const end = min(pointer + <usize>bytes, old);
  if (end > pointer) fillZero(pointer, end - pointer);
  // New pages come one by one, when they are first written; what is read first is fetched twice. Threads that write all
  // over the block would fetch the same pages at once and wait for each other: let each fetch a stretch of its own before.
  if (changetype<usize>(S) != 0 && bytes > FILL_BLOCK * 16) {
    S.jobTo = pointer;
    S.jobBytes = <usize>bytes;
    forItems(touchJob, <i32>((bytes + FILL_BLOCK - 1) / FILL_BLOCK));
  }
  return pointer;
}

/** Job over blocks of S.jobTo: writes to every page what it holds, zero. */
export function touchJob(first: i32, last: i32): void {
  const end = S.jobTo + min(<usize>last * FILL_BLOCK, S.jobBytes);
  for (let at = S.jobTo + <usize>first * FILL_BLOCK; at < end; at += 4096) store<u8>(at, 0);
}

const FILL_BLOCK: usize = 1 << 18;

/** Zeros, by all threads; small blocks by this one, because threads that fetch new pages side by side wait for each other. */
export function fillZero(at: usize, bytes: usize): void {
  if (bytes <= FILL_BLOCK * 8) {
    memory.fill(at, 0, bytes);
    return;
  }
  S.jobTo = at;
  S.jobBytes = bytes;
  forItems(fillJob, <i32>((bytes + FILL_BLOCK - 1) / FILL_BLOCK));
}

/** Job over blocks of S.jobTo. */
export function fillJob(first: i32, last: i32): void {
  const from = <usize>first * FILL_BLOCK;
  memory.fill(S.jobTo + from, 0, min(<usize>last * FILL_BLOCK, S.jobBytes) - from);
}

/** Gives a block back; 0 is ignored. */
export function release(pointer: usize): void {
  if (pointer != 0) store<u32>(pointer - HEADER, 0, 4);
}
