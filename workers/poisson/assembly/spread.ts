/**
 * Colours for the vertices that no sample is near: ring by ring, each takes the mean of its neighbours that have one. A
 * ring looks at the vertices beside the ring before, so that every triangle is visited a few times in all, however wide the
 * gap. Pieces without any colour become mid grey. One thread: a gap is a few per cent of the mesh.
 */
import { prefixSum } from './clusters';
import { allocate, allocateZeroed, release } from './memory';
import { corner, findOpenTriangles, wordAt } from './pieces';
import { S } from './state';

const GREY: u8 = 128;
/** Means that wait until their ring is complete: 0 in the highest byte stands for none. */
const PENDING: u32 = 0xff000000;

/** The vertices without a colour, their triangles, and the mean that each is about to get. */
let open: i32 = 0;
let slotOf: usize = 0,
  vertexOf: usize = 0,
  starts: usize = 0,
  around: usize = 0,
  means: usize = 0;

/** Fills the gaps of S.vertexColours; S.vertexSupported is 255 then where a colour came to. */
export function spreadColours(): void {
  const triangles = findOpenTriangles();
  if (triangles == 0) return;
  listOpen(triangles);
  // Two lists of slots: the ring that gets its colours, and the candidates for the next.
  let ring = allocate((<u64>open) << 2),
    next = allocate((<u64>open) << 2);
  let reached: i32 = 0;
  for (let slot = 0; slot < open; slot++) reached = meet(slot, ring, reached);
  while (reached > 0) {
    for (let k = 0; k < reached; k++) paint(load<u32>(wordAt(ring, k)));
    let found: i32 = 0;
    for (let k = 0; k < reached; k++) {
      const slot = load<u32>(wordAt(ring, k));
      for (let i = load<u32>(wordAt(starts, slot)), end = load<u32>(wordAt(starts, slot + 1)); i < end; i++)
        for (let c = 0; c < 3; c++) {
          const v = corner(load<u32>(wordAt(around, i)), c);
          if (!isKnown(v)) found = meet(load<u32>(wordAt(slotOf, v)), next, found);
        }
    }
    const before = ring;
    ring = next;
    next = before;
    reached = found;
  }
  for (let slot = 0; slot < open; slot++) {
    const v = load<u32>(wordAt(vertexOf, slot));
    if (!isKnown(v)) memory.fill(S.vertexColours + <usize>v * 3, GREY, 3);
  }
  release(ring);
  release(next);
  release(slotOf);
  release(vertexOf);
  release(starts);
  release(around);
  release(means);
  release(S.openTriangles);
}

// @ts-ignore: decorator
@inline function isKnown(v: u32): bool {
  return load<u8>(S.vertexSupported + <usize>v) != 0;
}

/** Numbers the vertices without a colour and lists the triangles around each. */
function listOpen(triangles: i32): void {
  slotOf = allocate((<u64>S.vertexCount) << 2);
  vertexOf = allocate(<u64>triangles * 12);
  starts = allocateZeroed((<u64>triangles * 3 + 1) << 2);
  memory.fill(slotOf, 255, (<usize>S.vertexCount) << 2);
  open = 0;
  for (let i = 0; i < triangles; i++)
    for (let c = 0; c < 3; c++) {
      const v = corner(load<u32>(wordAt(S.openTriangles, i)), c);
      if (isKnown(v)) continue;
      let slot = load<i32>(wordAt(slotOf, v));
      if (slot < 0) {
        slot = open++;
        store<u32>(wordAt(slotOf, v), slot);
        store<u32>(wordAt(vertexOf, slot), v);
      }
      store<u32>(wordAt(starts, slot), load<u32>(wordAt(starts, slot)) + 1);
    }
  const total = prefixSum(starts, open);
  around = allocate((<u64>total) << 2);
  means = allocateZeroed((<u64>open) << 2);
  // Filled from the end of each, so that the beginnings are right afterwards.
  for (let slot = 0; slot < open; slot++)
    store<u32>(wordAt(starts, slot), load<u32>(wordAt(starts, slot + 1)));
  for (let i = triangles - 1; i >= 0; i--) {
    const triangle = load<u32>(wordAt(S.openTriangles, i));
    for (let c = 0; c < 3; c++) {
      const v = corner(triangle, c);
      if (isKnown(v)) continue;
      const at = wordAt(starts, load<u32>(wordAt(slotOf, v)));
      const place = load<u32>(at) - 1;
      store<u32>(at, place);
      store<u32>(wordAt(around, place), triangle);
    }
  }
}

/** Puts a slot on the list, with its mean, when a neighbour has a colour and it is on none yet; the list's new length. */
function meet(slot: u32, list: usize, length: i32): i32 {
  if (load<u32>(wordAt(means, slot)) != 0) return length;
  const own = load<u32>(wordAt(vertexOf, slot));
  let count: u32 = 0,
    red: u32 = 0,
    green: u32 = 0,
    blue: u32 = 0;
  for (let i = load<u32>(wordAt(starts, slot)), end = load<u32>(wordAt(starts, slot + 1)); i < end; i++)
    for (let c = 0; c < 3; c++) {
      const v = corner(load<u32>(wordAt(around, i)), c);
      if (v == own || !isKnown(v)) continue;
      const rgb = S.vertexColours + <usize>v * 3;
      red += load<u8>(rgb);
      green += load<u8>(rgb, 1);
      blue += load<u8>(rgb, 2);
      count++;
    }
  if (count == 0) return length;
  store<u32>(
    wordAt(means, slot),
    PENDING | meanOf(red, count) | (meanOf(green, count) << 8) | (meanOf(blue, count) << 16),
  );
  store<u32>(wordAt(list, length), slot);
  return length + 1;
}

/** Rounded, halves up. */
// @ts-ignore: decorator
@inline function meanOf(sum: u32, count: u32): u32 {
  return (2 * sum + count) / (2 * count);
}

/** Gives a slot's vertex its mean. */
function paint(slot: u32): void {
  const v = load<u32>(wordAt(vertexOf, slot));
  const mean = load<u32>(wordAt(means, slot));
  const rgb = S.vertexColours + <usize>v * 3;
  store<u16>(rgb, <u16>mean);
  store<u8>(rgb, <u8>(mean >> 16), 2);
  store<u8>(S.vertexSupported + <usize>v, 255);
}
