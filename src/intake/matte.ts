/**
 * Who is in the picture: the matte on the canvas, from the first source that holds.
 * Order: a mask file, the photo's own transparency, a background that is already black (FACTS section 3: max(R, G, B)
 * above 8, 7x7 closing, largest component), a uniform background, else the pose graphs' coarse person probability refined
 * against the photo. Replicate padding around a photo that is not square is never part of the person.
 */
import { StageError } from '../base/errors.ts';
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { photoRectangle, type SquareMapping } from '../geometry/keypoints.ts';
import { type BinaryImage, close, countOnes, largestComponent } from './binary-image.ts';
import { trimBlackRim } from './black-rim.ts';
import { keepDarkCloth } from './dark-cloth.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { segmentedMatte } from './segmented-matte.ts';
import { uniformBackgroundMatte } from './uniform-background.ts';

export type MatteSource = 'alpha' | 'mask' | 'black background' | 'uniform background' | 'segmentation';

export interface MatteInput {
  /** The photo on the canvas, 2048 x 2048, with its alpha. */
  readonly photo: RgbaImage;
  readonly mapping: SquareMapping;
  readonly hasAlpha: boolean;
  /** Mask of the photo (decodeMask), any reduction of its size; null when none was given. */
  readonly mask: GreyImage | null;
  /** Mend what a cut-out on black gets wrong: its black rim (black-rim.ts), torn black clothes (dark-cloth.ts). */
  readonly robust: boolean;
  /** Person and outline in the canvas picture; called only when nothing simpler holds. */
  readonly segment: () => Promise<EstimatedPose | null>;
}

export interface Matte {
  /** 2048 x 2048, 255 = person. Foreground is >= 128. */
  readonly matte: GreyImage;
  readonly source: MatteSource;
  /** Sentences the visitor should know. */
  readonly notices: readonly string[];
}

/** Background level of cut-out pictures: the largest of R, G, B up to this is black. FACTS section 3. */
const BLACK_LEVEL = 8;
/** Share of the outermost pixels that must be black for a picture to be taken as cut out on black. */
const BLACK_BORDER_SHARE = 0.9;
/** Fewest pixels of a person, share of the canvas: a figure 200 px tall. */
const MIN_SHARE = 0.002;
/** Transparency counts when at least this share of the photo is see-through (rounded corners do not). */
const MIN_TRANSPARENT_SHARE = 0.02;

function clipToPhoto(data: Uint8Array, mapping: SquareMapping): void {
  const { left, top, right, bottom } = photoRectangle(mapping);
  data.fill(0, 0, top * CANVAS_SIZE);
  data.fill(0, bottom * CANVAS_SIZE);
  for (let y = top; y < bottom; y++) {
    data.fill(0, y * CANVAS_SIZE, y * CANVAS_SIZE + left);
    data.fill(0, y * CANVAS_SIZE + right, (y + 1) * CANVAS_SIZE);
  }
}

function greyOf(image: BinaryImage): GreyImage {
  return { width: image.width, height: image.height, data: image.data.map((v) => v * 255) };
}

function assertSomebody(matte: GreyImage): void {
  let n = 0;
  for (let i = 0; i < matte.data.length; i++) if (matte.data[i] >= 128) n++;
  if (n < MIN_SHARE * matte.data.length) {
    throw new StageError(
      'matte',
      'E_EMPTY_MATTE',
      'Almost nothing is left of the photo after the background.',
      {
        fix: 'Use a photo in which the person stands out and fills more of the picture, or give a mask.',
      },
    );
  }
}

function alphaMatte({ photo, mapping }: MatteInput): GreyImage | null {
  const data = new Uint8Array(CANVAS_SIZE * CANVAS_SIZE);
  for (let i = 0; i < data.length; i++) data[i] = photo.data[i * 4 + 3];
  clipToPhoto(data, mapping);
  const { left, top, right, bottom } = photoRectangle(mapping);
  let opaque = 0;
  for (let i = 0; i < data.length; i++) if (data[i] >= 128) opaque++;
  const area = (right - left) * (bottom - top);
  if (opaque > area * (1 - MIN_TRANSPARENT_SHARE)) return null;
  return { width: CANVAS_SIZE, height: CANVAS_SIZE, data };
}

