/**
 * Mesh with an atlas to glTF 2.0 binary: what glb.ts writes, with texture coordinates, tangents and two pictures instead of
 * vertex colours (which a reader would multiply with the texture). One material. Pictures are embedded as they were encoded.
 * Source: Khronos glTF 2.0 specification, sections 3.7.2, 3.8 and 3.9.
 */
import type { TexturedMesh } from '../base/textured-mesh.ts';
import { type GlbOptions, glbFile, sceneOf } from './glb.ts';
import { checkMesh } from './mesh-data.ts';

const UNSIGNED_SHORT = 5123;
const UNSIGNED_INT = 5125;
const FLOAT = 5126;
const ARRAY_BUFFER = 34962;
const ELEMENT_ARRAY_BUFFER = 34963;
const LINEAR = 9729;
const LINEAR_MIPMAP_LINEAR = 9987;
const CLAMP_TO_EDGE = 33071;
const MAX_SHORT_VERTICES = 65535;

/** The binary chunk as it grows: every view begins at a multiple of four bytes. */
class Chunk {
  readonly views: { buffer: 0; byteOffset: number; byteLength: number; target?: number }[] = [];
  readonly #parts: Uint8Array[] = [];
  #end = 0;

  add(values: Float32Array | Uint16Array | Uint32Array | Uint8Array, target?: number): number {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const padding = (4 - (bytes.length & 3)) & 3;
    this.#parts.push(bytes, new Uint8Array(padding));
    this.views.push({
      buffer: 0,
      byteOffset: this.#end,
      byteLength: bytes.length,
      ...(target && { target }),
    });
    this.#end += bytes.length + padding;
    return this.views.length - 1;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.#end);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

/**
 * @param textured stays the caller's.
 * @returns the whole file; the caller owns it.
 * @throws StageError E_BAD_MESH as writeGlb.
 */
export function writeTexturedGlb(textured: TexturedMesh, options: GlbOptions): Uint8Array<ArrayBuffer> {
  checkMesh(textured.mesh);
  const { positions, normals, tangents, uvs, indices, sources, mesh, colour, normal } = textured;
  const count = positions.length / 3;
  const { box, ...scene } = sceneOf(positions, options);
  const chunk = new Chunk();
  const accessors: object[] = [];
  const attribute = (values: Float32Array, type: string, more = {}) => {
    const bufferView = chunk.add(values, ARRAY_BUFFER);
    accessors.push({ bufferView, componentType: FLOAT, count, type, ...more });
    return accessors.length - 1;
  };
  const share = (values: Uint8Array) => Float32Array.from(sources, (v) => values[v] / 255);
  const attributes = {
    POSITION: attribute(positions, 'VEC3', { min: box.min, max: box.max }),
    NORMAL: attribute(normals, 'VEC3'),
    TANGENT: attribute(tangents, 'VEC4'),
    TEXCOORD_0: attribute(uvs, 'VEC2'),
    _SEEN: attribute(share(mesh.seen), 'SCALAR'),
    _CONFIDENCE: attribute(share(mesh.confidence), 'SCALAR'),
  };
  const short = count <= MAX_SHORT_VERTICES;
  accessors.push({
    bufferView: chunk.add(short ? Uint16Array.from(indices) : indices, ELEMENT_ARRAY_BUFFER),
    componentType: short ? UNSIGNED_SHORT : UNSIGNED_INT,
    count: indices.length,
    type: 'SCALAR',
  });
  const images = [colour, normal].map(({ mime, bytes }, k) => ({
    name: ['colour', 'normal'][k],
    mimeType: mime,
    bufferView: chunk.add(bytes),
  }));
  const bin = chunk.bytes();
  const json = {
    ...scene,
    meshes: [
      {
        name: options.name,
        primitives: [{ attributes, indices: accessors.length - 1, material: 0 }],
      },
    ],
    materials: [
      {
        name: 'skin and cloth',
        pbrMetallicRoughness: { baseColorTexture: { index: 0 }, metallicFactor: 0, roughnessFactor: 0.9 },
        normalTexture: { index: 1 },
        doubleSided: false,
      },
    ],
    textures: [
      { sampler: 0, source: 0 },
      { sampler: 0, source: 1 },
    ],
    samplers: [
      { magFilter: LINEAR, minFilter: LINEAR_MIPMAP_LINEAR, wrapS: CLAMP_TO_EDGE, wrapT: CLAMP_TO_EDGE },
    ],
    images,
    accessors,
    bufferViews: chunk.views,
    buffers: [{ byteLength: bin.length }],
  };
  return glbFile(JSON.stringify(json), bin);
}
