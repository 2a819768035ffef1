/** Point cloud files of the cases, written byte by byte as other tools write them: PLY in its variants, PCD, rows of text. */
import { type Body, mapped } from './body.ts';

export type Type = 'float' | 'double' | 'uchar' | 'char' | 'ushort' | 'short' | 'int' | 'uint' | 'int64';
export type Columns = readonly (readonly [name: string, type: Type, value: (i: number) => number])[];

export interface Style {
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

export const WIDTHS: Readonly<Record<Type, number>> = {
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

export const PUTS: Readonly<
  Record<Type, (view: DataView, at: number, value: number, little: boolean) => void>
> = {
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

export const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function rowsOf(columns: Columns, count: number, little: boolean): Uint8Array {
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
export const written = (value: number) =>
  Number.isFinite(value)
    ? String(Number(value.toFixed(5)))
    : String(value).toLowerCase().replace('infinity', 'inf');

export const linesOf = (columns: Columns, count: number) =>
  Array.from({ length: count }, (_, i) => columns.map(([, , value]) => written(value(i))).join(' '));

export function ply(columns: Columns, count: number, style: Style = {}): Uint8Array {
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

export const AXES = ['x', 'y', 'z'];
export const xyz = (body: Body, type: Type = 'float', shift: readonly number[] = [0, 0, 0]): Columns =>
  AXES.map((name, k) => [name, type, (i) => body.positions[i][k] + shift[k]] as const);
export const nxyz = (
  body: Body,
  type: Type = 'float',
  of: (value: number) => number = (value) => value,
  prefix = 'n',
): Columns => AXES.map((axis, k) => [`${prefix}${axis}`, type, (i) => of(body.normals[i][k])] as const);
export const rgb = (
  body: Body,
  type: Type = 'uchar',
  of: (value: number) => number = (value) => value,
  names: readonly string[] = ['red', 'green', 'blue'],
): Columns => names.map((name, k) => [name, type, (i) => of(body.colours[i][k])] as const);
export const constant = (name: string, type: Type, value: number): Columns[number] => [
  name,
  type,
  () => value,
];

/** Bits of a float as the word that packs a colour. */
export const packedWord = ([r, g, b]: readonly number[]) => (r << 16) | (g << 8) | b;
export function packedFloat(colour: readonly number[]): number {
  const word = new Uint32Array([packedWord(colour)]);
  return new Float32Array(word.buffer)[0];
}

/** PCD with x y z, normals and a packed colour. */
export function pcd(body: Body, data: 'ascii' | 'binary', hole: (i: number) => boolean): Uint8Array {
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

/** A list before the vertices, in front of x and behind the colour, and faces. */
export function listsEverywhere(body: Body): Uint8Array {
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
export const rangeGrid = (count: number) =>
  joined(
    ...Array.from({ length: count }, (_, i) =>
      i % 2 === 0 ? rowsOf([constant('n', 'uchar', 1), constant('v', 'int', i)], 1, true) : Uint8Array.of(0),
    ),
  );
