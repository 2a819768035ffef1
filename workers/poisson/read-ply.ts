/**
 * Reads the vertices of a PLY file: ASCII, binary little and big endian, any extra elements and properties.
 * Position is needed; normals, colours (uchar, or float in 0..1) and `quality` (1 = seen, 0 = guessed, as our own
 * clouds have it) are taken when present. Format: Turk, "The PLY Polygon File Format", 1994.
 *
 * The header's counts are checked against the file's length before anything is allocated.
 */
import { StageError } from '../../src/base/errors.ts';
import type { OrientedCloud } from '../../src/gpu/kernel-set.ts';

type Scalar = 'i1' | 'u1' | 'i2' | 'u2' | 'i4' | 'u4' | 'f4' | 'f8';

const SCALARS: Readonly<Record<string, Scalar>> = {
  char: 'i1',
  int8: 'i1',
  uchar: 'u1',
  uint8: 'u1',
  short: 'i2',
  int16: 'i2',
  ushort: 'u2',
  uint16: 'u2',
  int: 'i4',
  int32: 'i4',
  uint: 'u4',
  uint32: 'u4',
  float: 'f4',
  float32: 'f4',
  double: 'f8',
  float64: 'f8',
};

const bytesOf = (scalar: Scalar) => Number(scalar[1]);

interface Property {
  readonly name: string;
  readonly type: Scalar;
  /** Type of the count in front of a list; absent for a plain value. */
  readonly listOf?: Scalar;
}

interface Element {
  readonly name: string;
  readonly count: number;
  readonly properties: Property[];
}

interface Header {
  readonly format: 'ascii' | 'binary_little_endian' | 'binary_big_endian';
  readonly elements: Element[];
  readonly bytes: number;
}

export interface PlyCloud extends OrientedCloud {
  readonly hasNormals: boolean;
}

const LONGEST_HEADER = 1 << 16;
const MOST_POINTS = 200_000_000;

function bad(problem: string): StageError {
  return new StageError('surface', 'E_BAD_CLOUD', `The PLY file cannot be read: ${problem}.`, {
    fix: 'Save the cloud again as PLY with x, y, z and, if possible, nx, ny, nz.',
  });
}

function readHeader(bytes: Uint8Array): Header {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, LONGEST_HEADER));
  if (!/^ply\s*[\r\n]/.test(text)) throw bad('it does not begin with "ply"');
  const end = /[\r\n]end_header[ \t]*(\r\n|\n|\r)/.exec(text);
  if (!end) throw bad('its header has no end');
  let format: Header['format'] | undefined;
  const elements: Element[] = [];
  for (const line of text
    .slice(0, end.index)
    .split(/[\r\n]+/)
    .slice(1)) {
    const words = line.trim().split(/\s+/);
    switch (words[0]) {
      case 'format':
        if (!/^(ascii|binary_(little|big)_endian)$/.test(words[1] ?? '')) {
          throw bad(`format "${words[1]}" is unknown`);
        }
        format = words[1] as Header['format'];
        break;
      case 'element': {
        const count = Number(words[2]);
        if (!words[1] || !Number.isInteger(count) || count < 0) throw bad(`"${line.trim()}" has no count`);
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
        throw bad(`its header has the unknown line "${line.trim().slice(0, 40)}"`);
    }
  }
  if (!format) throw bad('its header names no format');
  return { format, elements, bytes: end.index + end[0].length };
}

function readProperty(words: readonly string[]): Property {
  const isList = words[1] === 'list';
  const type = SCALARS[words[isList ? 3 : 1] ?? ''];
  const name = words[isList ? 4 : 2];
  const listOf = isList ? SCALARS[words[2] ?? ''] : undefined;
  if (!type || !name || (isList && !listOf)) throw bad(`"${words.join(' ').slice(0, 60)}" is no property`);
  return { name, type, listOf };
}

function readScalar(view: DataView, at: number, type: Scalar, little: boolean): number {
  switch (type) {
    case 'i1':
      return view.getInt8(at);
    case 'u1':
      return view.getUint8(at);
    case 'i2':
      return view.getInt16(at, little);
    case 'u2':
      return view.getUint16(at, little);
    case 'i4':
      return view.getInt32(at, little);
    case 'u4':
      return view.getUint32(at, little);
    case 'f4':
      return view.getFloat32(at, little);
    case 'f8':
      return view.getFloat64(at, little);
  }
}

/** Gives the values of an element one after another. */
interface Source {
  next(type: Scalar): number;
  /** Bytes (binary) or characters (ASCII) that are left. */
  left(): number;
}

function binarySource(bytes: Uint8Array, start: number, little: boolean): Source {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  return {
    next(type) {
      const from = at;
      at += bytesOf(type);
      if (at > view.byteLength) throw bad('it ends too early');
      return readScalar(view, from, type, little);
    },
    left: () => view.byteLength - at,
  };
}

