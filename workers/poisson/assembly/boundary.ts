/** The surface never leaves the cube: its boundary counts as outside. */
import { brickX, brickY, brickZ, Level } from './level';

/** Nodes on the cube's boundary and beyond count as outside; `halo` has `side`^3 nodes from -1. */
export function sealBoundary(level: Level, packed: u32, halo: usize, side: i32, iso: f32): void {
  const x0 = (brickX(packed) << 3) - 1,
    y0 = (brickY(packed) << 3) - 1,
    z0 = (brickZ(packed) << 3) - 1;
  const last = level.cells;
  if (x0 > 0 && y0 > 0 && z0 > 0 && x0 + 10 < last && y0 + 10 < last && z0 + 10 < last) return;
  const outside: f32 = iso + 0.5;
  let at = halo;
  for (let z = z0; z < z0 + side; z++)
    for (let y = y0; y < y0 + side; y++)
      for (let x = x0; x < x0 + side; x++, at += 4)
        if (x <= 0 || y <= 0 || z <= 0 || x >= last || y >= last || z >= last) store<f32>(at, outside);
}
