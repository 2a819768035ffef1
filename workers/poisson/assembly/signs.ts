/**
 * Which corners of a brick's cells are inside, and what the passes of marching cubes (extract.ts, triangles.ts) keep
 * about a brick.
 */
import { S } from './state';

/** As in ../cube-table.ts. */
export const CUBE_TABLE_BYTES: u64 = 20480; // @abi
/** Bytes that readSigns writes, rounded up. */
export const SIGN_BYTES: usize = 512;

/** A brick's record: u32 x 48 edge bits (axis * 512 + slot), u32 x 48 ranks, first vertex, first triangle,
 *  and a word that is 0 where the brick has neither. */
export const RECORD: usize = 400;
export const RANKS: usize = 192;
export const FIRST_VERTEX: usize = 384;
export const FIRST_TRIANGLE: usize = 388;
export const ANY: usize = 392;

/**
 * Per row of nodes: bit x says node x - 1 is inside, bit 16 + x that it exists. Cells and edges with a node that does
 * not exist are never crossed (surface.ts saw to that) and are left out.
 */
export function readSigns(wide: usize, signs: usize): void {
  const iso = f32x4.splat(S.isoValue);
  for (let row: usize = 0; row < 121; row++) {
    const at = wide + row * 44;
    const a = v128.load(at),
      b = v128.load(at, 16),
      c = v128.load(at, 28);
    const inside =
      i32x4.bitmask(f32x4.lt(a, iso)) |
      (i32x4.bitmask(f32x4.lt(b, iso)) << 4) |
      ((i32x4.bitmask(f32x4.lt(c, iso)) >> 1) << 8);
    const exists =
      i32x4.bitmask(f32x4.eq(a, a)) |
      (i32x4.bitmask(f32x4.eq(b, b)) << 4) |
      ((i32x4.bitmask(f32x4.eq(c, c)) >> 1) << 8);
    store<u32>(signs + (row << 2), <u32>(inside | (exists << 16)));
  }
}

/** Row of nodes 0 .. 9: insides in the low half, existence in the high half. */
// @ts-ignore: decorator
@inline export function signRow(signs: usize, y: usize, z: usize): u32 {
  return load<u32>(signs + (((z + 1) * 11 + y + 1) << 2)) >> 1;
}

/** Cells x = 0 .. 7 between four rows that have all their corners and are not all inside or all outside. */
// @ts-ignore: decorator
@inline export function mixedCells(a: u32, b: u32, c: u32, d: u32): u32 {
  const any = a | b | c | d,
    all = a & b & c & d;
  const exist = (all >> 16) & (all >> 17);
  return (any | (any >> 1)) & ~(all & (all >> 1)) & exist & 255;
}

/** Corner signs of cell x between four rows, bit k as in cube-table.ts. */
// @ts-ignore: decorator
@inline export function cellMask(a: u32, b: u32, c: u32, d: u32, x: u32): u32 {
  return ((a >> x) & 3) | (((b >> x) & 3) << 2) | (((c >> x) & 3) << 4) | (((d >> x) & 3) << 6);
}
