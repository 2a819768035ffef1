/**
 * The structure of a JPEG, read as tolerantly as decoders read it: stray bytes between segments are skipped, scans are
 * walked to their end, and the picture ends at its end mark, where the file does, or where another picture begins (a
 * thumbnail glued behind a file that was cut off).
 */
import { findTurn, type Size, type TurnEntry } from './exif-turn.ts';
import { jpegStart } from './file-kinds.ts';

export interface JpegFile {
  /** Offset of the start mark; bytes before it are junk. */
  readonly start: number;
  /** Size as stored. */
  readonly size: Size | null;
  /** First orientation that an EXIF block gives: where blocks disagree, readers go by the first. */
  readonly turn: TurnEntry | null;
  /** All orientation entries. */
  readonly turns: readonly TurnEntry[];
  /** Pixels begin here; -1 when the file stops before. */
  readonly scan: number;
  /** Offset behind the last byte of picture data: of the end mark, or of what is there. */
  readonly end: number;
  /** It has its end mark. */
  readonly ended: boolean;
  readonly progressive: boolean;
  /** Progressive: scans for every bit of every coefficient have begun. */
  readonly allScans: boolean;
  /** Coding that browsers do not decode: arithmetic, lossless, 12 bit; null for the usual ones. */
  readonly unusual: string | null;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;

/** Frame headers are C0 to CF, without the tables C4, C8 and CC. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function unusualCoding(marker: number, bits: number): string | null {
  if (marker >= 0xc9) return 'arithmetic coding';
  if (marker === 0xc3 || (marker >= 0xc5 && marker <= 0xc7)) return 'lossless coding';
  return bits > 8 ? `${bits} bits a channel` : null;
}

/** Which coefficients of which components have come down to their last bit. ITU T.81, B.2.3. */
class ScanRecord {
  private readonly exact = new Map<number, Set<number>>();

  frame(bytes: Uint8Array, at: number): void {
    const count = bytes[at + 9] ?? 0;
    for (let c = 0; c < count; c++) this.exact.set(bytes[at + 10 + 3 * c], new Set());
  }

  scan(bytes: Uint8Array, at: number): void {
    const count = bytes[at + 4];
    const [first, last, approximation] = bytes.subarray(at + 5 + 2 * count, at + 8 + 2 * count);
    if ((approximation & 15) !== 0) return;
    for (let c = 0; c < count; c++) {
      const found = this.exact.get(bytes[at + 5 + 2 * c]);
      for (let k = first; found && k <= Math.min(last, 63); k++) found.add(k);
    }
  }

  get complete(): boolean {
    return [...this.exact.values()].every((found) => found.size === 64);
  }
}

/** @returns null when there is no JPEG in the file. */
export function readJpeg(bytes: Uint8Array): JpegFile | null {
  const start = jpegStart(bytes);
  if (start < 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const turns: TurnEntry[] = [];
  let size: Size | null = null;
  let unusual: string | null = null;
  let progressive = false;
  const scans = new ScanRecord();
  let scan = -1;
  let end = bytes.length;
  let ended = false;
  let at = start + 2;
  while (at + 2 <= bytes.length) {
    // To the next marker, over stray bytes and entropy-coded data alike: in both, FF 00 is no marker.
    if (bytes[at] !== 0xff || bytes[at + 1] === 0 || bytes[at + 1] === 0xff) {
      at++;
      continue;
    }
    const marker = bytes[at + 1];
    if (marker === EOI && size) {
      end = at + 2;
      ended = true;
      break;
    }
    if (marker === SOI && scan >= 0) {
      end = at;
      break;
    }
    if ((marker >= 0xd0 && marker <= EOI) || marker <= 0x01) {
      at += 2;
      continue;
    }
    const next = at + 4 > bytes.length ? Infinity : at + 2 + view.getUint16(at + 2);
    if (next > bytes.length) {
      // A table or a scan's head that is not there in full would spoil what came before it.
      end = at;
      break;
    }
    if (isFrame(marker) && at + 9 <= bytes.length && !size) {
      size = { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
      progressive = marker === 0xc2;
      unusual = unusualCoding(marker, bytes[at + 4]);
      scans.frame(bytes, at);
    }
    if (marker === 0xe1 && next - at > 10 && view.getUint32(at + 4) === 0x45786966) {
      const turn = findTurn(view, at + 10, next);
      if (turn) turns.push(turn);
    }
    if (marker === SOS) {
      scans.scan(bytes, at);
      if (scan < 0) scan = next;
    }
    at = next;
  }
  const turn = turns[0] ?? null;
  return { start, size, turn, turns, scan, end, ended, progressive, allScans: scans.complete, unusual };
}

/**
 * The picture data alone, closed by an end mark.
 *
 * @param filler bytes to put where data may be missing; decoders skip them when nothing is.
 * @param cut bytes to leave out at the end of the data.
 */
export function closedJpeg(
  bytes: Uint8Array,
  file: JpegFile,
  filler: Uint8Array,
  cut = 0,
): Uint8Array<ArrayBuffer> {
  let dataEnd = Math.max(file.scan, (file.ended ? file.end - 2 : file.end) - cut);
  // A lone FF would turn the first byte of the filler into a marker.
  if (bytes[dataEnd - 1] === 0xff) dataEnd--;
  const data = bytes.subarray(file.start, dataEnd);
  const out = new Uint8Array(data.length + filler.length + 2);
  out.set(data);
  out.set(filler, data.length);
  out.set([0xff, EOI], out.length - 2);
  return out;
}

/** How many bytes of 0 stand at the end of the picture data: what a disk puts where a download never wrote. */
export function trailingZeros(bytes: Uint8Array, file: JpegFile): number {
  let at = file.ended ? file.end - 2 : file.end;
  const end = at;
  while (at > file.scan && bytes[at - 1] === 0) at--;
  return end - at;
}
