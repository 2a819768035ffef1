/**
 * Black clothes: holes from a cut-out on black, and cloth too dark for the networks.
 *
 * A cut-out by brightness alone leaves holes in them; a hole or a notch counts as cloth, not as a gap
 * to the background, when everything around it is nearly black too: a gap between an arm and the body is bordered by
 * something brighter. Where both legs are in black the narrow gap between them may close as well. Not in the original, whose
 * pictures come with such holes.
 */
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { FOREGROUND_LEVEL } from '../gpu/kernels/network-input.reference.ts';
import { type BinaryImage, closeSteps, fillHoles, label } from './binary-image.ts';

/** Notches up to twice this wide are looked at, px of the canvas. */
const REACH = 12;
/** A hole larger than this is none in the cloth, px: a hand's breadth square. */
export const LARGEST_HOLE = 12_000;
/** Mean of max(R, G, B) along the border up to which it is dark. */
const DARK_LEVEL = 32;
/** So far into the person the border reaches, px: past the pixels that mix with the hole. */
const BORDER = 4;

/**
 * @param person     what is brighter than the background; stays as it is.
 * @param brightness max(R, G, B) of every pixel.
 * @returns the person with the holes and notches that dark cloth left in it.
 */
export function* keepDarkClothSteps(person: BinaryImage, brightness: Uint8Array): Steps<BinaryImage> {
  const { width, height, data } = person;
  const closed = yield* closeSteps(person, REACH);
  yield;
  const whole = fillHoles(closed, LARGEST_HOLE);
  yield;
  const missing = { width, height, data: whole.data.map((v, i) => v & (data[i] ^ 1)) };
  yield;
  const holes = label(missing, 1, false);
  yield;
  const indices = holes.indices();
  const sums = new Float64Array(holes.components.length);
  const counts = new Float64Array(holes.components.length);
  for (const [index, hole] of holes.components.entries()) {
    for (let y = hole.top; y < hole.bottom; y++) {
      yield;
      for (let x = hole.left; x < hole.right; x++) {
        if (indices[y * width + x] !== index) continue;
        for (const [dx, dy] of [
          [1, 0],
          [-1, 0],
          [0, 1],
          [0, -1],
        ]) {
          for (let k = 1; k <= BORDER; k++) {
            const column = x + k * dx;
            const row = y + k * dy;
            if (column < 0 || row < 0 || column >= width || row >= height) break;
            const at = row * width + column;
            if (!data[at]) continue;
            sums[index] += brightness[at];
            counts[index]++;
          }
        }
      }
    }
  }
  const out = data.slice();
  holes.paint(out, 1, (_, index) => counts[index] > 0 && sums[index] <= DARK_LEVEL * counts[index]);
  return { width, height, data: out };
}

export const keepDarkCloth = atOnce(keepDarkClothSteps);

/** No pixel of a person is darker than this for the networks, max(R, G, B). On a photo with lost trousers 10, 20 and 32 did. */
const DARKEST_SEEN = 16;

/**
 * Clothes so dark that nothing of them is left in the photo are the same black as what the matte took away: the networks
 * then see no cloth and leave a hole. Such pixels are given a little grey.
 *
 * @param photo 2048 x 2048 canvas picture; stays as it is.
 * @param matte of the same size.
 * @returns the photo itself, or a new picture in which the person is nowhere darker than 16 of 255.
 */
export function liftBlack(photo: RgbaImage, matte: GreyImage): RgbaImage {
  let data: Uint8ClampedArray<ArrayBuffer> | null = null;
  for (let i = 0; i < matte.data.length; i++) {
    if (matte.data[i] < FOREGROUND_LEVEL) continue;
    const j = i * 4;
    const lift = DARKEST_SEEN - Math.max(photo.data[j], photo.data[j + 1], photo.data[j + 2]);
    if (lift <= 0) continue;
    data ??= photo.data.slice();
    for (let c = 0; c < 3; c++) data[j + c] += lift;
  }
  return data ? { width: photo.width, height: photo.height, data } : photo;
}
