/**
 * Who is in the picture: the matte on the canvas, from the first provider that answers (MATTE_PROVIDERS).
 * Order: a mask file, the photo's own transparency, a background that is already black (docs/method.md#mask: max(R, G, B)
 * above 8, 7x7 closing, largest component), a uniform background, else the pose graphs' coarse person probability refined
 * against the photo. Replicate padding around a photo that is not square is never part of the person.
 */
import { StageError } from '../base/errors.ts';
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { atOnce, type Pace, type Steps, unpaced } from '../base/steps.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { photoRectangle, type SquareMapping } from '../geometry/keypoints.ts';
import { type BinaryImage, closeSteps, countOnes, largestComponent } from './binary-image.ts';
import { trimBlackRimSteps } from './black-rim.ts';
import { keepDarkClothSteps } from './dark-cloth.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { judgedMatteSteps } from './judged-matte.ts';
import { detailedMatteSteps } from './matte-detail.ts';
import type { CropAlpha } from './matte-network.ts';
import { withoutOthers } from './other-people.ts';
import { segmentedMatteSteps } from './segmented-matte.ts';
import { uniformBackgroundMatteSteps } from './uniform-background.ts';

export type MatteSource =
  | 'mask'
  | 'alpha'
  | 'black background'
  | 'uniform background'
  | 'own network'
  | 'matte network'
  | 'segmentation';

/** What a provider may look at; only what it names in `reads` is there for certain. */
export interface MatteInput {
  /** The photo on the canvas, 2048 x 2048, with its alpha. */
  readonly photo: RgbaImage;
  readonly mapping: SquareMapping;
  readonly hasAlpha: boolean;
  /** Mask of the photo (decodeMask), any reduction of its size; null when none was given. */
  readonly mask: GreyImage | null;
  /** Mend what a cut-out on black gets wrong: its black rim (black-rim.ts), torn black clothes (dark-cloth.ts). */
  readonly robust: boolean;
  /** What the pose graphs see on the canvas; null when they see nobody, or were not asked. */
  readonly detected: EstimatedPose | null;
  /**
   * Person probability of the canvas, any size, that a cut-out by the background's colour must agree with
   * (judged-matte.ts); null or left out: not asked (reference mode), or nobody was seen.
   */
  readonly judge?: GreyImage | null;
  /** 1 where a pixel of the canvas is another person's (other-people.ts). */
  readonly others?: Uint8Array | null;
  /** What the visitor's own matting network says; null when there is none. */
  readonly ownNetwork: CropAlpha | null;
  /** What the pack's says; null when there is none, or nobody is seen. */
  readonly matteNetwork: CropAlpha | null;
}

export interface Matte {
  /** 2048 x 2048, 255 = person. Foreground is >= 128. */
  readonly matte: GreyImage;
  readonly source: MatteSource;
  /** Sentences the visitor should know. */
  readonly notices: readonly string[];
}

/** Background level of cut-out pictures: the largest of R, G, B up to this is black. docs/method.md#mask. */
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

