/**
 * Mesh to glTF 2.0 binary: metres, y up, facing +z, feet on y = 0, by one node transform (the vertices keep the
 * method's own frame, which already is y up and facing +z).
 * Attributes: POSITION, NORMAL, COLOR_0 (linear, 16 bit, because 8-bit linear shows bands in the dark), _SEEN
 * (0 = guessed, 1 = seen in the photo) and _CONFIDENCE (0 to 1, workers/poisson/confidence.ts), which other readers may
 * ignore. These two are 32-bit floats: Blender's importer (4.2 to 5.0) knows custom scalars as floats or plain bytes and
 * stops at normalised ones. Every attribute has its own buffer view, each element aligned to 4 bytes as glTF asks.
 * Same mesh and options, same bytes.
 * Source: Khronos glTF 2.0 specification, sections 3.6, 3.7 and 4.4.
 */
import { StageError } from '../base/errors.ts';
import { boxOf, checkMesh, type MeshData } from './mesh-data.ts';
import { LINEAR_16_FROM_SRGB_8 } from './srgb.ts';

/** Height given to a person of unknown height, m. */
const DEFAULT_HEIGHT_METERS = 1.7;

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export interface GlbOptions {
  /** Height of the person from sole to crown, m. */
  readonly heightMeters?: number;
  /** The whole person in the mesh's units, where the mesh is only part of them; left out: the mesh is whole. */
  readonly whole?: { readonly floor: number; readonly height: number } | null;
  /** Name of node and mesh. */
  readonly name: string;
  /** Program and version that made the file. */
  readonly generator: string;
  /** Goes to asset.extras: where the mesh came from, in figures. */
  readonly extras?: { readonly [key: string]: JsonValue };
}

const MAGIC = 0x46546c67;
const CHUNK_JSON = 0x4e4f534a;
const CHUNK_BIN = 0x004e4942;
const UNSIGNED_SHORT = 5123;
const UNSIGNED_INT = 5125;
const FLOAT = 5126;
const ARRAY_BUFFER = 34962;
const ELEMENT_ARRAY_BUFFER = 34963;
/** Highest vertex count a 16-bit index reaches: 65535 itself is the primitive restart value. */
const MAX_SHORT_VERTICES = 65535;

const align4 = (bytes: number) => (bytes + 3) & ~3;

interface Views {
  readonly positions: number;
  readonly normals: number;
  readonly colours: number;
  readonly seen: number;
  readonly confidence: number;
  readonly indices: number;
  readonly end: number;
}

/** Byte offsets of the six views in the binary chunk. */
function layOut(vertexCount: number, indexBytes: number): Views {
  const positions = 0;
  const normals = positions + vertexCount * 12;
  const colours = normals + vertexCount * 12;
  const seen = colours + vertexCount * 8;
  const confidence = seen + vertexCount * 4;
  const indices = confidence + vertexCount * 4;
  return { positions, normals, colours, seen, confidence, indices, end: align4(indices + indexBytes) };
}

