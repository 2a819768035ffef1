/**
 * Mesh and point cloud to PLY, binary little endian (a mesh as text, too), in the method's own frame (x right, y up, z toward
 * the camera) or, a mesh, placed: metres, feet on the ground, y or z up.
 * Colours stay sRGB 8 bit. `quality` is the property MeshLab and CloudCompare show as a scalar: 1 = seen in the photo,
 * 0 = guessed. A mesh also has `confidence`, 0 to 1 (workers/poisson/confidence.ts). Same data and options, same bytes.
 */
import { type CloudData, checkCloud, checkMesh, type MeshData } from './mesh-data.ts';
import {
  DEFAULT_HEIGHT_METERS,
  type Placement,
  placedNormals,
  placedPositions,
  placementOf,
  type UpAxis,
  type WholeFigure,
} from './placement.ts';
import { decimal, TextFile } from './text-file.ts';

export interface PlyOptions {
  /** Comment lines of the header, one line each. */
  readonly comments?: readonly string[];
  /** Added to every position, which is then written as a double: for coordinates that a float cannot hold (UTM, ECEF). */
  readonly offset?: readonly [number, number, number];
}

/** 6 floats, 3 colour bytes, 1 float; vertices of a mesh have one float more. */
const POINT_BYTES = 31;
const VERTEX_BYTES = 35;
/** Count byte and three u32 indices. */
const FACE_BYTES = 13;

/** What doubles take more than floats, in a position. */
const DOUBLE_EXTRA = 12;

/** Properties of points and of vertices. */
const POINT_PROPERTIES = [
  'float x',
  'float y',
  'float z',
  'float nx',
  'float ny',
  'float nz',
  'uchar red',
  'uchar green',
  'uchar blue',
  'float quality',
];

function header(
  vertexCount: number,
  faceCount: number | null,
  options: PlyOptions,
  format = 'binary_little_endian',
): Uint8Array {
  const lines = [
    'ply',
    `format ${format} 1.0`,
    // A line break would end the comment early and make its rest a header line; PLY headers are ASCII.
    ...(options.comments ?? []).map((text) => `comment ${text.replace(/[^\x20-\x7e]+/g, ' ')}`),
    `element vertex ${vertexCount}`,
    ...POINT_PROPERTIES.map(
      (property) =>
        `property ${options.offset ? property.replace(/^float (?=[xyz]$)/, 'double ') : property}`,
    ),
  ];
  if (faceCount !== null) {
    lines.push(
      'property float confidence',
      `element face ${faceCount}`,
      'property list uchar uint vertex_indices',
    );
  }
  lines.push('end_header', '');
  return new TextEncoder().encode(lines.join('\n'));
}

interface VertexArrays {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  readonly colours: Uint8Array;
}

function writeVertices(
  out: DataView,
  start: number,
  count: number,
  arrays: VertexArrays,
  quality: (index: number) => number,
  confidence: Uint8Array | null,
  offset: PlyOptions['offset'],
): number {
  let at = start;
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < 3; axis++) {
      const position = arrays.positions[i * 3 + axis];
      if (offset) out.setFloat64(at + axis * 8, position + offset[axis], true);
      else out.setFloat32(at + axis * 4, position, true);
    }
    if (offset) at += DOUBLE_EXTRA;
    for (let axis = 0; axis < 3; axis++) {
      out.setFloat32(at + 12 + axis * 4, arrays.normals[i * 3 + axis], true);
      out.setUint8(at + 24 + axis, arrays.colours[i * 3 + axis]);
    }
    out.setFloat32(at + 27, quality(i), true);
    if (confidence) out.setFloat32(at + 31, confidence[i] / 255, true);
    at += confidence ? VERTEX_BYTES : POINT_BYTES;
  }
  return at;
}

/**
 * Writes a mesh as PLY: positions, normals, colours, quality = seen / 255, confidence / 255, triangles.
 *
 * @throws StageError E_BAD_MESH when the mesh is empty, inconsistent or not finite.
 */
