/**
 * Stage `fineDepth`: front and back depth at 2048 x 2048, computed in exact halo tiles (networks/planner), only where
 * there is foreground (robust mode). Each tile is kept under a key of the parts it sees, so an edit recomputes only those
 * it touches.
 */
import type { GreyImage } from '../../base/images.ts';
import { planarMap } from '../../base/images.ts';
import { type Affine, CANVAS_SIZE, CROP_SIZES } from '../../geometry/body.ts';
import { cropCorners } from '../../geometry/crop.ts';
import type { DeviceMap } from '../../gpu/device-map.ts';
import type { KernelSet, TileWindow } from '../../gpu/kernel-set.ts';
import { erode } from '../../intake/binary-image.ts';
import type { Precision } from '../../networks/onnx/graph-writer.ts';
import { type FineTile, foregroundBox, planTiles } from '../../networks/planner.ts';
import { type Keeping, keptMaps, mapsOf } from '../kept-results.ts';
import { type NetworkRun, withNetwork } from '../networks.ts';
import type { StageContext } from '../stage.ts';
import type { PartResult } from './part-normals.ts';

/** The fine depth network's output for one tile; never changed. */
export interface TileResult extends FineTile {
  /** [3, h, w] of the window, before relu6 and sigmoid. */
  readonly raw: DeviceMap;
}

export interface FineDepthResult {
  readonly tiles: readonly TileResult[];
  /** [2, 2048, 2048] front and back, 0 = empty, in units of 512 px. */
  readonly depth: DeviceMap;
  /** Tiles computed for this result; the others were kept from before. */
  readonly tilesRun: number;
  /** Of the whole plan, with those that no foreground reaches. */
  readonly tilesTotal: number;
  /** Longer side of a tile's window, px. */
  readonly windowPx: number;
}

/** Tiles that have come are shown at most this often, ms: whoever looks has the whole canvas drawn each time. */
const SHOW_INTERVAL_MS = 1200;

const nameOf = (window: TileWindow) => `${window.row}:${window.column}:${window.height}:${window.width}`;

/** Does the crop of a part reach into a window of the canvas? Compares bounding boxes, so it may say yes too often. */
export function partTouches(
  part: { kind: PartResult['kind']; imageFromPart: Affine },
  tile: TileWindow,
): boolean {
  const corners = cropCorners(part.imageFromPart, CROP_SIZES[part.kind]);
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  return (
    right > tile.column &&
    left < tile.column + tile.width &&
    bottom > tile.row &&
    top < tile.row + tile.height
  );
}

/**
 * Does the matte have foreground in the window? Looks at every fourth pixel: what is thinner may be missed, and has no depth
 * anyway, because the rim is cut from both of its sides (RIM_PX).
 */
export function hasForeground(matte: GreyImage, window: TileWindow): boolean {
  for (let row = window.row; row < window.row + window.height; row += 4) {
    for (let column = window.column; column < window.column + window.width; column += 4) {
      if (matte.data[row * matte.width + column] >= 128) return true;
    }
  }
  return false;
}

/**
 * Depth closer to the outline than this is dropped in robust mode, px: there the photo mixes with the background and
 * the depth is ragged by a few pixels; the cloud stage closes it with a strip of its own. Fingers are
 * 12 px and more wide.
 */
export const RIM_PX = 3;

/** The foreground without its rim. */
export function withoutRim(matte: GreyImage): GreyImage {
  const { width, height } = matte;
  const inside = erode({ width, height, data: matte.data.map((v) => (v >= 128 ? 1 : 0)) }, RIM_PX);
  return { width, height, data: inside.data.map((v) => v * 255) };
}

/** What the tiles are cut from; the matte is null in reference mode, which has depth everywhere. */
export interface FineDepthInputs {
  readonly coarseDepth: DeviceMap;
  readonly mergedNormals: DeviceMap;
  readonly parts: readonly PartResult[];
  readonly matte: GreyImage | null;
}

