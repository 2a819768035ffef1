/**
 * Colours of a point file as 8-bit sRGB. The range of floats and wide integers is decided from the data: 0 to 1, 0 to 255 or
 * 0 to 65535; one brightness a point becomes a grey.
 */
import type { Column, ColumnValues, Role } from './columns.ts';

/** Of the values: so many may lie beyond a range that is still taken (highlights above 1). */
const BEYOND = 0.001;
/** First spherical harmonic, of Gaussian splats. */
const SH0 = 0.28209479177387814;
const MISSING = 128;

type Index = (i: number) => number;

/** @returns 3 per point; null when the file has no colours. */
export function colourColumns(
  columns: ReadonlyMap<Role, Column>,
  count: number,
  index: Index,
): Uint8Array<ArrayBuffer> | null {
  const three = (roles: readonly Role[]) => {
    const found = roles.map((role) => columns.get(role));
    return found.every((column) => column !== undefined) ? found : null;
  };
  const colours = new Uint8Array(count * 3);
  const separate = three(['red', 'green', 'blue']);
  if (separate) {
    fill(colours, separate, index, scaleOf(separate, count, index));
    return colours;
  }
  const packed = columns.get('packed');
  if (packed) {
    unpack(colours, packed, count, index);
    return colours;
  }
  const splat = three(['sh0', 'sh1', 'sh2']);
  if (splat) {
    fill(colours, splat, index, (value) => (0.5 + SH0 * value) * 255);
    return colours;
  }
  const grey = columns.get('grey');
  if (!grey) return null;
  fill(colours, [grey, grey, grey], index, greyScale(grey, count, index));
  return colours;
}

function fill(
  colours: Uint8Array,
  columns: readonly Column[],
  index: Index,
  scale: (value: number) => number,
): void {
  for (let channel = 0; channel < 3; channel++) {
    const { values } = columns[channel];
    for (let i = 0, at = channel; at < colours.length; i++, at += 3) {
      const value = scale(values[index(i)]);
      colours[at] = Number.isNaN(value) ? MISSING : Math.min(255, Math.max(0, Math.round(value)));
    }
  }
}

/** Share of values above a limit, and whether all are whole numbers. */
function above(columns: readonly Column[], count: number, index: Index, limit: number): number {
  let beyond = 0;
  for (const { values } of columns) for (let i = 0; i < count; i++) if (values[index(i)] > limit) beyond++;
  return count > 0 ? beyond / (count * columns.length) : 0;
}

function scaleOf(columns: readonly Column[], count: number, index: Index): (value: number) => number {
  const [{ type }] = columns;
  if (type === 'u1') return (value) => value;
  if (type === 'i1') return (value) => (value < 0 ? value + 256 : value);
  const share = (limit: number) => above(columns, count, index, limit);
  if (type[0] === 'f' && share(1.5) <= BEYOND) return (value) => value * 255;
  if (share(255.5) <= BEYOND) return (value) => value;
  return (value) => value / 257;
}

/** 0xRRGGBB in an integer, or in the bits of a float. */
function unpack(colours: Uint8Array, { type, values }: Column, count: number, index: Index): void {
  const word = wordOf(type, values, count, index);
  for (let i = 0; i < count; i++) {
    const bits = word(values[index(i)]);
    colours[i * 3] = (bits >>> 16) & 255;
    colours[i * 3 + 1] = (bits >>> 8) & 255;
    colours[i * 3 + 2] = bits & 255;
  }
}

function wordOf(type: Column['type'], values: ColumnValues, count: number, index: Index) {
  if (type[0] !== 'f') return (value: number) => Number(value) >>> 0;
  // A text file writes the integer or the float with its bits, which is tiny (or NaN, with alpha 255).
  let whole = true;
  for (let i = 0; i < count && whole; i++) {
    const value = values[index(i)];
    whole = Number.isInteger(value) && value >= 0;
  }
  if (whole) return (value: number) => value >>> 0;
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  return (value: number) => {
    float[0] = value;
    return bits[0];
  };
}

/** Brightness as it is where it fits 0..1 or 0..255; other ranges are stretched between their 1 and 99 per cent. */
function greyScale({ type, values }: Column, count: number, index: Index): (value: number) => number {
  if (type === 'u1') return (value) => value;
  const step = Math.max(1, Math.floor(count / 20_000));
  const sample: number[] = [];
  for (let i = 0; i < count; i += step) if (Number.isFinite(values[index(i)])) sample.push(values[index(i)]);
  const sorted = Float64Array.from(sample).sort();
  if (sorted.length === 0) return () => Number.NaN;
  const low = sorted[Math.floor(0.01 * (sorted.length - 1))];
  const high = sorted[Math.ceil(0.99 * (sorted.length - 1))];
  if (low >= 0 && high <= 1 && type[0] === 'f') return (value) => value * 255;
  if (low >= 0 && high <= 255) return (value) => value;
  return (value) => (high > low ? ((value - low) / (high - low)) * 255 : MISSING);
}
