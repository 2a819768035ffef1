/**
 * From the columns of a point file to a cloud: an offset is taken off large coordinates while they are still doubles, points
 * that are no points are left out and counted, normals and colours are brought to one form, whatever type and range
 * they are stored in.
 */
import type { OrientedCloud } from '../types.ts';
import { colourColumns } from './colour-columns.ts';
import { badFile, type Column, countOf, type PointTable, type Role } from './columns.ts';

export interface CloudFile extends OrientedCloud {
  /**
   * Was taken off the file's coordinates, in double precision: x of a point in the file is positions[0] + offset[0].
   * Zero unless the coordinates are large beside the cloud (UTM, ECEF).
   */
  readonly offset: readonly [number, number, number];
  /** Whether any point has a normal; those without have 0. Others about of length 1, and on the side that the file says: prepare-cloud.ts turns them. */
  readonly hasNormals: boolean;
  readonly hasColours: boolean;
  /** Points of the file that are left out: not finite, or empty places of an organised cloud. */
  readonly skipped: number;
  /** What was read differently than it stands in the file: whole sentences. */
  readonly notices: readonly string[];
}

/** Coordinates farther from 0 than this many sizes of the cloud are shifted. */
const FAR_SIZES = 32;
/** Of the points, at the exact origin: empty places of a depth camera's cloud, if there are so many. */
const HOLE_SHARE = 0.001;
const FEWEST_HOLES = 8;
/** Points that the size is taken of. */
const SAMPLES = 20_000;
/** Fewer points do not show the step of their coordinates. */
const FEWEST_FOR_STEPS = 100;
/** Coordinates in coarser steps than this part of the cloud's size make a staircase of any body. */
const COARSEST_STEP = 1 / 50;
const REPORTED_STEP = 1 / 500;

/** @param kind what the file is, for its errors: "PLY". @throws SurfaceError E_BAD_CLOUD. */
export function cloudFromColumns(kind: string, table: PointTable): CloudFile {
  const column = (role: Role) => table.columns.get(role);
  const axes = (['x', 'y', 'z'] as const).map((axis) => {
    const found = column(axis);
    if (!found) throw badFile(kind, `its points have no ${axis}`);
    return found;
  });
  const notices = [...table.notices];
  const kept = pointsOf(axes, table.count, notices);
  const count = kept?.length ?? table.count;
  const index = kept ? (i: number) => kept[i] : (i: number) => i;
  const { centre, steps, size } = middle(axes, count, index);
  const offset = offsetFor(centre, size);
  if (offset.some((value) => value !== 0)) checkPrecision(kind, steps, size, notices);
  const positions = new Float32Array(count * 3);
  for (let axis = 0; axis < 3; axis++) {
    const { values } = axes[axis];
    const shift = offset[axis];
    for (let i = 0; i < count; i++) positions[i * 3 + axis] = values[kept ? kept[i] : i] - shift;
  }
  if (offset.some((value) => value !== 0)) {
    notices.push(
      `The coordinates are large: (${offset.join(', ')}) is taken off for the solve and put back in the mesh, whose positions are doubles.`,
    );
  }
  const normals = new Float32Array(count * 3);
  const hasNormals = copyNormals(table, index, normals);
  const colours = colourColumns(table.columns, count, index);
  return {
    count,
    positions,
    normals,
    colours: colours ?? new Uint8Array(count * 3).fill(128),
    sides: sidesOf(column('quality'), count, index),
    offset,
    hasNormals,
    hasColours: colours !== null,
    skipped: table.count - count,
    notices,
  };
}

/** A finite number, in single precision too. */
const isUsable = (value: number) => Math.abs(value) < 1e38;

/** Indices of the rows that are points; null when all are. */
function pointsOf(axes: readonly Column[], count: number, notices: string[]): Uint32Array | null {
  const [x, y, z] = axes.map(({ values }) => values);
  let notFinite = 0;
  let holes = 0;
  for (let i = 0; i < count; i++) {
    if (!(isUsable(x[i]) && isUsable(y[i]) && isUsable(z[i]))) notFinite++;
    else if (x[i] === 0 && y[i] === 0 && z[i] === 0) holes++;
  }
  if (holes < FEWEST_HOLES || holes < count * HOLE_SHARE || holes + notFinite === count) holes = 0;
  if (notFinite + holes === 0) return null;
  if (notFinite > 0)
    notices.push(`${countOf(notFinite, 'point')} with coordinates that are no finite numbers were left out.`);
  if (holes > 0)
    notices.push(`${countOf(holes, 'point')} at exactly (0, 0, 0), empty places of the scan, were left out.`);
  const kept = new Uint32Array(count - notFinite - holes);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (!(isUsable(x[i]) && isUsable(y[i]) && isUsable(z[i]))) continue;
    if (holes > 0 && x[i] === 0 && y[i] === 0 && z[i] === 0) continue;
    kept[at++] = i;
  }
  return kept;
}

/**
 * Median and extent of the middle half of the points (of nearly all where half of them coincide), which far outliers do
 * not change, and the step of the coordinates, an axis (0: none to be seen).
 */
