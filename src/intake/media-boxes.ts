/** Boxes of ISO base media files (AVIF, HEIC): how long the file should be, and how large an AVIF is. ISO 14496-12. */
import type { Size } from './exif-turn.ts';

const typeAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

/** Where the last box that has begun ends; more than the file has when it was cut off. */
export function wantedLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at);
    // 0 says "to the end of the file".
    if (length === 0) return bytes.length;
    if (length === 1 && at + 16 <= bytes.length) at += Number(view.getBigUint64(at + 8));
    else if (length >= 8 && /^[A-Za-z0-9][\x20-\x7e]{3}$/.test(typeAt(bytes, at + 4))) at += length;
    // Bytes that are no box: junk behind a complete file.
    else return at;
  }
  return at;
}

/** A picture's properties stand in the first part of a file. */
const HEAD_BYTES = 65_536;

/** The largest "ispe" (image spatial extents), as stored; null when there is none. A guard, not the size we go by. */
export function largestExtent(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: Size | null = null;
  const limit = Math.min(bytes.length - 16, HEAD_BYTES);
  for (let at = 4; at <= limit; at++) {
    if (view.getUint32(at) !== 0x69737065) continue;
    const found = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (!size || found.width * found.height > size.width * size.height) size = found;
  }
  return size;
}
