/**
 * Photo x matte -> network input, with the reference's fixed 8-bit colour change: brightness, contrast and
 * saturation, each out = trunc(d + 0.85 * (x - d)) in f32. The contrast step's d is one grey level of the whole
 * picture, black background included, so the background ends near but not at -1.
 * Source: docs/method.md#colour-steps. Bit-exact, also for the other five orders.
 */
import { StageError } from '../../base/errors.ts';
import { type GreyImage, type PlanarMap, planarMap, type RgbaImage } from '../../base/images.ts';
import { atOnce, type Steps } from '../../base/steps.ts';

/** Pixels between two pauses. */
const PAUSE_PIXELS = 2 ** 18;

/** Factor of all three steps, as f32. */
const FACTOR = Math.fround(0.85);

/** A matte value from here up is foreground. */
export const FOREGROUND_LEVEL = 128;

export type ColourStep = 'brightness' | 'contrast' | 'saturation';

/** The order the golden data fixes; the reference draws one at random per picture. */
export const COLOUR_ORDER: readonly ColourStep[] = ['brightness', 'contrast', 'saturation'];

/** trunc(d + 0.85 * (x - d)) in f32. */
export function moveToward(d: number, x: number): number {
  return Math.trunc(Math.fround(d + Math.fround(FACTOR * (x - d))));
}

/** 8-bit luma (19595 R + 38470 G + 7471 B + 32768) >> 16. */
function luma(r: number, g: number, b: number): number {
  return (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
}

/** `moveToward` of every pair, index d * 256 + x. */
const MOVED = Uint8Array.from({ length: 65536 }, (_, i) => moveToward(i >> 8, i & 255));

/** (v / 255 - 0.5) / 0.5 in f32. */
const NORMALISED = Float32Array.from({ length: 256 }, (_, v) =>
  Math.fround(Math.fround(Math.fround(v / 255) - 0.5) / 0.5),
);

/** Changes packed RGB (3 bytes per pixel) in place. */
function* changeColoursSteps(rgb: Uint8Array, order: readonly ColourStep[] = COLOUR_ORDER): Steps<void> {
  for (const step of order) {
    yield;
    if (step === 'saturation') saturate(rgb);
    else moveAll(rgb, step === 'brightness' ? 0 : meanGrey(rgb));
  }
}

export const changeColours = atOnce(changeColoursSteps);

/** floor(mean luma + 0.5) of packed RGB. */
function meanGrey(rgb: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < rgb.length; i += 3) sum += luma(rgb[i], rgb[i + 1], rgb[i + 2]);
  return Math.floor(sum / (rgb.length / 3) + 0.5);
}

function moveAll(rgb: Uint8Array, d: number): void {
  const table = MOVED.subarray(d * 256, d * 256 + 256);
  for (let i = 0; i < rgb.length; i++) rgb[i] = table[rgb[i]];
}

function saturate(rgb: Uint8Array): void {
  for (let i = 0; i < rgb.length; i += 3) {
    const row = luma(rgb[i], rgb[i + 1], rgb[i + 2]) << 8;
    rgb[i] = MOVED[row + rgb[i]];
    rgb[i + 1] = MOVED[row + rgb[i + 1]];
    rgb[i + 2] = MOVED[row + rgb[i + 2]];
  }
}

/**
 * Network input of a square photo.
 *
 * @param photo RGBA [S, S]; its alpha is not used.
 * @param matte [S, S]; foreground is >= 128, the rest becomes black before the colour change.
 * @returns f32 [3, S, S] in [-1, 1]. Caller owns it.
 * @throws StageError E_BAD_MASK when the sizes differ.
 */
export function* networkInputSteps(photo: RgbaImage, matte: GreyImage): Steps<PlanarMap> {
  const { width, height } = photo;
  if (matte.width !== width || matte.height !== height) {
    throw new StageError(
      'matte',
      'E_BAD_MASK',
      `The mask is ${matte.width} x ${matte.height} px, the photo ${width} x ${height}.`,
      { fix: 'Use a mask of the same size as the photo.' },
    );
  }
  const count = width * height;
  const rgb = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    if (i % PAUSE_PIXELS === 0) yield;
    if (matte.data[i] < FOREGROUND_LEVEL) continue;
    rgb[i * 3] = photo.data[i * 4];
    rgb[i * 3 + 1] = photo.data[i * 4 + 1];
    rgb[i * 3 + 2] = photo.data[i * 4 + 2];
  }
  yield* changeColoursSteps(rgb);
  yield;
  const out = planarMap([3, height, width]);
  for (let i = 0; i < count; i++) {
    if (i % PAUSE_PIXELS === 0) yield;
    out.data[i] = NORMALISED[rgb[i * 3]];
    out.data[count + i] = NORMALISED[rgb[i * 3 + 1]];
    out.data[2 * count + i] = NORMALISED[rgb[i * 3 + 2]];
  }
  return out;
}

export const networkInput = atOnce(networkInputSteps);
