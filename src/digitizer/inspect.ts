/** Answers the inspector: pictures, float maps and single pixels of a run's results. Nothing here changes a result. */

import { type PlanarMap, planarMap, type RgbaImage } from '../base/images.ts';
import { CANVAS_SIZE, CROP_SIZES, PART_IDS, type PartId } from '../geometry/body.ts';
import { codedSlopeScale } from '../geometry/depth-normals.ts';
import { cpuMap, type DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import {
  cropOfCanvas,
  cutoutPicture,
  depthPicture,
  greyPicture,
  inputPicture,
  mattePicture,
  normalsPicture,
} from './pictures.ts';
import type { RunResults } from './run.ts';
import type { PictureRequest, Side } from './types.ts';

/** Resolution at which the merge weights are drawn; they are blurred by 5 px, so a quarter keeps their shape. */
const WEIGHTS_SIZE = CANVAS_SIZE / 4;

const firstChannel = (side: Side) => (side === 'front' ? 0 : 3);

const partOf = (results: RunResults, part: PartId) => results.partNormals?.[PART_IDS.indexOf(part)];

/** @returns null when the stage the picture belongs to has not finished. */
export async function pictureOf(
  request: PictureRequest,
  results: RunResults,
  kernels: KernelSet,
): Promise<RgbaImage | null> {
  const normals = async (map: DeviceMap | undefined, side: Side) =>
    map ? normalsPicture(await kernels.download(map), firstChannel(side)) : null;
  switch (request.kind) {
    case 'photo': {
      const square = results.photo?.square;
      return square ? { ...square, data: square.data.slice() } : null;
    }
    case 'matte':
      return results.matte ? mattePicture(results.matte.matte) : null;
    case 'cutout':
      return results.photo && results.matte ? cutoutPicture(results.photo.square, results.matte.matte) : null;
    case 'coarseNormals':
      return normals(results.coarse?.normals, request.side);
    case 'coarseDepth': {
      const depth = results.coarse?.depth;
      return depth ? depthPicture(await kernels.download(depth), request.side === 'front' ? 0 : 1) : null;
    }
    case 'partCrop':
    case 'partCoarse': {
      const result = partOf(results, request.part);
      if (!result) return null;
      const crop = await kernels.download(result.crop);
      return request.kind === 'partCrop' ? inputPicture(crop) : normalsPicture(crop, 3);
    }
    case 'partNormals':
      return normals(partOf(results, request.part)?.normals, request.side);
    case 'partWeight': {
      const result = partOf(results, request.part);
      if (!result || !results.partNormals) return null;
      const weights = await kernels.mergeWeights(results.partNormals, WEIGHTS_SIZE);
      try {
        const crop = CROP_SIZES[result.kind];
        const values = cropOfCanvas(
          await kernels.download(weights),
          PART_IDS.indexOf(request.part),
          crop,
          result.imageFromPart,
        );
        return greyPicture(values.data, crop.width, crop.height);
      } finally {
        weights.dispose();
      }
    }
    case 'mergedNormals':
      return normals(results.mergedNormals, request.side);
    case 'depth': {
      const depth = results.fineDepth?.depth;
      return depth ? depthPicture(await kernels.download(depth), request.side === 'front' ? 0 : 1) : null;
    }
  }
}

function firstChannels(map: PlanarMap, count: number): PlanarMap {
  const [, height, width] = map.shape;
  return planarMap([count, height, width], map.data.slice(0, count * height * width));
}

/** A float map by the name DigitizerApi.map documents; a copy, the caller's to transfer. */
export async function mapOf(
  name: string,
  results: RunResults,
  kernels: KernelSet,
): Promise<PlanarMap | null> {
  const copy = async (map: DeviceMap | undefined) => {
    if (!map) return null;
    const plain = await kernels.download(map);
    return map.kind === 'cpu' ? planarMap(plain.shape, plain.data.slice()) : plain;
  };
  switch (name) {
    case 'network_input':
      return copy(results.networkInput);
    case 'coarse_normals':
      return copy(results.coarse?.normals);
    case 'coarse_depth_raw':
      return copy(results.coarse ? cpuMap(results.coarse.rawDepth) : undefined);
    case 'coarse_depth':
      return copy(results.coarse?.depth);
    case 'merge_weights': {
      if (!results.partNormals) return null;
      const weights = await kernels.mergeWeights(results.partNormals, CANVAS_SIZE);
      try {
        return await copy(weights);
      } finally {
        weights.dispose();
      }
    }
    case 'merged_normals':
      return copy(results.mergedNormals);
    case 'fine_depth_raw':
      return copy(results.fineDepth?.raw);
    case 'fine_depth':
      return copy(results.fineDepth?.depth);
  }
  const match = /^(part_crop|part_normals|occupancy)_(\w+)$/.exec(name);
  const part = match && results.partNormals?.find((result) => result.part === match[2]);
  if (!match || !part) return null;
  if (match[1] === 'occupancy') return copy(part.occupancy);
  if (match[1] === 'part_normals') return copy(part.normals);
  const crop = await copy(part.crop);
  return crop && firstChannels(crop, 6);
}

/** Unit normals out of the body: x right, y up, z to the camera. Depths in canvas px along the ray. */
export interface PixelReading {
  readonly frontNormal: readonly [number, number, number];
  readonly backNormal: readonly [number, number, number];
  readonly frontDepthPx: number;
  readonly backDepthPx: number;
}

/** Last downloads for the probe, so that moving the pointer does not read 128 MiB from the GPU each time. */
const probed = new WeakMap<DeviceMap, Promise<PlanarMap>>();

function downloadOnce(map: DeviceMap, kernels: KernelSet): Promise<PlanarMap> {
  let copy = probed.get(map);
  if (!copy) {
    copy = kernels.download(map);
    probed.set(map, copy);
  }
  return copy;
}

/** Values at one canvas pixel; null outside the figure or before the stage is done. */
export async function probeAt(
  row: number,
  column: number,
  results: RunResults,
  kernels: KernelSet,
): Promise<PixelReading | null> {
  const { mergedNormals, fineDepth } = results;
  if (!mergedNormals || !fineDepth) return null;
  if (!(row >= 0 && row < CANVAS_SIZE && column >= 0 && column < CANVAS_SIZE)) return null;
  const [normals, depth] = await Promise.all([
    downloadOnce(mergedNormals, kernels),
    downloadOnce(fineDepth.depth, kernels),
  ]);
  const plane = CANVAS_SIZE * CANVAS_SIZE;
  const index = Math.floor(row) * CANVAS_SIZE + Math.floor(column);
  const front = depth.data[index];
  if (front <= 0) return null;
  // Coded normals hold slopes: x points left, and x and y are flatter than the surface by the coded slope scale.
  const steep = codedSlopeScale(CANVAS_SIZE);
  const decoded = (first: number, facing: 1 | -1): [number, number, number] => {
    const [x, y, z] = [0, 1, 2].map((c) => normals.data[(first + c) * plane + index] * 2 - 1);
    const n = [-x * steep, y * steep, z];
    const length = facing * (Math.hypot(...n) || 1);
    return [n[0] / length, n[1] / length, n[2] / length];
  };
  return {
    frontNormal: decoded(0, 1),
    backNormal: decoded(3, -1),
    frontDepthPx: front * 512,
    backDepthPx: depth.data[plane + index] * 512,
  };
}
