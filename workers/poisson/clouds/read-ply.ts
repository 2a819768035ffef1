/**
 * Reads the vertices of a PLY file: ASCII, binary little and big endian, any extra elements and properties
 * (ply-header.ts). Positions are needed; normals and colours are taken under the names that tools give them (columns.ts).
 *
 * A body that ends early is used as far as it goes, lines with too few or unreadable values are left out, and both are
 * counted in `notices`. The header's counts are checked against the file's length before anything is allocated.
 */
import { lineReader } from './ascii-lines.ts';
import {
  badFile,
  bytesOf,
  type ColumnValues,
  countOf,
  makeColumn,
  numberOf,
  type PointTable,
  type Role,
  readScalar,
  roleOf,
  type Scalar,
} from './columns.ts';
import { type CloudFile, cloudFromColumns } from './from-columns.ts';
import { type Element, fixedBytes, type PlyHeader, type Property, readPlyHeader } from './ply-header.ts';

const MOST_POINTS = 200_000_000;
/** Less than this share of the points is no cloud with an end missing, it is another file. */
const LEAST_SHARE = 0.5;
/** Of a text file: a larger share of unreadable lines says that it is no list of points. */
const MOST_UNREADABLE = 0.01;

const bad = (problem: string) => badFile('PLY', problem);
const tooShort = (count: number, name: string) => bad(`it is too short for its ${count} ${name} entries`);

/**
 * @param bytes the whole file.
 * @returns the vertices as a cloud, see CloudFile.
 * @throws SurfaceError E_BAD_CLOUD with one sentence that says what is wrong.
 */
export const readPlyCloud = (bytes: Uint8Array): CloudFile => cloudFromColumns('PLY', readPlyTable(bytes));

/** @throws SurfaceError E_BAD_CLOUD. */
export function readPlyTable(bytes: Uint8Array): PointTable {
  const header = readPlyHeader(bytes);
  const at = vertexElement(header);
  const element = header.elements[at];
  // Every format takes more than a byte a point.
  if (element.count > bytes.length) throw tooShort(element.count, element.name);
  if (element.count > MOST_POINTS) throw bad(`${element.count} points are more than ${MOST_POINTS}`);
  const before = header.elements.slice(0, at);
  const isLast = at === header.elements.length - 1;
  return header.format === 'ascii'
    ? readAscii(bytes.subarray(header.bytes), before, element, isLast)
    : readBinary(
        bytes.subarray(header.bytes),
        before,
        element,
        isLast,
        header.format === 'binary_little_endian',
      );
}

function vertexElement({ elements }: PlyHeader): number {
  const named = elements.findIndex((element) => /^(vertex|vertices|points?)$/i.test(element.name));
  if (named === -1) throw bad('it has no vertices');
  const roles = elements[named].properties.filter((p) => !p.listOf).map((p) => roleOf(p.name));
  if (elements[named].properties.some((p) => p.name === 'packed_position')) {
    throw badFile(
      'PLY',
      'it is a compressed Gaussian splat, whose vertices have no x',
      'Export it as an uncompressed PLY, for example from SuperSplat.',
    );
  }
  for (const axis of ['x', 'y', 'z'] as const)
    if (!roles.includes(axis)) throw bad(`its vertices have no ${axis}`);
  return named;
}

/** Where the values of each property go; null for lists and for what means nothing here. */
function targets(properties: readonly Property[], count: number, exact: boolean) {
  const columns: [Role, ReturnType<typeof makeColumn>][] = [];
  const values = properties.map(({ name, type, listOf }): ColumnValues | null => {
    const role = listOf ? null : roleOf(name);
    if (!role || columns.some(([taken]) => taken === role)) return null;
    const column = makeColumn(type, role, count, exact);
    columns.push([role, column]);
    return column.values;
  });
  return { columns: new Map(columns), values };
}

/** Fewest bytes that one item of an element takes in a binary file. */
const leastBytes = (element: Element) =>
  element.properties.reduce((sum, p) => sum + bytesOf(p.listOf ?? p.type), 0);