export async function runFineDepth(
  inputs: FineDepthInputs,
  precision: Precision,
  context: StageContext,
): Promise<FineDepthResult> {
  const { coarseDepth, mergedNormals, parts, matte } = inputs;
  const { kernels, networks } = context;
  // Only the person's box is cut into tiles, and of those only the ones that hold foreground; the original runs all.
  const plan = planTiles(networks.pack, networks.device, { area: matte ? foregroundBox(matte) : null });
  const wanted = matte ? plan.tiles.filter((tile) => hasForeground(matte, tile.core)) : plan.tiles;
  const pieces = wanted.map((tile) => {
    const seen = parts.filter((part) => partTouches(part, tile.window)).map((part) => part.key);
    const content = [nameOf(tile.window), nameOf(tile.core), ...seen].join(' ');
    const keep = (): Keeping<TileResult> => ({
      save: async ({ raw }) => keptMaps([await kernels.download(raw)]),
      load: (kept) => ({ ...tile, raw: kernels.upload(mapsOf(kept)[0]) }),
    });
    return {
      tile,
      inputs: ['coarse'] as const,
      content,
      keep,
      dispose: ({ raw }: TileResult) => raw.dispose(),
    };
  });
  const isThere = await Promise.all(pieces.map((piece) => context.isKept(piece)));
  const stale = isThere.filter((there) => !there).length;
  const tiles: TileResult[] = [];
  let run = 0;
  let shownMs = Number.NEGATIVE_INFINITY;
  const computeAll = async (runNetwork: NetworkRun) => {
    for (const { tile, inputs: of, content, keep, dispose } of pieces) {
      const compute = async (): Promise<TileResult> => {
        context.progress(run / stale, `tile ${++run} of ${stale}`);
        const cut = await kernels.fineTileInput(coarseDepth, mergedNormals, tile.window);
        try {
          return { ...tile, raw: await runNetwork({ d: cut.depth, n: cut.normals }) };
        } finally {
          cut.depth.dispose();
          cut.normals.dispose();
        }
      };
      tiles.push(await context.piece({ inputs: of, content, compute, keep, dispose }));
      if (run < stale && performance.now() - shownMs > SHOW_INTERVAL_MS) {
        shownMs = performance.now();
        context.show({ tilesSoFar: [...tiles] }, null);
      }
    }
  };
  if (stale === 0) {
    await computeAll(() => Promise.reject(new Error('every tile was kept')));
  } else {
    const { height, width } = wanted[0].window;
    await withNetwork(context, 'fineDepth', { height, width }, precision, computeAll);
  }
  const depth = await finishedDepth(tiles, mergedNormals, matte, kernels);
  return { tiles, depth, tilesRun: stale, tilesTotal: plan.tiles.length, windowPx: plan.windowPx };
}

/** Raw depth of the whole canvas, 0 where no tile ran. @returns [3, 2048, 2048], the caller's. */
export async function assembled(
  tiles: readonly TileResult[],
  kernels: KernelSet,
  size = CANVAS_SIZE,
): Promise<DeviceMap> {
  const raw = kernels.upload(planarMap([3, size, size]));
  try {
    for (const tile of tiles) await kernels.storeTile(tile.raw, tile.window, tile.core, raw);
    return raw;
  } catch (thrown) {
    raw.dispose();
    throw thrown;
  }
}

/**
 * Depth of the tiles that are there, without the relief: for pictures while the rest is computed.
 *
 * @returns [2, 2048, 2048] in units of 512 px, 0 where no tile has come; the caller's.
 */
export async function roughDepth(
  tiles: readonly TileResult[],
  matte: GreyImage,
  kernels: KernelSet,
): Promise<DeviceMap> {
  const raw = await assembled(tiles, kernels);
  try {
    return await kernels.finishDepth(raw, matte);
  } finally {
    raw.dispose();
  }
}

/**
 * Robust mode, which has a matte, cuts the rim and lets the normals redraw the relief.
 *
 * @returns [2, size, size] front and back in units of 512 px, 0 = empty; the caller's.
 */
export async function finishedDepth(
  tiles: readonly TileResult[],
  mergedNormals: DeviceMap,
  matte: GreyImage | null,
  kernels: KernelSet,
  size = CANVAS_SIZE,
): Promise<DeviceMap> {
  const raw = await assembled(tiles, kernels, size);
  try {
    if (!matte) return await kernels.finishDepth(raw, null);
    const cut = await kernels.finishDepth(raw, withoutRim(matte));
    try {
      return await kernels.relief(cut, mergedNormals);
    } finally {
      cut.dispose();
    }
  } finally {
    raw.dispose();
  }
}
