import { decode } from 'fast-png';
import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readNpy } from '../../tests/npz.ts';
import { hashNoiseArray } from '../base/deterministic.ts';
import { writeNpy } from './npy.ts';
import { depthToUint16, encodeDepthPng, encodeGreyPng, encodePng, encodeRgbaPng } from './png.ts';
import { writeZip } from './zip.ts';

/** Half gradient, half noise (seed "png"), so that several row filters win somewhere. */
function testBytes(count: number): Uint8Array<ArrayBuffer> {
  const noise = hashNoiseArray('png', count);
  return Uint8Array.from({ length: count }, (_, i) => (i % 97 < 50 ? i / 13 : noise[i] * 127 + 128));
}

describe('encodePng', () => {
  test.each([
    ['grey', 1],
    ['RGB', 3],
    ['RGBA', 4],
  ] as const)('%s of odd size reads back as it was', (_, channels) => {
    const data = testBytes(37 * 23 * channels);
    const back = decode(encodePng({ width: 37, height: 23, channels, data }));
    expect([back.width, back.height, back.channels, back.depth]).toEqual([37, 23, channels, 8]);
    expect(Uint8Array.from(back.data)).toEqual(data);
  });

  test('16-bit grey reads back as it was, and one pixel is a picture', () => {
    const data = Uint16Array.from({ length: 41 * 19 }, (_, i) => (i * 7919) & 65535);
    const back = decode(encodePng({ width: 41, height: 19, channels: 1, data }));
    expect(back.depth).toBe(16);
    expect(Uint16Array.from(back.data)).toEqual(data);
    expect(decode(encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) })).data[0]).toBe(7);
  });

  test('drops alpha only when every pixel is opaque', () => {
    const opaque = Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255);
    expect(decode(encodeRgbaPng({ width: 2, height: 1, data: opaque })).channels).toBe(3);
    const clear = Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 0);
    const back = decode(encodeRgbaPng({ width: 2, height: 1, data: clear }));
    expect([...back.data]).toEqual([...clear]);
    expect(decode(encodeGreyPng({ width: 2, height: 1, data: Uint8Array.of(9, 8) })).channels).toBe(1);
  });

  test('a smooth picture gets small', () => {
    const data = Uint8Array.from({ length: 512 * 512 }, (_, i) => ((i % 512) + Math.floor(i / 512)) / 4);
    expect(encodePng({ width: 512, height: 512, channels: 1, data }).length).toBeLessThan(20_000);
  });

  test('refuses data of another size', () => {
    expect(() => encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(4) })).toThrow(
      RangeError,
    );
    expect(() => encodePng({ width: 0, height: 2, channels: 1, data: new Uint8Array(0) })).toThrow(
      RangeError,
    );
  });
});

test('depth pictures hold depth x 512 x 32, truncated, and stop at 65535', () => {
  const depth = Float32Array.of(0, 1, 2, 2.00005, 3.99997, 6);
  expect([...depthToUint16(depth)]).toEqual([0, 16384, 32768, 32768, 65535, 65535]);
  expect([...decode(encodeDepthPng(depth, 3, 2)).data]).toEqual([0, 16384, 32768, 32768, 65535, 65535]);
});

test('npy files have the shape and values given, and a header that ends at a multiple of 64', () => {
  for (const [shape, data] of [
    [[2, 3], Float32Array.of(1, -2, 3.5, 0, 1e-20, Number.NaN)],
    [[4], Uint16Array.of(1, 2, 3, 65535)],
    [[1, 2, 2], Uint8Array.of(0, 1, 2, 255)],
  ] as const) {
    const bytes = writeNpy(shape, data);
    expect((bytes.length - data.byteLength) % 64).toBe(0);
    const back = readNpy(bytes);
    expect(back.shape).toEqual(shape);
    expect(back.data).toEqual(data);
  }
  expect(() => writeNpy([2, 2], new Uint8Array(3))).toThrow(RangeError);
});

test('zip archives unpack to what went in, the same bytes whatever the order, and never outside their folder', () => {
  const a = testBytes(500);
  const b = new TextEncoder().encode('{}');
  const bytes = writeZip({ 'maps/a.png': a, 'report.json': b });
  expect(bytes).toEqual(writeZip({ 'report.json': b, 'maps/a.png': a }));
  const back = unzipSync(bytes);
  expect(Object.keys(back).sort()).toEqual(['maps/a.png', 'report.json']);
  expect(back['maps/a.png']).toEqual(a);
  expect(() => writeZip({ '../a': a })).toThrow(RangeError);
});
