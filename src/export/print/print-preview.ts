/** A print solid as the viewer shows meshes: one unit tall or so, y up; clay, and red where walls are thin. Edges stay sharp. */
import type { SurfaceMesh } from '../../base/mesh.ts';
import type { MeshData } from '../mesh-data.ts';
import type { PrintOptions } from './print-options.ts';
import { makePrintSolid, type PrintFacts, type PrintSolid } from './print-solid.ts';

/** A print as the viewer shows it, red where walls are thin, and what can be said of it. */
export interface PrintPreview {
  readonly mesh: SurfaceMesh;
  readonly facts: PrintFacts;
}

/** The print that STL and 3MF would hold. @throws StageError as makePrintSolid. */
export async function makePrintPreview(mesh: MeshData, options: PrintOptions): Promise<PrintPreview> {
  const solid = await makePrintSolid(mesh, options);
  return { mesh: previewOf(solid, options.heightMm), facts: solid.facts };
}

const CLAY = [208, 196, 186] as const;
const THIN = [226, 44, 36] as const;
/** Faces that turn more than this at a vertex have normals of their own there. */
const SHARP_COSINE = 0.75;

function faceNormals({ positions, indices }: PrintSolid): { unit: Float32Array; sums: Float32Array } {
  const unit = new Float32Array(indices.length);
  const sums = new Float32Array(positions.length);
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t] * 3, indices[t + 1] * 3, indices[t + 2] * 3];
    const edge = (from: number, to: number, axis: number) => positions[to + axis] - positions[from + axis];
    const [ux, uy, uz] = [0, 1, 2].map((axis) => edge(a, b, axis));
    const [vx, vy, vz] = [0, 1, 2].map((axis) => edge(a, c, axis));
    const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    const length = Math.hypot(...normal) || 1;
    for (let axis = 0; axis < 3; axis++) {
      unit[t + axis] = normal[axis] / length;
      for (const corner of [a, b, c]) sums[corner + axis] += normal[axis];
    }
  }
  return { unit, sums };
}

/** @returns a mesh of its own; corners at sharp edges are vertices of their own. */
export function previewOf(solid: PrintSolid, heightMm: number): SurfaceMesh {
  const { positions, indices, thin } = solid;
  const { unit, sums } = faceNormals(solid);
  const vertexCount = positions.length / 3;
  const corners = Uint32Array.from(indices);
  /** Vertex and triangle of each vertex that a sharp corner adds. */
  const extra: [vertex: number, triangle: number][] = [];
  for (let corner = 0; corner < indices.length; corner++) {
    const [vertex, triangle] = [indices[corner], corner - (corner % 3)];
    const [x, y, z] = [0, 1, 2].map((axis) => sums[vertex * 3 + axis]);
    const dot = x * unit[triangle] + y * unit[triangle + 1] + z * unit[triangle + 2];
    if (dot >= SHARP_COSINE * Math.hypot(x, y, z)) continue;
    corners[corner] = vertexCount + extra.length;
    extra.push([vertex, triangle]);
  }
  const count = vertexCount + extra.length;
  const made = {
    positions: new Float32Array(count * 3),
    normals: new Float32Array(count * 3),
    colours: new Uint8Array(count * 3),
    seen: new Uint8Array(count).fill(255),
    confidence: new Uint8Array(count).fill(255),
    indices: corners,
  };
  const put = (at: number, vertex: number, normal: readonly number[]) => {
    const [x, y, z] = [0, 1, 2].map((axis) => positions[vertex * 3 + axis] / heightMm);
    made.positions.set([x, z, -y], at * 3);
    const length = Math.hypot(...normal) || 1;
    made.normals.set([normal[0] / length, normal[2] / length, -normal[1] / length], at * 3);
    made.colours.set(thin[vertex] ? THIN : CLAY, at * 3);
  };
  for (let i = 0; i < vertexCount; i++) put(i, i, [sums[i * 3], sums[i * 3 + 1], sums[i * 3 + 2]]);
  extra.forEach(([vertex, triangle], k) => {
    put(vertexCount + k, vertex, [unit[triangle], unit[triangle + 1], unit[triangle + 2]]);
  });
  return made;
}
