/**
 * A picture file becomes pixels: upright, sRGB, straight alpha. Runs in a worker (OffscreenCanvas).
 * Files are known by their content and mended where they are cut off (stored-picture.ts); here they are reduced to a
 * working size, turned, and read.
 */
import { StageError } from '../base/errors.ts';
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { type Size, turnedSize, turnTransform } from './exif-turn.ts';
import { openPicture, type PictureUse, type StoredPicture } from './stored-picture.ts';

/** Shortest allowed long side, px: below it there is no person to see. */
const MIN_SIDE_PX = 256;
/** Longest allowed side, px. */
const MAX_SIDE_PX = 12_000;
/** Long side above which photos are reduced while decoding, px; twice the canvas, so nothing visible is lost. */
const DECODE_SIDE_PX = 4096;

export interface DecodedPhoto {
  /** Pixels, perhaps reduced. */
  readonly image: RgbaImage;
  /** Some pixel is not opaque. */
  readonly hasAlpha: boolean;
  /** Size of the photo as shown, before any reduction, px: the frame of its keypoints. */
  readonly originalWidth: number;
  readonly originalHeight: number;
  /** Sentences the visitor should know. */
  readonly notices: readonly string[];
}

function checkPhotoSize({ width, height }: Size): void {
  const long = Math.max(width, height);
  const size = `${width} x ${height} px`;
  if (long < MIN_SIDE_PX || Math.min(width, height) < MIN_SIDE_PX / 8) {
    throw new StageError('photo', 'E_TOO_SMALL', `The photo is too small: ${size}.`, {
      fix: `Use a photo of at least ${MIN_SIDE_PX} px on its long side; 2,000 px give the best detail.`,
    });
  }
  if (long > MAX_SIDE_PX) {
    throw new StageError('photo', 'E_TOO_LARGE', `The photo is too large: ${size}.`, {
      fix: `Reduce it to at most ${MAX_SIDE_PX.toLocaleString('en')} px on its long side; 2,048 px are enough.`,
    });
  }
}

/** Size to decode to, so that the long side is at most `side`. */
function reducedSize({ width, height }: Size, side: number): Size | null {
  const factor = side / Math.max(width, height);
  if (factor >= 1) return null;
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** The bitmap at its working size. Gives back or closes the one it is given. */
async function reduced(bitmap: ImageBitmap, side: number): Promise<ImageBitmap> {
  const size = reducedSize(bitmap, side);
  if (!size) return bitmap;
  try {
    return await createImageBitmap(bitmap, {
      resizeWidth: size.width,
      resizeHeight: size.height,
      resizeQuality: 'high',
      premultiplyAlpha: 'none',
    });
  } finally {
    bitmap.close();
  }
}

/**
 * Covers what never arrived with the mean colour of the border, so that a plain background stays plain.
 *
 * @param row first row without data, in the frame as stored.
 */
function coverMissing(
  context: OffscreenCanvasRenderingContext2D,
  { width, height }: Size,
  row: number,
): void {
  const sum = [0, 0, 0];
  const border: [x: number, y: number, width: number, height: number][] = [
    [0, 0, width, 1],
    [0, 0, 1, row],
    [width - 1, 0, 1, row],
  ];
  let count = 0;
  for (const [x, y, w, h] of border) {
    const { data } = context.getImageData(x, y, w, h, { colorSpace: 'srgb' });
    for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) sum[c] += data[i + c];
    count += data.length / 4;
  }
  context.fillStyle = `rgb(${sum.map((value) => Math.round(value / count)).join(' ')})`;
  context.clearRect(0, row, width, height - row);
  context.fillRect(0, row, width, height - row);
}

function canvasOf({ width, height }: Size): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    willReadFrequently: true,
    colorSpace: 'srgb',
  });
  if (!context) throw new Error('no 2D canvas');
  context.imageSmoothingEnabled = false;
  return context;
}

/**
 * Reads and closes a picture. Opaque pixels are exact; colours under alpha below 255 may be off by a rounding step.
 *
 * @returns upright pixels, long side at most `side`.
 */
