/**
 * A picture that says what vertex colours say, for readers that know pictures only (AR Quick Look): two triangles share a
 * cell of 4 x 4 texels, each with its three colours laid out so that bilinear filtering gives back exactly the plane
 * through them. In texels of the cell: the first triangle has its corners at (0, 0), (2, 0), (0, 2) and owns i + j <= 3, the
 * second has them at (3, 3), (2, 3), (3, 2) and owns the rest; neither is ever filtered with a texel of the other.
 */
import { encodePng } from './png.ts';

const CELL = 4;
/** Larger pictures are refused by some phones. */
const MOST_TEXELS_A_SIDE = 8192;

/** Corners of both triangles, texels of the cell. */
const CORNERS = [
  [0, 0, 2, 0, 0, 2],
  [3, 3, 2, 3, 3, 2],
] as const;

export interface CellTexture {
  readonly png: Uint8Array<ArrayBuffer>;
  readonly side: number;
  /** 2 per corner of each triangle (6 a triangle), origin in the upper left corner, v down. */
  readonly uvs: Float32Array<ArrayBuffer>;
}

/** Triangles that fit the largest picture. */
export const MOST_CELL_TRIANGLES = 2 * (MOST_TEXELS_A_SIDE / CELL) ** 2;

/** @param colours sRGB, 3 per vertex. */
export function cellTexture(indices: Uint32Array, colours: Uint8Array): CellTexture {
  const triangles = indices.length / 3;
  const columns = Math.max(1, Math.ceil(Math.sqrt(Math.ceil(triangles / 2))));
  const side = columns * CELL;
  if (side > MOST_TEXELS_A_SIDE) throw new RangeError(`${triangles} triangles need ${side} texels a side`);
  const data = new Uint8Array(side * side * 3);
  const uvs = new Float32Array(triangles * 6);
  for (let triangle = 0; triangle < triangles; triangle++) {
    const cell = triangle >> 1;
    const second = triangle & 1;
    const left = (cell % columns) * CELL;
    const top = Math.floor(cell / columns) * CELL;
    const corners = CORNERS[second];
    for (let k = 0; k < 3; k++) {
      uvs[triangle * 6 + k * 2] = (left + corners[k * 2] + 0.5) / side;
      uvs[triangle * 6 + k * 2 + 1] = (top + corners[k * 2 + 1] + 0.5) / side;
    }
    for (let j = 0; j < CELL; j++) {
      for (let i = 0; i < CELL; i++) {
        if (i + j >= CELL !== (second === 1)) continue;
        // Shares of the second and third corner; negative or over 1 outside the triangle, which continues its plane.
        const [u, v] = second ? [3 - i, 3 - j] : [i / 2, j / 2];
        const at = ((top + j) * side + left + i) * 3;
        for (let c = 0; c < 3; c++) {
          const [a, b, d] = [0, 1, 2].map((k) => colours[indices[triangle * 3 + k] * 3 + c]);
          data[at + c] = Math.min(255, Math.max(0, Math.round(a + (b - a) * u + (d - a) * v)));
        }
      }
    }
  }
  return { png: encodePng({ width: side, height: side, channels: 3, data }), side, uvs };
}