export function writeMeshPly(mesh: MeshData, options: PlyOptions = {}): Uint8Array<ArrayBuffer> {
  checkMesh(mesh);
  const vertexCount = mesh.positions.length / 3;
  const faceCount = mesh.indices.length / 3;
  const head = header(vertexCount, faceCount, options);
  const vertexBytes = VERTEX_BYTES + (options.offset ? DOUBLE_EXTRA : 0);
  const file = new Uint8Array(head.length + vertexCount * vertexBytes + faceCount * FACE_BYTES);
  file.set(head);
  const out = new DataView(file.buffer);
  const quality = (i: number) => mesh.seen[i] / 255;
  let at = writeVertices(out, head.length, vertexCount, mesh, quality, mesh.confidence, options.offset);
  for (let face = 0; face < faceCount; face++) {
    out.setUint8(at, 3);
    for (let corner = 0; corner < 3; corner++) {
      out.setUint32(at + 1 + corner * 4, mesh.indices[face * 3 + corner], true);
    }
    at += FACE_BYTES;
  }
  return file;
}

export interface PlacedPlyOptions {
  readonly heightMeters?: number;
  /** Where the mesh is only part of the person. */
  readonly whole?: WholeFigure | null;
  readonly up?: UpAxis;
  readonly generator: string;
}

/** The mesh in metres, and how to get back to the method's frame. */
function placed(mesh: MeshData, options: PlacedPlyOptions): { mesh: MeshData; comments: string[] } {
  checkMesh(mesh);
  const up = options.up ?? 'y';
  const placement = placementOf(mesh.positions, options.heightMeters ?? DEFAULT_HEIGHT_METERS, options.whole);
  return {
    mesh: {
      ...mesh,
      positions: placedPositions(mesh.positions, placement, up),
      normals: placedNormals(mesh.normals, up),
    },
    comments: [options.generator, `metres, ${up} up`, frameComment(placement, up)],
  };
}

function frameComment({ scale, shift }: Placement, up: UpAxis): string {
  const turned = up === 'y' ? '[x, y, z]' : '[x, z, -y]';
  return `frame of cloud.ply = (${turned} - [${shift.join(', ')}]) / ${scale}`;
}

/** Writes a mesh as writeMeshPly does, placed. @throws StageError E_BAD_MESH. */
export function writePlacedPly(given: MeshData, options: PlacedPlyOptions): Uint8Array<ArrayBuffer> {
  const { mesh, comments } = placed(given, options);
  return writeMeshPly(mesh, { comments });
}

/** The same as text. @throws StageError E_BAD_MESH. */
export function writeAsciiPly(given: MeshData, options: PlacedPlyOptions): Uint8Array<ArrayBuffer> {
  const { mesh, comments } = placed(given, options);
  const vertexCount = mesh.positions.length / 3;
  const file = new TextFile();
  const head = header(vertexCount, mesh.indices.length / 3, { comments }, 'ascii');
  file.row(new TextDecoder().decode(head).trimEnd());
  for (let i = 0; i < vertexCount; i++) {
    const at = i * 3;
    const values = [0, 1, 2].map((axis) => decimal(mesh.positions[at + axis], 6));
    for (let axis = 0; axis < 3; axis++) values.push(decimal(mesh.normals[at + axis], 4));
    for (let c = 0; c < 3; c++) values.push(String(mesh.colours[at + c]));
    values.push(decimal(mesh.seen[i] / 255, 3), decimal(mesh.confidence[i] / 255, 3));
    file.row(values.join(' '));
  }
  for (let i = 0; i < mesh.indices.length; i += 3) {
    file.row(`3 ${mesh.indices[i]} ${mesh.indices[i + 1]} ${mesh.indices[i + 2]}`);
  }
  return file.bytes();
}

/**
 * Writes a point cloud as PLY: positions, normals, colours, quality = 1 for the front, 0 for the back.
 *
 * @throws StageError E_BAD_CLOUD when the cloud is empty, inconsistent or not finite.
 */
export function writeCloudPly(cloud: CloudData, options: PlyOptions = {}): Uint8Array<ArrayBuffer> {
  checkCloud(cloud);
  const head = header(cloud.count, null, options);
  const file = new Uint8Array(
    head.length + cloud.count * (POINT_BYTES + (options.offset ? DOUBLE_EXTRA : 0)),
  );
  file.set(head);
  const quality = (i: number) => (cloud.sides[i] === 0 ? 1 : 0);
  writeVertices(new DataView(file.buffer), head.length, cloud.count, cloud, quality, null, options.offset);
  return file;
}
