/**
 * Mesh to a small glTF 2.0 binary, for the web: quantized (KHR_mesh_quantization) and compressed (EXT_meshopt_compression);
 * three.js, Babylon.js, PlayCanvas, model-viewer and Godot read it, Blender does not. Same frame and attributes as the plain
 * file. Positions have 16 bits along the longest side (0.03 mm of a person), normals 8, colours stay linear 16 bit.
 * Vertices and triangles are in the order that compresses best. Same mesh and options, same bytes.
 */
import type { MeshoptEncoder as Encoder } from 'meshoptimizer/encoder';
import { addColours, assetOf, type GlbOptions, materialOf, shortestIndices } from './glb.ts';
import { GltfFile } from './gltf-file.ts';
import { boxOf, checkMesh, type MeshData } from './mesh-data.ts';
import { DEFAULT_HEIGHT_METERS, placedNormals, placementOf } from './placement.ts';

/** Highest value of an unsigned 16-bit number. */
const FULL = 65535;

/** Loads meshoptimizer's encoder. */
export async function loadMeshoptEncoder(): Promise<typeof Encoder> {
  const { MeshoptEncoder } = await import('meshoptimizer/encoder');
  await MeshoptEncoder.ready;
  return MeshoptEncoder;
}

/** The same mesh with vertices and triangles in the order that compresses best; vertices no triangle uses are dropped. */
export function reordered(mesh: MeshData, encoder: typeof Encoder): MeshData {
  const indices = mesh.indices.slice();
  const [remap, count] = encoder.reorderMesh(indices, true, true);
  const vertexCount = mesh.positions.length / 3;
  const move = <T extends Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(from: T, width: number): T => {
    const out = new (from.constructor as new (length: number) => T)(count * width);
    for (let i = 0; i < vertexCount; i++) {
      // Vertices that no triangle uses have no place.
      if (remap[i] >= count) continue;
      for (let k = 0; k < width; k++) out[remap[i] * width + k] = from[i * width + k];
    }
    return out;
  };
  return {
    positions: move(mesh.positions, 3),
    normals: move(mesh.normals, 3),
    colours: move(mesh.colours, 3),
    seen: move(mesh.seen, 1),
    confidence: move(mesh.confidence, 1),
    indices,
    ...(mesh.texture && {
      texture: {
        ...mesh.texture,
        uvs: move(mesh.texture.uvs, 2),
        tangents: mesh.texture.tangents && move(mesh.texture.tangents, 4),
      },
    }),
  };
}

/** Bytes, each the first of four. */
function padded(values: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(values.length * 4);
  for (let i = 0; i < values.length; i++) out[i * 4] = values[i];
  return out;
}

/**
 * @param details with _SEEN and _CONFIDENCE (as normalised bytes); without, a file for looking at.
 * @throws StageError E_BAD_MESH as writeGlb.
 */
export async function writeMeshoptGlb(
  given: MeshData,
  options: GlbOptions,
  details = true,
): Promise<Uint8Array<ArrayBuffer>> {
  checkMesh(given);
  const encoder = await loadMeshoptEncoder();
  const mesh = reordered(given, encoder);
  const { scale, shift } = placementOf(
    mesh.positions,
    options.heightMeters ?? DEFAULT_HEIGHT_METERS,
    options.whole,
  );
  const { min, max } = boxOf(mesh.positions);
  const side = Math.max(max[0] - min[0], max[1] - min[1], max[2] - min[2]);
  const count = mesh.positions.length / 3;
  const positions = new Uint16Array(count * 4);
  const normals = new Int8Array(count * 4);
  const unit = placedNormals(mesh.normals, 'y');
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) {
      positions[i * 4 + c] = Math.round(((mesh.positions[i * 3 + c] - min[c]) / side) * FULL);
      normals[i * 4 + c] = Math.round(unit[i * 3 + c] * 127);
    }
  }
  const file = new GltfFile();
  const target = 'vertices';
  const byte = { type: 'SCALAR', normalized: true, target, stride: 4 } as const;
  const attributes: Record<string, number> = {
    POSITION: file.accessor(positions, { type: 'VEC3', normalized: true, target, stride: 4, bounds: true }),
    NORMAL: file.accessor(normals, { type: 'VEC3', normalized: true, target, stride: 4 }),
    ...addColours(file, mesh),
    ...(details && {
      _SEEN: file.accessor(padded(mesh.seen), byte),
      _CONFIDENCE: file.accessor(padded(mesh.confidence), byte),
    }),
  };
  const indices = file.accessor(shortestIndices(mesh.indices, count), { type: 'SCALAR', target: 'indices' });
  const node = {
    name: options.name,
    mesh: 0,
    translation: shift.map((value, c) => value + min[c] * scale),
    scale: [scale * side, scale * side, scale * side],
  };
  const used = ['KHR_mesh_quantization', 'EXT_meshopt_compression'];
  return file.write(
    {
      asset: assetOf(options),
      extensionsUsed: used,
      extensionsRequired: used,
      scene: 0,
      scenes: [{ nodes: [0] }],
      nodes: [node],
      meshes: [{ name: options.name, primitives: [{ attributes, indices, material: 0 }] }],
      ...materialOf(file, mesh.texture),
    },
    encoder,
  );
}
