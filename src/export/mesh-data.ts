/** What the exporters read, checked. Frame of positions: docs/method.md#camera-and-cloud, x right, y up, z toward the camera. */
import type { OrientedCloud } from '../base/cloud.ts';
import { StageError } from '../base/errors.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import type { MeshTexture } from './mesh-texture.ts';

export interface MeshData extends SurfaceMesh {
  /** Where there is one, formats that hold pictures take it in the place of the vertex colours. */
  readonly texture?: MeshTexture;
}
export type CloudData = Omit<OrientedCloud, 'pixels'>;

export interface Box {
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
}

const MESH_FIX = 'Run the photo again; if it happens again, check that the cut-out shows a whole person.';

function badMesh(message: string): StageError {
  return new StageError('export', 'E_BAD_MESH', message, { fix: MESH_FIX });
}

/** Index of the first value that is NaN or infinite, or -1. */
function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/**
 * Refuses what no file format can hold honestly.
 *
 * @throws StageError E_BAD_MESH for an empty mesh, arrays that do not fit together, an index past the last vertex,
 *   or a position or normal that is not finite.
 */
export function checkMesh(mesh: MeshData): void {
  const vertexCount = mesh.positions.length / 3;
  if (vertexCount === 0 || mesh.indices.length === 0) throw badMesh('The mesh is empty.');
  if (
    mesh.normals.length !== vertexCount * 3 ||
    mesh.colours.length !== vertexCount * 3 ||
    mesh.seen.length !== vertexCount ||
    mesh.confidence.length !== vertexCount ||
    mesh.indices.length % 3 !== 0
  ) {
    throw badMesh(
      `The arrays of the mesh do not fit together (${mesh.positions.length} positions, ${mesh.normals.length} ` +
        `normals, ${mesh.colours.length} colours, ${mesh.seen.length} seen, ${mesh.confidence.length} confidence, ${mesh.indices.length} indices).`,
    );
  }
  if (mesh.texture && mesh.texture.uvs.length !== vertexCount * 2) {
    throw badMesh(`The texture has ${mesh.texture.uvs.length / 2} places for ${vertexCount} vertices.`);
  }
  for (const index of mesh.indices) {
    if (index >= vertexCount) throw badMesh(`A triangle uses vertex ${index}, the mesh has ${vertexCount}.`);
  }
  const badPosition = firstNotFinite(mesh.positions);
  if (badPosition !== -1) throw badMesh(`Vertex ${Math.floor(badPosition / 3)} has no finite position.`);
  const badNormal = firstNotFinite(mesh.normals);
  if (badNormal !== -1) throw badMesh(`Vertex ${Math.floor(badNormal / 3)} has no finite normal.`);
}

/** @throws StageError E_BAD_CLOUD for an empty cloud, arrays that do not fit together, or values that are not finite. */
export function checkCloud(cloud: CloudData): void {
  const fail = (message: string): never => {
    throw new StageError('export', 'E_BAD_CLOUD', message, { fix: MESH_FIX });
  };
  if (cloud.count === 0) fail('The point cloud is empty.');
  if (
    cloud.positions.length < cloud.count * 3 ||
    cloud.normals.length < cloud.count * 3 ||
    cloud.colours.length < cloud.count * 3 ||
    cloud.sides.length < cloud.count
  ) {
    fail(`The arrays of the point cloud are shorter than its ${cloud.count} points.`);
  }
  for (const values of [cloud.positions, cloud.normals]) {
    const bad = firstNotFinite(values.subarray(0, cloud.count * 3));
    if (bad !== -1) fail(`Point ${Math.floor(bad / 3)} is not finite.`);
  }
}

/** Smallest box around points, 3 values each; at least one point. */
export function boxOf(positions: Float32Array): Box {
  const min: [number, number, number] = [Infinity, Infinity, Infinity];
  const max: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i += 3) {
    for (let axis = 0; axis < 3; axis++) {
      const value = positions[i + axis];
      if (value < min[axis]) min[axis] = value;
      if (value > max[axis]) max[axis] = value;
    }
  }
  return { min, max };
}
