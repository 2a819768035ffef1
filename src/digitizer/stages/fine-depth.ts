/**
 * Stage `fineDepth`: front and back depth at 2048 x 2048, computed in exact halo tiles (networks/planner), only where
 * there is foreground (robust mode). Tiles keep a key of the parts they see, so an edit recomputes only those it touches.
 */
import type { GreyImage } from '../../base/images.ts';
import { planarMap } from '../../base/images.ts';
import { type Affine, CANVAS_SIZE, CROP_SIZES } from '../../geometry/body.ts';
import type { DeviceMap } from '../../gpu/device-map.ts';
import type { TileWindow } from '../../gpu/kernel-set.ts';
import { erode } from '../../intake/binary-image.ts';
import type { FineTile } from '../../networks/planner.ts';
import { runNetwork, type StageContext, withNetwork } from '../context.ts';
import type { PartResult } from './part-normals.ts';

/** Raw refined depth with the key each tile was computed under; lives as long as its photo and coarse result. */
export interface FineRaw {
  readonly raw: DeviceMap;
  readonly tileKeys: Map<string, string>;
}

export interface FineDepthResult {
  /** [3, 2048, 2048] before relu6 and sigmoid; 0 where no tile ran. */
  readonly raw: DeviceMap;
  /** [2, 2048, 2048] front and back, 0 = empty, in units of 512 px. */
  readonly depth: DeviceMap;
  readonly tilesRun: number;
}

export function newFineRaw(context: StageContext): FineRaw {
  return { raw: context.kernels.upload(planarMap([3, CANVAS_SIZE, CANVAS_SIZE])), tileKeys: new Map() };
}

const nameOf = (tile: TileWindow) => `${tile.row}:${tile.column}:${tile.height}:${tile.width}`;

/** Does the crop of a part reach into a window of the canvas? Compares bounding boxes, so it may say yes too often. */
export function partTouches(
  part: { kind: PartResult['kind']; imageFromPart: Affine },
  tile: TileWindow,
): boolean {
  const { height, width } = CROP_SIZES[part.kind];
  const m = part.imageFromPart;
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const sx of [-1, 1]) {
    for (const sy of [-1, 1]) {
      const px = (sx * width) / CANVAS_SIZE;
      const py = (sy * height) / CANVAS_SIZE;
      const x = ((m[0] * px + m[1] * py + m[2] + 1) * CANVAS_SIZE) / 2;
      const y = ((m[3] * px + m[4] * py + m[5] + 1) * CANVAS_SIZE) / 2;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return (
    right > tile.column &&
    left < tile.column + tile.width &&
    bottom > tile.row &&
    top < tile.row + tile.height
  );
}

/** Does the matte, grown by the tile's halo, have foreground in the core? Cheap: looks at every fourth pixel. */
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

export async function runFineDepth(
  fine: FineRaw,
  coarseDepth: DeviceMap,
  mergedNormals: DeviceMap,
  parts: readonly PartResult[],
  tiles: readonly FineTile[],
  matte: GreyImage | null,
  context: StageContext,
): Promise<FineDepthResult> {
  const { kernels } = context;
  const stale: { tile: FineTile; key: string }[] = [];
  for (const tile of tiles) {
    const key = parts
      .filter((part) => partTouches(part, tile.window))
      .map((part) => part.key)
      .join('|');
    if (fine.tileKeys.get(nameOf(tile.core)) !== key) stale.push({ tile, key });
  }
  if (stale.length > 0) {
    const { height, width } = stale[0].tile.window;
    await withNetwork(context, 'fineDepth', { height, width }, async (network) => {
      for (const [index, { tile, key }] of stale.entries()) {
        context.progress(index / stale.length, `tile ${index + 1} of ${stale.length}`);
        const inputs = await kernels.fineTileInput(coarseDepth, mergedNormals, tile.window);
        try {
          const raw = await runNetwork(context, network, { d: inputs.depth, n: inputs.normals });
          try {
            await kernels.storeTile(raw, tile.window, tile.core, fine.raw);
          } finally {
            raw.dispose();
          }
        } finally {
          inputs.depth.dispose();
          inputs.normals.dispose();
        }
        fine.tileKeys.set(nameOf(tile.core), key);
      }
    });
  }
  return {
    raw: fine.raw,
    depth: await finish(fine.raw, mergedNormals, matte, context),
    tilesRun: stale.length,
  };
}

/** Robust mode, which has a matte, cuts the rim and lets the normals redraw the relief. */
async function finish(
  raw: DeviceMap,
  mergedNormals: DeviceMap,
  matte: GreyImage | null,
  { kernels }: StageContext,
): Promise<DeviceMap> {
  if (!matte) return kernels.finishDepth(raw, null);
  const cut = await kernels.finishDepth(raw, withoutRim(matte));
  try {
    return await kernels.relief(cut, mergedNormals);
  } finally {
    cut.dispose();
  }
}
