/**
 * Mesh to binary STL: millimetres and z up, as slicers have it; the format says neither. No colours, no shared vertices.
 * Same mesh and options, same bytes.
 */
import { checkMesh, type MeshData } from './mesh-data.ts';
import { DEFAULT_HEIGHT_METERS, placedPositions, placementOf, type WholeFigure } from './placement.ts';

const HEADER_BYTES = 80;
const TRIANGLE_BYTES = 50;

export interface StlOptions {
  /** mm; life-size when left out. */
  readonly heightMm?: number;
  /** Where the mesh is only part of the person. */
  readonly whole?: WholeFigure | null;
  /** ASCII, cut to 80 bytes. Readers take a header that begins with "solid" for the text form. */
  readonly title: string;
}

/** Bytes of a file of so many triangles. */
export const stlBytes = (triangles: number) => HEADER_BYTES + 4 + triangles * TRIANGLE_BYTES;

/** Positions that are placed already: triangles alone, as the file holds them. */
export function writeStlTriangles(
  positions: Float32Array,
  indices: Uint32Array,
  title: string,
): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(stlBytes(indices.length / 3));
  const ascii = title.replace(/[^\x20-\x7e]+/g, ' ').replace(/^solid/i, 'STL of solid');
  file.set(new TextEncoder().encode(ascii).subarray(0, HEADER_BYTES));
  const out = new DataView(file.buffer);
  out.setUint32(HEADER_BYTES, indices.length / 3, true);
  let at = HEADER_BYTES + 4;
  const corner = new Float64Array(9);
  for (let t = 0; t < indices.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      for (let c = 0; c < 3; c++) corner[k * 3 + c] = positions[indices[t + k] * 3 + c];
    }
    const [ax, ay, az] = [corner[3] - corner[0], corner[4] - corner[1], corner[5] - corner[2]];
    const [bx, by, bz] = [corner[6] - corner[0], corner[7] - corner[1], corner[8] - corner[2]];
    const [nx, ny, nz] = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
    out.setFloat32(at, nx / length, true);
    out.setFloat32(at + 4, ny / length, true);
    out.setFloat32(at + 8, nz / length, true);
    for (let k = 0; k < 9; k++) out.setFloat32(at + 12 + k * 4, corner[k], true);
    at += TRIANGLE_BYTES;
  }
  return file;
}

/** @throws StageError E_BAD_MESH when the mesh is empty, flat in height, inconsistent or not finite. */
export function writeStl(mesh: MeshData, options: StlOptions): Uint8Array<ArrayBuffer> {
  checkMesh(mesh);
  const placement = placementOf(
    mesh.positions,
    options.heightMm ?? DEFAULT_HEIGHT_METERS * 1000,
    options.whole,
  );
  return writeStlTriangles(placedPositions(mesh.positions, placement, 'z'), mesh.indices, options.title);
}
