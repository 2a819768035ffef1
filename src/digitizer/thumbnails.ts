/** The rail's picture of each stage, cut to the figure once the matte is known; how each is drawn is in its descriptor. */
import type { PlanarMap, RgbaImage } from '../base/images.ts';
import type { DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import type { RunResults } from './stage.ts';
import { figureWindow, type Points, solidPicture, WHOLE_CANVAS, type Window } from './stage-pictures.ts';

/** Side of a thumbnail, px: twice what the rail shows, for dense screens. */
export const THUMBNAIL_PX = 96;

/** Points drawn in a thumbnail at most: more cannot be told apart at this size. */
const MOST_POINTS = 120_000;

export function figureIn({ figure, matte }: RunResults): Window {
  const shown = figure ?? matte;
  return shown ? figureWindow(shown.matte) : WHOLE_CANVAS;
}

/** Reads a canvas-wide map from its device at an eighth of its size: a 64th of the bytes (normals: 1.5 instead of 96 MiB). */
export async function smallMap(map: DeviceMap, kernels: KernelSet): Promise<PlanarMap> {
  const reduced = await kernels.downsample8(map);
  try {
    return await kernels.download(reduced);
  } finally {
    reduced.dispose();
  }
}

export function pointsPicture(points: Points, count: number): RgbaImage {
  return solidPicture(points, THUMBNAIL_PX, Math.ceil(count / MOST_POINTS));
}

/** The middle of a picture, shrunk to a thumbnail, nearest pixel. */
export function centreSquare(picture: RgbaImage): RgbaImage {
  const side = Math.min(picture.width, picture.height);
  const left = (picture.width - side) >> 1;
  const top = (picture.height - side) >> 1;
  const data = new Uint8ClampedArray(THUMBNAIL_PX * THUMBNAIL_PX * 4);
  for (let row = 0; row < THUMBNAIL_PX; row++) {
    for (let column = 0; column < THUMBNAIL_PX; column++) {
      const y = top + Math.floor(((row + 0.5) * side) / THUMBNAIL_PX);
      const x = left + Math.floor(((column + 0.5) * side) / THUMBNAIL_PX);
      const from = (y * picture.width + x) * 4;
      data.set(picture.data.subarray(from, from + 4), (row * THUMBNAIL_PX + column) * 4);
    }
  }
  return { width: THUMBNAIL_PX, height: THUMBNAIL_PX, data };
}
