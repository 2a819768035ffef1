/** Small closed meshes for the tests of this room. */
import type { CloudData, MeshData } from './mesh-data.ts';

/**
 * Sphere of rows x columns quads; closed, counter-clockwise from outside, poles shared.
 * Vertices: 2 + (rows - 1) * columns; triangles: 2 * columns * (rows - 1).
 */
export function sphereMesh(rows: number, columns: number): MeshData {
  const vertexCount = 2 + (rows - 1) * columns;
  const positions = new Float32Array(vertexCount * 3);
  const colours = new Uint8Array(vertexCount * 3);
  const seen = new Uint8Array(vertexCount);
  const confidence = new Uint8Array(vertexCount);
  positions.set([0, 0.5, 0], 0);
  positions.set([0, -0.5, 0], (vertexCount - 1) * 3);
  for (let row = 1; row < rows; row++) {
    const polar = (Math.PI * row) / rows;
    for (let column = 0; column < columns; column++) {
      const turn = (2 * Math.PI * column) / columns;
      const at = 3 * (1 + (row - 1) * columns + column);
      positions[at] = 0.5 * Math.sin(polar) * Math.sin(turn);
      positions[at + 1] = 0.5 * Math.cos(polar);
      positions[at + 2] = 0.5 * Math.sin(polar) * Math.cos(turn);
    }
  }
  for (let i = 0; i < vertexCount; i++) {
    colours.set([i % 256, (i * 7) % 256, (i * 31) % 256], i * 3);
    seen[i] = positions[i * 3 + 2] > 0 ? 255 : 0;
    confidence[i] = (i * 11) % 256;
  }
  const indices: number[] = [];
  const vertexAt = (row: number, column: number) => 1 + (row - 1) * columns + (column % columns);
  for (let column = 0; column < columns; column++) {
    indices.push(0, vertexAt(1, column), vertexAt(1, column + 1));
    for (let row = 1; row < rows - 1; row++) {
      const a = vertexAt(row, column);
      const b = vertexAt(row, column + 1);
      const c = vertexAt(row + 1, column);
      const d = vertexAt(row + 1, column + 1);
      indices.push(a, c, b, b, c, d);
    }
    indices.push(vertexCount - 1, vertexAt(rows - 1, column + 1), vertexAt(rows - 1, column));
  }
  return {
    positions,
    normals: positions.map((v) => v * 2),
    colours,
    seen,
    confidence,
    indices: Uint32Array.from(indices),
  };
}

/** The vertices of a mesh as a cloud. */
export function cloudOfMesh(mesh: MeshData): CloudData {
  return {
    count: mesh.seen.length,
    positions: mesh.positions,
    normals: mesh.normals,
    colours: mesh.colours,
    sides: mesh.seen.map((s) => (s > 0 ? 0 : 1)),
  };
}
