/** The rail's picture of each stage, cut to the figure once the matte is known. */
import type { PlanarMap, RgbaImage } from '../base/images.ts';
import type { DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { pictureOf } from './inspect.ts';
import { depthPicture, normalsPicture } from './pictures.ts';
import type { RunResults } from './run.ts';
import {
  cutOut,
  figureWindow,
  partsPicture,
  posePicture,
  solidPicture,
  WHOLE_CANVAS,
} from './stage-pictures.ts';
import type { PictureRequest, StageId } from './types.ts';

/** Side of a thumbnail, px: twice what the rail shows, for dense screens. */
export const THUMBNAIL_PX = 96;

/** Points drawn in a thumbnail at most: more cannot be told apart at this size. */
const MOST_POINTS = 120_000;

const CANVAS_PICTURES: Readonly<Partial<Record<StageId, PictureRequest>>> = {
  photo: { kind: 'photo' },
  matte: { kind: 'cutout' },
  coarse: { kind: 'coarseNormals', side: 'front' },
};

/** Reads a canvas-wide map from its device at an eighth: 128 MiB less to copy than the whole. */
async function small(map: DeviceMap, kernels: KernelSet): Promise<PlanarMap> {
  const reduced = await kernels.downsample8(map);
  try {
    return await kernels.download(reduced);
  } finally {
    reduced.dispose();
  }
}

/** @returns null when the stage has no result. */
export async function thumbnailOf(
  stage: StageId,
  results: RunResults,
  kernels: KernelSet,
): Promise<RgbaImage | null> {
  const window = results.matte ? figureWindow(results.matte.matte) : WHOLE_CANVAS;
  const request = CANVAS_PICTURES[stage];
  if (request) {
    const picture = await pictureOf(request, results, kernels);
    return picture && cutOut(picture, window, THUMBNAIL_PX);
  }
  const { photo, pose, parts, mergedNormals, fineDepth, cloud, surface } = results;
  switch (stage) {
    case 'pose':
      return photo && pose
        ? posePicture(cutOut(photo.square, window, THUMBNAIL_PX), pose.keypoints, window)
        : null;
    case 'parts':
      return photo && parts
        ? partsPicture(cutOut(photo.square, window, THUMBNAIL_PX), parts.imageFromPart, window)
        : null;
    case 'partNormals': {
      const picture = await pictureOf(
        { kind: 'partNormals', part: 'upperBody', side: 'front' },
        results,
        kernels,
      );
      return picture && centreSquare(picture);
    }
    case 'mergedNormals':
      return mergedNormals
        ? cutOut(normalsPicture(await small(mergedNormals, kernels), 0), window, THUMBNAIL_PX)
        : null;
    case 'fineDepth':
      return fineDepth
        ? cutOut(depthPicture(await small(fineDepth.depth, kernels), 0), window, THUMBNAIL_PX)
        : null;
    case 'cloud':
      return cloud ? solidPicture(cloud, THUMBNAIL_PX, Math.ceil(cloud.count / MOST_POINTS)) : null;
    case 'surface': {
      if (!surface) return null;
      const { positions, normals } = surface.mesh;
      return solidPicture(
        { positions, normals },
        THUMBNAIL_PX,
        Math.ceil(positions.length / 3 / MOST_POINTS),
      );
    }
    default:
      return null;
  }
}

/** The middle of a picture, shrunk to a thumbnail, nearest pixel. */
function centreSquare(picture: RgbaImage): RgbaImage {
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
