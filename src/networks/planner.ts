/**
 * Cuts the canvas into fineDepth tiles. The network sees 23 px around each pixel, so tiles that overlap by a halo of
 * 24 px give exactly the untiled values; windows begin on multiples of 8 because depth enters at 1/8 size. At the border
 * of the canvas a window is shifted inwards: its edge is then the canvas's edge, where zero padding belongs.
 */
import { StageError } from '../base/errors.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import type { TileWindow } from '../gpu/kernel-set.ts';
import { networkCost } from './cost.ts';
import type { Pack } from './packs/pack.ts';
import type { NetworkDevice } from './session.ts';

/** Receptive radius 23 px, rounded up to a multiple of 8. */
export const HALO_PX = 24;
/** 512 px of core and two halos: at full width every feature map is under 128 MiB in f32. */
export const DEFAULT_WINDOW_PX = 560;
const SMALLEST_WINDOW_PX = 112;

export interface FineTile {
  /** What the network sees. All windows of a plan have one size. */
  readonly window: TileWindow;
  /** What of its output is kept; cores cover the canvas without overlap. */
  readonly core: TileWindow;
}

export interface TilePlan {
  readonly windowPx: number;
  readonly tiles: readonly FineTile[];
  /** Multiply-accumulates of one tile. */
  readonly macsPerTile: number;
  /** Bytes of the largest feature map of one tile, f32. */
  readonly largestBindingBytes: number;
  /** Bytes of activations alive at once in one tile, f32; an estimate. */
  readonly activationBytes: number;
}

/** @throws StageError E_MEMORY when not even the smallest tile fits the device's bindings. */
export function planTiles(pack: Pack, device: NetworkDevice, canvas = CANVAS_SIZE): TilePlan {
  const width = pack.manifest.widths.fineDepth;
  const limit =
    device.backend === 'webgpu'
      ? Math.min(device.device.limits.maxStorageBufferBindingSize, device.device.limits.maxBufferSize)
      : Number.POSITIVE_INFINITY;
  let windowPx = Math.min(DEFAULT_WINDOW_PX, canvas);
  while (largestBytes(width, windowPx) > limit) {
    windowPx -= 32;
    if (windowPx < Math.min(SMALLEST_WINDOW_PX, canvas)) {
      throw new StageError('fineDepth', 'E_MEMORY', 'The graphics card cannot hold even the smallest tile.', {
        fix: 'Choose the processor as backend.',
      });
    }
  }
  const cost = networkCost('fineDepth', width, { height: windowPx, width: windowPx });
  return {
    windowPx,
    tiles: cutTiles(canvas, windowPx),
    macsPerTile: cost.macs,
    largestBindingBytes: cost.largestFeatureValues * 4,
    activationBytes: cost.peakValues * 4,
  };
}

function largestBytes(width: number, windowPx: number): number {
  return networkCost('fineDepth', width, { height: windowPx, width: windowPx }).largestFeatureValues * 4;
}

/** Tiles of one window size over a square canvas, row by row. */
export function cutTiles(canvas: number, windowPx: number): FineTile[] {
  const spans = cutLine(canvas, windowPx);
  return spans.flatMap((vertical) =>
    spans.map((horizontal) => ({
      window: {
        row: vertical.windowStart,
        column: horizontal.windowStart,
        height: windowPx,
        width: windowPx,
      },
      core: {
        row: vertical.coreStart,
        column: horizontal.coreStart,
        height: vertical.coreLength,
        width: horizontal.coreLength,
      },
    })),
  );
}

interface Span {
  readonly windowStart: number;
  readonly coreStart: number;
  readonly coreLength: number;
}

function cutLine(length: number, windowPx: number): Span[] {
  if (windowPx >= length) return [{ windowStart: 0, coreStart: 0, coreLength: length }];
  const step = windowPx - 2 * HALO_PX;
  const spans: Span[] = [];
  for (let start = 0; start < length; start += step) {
    const windowStart = Math.min(Math.max(start - HALO_PX, 0), length - windowPx);
    spans.push({ windowStart, coreStart: start, coreLength: Math.min(step, length - start) });
  }
  return spans;
}
