/**
 * Places charts on a square atlas by their shapes, not their boxes: each is a mask of cells, grown by its margin, and takes
 * the first free place from the top left; the largest first. Charts are never turned or mirrored.
 */
import type { Steps } from '../../base/steps.ts';
import { type Chart, spanInBand } from './charts.ts';

export interface Placement {
  readonly chart: Chart;
  /** Texels per canvas px. */
  readonly scale: number;
  /** Texel of the atlas = canvas px * scale - origin + place. */
  readonly originX: number;
  readonly originY: number;
  readonly placeX: number;
  readonly placeY: number;
  /** Size of its box, texels. */
  readonly width: number;
  readonly height: number;
}

/** Texels around a chart that belong to it: four between two charts, so that two are safe on each side. */
export const MARGIN = 4;
/** Most cells along a side of the atlas. */
const MOST_CELLS = 512;

interface Mask {
  readonly words: number;
  readonly rows: number;
  /** Bits, `words` a row, the left cell in the lowest bit. */
  readonly bits: Uint32Array;
}

/**
 * @param views projected vertices by side, as charts.ts has them.
 * @param scaleOf texels per canvas px of a chart.
 * @returns a place for every chart, or null where they do not fit.
 */
export function* packSteps(
  charts: readonly Chart[],
  views: readonly Float32Array[],
  indices: Uint32Array,
  scaleOf: (chart: Chart) => number,
  side: number,
): Steps<Placement[] | null> {
  const cell = Math.max(4, side / MOST_CELLS);
  const cells = Math.floor(side / cell);
  const words = Math.ceil(cells / 32);
  const taken = new Uint32Array(words * cells);
  const placements: Placement[] = [];
  const ordered = [...charts].sort((a, b) => scaleOf(b) ** 2 * b.area - scaleOf(a) ** 2 * a.area);
  let steps = 0;
  for (const chart of ordered) {
    if (steps++ % 8 === 0) yield;
    const scale = scaleOf(chart);
    const originX = Math.floor(chart.left * scale) - MARGIN;
    const originY = Math.floor(chart.top * scale) - MARGIN;
    const width = Math.ceil(chart.right * scale) + MARGIN - originX;
    const height = Math.ceil(chart.bottom * scale) + MARGIN - originY;
    const [columns, rows] = [Math.ceil(width / cell), Math.ceil(height / cell)];
    if (columns > cells || rows > cells) return null;
    const mask = maskOf(chart, views[chart.side], indices, scale, originX, originY, cell, columns, rows);
    const place = findPlace(taken, words, cells, mask, columns);
    if (!place) return null;
    put(taken, words, mask, place[0], place[1]);
    placements.push({
      chart,
      scale,
      originX,
      originY,
      placeX: place[0] * cell,
      placeY: place[1] * cell,
      width,
      height,
    });
  }
  return placements;
}

function maskOf(
  { triangles }: Chart,
  view: Float32Array,
  indices: Uint32Array,
  scale: number,
  originX: number,
  originY: number,
  cell: number,
  columns: number,
  rows: number,
): Mask {
  const words = Math.ceil(columns / 32);
  const bits = new Uint32Array(words * rows);
  // Half of what lies between two charts.
  const margin = MARGIN / 2 / cell;
  const factor = scale / cell;
  for (const t of triangles) {
    const a = indices[t * 3] * 3;
    const b = indices[t * 3 + 1] * 3;
    const c = indices[t * 3 + 2] * 3;
    const ax = view[a] * factor - originX / cell;
    const ay = view[a + 1] * factor - originY / cell;
    const bx = view[b] * factor - originX / cell;
    const by = view[b + 1] * factor - originY / cell;
    const cx = view[c] * factor - originX / cell;
    const cy = view[c + 1] * factor - originY / cell;
    const first = Math.max(0, Math.floor(Math.min(ay, by, cy) - margin));
    const last = Math.min(rows - 1, Math.floor(Math.max(ay, by, cy) + margin));
    for (let row = first; row <= last; row++) {
      const span = spanInBand(ax, ay, bx, by, cx, cy, row - margin, row + 1 + margin);
      if (!span) continue;
      const from = Math.max(0, Math.floor(span[0] - margin));
      const to = Math.min(columns - 1, Math.floor(span[1] + margin));
      for (let x = from; x <= to; x++) bits[row * words + (x >>> 5)] |= 1 << (x & 31);
    }
  }
  return { words, rows, bits };
}

/** First free place, row by row; null where there is none. */
function findPlace(
  taken: Uint32Array,
  words: number,
  cells: number,
  mask: Mask,
  columns: number,
): readonly [x: number, y: number] | null {
  for (let y = 0; y + mask.rows <= cells; y++) {
    for (let x = 0; x + columns <= cells; x++) {
      if (fits(taken, words, mask, x, y)) return [x, y];
    }
  }
  return null;
}

function fits(taken: Uint32Array, words: number, mask: Mask, x: number, y: number): boolean {
  const shift = x & 31;
  const word = x >>> 5;
  for (let row = 0; row < mask.rows; row++) {
    const to = (y + row) * words + word;
    const from = row * mask.words;
    for (let k = 0; k < mask.words; k++) {
      const bits = mask.bits[from + k];
      if (bits === 0) continue;
      if ((taken[to + k] & (bits << shift)) !== 0) return false;
      if (shift !== 0 && word + k + 1 < words && (taken[to + k + 1] & (bits >>> (32 - shift))) !== 0) {
        return false;
      }
    }
  }
  return true;
}

function put(taken: Uint32Array, words: number, mask: Mask, x: number, y: number): void {
  const shift = x & 31;
  const word = x >>> 5;
  for (let row = 0; row < mask.rows; row++) {
    for (let k = 0; k < mask.words; k++) {
      const bits = mask.bits[row * mask.words + k];
      const to = (y + row) * words + word + k;
      taken[to] |= bits << shift;
      if (shift !== 0 && word + k + 1 < words) taken[to + 1] |= bits >>> (32 - shift);
    }
  }
}