function alphaMatte({ photo, mapping, hasAlpha }: MatteInput): GreyImage | null {
  if (!hasAlpha) return null;
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
function* maskMatte(mask: GreyImage, mapping: SquareMapping): Steps<GreyImage> {
  const data = new Uint8Array(CANVAS_SIZE * CANVAS_SIZE);
  const { left, top, right, bottom } = photoRectangle(mapping);
  const stepX = mask.width / (mapping.width * mapping.scale);
  const stepY = mask.height / (mapping.height * mapping.scale);
  const clamp = (v: number, most: number) => Math.max(0, Math.min(most, v));
  for (let y = top; y < bottom; y++) {
    yield;
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
function* blackBackgroundMatteSteps(
  photo: RgbaImage,
  mapping: SquareMapping,
  robust = false,
  others: Uint8Array | null = null,
): Steps<GreyImage | null> {
  const brightness = new Uint8Array(CANVAS_SIZE * CANVAS_SIZE);
  for (let i = 0; i < brightness.length; i++) {
    const j = i * 4;
    brightness[i] = Math.max(photo.data[j], photo.data[j + 1], photo.data[j + 2]);
  }
  yield;
  const bright = brightness.map((v) => (v > BLACK_LEVEL ? 1 : 0));
  clipToPhoto(bright, mapping);
  const { left, top, right, bottom } = photoRectangle(mapping);
  let lit = 0;
  for (let x = left; x < right; x++) lit += bright[top * CANVAS_SIZE + x];
  for (let y = top; y < bottom; y++) {
    lit += bright[y * CANVAS_SIZE + left] + bright[y * CANVAS_SIZE + right - 1];
  }
  if (lit > (1 - BLACK_BORDER_SHARE) * (right - left + 2 * (bottom - top))) return null;
  withoutOthers(bright, others);
  const whole = { width: CANVAS_SIZE, height: CANVAS_SIZE, data: bright };
  const closed = yield* closeSteps(whole, 3);
  yield;
  const person = largestComponent(closed);
  yield;
  if (countOnes(person) === 0) return null;
  // The rim first: it would make every gap look as if dark cloth were around it.
  if (!robust) return greyOf(person);
  const trimmed = yield* trimBlackRimSteps(person, brightness);
  return greyOf(yield* keepDarkClothSteps(trimmed, brightness));
}

export const blackBackgroundMatte = atOnce(blackBackgroundMatteSteps);

/** One way to tell the person from the rest. */
export interface MatteProvider {
  readonly source: MatteSource;
  /** What of its input it looks at, besides the photo itself. */
  readonly reads: readonly (
    | 'mask'
    | 'detected'
    | 'robust'
    | 'judge'
    | 'others'
    | 'ownNetwork'
    | 'matteNetwork'
  )[];
  /** Made by the visitor: what is found stays as it is. */
  readonly given: boolean;
  /** @returns null where this way does not hold: the next one is asked. @throws StageError E_NO_PERSON. */
  find(input: MatteInput): Steps<GreyImage | null>;
  /** A sentence the visitor should know when this one answered. */
  readonly notice?: string;
  /** Share of what it finds that may lie where the person network sees nobody (judged-matte.ts). */
  readonly mostForeign?: number;
}

/** In the order they are asked. Another source is another entry. */
export const MATTE_PROVIDERS: readonly MatteProvider[] = [
  {
    source: 'mask',
    reads: ['mask'],
    given: true,
    *find({ mask, mapping }) {
      return mask && (yield* maskMatte(mask, mapping));
    },
  },
  {
    source: 'alpha',
    reads: [],
    given: true,
    // biome-ignore lint/correctness/useYield: one short pass
    *find(input) {
      return alphaMatte(input);
    },
  },
  {
    // Who brought a network wants it to be asked, on plain grounds too.
    source: 'own network',
    reads: ['ownNetwork', 'others'],
    given: false,
    *find({ photo, mapping, ownNetwork, others = null }) {
      const matte = ownNetwork && (yield* detailedMatteSteps(photo, mapping, ownNetwork));
      if (matte) withoutOthers(matte.data, others);
      return matte;
    },
  },
  {
    source: 'black background',
    reads: ['robust', 'judge', 'others'],
    given: false,
    find: ({ photo, mapping, robust, others }) => blackBackgroundMatteSteps(photo, mapping, robust, others),
  },
  {
    source: 'uniform background',
    reads: ['judge', 'others'],
    given: false,
    // Joints of a panelled wall and the edge of the floor hang together with the person: no plain background.
    mostForeign: 0.04,
    find: ({ photo, mapping, others }) => uniformBackgroundMatteSteps(photo, mapping, others),
  },
  {
    source: 'matte network',
    reads: ['matteNetwork', 'others'],
    given: false,
    *find({ photo, mapping, matteNetwork, others = null }) {
      const matte = matteNetwork && (yield* detailedMatteSteps(photo, mapping, matteNetwork));
      if (matte) withoutOthers(matte.data, others);
      return matte;
    },
  },
  {
    source: 'segmentation',
    reads: ['detected', 'others'],
    given: false,
    notice: 'The outline was found by a general person detector; look at it closely.',
    *find({ photo, mapping, detected, others }) {
      if (!detected?.mask) {
        throw new StageError('matte', 'E_NO_PERSON', 'Nobody was found in this photo.', {
          fix: 'Use a photo of one person who stands whole in the picture, or give a mask.',
        });
      }
      return yield* segmentedMatteSteps(photo, mapping, detected.mask, others);
    },
  },
];

/**
 * What one provider finds.
 *
 * @returns a new grey picture, the caller's; null where the provider does not hold.
 * @throws StageError E_EMPTY_MATTE when (almost) nothing is left, E_NO_PERSON when the picture itself was asked and
 *   nobody is seen in it.
 */
export async function matteFrom(
  { source, find, notice, reads, mostForeign }: MatteProvider,
  input: MatteInput,
  pace: Pace = unpaced,
): Promise<Matte | null> {
  const matte = await pace(find(input));
  if (!matte) return null;
  const notices = notice ? [notice] : [];
  const { judge, photo, mapping, others = null } = input;
  if (!judge || !reads.includes('judge')) {
    assertSomebody(matte);
    return { matte, source, notices };
  }
  const judged = await pace(judgedMatteSteps(matte, judge, photo, mapping, others, mostForeign));
  if (!judged) return null;
  assertSomebody(judged.matte);
  if (judged.returnedPx > 0) {
    notices.push(
      'Parts of the person look like the background and were added by the person detector; look at the outline.',
    );
  }
  return { matte: judged.matte, source, notices };
}