/** Bilinear, pixel centres at half steps; the mask covers exactly the photo's rectangle. */
function maskMatte(mask: GreyImage, mapping: SquareMapping): GreyImage {
  const data = new Uint8Array(CANVAS_SIZE * CANVAS_SIZE);
  const { left, top, right, bottom } = photoRectangle(mapping);
  const stepX = mask.width / (mapping.width * mapping.scale);
  const stepY = mask.height / (mapping.height * mapping.scale);
  const clamp = (v: number, most: number) => Math.max(0, Math.min(most, v));
  for (let y = top; y < bottom; y++) {
    const v = clamp((y + 0.5 - mapping.offsetY * mapping.scale) * stepY - 0.5, mask.height - 1);
    const y0 = Math.floor(v);
    const y1 = Math.min(mask.height - 1, y0 + 1);
    for (let x = left; x < right; x++) {
      const u = clamp((x + 0.5 - mapping.offsetX * mapping.scale) * stepX - 0.5, mask.width - 1);
      const x0 = Math.floor(u);
      const x1 = Math.min(mask.width - 1, x0 + 1);
      const fx = u - x0;
      const upper = mask.data[y0 * mask.width + x0] * (1 - fx) + mask.data[y0 * mask.width + x1] * fx;
      const lower = mask.data[y1 * mask.width + x0] * (1 - fx) + mask.data[y1 * mask.width + x1] * fx;
      data[y * CANVAS_SIZE + x] = Math.round(upper + (lower - upper) * (v - y0));
    }
  }
  return { width: CANVAS_SIZE, height: CANVAS_SIZE, data };
}

/**
 * Matte of a picture that is already cut out on black; null when its border is not black.
 * The bottom border is not asked: people are often cut off there.
 *
 * @param robust also mends what the brightness alone gets wrong.
 */
export function blackBackgroundMatte(
  photo: RgbaImage,
  mapping: SquareMapping,
  robust = false,
): GreyImage | null {
  const brightness = new Uint8Array(CANVAS_SIZE * CANVAS_SIZE);
  for (let i = 0; i < brightness.length; i++) {
    const j = i * 4;
    brightness[i] = Math.max(photo.data[j], photo.data[j + 1], photo.data[j + 2]);
  }
  const bright = brightness.map((v) => (v > BLACK_LEVEL ? 1 : 0));
  clipToPhoto(bright, mapping);
  const { left, top, right, bottom } = photoRectangle(mapping);
  let lit = 0;
  for (let x = left; x < right; x++) lit += bright[top * CANVAS_SIZE + x];
  for (let y = top; y < bottom; y++) {
    lit += bright[y * CANVAS_SIZE + left] + bright[y * CANVAS_SIZE + right - 1];
  }
  if (lit > (1 - BLACK_BORDER_SHARE) * (right - left + 2 * (bottom - top))) return null;
  const whole = { width: CANVAS_SIZE, height: CANVAS_SIZE, data: bright };
  const person = largestComponent(close(whole, 3));
  if (countOnes(person) === 0) return null;
  // The rim first: it would make every gap look as if dark cloth were around it.
  return greyOf(robust ? keepDarkCloth(trimBlackRim(person, brightness), brightness) : person);
}

/**
 * The matte of a photo on the canvas.
 *
 * @returns a new grey picture; the caller owns it.
 * @throws StageError E_EMPTY_MATTE when (almost) nothing is left, E_NO_PERSON when the picture itself must be asked and
 *   nobody is seen in it.
 */
export async function makeMatte(input: MatteInput): Promise<Matte> {
  const { photo, mapping } = input;
  const done = (matte: GreyImage, source: MatteSource, notices: readonly string[] = []): Matte => {
    assertSomebody(matte);
    return { matte, source, notices };
  };
  if (input.mask) return done(maskMatte(input.mask, mapping), 'mask');
  const alpha = input.hasAlpha ? alphaMatte(input) : null;
  if (alpha) return done(alpha, 'alpha');
  const black = blackBackgroundMatte(photo, mapping, input.robust);
  if (black) return done(black, 'black background');
  const uniform = uniformBackgroundMatte(photo, mapping);
  if (uniform) return done(uniform, 'uniform background');

  const found = await input.segment();
  if (!found?.mask) {
    throw new StageError('matte', 'E_NO_PERSON', 'Nobody was found in this photo.', {
      fix: 'Use a photo of one person who stands whole in the picture, or give a mask.',
    });
  }
  const matte = segmentedMatte(photo, mapping, found.mask);
  return done(matte, 'segmentation', [
    'The outline was found by a general person detector; look at it closely.',
  ]);
}
