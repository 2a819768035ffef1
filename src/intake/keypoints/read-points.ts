/**
 * The points of one body, hand or foot, whichever way a tool writes them: a flat list, rows, objects, columns or names.
 * Everything becomes n x (x, y, confidence); a point that is absent, null or not finite is (0, 0, 0).
 */
import { badKeypoints } from './json-text.ts';

export interface RawPoints {
  /** n x (x, y, confidence), in the file's own units. */
  readonly values: Float64Array<ArrayBuffer>;
  readonly count: number;
  /** The file's names of the points, where it gives them. */
  readonly names: readonly string[] | null;
  /** True when the file gives no confidence: every point there counts as seen. */
  readonly sure: boolean;
}

type Row = readonly [x: unknown, y: unknown, confidence: unknown];

/** Numbers, and numbers as text; null for what is absent; undefined for what is neither. */
function numberOf(value: unknown): number | null | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && value.trim() !== '') {
    const n = Number(value);
    return Number.isNaN(n) ? undefined : Number.isFinite(n) ? n : null;
  }
  return undefined;
}

const show = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 40);
export const ONLY_3D = 'The keypoints are only 3D points, without their places in the picture.';

/** Coordinates beyond this are damage, not places, px. */
const FAR = 1e7;

function fromRows(
  rows: readonly Row[],
  what: string,
  names: readonly string[] | null,
  sure: boolean,
): RawPoints {
  const values = new Float64Array(rows.length * 3);
  for (const [i, row] of rows.entries()) {
    const [x, y, c] = row.map((value, axis) => {
      const n = axis === 2 && (sure || value === undefined) ? 1 : numberOf(value);
      if (n === undefined) {
        throw badKeypoints(`${what} has ${show(value)} at point ${i} instead of a number.`);
      }
      return n;
    });
    if (x === null || y === null || c === null || (sure && x === 0 && y === 0)) continue;
    if (Math.abs(x) > FAR || Math.abs(y) > FAR) {
      throw badKeypoints(`${what} has ${show(x)}, ${show(y)} at point ${i}: no photo is that large.`);
    }
    values.set([x, y, Math.max(0, c)], i * 3);
  }
  return { values, count: rows.length, names, sure };
}

type Fields = Record<string, unknown>;
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const CONFIDENCE_KEYS = [
  'score',
  'confidence',
  'visibility',
  'conf',
  'visible',
  'v',
  'c',
  'prob',
  'presence',
];
const confidenceOf = (point: Fields): unknown => {
  const key = CONFIDENCE_KEYS.find((k) => point[k] !== undefined && !Array.isArray(point[k]));
  return key === undefined ? undefined : point[key];
};

/** {x, y, score, name}, PoseNet's {position: {x, y}, part, score}, or null. */
function rowOfObject(point: Fields): Row | null {
  const place = isFields(point.position) ? point.position : point;
  if (!('x' in place && 'y' in place)) return null;
  return [place.x, place.y, confidenceOf(point)];
}

const nameOf = (point: Fields): string | null => {
  const name = point.name ?? point.part ?? point.label ?? point.keypoint ?? point.joint;
  return typeof name === 'string' ? name : null;
};

/** Whether a value could be a list of points: rows of 2 to 4 numbers, or objects with x and y. */
export function isPointList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 5) return false;
  return (
    value.every(
      (row) =>
        row === null ||
        (Array.isArray(row) &&
          row.length >= 2 &&
          row.length <= 4 &&
          row.every((v) => !Array.isArray(v) && !isFields(v))) ||
        (isFields(row) && rowOfObject(row) !== null),
    ) && value.some((row) => row !== null)
  );
}