function sceneJson(mesh: MeshData, views: Views, shortIndices: boolean, options: GlbOptions): string {
  const vertexCount = mesh.positions.length / 3;
  const box = boxOf(mesh.positions);
  const height = options.heightMeters ?? DEFAULT_HEIGHT_METERS;
  const extent = box.max[1] - box.min[1];
  if (!(height > 0) || !Number.isFinite(height)) {
    throw new StageError('export', 'E_BAD_MESH', `A height of ${height} m cannot be written.`, {
      fix: 'Give the height of the person in metres, for instance 1.70.',
    });
  }
  if (!(extent > 0)) {
    throw new StageError('export', 'E_BAD_MESH', 'The mesh has no height.', {
      fix: 'Run the photo again with the whole person in the picture.',
    });
  }
  const { floor, height: tall } = options.whole ?? { floor: box.min[1], height: extent };
  const scale = height / tall;
  const json = {
    asset: {
      version: '2.0',
      generator: options.generator,
      ...(options.extras && { extras: options.extras }),
    },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [
      {
        name: options.name,
        mesh: 0,
        translation: [
          (-scale * (box.min[0] + box.max[0])) / 2,
          -scale * floor,
          (-scale * (box.min[2] + box.max[2])) / 2,
        ],
        scale: [scale, scale, scale],
      },
    ],
    meshes: [
      {
        name: options.name,
        primitives: [
          {
            attributes: { POSITION: 0, NORMAL: 1, COLOR_0: 2, _SEEN: 3, _CONFIDENCE: 4 },
            indices: 5,
            material: 0,
          },
        ],
      },
    ],
    materials: [
      {
        name: 'skin and cloth',
        pbrMetallicRoughness: { baseColorFactor: [1, 1, 1, 1], metallicFactor: 0, roughnessFactor: 0.9 },
        doubleSided: false,
      },
    ],
    accessors: [
      { bufferView: 0, componentType: FLOAT, count: vertexCount, type: 'VEC3', min: box.min, max: box.max },
      { bufferView: 1, componentType: FLOAT, count: vertexCount, type: 'VEC3' },
      { bufferView: 2, componentType: UNSIGNED_SHORT, normalized: true, count: vertexCount, type: 'VEC4' },
      { bufferView: 3, componentType: FLOAT, count: vertexCount, type: 'SCALAR' },
      { bufferView: 4, componentType: FLOAT, count: vertexCount, type: 'SCALAR' },
      {
        bufferView: 5,
        componentType: shortIndices ? UNSIGNED_SHORT : UNSIGNED_INT,
        count: mesh.indices.length,
        type: 'SCALAR',
      },
    ],
    bufferViews: [
      { buffer: 0, byteOffset: views.positions, byteLength: vertexCount * 12, target: ARRAY_BUFFER },
      { buffer: 0, byteOffset: views.normals, byteLength: vertexCount * 12, target: ARRAY_BUFFER },
      {
        buffer: 0,
        byteOffset: views.colours,
        byteLength: vertexCount * 8,
        byteStride: 8,
        target: ARRAY_BUFFER,
      },
      ...[views.seen, views.confidence].map((byteOffset) => ({
        buffer: 0,
        byteOffset,
        byteLength: vertexCount * 4,
        target: ARRAY_BUFFER,
      })),
      {
        buffer: 0,
        byteOffset: views.indices,
        byteLength: mesh.indices.length * (shortIndices ? 2 : 4),
        target: ELEMENT_ARRAY_BUFFER,
      },
    ],
    buffers: [{ byteLength: views.end }],
  };
  return JSON.stringify(json);
}

function writeVertices(mesh: MeshData, bin: DataView, views: Views): void {
  const vertexCount = mesh.positions.length / 3;
  for (let i = 0; i < vertexCount * 3; i++) bin.setFloat32(views.positions + i * 4, mesh.positions[i], true);
  for (let i = 0; i < vertexCount; i++) {
    let x = mesh.normals[i * 3];
    let y = mesh.normals[i * 3 + 1];
    let z = mesh.normals[i * 3 + 2];
    const length = Math.sqrt(x * x + y * y + z * z);
    if (length > 1e-12) {
      x /= length;
      y /= length;
      z /= length;
    } else {
      // A vertex no triangle of any area touches; glTF allows unit normals only.
      x = 0;
      y = 0;
      z = 1;
    }
    const at = views.normals + i * 12;
    bin.setFloat32(at, x, true);
    bin.setFloat32(at + 4, y, true);
    bin.setFloat32(at + 8, z, true);
    const colour = views.colours + i * 8;
    for (let c = 0; c < 3; c++) {
      bin.setUint16(colour + c * 2, LINEAR_16_FROM_SRGB_8[mesh.colours[i * 3 + c]], true);
    }
    bin.setUint16(colour + 6, 65535, true);
    bin.setFloat32(views.seen + i * 4, mesh.seen[i] / 255, true);
    bin.setFloat32(views.confidence + i * 4, mesh.confidence[i] / 255, true);
  }
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
  const vertexCount = mesh.positions.length / 3;
  const shortIndices = vertexCount <= MAX_SHORT_VERTICES;
  const views = layOut(vertexCount, mesh.indices.length * (shortIndices ? 2 : 4));
  const json = new TextEncoder().encode(sceneJson(mesh, views, shortIndices, options));
  const jsonBytes = align4(json.length);
  const file = new Uint8Array(12 + 8 + jsonBytes + 8 + views.end);
  const head = new DataView(file.buffer);
  head.setUint32(0, MAGIC, true);
  head.setUint32(4, 2, true);
  head.setUint32(8, file.length, true);
  head.setUint32(12, jsonBytes, true);
  head.setUint32(16, CHUNK_JSON, true);
  file.fill(0x20, 20, 20 + jsonBytes);
  file.set(json, 20);
  const binAt = 20 + jsonBytes;
  head.setUint32(binAt, views.end, true);
  head.setUint32(binAt + 4, CHUNK_BIN, true);
  const bin = new DataView(file.buffer, binAt + 8, views.end);
  writeVertices(mesh, bin, views);
  for (let i = 0; i < mesh.indices.length; i++) {
    if (shortIndices) bin.setUint16(views.indices + i * 2, mesh.indices[i], true);
    else bin.setUint32(views.indices + i * 4, mesh.indices[i], true);
  }
  return file;
}
