/**
 * Which triangles can meet another one after vertices of a closed mesh were moved along the rays of a camera.
 *
 * Seen from the camera nothing has moved, so triangles that face it lie side by side as before. Along a ray surfaces that face the
 * camera and surfaces that turn away take turns (the ray enters the body and leaves it), so the first two that change places are
 * one of each. What faces the camera and has nothing near that turns away needs no test.
 */
import type { DepthCamera } from './camera.ts';

/** Cosine to the ray below which a triangle counts as turned away: rounding must not decide. */
const GRAZING = 0.03;

/**
 * @param positions 3 per vertex, after the moves.
 * @param moved     per vertex, not 0 = moved along its ray.
 * @param reach     how far moves went at most, in the mesh's units; also the side of the cells in which "near" is found.
 * @returns the moved triangles that may meet another one, and those that they may meet.
 */
export function mayMeet(
  positions: Float32Array,
  indices: Uint32Array,
  moved: Uint8Array,
  camera: DepthCamera,
  reach: number,
): Uint32Array {
  const facing: number[] = [];
  const away: number[] = [];
  const others: number[] = [];
  // Cells that something moved lies in, whichever way it faces.
  const cells = new Set<number>();
  const own: number[] = [];
  const count = indices.length / 3;
  for (let t = 0; t < count; t++) {
    const faces = facesCamera(positions, indices, t, camera);
    if (moved[indices[t * 3]] | moved[indices[t * 3 + 1]] | moved[indices[t * 3 + 2]]) {
      (faces ? facing : away).push(t);
      cellsOf(positions, indices, t, reach, own);
      for (const cell of own) cells.add(cell);
    } else if (!faces) others.push(t);
  }
  for (const t of others) {
    cellsOf(positions, indices, t, reach, own);
    if (isAny(own, cells)) away.push(t);
  }
  const turned = new Set<number>();
  for (const t of away) {
    cellsOf(positions, indices, t, reach, own);
    for (const cell of own) turned.add(cell);
  }
  const found = away;
  for (const t of facing) {
    cellsOf(positions, indices, t, reach, own);
    if (isAny(own, turned)) found.push(t);
  }
  return Uint32Array.from(found);
}

function isAny(cells: readonly number[], among: ReadonlySet<number>): boolean {
  for (const cell of cells) if (among.has(cell)) return true;
  return false;
}

function facesCamera(p: Float32Array, indices: Uint32Array, t: number, camera: DepthCamera): boolean {
  const a = indices[t * 3] * 3;
  const b = indices[t * 3 + 1] * 3;
  const c = indices[t * 3 + 2] * 3;
  const ux = p[b] - p[a];
  const uy = p[b + 1] - p[a + 1];
  const uz = p[b + 2] - p[a + 2];
  const vx = p[c] - p[a];
  const vy = p[c + 1] - p[a + 1];
  const vz = p[c + 2] - p[a + 2];
  const nx = uy * vz - uz * vy;
  const ny = uz * vx - ux * vz;
  const nz = ux * vy - uy * vx;
  const toCamera = camera.z - p[a + 2];
  const along = nz * toCamera - nx * p[a] - ny * p[a + 1];
  if (along <= 0) return false;
  const squares = (nx * nx + ny * ny + nz * nz) * (p[a] ** 2 + p[a + 1] ** 2 + toCamera ** 2);
  return along * along > GRAZING ** 2 * squares;
}

/** Cells per axis that a number of a cell has room for. */
const SPAN = 2 ** 17;

/** @param cells becomes the numbers of the cells that a triangle's box touches. */
function cellsOf(p: Float32Array, indices: Uint32Array, t: number, side: number, cells: number[]): void {
  const a = indices[t * 3] * 3;
  const b = indices[t * 3 + 1] * 3;
  const c = indices[t * 3 + 2] * 3;
  const x1 = Math.floor(Math.max(p[a], p[b], p[c]) / side);
  const y1 = Math.floor(Math.max(p[a + 1], p[b + 1], p[c + 1]) / side);
  const z1 = Math.floor(Math.max(p[a + 2], p[b + 2], p[c + 2]) / side);
  cells.length = 0;
  for (let x = Math.floor(Math.min(p[a], p[b], p[c]) / side); x <= x1; x++) {
    for (let y = Math.floor(Math.min(p[a + 1], p[b + 1], p[c + 1]) / side); y <= y1; y++) {
      for (let z = Math.floor(Math.min(p[a + 2], p[b + 2], p[c + 2]) / side); z <= z1; z++) {
        cells.push(((x + SPAN / 2) * SPAN + y + SPAN / 2) * SPAN + z + SPAN / 2);
      }
    }
  }
}
