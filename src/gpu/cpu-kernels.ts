/**
 * The kernel set in plain TypeScript: oracle of the WGSL kernels and fallback where there is no WebGPU.
 * It computes in the thread that calls it, in one go or at the pace it is given; call it from a worker. Memory is counted
 * per live DeviceMap, so that both sets report alike; the peak includes the results, not a function's few scratch rows.
 */
import { StageError } from '../base/errors.ts';
import type { PlanarMap } from '../base/images.ts';
import { type Pace, unpaced } from '../base/steps.ts';
import { CROP_SIZES } from '../geometry/body.ts';
import { type CpuMap, type DeviceMap, shapeBytes } from './device-map.ts';
import type { KernelSet, MergePart } from './kernel-set.ts';
import { depthToCloudSteps } from './kernels/depth-to-cloud.reference.ts';
import { downsample8 } from './kernels/downsample8.reference.ts';
import { fineTileInput, storeTile } from './kernels/fine-tile.reference.ts';
import { finishDepth } from './kernels/finish-depth.reference.ts';
import {
  fillUncoveredSteps,
  mergeNormalsSteps,
  mergeWeightsSteps,
  type ReferenceMergePart,
} from './kernels/merge-normals.reference.ts';
import { networkInputSteps } from './kernels/network-input.reference.ts';
import { partInputSteps } from './kernels/part-input.reference.ts';
import { partOccupancySteps } from './kernels/part-occupancy.reference.ts';
import { reliefSteps } from './kernels/relief.reference.ts';
import { squarePhotoSteps } from './kernels/square-photo.reference.ts';

/** @returns a set that needs no device; dispose() only resets its counters. */
export function createCpuKernels(): KernelSet {
  let nowBytes = 0;
  let peakBytes = 0;

  const own = (map: PlanarMap): CpuMap => {
    const bytes = shapeBytes(map.shape);
    nowBytes += bytes;
    peakBytes = Math.max(peakBytes, nowBytes);
    let live = true;
    return {
      kind: 'cpu',
      shape: map.shape,
      data: map.data,
      dispose: () => {
        if (live) nowBytes -= bytes;
        live = false;
      },
    };
  };

  const within = (pace: Pace): KernelSet => ({
    kind: 'cpu',
    paced: within,
    upload: (map) => own({ shape: map.shape, data: map.data.slice() }),
    download: async (map) => {
      const { shape, data } = inMemory(map);
      return { shape, data: data.slice() };
    },
    squarePhoto: (photo, size, antialias, square) => pace(squarePhotoSteps(photo, size, antialias, square)),
    networkInput: async (photo, matte) => own(await pace(networkInputSteps(photo, matte))),
    downsample8: async (map) => own(downsample8(inMemory(map))),
    partInput: async (input, coarseNormals, kind, imageFromPart) =>
      own(
        await pace(partInputSteps(inMemory(input), inMemory(coarseNormals), CROP_SIZES[kind], imageFromPart)),
      ),
    partOccupancy: async (kind, imageFromPart) =>
      own(await pace(partOccupancySteps(CROP_SIZES[kind], imageFromPart))),
    mergeNormals: async (parts) => own(await pace(mergeNormalsSteps(parts.map(mergePart)))),
    mergeWeights: async (parts, size) => own(await pace(mergeWeightsSteps(parts.map(mergePart), size))),
    fillUncovered: async (merged, parts, coarseNormals) =>
      own(await pace(fillUncoveredSteps(inMemory(merged), parts.map(mergePart), inMemory(coarseNormals)))),
    fineTileInput: async (coarseDepth, mergedNormals, tile) => {
      const { depth, normals } = fineTileInput(inMemory(coarseDepth), inMemory(mergedNormals), tile);
      return { depth: own(depth), normals: own(normals) };
    },
    storeTile: async (raw, tile, core, target) => storeTile(inMemory(raw), tile, core, inMemory(target)),
    finishDepth: async (raw, matte) => own(finishDepth(inMemory(raw), matte)),
    relief: async (depth, mergedNormals) =>
      own(await pace(reliefSteps(inMemory(depth), inMemory(mergedNormals)))),
    depthToCloud: (depth, mergedNormals, frontColours, backColours, options) =>
      pace(depthToCloudSteps(inMemory(depth), inMemory(mergedNormals), frontColours, backColours, options)),
    memory: () => ({ nowBytes, peakBytes }),
    resetPeak: () => {
      peakBytes = nowBytes;
    },
    dispose: () => {
      nowBytes = 0;
      peakBytes = 0;
    },
  });
  return within(unpaced);
}

function mergePart(part: MergePart): ReferenceMergePart {
  return {
    normals: inMemory(part.normals),
    occupancy: inMemory(part.occupancy),
    partFromImage: part.partFromImage,
  };
}

function inMemory(map: DeviceMap): PlanarMap {
  if (map.kind === 'cpu') return map;
  throw new StageError('mergedNormals', 'E_INTERNAL', 'A GPU map was given to the CPU kernels.', {
    fix: 'Start the run again; if it happens again, report it.',
  });
}
