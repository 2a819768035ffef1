/**
 * Header of a PLY file: format, elements, properties, and the byte at which the data begin. Format: Turk, "The PLY Polygon
 * File Format", 1994; what writers in the field add to it is read too: line ends LF, CR LF, CR, LF CR, a byte-order mark,
 * indented lines, capital letters, C++ and NumPy names of types, comments that break over two lines.
 */
import { badFile, bytesOf, type Scalar } from './columns.ts';

const SCALARS: Readonly<Record<string, Scalar>> = {
  char: 'i1',
  int8: 'i1',
  int8_t: 'i1',
  uchar: 'u1',
  uint8: 'u1',
  uint8_t: 'u1',
  byte: 'u1',
  bool: 'u1',
  short: 'i2',
  int16: 'i2',
  int16_t: 'i2',
  ushort: 'u2',
  uint16: 'u2',
  uint16_t: 'u2',
  int: 'i4',
  int32: 'i4',
  int32_t: 'i4',
  uint: 'u4',
  uint32: 'u4',
  uint32_t: 'u4',
  long: 'i8',
  int64: 'i8',
  int64_t: 'i8',
  ulong: 'u8',
  uint64: 'u8',
  uint64_t: 'u8',
  float: 'f4',
  float32: 'f4',
  double: 'f8',
  float64: 'f8',
};

export interface Property {
  readonly name: string;
  readonly type: Scalar;
  /** Type of the count in front of a list; absent for a plain value. */
  readonly listOf?: Scalar;
}

export interface Element {
  readonly name: string;
  readonly count: number;
  readonly properties: Property[];
}

export interface PlyHeader {
  readonly format: 'ascii' | 'binary_little_endian' | 'binary_big_endian';
  readonly elements: readonly Element[];
  /** Bytes before the data. */
  readonly bytes: number;
}

/** Some writers put a whole calibration or a thousand comments into it. */
const LONGEST_HEADER = 1 << 22;
const BREAK = /\r\n|\n\r|\n|\r/g;

const bad = (problem: string) => badFile('PLY', problem);

/** @throws SurfaceError E_BAD_CLOUD with one sentence that says what is wrong. */
export function readPlyHeader(bytes: Uint8Array): PlyHeader {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = new TextDecoder('latin1').decode(bytes.subarray(mark, mark + LONGEST_HEADER));
  const first = /^\s*ply[ \t]*(\r\n|\n\r|\n|\r)/i.exec(text);
  if (!first) throw bad('it does not begin with "ply"');
  const end = findEnd(text, first[0].length);
  if (!end) throw bad('its header has no end');
  const { format, elements } = parseLines(text.slice(first[0].length, end.at).split(/[\r\n]+/));
  return {
    format,
    elements,
    bytes: mark + dataStart(text, end.after, first[1], { format, elements }, bytes.length - mark),
  };
}

/** The line `end_header`, which a comment may hold without meaning it. */
function findEnd(text: string, from: number): { at: number; after: number } | null {
  const pattern = /end_header[ \t]*(?=[\r\n]|$)/gi;
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const lineStart = Math.max(text.lastIndexOf('\n', found.index), text.lastIndexOf('\r', found.index)) + 1;
    if (text.slice(lineStart, found.index).trim() === '')
      return { at: lineStart, after: found.index + found[0].length };
  }
  return null;
}

/**
 * The data begin after one line break, and which bytes that is can only be told from the header's other breaks: after CR a
 * byte 10 may be the first of a number. Where the elements have a fixed size, the file's length decides.
 */
function dataStart(
  text: string,
  after: number,
  style: string,
  { format, elements }: Pick<PlyHeader, 'format' | 'elements'>,
  length: number,
): number {
  const rest = text.slice(after, after + 2);
  if (format !== 'ascii') {
    const size = elements.reduce((sum, element) => sum + element.count * fixedBytes(element), 0);
    for (const breakLength of [1, 2])
      if (after + breakLength + size === length && /^[\r\n]+$/.test(rest.slice(0, breakLength)))
        return after + breakLength;
  }
  if (rest.startsWith(style)) return after + style.length;
  BREAK.lastIndex = 0;
  return after + (BREAK.exec(rest)?.[0].length ?? 0);
}

/** Bytes of an item; NaN where it has a list. */
export const fixedBytes = (element: Element) =>
  element.properties.reduce((sum, p) => sum + (p.listOf ? Number.NaN : bytesOf(p.type)), 0);

function parseLines(lines: readonly string[]): Pick<PlyHeader, 'format' | 'elements'> {
  let format: PlyHeader['format'] | undefined;
  const elements: Element[] = [];
  let afterComment = false;
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    const keyword = words[0].toLowerCase();
    const isComment = keyword === 'comment' || keyword === 'obj_info';
    switch (keyword) {
      case 'format':
        if (!/^(ascii|binary_(little|big)_endian)$/i.test(words[1] ?? '')) {
          throw bad(`format "${words[1]}" is unknown`);
        }
        format = words[1].toLowerCase() as PlyHeader['format'];
        break;
      case 'element': {
        const count = Number(words[2]);
        if (!words[1] || !/^\+?\d/.test(words[2] ?? '') || !Number.isInteger(count)) {
          throw bad(`"${line.trim().slice(0, 40)}" has no count`);
        }
        elements.push({ name: words[1], count, properties: [] });
        break;
      }
      case 'property': {
        const element = elements.at(-1);
        if (!element) throw bad('a property stands before the first element');
        element.properties.push(readProperty(words));
        break;
      }
      case 'comment':
      case 'obj_info':
      case '':
        break;
      default:
        // A comment with a line break in it goes on in the next line.
        if (!afterComment) throw bad(`its header has the unknown line "${line.trim().slice(0, 40)}"`);
    }
    afterComment = isComment || (afterComment && !/^(format|element|property|)$/.test(keyword));
  }
  if (!format) throw bad('its header names no format');
  return { format, elements };
}

function readProperty(words: readonly string[]): Property {
  const isList = words[1]?.toLowerCase() === 'list';
  const scalarAt = (at: number): Scalar | undefined => {
    const name = (words[at] ?? '').toLowerCase();
    return Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined;
  };
  const type = scalarAt(isList ? 3 : 1);
  const name = words[isList ? 4 : 2];
  const listOf = isList ? scalarAt(2) : undefined;
  if (!type || !name || (isList && !listOf)) throw bad(`"${words.join(' ').slice(0, 60)}" is no property`);
  return { name, type, listOf };
}