function readBinary(
  body: Uint8Array,
  before: readonly Element[],
  element: Element,
  isLast: boolean,
  little: boolean,
): PointTable {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  for (const other of before) {
    if (other.count * leastBytes(other) > view.byteLength - at) throw tooShort(other.count, other.name);
    for (let i = 0; i < other.count; i++) {
      for (const property of other.properties) {
        at = afterProperty(view, at, property, little);
        if (at > view.byteLength) throw tooShort(other.count, other.name);
      }
    }
  }
  const { count, properties } = element;
  const least = leastBytes(element);
  const room = Math.floor((view.byteLength - at) / Math.max(1, least));
  if (room < count * LEAST_SHARE) throw tooShort(count, element.name);
  const { columns, values } = targets(properties, Math.min(count, room), false);
  const types = properties.map((p, k) => (values[k] instanceof Uint32Array ? 'u4' : p.type));
  const size = fixedBytes(element);
  let read = 0;
  if (size > 0) {
    read = Math.min(count, room);
    let offset = at;
    properties.forEach((property, k) => {
      const column = values[k];
      if (column) readColumn(view, offset, size, types[k], little, column, read);
      offset += bytesOf(property.type);
    });
    at += read * size;
  } else {
    rows: for (; read < count; read++) {
      let next = at;
      for (let k = 0; k < properties.length; k++) {
        const end = afterProperty(view, next, properties[k], little);
        if (end > view.byteLength) break rows;
        const column = values[k];
        if (column) column[read] = readScalar(view, next, types[k], little);
        next = end;
      }
      at = next;
    }
  }
  const notices: string[] = [];
  if (read < count) {
    if (read < count * LEAST_SHARE) throw tooShort(count, element.name);
    notices.push(cutShort(read, count));
  } else if (isLast) {
    const left = view.byteLength - at;
    if (left >= Math.max(3, least)) {
      // The wrong count is harmless; anything else says that header and data do not belong together.
      if (!(size > 0 && left % size === 0)) throw bad(`it holds more than its ${count} vertex entries`);
      notices.push(
        `The file holds ${left / size} more points than the ${count} that it declares; they are not used.`,
      );
    }
  }
  return { count: read, columns, notices };
}

/** Every `stride` bytes a value; a loop of its own for what most files hold, which is several times faster. */
function readColumn(
  view: DataView,
  from: number,
  stride: number,
  type: Scalar,
  little: boolean,
  to: ColumnValues,
  count: number,
): void {
  if (type === 'f4')
    for (let i = 0, at = from; i < count; i++, at += stride) to[i] = view.getFloat32(at, little);
  else if (type === 'f8')
    for (let i = 0, at = from; i < count; i++, at += stride) to[i] = view.getFloat64(at, little);
  else if (type === 'u1') for (let i = 0, at = from; i < count; i++, at += stride) to[i] = view.getUint8(at);
  else for (let i = 0, at = from; i < count; i++, at += stride) to[i] = readScalar(view, at, type, little);
}

/** Where a property's bytes end; beyond the file's end when it does. */
function afterProperty(view: DataView, at: number, property: Property, little: boolean): number {
  if (!property.listOf) return at + bytesOf(property.type);
  const from = at + bytesOf(property.listOf);
  if (from > view.byteLength) return Infinity;
  const count = readScalar(view, at, property.listOf, little);
  if (!(count >= 0)) throw bad(`list ${property.name} has the length ${count}`);
  return from + Math.floor(count) * bytesOf(property.type);
}

const cutShort = (read: number, count: number) =>
  `The file is cut off: it holds ${read} of its ${count} points, and these are used.`;

