/**
 * Makes the point clouds of this folder: an egg-like body with a head, 1.7 high, in the layouts that other tools write. Own
 * content (CC0), no randomness but base/deterministic.ts. `npx tsx tests/cases/clouds/make-clouds.ts` writes them again.
 */
import { readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashNoise } from '../../../src/base/deterministic.ts';

export interface Body {
  readonly positions: number[][];
  readonly normals: number[][];
  readonly colours: number[][];
}

const GOLDEN = Math.PI * (3 - Math.sqrt(5));
const noise = (i: number, seed: number) => hashNoise(seed, i);

/** Points on the outside of an ellipsoid (0.5 x 1.4 x 0.3) and of a ball of radius 0.13 on top; head light, body blue. */
export function makeBody(count: number): Body {
  const [rx, ry, rz] = [0.25, 0.7, 0.15];
  const unit = (i: number, n: number) => {
    const z = 1 - (2 * i + 1) / n;
    const r = Math.sqrt(1 - z * z);
    return [r * Math.cos(GOLDEN * i), z, r * Math.sin(GOLDEN * i)];
  };
  const length = (v: readonly number[]) => Math.hypot(v[0], v[1], v[2]);
  const body: Body = { positions: [], normals: [], colours: [] };
  const add = (position: number[], normal: number[]) => {
    body.positions.push(position);
    body.normals.push(normal.map((value) => value / length(normal)));
    body.colours.push(position[1] > 0.7 ? [220, 170, 140] : [40, 90, 200]);
  };
  const onBody = Math.round(count * 0.8);
  for (let i = 0; i < onBody; i++) {
    const v = unit(i, onBody);
    const p = [v[0] * rx, v[1] * ry, v[2] * rz];
    if (length([p[0], p[1] - 0.8, p[2]]) > 0.13) add(p, [v[0] / rx, v[1] / ry, v[2] / rz]);
  }
  for (let i = 0; i < count - onBody; i++) {
    const v = unit(i, count - onBody);
    const p = [v[0] * 0.13, v[1] * 0.13 + 0.8, v[2] * 0.13];
    if (length([p[0] / rx, p[1] / ry, p[2] / rz]) > 1) add(p, v);
  }
  return body;
}

type Type = 'float' | 'double' | 'uchar' | 'char' | 'ushort' | 'short' | 'int' | 'uint' | 'int64';
type Columns = readonly (readonly [name: string, type: Type, value: (i: number) => number])[];

interface Style {
  readonly format?: 'ascii' | 'binary_little_endian' | 'binary_big_endian';
  readonly lineEnd?: string;
  /** Lines between format and the vertex element. */
  readonly before?: readonly string[];
  /** Lines after the vertex properties. */
  readonly after?: readonly string[];
  /** Bytes between header and vertices, and after them. */
  readonly lead?: Uint8Array;
  readonly tail?: Uint8Array;
  readonly magic?: string;
  readonly typeName?: (type: Type) => string;
  readonly declared?: number;
  /** A line of an ASCII body, changed. */
  readonly line?: (line: string, i: number) => string;
}

const WIDTHS: Readonly<Record<Type, number>> = {
  float: 4,
  double: 8,
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  int: 4,
  uint: 4,
  int64: 8,
};

const PUTS: Readonly<Record<Type, (view: DataView, at: number, value: number, little: boolean) => void>> = {
  float: (view, at, value, little) => view.setFloat32(at, value, little),
  double: (view, at, value, little) => view.setFloat64(at, value, little),
  uchar: (view, at, value) => view.setUint8(at, value),
  char: (view, at, value) => view.setInt8(at, value),
  ushort: (view, at, value, little) => view.setUint16(at, value, little),
  short: (view, at, value, little) => view.setInt16(at, value, little),
  int: (view, at, value, little) => view.setInt32(at, value, little),
  uint: (view, at, value, little) => view.setUint32(at, value, little),
  int64: (view, at, value, little) => view.setBigInt64(at, BigInt(value), little),
};

const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function rowsOf(columns: Columns, count: number, little: boolean): Uint8Array {
  const stride = columns.reduce((sum, [, type]) => sum + WIDTHS[type], 0);
  const bytes = new Uint8Array(count * stride);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (const [, type, value] of columns) {
      PUTS[type](view, at, value(i), little);
      at += WIDTHS[type];
    }
  }
  return bytes;
}

