/** A mesh with an atlas as glTF 2.0 binary: as glb.ts writes it, tangents and pictures in the place of vertex colours. */
import type { TexturedMesh } from '../base/textured-mesh.ts';
import { type GlbOptions, writeGlb } from './glb.ts';
import { checkMesh, type MeshData } from './mesh-data.ts';

/** What exporters read, in which a vertex on a seam is there once for each chart. */
export function texturedData(textured: TexturedMesh): MeshData {
  const { positions, normals, tangents, uvs, indices, sources, mesh, colour, normal } = textured;
  const gather = (values: Uint8Array, perVertex: number) => {
    const out = new Uint8Array(sources.length * perVertex);
    for (let v = 0; v < sources.length; v++) {
      for (let c = 0; c < perVertex; c++) out[v * perVertex + c] = values[sources[v] * perVertex + c];
    }
    return out;
  };
  return {
    positions,
    normals,
    indices,
    colours: gather(mesh.colours, 3),
    seen: gather(mesh.seen, 1),
    confidence: gather(mesh.confidence, 1),
    texture: { uvs, tangents, colour, normals: normal },
  };
}

/**
 * @param textured stays the caller's. Pictures are embedded as they were encoded.
 * @returns the whole file; the caller owns it.
 * @throws StageError E_BAD_MESH as writeGlb.
 */
export function writeTexturedGlb(textured: TexturedMesh, options: GlbOptions): Uint8Array<ArrayBuffer> {
  checkMesh(textured.mesh);
  return writeGlb(texturedData(textured), options);
}
