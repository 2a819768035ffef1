/**
 * Makes the point clouds of this folder: an egg-like body with a head, 1.7 high, in the layouts that other tools write. Own
 * content (CC0), no randomness but base/deterministic.ts. `npx tsx tests/cases/clouds/make-clouds.ts` writes them again.
 */
import { readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Body, makeBody, mapped, moved, noise, only, together, withNormals } from './body.ts';
import {
  bytesOf,
  type Columns,
  constant,
  joined,
  linesOf,
  listsEverywhere,
  nxyz,
  packedFloat,
  packedWord,
  pcd,
  ply,
  rangeGrid,
  rgb,
  type Style,
  xyz,
} from './cloud-files.ts';

const UTM = [512434, 5405590, 348.5];
const ECEF = [2511673.6, 1438633.7, 5664733.7];

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

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  const folder = import.meta.dirname;
  for (const name of readdirSync(folder)) if (!/\.(ts|md)$/.test(name)) rmSync(join(folder, name));
  for (const [name, bytes] of makeClouds()) writeFileSync(join(folder, name), bytes);
}
