/**
 * Layers of the canvas as numbers, for comparing and for heat maps: normals of any resolution or of one part's crop, depths,
 * colours. What two of them differ by is computed pixel by pixel of the canvas, in steps that give the page back.
 */
import type { PlanarMap, RgbaImage } from '../base/images.ts';
import type { Steps } from '../base/steps.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { confidenceColour } from './colour.ts';
import type { NormalCoding } from './relight.ts';

/** Layer px = a * column + b * row + c, and the same with d, e, f for its rows; at pixel centres. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly fromCanvas: readonly [a: number, b: number, c: number, d: number, e: number, f: number];
}

export type Layer = Grid &
  (
    | { readonly kind: 'normals'; readonly data: Uint8ClampedArray; readonly coding: NormalCoding }
    | { readonly kind: 'colour'; readonly data: Uint8ClampedArray }
    /** Canvas px along the ray; `channel` of a map whose empty pixels are 0 or 6. */
    | { readonly kind: 'depth'; readonly values: Float32Array; readonly pxPerUnit: number }
  );

/** What a comparison is measured in. */
export type Unit = 'deg' | 'px' | '%';

/** Where a layer as wide as the canvas has its pixels. */
export function canvasGrid(width: number, height: number): Grid {
  const [x, y] = [width / CANVAS_SIZE, height / CANVAS_SIZE];
  // A canvas pixel's centre is at a half.
  return { width, height, fromCanvas: [x, 0, x / 2, 0, y, y / 2] };
}

/** Where a part's crop has its pixels. @param corners of the crop on the canvas, from the top left, clockwise. */
export function cropGrid(
  corners: readonly (readonly [number, number])[],
  size: { readonly width: number; readonly height: number },
): Grid {
  const [[ax, ay], [bx, by], , [dx, dy]] = corners;
  const [ux, uy, vx, vy] = [bx - ax, by - ay, dx - ax, dy - ay];
  const det = ux * vy - uy * vx || 1;
  const [a, b] = [(vy / det) * size.width, (-vx / det) * size.width];
  const [d, e] = [(-uy / det) * size.height, (ux / det) * size.height];
  return {
    ...size,
    fromCanvas: [a, b, a * (0.5 - ax) + b * (0.5 - ay), d, e, d * (0.5 - ax) + e * (0.5 - ay)],
  };
}

export function normalLayer(image: RgbaImage, coding: NormalCoding, grid?: Grid): Layer {
  const { width, height, data } = image;
  return { kind: 'normals', ...(grid ?? canvasGrid(width, height)), data, coding };
}

export function colourLayer(image: RgbaImage): Layer {
  return { kind: 'colour', ...canvasGrid(image.width, image.height), data: image.data };
}

/** One side of a depth map. @param map [2, h, w] in network units of 512 canvas px; 0 and 6 are empty. */
export function depthLayer({ shape, data }: PlanarMap, side: 'front' | 'back'): Layer {
  const [, height, width] = shape;
  const plane = width * height;
  const values = side === 'front' ? data.subarray(0, plane) : data.subarray(plane, 2 * plane);
  return { kind: 'depth', ...canvasGrid(width, height), values, pxPerUnit: CANVAS_SIZE / 4 };
}

/** Reads a layer at canvas pixels. `out` holds a unit normal, a colour (bytes), or one depth (px); false where it is empty. */
type Reader = (column: number, row: number, out: Float64Array) => boolean;

/** Decoded outward normal of a coded pixel; false where it is empty. */
function readNormal(
  data: Uint8ClampedArray,
  i: number,
  { slopeScale, side }: NormalCoding,
  out: Float64Array,
): boolean {
  // No arrays in here: it runs for each of four million pixels.
  const r = data[i];
  const g = data[i + 1];
  const b = data[i + 2];
  if (data[i + 3] === 0 || r + g + b < 3) return false;
  const x = (127.5 - r) * slopeScale;
  const y = (g - 127.5) * slopeScale;
  const z = b - 127.5;
  const scale = (side === 'front' ? 1 : -1) / (Math.sqrt(x * x + y * y + z * z) || 1);
  out[0] = x * scale;
  out[1] = y * scale;
  out[2] = z * scale;
  return true;
}

