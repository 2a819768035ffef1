/** The structure of a WebP (RIFF): size, orientation, animation, and whether the file is as long as it says. */
import { findTurn, type Size, type TurnEntry } from './exif-turn.ts';

export interface WebpFile {
  /** Size as stored. */
  readonly size: Size | null;
  readonly turn: TurnEntry | null;
  readonly animated: boolean;
  /** Bytes that the chunks want; more than the file has when it was cut off. */
  readonly wantedBytes: number;
  /** Where the pixels begin. */
  readonly pixels: number;
}

const HEADER_BYTES = 12;
/** VP8X flag: the file is an animation. */
const ANIMATION = 0x02;

const tagAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

function frameSize(bytes: Uint8Array, view: DataView, kind: string, data: number): Size | null {
  if (data + 10 > bytes.length) return null;
  if (kind === 'VP8L') {
    const bits = view.getUint32(data + 1, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return { width: view.getUint16(data + 6, true) & 0x3fff, height: view.getUint16(data + 8, true) & 0x3fff };
}

/** @param bytes a file that begins as a WebP does. */
export function readWebp(bytes: Uint8Array): WebpFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u24 = (at: number) => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
  let size: Size | null = null;
  let turn: TurnEntry | null = null;
  let animated = false;
  let pixels = bytes.length;
  let at = HEADER_BYTES;
  while (at + 8 <= bytes.length) {
    const kind = tagAt(bytes, at);
    const data = at + 8;
    const length = view.getUint32(at + 4, true);
    if (!/^[\x20-\x7e]{4}$/.test(kind)) break;
    if (kind === 'VP8X' && data + 10 <= bytes.length) {
      size = { width: u24(data + 4) + 1, height: u24(data + 7) + 1 };
      animated = (bytes[data] & ANIMATION) !== 0;
    } else if (kind === 'VP8L' || kind === 'VP8 ') {
      size ??= frameSize(bytes, view, kind, data);
      pixels = Math.min(pixels, data);
    } else if (kind === 'EXIF') {
      const prefix = tagAt(bytes, data) === 'Exif' ? 6 : 0;
      turn ??= findTurn(view, data + prefix, data + length);
    }
    at = data + length + (length & 1);
  }
  // A last chunk of odd length may lack its pad byte.
  const wantedBytes = at === bytes.length + 1 ? bytes.length : at;
  return { size, turn, animated, wantedBytes, pixels };
}

/** The file with the length its chunks want, the rest filled, and a RIFF size that fits. */
export function completedWebp(bytes: Uint8Array, file: WebpFile, filler: number): Uint8Array<ArrayBuffer> {
  const length = file.wantedBytes + (file.wantedBytes & 1);
  const out = new Uint8Array(length);
  out.set(bytes.subarray(0, length));
  out.fill(filler, Math.min(bytes.length, length));
  new DataView(out.buffer).setUint32(4, length - 8, true);
  return out;
}
