/**
 * Bindings, tap tables and bands of square-photo.wgsl. The tables hold the fixed-point weights of OpenCV's cubic
 * (multiples of 1/2048, which f32 represents exactly) or the shares of an area average.
 */
import type { RgbaImage } from '../../base/images.ts';
import { type Pass, pixelGroups } from '../kernel-runner.ts';
import { PRELUDE } from './affine-px.ts';
import { squarePadding } from './square-photo.reference.ts';
import code from './square-photo.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Params = defineStruct('Params', {
  photo_size: 'vec2u',
  first_row: 'u32',
  size: 'u32',
  row: 'u32',
  rows: 'u32',
  taps: 'u32',
  alpha_weighted: 'u32',
});
const SOURCE = { label: 'square-photo', code: PRELUDE + Params.wgsl + code };

/** Bytes of photo rows uploaded at a time: a 12,000 px photo has 576 MB, more than a buffer may hold. Ours. */
const BAND_BYTES = 64 * 2 ** 20;

/** Keys' cubic as OpenCV has it. Source: docs/method.md#padding. */
const CUBIC_A = -0.75;

export interface ResamplePlan {
  readonly size: number;
  /** Taps per axis; unused ones weigh 0. */
  readonly taps: number;
  /** [2, size]: first index in the photo (may lie outside: it is clamped) of columns, then rows. */
  readonly firstTap: Int32Array<ArrayBuffer>;
  /** [2, size, taps]. */
  readonly weights: Float32Array<ArrayBuffer>;
  readonly alphaWeighted: boolean;
}

/** A run of output rows and the photo rows they read. */
export interface PhotoBand {
  readonly row: number;
  readonly rows: number;
  readonly firstRow: number;
  readonly lastRow: number;
}

/** Tables for resizing a square of a photo (all of it, padded and centred, when none is given) to size x size. */
export function resamplePlan(
  photo: RgbaImage,
  size: number,
  antialias: boolean,
  { side, top, left } = squarePadding(photo.width, photo.height),
): ResamplePlan {
  const isArea = antialias && side > size;
  const axis = isArea ? areaAxis(side, size) : cubicAxis(side, size);
  const firstTap = new Int32Array(2 * size);
  for (let i = 0; i < size; i++) {
    firstTap[i] = axis.first[i] - left;
    firstTap[size + i] = axis.first[i] - top;
  }
  const weights = new Float32Array(2 * size * axis.taps);
  weights.set(axis.weights);
  weights.set(axis.weights, size * axis.taps);
  return { size, taps: axis.taps, firstTap, weights, alphaWeighted: antialias && hasTranslucency(photo) };
}

interface Axis {
  readonly taps: number;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

function cubicAxis(side: number, size: number): Axis {
  const first = new Int32Array(size);
  const weights = new Float32Array(size * 4);
  for (let i = 0; i < size; i++) {
    const position = Math.fround(((i + 0.5) * side) / size - 0.5);
    const base = Math.floor(position);
    const x = Math.fround(position - base);
    const w = [0, 0, 0, 0];
    w[0] = ((CUBIC_A * (x + 1) - 5 * CUBIC_A) * (x + 1) + 8 * CUBIC_A) * (x + 1) - 4 * CUBIC_A;
    w[1] = ((CUBIC_A + 2) * x - (CUBIC_A + 3)) * x * x + 1;
    w[2] = ((CUBIC_A + 2) * (1 - x) - (CUBIC_A + 3)) * (1 - x) * (1 - x) + 1;
    w[3] = 1 - w[0] - w[1] - w[2];
    first[i] = base - 1;
    for (let k = 0; k < 4; k++) weights[i * 4 + k] = Math.round(w[k] * 2048) / 2048;
  }
  return { taps: 4, first, weights };
}

function areaAxis(side: number, size: number): Axis {
  const taps = Math.ceil(side / size) + 1;
  const first = new Int32Array(size);
  const weights = new Float32Array(size * taps);
  for (let i = 0; i < size; i++) {
    const from = (i * side) / size;
    const to = ((i + 1) * side) / size;
    first[i] = Math.floor(from);
    for (let k = 0; k < taps; k++) {
      const covered = Math.min(first[i] + k + 1, to) - Math.max(first[i] + k, from);
      weights[i * taps + k] = Math.max(0, covered) * (size / side);
    }
  }
  return { taps, first, weights };
}

function hasTranslucency(photo: RgbaImage): boolean {
  for (let i = 3; i < photo.data.length; i += 4) if (photo.data[i] !== 255) return true;
  return false;
}

/** Splits the output into bands whose photo rows fit one upload. */
export function photoBands(photo: RgbaImage, plan: ResamplePlan, bandBytes = BAND_BYTES): PhotoBand[] {
  const maxRows = Math.max(plan.taps, Math.floor(bandBytes / (photo.width * 4)));
  const clamped = (row: number) => Math.min(Math.max(row, 0), photo.height - 1);
  const bands: PhotoBand[] = [];
  let row = 0;
  while (row < plan.size) {
    const firstRow = clamped(plan.firstTap[plan.size + row]);
    let rows = 0;
    let lastRow = firstRow;
    while (row + rows < plan.size) {
      const next = clamped(plan.firstTap[plan.size + row + rows] + plan.taps - 1);
      if (rows > 0 && next - firstRow + 1 > maxRows) break;
      lastRow = next;
      rows++;
    }
    bands.push({ row, rows, firstRow, lastRow });
    row += rows;
  }
  return bands;
}

export interface SquarePhotoBuffers {
  /** Photo rows of the band. */
  readonly photo: GPUBuffer;
  readonly firstTap: GPUBuffer;
  readonly weights: GPUBuffer;
  /** RGBA8 [band rows, size]. */
  readonly target: GPUBuffer;
}

export function squarePhotoPass(
  buffers: SquarePhotoBuffers,
  photo: { readonly width: number; readonly height: number },
  plan: ResamplePlan,
  band: PhotoBand,
): Pass {
  return {
    source: SOURCE,
    entry: 'main',
    bindings: {
      1: { buffer: buffers.photo, size: (band.lastRow - band.firstRow + 1) * photo.width * 4 },
      2: { buffer: buffers.firstTap, size: plan.firstTap.byteLength },
      3: { buffer: buffers.weights, size: plan.weights.byteLength },
      4: { buffer: buffers.target, size: band.rows * plan.size * 4 },
    },
    uniforms: Params.pack({
      photo_size: [photo.width, photo.height],
      first_row: band.firstRow,
      size: plan.size,
      row: band.row,
      rows: band.rows,
      taps: plan.taps,
      alpha_weighted: plan.alphaWeighted ? 1 : 0,
    }),
    groups: pixelGroups(plan.size, band.rows),
  };
}
