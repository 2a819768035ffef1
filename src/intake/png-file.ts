/**
 * The structure of a PNG, and a whole PNG made of one that was cut off or damaged: its pixels are inflated as far as
 * they go and packed again. Browsers refuse such files altogether. PNG specification, third edition, sections 5 and 9.
 */
import { Unzlib, zlibSync } from 'fflate';
import { crc32 } from '../base/deterministic.ts';
import { findTurn, type Size, type TurnEntry } from './exif-turn.ts';

interface Chunk {
  readonly type: string;
  /** Where its length field stands. */
  readonly at: number;
  readonly data: number;
  /** Bytes that it says it has; the file may have fewer. */
  readonly length: number;
}

export interface PngFile {
  /** Size as stored. */
  readonly size: Size | null;
  readonly bitDepth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
  /** Orientation of an eXIf chunk, wherever it stands. */
  readonly turn: TurnEntry | null;
  readonly animated: boolean;
  /** Every chunk up to IEND is there in full. */
  readonly ended: boolean;
  readonly chunks: readonly Chunk[];
}

const SIGNATURE_BYTES = 8;
/** Values a pixel by colour type: grey, -, RGB, palette, grey + alpha, -, RGBA. */
const CHANNELS: readonly number[] = [1, 0, 3, 1, 2, 0, 4];
/** Adam7: first column, first row, column step, row step of each pass. */
const PASSES: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];
/** Inflated this much at a time, so that what came before a damaged place is kept. */
const STEP_BYTES = 4096;
/** A size in a damaged header must not make us allocate without end. */
const MAX_PIXEL_BYTES = 1.2e9;

/** @param bytes a file that begins as a PNG does. */
export function readPng(bytes: Uint8Array): PngFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  let ended = false;
  let turn: TurnEntry | null = null;
  let at = SIGNATURE_BYTES;
  while (at + 8 <= bytes.length && !ended) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[a-zA-Z]{4}$/.test(type)) break;
    chunks.push({ type, at, data: at + 8, length });
    if (type === 'eXIf') {
      const prefix = view.byteLength >= at + 14 && view.getUint32(at + 8) === 0x45786966 ? 6 : 0;
      turn ??= findTurn(view, at + 8 + prefix, at + 8 + length);
    }
    at += 12 + length;
    ended = type === 'IEND' && at <= bytes.length;
  }
  const head = chunks[0]?.type === 'IHDR' && chunks[0].data + 13 <= bytes.length ? chunks[0].data : -1;
  return {
    size: head < 0 ? null : { width: view.getUint32(head), height: view.getUint32(head + 4) },
    bitDepth: head < 0 ? 0 : bytes[head + 8],
    colourType: head < 0 ? 0 : bytes[head + 9],
    interlaced: head >= 0 && bytes[head + 12] === 1,
    turn,
    animated: chunks.some((c) => c.type === 'acTL'),
    ended,
    chunks,
  };
}

/** A chunk with its length and checksum. */
export function pngChunk(type: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(12 + content.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(content, 8);
  view.setUint32(8 + content.length, crc32(out.subarray(4, 8 + content.length)));
  return out;
}

/** The file without its eXIf chunks, so that no decoder turns it. */
export function withoutExif(bytes: Uint8Array<ArrayBuffer>, file: PngFile): Blob {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let from = 0;
  for (const chunk of file.chunks.filter((c) => c.type === 'eXIf')) {
    pieces.push(bytes.subarray(from, chunk.at));
    from = Math.min(bytes.length, chunk.data + chunk.length + 4);
  }
  return new Blob([...pieces, bytes.subarray(from)], { type: 'image/png' });
}

/** Rows of filtered bytes as they follow each other in the stream. */
function rowsOf(file: PngFile, size: Size): readonly { bytes: number; pass: number; row: number }[] {
  const bits = CHANNELS[file.colourType] * file.bitDepth;
  const rows: { bytes: number; pass: number; row: number }[] = [];
  const passes = file.interlaced ? PASSES : [[0, 0, 1, 1] as const];
  passes.forEach(([x, y, dx, dy], pass) => {
    const width = Math.ceil((size.width - x) / dx);
    const height = Math.ceil((size.height - y) / dy);
    if (width <= 0) return;
    for (let row = 0; row < height; row++) rows.push({ bytes: 1 + Math.ceil((width * bits) / 8), pass, row });
  });
  return rows;
}

/** Inflates until the data end or are damaged. @returns how many bytes of `out` were written. */
function inflateInto(pieces: readonly Uint8Array[], out: Uint8Array): number {
  let filled = 0;
  const stream = new Unzlib((block) => {
    const part = block.subarray(0, out.length - filled);
    out.set(part, filled);
    filled += part.length;
  });
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length && filled < out.length; at += STEP_BYTES) {
        stream.push(piece.subarray(at, at + STEP_BYTES));
      }
    }
  } catch {
    // Damaged here: what came before is used.
  }
  return filled;
}

/** What was left of a PNG. */
export interface RepairedPng {
  readonly blob: Blob;
  /** First row that never arrived, of `size.height`. */
  readonly rows: number;
  /** Interlaced: all of it is there, but only in coarse steps of so many pixels; 1 = sharp. */
  readonly coarsePx: number;
}

/**
 * Makes a whole PNG of a broken one. Missing pixels are 0.
 *
 * @returns null when nothing can be made of it: no header, no pixels, or a header that cannot be.
 */