function readerOf(layer: Layer): Reader {
  const [a, b, c, d, e, f] = layer.fromCanvas;
  const { width, height } = layer;
  const indexAt = (column: number, row: number) => {
    const x = Math.floor(a * column + b * row + c);
    const y = Math.floor(d * column + e * row + f);
    return x < 0 || y < 0 || x >= width || y >= height ? -1 : y * width + x;
  };
  if (layer.kind === 'depth') {
    const { values, pxPerUnit } = layer;
    const nearestDepth: Reader = (column, row, out) => {
      const at = indexAt(column, row);
      const value = at < 0 ? 0 : values[at];
      out[0] = value * pxPerUnit;
      return value > 0 && value < 6;
    };
    if (Math.abs(a) > 0.5) return nearestDepth;
    return (column, row, out) => {
      const x = a * column + b * row + c - 0.5;
      const y = d * column + e * row + f - 0.5;
      const left = Math.floor(x);
      const top = Math.floor(y);
      if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height)
        return nearestDepth(column, row, out);
      const at = top * width + left;
      const [s, t] = [x - left, y - top];
      const [tl, tr, bl, br] = [values[at], values[at + 1], values[at + width], values[at + width + 1]];
      // Not across an edge: empty pixels are 0 or 6.
      const least = Math.min(tl, tr, bl, br);
      if (!(least > 0) || Math.max(tl, tr, bl, br) >= 6) return nearestDepth(column, row, out);
      out[0] = ((tl * (1 - s) + tr * s) * (1 - t) + (bl * (1 - s) + br * s) * t) * pxPerUnit;
      return true;
    };
  }
  const { data } = layer;
  if (layer.kind === 'colour') {
    return (column, row, out) => {
      const at = indexAt(column, row);
      if (at < 0 || data[at * 4 + 3] === 0) return false;
      for (let k = 0; k < 3; k++) out[k] = data[at * 4 + k];
      return true;
    };
  }
  const { coding } = layer;
  const nearest: Reader = (column, row, out) => {
    const at = indexAt(column, row);
    return at >= 0 && readNormal(data, at * 4, coding, out);
  };
  // A layer much coarser than the canvas is read between its pixels: its own steps are no difference.
  if (Math.abs(a) > 0.5) return nearest;
  const tap = new Float64Array(3);
  return (column, row, out) => {
    const x = a * column + b * row + c - 0.5;
    const y = d * column + e * row + f - 0.5;
    const left = Math.floor(x);
    const top = Math.floor(y);
    if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) return nearest(column, row, out);
    const s = x - left;
    const t = y - top;
    let nx = 0;
    let ny = 0;
    let nz = 0;
    for (let k = 0; k < 4; k++) {
      const at = (top + (k >> 1)) * width + left + (k & 1);
      if (!readNormal(data, at * 4, coding, tap)) return nearest(column, row, out);
      const share = (k & 1 ? s : 1 - s) * (k >> 1 ? t : 1 - t);
      nx += share * tap[0];
      ny += share * tap[1];
      nz += share * tap[2];
    }
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
    out[0] = nx / length;
    out[1] = ny / length;
    out[2] = nz / length;
    return true;
  };
}

