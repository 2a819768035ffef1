/**
 * Reads a PCD file (Point Cloud Library, version .7 and before): ASCII, binary and binary_compressed (columns, LZF).
 * An organised cloud is read as its points; its holes are NaN and are left out with them.
 */
import { lineReader } from './ascii-lines.ts';
import {
  badFile,
  type Column,
  countOf,
  makeColumn,
  numberOf,
  type PointTable,
  type Role,
  readScalar,
  roleOf,
  type Scalar,
} from './columns.ts';

const bad = (problem: string) => badFile('PCD', problem);
const LONGEST_HEADER = 1 << 16;
const MOST_POINTS = 200_000_000;

interface Field {
  readonly name: string;
  readonly type: Scalar;
  readonly size: number;
  /** Values a point. */
  readonly count: number;
}

interface PcdHeader {
  readonly fields: readonly Field[];
  readonly points: number;
  readonly data: string;
  readonly bytes: number;
}

function readHeader(bytes: Uint8Array): PcdHeader {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, LONGEST_HEADER));
  const end = /^[ \t]*DATA[ \t]+(\w+)[ \t]*(\r\n|\n|\r|$)/im.exec(text);
  if (!end) throw bad('its header has no line DATA');
  const lines = new Map<string, string[]>();
  for (const line of text.slice(0, end.index).split(/[\r\n]+/)) {
    const [key, ...words] = line.trim().split(/\s+/);
    lines.set(key.toUpperCase(), words);
  }
  const names = lines.get('FIELDS') ?? lines.get('COLUMNS') ?? [];
  if (names.length === 0) throw bad('its header has no line FIELDS');
  const fields = names.map((name, k): Field => {
    const size = Number(lines.get('SIZE')?.[k] ?? 4);
    const letter = (lines.get('TYPE')?.[k] ?? 'F').toLowerCase();
    const count = Number(lines.get('COUNT')?.[k] ?? 1);
    const known =
      letter === 'f' ? size === 4 || size === 8 : /^[iu]$/.test(letter) && [1, 2, 4, 8].includes(size);
    if (!known || !(Number.isInteger(count) && count >= 0 && count < 1e5))
      throw bad(`field "${name.slice(0, 20)}" has no known type`);
    return { name, type: `${letter}${size}` as Scalar, size, count };
  });
  const size = (key: string) => Number(lines.get(key)?.[0] ?? Number.NaN);
  const points = lines.has('POINTS')
    ? size('POINTS')
    : size('WIDTH') * (lines.has('HEIGHT') ? size('HEIGHT') : 1);
  if (!(Number.isInteger(points) && points >= 0)) throw bad('its header has no count of points');
  if (points > MOST_POINTS) throw bad(`${points} points are more than ${MOST_POINTS}`);
  return { fields, points, data: end[1].toLowerCase(), bytes: end.index + end[0].length };
}

/** @throws SurfaceError E_BAD_CLOUD. */
export function readPcdTable(bytes: Uint8Array): PointTable {
  const header = readHeader(bytes);
  const body = bytes.subarray(header.bytes);
  for (const axis of ['x', 'y', 'z'] as const)
    if (!header.fields.some((field) => roleOf(field.name) === axis)) throw bad(`its points have no ${axis}`);
  switch (header.data) {
    case 'ascii':
      return readText(header, body);
    case 'binary':
      return readBinary(header, body, false);
    case 'binary_compressed':
      return readBinary(header, decompress(body), true);
    default:
      throw bad(`its data are "${header.data.slice(0, 20)}", which is unknown`);
  }
}

/** Columns of the fields that mean something here; `at` counts values, or bytes. */
function targets(fields: readonly Field[], rows: number, exact: boolean, width: (field: Field) => number) {
  const columns = new Map<Role, Column>();
  const places: { column: Column; type: Scalar; at: number; field: Field }[] = [];
  let at = 0;
  for (const field of fields) {
    const role = field.count === 1 ? roleOf(field.name) : null;
    if (role && !columns.has(role)) {
      const column = makeColumn(field.type, role, rows, exact);
      columns.set(role, column);
      places.push({ column, type: column.type, at, field });
    }
    at += width(field) * field.count;
  }
  return { columns, places, width: at };
}

function readText({ fields, points }: PcdHeader, body: Uint8Array): PointTable {
  const rows = Math.min(points, Math.ceil(body.length / 2));
  const { columns, places, width } = targets(fields, rows, true, () => 1);
  const lines = lineReader(body);
  let [read, left, firstBad] = [0, 0, ''];
  let items = 0;
  for (; items < points; items++) {
    const words = lines.next();
    if (!words) break;
    const values = places.map(({ at }) => (words.length < width ? undefined : numberOf(words[at])));
    if (values.includes(undefined)) {
      firstBad ||= words.join(' ');
      left++;
      continue;
    }
    places.forEach(({ column }, k) => {
      column.values[read] = values[k] as number;
    });
    read++;
  }
  if (left > items * 0.01) throw bad(`"${firstBad.slice(0, 40)}" is no point`);
  if (read < points * 0.5) throw bad(`it is too short for its ${points} points`);
  const notices = cutShort(items, points);
  if (left > 0) notices.push(`${countOf(left, 'line')} without the values of a point were left out.`);
  return { count: read, columns, notices };
}

const cutShort = (read: number, points: number): string[] =>
  read < points ? [`The file is cut off: it holds ${read} of its ${points} points, and these are used.`] : [];

/** @param byColumns compressed files hold all values of a field in a row. */
function readBinary({ fields, points }: PcdHeader, body: Uint8Array, byColumns: boolean): PointTable {
  const stride = fields.reduce((sum, field) => sum + field.size * field.count, 0);
  const read = Math.min(points, Math.floor(body.length / Math.max(1, stride)));
  if (read < points * (byColumns ? 1 : 0.5)) throw bad(`it is too short for its ${points} points`);
  const { columns, places } = targets(fields, read, false, (field) => field.size);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (const { column, type, at, field } of places) {
    const from = byColumns ? at * points : at;
    const step = byColumns ? field.size : stride;
    for (let i = 0; i < read; i++) column.values[i] = readScalar(view, from + i * step, type, true);
  }
  return { count: read, columns, notices: cutShort(read, points) };
}

/** LZF: literal runs and references back into the output. Format: Lehmann, liblzf. */
function decompress(body: Uint8Array): Uint8Array {
  if (body.length < 8) throw bad('it ends too early');
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [packed, size] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (packed > body.length - 8 || size > packed * 300 + 16) throw bad('it ends too early');
  const end = 8 + packed;
  const out = new Uint8Array(size);
  let [at, to] = [8, 0];
  while (at < end) {
    const control = body[at++];
    if (control < 32) {
      const length = control + 1;
      if (at + length > end || to + length > size) throw bad('its compressed data are damaged');
      out.set(body.subarray(at, at + length), to);
      at += length;
      to += length;
      continue;
    }
    let length = control >> 5;
    if (length === 7) length += body[at++] ?? 0;
    const from = to - ((control & 31) << 8) - (body[at++] ?? 0) - 1;
    length += 2;
    if (from < 0 || to + length > size || at > end) throw bad('its compressed data are damaged');
    for (let k = 0; k < length; k++) out[to++] = out[from + k];
  }
  if (to !== size) throw bad('its compressed data are damaged');
  return out;
}
