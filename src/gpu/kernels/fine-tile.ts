/** Bindings of fine-tile.wgsl: cutting fineDepth tiles out of the canvas maps and putting their cores back. */
import type { MapShape } from '../../base/images.ts';
import { shapeBytes } from '../device-map.ts';
import { type Pass, pixelGroups } from '../kernel-runner.ts';
import type { TileWindow } from '../kernel-set.ts';
import { PRELUDE } from './affine-px.ts';
import code from './fine-tile.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Params = defineStruct('Params', {
  copy_size: 'vec2u',
  source_origin: 'vec2i',
  source_size: 'vec2u',
  target_origin: 'vec2u',
  target_size: 'vec2u',
  source_channels: 'u32',
});
const SOURCE = { label: 'fine-tile', code: PRELUDE + Params.wgsl + code };

/** Channels of a tile's normals: six, and two zeros for the network. */
export const TILE_NORMAL_CHANNELS = 8;

/** The tile on the coarse maps. @throws RangeError when it is not on multiples of 8. */
export function coarseWindow(tile: TileWindow): TileWindow {
  const coarse = {
    row: tile.row / 8,
    column: tile.column / 8,
    height: tile.height / 8,
    width: tile.width / 8,
  };
  if (!Object.values(coarse).every(Number.isInteger)) {
    throw new RangeError(`tile ${JSON.stringify(tile)} is not on multiples of 8`);
  }
  return coarse;
}

/** Source [C, H, W] -> target [channels, h, w]; channels beyond the source's and pixels outside it become zero. */
export function cutPass(
  source: GPUBuffer,
  shape: MapShape,
  window: TileWindow,
  target: GPUBuffer,
  channels: number,
): Pass {
  const [x, y] = pixelGroups(window.width, window.height);
  return {
    source: SOURCE,
    entry: 'copy_window',
    bindings: {
      1: { buffer: source, size: shapeBytes(shape) },
      2: { buffer: target, size: shapeBytes([channels, window.height, window.width]) },
    },
    uniforms: Params.pack({
      copy_size: [window.width, window.height],
      source_origin: [window.column, window.row],
      source_size: [shape[2], shape[1]],
      target_origin: [0, 0],
      target_size: [window.width, window.height],
      source_channels: shape[0],
    }),
    groups: [x, y, channels],
  };
}

/** Core of a tile [C, h, w] -> its place in the target [C, S, S]. @throws RangeError when it lies elsewhere. */
export function storePass(
  raw: GPUBuffer,
  rawShape: MapShape,
  tile: TileWindow,
  core: TileWindow,
  target: GPUBuffer,
  targetShape: MapShape,
): Pass {
  const row = core.row - tile.row;
  const column = core.column - tile.column;
  const fits =
    row >= 0 &&
    column >= 0 &&
    row + core.height <= rawShape[1] &&
    column + core.width <= rawShape[2] &&
    core.row >= 0 &&
    core.column >= 0 &&
    core.row + core.height <= targetShape[1] &&
    core.column + core.width <= targetShape[2];
  if (!fits) {
    throw new RangeError(
      `core ${JSON.stringify(core)} does not lie in tile ${JSON.stringify(tile)} and canvas`,
    );
  }
  const [x, y] = pixelGroups(core.width, core.height);
  return {
    source: SOURCE,
    entry: 'copy_window',
    bindings: {
      1: { buffer: raw, size: shapeBytes(rawShape) },
      2: { buffer: target, size: shapeBytes(targetShape) },
    },
    uniforms: Params.pack({
      copy_size: [core.width, core.height],
      source_origin: [column, row],
      source_size: [rawShape[2], rawShape[1]],
      target_origin: [core.column, core.row],
      target_size: [targetShape[2], targetShape[1]],
      source_channels: rawShape[0],
    }),
    groups: [x, y, targetShape[0]],
  };
}