/** Five decimals are enough for a body of 1.7. */
const written = (value: number) =>
  Number.isFinite(value)
    ? String(Number(value.toFixed(5)))
    : String(value).toLowerCase().replace('infinity', 'inf');

const linesOf = (columns: Columns, count: number) =>
  Array.from({ length: count }, (_, i) => columns.map(([, , value]) => written(value(i))).join(' '));

function ply(columns: Columns, count: number, style: Style = {}): Uint8Array {
  const { format = 'binary_little_endian', lineEnd = '\n', typeName = (type) => type } = style;
  const head = [
    style.magic ?? 'ply',
    `format ${format} 1.0`,
    ...(style.before ?? []),
    `element vertex ${style.declared ?? count}`,
    ...columns.map(([name, type]) => `property ${typeName(type)} ${name}`),
    ...(style.after ?? []),
    'end_header',
    '',
  ]
    .join(lineEnd)
    .replace(/\n\t$/, '\n');
  const body =
    format === 'ascii'
      ? bytesOf(
          linesOf(columns, count)
            .map((line, i) => `${style.line?.(line, i) ?? line}\n`)
            .join(''),
        )
      : rowsOf(columns, count, format === 'binary_little_endian');
  return joined(bytesOf(head), style.lead ?? new Uint8Array(0), body, style.tail ?? new Uint8Array(0));
}

const AXES = ['x', 'y', 'z'];
const xyz = (body: Body, type: Type = 'float', shift: readonly number[] = [0, 0, 0]): Columns =>
  AXES.map((name, k) => [name, type, (i) => body.positions[i][k] + shift[k]] as const);
const nxyz = (
  body: Body,
  type: Type = 'float',
  of: (value: number) => number = (value) => value,
  prefix = 'n',
): Columns => AXES.map((axis, k) => [`${prefix}${axis}`, type, (i) => of(body.normals[i][k])] as const);
const rgb = (
  body: Body,
  type: Type = 'uchar',
  of: (value: number) => number = (value) => value,
  names: readonly string[] = ['red', 'green', 'blue'],
): Columns => names.map((name, k) => [name, type, (i) => of(body.colours[i][k])] as const);
const constant = (name: string, type: Type, value: number): Columns[number] => [name, type, () => value];

const mapped = (body: Body, position: (p: number[], i: number) => number[]): Body => ({
  ...body,
  positions: body.positions.map(position),
});
const withNormals = (body: Body, normal: (n: number[], i: number) => number[]): Body => ({
  ...body,
  normals: body.normals.map(normal),
});
const together = (...bodies: readonly Body[]): Body => ({
  positions: bodies.flatMap((b) => b.positions),
  normals: bodies.flatMap((b) => b.normals),
  colours: bodies.flatMap((b) => b.colours),
});
const only = (body: Body, keep: (i: number) => boolean): Body => ({
  positions: body.positions.filter((_, i) => keep(i)),
  normals: body.normals.filter((_, i) => keep(i)),
  colours: body.colours.filter((_, i) => keep(i)),
});
const moved = (body: Body, by: readonly number[]) => mapped(body, (p) => p.map((value, k) => value + by[k]));

const UTM = [512434, 5405590, 348.5];
const ECEF = [2511673.6, 1438633.7, 5664733.7];

/** Bits of a float as the word that packs a colour. */
const packedWord = ([r, g, b]: readonly number[]) => (r << 16) | (g << 8) | b;
function packedFloat(colour: readonly number[]): number {
  const word = new Uint32Array([packedWord(colour)]);
  return new Float32Array(word.buffer)[0];
}

/** PCD with x y z, normals and a packed colour. */
function pcd(body: Body, data: 'ascii' | 'binary', hole: (i: number) => boolean): Uint8Array {
  const count = body.positions.length;
  const holed = mapped(body, (p, i) => (hole(i) ? [Number.NaN, Number.NaN, Number.NaN] : p));
  const head = [
    '# .PCD v0.7 - Point Cloud Data file format',
    'VERSION 0.7',
    'FIELDS x y z normal_x normal_y normal_z rgb',
    'SIZE 4 4 4 4 4 4 4',
    `TYPE F F F F F F ${data === 'ascii' ? 'U' : 'F'}`,
    'COUNT 1 1 1 1 1 1 1',
    `WIDTH ${count / 2}`,
    'HEIGHT 2',
    'VIEWPOINT 0 0 0 1 0 0 0',
    `POINTS ${count}`,
    `DATA ${data}`,
    '',
  ].join('\n');
  const columns: Columns = [
    ...xyz(holed),
    ...nxyz(holed),
    ['rgb', 'uint', (i) => packedWord(holed.colours[i])],
  ];
  return joined(
    bytesOf(head),
    data === 'ascii' ? bytesOf(`${linesOf(columns, count).join('\n')}\n`) : rowsOf(columns, count, true),
  );
}

