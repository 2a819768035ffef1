/**
 * Bilinear resize by exactly 1/8 without antialias: each output pixel is the mean of the 2x2 source block at rows
 * and columns 8i + 3 and 8i + 4. Source: docs/method.md#coarse-stage.
 */
import { type PlanarMap, planarMap } from '../../base/images.ts';

/** @returns f32 [C, floor(H / 8), floor(W / 8)] of a [C, H, W] map. Caller owns it. */
export function downsample8(map: PlanarMap): PlanarMap {
  const [channels, height, width] = map.shape;
  const rows = Math.floor(height / 8);
  const columns = Math.floor(width / 8);
  const out = planarMap([channels, rows, columns]);
  const source = map.data;
  let to = 0;
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < rows; r++) {
      const upper = (c * height + 8 * r + 3) * width + 3;
      const lower = upper + width;
      for (let i = 0; i < columns * 8; i += 8) {
        out.data[to++] =
          0.25 * (source[upper + i] + source[upper + i + 1] + source[lower + i] + source[lower + i + 1]);
      }
    }
  }
  return out;
}
