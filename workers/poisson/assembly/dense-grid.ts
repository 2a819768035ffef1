/** A dense grid over the whole cube: one of the coarse levels of root.ts. */

// @ts-ignore: decorator
@unmanaged
export class Grid {
  nodes: i32;
  /** f32 a row, a multiple of four; the padding stays zero. */
  stride: i32;
  size: f32;
  /** f32 x 4 a cell: area-weighted position, area. */
  sums: usize;
  /** As in clusters.ts, with the byte offset of the lowest node instead of the slot. */
  clusters: usize;
  /** First cluster of each layer of cells along z, and the end. */
  layers: usize;
  u: usize;
  r: usize;
  p: usize;
  q: usize;
  d: usize;
  /** Four fields for the stencil's passes. */
  work: usize;
}

// @ts-ignore: decorator
@inline export function valuesOf(grid: Grid): usize {
  return <usize>grid.nodes * grid.nodes * grid.stride;
}

// @ts-ignore: decorator
@inline export function bytesOf(grid: Grid): u64 {
  return (<u64>valuesOf(grid)) << 2;
}