function readAscii(
  body: Uint8Array,
  before: readonly Element[],
  element: Element,
  isLast: boolean,
): PointTable {
  const lines = lineReader(body);
  for (const other of before) {
    if (other.count * 2 > body.length) throw tooShort(other.count, other.name);
    for (let i = 0; i < other.count; i++) {
      const words = lines.next();
      if (!words) throw tooShort(other.count, other.name);
      let needed = wordsNeeded(other.properties, words);
      for (let have = words.length; needed > have; ) {
        const more = lines.next();
        if (!more) throw tooShort(other.count, other.name);
        words.push(...more);
        have = words.length;
        needed = wordsNeeded(other.properties, words);
      }
    }
  }
  const { count, properties } = element;
  // Every value takes a character and a blank.
  const room = Math.floor((body.length + 1) / 6);
  if (room < count * LEAST_SHARE) throw tooShort(count, element.name);
  const { columns, values } = targets(properties, Math.min(count, room), true);
  const layout = lineLayout(lines, element);
  const notices: string[] = [];
  if (layout.kind === 'short') {
    if (layout.words < firstWordsOfXyz(properties))
      throw bad('its lines have fewer values than the header names');
    for (const [k, property] of properties.entries()) {
      const role = k >= layout.words ? roleOf(property.name) : null;
      if (role) columns.delete(role);
    }
    notices.push(
      `Its lines have ${layout.words} values where the header names ${properties.length}; the rest is taken as missing.`,
    );
  }
  const wanted = layout.kind === 'short' ? layout.words : properties.length;
  let read = 0;
  let items = 0;
  let tooFew = 0;
  let tooMany = 0;
  let unreadable = 0;
  let firstUnreadable = '';
  for (; items < count; items++) {
    let words = lines.next();
    if (!words) break;
    if (layout.kind === 'wrapped') {
      while (words.length < properties.length) {
        const more = lines.next();
        if (!more) break;
        words = [...words, ...more];
      }
    }
    const needed = layout.kind === 'short' ? wanted : wordsNeeded(properties, words);
    if (words.length < needed) {
      tooFew++;
      continue;
    }
    if (words.length > needed) tooMany++;
    let at = 0;
    let fine = true;
    for (let k = 0; k < wanted; k++) {
      const { listOf } = properties[k];
      if (listOf) {
        at += 1 + Math.floor(Number(words[at]));
        continue;
      }
      const column = values[k];
      if (column && read < column.length) {
        const value = numberOf(words[at]);
        if (value === undefined) {
          firstUnreadable ||= words[at];
          fine = false;
        }
        column[read] = value ?? Number.NaN;
      }
      at++;
    }
    if (fine) read++;
    else unreadable++;
  }
  if (unreadable > items * MOST_UNREADABLE) throw bad(`"${firstUnreadable.slice(0, 20)}" is no number`);
  if (read + unreadable + tooFew < count * LEAST_SHARE || (read === 0 && count > 0))
    throw tooShort(count, element.name);
  if (items < count) notices.push(cutShort(read, count));
  if (tooFew + unreadable > 0)
    notices.push(`${countOf(tooFew + unreadable, 'line')} without the values of a point were left out.`);
  if (tooMany > 0 && layout.kind !== 'wrapped')
    notices.push(
      `${countOf(tooMany, 'line')} with more values than the header names: the first of them are used.`,
    );
  if (isLast && items === count) {
    let more = 0;
    while (lines.next()) more++;
    if (more > 0)
      notices.push(`The file holds ${countOf(more, 'line')} after its ${count} points; they are not used.`);
  }
  return { count: read, columns, notices };
}

/** Words that the properties of one item take, lists counted by their lengths; Infinity where a length is missing. */
function wordsNeeded(properties: readonly Property[], words: readonly string[]): number {
  let at = 0;
  for (const { listOf, name } of properties) {
    if (listOf) {
      if (at >= words.length) return Infinity;
      const length = Number(words[at]);
      if (!(length >= 0 && length <= 1e6)) throw bad(`list ${name} has the length ${words[at].slice(0, 20)}`);
      at += Math.floor(length);
    }
    at++;
  }
  return at;
}

const firstWordsOfXyz = (properties: readonly Property[]) =>
  Math.max(...['x', 'y', 'z'].map((axis) => properties.findIndex((p) => roleOf(p.name) === axis))) + 1;

/**
 * Whether a point is a line ('line'), several lines ('wrapped'), or a line with fewer values than the header names
 * ('short'): by the first line and by how many lines there are.
 */
function lineLayout(
  lines: ReturnType<typeof lineReader>,
  { properties, count }: Element,
): { kind: 'line' | 'wrapped' } | { kind: 'short'; words: number } {
  const first = lines.peek();
  if (!first || properties.some((p) => p.listOf) || first.length >= properties.length)
    return { kind: 'line' };
  // The first line alone may be damaged.
  const second = lines.peek(1);
  if (second && second.length >= properties.length) return { kind: 'line' };
  let words = first.length;
  let ahead = 1;
  for (; words < properties.length; ahead++) {
    const next = lines.peek(ahead);
    if (!next) break;
    words += next.length;
  }
  return words === properties.length && lines.countLeft() >= count * ahead
    ? { kind: 'wrapped' }
    : { kind: 'short', words: first.length };
}
