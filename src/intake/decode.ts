/**
 * A picture file becomes pixels: upright (EXIF), sRGB, straight alpha. Runs in a worker (OffscreenCanvas).
 * Files are looked at before they are decoded, so that each wrong one gets its own sentence (image-header.ts).
 * Large photos are reduced by the decoder itself: a 12,000 px photo never lies in memory at full size in our code.
 */
import { StageError } from '../base/errors.ts';
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { foreignFormat, type ImageHeader, readImageHeader } from './image-header.ts';

/** Shortest allowed long side, px: below it there is no person to see. */
export const MIN_SIDE_PX = 256;
/** Longest allowed side, px. */
export const MAX_SIDE_PX = 12_000;
/** Long side above which photos are reduced while decoding, px; twice the canvas, so nothing visible is lost. */
export const DECODE_SIDE_PX = 4096;

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

const FORMATS = 'PNG, JPEG, WebP or AVIF';

function checkFile(bytes: Uint8Array, stage: string, what: string): ImageHeader {
  if (bytes.length === 0) {
    throw new StageError(stage, 'E_EMPTY_FILE', `The ${what} file is empty (0 bytes).`, {
      fix: 'Save or download the picture again, then drop it here.',
    });
  }
  const header = readImageHeader(bytes);
  if (!header) {
    const foreign = foreignFormat(bytes);
    if (foreign === 'heic') {
      throw new StageError(
        stage,
        'E_NOT_AN_IMAGE',
        `The ${what} is a HEIC picture, which browsers cannot read.`,
        {
          fix: 'Export it as JPEG (on an iPhone: Settings, Camera, Formats, "Most Compatible"), then drop that file.',
        },
      );
    }
    const message = foreign
      ? `The ${what} is a ${foreign.toUpperCase()} file, not ${FORMATS}.`
      : `The ${what} file is not a picture in ${FORMATS} format.`;
    throw new StageError(stage, 'E_NOT_AN_IMAGE', message, { fix: `Use a ${FORMATS} file.` });
  }
  if (header.truncated) {
    throw new StageError(stage, 'E_NOT_AN_IMAGE', `The ${what} file is cut off before its end.`, {
      fix: 'Copy or download the picture again; the file stops in the middle.',
    });
  }
  return header;
}

function checkSize(width: number, height: number): void {
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

const BITMAP_OPTIONS: ImageBitmapOptions = {
  imageOrientation: 'from-image',
  premultiplyAlpha: 'none',
  colorSpaceConversion: 'default',
};

async function decodeBitmap(
  blob: Blob,
  header: ImageHeader,
  stage: string,
  what: string,
  resize?: { width: number; height: number },
): Promise<ImageBitmap> {
  try {
    const type = `image/${header.format}`;
    return await createImageBitmap(blob.type === type ? blob : new Blob([blob], { type }), {
      ...BITMAP_OPTIONS,
      ...(resize && { resizeWidth: resize.width, resizeHeight: resize.height, resizeQuality: 'high' }),
    });
  } catch (cause) {
    throw new StageError(
      stage,
      'E_NOT_AN_IMAGE',
      `The ${what} file is damaged: the browser cannot decode this ${header.format.toUpperCase()}.`,
      { fix: 'Open it in a picture editor, save it again as PNG or JPEG, then drop that file.', cause },
    );
  }
}

/** Reads and closes a bitmap. Opaque pixels are exact; colours under alpha below 255 may be off by a rounding step. */
function pixelsOf(bitmap: ImageBitmap, stage: string): RgbaImage {
  const { width, height } = bitmap;
  try {
    const context = new OffscreenCanvas(width, height).getContext('2d', {
      willReadFrequently: true,
      colorSpace: 'srgb',
    });
    if (!context) throw new Error('no 2D canvas');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height, { colorSpace: 'srgb' });
    return { width, height, data: data as Uint8ClampedArray<ArrayBuffer> };
  } catch (cause) {
    throw new StageError(stage, 'E_MEMORY', `There is no memory for a picture of ${width} x ${height} px.`, {
      fix: 'Close other tabs or use a smaller photo.',
      cause,
    });
  } finally {
    bitmap.close();
  }
}

function isTranslucent(image: RgbaImage): boolean {
  for (let i = 3; i < image.data.length; i += 4) if (image.data[i] !== 255) return true;
  return false;
}

/** Size to decode to, so that the long side is at most DECODE_SIDE_PX. */
function reducedSize(width: number, height: number): { width: number; height: number } | undefined {
  const factor = DECODE_SIDE_PX / Math.max(width, height);
  if (factor >= 1) return undefined;
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/**
 * Decodes a photo.
 *
 * @param blob PNG, JPEG, WebP or AVIF.
 * @returns sRGB pixels, upright, straight alpha, long side at most 4096 px. Caller owns them.
 * @throws StageError E_EMPTY_FILE, E_NOT_AN_IMAGE (also truncated, damaged, HEIC), E_TOO_SMALL, E_TOO_LARGE, E_MEMORY.
 */
export async function decodePhoto(blob: Blob): Promise<DecodedPhoto> {
  const header = checkFile(new Uint8Array(await blob.arrayBuffer()), 'photo', 'photo');
  if (header.size) checkSize(header.size.width, header.size.height);
  const resize = header.size ? reducedSize(header.size.width, header.size.height) : undefined;
  let bitmap = await decodeBitmap(blob, header, 'photo', 'photo', resize);
  const original = header.size ?? { width: bitmap.width, height: bitmap.height };
  if (!header.size) {
    checkSize(original.width, original.height);
    const late = reducedSize(original.width, original.height);
    if (late) {
      bitmap.close();
      bitmap = await decodeBitmap(blob, header, 'photo', 'photo', late);
    }
  }
  const reduced = Math.max(bitmap.width, bitmap.height) < Math.max(original.width, original.height);
  const image = pixelsOf(bitmap, 'photo');
  const notices: string[] = [];
  if (reduced) {
    notices.push(
      `The photo (${original.width} x ${original.height} px) was reduced to ${image.width} x ${image.height} px.`,
    );
  }
  return {
    image,
    hasAlpha: header.format !== 'jpeg' && isTranslucent(image),
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
export async function decodeMask(
  blob: Blob,
  photoSize: { readonly width: number; readonly height: number },
): Promise<GreyImage> {
  const header = checkFile(new Uint8Array(await blob.arrayBuffer()), 'matte', 'mask');
  const wrongSize = (size: { width: number; height: number }) =>
    new StageError(
      'matte',
      'E_BAD_MASK',
      `The mask is ${size.width} x ${size.height} px, but the photo is ${photoSize.width} x ${photoSize.height} px.`,
      { fix: 'Save the mask at exactly the size of the photo, or leave it out.' },
    );
  const same = (size: { width: number; height: number }) =>
    size.width === photoSize.width && size.height === photoSize.height;
  if (header.size && !same(header.size)) throw wrongSize(header.size);
  const bitmap = await decodeBitmap(
    blob,
    header,
    'matte',
    'mask',
    reducedSize(photoSize.width, photoSize.height),
  );
  if (!header.size && !same(bitmap)) {
    const size = { width: bitmap.width, height: bitmap.height };
    bitmap.close();
    throw wrongSize(size);
  }
  const { width, height, data } = pixelsOf(bitmap, 'matte');
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
