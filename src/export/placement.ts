/**
 * Where a figure stands in a file: feet on the ground, centred over the origin, as tall as asked for, y up and facing +z
 * or z up and facing -y (as Blender and printers have it). The mesh itself keeps the method's frame.
 */
import { StageError } from '../base/errors.ts';
import { boxOf } from './mesh-data.ts';

/** Height given to a person of unknown height, m. */
export const DEFAULT_HEIGHT_METERS = 1.7;

export type UpAxis = 'y' | 'z';

export interface Placement {
  /** Placed = scale * position + shift, y up. */
  readonly scale: number;
  readonly shift: readonly [number, number, number];
}

/** The whole person in the mesh's units, where the mesh is only part of them. */
export interface WholeFigure {
  /** Height of the floor they stand on; left out: the mesh itself stands on the ground. */
  readonly floor?: number;
  readonly height: number;
}

/**
 * @param height of the figure from sole to crown, in the file's unit.
 * @param whole  of whom the height is; null: the mesh is all of them.
 * @throws StageError E_BAD_MESH for a height that is none, and for a mesh without one.
 */
export function placementOf(
  positions: Float32Array,
  height: number,
  whole: WholeFigure | null = null,
): Placement {
  if (!(height > 0) || !Number.isFinite(height)) {
    throw new StageError('export', 'E_BAD_MESH', `A height of ${height} m cannot be written.`, {
      fix: 'Give the height of the person in metres, for instance 1.70.',
    });
  }
  const box = boxOf(positions);
  const extent = box.max[1] - box.min[1];
  if (!(extent > 0)) {
    throw new StageError('export', 'E_BAD_MESH', 'The mesh has no height.', {
      fix: 'Run the photo again with the whole person in the picture.',
    });
  }
  const scale = height / (whole?.height ?? extent);
  return {
    scale,
    shift: [
      (-scale * (box.min[0] + box.max[0])) / 2,
      -scale * (whole?.floor ?? box.min[1]),
      (-scale * (box.min[2] + box.max[2])) / 2,
    ],
  };
}

/** Positions in the file's frame and unit, 3 per vertex. */
export function placedPositions(
  positions: Float32Array,
  { scale, shift }: Placement,
  up: UpAxis,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    const x = positions[i] * scale + shift[0];
    const y = positions[i + 1] * scale + shift[1];
    const z = positions[i + 2] * scale + shift[2];
    out[i] = x;
    out[i + 1] = up === 'y' ? y : -z;
    out[i + 2] = up === 'y' ? z : y;
  }
  return out;
}

/** Unit normals in the file's frame; a vertex that no triangle of any area touches gets one toward the front. */
export function placedNormals(normals: Float32Array, up: UpAxis): Float32Array<ArrayBuffer> {
  const out = new Float32Array(normals.length);
  for (let i = 0; i < normals.length; i += 3) {
    let [x, y, z] = [normals[i], normals[i + 1], normals[i + 2]];
    const length = Math.sqrt(x * x + y * y + z * z);
    if (length > 1e-12) {
      x /= length;
      y /= length;
      z /= length;
    } else {
      [x, y, z] = [0, 0, 1];
    }
    out[i] = x;
    out[i + 1] = up === 'y' ? y : -z;
    out[i + 2] = up === 'y' ? z : y;
  }
  return out;
}
