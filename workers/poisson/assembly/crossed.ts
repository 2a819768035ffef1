/**
 * Which cells of a brick's halo the surface crosses, row by row: a bit a node says whether it is below the iso-value, and
 * a few operations on four rows of bits tell it for nine cells at once.
 */

/** Bytes of the 10 x 10 rows, u32 each. */
export const ROWS_BYTES: usize = 400;

/** Bit x of row (y, z): node x of the 10^3 halo is below `iso`. */
export function readRows(halo: usize, rows: usize, iso: f32): void {
  const limit = f32x4.splat(iso);
  for (let row: usize = 0; row < 100; row++) {
    const at = halo + row * 40;
    const first = i32x4.bitmask(f32x4.lt(v128.load(at), limit)),
      second = i32x4.bitmask(f32x4.lt(v128.load(at, 16), limit));
    // Its first two nodes are the second's last.
    const third = i32x4.bitmask(f32x4.lt(v128.load(at, 24), limit));
    store<u32>(rows + (row << 2), first | (second << 4) | (third << 6));
  }
}

/** Bit x: cell x of row (y, z), between nodes x and x + 1 and so on, has corners on both sides; 0 <= x, y, z <= 8. */
// @ts-ignore: decorator
@inline export function crossedCells(rows: usize, y: i32, z: i32): u32 {
  const at = rows + ((<usize>(z * 10 + y)) << 2);
  const a = load<u32>(at),
    b = load<u32>(at, 4),
    c = load<u32>(at, 40),
    d = load<u32>(at, 44);
  const any = a | b | c | d,
    all = a & b & c & d;
  return (any | (any >> 1)) & ~(all & (all >> 1)) & 511;
}
