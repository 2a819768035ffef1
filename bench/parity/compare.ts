/** Compares maps of our run with recorded ones: strided views, crops, errors, one row a measure. */
import type { NpyArray } from '../../tests/npz.ts';

/** A planar map [channels, height, width] of numbers. */
export interface PlainMap {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: ArrayLike<number>;
}

export interface Row {
  readonly picture: string;
  readonly what: string;
  readonly measure: string;
  readonly value: number;
  readonly limit: number;
  readonly passed: boolean;
}

export function plainMap(array: NpyArray, scale: (value: number) => number = (v) => v): PlainMap {
  const shape = array.shape.length === 4 ? array.shape.slice(1) : array.shape;
  const [channels, height, width] = shape;
  const length = channels * height * width;
  const data = new Float64Array(length);
  for (let i = 0; i < length; i++) data[i] = scale(Number(array.data[i]));
  return { channels, height, width, data };
}

/** Element `index` of a batch [n, c, h, w]. */
export function batchItem(
  array: NpyArray,
  index: number,
  scale: (value: number) => number = (v) => v,
): PlainMap {
  const [, channels, height, width] = array.shape;
  const length = channels * height * width;
  const data = new Float64Array(length);
  for (let i = 0; i < length; i++) data[i] = scale(Number(array.data[index * length + i]));
  return { channels, height, width, data };
}

/** Every `step`-th row and column from 0; `firstChannel` and `channels` pick a range. */
export function strided(map: PlainMap, step: number, firstChannel = 0, channels = map.channels): PlainMap {
  const height = Math.ceil(map.height / step);
  const width = Math.ceil(map.width / step);
  const data = new Float64Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        data[(c * height + y) * width + x] =
          map.data[((firstChannel + c) * map.height + y * step) * map.width + x * step];
      }
    }
  }
  return { channels, height, width, data };
}

export function cropped(
  map: PlainMap,
  [top, left]: readonly [number, number],
  size: number,
  firstChannel = 0,
  channels = map.channels,
): PlainMap {
  const data = new Float64Array(channels * size * size);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        data[(c * size + y) * size + x] =
          map.data[((firstChannel + c) * map.height + top + y) * map.width + left + x];
      }
    }
  }
  return { channels, height: size, width: size, data };
}

export interface Difference {
  readonly max: number;
  readonly mean: number;
  /** Share of values that differ by more than `threshold`. */
  readonly share: number;
}

export function difference(ours: PlainMap, recorded: PlainMap, threshold = 0): Difference {
  const length = ours.channels * ours.height * ours.width;
  if (
    ours.channels !== recorded.channels ||
    ours.height !== recorded.height ||
    ours.width !== recorded.width
  ) {
    throw new Error(
      `shapes differ: ours [${ours.channels}, ${ours.height}, ${ours.width}], ` +
        `recorded [${recorded.channels}, ${recorded.height}, ${recorded.width}]`,
    );
  }
  let max = 0;
  let sum = 0;
  let over = 0;
  for (let i = 0; i < length; i++) {
    const d = Math.abs(ours.data[i] - recorded.data[i]);
    if (!(d <= max)) max = d;
    sum += d;
    if (!(d <= threshold)) over++;
  }
  return { max, mean: sum / length, share: over / length };
}

export function printTable(rows: readonly Row[]): string {
  const number = (v: number) => (Number.isInteger(v) ? String(v) : v.toExponential(2));
  const lines = rows.map(
    (r) =>
      `| ${r.picture} | ${r.what} | ${r.measure} | ${number(r.value)} | ${number(r.limit)} | ${r.passed ? 'yes' : '**no**'} |`,
  );
  return ['| picture | what | measure | ours | limit | within |', '|---|---|---|---|---|---|', ...lines].join(
    '\n',
  );
}
