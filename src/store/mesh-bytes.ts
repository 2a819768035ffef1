/**
 * A mesh as bytes for the browser's storage and for project files: its arrays one after the other, little-endian, those
 * with wide values first, so that each lies on its own alignment. Exact: what comes back equals what went in.
 */
import { StageError } from '../base/errors.ts';
import type { SurfaceMesh } from '../base/mesh.ts';

export interface MeshSizes {
  readonly vertices: number;
  readonly triangles: number;
}

/** Bytes of a vertex: position, normal, colour, seen, confidence. */
const VERTEX_BYTES = 12 + 12 + 3 + 1 + 1;
const TRIANGLE_BYTES = 12;

export function sizesOf(mesh: SurfaceMesh): MeshSizes {
  return { vertices: mesh.positions.length / 3, triangles: mesh.indices.length / 3 };
}

/** The mesh's own memory is read, not copied. */
export function meshBlob({ positions, normals, indices, colours, seen, confidence }: SurfaceMesh): Blob {
  return new Blob([positions, normals, indices, colours, seen, confidence], {
    type: 'application/octet-stream',
  });
}

/** @throws StageError E_BAD_PROJECT when the bytes are no mesh of these sizes. */
export async function meshFromBlob(blob: Blob, { vertices, triangles }: MeshSizes): Promise<SurfaceMesh> {
  const damaged = (why: string) =>
    new StageError('project', 'E_BAD_PROJECT', `The figure's mesh is damaged: ${why}.`, {
      fix: 'Run the photo again to make it anew.',
    });
  const expected = vertices * VERTEX_BYTES + triangles * TRIANGLE_BYTES;
  if (blob.size !== expected) throw damaged(`it has ${blob.size} bytes instead of ${expected}`);
  const bytes = await blob.arrayBuffer();
  let at = 0;
  const take = (length: number) => {
    at += length;
    return [bytes, at - length] as const;
  };
  const mesh: SurfaceMesh = {
    positions: new Float32Array(...take(vertices * 12), vertices * 3),
    normals: new Float32Array(...take(vertices * 12), vertices * 3),
    indices: new Uint32Array(...take(triangles * 12), triangles * 3),
    colours: new Uint8Array(...take(vertices * 3), vertices * 3),
    seen: new Uint8Array(...take(vertices), vertices),
    confidence: new Uint8Array(...take(vertices), vertices),
  };
  for (const index of mesh.indices)
    if (index >= vertices) throw damaged('a triangle names a vertex that is not there');
  for (const value of mesh.positions) if (!Number.isFinite(value)) throw damaged('a vertex has no place');
  // Each array in memory of its own: they are sent between threads one by one.
  return structuredCloneOf(mesh);
}

function structuredCloneOf(mesh: SurfaceMesh): SurfaceMesh {
  return {
    positions: mesh.positions.slice(),
    normals: mesh.normals.slice(),
    indices: mesh.indices.slice(),
    colours: mesh.colours.slice(),
    seen: mesh.seen.slice(),
    confidence: mesh.confidence.slice(),
  };
}