function middle(axes: readonly Column[], count: number, index: (i: number) => number) {
  const stride = Math.max(1, Math.floor(count / SAMPLES));
  const centre: [number, number, number] = [0, 0, 0];
  const steps: [number, number, number] = [0, 0, 0];
  let size = 0;
  let wider = 0;
  for (let axis = 0; axis < 3; axis++) {
    const sample: number[] = [];
    for (let i = 0; i < count; i += stride) sample.push(axes[axis].values[index(i)]);
    if (sample.length === 0) continue;
    const sorted = Float64Array.from(sample).sort();
    const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
    centre[axis] = at(0.5);
    size = Math.max(size, at(0.75) - at(0.25));
    wider = Math.max(wider, at(0.98) - at(0.02));
    if (sorted.length < FEWEST_FOR_STEPS) continue;
    let step = Infinity;
    let distinct = 1;
    for (let i = 1; i < sorted.length; i++) {
      if (sorted[i] === sorted[i - 1]) continue;
      step = Math.min(step, sorted[i] - sorted[i - 1]);
      distinct++;
    }
    // Where most values are shared, they are rounded.
    steps[axis] = distinct > 1 && distinct * 3 < sorted.length ? step : 0;
  }
  return { centre, steps, size: size > 0 ? size : wider };
}

/** The centre in round figures, on the axes where it is far away; 0 where it is near. */
function offsetFor(centre: readonly number[], size: number): [number, number, number] {
  if (!centre.some((value) => Math.abs(value) > FAR_SIZES * size) || !(size > 0)) return [0, 0, 0];
  const exponent = Math.ceil(Math.log10(size));
  const round = (value: number) => {
    if (Math.abs(value) <= size) return 0;
    // Powers below 1 are no round numbers in binary.
    return exponent >= 0
      ? Math.round(value / 10 ** exponent) * 10 ** exponent
      : Math.round(value * 10 ** -exponent) / 10 ** -exponent;
  };
  return [round(centre[0]), round(centre[1]), round(centre[2])];
}

/** What was lost before the file came here: coordinates in single precision, or text with too few digits. */
function checkPrecision(kind: string, steps: readonly number[], size: number, notices: string[]): void {
  const step = Math.max(...steps);
  if (!(size > 0) || step <= size * REPORTED_STEP) return;
  const said = `its coordinates come in steps of ${Number(step.toPrecision(2))}`;
  if (step > size * COARSEST_STEP) {
    throw badFile(
      kind,
      `${said}, too coarse for a body of this size`,
      'Save it again with double x, y, z (all digits, in a text file), or moved to the origin.',
    );
  }
  notices.push(`Detail was lost before: ${said}.`);
}

/** Integers as parts of their range, zero at its middle. */
function normalScale({ type, values }: Column): { scale: number; shift: number } {
  if (values instanceof Float32Array || values instanceof Float64Array) {
    // A text file may hold integers under any type.
    if (type[0] === 'f') return { scale: 1, shift: 0 };
  }
  switch (type) {
    case 'u1':
      return { scale: 1 / 127.5, shift: -1 };
    case 'u2':
      return { scale: 1 / 32767.5, shift: -1 };
    case 'u4':
      return { scale: 2 / 0xffffffff, shift: -1 };
    default:
      return { scale: 1, shift: 0 };
  }
}

/** Normals of a length of about 1; 0 where there is none. @returns whether there is any. */
function copyNormals({ columns }: PointTable, index: (i: number) => number, to: Float32Array): boolean {
  const found = (['nx', 'ny', 'nz'] as const).map((role) => columns.get(role));
  if (!found.every((column) => column !== undefined)) return false;
  const [x, y, z] = found.map(({ values }) => values);
  const [sx, sy, sz] = found.map(normalScale);
  const unsigned = sx.shift !== 0;
  // The middle of an unsigned range lies between two numbers.
  const least = unsigned ? 2.1 * sx.scale : 0;
  let any = false;
  for (let i = 0; i < to.length / 3; i++) {
    const from = index(i);
    if (unsigned && x[from] === 0 && y[from] === 0 && z[from] === 0) continue;
    // Without a shift -0 stays -0.
    const a = unsigned ? x[from] * sx.scale + sx.shift : x[from];
    const b = unsigned ? y[from] * sy.scale + sy.shift : y[from];
    const c = unsigned ? z[from] * sz.scale + sz.shift : z[from];
    const length = Math.hypot(a, b, c);
    if (!(length > least && length < Infinity)) continue;
    // The solver takes any length; what is about 1 stays bit for bit what it is.
    const factor = length > 0.5 && length < 2 ? 1 : 1 / length;
    to[i * 3] = a * factor;
    to[i * 3 + 1] = b * factor;
    to[i * 3 + 2] = c * factor;
    any = true;
  }
  return any;
}

/** 0 = seen, 1 = guessed, of a file that says 1 and 0; other programs store other things under the name. */
function sidesOf(
  quality: Column | undefined,
  count: number,
  index: (i: number) => number,
): Uint8Array<ArrayBuffer> {
  const sides = new Uint8Array(count);
  if (!quality) return sides;
  const { values } = quality;
  for (let i = 0; i < count; i++) if (values[index(i)] !== 0 && values[index(i)] !== 1) return sides;
  for (let i = 0; i < count; i++) sides[i] = values[index(i)] < 0.5 ? 1 : 0;
  return sides;
}
