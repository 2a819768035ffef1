/**
 * The kernel set in plain TypeScript: oracle of the WGSL kernels and fallback where there is no WebGPU.
 * Methods are asynchronous only in form; call them from a worker. Memory is counted per live DeviceMap, so that
 * both sets report alike; the peak includes the results, not a function's few scratch rows.
 */
import { StageError } from '../base/errors.ts';
import type { PlanarMap } from '../base/images.ts';
import { CROP_SIZES } from '../geometry/body.ts';
import { type CpuMap, type DeviceMap, shapeBytes } from './device-map.ts';
import type { KernelSet, MergePart } from './kernel-set.ts';
import { depthToCloud } from './kernels/depth-to-cloud.reference.ts';
import { downsample8 } from './kernels/downsample8.reference.ts';
import { fineTileInput, storeTile } from './kernels/fine-tile.reference.ts';
import { finishDepth } from './kernels/finish-depth.reference.ts';
import {
  fillUncovered,
  mergeNormals,
  mergeWeights,
  type ReferenceMergePart,
} from './kernels/merge-normals.reference.ts';
import { networkInput } from './kernels/network-input.reference.ts';
import { partInput } from './kernels/part-input.reference.ts';
import { partOccupancy } from './kernels/part-occupancy.reference.ts';
import { relief } from './kernels/relief.reference.ts';
import { squarePhoto } from './kernels/square-photo.reference.ts';

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

  return {
    kind: 'cpu',
    upload: (map) => own({ shape: map.shape, data: map.data.slice() }),
    download: async (map) => {
      const { shape, data } = inMemory(map);
      return { shape, data: data.slice() };
    },
    squarePhoto: async (photo, size, antialias) => squarePhoto(photo, size, antialias),
    networkInput: async (photo, matte) => own(networkInput(photo, matte)),
    downsample8: async (map) => own(downsample8(inMemory(map))),
    partInput: async (input, coarseNormals, kind, imageFromPart) =>
      own(partInput(inMemory(input), inMemory(coarseNormals), CROP_SIZES[kind], imageFromPart)),
    partOccupancy: async (kind, imageFromPart) => own(partOccupancy(CROP_SIZES[kind], imageFromPart)),
    mergeNormals: async (parts) => own(mergeNormals(parts.map(mergePart))),
    mergeWeights: async (parts, size) => own(mergeWeights(parts.map(mergePart), size)),
    fillUncovered: async (merged, parts, coarseNormals) =>
      own(fillUncovered(inMemory(merged), parts.map(mergePart), inMemory(coarseNormals))),
    fineTileInput: async (coarseDepth, mergedNormals, tile) => {
      const { depth, normals } = fineTileInput(inMemory(coarseDepth), inMemory(mergedNormals), tile);
      return { depth: own(depth), normals: own(normals) };
    },
    storeTile: async (raw, tile, core, target) => storeTile(inMemory(raw), tile, core, inMemory(target)),
    finishDepth: async (raw, matte) => own(finishDepth(inMemory(raw), matte)),
    relief: async (depth, mergedNormals) => own(relief(inMemory(depth), inMemory(mergedNormals))),
    depthToCloud: async (depth, mergedNormals, frontColours, backColours, options) =>
      depthToCloud(inMemory(depth), inMemory(mergedNormals), frontColours, backColours, options),
    memory: () => ({ nowBytes, peakBytes }),
    resetPeak: () => {
      peakBytes = nowBytes;
    },
    dispose: () => {
      nowBytes = 0;
      peakBytes = 0;
    },
  };
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
