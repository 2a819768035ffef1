/**
 * Mesh to glTF 2.0 binary: metres, y up, facing +z, feet on y = 0, by one node transform (the vertices keep the
 * method's own frame, which already is y up and facing +z).
 * Attributes: POSITION, NORMAL, COLOR_0 (linear, 16 bit, because 8-bit linear shows bands in the dark), _SEEN
 * (0 = guessed, 1 = seen in the photo) and _CONFIDENCE (0 to 1, workers/poisson/confidence.ts), which other readers may
 * ignore. These two are 32-bit floats: Blender's importer (4.2 to 5.0) knows custom scalars as floats or plain bytes and
 * stops at normalised ones. A mesh with a texture has TEXCOORD_0 and the pictures instead of COLOR_0. Every attribute
 * has its own buffer view, each element aligned to 4 bytes as glTF asks. Same mesh and options, same bytes.
 * Source: Khronos glTF 2.0 specification, sections 3.6, 3.7 and 4.4.
 */
import { GltfFile, type JsonValue } from './gltf-file.ts';
import { boxOf, checkMesh, type MeshData } from './mesh-data.ts';
import type { MeshTexture } from './mesh-texture.ts';
import { DEFAULT_HEIGHT_METERS, placedNormals, placementOf } from './placement.ts';
import { LINEAR_16_FROM_SRGB_8 } from './srgb.ts';

export type { JsonValue };

export interface GlbOptions {
  /** Height of the person from sole to crown, m. */
  readonly heightMeters?: number;
  /** Name of node and mesh. */
  readonly name: string;
  /** Program and version that made the file. */
  readonly generator: string;
  /** Goes to asset.extras: where the mesh came from, in figures. */
  readonly extras?: { readonly [key: string]: JsonValue };
}

/** Highest vertex count a 16-bit index reaches: 65535 itself is the primitive restart value. */
const MAX_SHORT_VERTICES = 65535;

/** Linear light, 16 bit, alpha full; 4 per vertex. */
export function linearColours(colours: Uint8Array): Uint16Array<ArrayBuffer> {
  const count = colours.length / 3;
  const out = new Uint16Array(count * 4);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) out[i * 4 + c] = LINEAR_16_FROM_SRGB_8[colours[i * 3 + c]];
    out[i * 4 + 3] = 65535;
  }
  return out;
}

/** Triangles in 16 bit where the vertices allow it. */
export function shortestIndices(
  indices: Uint32Array<ArrayBuffer>,
  vertexCount: number,
): Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  return vertexCount <= MAX_SHORT_VERTICES ? Uint16Array.from(indices) : indices;
}

/** `asset`, as every file of ours has it. */
export function assetOf({ generator, extras }: GlbOptions): JsonValue {
  return { version: '2.0', generator, ...(extras && { extras }) };
}

/**
 * Asset, scene and the node that makes metres of the method's frame, feet on the floor.
 *
 * @returns members of the file's JSON, and the box of the positions.
 * @throws StageError E_BAD_MESH for a height that is none.
 */
export function sceneOf(positions: Float32Array, options: GlbOptions) {
  const { scale, shift } = placementOf(positions, options.heightMeters ?? DEFAULT_HEIGHT_METERS);
  return {
    box: boxOf(positions),
    asset: assetOf(options),
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ name: options.name, mesh: 0, translation: shift, scale: [scale, scale, scale] }],
  };
}

/** Material and what it refers to; pictures are added to the file. */
export function materialOf(file: GltfFile, texture: MeshTexture | undefined): { [key: string]: JsonValue } {
  const at = (source: number) => ({ index: source });
  const colour = texture && file.image(texture.colour, 'colour');
  const normals = texture?.normals && file.image(texture.normals, 'normals');
  const pictures = [colour, normals].filter((image) => image !== undefined);
  return {
    materials: [
      {
        name: 'skin and cloth',
        pbrMetallicRoughness: {
          baseColorFactor: [1, 1, 1, 1],
          ...(colour !== undefined && { baseColorTexture: at(0) }),
          metallicFactor: 0,
          roughnessFactor: 0.9,
        },
        ...(normals !== undefined && { normalTexture: at(1) }),
        doubleSided: false,
      },
    ],
    ...(pictures.length > 0 && {
      samplers: [{ magFilter: 9729, minFilter: 9987, wrapS: 33071, wrapT: 33071 }],
      textures: pictures.map((source) => ({ sampler: 0, source })),
    }),
  };
}

/** Colours of the vertices, or the places in the pictures. */
export function addColours(file: GltfFile, mesh: MeshData): Record<string, number> {
  return mesh.texture
    ? { TEXCOORD_0: file.accessor(mesh.texture.uvs, { type: 'VEC2', target: 'vertices' }) }
    : {
        COLOR_0: file.accessor(linearColours(mesh.colours), {
          type: 'VEC4',
          normalized: true,
          target: 'vertices',
        }),
      };
}

/** What was seen and how far each spot can be believed, 0 to 1. */
export function addConfidence(file: GltfFile, mesh: MeshData): Record<string, number> {
  const share = (values: Uint8Array) => Float32Array.from(values, (value) => value / 255);
  return {
    _SEEN: file.accessor(share(mesh.seen), { type: 'SCALAR', target: 'vertices' }),
    _CONFIDENCE: file.accessor(share(mesh.confidence), { type: 'SCALAR', target: 'vertices' }),
  };
}

/**
 * Writes a mesh as one .glb file.
 *
 * @param mesh frame of MeshData; stays the caller's. Normals are made unit length; a zero normal becomes +z.
 * @returns the whole file; the caller owns it. 40 bytes a vertex and 2 or 4 an index.
 * @throws StageError E_BAD_MESH when the mesh is empty, flat in height, inconsistent or not finite.
 */
export function writeGlb(mesh: MeshData, options: GlbOptions): Uint8Array<ArrayBuffer> {
  checkMesh(mesh);
  const { box: _, ...scene } = sceneOf(mesh.positions, options);
  const file = new GltfFile();
  const attributes: Record<string, number> = {
    POSITION: file.accessor(mesh.positions, { type: 'VEC3', target: 'vertices', bounds: true }),
    NORMAL: file.accessor(placedNormals(mesh.normals, 'y'), { type: 'VEC3', target: 'vertices' }),
    ...addColours(file, mesh),
    ...addConfidence(file, mesh),
  };
  const indices = file.accessor(shortestIndices(mesh.indices, mesh.positions.length / 3), {
    type: 'SCALAR',
    target: 'indices',
  });
  return file.write({
    ...scene,
    meshes: [{ name: options.name, primitives: [{ attributes, indices, material: 0 }] }],
    ...materialOf(file, mesh.texture),
  });
}
