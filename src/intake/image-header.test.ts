/** File headers: format, size, EXIF orientation, cut-off files. Files are built here, byte by byte. */
import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { foreignFormat, readImageHeader } from './image-header.ts';

const bytesOf = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((p) => (typeof p === 'string' ? [...p].map((c) => c.charCodeAt(0)) : p)));
const u16 = (v: number) => [v >> 8, v & 255];
const u32 = (v: number) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255];

function jpeg({ width = 640, height = 480, orientation = 1, little = false, ended = true } = {}): Uint8Array {
  const n16 = (v: number) => (little ? u16(v).reverse() : u16(v));
  const n32 = (v: number) => (little ? u32(v).reverse() : u32(v));
  const tiff = [
    ...bytesOf(little ? 'II' : 'MM'),
    ...n16(42),
    ...n32(8),
    ...n16(1),
    ...n16(0x0112),
    ...n16(3),
    ...n32(1),
    ...n16(orientation),
    ...n16(0),
    ...n32(0),
  ];
  const exif = [...bytesOf('Exif', [0, 0]), ...tiff];
  return bytesOf(
    [0xff, 0xd8, 0xff, 0xe1, ...u16(exif.length + 2), ...exif],
    [0xff, 0xc0, ...u16(11), 8, ...u16(height), ...u16(width), 1, 1, 0x11, 0],
    [0xff, 0xda, ...u16(8), 1, 1, 0, 0, 63, 0, 1, 2, 3, 0xff, 0x00, 4],
    ended ? [0xff, 0xd9] : [],
  );
}

describe('JPEG', () => {
  for (const little of [false, true]) {
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      test(`orientation ${orientation}, ${little ? 'little' : 'big'} endian`, () => {
        const header = readImageHeader(jpeg({ orientation, little }))!;
        expect(header.orientation).toBe(orientation);
        expect(header.size).toEqual(
          orientation >= 5 ? { width: 480, height: 640 } : { width: 640, height: 480 },
        );
        expect(header.truncated).toBe(false);
      });
    }
  }

  test('without its end mark it is cut off, also when bytes follow', () => {
    expect(readImageHeader(jpeg({ ended: false }))!.truncated).toBe(true);
    expect(readImageHeader(bytesOf([...jpeg()], [0, 0, 0]))!.truncated).toBe(false);
    expect(readImageHeader(jpeg().slice(0, 30))!.truncated).toBe(true);
  });
});

describe('PNG', () => {
  const png = Uint8Array.from(
    encode({ width: 5, height: 3, data: new Uint8Array(45), channels: 3, depth: 8 }),
  );
  test('size', () => {
    expect(readImageHeader(png)).toEqual({
      format: 'png',
      size: { width: 5, height: 3 },
      orientation: 1,
      truncated: false,
    });
  });
  test('any cut is noticed', () => {
    for (let n = 8; n < png.length; n++)
      expect(readImageHeader(png.slice(0, n))!.truncated, `${n} bytes`).toBe(true);
  });
});

describe('WebP', () => {
  const riff = (chunk: number[]) =>
    bytesOf(
      'RIFF',
      u32(chunk.length + 4).reverse(),
      'WEBP',
      chunk,
      new Array(Math.max(0, 18 - chunk.length)).fill(0),
    );
  test('lossy, lossless and extended sizes', () => {
    const lossy = riff([...bytesOf('VP8 '), ...u32(10).reverse(), 0, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1]);
    expect(readImageHeader(lossy)!.size).toEqual({ width: 640, height: 480 });
    const bits = (640 - 1) | ((480 - 1) << 14);
    const lossless = riff([
      ...bytesOf('VP8L'),
      ...u32(10).reverse(),
      0x2f,
      ...u32(bits).reverse(),
      0,
      0,
      0,
      0,
      0,
    ]);
    expect(readImageHeader(lossless)!.size).toEqual({ width: 640, height: 480 });
    const extended = riff([...bytesOf('VP8X'), ...u32(10).reverse(), 0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0]);
    expect(readImageHeader(extended)!.size).toEqual({ width: 640, height: 480 });
    expect(readImageHeader(extended.slice(0, 20))!.truncated).toBe(true);
  });
});

describe('AVIF', () => {
  const box = (type: string, content: number[]) => [...u32(content.length + 8), ...bytesOf(type), ...content];
  const avif = (turn: number) =>
    bytesOf(
      box('ftyp', [...bytesOf('avif'), ...u32(0), ...bytesOf('mif1miaf')]),
      box('meta', [...u32(0), ...box('ispe', [...u32(0), ...u32(640), ...u32(480)]), ...box('irot', [turn])]),
      box('mdat', [1, 2, 3, 4]),
    );
  test('size, quarter turns, cut', () => {
    expect(readImageHeader(avif(0))).toMatchObject({
      format: 'avif',
      size: { width: 640, height: 480 },
      truncated: false,
    });
    expect(readImageHeader(avif(1))!.size).toEqual({ width: 480, height: 640 });
    expect(readImageHeader(avif(0).slice(0, -2))!.truncated).toBe(true);
  });
});

describe('files that are not photos we read', () => {
  const padded = (text: string) => bytesOf(text, new Array(64).fill(0));
  const cases: readonly [bytes: Uint8Array, expected: string | null][] = [
    [bytesOf(u32(24), 'ftypheic', u32(0), 'mif1heic'), 'heic'],
    [bytesOf(u32(24), 'ftypmif1', u32(0), 'heicmif1'), 'heic'],
    [bytesOf(u32(20), 'ftypisom', u32(0), 'mp42'), 'video'],
    [padded('GIF89a'), 'gif'],
    [padded('BM'), 'bmp'],
    [padded('II*\0'), 'tiff'],
    [padded('%PDF-1.7'), 'pdf'],
    [padded('8BPS'), 'psd'],
    [padded('<?xml version="1.0"?><svg xmlns="x">'), 'svg'],
    [padded('hello'), null],
    [new Uint8Array(0), null],
    [Uint8Array.of(0xff), null],
  ];
  for (const [bytes, expected] of cases) {
    test(`${expected ?? `unknown, ${bytes.length} bytes`}`, () => {
      expect(readImageHeader(bytes)).toBeNull();
      expect(foreignFormat(bytes)).toBe(expected);
    });
  }
});
