/**
 * Reads a point cloud from lines of numbers: XYZ, PTS, TXT, CSV with or without a line of names, and the v and vn of OBJ. Without
 * names the columns are told from their number and values: x y z, then a normal (three numbers of length 1), a colour (three
 * numbers in 0..255 or 0..1), one brightness, in the orders that scanners write.
 */
import { lineReader } from './ascii-lines.ts';
import { badFile, type Column, countOf, numberOf, type PointTable, type Role, roleOf } from './columns.ts';

const SEPARATORS = /[\s,;|]+/;
const DECIMAL_COMMA = /[\s;|]+/;
/** Lines that decide about the columns. */
const LOOKED_AT = 200;
const MOST_UNREADABLE = 0.01;
const POSITION: readonly Role[] = ['x', 'y', 'z'];
const NORMAL: readonly Role[] = ['nx', 'ny', 'nz'];
const COLOUR: readonly Role[] = ['red', 'green', 'blue'];

const noNumbers = () => badFile('PLY', 'it does not begin with "ply", and is no list of points either');

/** @throws SurfaceError E_BAD_CLOUD. */
export function readTextTable(bytes: Uint8Array): PointTable {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const body = bytes.subarray(start);
  const text = new TextDecoder('latin1').decode(body.subarray(0, 1 << 16));
  if (/^\s*v\s+[-+.\d]/m.test(text)) return readObj(body);
  if (
    /^\s*\d+\s*[\r\n]+\s*\d+\s*[\r\n]+([^\r\n]*[\r\n]+){4}(\s*\S+\s+\S+\s+\S+\s+\S+\s*[\r\n]+){4}/.test(text)
  )
    throw badFile(
      'PTX',
      'each of its scans has a place of its own',
      'Convert it to PLY, for example with CloudCompare.',
    );
  // "1,5;2,5;3" and "1,5 2,5 3,5": the comma belongs to the number.
  const commas = /^[ \t]*[-+]?\d+,\d+[;\t ]+[-+]?\d+,\d+[;\t ]+[-+]?\d+,\d+/m.test(text);
  const separators = commas ? DECIMAL_COMMA : SEPARATORS;
  const { names, width, sample, skip } = look(body, separators);
  const roles = names ?? guess(sample, width);
  const lines = lineReader(body, separators);
  for (let k = 0; k < skip; k++) lines.next();
  const rows: number[][] = roles.map(() => []);
  let [left, firstBad] = [0, ''];
  for (let words = lines.next(); words; words = lines.next()) {
    const values = roles.map((role, k) => (role ? numberOf(words?.[k] ?? '') : 0));
    if (values.includes(undefined)) {
      firstBad ||= words.join(' ');
      left++;
      continue;
    }
    for (let k = 0; k < roles.length; k++) if (roles[k]) rows[k].push(values[k] as number);
  }
  const count = rows[roles.indexOf('x')].length;
  if (left > (count + left) * MOST_UNREADABLE)
    throw badFile('text', `"${firstBad.slice(0, 40)}" is no point`);
  const columns = new Map<Role, Column>();
  roles.forEach((role, k) => {
    if (role) columns.set(role, { type: 'f8', values: Float64Array.from(rows[k]) });
  });
  const notices = [`The columns are taken as ${roles.map((role) => role ?? '-').join(' ')}.`];
  if (left > 0) notices.push(`${countOf(left, 'line')} without the values of a point were left out.`);
  return { count, columns, notices };
}

/** Names in the first line, or the first lines of numbers after at most a few others (a title, a count). */
function look(body: Uint8Array, separators: RegExp) {
  const lines = lineReader(body, separators);
  let names: (Role | null)[] | null = null;
  for (let skip = 0; skip < 20; skip++) {
    const words = lines.peek();
    if (!words) throw noNumbers();
    const values = words.map(numberOf);
    if (words.length >= 3 && !values.slice(0, 3).includes(undefined)) {
      const sample: number[][] = [];
      for (let k = 0; k < LOOKED_AT; k++) {
        const row = lines.next()?.map((word) => numberOf(word) ?? Number.NaN);
        if (!row) break;
        sample.push(row);
      }
      const width = Math.min(...sample.slice(0, 20).map((row) => row.length));
      if (width < 3) throw noNumbers();
      return { names, width, sample, skip };
    }
    const roles = words.map((word) => roleOf(word.replace(/^["'/]+|["']+$/g, '')));
    if (POSITION.every((axis) => roles.includes(axis)))
      names = roles.map((role, k) => (roles.indexOf(role) === k ? role : null));
    lines.next();
  }
  throw noNumbers();
}

/** What the columns after x y z are. */
function guess(sample: readonly number[][], width: number): (Role | null)[] {
  const from = (at: number) => sample.map((row) => row.slice(at, at + 3));
  const most = (rows: number[][], test: (row: number[]) => boolean) =>
    rows.filter(test).length > rows.length * 0.9;
  const isNormal = (at: number) =>
    at + 3 <= width && most(from(at), ([a, b, c]) => Math.abs(Math.hypot(a, b, c) - 1) < 0.02);
  const isColour = (at: number) =>
    at + 3 <= width && most(from(at), (row) => row.every((value) => value >= 0 && value <= 255));
  const roles: (Role | null)[] = [...POSITION];
  let [normal, colour, grey] = [false, false, false];
  for (let at = 3; at < width; ) {
    if (!normal && isNormal(at)) {
      roles.push(...NORMAL);
      normal = true;
      at += 3;
    } else if (
      !colour &&
      isColour(at) &&
      !(at + 3 < width && !grey && !isNormal(at + 3) && isColour(at + 1))
    ) {
      roles.push(...COLOUR);
      colour = true;
      at += 3;
    } else {
      roles.push(grey || colour ? null : 'grey');
      grey = true;
      at++;
    }
  }
  return roles;
}

/** Vertices of an OBJ with the colours that may stand behind them; normals where there are as many. */
function readObj(body: Uint8Array): PointTable {
  const lines = lineReader(body);
  const points: number[][] = [];
  const normals: number[][] = [];
  for (let words = lines.next(); words; words = lines.next()) {
    if (words[0] !== 'v' && words[0] !== 'vn') continue;
    const values = words.slice(1).map((word) => numberOf(word) ?? Number.NaN);
    (words[0] === 'v' ? points : normals).push(values);
  }
  const columns = new Map<Role, Column>();
  const put = (roles: readonly Role[], rows: readonly number[][], at: number) =>
    roles.forEach((role, k) => {
      columns.set(role, { type: 'f8', values: Float64Array.from(rows, (row) => row[at + k] ?? Number.NaN) });
    });
  put(POSITION, points, 0);
  if (points.length > 0 && points.every((row) => row.length >= 6)) put(COLOUR, points, 3);
  const notices: string[] = [];
  if (normals.length === points.length) put(NORMAL, normals, 0);
  else if (normals.length > 0)
    notices.push('The normals of the OBJ file belong to its faces and are not used.');
  return { count: points.length, columns, notices };
}
