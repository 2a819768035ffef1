/**
 * Triangles of marching cubes. Where the surface cuts a cell in more than a triangle there are several ways to fill the
 * loop; taken is the one whose triangles agree best with the vertex normals, which are the solution's gradient: the
 * least integral of |n_triangle - n|^2 (the L2,1 metric of Cohen-Steiner, Alliez & Desbrun, "Variational shape
 * approximation", 2004). Against a fixed choice that lowers the error of the face normals by a fifth, and no vertex
 * moves. A way whose triangles cross each other, or those of the cell's loops before, is not taken where another exists.
 */

import { sealBoundary } from './boundary';
import { fansCut, trianglesCut } from './cuts';
import { gatherWide, WIDE_BYTES, WIDE_SIDE } from './halo';
import { FAIL_NO_SURFACE, fail } from './host';
import { brickAt, brickX, brickY, brickZ, Level, packedBrick } from './level';
import {
  ANY,
  cellMask,
  FIRST_TRIANGLE,
  FIRST_VERTEX,
  mixedCells,
  RANKS,
  RECORD,
  readSigns,
  SIGN_BYTES,
  signRow,
} from './signs';
import { S, scratch } from './state';

/** u16 x 256 in the cube table: where a mask's loops are. */
const OFFSETS_AT: usize = 256;

/** Job over bricks, when all vertices are written. */
export function trianglesJob(first: i32, last: i32): void {
  const level = changetype<Level>(S.jobLevel);
  const wide = scratch,
    signs = scratch + WIDE_BYTES,
    numbers = signs + SIGN_BYTES;
  for (let b = first; b < last; b++) {
    const record = S.jobPartials + <usize>b * RECORD;
    if (load<u32>(record + ANY) == 0) continue;
    gatherWide(level, b, wide);
    sealBoundary(level, packedBrick(level, b), wide, WIDE_SIDE, S.isoValue);
    readSigns(wide, signs);
    writeTriangles(level, b, record, signs, numbers);
  }
}

/** `numbers`: work space for the vertex numbers of a cell's twelve edges. */
function writeTriangles(level: Level, brick: i32, record: usize, signs: usize, numbers: usize): void {
  let to = S.triangles + <usize>load<u32>(record + FIRST_TRIANGLE) * 12;
  for (let z: usize = 0; z < 8; z++)
    for (let y: usize = 0; y < 8; y++) {
      const a = signRow(signs, y, z),
        b = signRow(signs, y + 1, z),
        c = signRow(signs, y, z + 1),
        d = signRow(signs, y + 1, z + 1);
      let cells = mixedCells(a, b, c, d);
      while (cells != 0) {
        const x = ctz<u32>(cells);
        cells &= cells - 1;
        const cell = to;
        let at =
          S.cubeTable + <usize>load<u16>(S.cubeTable + OFFSETS_AT + ((<usize>cellMask(a, b, c, d, x)) << 1));
        for (let loops = load<u8>(at++); loops != 0; loops--) {
          const bytes: usize = 3 * <usize>load<u8>(at),
            choices = <usize>load<u8>(at, 1);
          at += 2;
          // The first triangulation has every edge of the loop.
          for (let k: usize = 0; k < bytes; k++) {
            const edge = <i32>load<u8>(at + k);
            store<u32>(
              numbers + ((<usize>edge) << 2),
              vertexOf(level, brick, record, edge, <i32>x, <i32>y, <i32>z),
            );
          }
          const best = choices == 1 ? at : bestOf(at, bytes, choices, numbers, cell, to);
          for (let k: usize = 0; k < bytes; k++, to += 4) store<u32>(to, vertexAt(numbers, best + k));
          at += bytes * choices;
        }
      }
    }
}

/** Number of the vertex on an edge of the brick's cell (x, y, z). Edge = axis * 4 + its two other corner bits, lower axis first. */
function vertexOf(level: Level, brick: i32, record: usize, edge: i32, x: i32, y: i32, z: i32): u32 {
  const axis = edge >> 2,
    low = edge & 1,
    high = (edge >> 1) & 1;
  const nx = x + (axis == 0 ? 0 : low),
    ny = y + (axis == 0 ? low : axis == 1 ? 0 : high),
    nz = z + (axis == 2 ? 0 : high);
  let owner = record;
  if ((nx | ny | nz) & 8) {
    const packed = packedBrick(level, brick);
    const other = brickAt(
      level,
      brickX(packed) + (nx >> 3),
      brickY(packed) + (ny >> 3),
      brickZ(packed) + (nz >> 3),
    );
    if (other < 0) fail(FAIL_NO_SURFACE, 1);
    owner = S.jobPartials + <usize>other * RECORD;
  }
  const bit = ((<u32>axis) << 9) | <u32>(((nz & 7) << 6) | ((ny & 7) << 3) | (nx & 7));
  const word = owner + ((<usize>(bit >> 5)) << 2);
  const below = load<u32>(word) & (((<u32>1) << (bit & 31)) - 1);
  return load<u32>(owner + FIRST_VERTEX) + load<u32>(word, RANKS) + popcnt<u32>(below);
}

