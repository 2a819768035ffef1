/**
 * The inside of a closed mesh as voxels: cells whose middle the surface encloses, and which of their neighbours can be reached from
 * them without leaving it. A gap thinner than a cell, between an arm and the body beside it, keeps its two sides apart.
 */

export interface VoxelSolid {
  /** Cells along x, y, z. */
  readonly size: readonly [number, number, number];
  /** Side of a cell. */
  readonly cell: number;
  /** Middle of the first cell. */
  readonly origin: readonly [number, number, number];
  /** 1 inside; index x + size[0] * (y + size[1] * z). */
  readonly inside: Uint8Array<ArrayBuffer>;
  /** Bit of an axis set: the surface passes between this cell's middle and that of the next one along the axis. */
  readonly walls: Uint8Array<ArrayBuffer>;
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
  const steps = [1, size[0], size[0] * size[1]];
  const inside = new Uint8Array(size[0] * size[1] * size[2]);
  const walls = new Uint8Array(inside.length);
  // In cells, so that a column's middle is a whole number.
  const places = new Float64Array(positions.length);
  for (let i = 0; i < places.length; i++) places[i] = (positions[i] - origin[i % 3]) / cell;
  for (const axis of [0, 1, 2] as const) {
    const step = steps[axis];
    for (const [column, list] of crossings(places, indices, axis, size)) {
      let winding = 0;
      list.sort((p, q) => p.at - q.at);
      for (let k = 0; k < list.length; k++) {
        const { at, turn } = list[k];
        const before = winding;
        winding += turn;
        // Where surfaces overlap there is inside on both sides of a crossing.
        if (before === 0 || winding === 0) walls[column + Math.floor(at) * step] |= 1 << axis;
        if (winding === 0 || k + 1 === list.length) continue;
        const to = Math.floor(list[k + 1].at);
        for (let n = Math.ceil(at); n <= to; n++) inside[column + n * step]++;
      }
    }
  }
  // By most of three ways to look: a column that passes exactly through an edge may miss it, and count on for ever.
  for (let i = 0; i < inside.length; i++) inside[i] = inside[i] >= 2 ? 1 : 0;
  return { size, cell, origin, inside, walls };
}

interface Crossing {
  /** Along the axis, in cells. */
  readonly at: number;
  /** 1 where the column enters, -1 where it leaves. */
  readonly turn: 1 | -1;
}

/**
 * Where the columns of cells along an axis pass through the surface.
 *
 * @param places in cells.
 * @returns by the index of a column's first cell.
 */
function crossings(
  places: Float64Array,
  indices: Uint32Array,
  axis: 0 | 1 | 2,
  size: readonly number[],
): Map<number, Crossing[]> {
  const found = new Map<number, Crossing[]>();
  const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
  const steps = [1, size[0], size[0] * size[1]];
  for (let t = 0; t < indices.length; t += 3) {
    const a = indices[t] * 3;
    const b = indices[t + 1] * 3;
    const c = indices[t + 2] * 3;
    const au = places[a + u];
    const av = places[a + v];
    const bu = places[b + u] - au;
    const bv = places[b + v] - av;
    const cu = places[c + u] - au;
    const cv = places[c + v] - av;
    const firstU = Math.ceil(au + Math.min(0, bu, cu));
    const lastU = Math.floor(au + Math.max(0, bu, cu));
    if (firstU > lastU) continue;
    const firstV = Math.ceil(av + Math.min(0, bv, cv));
    const lastV = Math.floor(av + Math.max(0, bv, cv));
    // Twice the triangle's area seen along the axis: positive where its outside looks along it.
    const area = bu * cv - bv * cu;
    if (area === 0) continue;
    for (let j = firstV; j <= lastV; j++) {
      for (let i = firstU; i <= lastU; i++) {
        const p = ((i - au) * cv - (j - av) * cu) / area;
        const q = (bu * (j - av) - bv * (i - au)) / area;
        // Half-open, so that an edge between two triangles counts once, nearly always.
        if (p < 0 || q < 0 || p + q >= 1) continue;
        const at = places[a + axis] * (1 - p - q) + places[b + axis] * p + places[c + axis] * q;
        const column = i * steps[u] + j * steps[v];
        const list = found.get(column);
        const crossing: Crossing = { at, turn: area > 0 ? -1 : 1 };
        if (list) list.push(crossing);
        else found.set(column, [crossing]);
      }
    }
  }
  return found;
}