export function repairPng(bytes: Uint8Array<ArrayBuffer>, file: PngFile): RepairedPng | null {
  const { size } = file;
  const bits = (CHANNELS[file.colourType] ?? 0) * file.bitDepth;
  if (!size || ![1, 2, 4, 8, 16].includes(file.bitDepth) || bits === 0 || bits > 64) return null;
  if (size.width < 1 || size.height < 1 || (size.width * size.height * bits) / 8 > MAX_PIXEL_BYTES)
    return null;
  const data = file.chunks.filter((c) => c.type === 'IDAT');
  if (data.length === 0) return null;
  const rows = rowsOf(file, size);
  const raw = new Uint8Array(rows.reduce((sum, row) => sum + row.bytes, 0));
  const filled = inflateInto(
    data.map((c) => bytes.subarray(c.data, Math.min(bytes.length, c.data + c.length))),
    raw,
  );
  let whole = 0;
  for (let at = 0; whole < rows.length; whole++) {
    // A filter that does not exist: damaged data can go on inflating to nonsense.
    if (at + rows[whole].bytes > filled || raw[at] > 4) {
      raw.fill(0, at);
      break;
    }
    at += rows[whole].bytes;
  }
  if (whole === 0) return null;
  const arrived = file.interlaced
    ? spreadPasses(raw, rows, whole, file, size)
    : { raw, rows: whole, coarsePx: 1, interlaced: false };
  const header = bytes.slice(file.chunks[0].data, file.chunks[0].data + 13);
  header[12] = 0;
  const kept = file.chunks.filter(
    (c) => /^(PLTE|tRNS|iCCP|sRGB|gAMA|cHRM|cICP)$/.test(c.type) && c.data + c.length <= bytes.length,
  );
  const pieces = [
    bytes.slice(0, SIGNATURE_BYTES),
    pngChunk('IHDR', header),
    ...kept.map((c) => pngChunk(c.type, bytes.subarray(c.data, c.data + c.length))),
    pngChunk('IDAT', zlibSync(arrived.raw, { level: 1 })),
    pngChunk('IEND', new Uint8Array(0)),
  ];
  return {
    blob: new Blob(pieces, { type: 'image/png' }),
    rows: arrived.rows,
    coarsePx: arrived.coarsePx,
  };
}

/** Takes the row filter out of one row. `above` is the row before it in its pass, or zeros. */
function unfilter(row: Uint8Array, above: Uint8Array, filter: number, pixelBytes: number): void {
  for (let i = 0; i < row.length; i++) {
    const left = i >= pixelBytes ? row[i - pixelBytes] : 0;
    const up = above[i];
    const upLeft = i >= pixelBytes ? above[i - pixelBytes] : 0;
    if (filter === 1) row[i] += left;
    else if (filter === 2) row[i] += up;
    else if (filter === 3) row[i] += (left + up) >> 1;
    else if (filter === 4) {
      const p = left + up - upLeft;
      const pa = Math.abs(p - left);
      const pb = Math.abs(p - up);
      const pc = Math.abs(p - upLeft);
      row[i] += pa <= pb && pa <= pc ? left : pb <= pc ? up : upLeft;
    }
  }
}

/**
 * Adam7 passes to plain rows, unfiltered. A pixel whose own pass did not arrive takes the nearest above and left of it
 * that did, as browsers show such a picture while it loads.
 */
function spreadPasses(
  raw: Uint8Array,
  rows: readonly { bytes: number; pass: number; row: number }[],
  whole: number,
  file: PngFile,
  size: Size,
): { raw: Uint8Array; rows: number; coarsePx: number } {
  const bits = CHANNELS[file.colourType] * file.bitDepth;
  const pixelBytes = Math.max(1, bits >> 3);
  const rowBytes = 1 + Math.ceil((size.width * bits) / 8);
  const out = new Uint8Array(rowBytes * size.height);
  // A pixel of pass k stands for the block that the passes up to k leave open.
  const blocks = [
    [8, 8],
    [4, 8],
    [4, 4],
    [2, 4],
    [2, 2],
    [1, 2],
    [1, 1],
  ];
  let at = 0;
  let above = new Uint8Array(0);
  let reached = 0;
  for (let k = 0; k < whole; k++) {
    const { bytes, pass, row } = rows[k];
    const [x0, y0, dx, dy] = PASSES[pass];
    const line = raw.subarray(at + 1, at + bytes);
    unfilter(line, row === 0 ? new Uint8Array(line.length) : above, raw[at], pixelBytes);
    above = line as Uint8Array<ArrayBuffer>;
    const [blockWidth, blockHeight] = blocks[pass];
    const y = y0 + row * dy;
    for (let i = 0, x = x0; x < size.width; i++, x += dx) {
      for (let by = y; by < Math.min(size.height, y + blockHeight); by++) {
        for (let bx = x; bx < Math.min(size.width, x + blockWidth); bx++) {
          copyPixel(line, i, out, by * rowBytes + 1, bx, bits);
        }
      }
    }
    if (pass === 0) reached = Math.min(size.height, y + blockHeight);
    at += bytes;
  }
  const last = rows[whole - 1];
  const complete = whole === rows.length;
  const coarsePx = complete ? 1 : Math.max(...(blocks[Math.max(0, last.pass - 1)] ?? [8]));
  return { raw: out, rows: reached, coarsePx };
}

/** Copies pixel `i` of a packed line to pixel `x` of another, which begins at `to`. */
function copyPixel(line: Uint8Array, i: number, out: Uint8Array, to: number, x: number, bits: number): void {
  if (bits >= 8) {
    const n = bits >> 3;
    for (let b = 0; b < n; b++) out[to + x * n + b] = line[i * n + b];
    return;
  }
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const value = (line[Math.floor(i / perByte)] >> (8 - bits * ((i % perByte) + 1))) & mask;
  const shift = 8 - bits * ((x % perByte) + 1);
  const place = to + Math.floor(x / perByte);
  out[place] = (out[place] & ~(mask << shift)) | (value << shift);
}