// @ts-ignore: decorator
@inline function vertexAt(numbers: usize, edge: usize): u32 {
  return load<u32>(numbers + ((<usize>load<u8>(edge)) << 2));
}

/**
 * The triangulation with the least disagreement among those that cross nothing, or among all where each does; the first
 * of equals. `cell` to `end`: the triangles that the cell has already.
 */
function bestOf(first: usize, bytes: usize, choices: usize, numbers: usize, cell: usize, end: usize): usize {
  // Two triangles of a quadrangle share an edge.
  const checked = bytes > 6 || end > cell;
  const best = leastOf(first, bytes, choices, numbers, cell, end, checked);
  return best != 0 ? best : leastOf(first, bytes, choices, numbers, cell, end, false);
}

function leastOf(
  first: usize,
  bytes: usize,
  choices: usize,
  numbers: usize,
  cell: usize,
  end: usize,
  checked: bool,
): usize {
  let best: usize = 0;
  let least: f32 = f32.MAX_VALUE;
  for (let choice = first, last = first + bytes * choices; choice < last; choice += bytes) {
    let sum: f32 = 0;
    for (let k = choice; k < choice + bytes; k += 3)
      sum += disagreement(vertexAt(numbers, k), vertexAt(numbers, k + 1), vertexAt(numbers, k + 2));
    if (sum < least && !(checked && crosses(choice, bytes, numbers, cell, end))) {
      least = sum;
      best = choice;
    }
  }
  return best;
}

/** Whether triangles of a triangulation cross each other or those that the cell has already. */
function crosses(choice: usize, bytes: usize, numbers: usize, cell: usize, end: usize): bool {
  for (let k = choice; k < choice + bytes; k += 3) {
    const a = vertexAt(numbers, k),
      b = vertexAt(numbers, k + 1),
      c = vertexAt(numbers, k + 2);
    for (let l = choice; l < k; l += 3) {
      const d = vertexAt(numbers, l),
        e = vertexAt(numbers, l + 1),
        f = vertexAt(numbers, l + 2);
      const withA = a == d || a == e || a == f,
        withB = b == d || b == e || b == f,
        withC = c == d || c == e || c == f;
      const common = i32(withA) + i32(withB) + i32(withC);
      if (common > 1) continue;
      if (common == 0) {
        if (trianglesCut(a, b, c, d, e, f)) return true;
        continue;
      }
      const apex = withA ? a : withB ? b : c;
      const p = withA ? b : withB ? c : a,
        q = withA ? c : withB ? a : b;
      if (fansCut(apex, p, q, apex == d ? e : apex == e ? f : d, apex == d ? f : apex == e ? d : e))
        return true;
    }
    for (let at = cell; at < end; at += 12)
      if (trianglesCut(a, b, c, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8))) return true;
  }
  return false;
}

/** Area of a triangle times |its normal - mean normal of its vertices|^2. */
function disagreement(a: u32, b: u32, c: u32): f32 {
  const pa = S.vertices + <usize>a * 12,
    pb = S.vertices + <usize>b * 12,
    pc = S.vertices + <usize>c * 12;
  const ux = load<f32>(pb) - load<f32>(pa),
    uy = load<f32>(pb, 4) - load<f32>(pa, 4),
    uz = load<f32>(pb, 8) - load<f32>(pa, 8);
  const vx = load<f32>(pc) - load<f32>(pa),
    vy = load<f32>(pc, 4) - load<f32>(pa, 4),
    vz = load<f32>(pc, 8) - load<f32>(pa, 8);
  const x = uy * vz - uz * vy,
    y = uz * vx - ux * vz,
    z = ux * vy - uy * vx;
  const na = S.vertexNormals + <usize>a * 12,
    nb = S.vertexNormals + <usize>b * 12,
    nc = S.vertexNormals + <usize>c * 12;
  const nx = load<f32>(na) + load<f32>(nb) + load<f32>(nc);
  const ny = load<f32>(na, 4) + load<f32>(nb, 4) + load<f32>(nc, 4);
  const nz = load<f32>(na, 8) + load<f32>(nb, 8) + load<f32>(nc, 8);
  const along = (x * nx + y * ny + z * nz) / max(sqrt<f32>(nx * nx + ny * ny + nz * nz), 1e-12);
  // (x, y, z) is twice the area long: area |t - n|^2 = 2 area (1 - t . n).
  return sqrt<f32>(x * x + y * y + z * z) - along;
}
