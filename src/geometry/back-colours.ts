/**
 * Colours for the side of the person that nobody saw, pixel for pixel on the same canvas (the back surface is seen
 * through the front picture, docs/method.md#data-set). The rule:
 *   - head: no face. Hair colours, taken where the picture shows hair (upper rim of the head and what resembles it),
 *     are spread over the whole back of the head down to the hairline, then skin of the neck.
 *   - torso: colours are what the flanks show at the same height. Pixels of the middle that look like the flanks stay
 *     (cloth, folds, patterns); pixels that do not (shirt in an open jacket, tie, print, collar, hands in front) are
 *     replaced by the flanks' colours, interpolated from left to right.
 *   - the rest keeps the front's colours.
 *   - along the outline, where the photo mixes person and background, colours come from a few pixels further inside.
 * It is a guess and is marked as one (the mesh's `seen` attribute is 0 there). A pack with a network for it paints better
 * (back-paint.ts).
 */
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { BACK_SIDE, type BackCanvas } from './back-canvas.ts';
import { backFrames } from './back-frames.ts';
import { paintHeadBack } from './back-head.ts';
import { paintTorsoBack } from './back-torso.ts';
import { bilinearAxis } from './bilinear-axis.ts';
import type { KeypointTable } from './body.ts';
import { emptyColours, pullPushSteps, type WeightedColours } from './pull-push.ts';

/** Outline pixels within this distance of the background are not trusted, canvas px: lens and matte blur. */
const RIM_PX = 5;

/** Working-size means over person pixels that lie at least RIM_PX inside; weight 1 only for full blocks. */
function* readFront(photo: RgbaImage, matte: GreyImage): Steps<WeightedColours> {
  const front = emptyColours(BACK_SIDE);
  const step = photo.width / BACK_SIDE;
  const inside = new Uint8Array(BACK_SIDE * BACK_SIDE);
  for (let y = 0; y < BACK_SIDE; y++) {
    yield;
    for (let x = 0; x < BACK_SIDE; x++) {
      const sum = [0, 0, 0];
      let n = 0;
      for (let dy = 0; dy < step; dy++) {
        for (let dx = 0; dx < step; dx++) {
          const i = (y * step + dy) * photo.width + x * step + dx;
          if (matte.data[i] < 128) continue;
          n++;
          for (let c = 0; c < 3; c++) sum[c] += photo.data[i * 4 + c];
        }
      }
      const out = y * BACK_SIDE + x;
      if (n < step * step) continue;
      inside[out] = 1;
      for (let c = 0; c < 3; c++) front.planes[c][out] = sum[c] / n;
    }
  }
  const reach = Math.max(1, Math.round(RIM_PX / step));
  for (let y = reach; y < BACK_SIDE - reach; y++) {
    yield;
    for (let x = reach; x < BACK_SIDE - reach; x++) {
      let all = 1;
      for (let dy = -reach; dy <= reach && all; dy++) {
        for (let dx = -reach; dx <= reach && all; dx++) all &= inside[(y + dy) * BACK_SIDE + x + dx];
      }
      front.weight[y * BACK_SIDE + x] = all;
    }
  }
  return front;
}

/**
 * Paints the unseen side.
 *
 * @param photo     2048 x 2048 canvas picture.
 * @param matte     the same size, person >= 128.
 * @param keypoints 31 keypoints on the canvas, complete (robust mode).
 * @returns new picture, defined on the whole canvas; alpha 255.
 */
export function* backColoursSteps(
  photo: RgbaImage,
  matte: GreyImage,
  keypoints: KeypointTable,
): Steps<RgbaImage> {
  const front = yield* readFront(photo, matte);
  const n = BACK_SIDE * BACK_SIDE;
  const canvas: BackCanvas = {
    frames: backFrames(keypoints),
    step: photo.width / BACK_SIDE,
    front,
    guess: [new Float32Array(n), new Float32Array(n), new Float32Array(n)],
    replace: new Float32Array(n),
  };
  yield;
  yield* paintTorsoBack(canvas);
  yield;
  yield* paintHeadBack(canvas);
  yield;

  // What the outline shows instead of the mixed pixels of the photo.
  const spread: WeightedColours = {
    side: BACK_SIDE,
    planes: [front.planes[0].slice(), front.planes[1].slice(), front.planes[2].slice()],
    weight: front.weight.slice(),
  };
  if (!(yield* pullPushSteps(spread)))
    return { width: photo.width, height: photo.height, data: photo.data.slice() };
  const { width, height } = photo;
  const data = new Uint8ClampedArray(width * height * 4);
  const columns = bilinearAxis(width, BACK_SIDE);
  const rows = bilinearAxis(height, BACK_SIDE);
  const layers = [...spread.planes, ...canvas.guess, front.weight, canvas.replace];
  const line = layers.map(() => new Float32Array(BACK_SIDE));
  for (let y = 0; y < height; y++) {
    yield;
    const base = rows.index[y] * BACK_SIDE;
    const fy = rows.fraction[y];
    layers.forEach((layer, k) => {
      for (let x = 0; x < BACK_SIDE; x++) {
        line[k][x] = layer[base + x] * (1 - fy) + layer[base + BACK_SIDE + x] * fy;
      }
    });
    for (let x = 0; x < width; x++) {
      const k = columns.index[x];
      const f = columns.fraction[x];
      const j = (y * width + x) * 4;
      const trusted = line[6][k] + (line[6][k + 1] - line[6][k]) * f;
      const replaced = line[7][k] + (line[7][k + 1] - line[7][k]) * f;
      for (let c = 0; c < 3; c++) {
        const outline = line[c][k] + (line[c][k + 1] - line[c][k]) * f;
        const guess = line[3 + c][k] + (line[3 + c][k + 1] - line[3 + c][k]) * f;
        const seen = photo.data[j + c] * trusted + outline * (1 - trusted);
        data[j + c] = seen * (1 - replaced) + guess * replaced;
      }
      data[j + 3] = 255;
    }
  }
  return { width, height, data };
}

export const backColours = atOnce(backColoursSteps);
