/**
 * Mesh to Wavefront OBJ with its MTL, and the pictures where the mesh has a texture; one zip. Metres, y up, facing +z.
 * Colours of vertices stand behind the coordinates (v x y z r g b, sRGB in 0 to 1), where Blender, MeshLab, ZBrush and
 * trimesh read them; OBJ itself knows none. Same mesh and options, same bytes.
 */
import { checkMesh, type MeshData } from './mesh-data.ts';
import { endingOf } from './mesh-texture.ts';
import {
  DEFAULT_HEIGHT_METERS,
  placedNormals,
  placedPositions,
  placementOf,
  type UpAxis,
  type WholeFigure,
} from './placement.ts';
import { decimal, TextFile } from './text-file.ts';
import { writeZip } from './zip.ts';

export interface ObjOptions {
  readonly heightMeters?: number;
  /** Where the mesh is only part of the person. */
  readonly whole?: WholeFigure | null;
  readonly up?: UpAxis;
  /** Comment in the first line of both files. */
  readonly generator: string;
  /** Of the object; files are called figure.obj, figure.mtl whatever it is. */
  readonly name: string;
}

/** Three decimals tell the 256 values of a byte apart. */
const COLOUR_TEXT = Array.from({ length: 256 }, (_, value) => decimal(value / 255, 4));

/** @throws StageError E_BAD_MESH when the mesh is empty, flat in height, inconsistent or not finite. */
export function writeObjZip(mesh: MeshData, options: ObjOptions): Uint8Array<ArrayBuffer> {
  checkMesh(mesh);
  const { texture } = mesh;
  const up = options.up ?? 'y';
  const placement = placementOf(mesh.positions, options.heightMeters ?? DEFAULT_HEIGHT_METERS, options.whole);
  const positions = placedPositions(mesh.positions, placement, up);
  const normals = placedNormals(mesh.normals, up);
  const obj = new TextFile();
  obj.row(`# ${oneLine(options.generator)}; metres, ${up} up`);
  obj.row('mtllib figure.mtl');
  obj.row(`o ${oneLine(options.name).replace(/\s+/g, '_') || 'figure'}`);
  for (let i = 0; i < positions.length; i += 3) {
    const place = [0, 1, 2].map((axis) => decimal(positions[i + axis], 6)).join(' ');
    const colour = [0, 1, 2].map((channel) => COLOUR_TEXT[mesh.colours[i + channel]]).join(' ');
    obj.row(texture ? `v ${place}` : `v ${place} ${colour}`);
  }
  if (texture) {
    // OBJ has v up.
    for (let i = 0; i < texture.uvs.length; i += 2) {
      obj.row(`vt ${decimal(texture.uvs[i], 6)} ${decimal(1 - texture.uvs[i + 1], 6)}`);
    }
  }
  for (let i = 0; i < normals.length; i += 3) {
    obj.row(`vn ${[0, 1, 2].map((axis) => decimal(normals[i + axis], 4)).join(' ')}`);
  }
  obj.row('usemtl skin_and_cloth');
  for (let i = 0; i < mesh.indices.length; i += 3) {
    const corners = [0, 1, 2].map((corner) => {
      const number = mesh.indices[i + corner] + 1;
      return texture ? `${number}/${number}/${number}` : `${number}//${number}`;
    });
    obj.row(`f ${corners.join(' ')}`);
  }
  const mtl = [
    `# ${oneLine(options.generator)}`,
    'newmtl skin_and_cloth',
    'Ka 0 0 0',
    'Kd 1 1 1',
    'Ks 0 0 0',
    'd 1',
    'illum 1',
    ...(texture ? [`map_Kd figure.${endingOf(texture.colour)}`] : []),
    ...(texture?.normals ? [`norm figure-normals.${endingOf(texture.normals)}`] : []),
    '',
  ];
  return writeZip({
    'figure.obj': obj.bytes(),
    'figure.mtl': new TextEncoder().encode(mtl.join('\n')),
    ...(texture && { [`figure.${endingOf(texture.colour)}`]: texture.colour.bytes }),
    ...(texture?.normals && {
      [`figure-normals.${endingOf(texture.normals)}`]: texture.normals.bytes,
    }),
  });
}

const oneLine = (text: string) => text.replace(/[^\x20-\x7e]+/g, ' ').trim();
