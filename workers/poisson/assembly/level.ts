/**
 * One level of the brick grid: 2^depth cells a side, of which only bricks of 8 x 8 x 8 nodes near the surface exist.
 * A dense table answers "which brick is at (x, y, z)" with one load: no hashing. Table entries: 0 = no brick,
 * MARKED = wanted but not numbered yet, else brick index + 1. Bricks are numbered in the table's own order, so their
 * numbering does not depend on the order of the samples.
 *
 * Node (x, y, z) lives in brick (x >> 3, y >> 3, z >> 3) at slot (z & 7) * 64 + (y & 7) * 8 + (x & 7); a cell has the
 * index of its lowest node. Fields are f32 x 512 a brick, one block a field.
 */
import { allocate, allocateZeroed, release } from './memory';
import { S } from './state';

export const BRICK_NODES: i32 = 512;
/** Bytes of one brick of an f32 field. */
export const BRICK_BYTES: usize = 2048;
const MARKED: u32 = 0xffffffff;

// @ts-ignore: decorator
@unmanaged
export class Level {
  depth: i32;
  /** Cells a side. */
  cells: i32;
  /** Bricks a side of the table. */
  side: i32;
  /** Cell size in finest cells. */
  size: f32;
  table: usize;
  brickCount: i32;
  /** Bricks that existed when the samples were splatted; later ones follow the coarse surface. */
  sampledBricks: i32;
  /** u32 a brick: x | y << 10 | z << 20. */
  bricks: usize;

  /** Fields: solution, right side then residual, search direction, its image, inverse diagonal. */
  u: usize;
  r: usize;
  p: usize;
  q: usize;
  d: usize;

  /** Screening samples of each brick's own cells, see clusters.ts. */
  clusterStart: usize;
  clusters: usize;
  /** The same, copied to every brick they touch, see screening.ts. */
  screenStart: usize;
  screens: usize;
}

export function createLevel(depth: i32): Level {
  const level = changetype<Level>(allocateZeroed(offsetof<Level>()));
  level.depth = depth;
  level.cells = 1 << depth;
  level.side = (level.cells >> 3) + 1;
  level.size = <f32>(1 << (S.depth - depth));
  level.table = allocateZeroed(4 * <u64>level.side * <u64>level.side * <u64>level.side);
  store<u32>(S.levels + ((<usize>depth) << 2), <u32>changetype<usize>(level));
  return level;
}

// @ts-ignore: decorator
@inline export function levelAt(depth: i32): Level {
  return changetype<Level>(<usize>load<u32>(S.levels + ((<usize>depth) << 2)));
}

// @ts-ignore: decorator
@inline function tableEntry(level: Level, x: i32, y: i32, z: i32): usize {
  return level.table + ((<usize>((z * level.side + y) * level.side + x)) << 2);
}

/** Index of the brick at brick coordinates, -1 where there is none or outside. */
// @ts-ignore: decorator
@inline export function brickAt(level: Level, x: i32, y: i32, z: i32): i32 {
  const side = <u32>level.side;
  if (<u32>x >= side || <u32>y >= side || <u32>z >= side) return -1;
  return load<i32>(tableEntry(level, x, y, z)) - 1;
}

// @ts-ignore: decorator
@inline export function brickX(packed: u32): i32 {
  return <i32>(packed & 1023);
}
// @ts-ignore: decorator
@inline export function brickY(packed: u32): i32 {
  return <i32>((packed >> 10) & 1023);
}
// @ts-ignore: decorator
@inline export function brickZ(packed: u32): i32 {
  return <i32>(packed >> 20);
}
// @ts-ignore: decorator
@inline export function packedBrick(level: Level, brick: i32): u32 {
  return load<u32>(level.bricks + ((<usize>brick) << 2));
}

/** Wants every brick that holds a node of the box [x0, x1] x [y0, y1] x [z0, z1]; nodes outside are ignored. */
// @ts-ignore: decorator
@inline export function markNodes(
  level: Level,
  x0: i32,
  x1: i32,
  y0: i32,
  y1: i32,
  z0: i32,
  z1: i32,
): void {
  const last = level.cells;
  const bx0 = max(x0, 0) >> 3,
    bx1 = min(x1, last) >> 3;
  const by0 = max(y0, 0) >> 3,
    by1 = min(y1, last) >> 3;
  const bz0 = max(z0, 0) >> 3,
    bz1 = min(z1, last) >> 3;
  for (let z = bz0; z <= bz1; z++)
    for (let y = by0; y <= by1; y++)
      for (let x = bx0; x <= bx1; x++) {
        const entry = tableEntry(level, x, y, z);
        if (load<u32>(entry) == 0) store<u32>(entry, MARKED);
      }
}

/** Numbers the marked bricks after the existing ones, in table order. Returns how many are new. */
export function numberMarked(level: Level): i32 {
  const entries = <usize>level.side * <usize>level.side * <usize>level.side;
  const end = level.table + (entries << 2);
  let fresh: i32 = 0;
  for (let e = level.table; e < end; e += 4) fresh += i32(load<u32>(e) == MARKED);
  if (fresh == 0) return 0;
  const bricks = allocate((<u64>(level.brickCount + fresh)) << 2);
  if (level.brickCount > 0) memory.copy(bricks, level.bricks, (<usize>level.brickCount) << 2);
  release(level.bricks);
  level.bricks = bricks;
  let next = level.brickCount;
  const side = level.side;
  let e = level.table;
  for (let z = 0; z < side; z++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++, e += 4)
        if (load<u32>(e) == MARKED) {
          store<u32>(bricks + ((<usize>next) << 2), <u32>(x | (y << 10) | (z << 20)));
          store<u32>(e, <u32>++next);
        }
  level.brickCount = next;
  return fresh;
}

/** Bytes of one f32 field of the level. */
export function fieldBytes(level: Level): u64 {
  return <u64>level.brickCount * <u64>BRICK_BYTES;
}
