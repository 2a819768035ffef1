/**
 * Reads just enough of a picture file to know its format, size, EXIF orientation and whether its end is missing,
 * before any pixel is decoded. Browsers decode a JPEG cut in half to a picture that is half grey without a word, and
 * a 12,000 px picture would take 576 MB: both must be known first.
 */

export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'avif';

export interface ImageHeader {
  readonly format: ImageFormat;
  /** Size as shown, EXIF orientation applied, px; null when the header does not tell (some AVIF). */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** EXIF orientation 1 to 8; the browser turns the picture, `size` is already turned. */
  readonly orientation: number;
  /** The file stops before its end mark. */
  readonly truncated: boolean;
}

/** Formats we know but browsers cannot decode, or that are not photos. */
export type ForeignFormat = 'heic' | 'gif' | 'bmp' | 'tiff' | 'svg' | 'pdf' | 'video' | 'psd';

const ascii = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** Brands of the ISO base media "ftyp" box: the major one and the compatible ones. */
function brandsOf(bytes: Uint8Array): string[] {
  if (bytes.length < 16 || ascii(bytes, 4, 4) !== 'ftyp') return [];
  const end = Math.min(bytes.length, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), 256);
  const brands = [ascii(bytes, 8, 4)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(bytes, at, 4));
  return brands;
}

/** What a file that we do not read seems to be; null when unknown. */
export function foreignFormat(bytes: Uint8Array): ForeignFormat | null {
  const brands = brandsOf(bytes);
  if (brands.some((b) => /^(hei[cxms]|hev[cx])$/.test(b)) || /^(mif1|msf1)$/.test(brands[0] ?? ''))
    return 'heic';
  if (brands.length > 0) return 'video';
  if (ascii(bytes, 0, 4) === 'GIF8') return 'gif';
  if (ascii(bytes, 0, 2) === 'BM') return 'bmp';
  if (/^(II\*\0|MM\0\*)$/.test(ascii(bytes, 0, 4))) return 'tiff';
  if (ascii(bytes, 0, 4) === '%PDF') return 'pdf';
  if (ascii(bytes, 0, 4) === '8BPS') return 'psd';
  if (/<svg[\s>]/i.test(ascii(bytes, 0, 512))) return 'svg';
  return null;
}

function pngHeader(bytes: Uint8Array, view: DataView): ImageHeader {
  const size = bytes.length >= 24 ? { width: view.getUint32(16), height: view.getUint32(20) } : null;
  // Chunks: length, type, data, CRC. The last one is IEND.
  let at = 8;
  let ended = false;
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at);
    const type = ascii(bytes, at + 4, 4);
    if (at + 12 + length > bytes.length) break;
    if (type === 'IEND') ended = true;
    at += 12 + length;
  }
  return { format: 'png', size, orientation: 1, truncated: !ended || size === null };
}

/** Orientation tag 0x0112 of a TIFF block that starts at `start`; 1 when absent or odd. */
function exifOrientation(view: DataView, start: number, end: number): number {
  if (start + 8 > end) return 1;
  const little = view.getUint16(start) === 0x4949;
  const directory = start + view.getUint32(start + 4, little);
  if (directory + 2 > end) return 1;
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > end) return 1;
    if (view.getUint16(entry, little) === 0x0112) {
      const value = view.getUint16(entry + 8, little);
      return value >= 1 && value <= 8 ? value : 1;
    }
  }
  return 1;
}

function jpegHeader(bytes: Uint8Array, view: DataView): ImageHeader {
  let at = 2;
  let size: { width: number; height: number } | null = null;
  let orientation = 1;
  let scan = -1;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1];
    if (marker === 0xff || (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const length = view.getUint16(at + 2);
    const end = Math.min(bytes.length, at + 2 + length);
    // Frame headers are C0 to CF, without the tables C4, C8 and CC.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker) && at + 9 <= bytes.length) {
      size = { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    if (marker === 0xe1 && ascii(bytes, at + 4, 6) === 'Exif\0\0') {
      orientation = exifOrientation(view, at + 10, end);
    }
    if (marker === 0xda) {
      scan = end;
      break;
    }
    at += 2 + length;
  }
  let ended = false;
  if (scan >= 0) {
    // Inside entropy-coded data 0xFF is always followed by 0 or a restart mark, so FF D9 can only be the end.
    for (let i = bytes.length - 2; i >= scan && !ended; i--)
      ended = bytes[i] === 0xff && bytes[i + 1] === 0xd9;
  }
  if (size && orientation >= 5) size = { width: size.height, height: size.width };
  return { format: 'jpeg', size, orientation, truncated: !ended || size === null };
}

function webpHeader(bytes: Uint8Array, view: DataView): ImageHeader {
  const truncated = bytes.length < 30 || bytes.length < view.getUint32(4, true) + 8;
  if (bytes.length < 30) return { format: 'webp', size: null, orientation: 1, truncated };
  const kind = ascii(bytes, 12, 4);
  const u24 = (at: number) => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
  let size: { width: number; height: number } | null = null;
  let orientation = 1;
  if (kind === 'VP8X') {
    size = { width: u24(24) + 1, height: u24(27) + 1 };
    for (let at = 12; at + 8 <= bytes.length; ) {
      const length = view.getUint32(at + 4, true);
      if (ascii(bytes, at, 4) === 'EXIF') {
        const start = at + 8 + (ascii(bytes, at + 8, 6) === 'Exif\0\0' ? 6 : 0);
        orientation = exifOrientation(view, start, Math.min(bytes.length, at + 8 + length));
      }
      at += 8 + length + (length & 1);
    }
  } else if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    size = { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  } else if (kind === 'VP8 ') {
    size = { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  return { format: 'webp', size, orientation, truncated };
}

/** AVIF: the largest "ispe" (image spatial extents) property, turned when an "irot" of a quarter turn is present. */
function avifHeader(bytes: Uint8Array, view: DataView): ImageHeader {
  let size: { width: number; height: number } | null = null;
  let quarterTurn = false;
  const limit = Math.min(bytes.length - 5, 65536);
  for (let at = 4; at < limit; at++) {
    const type = ascii(bytes, at, 4);
    if (type === 'ispe' && at + 16 <= bytes.length) {
      const width = view.getUint32(at + 8);
      const height = view.getUint32(at + 12);
      if (!size || width * height > size.width * size.height) size = { width, height };
    } else if (type === 'irot') {
      quarterTurn = (bytes[at + 4] & 1) === 1;
    }
  }
  if (size && quarterTurn) size = { width: size.height, height: size.width };
  // Top-level boxes must fill the file exactly; a last box may say 0 for "to the end".
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at);
    if (length === 0) at = bytes.length;
    else if (length === 1 && at + 16 <= bytes.length) at += Number(view.getBigUint64(at + 8));
    else if (length >= 8) at += length;
    else break;
  }
  return { format: 'avif', size, orientation: 1, truncated: at > bytes.length };
}

/**
 * Looks at a whole file.
 *
 * @param bytes the file.
 * @returns null when it is none of PNG, JPEG, WebP, AVIF (ask foreignFormat what it is).
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (ascii(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return pngHeader(bytes, view);
  if (bytes.length >= 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff)
    return jpegHeader(bytes, view);
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return webpHeader(bytes, view);
  const brands = brandsOf(bytes);
  if (brands.includes('avif') || brands.includes('avis')) return avifHeader(bytes, view);
  return null;
}
