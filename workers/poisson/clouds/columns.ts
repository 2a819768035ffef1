/**
 * A table of points as a file holds it: named columns, each in an array of its own type. Readers of file formats make
 * one; from-columns.ts turns it into a cloud.
 */
import { SurfaceError } from '../failures.ts';

export type Scalar = 'i1' | 'u1' | 'i2' | 'u2' | 'i4' | 'u4' | 'i8' | 'u8' | 'f4' | 'f8';

export type ColumnValues =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

export interface Column {
  /** As the file declares it. */
  readonly type: Scalar;
  readonly values: ColumnValues;
}

export interface PointTable {
  readonly count: number;
  /** By role (roles.ts), not by the file's own name. */
  readonly columns: ReadonlyMap<Role, Column>;
  /** What the reader left out or took differently than the file says: whole sentences. */
  readonly notices: readonly string[];
}

/** What a column of a point file can mean here. */
export type Role =
  | 'x'
  | 'y'
  | 'z'
  | 'nx'
  | 'ny'
  | 'nz'
  | 'red'
  | 'green'
  | 'blue'
  /** 0xAARRGGBB in one 32-bit word, also as the bits of a float (PCL). */
  | 'packed'
  /** Zeroth spherical harmonic of a Gaussian splat, 3 columns. */
  | 'sh0'
  | 'sh1'
  | 'sh2'
  /** One brightness a point. */
  | 'grey'
  /** 1 = seen, 0 = guessed, as our own files have it. */
  | 'quality';

const NAMES: Readonly<Record<Role, RegExp>> = {
  x: /^(x|px|pos_?x|position_?x)$/,
  y: /^(y|py|pos_?y|position_?y)$/,
  z: /^(z|pz|pos_?z|position_?z)$/,
  nx: /^(nx|n_x|normal_?x|norm_?x|x_?normal)$/,
  ny: /^(ny|n_y|normal_?y|norm_?y|y_?normal)$/,
  nz: /^(nz|n_z|normal_?z|norm_?z|z_?normal)$/,
  red: /^((diffuse|vertex|colou?r)?_?(red|r)|red_?colou?r)$/,
  green: /^((diffuse|vertex|colou?r)?_?(green|g)|green_?colou?r)$/,
  blue: /^((diffuse|vertex|colou?r)?_?(blue|b)|blue_?colou?r)$/,
  packed: /^(rgb|rgba|colou?r)$/,
  sh0: /^f_dc_0$/,
  sh1: /^f_dc_1$/,
  sh2: /^f_dc_2$/,
  grey: /^((scalar_)?(intensity|reflectance|reflectivity|grey|gray|luminance|brightness)|scalar(_field)?|i)$/,
  quality: /^quality$/,
};

/** The role of a column by its name, or null when it means nothing here. */
export function roleOf(name: string): Role | null {
  const plain = name.toLowerCase();
  for (const [role, pattern] of Object.entries(NAMES)) if (pattern.test(plain)) return role as Role;
  return null;
}

export const bytesOf = (scalar: Scalar) => Number(scalar[1]);

/** @param exact text files: positions keep all their digits, whatever type the header names. */
export function makeColumn(type: Scalar, role: Role, count: number, exact: boolean): Column {
  if (exact) {
    const wide = role === 'x' || role === 'y' || role === 'z' || role === 'packed';
    return { type, values: wide ? new Float64Array(count) : new Float32Array(count) };
  }
  switch (type) {
    case 'i1':
      return { type, values: new Int8Array(count) };
    case 'u1':
      return { type, values: new Uint8Array(count) };
    case 'i2':
      return { type, values: new Int16Array(count) };
    case 'u2':
      return { type, values: new Uint16Array(count) };
    case 'i4':
      return { type, values: new Int32Array(count) };
    case 'u4':
      return { type, values: new Uint32Array(count) };
    case 'f4':
      // Bits of a colour that happen to be a NaN must not pass through a float.
      return role === 'packed'
        ? { type: 'u4', values: new Uint32Array(count) }
        : { type, values: new Float32Array(count) };
    default:
      return { type, values: new Float64Array(count) };
  }
}

/** Value of a scalar; 64-bit integers as the nearest double. */
export function readScalar(view: DataView, at: number, type: Scalar, little: boolean): number {
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
    case 'i8':
      return Number(view.getBigInt64(at, little));
    case 'u8':
      return Number(view.getBigUint64(at, little));
    case 'f4':
      return view.getFloat32(at, little);
    case 'f8':
      return view.getFloat64(at, little);
  }
}

/**
 * A word of a text file as a number: `nan`, `-nan`, `-nan(ind)`, `1.#QNAN`, `#N/A` and the like are NaN, `inf` and
 * `1.#INF` infinite, `0,25` is 0.25. Undefined for a word that is no number at all.
 */
export function numberOf(word: string): number | undefined {
  const value = Number(word);
  if (!Number.isNaN(value) && word !== '') return value;
  if (/^[+-]?\d*,\d+(e[+-]?\d+)?$/i.test(word)) return Number(word.replace(',', '.'));
  if (/^[+-]?\d+,$/.test(word)) return Number(word.slice(0, -1));
  if (/^[+-]?((q|s)?nan(\(.*\))?|1\.#(q|s)?nan\d*|1\.#ind\d*|n\/?a|#n\/a|null|none)$/i.test(word))
    return Number.NaN;
  const infinite = /^([+-]?)(inf(inity)?|1\.#inf\d*)$/i.exec(word);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  // Fortran's double exponent.
  if (/^[+-]?\d*\.?\d+d[+-]?\d+$/i.test(word)) return Number(word.replace(/d/i, 'e'));
  return undefined;
}

/** @param kind what the file is: "PLY", "PCD". */
export function badFile(
  kind: string,
  problem: string,
  fix = 'Save the cloud again as PLY with x, y, z and, if possible, nx, ny, nz.',
): SurfaceError {
  return new SurfaceError('E_BAD_CLOUD', `The ${kind} file cannot be read: ${problem}.`, fix);
}

/** `1 point`, `3 points`. */
export const countOf = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
