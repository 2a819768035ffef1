/**
 * Crop of one part for its network: the photo and the up-sampled front coarse normals, both sampled through
 * imageFromPart at the crop's pixels only. The reference warps whole canvases and cuts out the centre: same values.
 * The up-sampled normals are never stored: each of the four corners is interpolated from the coarse map.
 * Source: docs/method.md#part-crops.
 */
import { type PlanarMap, planarMap } from '../../base/images.ts';
import { atOnce, type Steps } from '../../base/steps.ts';
import type { Affine, CropSize } from '../../geometry/body.ts';
import {
  cropOrigin,
  SampleGrid,
  sampleZero,
  type UpsampleTable,
  upsampledAt,
  upsampleTable,
} from './sampling.reference.ts';

/** Channels of a part network's input: RGB, front coarse normal, two zeros. */
export const PART_INPUT_CHANNELS = 8;

/**
 * @param input         f32 [3, S, S], network input.
 * @param coarseNormals f32 [>= 3, s, s]; the first three channels (front) are used.
 * @param crop          size of the part's crop, canvas px.
 * @param imageFromPart takes part coordinates to the image.
 * @returns f32 [8, h, w], last two channels zero. Caller owns it.
 */
export function* partInputSteps(
  input: PlanarMap,
  coarseNormals: PlanarMap,
  crop: CropSize,
  imageFromPart: Affine,
): Steps<PlanarMap> {
  const size = input.shape[1];
  const coarseSize = coarseNormals.shape[1];
  const { height, width } = crop;
  const top = cropOrigin(size, height);
  const left = cropOrigin(size, width);
  const grid = new SampleGrid(imageFromPart, size);
  const table = upsampleTable(coarseSize, size);
  const out = planarMap([PART_INPUT_CHANNELS, height, width]);
  const plane = height * width;
  const canvas = size * size;
  const coarse = coarseSize * coarseSize;
  for (let r = 0; r < height; r++) {
    yield;
    grid.beginRow(top + r);
    for (let c = 0; c < width; c++) {
      const x = grid.x(left + c);
      const y = grid.y(left + c);
      const to = r * width + c;
      for (let k = 0; k < 3; k++) {
        out.data[k * plane + to] = sampleZero(input.data, k * canvas, size, size, x, y);
        out.data[(3 + k) * plane + to] = sampleUpsampled(
          coarseNormals.data,
          k * coarse,
          coarseSize,
          size,
          table,
          x,
          y,
        );
      }
    }
  }
  return out;
}

export const partInput = atOnce(partInputSteps);

/** Bilinear sample, zero outside the fine canvas, of a plane that exists only at coarse resolution. */
function sampleUpsampled(
  data: Float32Array,
  offset: number,
  coarseSize: number,
  size: number,
  table: UpsampleTable,
  x: number,
  y: number,
): number {
  if (!(x > -1 && x < size && y > -1 && y < size)) return 0;
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  let sum = 0;
  for (let dy = 0; dy < 2; dy++) {
    const row = y0 + dy;
    if (row < 0 || row >= size) continue;
    const wy = dy === 0 ? 1 - fy : fy;
    for (let dx = 0; dx < 2; dx++) {
      const column = x0 + dx;
      if (column < 0 || column >= size) continue;
      const w = wy * (dx === 0 ? 1 - fx : fx);
      sum += w * upsampledAt(data, offset, coarseSize, table, table, row, column);
    }
  }
  return sum;
}
