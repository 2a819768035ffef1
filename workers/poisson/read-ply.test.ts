import { describe, expect, test } from 'vitest';
import { hashNoise } from '../../src/base/deterministic.ts';
import { StageError } from '../../src/base/errors.ts';
import { writeCloudPly } from '../../src/export/ply.ts';
import { readPlyCloud } from './read-ply.ts';
import { sphereCloud } from './shapes.ts';

const text = (lines: readonly string[]) => new TextEncoder().encode(`${lines.join('\n')}\n`);

const ASCII = [
  'ply',
  'format ascii 1.0',
  'comment made by hand',
  'element vertex 2',
  'property float x',
  'property float y',
  'property double z',
  'property list uchar int extras',
  'property float nx',
  'property float ny',
  'property float nz',
  'property uchar red',
  'property uchar green',
  'property uchar blue',
  'element face 1',
  'property list uchar int vertex_indices',
  'end_header',
  '1 2 3.5 2 7 8 0 0 1 10 20 30',
  '-1e-3 0 4 0 0 1 0 255 0 7',
  '3 0 1 0',
];

describe('readPlyCloud', () => {
  test('reads what our own writer writes', () => {
    const cloud = sphereCloud(500);
    const back = readPlyCloud(writeCloudPly(cloud));
    expect(back.count).toBe(500);
    expect(back.hasNormals).toBe(true);
    expect(back.positions).toEqual(cloud.positions);
    expect(back.normals).toEqual(cloud.normals);
    expect(back.colours).toEqual(cloud.colours);
    expect(back.sides).toEqual(cloud.sides);
  });

  test('reads ASCII with lists and comments', () => {
    const cloud = readPlyCloud(text(ASCII));
    expect([...cloud.positions]).toEqual([1, 2, 3.5, Math.fround(-1e-3), 0, 4]);
    expect([...cloud.normals]).toEqual([0, 0, 1, 0, 1, 0]);
    expect([...cloud.colours]).toEqual([10, 20, 30, 255, 0, 7]);
  });

  test('reads Windows line ends', () => {
    const cloud = readPlyCloud(new TextEncoder().encode(ASCII.join('\r\n')));
    expect(cloud.count).toBe(2);
  });

  test('reads big endian with another element first', () => {
    const head = text([
      'ply',
      'format binary_big_endian 1.0',
      'element camera 1',
      'property list uchar short values',
      'element vertex 1',
      'property float x',
      'property float y',
      'property float z',
      'end_header',
    ]);
    const body = new DataView(new ArrayBuffer(1 + 4 + 12));
    body.setUint8(0, 2);
    body.setFloat32(5, 1.5);
    body.setFloat32(9, -2);
    body.setFloat32(13, 8);
    const cloud = readPlyCloud(new Uint8Array([...head, ...new Uint8Array(body.buffer)]));
    expect([...cloud.positions]).toEqual([1.5, -2, 8]);
    expect(cloud.hasNormals).toBe(false);
  });

  const without = (line: string) => text(ASCII.filter((l) => l !== line));
  const changed = (from: string, to: string) => text(ASCII.map((l) => (l === from ? to : l)));
  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /begin with "ply"/],
    ['a picture', new Uint8Array([0xff, 0xd8, 0xff]), /begin with "ply"/],
    ['no end of header', text(ASCII.slice(0, 5)), /no end/],
    ['no format', without('format ascii 1.0'), /names no format/],
    ['another format', changed('format ascii 1.0', 'format utf8 1.0'), /unknown/],
    ['no x', changed('property float x', 'property float a'), /no x/],
    ['a wrong type', changed('property float y', 'property quad y'), /is no property/],
    ['a negative count', changed('element vertex 2', 'element vertex -2'), /no count/],
    ['too large a count', changed('element vertex 2', 'element vertex 2000000000'), /too short/],
    ['one vertex too many', changed('element vertex 2', 'element vertex 3'), /ends too early|is no number/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readPlyCloud(bytes)).toThrow(message);
    expect(() => readPlyCloud(bytes)).toThrow(StageError);
  });

  test('refuses a word among the numbers', () => {
    expect(() => readPlyCloud(changed('1 2 3.5 2 7 8 0 0 1 10 20 30', '1 2 zero 0 0 0 1 1 1 1'))).toThrow(
      /"zero"/,
    );
  });

  test('fuzz, seeds 0 .. 1999: damaged files give a cloud or a StageError', () => {
    const whole = [text(ASCII), writeCloudPly(sphereCloud(20))];
    for (let seed = 0; seed < 2000; seed++) {
      const u = (k: number) => (hashNoise(seed, k) + 1) / 2;
      let bytes = whole[seed % 2].slice();
      for (let k = 0; k < 1 + u(0) * 8; k++)
        bytes[Math.floor(u(2 * k + 1) * bytes.length)] = u(2 * k + 2) * 256;
      if (u(50) < 0.3) bytes = bytes.slice(0, Math.floor(u(51) * bytes.length));
      try {
        expect(readPlyCloud(bytes).count).toBeGreaterThanOrEqual(0);
      } catch (thrown) {
        if (!(thrown instanceof StageError)) throw thrown;
      }
    }
  });
});
