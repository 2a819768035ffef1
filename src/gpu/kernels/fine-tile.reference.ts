/**
 * Cutting fineDepth tiles out of the canvas maps and putting their cores back. Plain copies; what lies outside the
 * canvas is zero, as the network's own padding would be. Source: docs/method.md#refinement-network and docs/method.md#refinement.
 */
import { type PlanarMap, planarMap } from '../../base/images.ts';
import type { TileWindow } from '../kernel-set.ts';

/** Channels of the tile's normals: six, and two zeros for the network. */
const TILE_NORMAL_CHANNELS = 8;

/** Copies a window of every channel of a map; channels beyond the map's and pixels outside it stay zero. */
function cutWindow(map: PlanarMap, window: TileWindow, channels: number): PlanarMap {
  const [available, height, width] = map.shape;
  const out = planarMap([channels, window.height, window.width]);
  const firstRow = Math.max(0, -window.row);
  const lastRow = Math.min(window.height, height - window.row);
  const firstColumn = Math.max(0, -window.column);
  const lastColumn = Math.min(window.width, width - window.column);
  if (firstColumn >= lastColumn) return out;
  for (let c = 0; c < Math.min(available, channels); c++) {
    for (let r = firstRow; r < lastRow; r++) {
      const from = (c * height + window.row + r) * width + window.column;
      const to = (c * window.height + r) * window.width;
      out.data.set(map.data.subarray(from + firstColumn, from + lastColumn), to + firstColumn);
    }
  }
  return out;
}

/**
 * @param coarseDepth   f32 [2, S/8, S/8].
 * @param mergedNormals f32 [6, S, S].
 * @param tile          canvas px; origin and size are multiples of 8.
 * @returns depth f32 [2, h/8, w/8] and normals f32 [8, h, w], last two channels zero. Caller owns both.
 */
export function fineTileInput(
  coarseDepth: PlanarMap,
  mergedNormals: PlanarMap,
  tile: TileWindow,
): { depth: PlanarMap; normals: PlanarMap } {
  const coarse = {
    row: tile.row / 8,
    column: tile.column / 8,
    height: tile.height / 8,
    width: tile.width / 8,
  };
  if (!Object.values(coarse).every(Number.isInteger)) {
    throw new RangeError(`tile ${JSON.stringify(tile)} is not on multiples of 8`);
  }
  return {
    depth: cutWindow(coarseDepth, coarse, coarseDepth.shape[0]),
    normals: cutWindow(mergedNormals, tile, TILE_NORMAL_CHANNELS),
  };
}

/** Copies `core` (canvas px, inside `tile`) of a tile [C, h, w] into the canvas map [C, S, S]. */
export function storeTile(raw: PlanarMap, tile: TileWindow, core: TileWindow, target: PlanarMap): void {
  const [channels, height, width] = target.shape;
  const [, rawHeight, rawWidth] = raw.shape;
  const rowInTile = core.row - tile.row;
  const columnInTile = core.column - tile.column;
  if (
    rowInTile < 0 ||
    columnInTile < 0 ||
    rowInTile + core.height > rawHeight ||
    columnInTile + core.width > rawWidth ||
    core.row + core.height > height ||
    core.column + core.width > width
  ) {
    throw new RangeError(
      `core ${JSON.stringify(core)} does not lie in tile ${JSON.stringify(tile)} and canvas`,
    );
  }
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < core.height; r++) {
      const from = (c * rawHeight + rowInTile + r) * rawWidth + columnInTile;
      target.data.set(
        raw.data.subarray(from, from + core.width),
        (c * height + core.row + r) * width + core.column,
      );
    }
  }
}
