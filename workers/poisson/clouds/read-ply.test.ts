import { describe, expect, test } from 'vitest';
import { hashNoise } from '../../../src/base/deterministic.ts';
import { writeCloudPly } from '../../../src/export/ply.ts';
import { makeClouds } from '../../../tests/cases/clouds/make-clouds.ts';
import { SurfaceError } from '../failures.ts';
import { sphereCloud } from '../shapes.ts';
import type { CloudFile } from './from-columns.ts';
import { readCloud } from './read-cloud.ts';
import { readPlyCloud } from './read-ply.ts';

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
    ['eleven vertices of which two are there', changed('element vertex 2', 'element vertex 11'), /too short/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readPlyCloud(bytes)).toThrow(message);
    expect(() => readPlyCloud(bytes)).toThrow(SurfaceError);
  });

  test('refuses a word among the numbers', () => {
    expect(() => readPlyCloud(changed('1 2 3.5 2 7 8 0 0 1 10 20 30', '1 2 zero 0 0 0 1 1 1 1'))).toThrow(
      /"zero"/,
    );
  });

  test('one vertex too many: the others are used, and counted', () => {
    const cloud = readPlyCloud(changed('element vertex 2', 'element vertex 3'));
    expect(cloud.count).toBe(2);
    expect(cloud.notices.join('\n')).toMatch(/1 line without the values of a point/);
  });

  test('data beyond the count: whole points are left out and said, anything else is refused', () => {
    const noFaces = ASCII.filter((l) => !/face|vertex_indices|^3 0 1/.test(l));
    expect(readPlyCloud(text([...noFaces, '']))).toMatchObject({ count: 2, notices: [] });
    const one = readPlyCloud(text(noFaces.map((l) => (l === 'element vertex 2' ? 'element vertex 1' : l))));
    expect(one.count).toBe(1);
    expect(one.notices.join('\n')).toMatch(/1 line after its 1 points/);
    const whole = writeCloudPly(sphereCloud(20));
    const fewer = (extra: number[]) => {
      const head = new TextDecoder('latin1').decode(whole).replace('vertex 20', 'vertex 19');
      return Uint8Array.from([...Uint8Array.from(head, (c) => c.charCodeAt(0)), ...extra]);
    };
    expect(readPlyCloud(fewer([]))).toMatchObject({
      count: 19,
      notices: [expect.stringMatching(/1 more points/)],
    });
    expect(() => readPlyCloud(fewer([1, 2, 3, 4, 5]))).toThrow(/more than its 19/);
    expect(readPlyCloud(Uint8Array.from([...whole, 10]))).toMatchObject({ count: 20, notices: [] });
  });

  /** The same cloud in all three formats, with an element and a list in front that must be skipped. */
  const encodings = (): Uint8Array[] =>
    ['ascii', 'binary_little_endian', 'binary_big_endian'].map((format) => {
      const cloud = sphereCloud(12);
      const head = [
        'ply',
        `format ${format} 1.0`,
        'element camera 2',
        'property list uchar short values',
        'element vertex 12',
        ...['x', 'y', 'z', 'nx', 'ny', 'nz'].map(
          (name) => `property ${name === 'z' ? 'double' : 'float'} ${name}`,
        ),
        'property uchar red',
        'end_header',
      ];
      const little = format === 'binary_little_endian';
      const rows: string[] = ['2 5 -6', '0'];
      const bytes: number[] = [];
      const scalar = new DataView(new ArrayBuffer(8));
      const put = (size: number, write: () => void) => {
        write();
        for (let k = 0; k < size; k++) bytes.push(scalar.getUint8(k));
      };
      bytes.push(2);
      for (const value of [5, -6]) put(2, () => scalar.setInt16(0, value, little));
      bytes.push(0);
      for (let i = 0; i < 12; i++) {
        const values = [
          ...cloud.positions.subarray(i * 3, i * 3 + 3),
          ...cloud.normals.subarray(i * 3, i * 3 + 3),
        ];
        rows.push(`${values.join(' ')} ${i}`);
        for (const [k, value] of values.entries()) {
          if (k === 2) put(8, () => scalar.setFloat64(0, value, little));
          else put(4, () => scalar.setFloat32(0, value, little));
        }
        bytes.push(i);
      }
      return format === 'ascii' ? text([...head, ...rows]) : new Uint8Array([...text(head), ...bytes]);
    });

  test('ASCII, little and big endian give the same cloud', () => {
    const clouds = encodings().map(readPlyCloud);
    for (const cloud of clouds) {
      expect(cloud.positions).toEqual(sphereCloud(12).positions);
      expect(cloud.normals).toEqual(sphereCloud(12).normals);
      expect(cloud.colours).toEqual(clouds[0].colours);
    }
  });

  test('fuzz, seeds 0 .. 4999: damaged files give a cloud of finite numbers or a SurfaceError', () => {
    const whole = [text(ASCII), writeCloudPly(sphereCloud(20)), ...encodings()];
    damageAll(whole, 5000, readPlyCloud);
  });

  test('fuzz, seeds 0 .. 5999: the same for the layouts of other tools, read by content', () => {
    const made = makeClouds();
    // Short files, so that a damaged byte matters.
    const whole = [...made]
      .filter(([name]) => !/scan\.|packed\.ply\.gz|empty/.test(name))
      .map(([name, bytes]) =>
        /ascii|xyz|pts|csv|obj/.test(name) ? bytes.slice(0, 1500) : bytes.slice(0, 900),
      );
    damageAll(whole, 6000, readCloud);
  });
});

/** Damages bytes of the files, half of them in the header, and cuts some off. */
function damageAll(
  whole: readonly Uint8Array[],
  seeds: number,
  read: (bytes: Uint8Array) => CloudFile,
): void {
  for (let seed = 0; seed < seeds; seed++) {
    const u = (k: number) => (hashNoise(seed, k) + 1) / 2;
    let bytes = whole[seed % whole.length].slice();
    for (let k = 0; k < 1 + u(0) * 8; k++)
      bytes[Math.floor(u(2 * k + 1) * bytes.length)] = u(2 * k + 2) * 256;
    // That is where the counts and types are.
    if (u(60) < 0.5) bytes[Math.floor(u(61) * Math.min(bytes.length, 300))] = u(62) * 256;
    if (u(50) < 0.3) bytes = bytes.slice(0, Math.floor(u(51) * bytes.length));
    try {
      const cloud = read(bytes);
      expect(cloud.positions.length, `seed ${seed}`).toBe(cloud.count * 3);
      expect(cloud.normals.every(Number.isFinite), `seed ${seed}`).toBe(true);
    } catch (thrown) {
      if (!(thrown instanceof SurfaceError)) throw thrown;
    }
  }
}
