/**
 * Cuts the canvas, or the box of the person on it, into fineDepth tiles. The network sees 23 px around each pixel, so
 * tiles that overlap by a halo of 24 px give exactly the untiled values; windows begin on multiples of 8 because depth
 * enters at 1/8 size. At the border of the canvas a window is shifted inwards: its edge is then the canvas's edge, where
 * zero padding belongs.
 *
 * All windows of a plan have one size (one session), chosen among all multiples of 8 for the least computed area. A fixed
 * 560 px grid over the whole canvas was tried first: for a standing person it computes about twice as many pixels.
 */
import { StageError } from '../base/errors.ts';
import type { GreyImage } from '../base/images.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import type { TileWindow } from '../gpu/kernel-set.ts';
import { networkCost } from './cost.ts';
import type { Pack } from './packs/pack.ts';
import type { NetworkDevice } from './session.ts';

/** Receptive radius 23 px, rounded up to a multiple of 8. */
export const HALO_PX = 24;
/** Tile side of exported graphs, and of a plan over the whole canvas at the original's width: 512 px and two halos. */
export const DEFAULT_WINDOW_PX = 560;
/** A 560 px tile's largest feature at the original's width, f32; fits the 128 MiB binding of any device. */
const FEATURE_BYTES_BUDGET = DEFAULT_WINDOW_PX ** 2 * 64 * 4;
/**
 * The same on a graphics card, where the runtime holds about six features at once: 400 px tiles take half the memory for
 * about a tenth more pixels. With it a full-width run stays under 0.6 GiB where the normal networks are f16 (bench/gpu-memory.ts).
 */
const GPU_FEATURE_BYTES_BUDGET = 400 ** 2 * 64 * 4;
/** Longer windows would make steps too long to show progress or to cancel. */
const LONGEST_WINDOW_PX = 1120;
const SHORTEST_WINDOW_PX = 80;
/** What starting one more tile costs, in pixels of computation; a guess that keeps tiles from being tiny. */
const TILE_OVERHEAD_PX = 16_000;
/** A matte value from here on is foreground. */
const FOREGROUND = 128;

export interface FineTile {
  /** What the network sees. All windows of a plan have one size. */
  readonly window: TileWindow;
  /** What of its output is kept; cores cover the planned area without overlap. */
  readonly core: TileWindow;
}

export interface TilePlan {
  /** Longer side of the windows. */
  readonly windowPx: number;
  readonly tiles: readonly FineTile[];
  /** Multiply-accumulates of one tile. */
  readonly macsPerTile: number;
  /** Bytes of the largest feature map of one tile, f32. */
  readonly largestBindingBytes: number;
  /** Bytes of activations alive at once in one tile, f32; an estimate. */
  readonly activationBytes: number;
}

export interface TilePlanOptions {
  /** Side of the canvas, px; a multiple of 8. */
  readonly canvas?: number;
  /** Cover this box alone; absent: the whole canvas. */
  readonly area?: TileWindow | null;
}

/**
 * @throws StageError E_MEMORY when not even the smallest tile fits the device's bindings.
 */
export function planTiles(pack: Pack, device: NetworkDevice, options: TilePlanOptions = {}): TilePlan {
  const { canvas = CANVAS_SIZE, area = null } = options;
  const width = pack.manifest.widths.fineDepth;
  const budget =
    device.backend === 'webgpu'
      ? Math.min(
          GPU_FEATURE_BYTES_BUDGET,
          device.device.limits.maxStorageBufferBindingSize,
          device.device.limits.maxBufferSize,
        )
      : FEATURE_BYTES_BUDGET;
  const probe = networkCost('fineDepth', width, { height: 64, width: 64 });
  const bytesPerPixel = (probe.largestFeatureValues * 4) / 64 ** 2;
  const maxArea = Math.floor(budget / bytesPerPixel);
  const tiles = cutTiles(area ?? { row: 0, column: 0, height: canvas, width: canvas }, canvas, maxArea);
  const cost = networkCost('fineDepth', width, tiles[0].window);
  return {
    windowPx: Math.max(tiles[0].window.height, tiles[0].window.width),
    tiles,
    macsPerTile: cost.macs,
    largestBindingBytes: cost.largestFeatureValues * 4,
    activationBytes: cost.peakValues * 4,
  };
}