interface Extent {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The rectangle of canvas pixels that a layer can reach. */
function extentOf({ width, height, fromCanvas: [a, b, c, d, e, f] }: Grid): Extent {
  const det = a * e - b * d || 1;
  const at = (x: number, y: number) => [(e * (x - c) - b * (y - f)) / det, (a * (y - f) - d * (x - c)) / det];
  const corners = [at(0, 0), at(width, 0), at(0, height), at(width, height)];
  const columns = corners.map(([column]) => column);
  const rows = corners.map(([, row]) => row);
  return {
    left: Math.max(0, Math.floor(Math.min(...columns))),
    top: Math.max(0, Math.floor(Math.min(...rows))),
    right: Math.min(CANVAS_SIZE, Math.ceil(Math.max(...columns)) + 1),
    bottom: Math.min(CANVAS_SIZE, Math.ceil(Math.max(...rows)) + 1),
  };
}

/** Values of the canvas, NaN where there is none. */
export interface Field {
  readonly values: Float32Array<ArrayBuffer>;
  readonly unit: Unit;
}

export function unitOf(a: Layer, b: Layer): Unit {
  if (a.kind === 'normals' && b.kind === 'normals') return 'deg';
  return a.kind === 'depth' && b.kind === 'depth' ? 'px' : '%';
}

/** How bright a layer of another kind counts, 0..255: what is drawn of it. */
function greyOf(layer: Layer, out: Float64Array): number {
  if (layer.kind === 'colour') return (out[0] + out[1] + out[2]) / 3;
  return layer.kind === 'normals' ? 127.5 + 127.5 * out[2] : out[0] / 8;
}

const DEGREES = 180 / Math.PI;

/** What two layers differ by, where both have something: an angle, a distance, or a share of full brightness. */
export function* differenceSteps(a: Layer, b: Layer): Steps<Field> {
  const values = new Float32Array(CANVAS_SIZE * CANVAS_SIZE).fill(Number.NaN);
  const unit = unitOf(a, b);
  const [readA, readB] = [readerOf(a), readerOf(b)];
  const [p, q] = [new Float64Array(3), new Float64Array(3)];
  const [one, other] = [extentOf(a), extentOf(b)];
  const [left, right] = [Math.max(one.left, other.left), Math.min(one.right, other.right)];
  const bottom = Math.min(one.bottom, other.bottom);
  for (let row = Math.max(one.top, other.top); row < bottom; row++) {
    if (row % 8 === 0) yield;
    for (let column = left; column < right; column++) {
      if (!readA(column, row, p) || !readB(column, row, q)) continue;
      let value: number;
      if (unit === 'deg') {
        const dot = p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
        value = Math.acos(Math.min(1, Math.max(-1, dot))) * DEGREES;
      } else if (unit === 'px') value = Math.abs(p[0] - q[0]);
      else if (a.kind === 'colour' && b.kind === 'colour') {
        value = (Math.max(Math.abs(p[0] - q[0]), Math.abs(p[1] - q[1]), Math.abs(p[2] - q[2])) / 255) * 100;
      } else value = (Math.abs(greyOf(a, p) - greyOf(b, q)) / 255) * 100;
      values[row * CANVAS_SIZE + column] = value;
    }
  }
  return { values, unit };
}

/** Depth of one side before (positive) or behind the middle plane, canvas px. */
export function* reliefSteps(layer: Layer & { kind: 'depth' }): Steps<Field> {
  const values = new Float32Array(CANVAS_SIZE * CANVAS_SIZE).fill(Number.NaN);
  const read = readerOf(layer);
  const out = new Float64Array(3);
  for (let row = 0; row < CANVAS_SIZE; row++) {
    if (row % 32 === 0) yield;
    for (let column = 0; column < CANVAS_SIZE; column++) {
      if (read(column, row, out)) values[row * CANVAS_SIZE + column] = CANVAS_SIZE / 2 - out[0];
    }
  }
  return { values, unit: 'px' };
}

/** How many parts have a say at each pixel. @param weights of each part, grey in its crop. */
export function* overlapSteps(
  weights: readonly { readonly image: RgbaImage; readonly grid: Grid }[],
): Steps<Field> {
  const values = new Float32Array(CANVAS_SIZE * CANVAS_SIZE).fill(Number.NaN);
  for (const { image, grid } of weights) {
    const [a, b, c, d, e, f] = grid.fromCanvas;
    const { width, height } = grid;
    const { left, top, right, bottom } = extentOf(grid);
    for (let row = top; row < bottom; row++) {
      if (row % 64 === 0) yield;
      for (let column = left; column < right; column++) {
        const x = Math.floor(a * column + b * row + c);
        const y = Math.floor(d * column + e * row + f);
        if (x < 0 || y < 0 || x >= width || y >= height) continue;
        if (image.data[(y * width + x) * 4] === 0) continue;
        const at = row * CANVAS_SIZE + column;
        values[at] = (values[at] || 0) + 1;
      }
    }
  }
  return { values, unit: 'px' };
}

/** Pixels between two that are looked at for a range. */
const STRIDE = 37;

/** Values below which the given shares of a field lie; null for an empty one. */
export function percentiles(
  { values }: Pick<Field, 'values'>,
  shares: readonly number[],
): readonly number[] | null {
  const sample: number[] = [];
  for (let i = 0; i < values.length; i += STRIDE) if (!Number.isNaN(values[i])) sample.push(values[i]);
  if (sample.length === 0) return null;
  const sorted = Float64Array.from(sample).sort();
  return shares.map((share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
}

/** Ends of scales that people read easily. */
const ROUND = [1, 2, 5, 10, 20, 30, 45, 60, 90, 180];

/** The least round number that is no less. */
export function roundUp(value: number): number {
  const found = ROUND.find((end) => end >= value);
  if (found !== undefined && value >= 0.5) return found;
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-6)));
  return [1, 2, 5, 10].map((step) => step * power).find((end) => end >= value) ?? value;
}

