/**
 * Coloured points alone as PLY, binary little endian: x, y, z as f32, red, green, blue as bytes. The plainest form every
 * reader takes; oriented clouds with a quality value are in ply.ts. Same points, same bytes.
 */
import { StageError } from '../base/errors.ts';

export interface ColouredPoints {
  /** 3 per point. */
  readonly positions: Float32Array | Float64Array;
  /** sRGB, 3 per point. */
  readonly colours: Uint8Array;
}

/** 3 floats, 3 bytes. */
const POINT_BYTES = 15;

/**
 * @param sets written one after the other.
 * @throws StageError E_BAD_CLOUD when colours and positions differ in number, or a coordinate is not finite.
 */
export function writePointsPly(sets: readonly ColouredPoints[]): Uint8Array<ArrayBuffer> {
  const count = sets.reduce((sum, set) => sum + set.positions.length / 3, 0);
  const head = new TextEncoder().encode(
    [
      'ply',
      'format binary_little_endian 1.0',
      `element vertex ${count}`,
      ...['x', 'y', 'z'].map((axis) => `property float ${axis}`),
      ...['red', 'green', 'blue'].map((colour) => `property uchar ${colour}`),
      'end_header',
      '',
    ].join('\n'),
  );
  const file = new Uint8Array(head.length + count * POINT_BYTES);
  file.set(head);
  const out = new DataView(file.buffer);
  let at = head.length;
  for (const { positions, colours } of sets) {
    if (positions.length !== colours.length) throw badCloud('has more points than colours, or fewer');
    for (let i = 0; i < positions.length; i += 3) {
      for (let axis = 0; axis < 3; axis++) {
        const value = positions[i + axis];
        if (!Number.isFinite(value)) throw badCloud('has a coordinate that is not a number');
        out.setFloat32(at + 4 * axis, value, true);
        file[at + 12 + axis] = colours[i + axis];
      }
      at += POINT_BYTES;
    }
  }
  return file;
}

function badCloud(what: string): StageError {
  return new StageError('export', 'E_BAD_CLOUD', `The point cloud ${what}.`, {
    fix: 'Run the photo again; if it happens again, report it.',
  });
}
