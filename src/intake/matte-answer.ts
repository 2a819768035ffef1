/**
 * The matte network's answer for one person: the crop and its mirror image are asked and averaged (74 ms of one core more;
 * on 39 composites a twentieth less error), and pieces that it alone takes for the person must be sure.
 */
import type { RgbaImage } from '../base/images.ts';
import { type BinaryImage, dilate, label, open } from './binary-image.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { type CropAlpha, MATTE_CROP, matteCropBox, matteNetworkInput } from './matte-network.ts';

/** Where a place begins to be the person's, for the network and the pose graphs alike. */
const HALF = 0.5;
/**
 * Pieces beyond the pose graphs' outline that are this large, cells, must be this sure on average. On composites bags and hands
 * that the outline lacks had .89 and more; leaves, shadows and neighbours .63 to .82.
 */
const LEAST_PIECE = 15;
const SURE = 0.85;

/** Rows of planes reversed; new memory. */
export function mirroredRows(planes: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(planes);
  for (let at = 0; at < out.length; at += width) out.subarray(at, at + width).reverse();
  return out;
}

/**
 * Takes pieces away that neither network is sure of.
 *
 * @param alpha of the matte network, [height, width], 0..1; in place.
 * @param outline of the pose graphs, the same size.
 */
export function dropUnsureGains(
  alpha: Float32Array,
  outline: Float32Array,
  width: number,
  height: number,
): void {
  const data = Uint8Array.from(alpha, (value, i) => (value >= HALF && outline[i] < HALF ? 1 : 0));
  const gained = label(open({ width, height, data }, 1), 1, true);
  const index = gained.indices();
  const sums = new Float64Array(gained.components.length);
  for (let i = 0; i < index.length; i++) if (index[i] >= 0) sums[index[i]] += alpha[i];
  const unsure: BinaryImage = { width, height, data: new Uint8Array(data.length) };
  gained.paint(unsure.data, 1, ({ area }, k) => area >= LEAST_PIECE && sums[k] < SURE * area);
  const near = dilate(unsure, 1).data;
  for (let i = 0; i < near.length; i++) {
    if (near[i] && outline[i] < HALF) alpha[i] = Math.min(alpha[i], outline[i]);
  }
}

/**
 * @param photo the canvas. @param detected with an outline.
 * @param ask the network: [1, 4, 384, 256] to [1, 1, 384, 256].
 */
export async function askMatteNetwork(
  photo: RgbaImage,
  detected: EstimatedPose,
  ask: (
    input: Float32Array<ArrayBuffer>,
    dims: readonly [1, 4, number, number],
  ) => Promise<Float32Array<ArrayBuffer>>,
): Promise<CropAlpha> {
  const box = matteCropBox(detected, photo.width, photo.height);
  const { width, height } = MATTE_CROP;
  const input = matteNetworkInput(photo, detected, box);
  const outline = input.slice(3 * width * height);
  const mirrored = mirroredRows(input, width);
  const dims = [1, 4, height, width] as const;
  const plain = await ask(input, dims);
  const other = mirroredRows(await ask(mirrored, dims), width);
  const alpha = plain.map((value, i) => (value + other[i]) / 2);
  dropUnsureGains(alpha, outline, width, height);
  return { box, width, height, alpha };
}