/** A flat list of numbers; how many of them make a point is told by which layouts there are. */
function fromFlat(list: readonly unknown[], what: string, knows: (count: number) => boolean): RawPoints {
  const rows = (stride: number) =>
    Array.from({ length: list.length / stride }, (_, i): Row => {
      const at = i * stride;
      return [list[at], list[at + 1], stride === 2 ? 1 : list[at + stride - 1]];
    });
  const strides = [3, 2, 4].filter((stride) => list.length % stride === 0);
  // Every third number a confidence beside larger ones: triples, known or not.
  const triples =
    strides.includes(3) &&
    list.some((v) => Number(v) > 3) &&
    list.every((v, i) => i % 3 !== 2 || (Number(v) >= 0 && Number(v) <= 1));
  const stride = triples ? 3 : (strides.find((s) => knows(list.length / s)) ?? strides[0]);
  if (stride === undefined) {
    throw badKeypoints(`${what} has ${list.length} numbers, which is no whole number of points.`);
  }
  return fromRows(rows(stride), what, null, stride === 2);
}

/**
 * @param value whatever stands where points should be.
 * @param what how the value is called in a sentence: '"pose_keypoints_2d" of person 2'.
 * @param scores confidences that stand in a list of their own, or null.
 * @param knows which numbers of points make sense here.
 * @returns null for an absent part: undefined, null, or an empty list.
 * @throws StageError E_BAD_KEYPOINTS: not points, or a value that is no number.
 */
export function readPoints(
  value: unknown,
  what: string,
  scores: unknown,
  knows: (count: number) => boolean,
): RawPoints | null {
  if (value === undefined || value === null || value === false) return null;
  const separate = Array.isArray(scores) ? scores.flat(2) : null;
  if (isFields(value)) {
    if (Array.isArray(value.x) && Array.isArray(value.y)) {
      const { x, y } = value;
      const given = value.visible ?? value.conf ?? value.confidence ?? value.score;
      const sure = !Array.isArray(given);
      const rows = x.map((v, i): Row => [v, y[i], sure ? 1 : given[i]]);
      return rows.length === 0 ? null : fromRows(rows, what, null, sure);
    }
    const entries = Object.entries(value);
    if (entries.length === 0) return null;
    const rows = entries.map(([, v]) =>
      isFields(v) ? rowOfObject(v) : Array.isArray(v) && v.length >= 2 ? ([v[0], v[1], v[2]] as Row) : null,
    );
    if (rows.some((row) => row === null)) throw badKeypoints(`${what} is not a list of numbers.`);
    const sure = rows.every((row) => row![2] === undefined);
    return fromRows(
      rows as Row[],
      what,
      entries.map(([name]) => name),
      sure,
    );
  }
  if (!Array.isArray(value)) throw badKeypoints(`${what} is not a list of numbers.`);
  if (value.length === 0) return null;
  if (!value.some((v) => Array.isArray(v) || isFields(v))) {
    const flat = fromFlat(value, what, knows);
    if (separate?.length !== flat.count) return flat;
    const scored = separate.map((s, i): Row => [flat.values[i * 3], flat.values[i * 3 + 1], s]);
    return fromRows(scored, what, null, false);
  }
  // One list around the list: a batch of one.
  if (value.length === 1 && Array.isArray(value[0])) return readPoints(value[0], what, scores, knows);
  const names: string[] = [];
  const rows = value.map((v, i): Row => {
    if (v === null) return [null, null, null];
    const row = isFields(v) ? rowOfObject(v) : null;
    if (isFields(v)) names.push(nameOf(v) ?? '');
    if (row) return separate ? [row[0], row[1], separate[i]] : row;
    if (!Array.isArray(v) || (v.length !== 0 && (v.length < 2 || v.length > 5))) {
      throw badKeypoints(`${what} has ${show(v)} at point ${i} instead of a number.`);
    }
    if (v.length === 0) return [null, null, null];
    if (separate && v.length === 3) throw badKeypoints(ONLY_3D);
    return [v[0], v[1], separate ? separate[i] : v.length === 2 ? undefined : v.length > 3 ? v[3] : v[2]];
  });
  const sure = rows.every((row) => row[2] === undefined || row[0] === null);
  return fromRows(rows, what, names.length === rows.length && names.some(Boolean) ? names : null, sure);
}
