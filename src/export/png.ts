/**
 * PNG encoder for 8-bit grey, RGB and RGBA and 16-bit grey; zlib by fflate, filters chosen here.
 * A canvas cannot write 16 bits, and its PNG bytes differ between browsers; ours are the same everywhere.
 * Filter of each row: the one with the smallest sum of absolute residuals, the heuristic of the PNG specification
 * (section 12.7 of the third edition).
 */
import { zlibSync } from 'fflate';
import { crc32 } from '../base/deterministic.ts';
import type { GreyImage, RgbaImage } from '../base/images.ts';

export interface PngImage {
  readonly width: number;
  readonly height: number;
  /** 1 = grey, 3 = RGB, 4 = RGBA with straight alpha. */
  readonly channels: 1 | 3 | 4;
  /** Interleaved, width * height * channels values; a Uint16Array (grey only) makes a 16-bit file. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
}

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const COLOUR_TYPE = { 1: 0, 3: 2, 4: 6 } as const;
const FILTER_COUNT = 5;

function paeth(left: number, up: number, upLeft: number): number {
  const p = left + up - upLeft;
  const pa = Math.abs(p - left);
  const pb = Math.abs(p - up);
  const pc = Math.abs(p - upLeft);
  if (pa <= pb && pa <= pc) return left;
  return pb <= pc ? up : upLeft;
}

/**
 * Writes one filtered row to `out` and returns the sum of absolute residuals, read as signed bytes. One loop a filter:
 * a choice inside the loop costs more than the filter. Left of the row and above the first one all bytes are 0.
 */
function filterRow(
  filter: number,
  row: Uint8Array,
  above: Uint8Array,
  pixelBytes: number,
  out: Uint8Array,
): number {
  const { length } = row;
  switch (filter) {
    case 0:
      out.set(row);
      break;
    case 1:
      for (let i = 0; i < pixelBytes; i++) out[i] = row[i];
      for (let i = pixelBytes; i < length; i++) out[i] = row[i] - row[i - pixelBytes];
      break;
    case 2:
      for (let i = 0; i < length; i++) out[i] = row[i] - above[i];
      break;
    case 3:
      for (let i = 0; i < pixelBytes; i++) out[i] = row[i] - (above[i] >> 1);
      for (let i = pixelBytes; i < length; i++) out[i] = row[i] - ((row[i - pixelBytes] + above[i]) >> 1);
      break;
    default:
      for (let i = 0; i < pixelBytes; i++) out[i] = row[i] - above[i];
      for (let i = pixelBytes; i < length; i++) {
        out[i] = row[i] - paeth(row[i - pixelBytes], above[i], above[i - pixelBytes]);
      }
  }
  let sum = 0;
  for (let i = 0; i < length; i++) sum += out[i] < 128 ? out[i] : 256 - out[i];
  return sum;
}

/** Rows as PNG stores them: 16-bit values big endian. */
function bytesOf(image: PngImage): Uint8Array {
  const { data } = image;
  if (!(data instanceof Uint16Array)) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const bytes = new Uint8Array(data.length * 2);
  for (let i = 0; i < data.length; i++) {
    bytes[2 * i] = data[i] >> 8;
    bytes[2 * i + 1] = data[i] & 255;
  }
  return bytes;
}

function filtered(bytes: Uint8Array, height: number, rowBytes: number, pixelBytes: number): Uint8Array {
  const out = new Uint8Array(height * (rowBytes + 1));
  const candidates = Array.from({ length: FILTER_COUNT }, () => new Uint8Array(rowBytes));
  let above: Uint8Array = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const row = bytes.subarray(y * rowBytes, (y + 1) * rowBytes);
    let best = 0;
    let bestSum = Infinity;
    for (let filter = 0; filter < FILTER_COUNT && bestSum > 0; filter++) {
      const sum = filterRow(filter, row, above, pixelBytes, candidates[filter]);
      if (sum < bestSum) {
        bestSum = sum;
        best = filter;
      }
    }
    out[y * (rowBytes + 1)] = best;
    out.set(candidates[best], y * (rowBytes + 1) + 1);
    above = row;
  }
  return out;
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + content.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(content, 8);
  view.setUint32(8 + content.length, crc32(out.subarray(4, 8 + content.length)));
  return out;
}

/**
 * Encodes a picture.
 *
 * @throws RangeError when the data does not fit the size, a side is 0, or 16 bits come with more than one channel.
 */
export function encodePng(image: PngImage): Uint8Array<ArrayBuffer> {
  const { width, height, channels, data } = image;
  const wide = data instanceof Uint16Array;
  if (width < 1 || height < 1 || data.length !== width * height * channels) {
    throw new RangeError(`a ${width} x ${height} x ${channels} picture cannot have ${data.length} values`);
  }
  if (wide && channels !== 1) throw new RangeError('16-bit pictures are grey only');
  const pixelBytes = channels * (wide ? 2 : 1);
  const ihdr = new Uint8Array(13);
  const view = new DataView(ihdr.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  ihdr[8] = wide ? 16 : 8;
  ihdr[9] = COLOUR_TYPE[channels];
  const rows = filtered(bytesOf(image), height, width * pixelBytes, pixelBytes);
  const pieces = [
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', ihdr),
    chunk('IDAT', zlibSync(rows, { level: 6 })),
    chunk('IEND', new Uint8Array(0)),
  ];
  const file = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
}

/** RGBA picture as PNG; alpha is written only where some pixel is not opaque. */
export function encodeRgbaPng(image: RgbaImage): Uint8Array<ArrayBuffer> {
  const count = image.width * image.height;
  let opaque = true;
  for (let i = 3; i < image.data.length && opaque; i += 4) opaque = image.data[i] === 255;
  if (!opaque) return encodePng({ ...image, channels: 4 });
  const rgb = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    rgb[3 * i] = image.data[4 * i];
    rgb[3 * i + 1] = image.data[4 * i + 1];
    rgb[3 * i + 2] = image.data[4 * i + 2];
  }
  return encodePng({ width: image.width, height: image.height, channels: 3, data: rgb });
}

/** Grey picture as PNG. */
export function encodeGreyPng(image: GreyImage): Uint8Array<ArrayBuffer> {
  return encodePng({ ...image, channels: 1 });
}

/** What happens to depth from 4 upward, which 16 bits cannot hold: stop at 65535, or wrap around as the original does. */
export type DepthOverflow = 'stop' | 'wrap';

/** Network depth as 16-bit values: depth x 512 x 32, truncated. relu6 lets up to 6 pass. Source: docs/method.md#depth-units. */
export function depthToUint16(
  depth: Float32Array,
  overflow: DepthOverflow = 'stop',
): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(depth.length);
  for (let i = 0; i < depth.length; i++) {
    const value = depth[i] * 16384;
    // Storing into the array keeps the low 16 bits, which is the wrap.
    out[i] = value >= 65535 && overflow === 'stop' ? 65535 : value > 0 ? Math.trunc(value) : 0;
  }
  return out;
}

/** Depth map [height, width] in network units as 16-bit grey PNG, coded as depthToUint16 says. */
export function encodeDepthPng(
  depth: Float32Array,
  width: number,
  height: number,
  overflow: DepthOverflow = 'stop',
): Uint8Array<ArrayBuffer> {
  return encodePng({ width, height, channels: 1, data: depthToUint16(depth, overflow) });
}