function asciiSource(bytes: Uint8Array, start: number): Source {
  let at = start;
  const decoder = new TextDecoder('latin1');
  return {
    next() {
      while (at < bytes.length && bytes[at] <= 32) at++;
      const from = at;
      while (at < bytes.length && bytes[at] > 32) at++;
      if (from === at) throw bad('it ends too early');
      const word = decoder.decode(bytes.subarray(from, Math.min(at, from + 64)));
      const value = Number(word);
      if (Number.isNaN(value) && !/^[+-]?nan$/i.test(word)) throw bad(`"${word.slice(0, 20)}" is no number`);
      return value;
    },
    left: () => bytes.length - at,
  };
}

/** Fewest bytes that one item of an element takes. */
function leastBytes(element: Element, ascii: boolean): number {
  if (ascii) return element.properties.length * 2;
  return element.properties.reduce((sum, p) => sum + bytesOf(p.listOf ?? p.type), 0);
}

/**
 * @param bytes the whole file.
 * @returns the vertices as a cloud; normals are 0 where the file has none. `pixels` is empty.
 * @throws StageError E_BAD_CLOUD with one sentence that says what is wrong.
 */
export function readPlyCloud(bytes: Uint8Array): PlyCloud {
  const header = readHeader(bytes);
  const ascii = header.format === 'ascii';
  const source = ascii
    ? asciiSource(bytes, header.bytes)
    : binarySource(bytes, header.bytes, header.format === 'binary_little_endian');
  for (const element of header.elements) {
    if (element.count * leastBytes(element, ascii) > source.left() + 1) {
      throw bad(`it is too short for its ${element.count} ${element.name} entries`);
    }
    if (element.name === 'vertex') {
      const cloud = readVertices(element, source);
      // After the last element nothing follows but perhaps a line end.
      if (element === header.elements.at(-1) && source.left() >= Math.max(3, leastBytes(element, ascii))) {
        throw bad(`it holds more than its ${element.count} vertex entries`);
      }
      return cloud;
    }
    for (let i = 0; i < element.count; i++) for (const p of element.properties) skip(p, source);
  }
  throw bad('it has no vertices');
}

function skip(property: Property, source: Source): void {
  if (!property.listOf) {
    source.next(property.type);
    return;
  }
  const count = source.next(property.listOf);
  if (!(count >= 0 && count <= source.left())) throw bad(`list ${property.name} has the length ${count}`);
  for (let i = 0; i < count; i++) source.next(property.type);
}

function readVertices(element: Element, source: Source): PlyCloud {
  const { count, properties } = element;
  if (count > MOST_POINTS) throw bad(`${count} points are more than ${MOST_POINTS}`);
  const has = (name: string) => properties.some((p) => p.name === name && !p.listOf);
  for (const axis of ['x', 'y', 'z']) if (!has(axis)) throw bad(`its vertices have no ${axis}`);
  const hasNormals = has('nx') && has('ny') && has('nz');
  const positions = new Float32Array(count * 3);
  const normals = new Float32Array(count * 3);
  const colours = new Uint8Array(count * 3).fill(128);
  const sides = new Uint8Array(count);
  const setters = properties.map((property) => setterFor(property, { positions, normals, colours, sides }));
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < properties.length; k++) {
      const setter = setters[k];
      if (setter) setter(i, source.next(properties[k].type));
      else skip(properties[k], source);
    }
  }
  return { count, positions, normals, colours, sides, pixels: new Uint32Array(0), hasNormals };
}

type Arrays = Pick<OrientedCloud, 'positions' | 'normals' | 'colours' | 'sides'>;

function setterFor(property: Property, to: Arrays): ((index: number, value: number) => void) | null {
  if (property.listOf) return null;
  const axis = ['x', 'y', 'z'].indexOf(property.name);
  if (axis !== -1)
    return (i, value) => {
      to.positions[i * 3 + axis] = value;
    };
  const normal = ['nx', 'ny', 'nz'].indexOf(property.name);
  if (normal !== -1)
    return (i, value) => {
      to.normals[i * 3 + normal] = value;
    };
  const colour = ['red', 'green', 'blue'].indexOf(property.name);
  if (colour !== -1) {
    const factor = property.type[0] === 'f' ? 255 : property.type === 'u2' ? 1 / 257 : 1;
    return (i, value) => {
      to.colours[i * 3 + colour] = Math.min(255, Math.max(0, Math.round(value * factor)));
    };
  }
  if (property.name === 'quality')
    return (i, value) => {
      to.sides[i] = value < 0.5 ? 1 : 0;
    };
  return null;
}