/**
 * Tiles over a box of the canvas, row by row.
 *
 * @param maxArea most pixels of one window.
 * @throws StageError E_MEMORY when no window is small enough.
 */
export function cutTiles(area: TileWindow, canvas: number, maxArea: number): FineTile[] {
  const rows = cuts(area.row, area.height, canvas);
  const columns = cuts(area.column, area.width, canvas);
  let best: { rows: readonly Span[]; columns: readonly Span[]; cost: number } | null = null;
  for (const r of rows) {
    for (const c of columns) {
      const pixels = r[0].windowLength * c[0].windowLength;
      const cost = r.length * c.length * (pixels + TILE_OVERHEAD_PX);
      if (pixels <= maxArea && (!best || cost < best.cost)) best = { rows: r, columns: c, cost };
    }
  }
  if (!best) {
    throw new StageError('fineDepth', 'E_MEMORY', 'The graphics card cannot hold even the smallest tile.', {
      fix: 'Choose the processor as backend.',
    });
  }
  const plan = best;
  return plan.rows.flatMap((r) =>
    plan.columns.map((c) => ({
      window: {
        row: r.windowStart,
        column: c.windowStart,
        height: r.windowLength,
        width: c.windowLength,
      },
      core: { row: r.coreStart, column: c.coreStart, height: r.coreLength, width: c.coreLength },
    })),
  );
}

/**
 * Box of a matte's foreground, grown by `margin` px and to multiples of 8; null when there is none.
 */
export function foregroundBox(matte: GreyImage, margin = 8): TileWindow | null {
  const { width, height, data } = matte;
  let top = height;
  let bottom = -1;
  let left = width;
  let right = -1;
  for (let row = 0; row < height; row++) {
    const line = data.subarray(row * width, (row + 1) * width);
    let first = 0;
    while (first < width && line[first] < FOREGROUND) first++;
    if (first === width) continue;
    let last = width - 1;
    while (line[last] < FOREGROUND) last--;
    top = Math.min(top, row);
    bottom = row;
    left = Math.min(left, first);
    right = Math.max(right, last);
  }
  if (bottom < 0) return null;
  const down = (v: number) => Math.max(0, Math.floor((v - margin) / 8) * 8);
  const up = (v: number, limit: number) => Math.min(limit, Math.ceil((v + 1 + margin) / 8) * 8);
  const row = down(top);
  const column = down(left);
  return { row, column, height: up(bottom, height) - row, width: up(right, width) - column };
}

interface Span {
  readonly windowStart: number;
  readonly windowLength: number;
  readonly coreStart: number;
  readonly coreLength: number;
}

/** For each number of windows along a line, the cut with the shortest windows. */
function cuts(start: number, length: number, canvas: number): Span[][] {
  const byCount = new Map<number, Span[]>();
  for (let windowLength = SHORTEST_WINDOW_PX; windowLength <= LONGEST_WINDOW_PX; windowLength += 8) {
    const spans = cutLine(start, length, canvas, Math.min(windowLength, canvas));
    if (!byCount.has(spans.length)) byCount.set(spans.length, spans);
    if (windowLength >= canvas) break;
  }
  return [...byCount.values()];
}

function cutLine(start: number, length: number, canvas: number, windowLength: number): Span[] {
  const end = start + length;
  const spans: Span[] = [];
  for (let coreStart = start; coreStart < end; ) {
    const windowStart = Math.min(Math.max(coreStart - HALO_PX, 0), canvas - windowLength);
    const windowEnd = windowStart + windowLength;
    // At the canvas's end there is no neighbour to leave a halo for.
    const coreEnd = Math.min(end, windowEnd === canvas ? canvas : windowEnd - HALO_PX);
    spans.push({ windowStart, windowLength, coreStart, coreLength: coreEnd - coreStart });
    coreStart = coreEnd;
  }
  return spans;
}
