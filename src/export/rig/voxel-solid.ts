/** The inside of a closed mesh as voxels: cells whose middle the surface encloses, and those that it passes through at its vertices. */

export interface VoxelSolid {
  /** Cells along x, y, z. */
  readonly size: readonly [number, number, number];
  /** Side of a cell. */
  readonly cell: number;
  /** Middle of the first cell. */
  readonly origin: readonly [number, number, number];
  /** 1 inside; index x + size[0] * (y + size[1] * z). */
  readonly inside: Uint8Array<ArrayBuffer>;
}

/** @param cells along the mesh's height (y). */
export function voxelSolid(positions: Float32Array, indices: Uint32Array, cells: number): VoxelSolid {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    low[i % 3] = Math.min(low[i % 3], positions[i]);
    high[i % 3] = Math.max(high[i % 3], positions[i]);
  }
  const cell = (high[1] - low[1]) / cells;
  const size = [0, 1, 2].map((axis) => Math.ceil((high[axis] - low[axis]) / cell) + 3) as [
    number,
    number,
    number,
  ];
  const origin = low.map((value) => value - cell) as [number, number, number];
  const [nx, ny, nz] = size;
  const inside = new Uint8Array(nx * ny * nz);
  // Along each column in y: what enters the solid counts up, what leaves it down.
  const crossings: { y: number; turn: number }[][] = Array.from({ length: nx * nz }, () => []);
  const column = (value: number, axis: 0 | 2) => (value - origin[axis]) / cell;
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t] * 3, indices[t + 1] * 3, indices[t + 2] * 3];
    const xs = [a, b, c].map((at) => column(positions[at], 0));
    const zs = [a, b, c].map((at) => column(positions[at + 2], 2));
    const area = (xs[1] - xs[0]) * (zs[2] - zs[0]) - (zs[1] - zs[0]) * (xs[2] - xs[0]);
    if (area === 0) continue;
    for (
      let z = Math.max(0, Math.ceil(Math.min(...zs)));
      z <= Math.min(nz - 1, Math.floor(Math.max(...zs)));
      z++
    ) {
      for (
        let x = Math.max(0, Math.ceil(Math.min(...xs)));
        x <= Math.min(nx - 1, Math.floor(Math.max(...xs)));
        x++
      ) {
        const v = ((x - xs[0]) * (zs[2] - zs[0]) - (z - zs[0]) * (xs[2] - xs[0])) / area;
        const w = ((xs[1] - xs[0]) * (z - zs[0]) - (zs[1] - zs[0]) * (x - xs[0])) / area;
        // Half-open, so that an edge between two triangles counts once, nearly always; a missed one is healed below.
        if (v < 0 || w < 0 || v + w >= 1) continue;
        const y = positions[a + 1] * (1 - v - w) + positions[b + 1] * v + positions[c + 1] * w;
        // Seen along y with x to the right and z down, a triangle that faces down is counter-clockwise.
        crossings[x + nx * z].push({ y, turn: area > 0 ? -1 : 1 });
      }
    }
  }
  for (let z = 0; z < nz; z++) {
    for (let x = 0; x < nx; x++) {
      const list = crossings[x + nx * z].sort((p, q) => p.y - q.y);
      let winding = 0;
      for (let k = 0; k + 1 < list.length; k++) {
        winding -= list[k].turn;
        if (winding === 0) continue;
        const from = Math.ceil((list[k].y - origin[1]) / cell);
        const to = Math.floor((list[k + 1].y - origin[1]) / cell);
        // A column whose count never ends is one with a missed crossing: only what is plausible is filled.
        if (Math.abs(winding) > 2) continue;
        for (let y = from; y <= to; y++) inside[x + nx * (y + ny * z)] = 1;
      }
    }
  }
  for (let i = 0; i < positions.length; i += 3) {
    const [x, y, z] = [0, 1, 2].map((axis) => Math.round((positions[i + axis] - origin[axis]) / cell));
    inside[x + nx * (y + ny * z)] = 1;
  }
  return { size, cell, origin, inside };
}
