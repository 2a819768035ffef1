/**
 * How much of a picture a cut-off file really gave. The decoder is asked twice, with different bytes in place of those
 * that are missing: rows that come out alike were in the file, from the first one on that does not they were made up.
 * The only assumption is that a format is decoded from the top; it holds for every decoder.
 */

/** Pictures are compared at most this large, px. */
const COMPARE_WIDTH = 256;
const COMPARE_HEIGHT = 1024;
/** Middle grey: what decoders show where a JPEG gave nothing. */
const GREY = 128;
const GREY_TOLERANCE = 2;

export interface Sample {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** A small copy of a bitmap for comparing; the bitmap stays open. */
export function sampleOf(bitmap: ImageBitmap): Sample {
  const width = Math.min(bitmap.width, COMPARE_WIDTH);
  const height = Math.min(bitmap.height, COMPARE_HEIGHT);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  // Each sample is one pixel of the picture: a mean would carry a difference into rows that are sound.
  context.imageSmoothingEnabled = false;
  context.drawImage(bitmap, 0, 0, width, height);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

/** First row that differs, as a share of the height in [0, 1]; null when the two are alike. */
export function firstDifference(a: Sample, b: Sample): number | null {
  if (a.width !== b.width || a.height !== b.height) return 0;
  const rowBytes = a.width * 4;
  for (let i = 0; i < a.data.length; i++) {
    if (a.data[i] !== b.data[i]) return Math.floor(i / rowBytes) / a.height;
  }
  return null;
}

function isFlatRow({ width, data }: Sample, y: number): boolean {
  const row = y * width * 4;
  for (let i = 4; i < width * 4; i++) if (data[row + i] !== data[row + (i & 3)]) return false;
  return true;
}

/** The lowest rows have one colour each, as where a JPEG's data ended early; a plain wall has noise. */
export function hasFlatBottom(sample: Sample): boolean {
  return isFlatRow(sample, sample.height - 1);
}

/** Where the middle grey at the bottom begins, as a share of the height; 1 when there is none. */
export function greyBottom(sample: Sample): number {
  let y = sample.height;
  while (
    y > 0 &&
    isFlatRow(sample, y - 1) &&
    Math.abs(sample.data[(y - 1) * sample.width * 4] - GREY) <= GREY_TOLERANCE
  ) {
    y--;
  }
  return y / sample.height;
}