/** The ramps that fields are drawn in, from their low to their high end, sRGB. */
export type Ramp = 'heat' | 'grey';

/** Grey of the least depth that is shown: black is nothing. */
const LEAST_GREY = 36;

const tables = new Map<Ramp, Uint8Array>();

function rampTable(ramp: Ramp): Uint8Array {
  let table = tables.get(ramp);
  if (!table) {
    table = new Uint8Array(256 * 3);
    for (let i = 0; i < 256; i++) {
      const grey = LEAST_GREY + ((255 - LEAST_GREY) * i) / 255;
      table.set(ramp === 'heat' ? confidenceColour(i / 255) : [grey, grey, grey], i * 3);
    }
    tables.set(ramp, table);
  }
  return table;
}

/** A field as a picture; transparent where it is empty. */
export function* fieldPictureSteps(
  { values }: Pick<Field, 'values'>,
  low: number,
  high: number,
  ramp: Ramp,
): Steps<RgbaImage> {
  const data = new Uint8ClampedArray(values.length * 4);
  const table = rampTable(ramp);
  const scale = 255 / Math.max(high - low, 1e-9);
  for (let i = 0; i < values.length; i++) {
    if (i % 65_536 === 0) yield;
    const value = values[i];
    if (Number.isNaN(value)) continue;
    const at = Math.min(255, Math.max(0, Math.round((value - low) * scale))) * 3;
    data[i * 4] = table[at];
    data[i * 4 + 1] = table[at + 1];
    data[i * 4 + 2] = table[at + 2];
    data[i * 4 + 3] = 255;
  }
  return { width: CANVAS_SIZE, height: CANVAS_SIZE, data };
}

/** A small grey picture (weights) in the colours of heat; black stays dark, so that "none" is nothing. */
export function heatPicture({ width, height, data }: RgbaImage): RgbaImage {
  const out = new Uint8ClampedArray(data.length);
  const table = rampTable('heat');
  for (let i = 0; i < data.length; i += 4) {
    const grey = data[i];
    for (let c = 0; c < 3; c++) out[i + c] = grey === 0 ? 14 : table[grey * 3 + c];
    out[i + 3] = 255;
  }
  return { width, height, data: out };
}