async function pixelsOf(picture: StoredPicture, stage: string, side = DECODE_SIDE_PX): Promise<RgbaImage> {
  const full = { width: picture.bitmap.width, height: picture.bitmap.height };
  let bitmap: ImageBitmap | null = null;
  try {
    bitmap = await reduced(picture.bitmap, side);
    const stored = { width: bitmap.width, height: bitmap.height };
    let source: CanvasImageSource = bitmap;
    const row = Math.floor(picture.arrived * stored.height);
    if (row < stored.height) {
      const context = canvasOf(stored);
      context.drawImage(bitmap, 0, 0);
      coverMissing(context, stored, row);
      source = context.canvas;
    }
    const { width, height } = turnedSize(stored, picture.turn);
    const context = canvasOf({ width, height });
    context.setTransform(...turnTransform(stored, picture.turn));
    context.drawImage(source, 0, 0);
    const { data } = context.getImageData(0, 0, width, height, { colorSpace: 'srgb' });
    return { width, height, data: data as Uint8ClampedArray<ArrayBuffer> };
  } catch (cause) {
    const size = `${full.width} x ${full.height} px`;
    throw new StageError(stage, 'E_MEMORY', `There is no memory for a picture of ${size}.`, {
      fix: 'Close other tabs or use a smaller photo.',
      cause,
    });
  } finally {
    (bitmap ?? picture.bitmap).close();
  }
}

function isTranslucent(image: RgbaImage): boolean {
  for (let i = 3; i < image.data.length; i += 4) if (image.data[i] !== 255) return true;
  return false;
}

/** Formats without transparency. */
const OPAQUE = ['jpeg'];

/**
 * Decodes a photo.
 *
 * @param blob PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP or ICO, whatever it calls itself.
 * @param signal stops the decoding of a HEIC.
 * @param side longest side wanted, px; larger photos are reduced.
 * @returns sRGB pixels, upright, straight alpha, long side at most `side`. Caller owns them.
 * @throws StageError E_EMPTY_FILE, E_NOT_AN_IMAGE (damaged, hardly arrived, of a kind that we do not read), E_TOO_SMALL,
 * E_TOO_LARGE, E_MEMORY.
 */
export async function decodePhoto(
  blob: Blob,
  signal?: AbortSignal,
  side = DECODE_SIDE_PX,
): Promise<DecodedPhoto> {
  const use: PictureUse = {
    stage: 'photo',
    what: 'photo',
    maxSide: MAX_SIDE_PX,
    checkSize: checkPhotoSize,
    signal,
  };
  const picture = await openPicture(blob, use);
  const original = turnedSize(picture.bitmap, picture.turn);
  const image = await pixelsOf(picture, 'photo', side);
  const notices = [...picture.notices];
  if (Math.max(image.width, image.height) < Math.max(original.width, original.height)) {
    notices.push(
      `The photo (${original.width} x ${original.height} px) was reduced to ${image.width} x ${image.height} px.`,
    );
  }
  return {
    image,
    hasAlpha: !OPAQUE.includes(picture.format) && isTranslucent(image),
    originalWidth: original.width,
    originalHeight: original.height,
    notices,
  };
}

/**
 * Decodes a mask picture: white = person. Grey is the mean of R, G, B; where the picture has transparency, that
 * counts too (a white figure on nothing is a mask as well).
 *
 * @param photoSize size of the photo as shown, px. The mask must have it.
 * @returns grey 0..255, long side at most 4096 px, caller owns it.
 * @throws StageError E_EMPTY_FILE, E_NOT_AN_IMAGE, E_BAD_MASK (another size, nothing white, no background).
 */
export async function decodeMask(blob: Blob, photoSize: Size, signal?: AbortSignal): Promise<GreyImage> {
  const use: PictureUse = {
    stage: 'matte',
    what: 'mask',
    maxSide: MAX_SIDE_PX,
    checkSize({ width, height }) {
      if (Math.max(width, height) > MAX_SIDE_PX) throw wrongMaskSize({ width, height }, photoSize);
    },
    signal,
  };
  const picture = await openPicture(blob, use);
  const size = turnedSize(picture.bitmap, picture.turn);
  if (size.width !== photoSize.width || size.height !== photoSize.height) {
    picture.bitmap.close();
    throw wrongMaskSize(size, photoSize);
  }
  const { width, height, data } = await pixelsOf(picture, 'matte');
  const grey = new Uint8Array(width * height);
  let white = 0;
  for (let i = 0; i < grey.length; i++) {
    const j = i * 4;
    grey[i] = Math.round(((data[j] + data[j + 1] + data[j + 2]) * data[j + 3]) / 765);
    if (grey[i] >= 128) white++;
  }
  if (white === 0) {
    throw new StageError('matte', 'E_BAD_MASK', 'The mask is empty: no pixel is white.', {
      fix: 'Paint the person white on black, or leave the mask out.',
    });
  }
  return { width, height, data: grey };
}

const wrongMaskSize = (size: Size, photo: Size) =>
  new StageError(
    'matte',
    'E_BAD_MASK',
    `The mask is ${size.width} x ${size.height} px, but the photo is ${photo.width} x ${photo.height} px.`,
    { fix: 'Save the mask at exactly the size of the photo, or leave it out.' },
  );