/** Name and bytes of every case. */
export function makeClouds(): Map<string, Uint8Array> {
  const body = makeBody(520);
  const small = makeBody(300);
  const n = body.positions.length;
  const s = small.positions.length;
  const of = (b: Body, style?: Style) => ply([...xyz(b), ...nxyz(b), ...rgb(b)], b.positions.length, style);
  const all = (b: Body): Columns => [...xyz(b), ...nxyz(b), ...rgb(b)];
  const bare = (b: Body, style?: Style) => ply([...xyz(b), ...rgb(b)], b.positions.length, style);
  const text = (lines: readonly string[]) => bytesOf(`${lines.join('\n')}\n`);
  const ascii = (line: Style['line'], extra: Style = {}) => of(small, { ...extra, format: 'ascii', line });
  const swapWord = (line: string, at: number, word: string) =>
    line
      .split(' ')
      .map((old, k) => (k === at ? word : old))
      .join(' ');
  const outliers = (count: number, at: (i: number) => number[]): Body => ({
    positions: Array.from({ length: count }, (_, i) => at(i)),
    normals: Array.from({ length: count }, () => [0, 1, 0]),
    colours: Array.from({ length: count }, () => [255, 0, 0]),
  });
  const sparse = only(makeBody(5000), (i) => i >= 3950 || i % 30 === 0);
  return new Map<string, Uint8Array>([
    // Line ends, types, encodings.
    ['base.ply', of(body)],
    ['big-endian.ply', of(small, { format: 'binary_big_endian' })],
    ['crlf.ply', of(small, { lineEnd: '\r\n' })],
    ['cr.ply', of(small, { lineEnd: '\r' })],
    [
      'cr-first-byte-10.ply',
      of(
        mapped(small, (p, i) =>
          i === 0 ? [new Float32Array(new Uint32Array([0x3d4ccc0a]).buffer)[0], p[1], p[2]] : p,
        ),
        { lineEnd: '\r' },
      ),
    ],
    ['lfcr.ply', of(small, { lineEnd: '\n\r' })],
    [
      'indented-upper.ply',
      of(small, { lineEnd: '  \n\t', typeName: (type) => type.toUpperCase(), tail: new Uint8Array(0) }),
    ],
    ['bom-ascii.ply', of(small, { format: 'ascii', magic: '\xef\xbb\xbfply' })],
    [
      'comments.ply',
      of(small, {
        before: [
          'comment end_header',
          'obj_info num_cols 512',
          'comment',
          'comment broken',
          'over two lines',
          'comment property float q',
        ],
      }),
    ],
    [
      'sized-types.ply',
      ply(all(small), s, {
        typeName: (type) =>
          ({
            float: 'float32',
            double: 'float64',
            uchar: 'uint8',
            char: 'int8',
            ushort: 'uint16',
            short: 'int16',
            int: 'int32',
            uint: 'uint32',
            int64: 'int64',
          })[type],
      }),
    ],
    ['int64-label.ply', ply([...all(small), ['label', 'int64', (i) => i]], s)],
    ['lists-everywhere.ply', listsEverywhere(small)],
    [
      'range-grid.ply',
      of(small, {
        after: [`element range_grid ${s}`, 'property list uchar int vertex_indices'],
        tail: rangeGrid(s),
      }),
    ],
    [
      'upper-names.ply',
      ply(
        all(small).map(
          ([name, type, value]) => [name.length > 2 ? name : name.toUpperCase(), type, value] as const,
        ),
        s,
      ),
    ],
    // Colours.
    [
      'diffuse_rgb.ply',
      ply(
        [
          ...xyz(small),
          ...nxyz(small),
          ...rgb(small, 'uchar', undefined, ['diffuse_red', 'diffuse_green', 'diffuse_blue']),
        ],
        s,
      ),
    ],
    [
      'r-g-b.ply',
      ply([...xyz(small), ...nxyz(small), ...rgb(small, 'uchar', undefined, ['r', 'g', 'b'])], s),
    ],
    ['ushort-rgb.ply', ply([...xyz(small), ...nxyz(small), ...rgb(small, 'ushort', (v) => v * 257)], s)],
    ['int-rgb.ply', ply([...xyz(small), ...nxyz(small), ...rgb(small, 'int')], s)],
    ['float-rgb-1.ply', ply([...xyz(small), ...nxyz(small), ...rgb(small, 'float', (v) => v / 255)], s)],
    ['float_rgb_255.ply', ply([...xyz(small), ...nxyz(small), ...rgb(small, 'float')], s)],
    [
      'packed-float-rgb.ply',
      ply([...xyz(small), ...nxyz(small), ['rgb', 'float', (i) => packedFloat(small.colours[i])]], s),
    ],
    [
      'packed-uint-rgba.ply',
      ply(
        [
          ...xyz(small),
          ...nxyz(small),
          ['rgba', 'uint', (i) => (0xff000000 | packedWord(small.colours[i])) >>> 0],
        ],
        s,
      ),
    ],
    ['alpha.ply', ply([...all(small), constant('alpha', 'uchar', 7)], s)],
    [
      'intensity.ply',
      ply([...xyz(small), ...nxyz(small), ['scalar_Intensity', 'float', (i) => small.colours[i][0] * 8]], s),
    ],
    [
      'gaussian-splat.ply',
      ply(
        [
          ...xyz(small),
          ...nxyz(withNormals(small, () => [0, 0, 0])),
          ...rgb(small, 'float', (v) => (v / 255 - 0.5) / 0.28209479177387814, [
            'f_dc_0',
            'f_dc_1',
            'f_dc_2',
          ]),
          constant('opacity', 'float', 1),
        ],
        s,
      ),
    ],
    // Normals.
    ['normal_x.ply', ply([...xyz(small), ...nxyz(small, 'float', undefined, 'normal_'), ...rgb(small)], s)],
    [
      'char-normals.ply',
      ply([...xyz(small), ...nxyz(small, 'char', (v) => Math.round(v * 127)), ...rgb(small)], s),
    ],
    [
      'uchar-normals.ply',
      ply([...xyz(small), ...nxyz(small, 'uchar', (v) => Math.round(v * 127 + 128)), ...rgb(small)], s),
    ],
    ['long-normals.ply', ply([...xyz(small), ...nxyz(small, 'float', (v) => v * 255), ...rgb(small)], s)],
    ['zero-normals.ply', of(withNormals(body, () => [0, 0, 0]))],
    ['third-zero-normals.ply', of(withNormals(body, (v, i) => (i % 3 === 0 ? [0, 0, 0] : v)))],
    ['nan-normals.ply', of(withNormals(small, (v, i) => (i < 5 ? [Number.NaN, 0, 1] : v)))],
    ['no-normals.ply', bare(body)],
    ['inward-normals.ply', of(withNormals(small, (v) => v.map((value) => -value)))],
    [
      'mixed-sides.ply',
      of(withNormals(body, (v, i) => v.map((value) => (noise(i, 3) < 0 ? -value : value)))),
    ],
    [
      'half-inward.ply',
      of(withNormals(body, (v, i) => v.map((value) => (body.positions[i][1] > 0 ? -value : value)))),
    ],
    ['random-normals.ply', of(withNormals(body, (_, i) => [noise(i, 5), noise(i, 6), noise(i, 7)]))],
    // Values of text files.
    ['ascii.ply', ascii(undefined)],
    [
      'ascii_minus_nan.ply',
      ascii((line, i) =>
        i === 3 ? swapWord(swapWord(swapWord(line, 3, '-nan'), 4, 'nan'), 5, '-nan') : line,
      ),
    ],
    [
      'ascii-odd-numbers.ply',
      ascii((line, i) =>
        i < 5 ? swapWord(line, 0, ['-nan(ind)', '1.#QNAN', '-inf', 'NaN', '1.#INF'][i]) : line,
      ),
    ],
    ['ascii-decimal-commas.ply', ascii((line) => line.replaceAll('.', ','))],
    [
      'ascii-uneven-lines.ply',
      ascii((line, i) => (i === 2 ? line.split(' ').slice(0, 5).join(' ') : i === 7 ? `${line} 9 9` : line)),
    ],
    ['ascii-short-lines.ply', ascii((line) => line.split(' ').slice(0, 3).join(' '))],
    [
      'ascii-wrapped.ply',
      ascii((line) => `${line.split(' ').slice(0, 3).join(' ')}\n${line.split(' ').slice(3).join(' ')}`),
    ],
    ['ascii-words.ply', ascii((line, i) => (i % 5 === 0 ? swapWord(line, 1, 'abc') : line))],
    [
      'nan_points.ply',
      of(mapped(small, (p, i) => (i === 5 ? [Number.NaN, 0, 0] : i === 77 ? [0, Infinity, 0] : p))),
    ],
    ['holes-at-zero.ply', of(mapped(body, (p, i) => (i % 4 === 0 ? [0, 0, 0] : p)))],
    // Where the body lies, and what lies beside it.
    ['utm_double.ply', ply([...xyz(body, 'double', UTM), ...nxyz(body), ...rgb(body)], n)],
    ['ecef-no-normals.ply', ply([...xyz(body, 'double', ECEF), ...rgb(body)], n)],
    [
      'utm-ascii.ply',
      ply([...xyz(small, 'double', UTM), ...nxyz(small), ...rgb(small)], s, { format: 'ascii' }),
    ],
    ['utm-float.ply', ply([...xyz(body, 'float', UTM), ...nxyz(body), ...rgb(body)], n)],
    ['millimetres.ply', of(mapped(small, (p) => p.map((value) => value * 1000)))],
    [
      'outlier_1_at_20.0.ply',
      of(
        together(
          small,
          outliers(1, () => [20, 20, 20]),
        ),
      ),
    ],
    [
      'outliers-scattered.ply',
      of(
        together(
          body,
          outliers(20, (i) => [noise(i, 1) * 40, noise(i, 2) * 40, noise(i, 3) * 40]),
        ),
      ),
    ],
    [
      'outlier-1e30.ply',
      of(
        together(
          small,
          outliers(1, () => [1e30, 0, 0]),
        ),
      ),
    ],
    [
      'one-spot-far.ply',
      of(
        together(
          small,
          outliers(300, () => [-9999, -9999, -9999]),
        ),
      ),
    ],
    ['two-near.ply', of(together(small, moved(small, [3, 0, 0])))],
    ['two-far.ply', of(together(small, moved(small, [400, 0, 0])))],
    [
      'mostly-scattered.ply',
      of(
        together(
          small,
          outliers(250, (i) => [noise(i, 1) * 40, noise(i, 2) * 40, noise(i, 3) * 40]),
        ),
      ),
    ],
    // Shapes that are no body, or hardly one.
    ['dense-head.ply', of(sparse)],
    ['doubled.ply', of(together(small, small, small))],
    ['doubled-no-normals.ply', bare(together(...Array.from({ length: 14 }, () => makeBody(140))))],
    [
      'plane.ply',
      of(
        mapped(
          withNormals(small, () => [0, 0, 1]),
          ([x, y]) => [x, y, 0],
        ),
      ),
    ],
    [
      'plane-noisy-no-normals.ply',
      bare(mapped(small, (_, i) => [noise(i, 1), noise(i, 2), noise(i, 3) * 1e-3])),
    ],
    ['line.ply', bare(mapped(small, (_, i) => [i / s, (2 * i) / s, 0]))],
    ['one-point.ply', of(only(small, (i) => i === 0))],
    ['same-points.ply', of(mapped(small, () => [1, 2, 3]))],
    ['no-points.ply', of(only(small, () => false))],
    [
      'noise-cube.ply',
      of(
        mapped(
          withNormals(body, (_, i) => [noise(i, 5), noise(i, 6), noise(i, 7)]),
          (_, i) => [noise(i, 1), noise(i, 2), noise(i, 3)],
        ),
      ),
    ],
    ['one-side.ply', of(only(makeBody(1000), (i) => makeBody(1000).positions[i][2] > 0))],
    // Cut off, or another count than it says.
    ['cut-off-at-90.ply', of(small).slice(0, Math.round(of(small).length * 0.9))],
    ['cut-off-at-30.ply', of(small).slice(0, Math.round(of(small).length * 0.3))],
    ['cut-off-ascii.ply', ascii(undefined).slice(0, Math.round(ascii(undefined).length * 0.9))],
    ['count-too-small.ply', of(small, { declared: s - 10 })],
    ['count-too-small-ascii.ply', ascii(undefined, { declared: s - 10 })],
    [
      'huge-count.ply',
      of(
        only(small, (i) => i < 10),
        { declared: 4_000_000_000 },
      ),
    ],
    // Other formats, read or named.
    ['points.xyz', text(linesOf([...xyz(small), ...rgb(small)], s))],
    [
      'points.pts',
      text([String(s), ...linesOf([...xyz(small), constant('i', 'int', -900), ...rgb(small)], s)]),
    ],
    [
      'points.csv',
      text([
        '"X","Y","Z","Nx","Ny","Nz"',
        ...linesOf([...xyz(small), ...nxyz(small)], s).map((line) => line.replaceAll(' ', ',')),
      ]),
    ],
    [
      'points.obj',
      text([
        '# points',
        ...linesOf(xyz(small), s).map((line) => `v ${line}`),
        ...linesOf(nxyz(small), s).map((line) => `vn ${line}`),
      ]),
    ],
    ['organised-ascii.pcd', pcd(small, 'ascii', (i) => i % 10 === 0)],
    ['organised-binary.pcd', pcd(small, 'binary', (i) => i % 10 === 0)],
    ['packed.ply.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['scan.las', joined(bytesOf('LASF'), new Uint8Array(400))],
    ['scan.e57', joined(bytesOf('ASTM-E57'), new Uint8Array(400))],
    [
      'compressed-splat.ply',
      text([
        'ply',
        'format binary_little_endian 1.0',
        'element chunk 1',
        'property float min_x',
        'element vertex 2',
        'property uint packed_position',
        'end_header',
        '\0\0\0\0\0\0\0\0\0\0\0',
      ]),
    ],
    [
      'pointer.ply',
      text(['version https://git-lfs.github.com/spec/v1', `oid sha256:${'0'.repeat(64)}`, 'size 424835']),
    ],
    ['page.ply', text(['<!DOCTYPE html>', '<title>Sign in</title>'])],
    ['empty.ply', new Uint8Array(0)],
  ]);
}

/** A list before the vertices, in front of x and behind the colour, and faces. */
function listsEverywhere(body: Body): Uint8Array {
  const count = body.positions.length;
  const head = [
    'ply',
    'format binary_little_endian 1.0',
    'element camera 1',
    'property float view',
    'property list uchar float k',
    `element vertex ${count}`,
    'property list uchar int before',
    ...['x', 'y', 'z', 'nx', 'ny', 'nz'].map((name) => `property float ${name}`),
    ...['red', 'green', 'blue'].map((name) => `property uchar ${name}`),
    'property list uchar ushort tags',
    'element face 1',
    'property list uchar int vertex_indices',
    'end_header',
    '',
  ].join('\n');
  const columns: Columns = [...xyz(body), ...nxyz(body), ...rgb(body)];
  const rows = rowsOf(columns, count, true);
  const stride = rows.length / count;
  const parts: Uint8Array[] = [
    bytesOf(head),
    rowsOf([constant('view', 'float', 1), constant('n', 'uchar', 1), constant('k', 'float', 3)], 1, true),
  ];
  for (let i = 0; i < count; i++) {
    const tags = rowsOf(
      [constant('n', 'uchar', i % 3), ...Array.from({ length: i % 3 }, () => constant('t', 'ushort', 9))],
      1,
      true,
    );
    parts.push(
      rowsOf([constant('n', 'uchar', 1), constant('b', 'int', 7)], 1, true),
      rows.subarray(i * stride, (i + 1) * stride),
      tags,
    );
  }
  parts.push(rowsOf([constant('n', 'uchar', 3), ...[0, 1, 2].map((k) => constant('v', 'int', k))], 1, true));
  return joined(...parts);
}

/** A grid of a range scanner: a list of one index or none. */
const rangeGrid = (count: number) =>
  joined(
    ...Array.from({ length: count }, (_, i) =>
      i % 2 === 0 ? rowsOf([constant('n', 'uchar', 1), constant('v', 'int', i)], 1, true) : Uint8Array.of(0),
    ),
  );

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  const folder = import.meta.dirname;
  for (const name of readdirSync(folder)) if (!/\.(ts|md)$/.test(name)) rmSync(join(folder, name));
  for (const [name, bytes] of makeClouds()) writeFileSync(join(folder, name), bytes);
}
