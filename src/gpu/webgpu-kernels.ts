/**
 * The kernel set in WGSL, on a device opened by device.ts and shared with the networks. Results are GpuMaps that the
 * caller owns; maps in ordinary memory are uploaded for the call and freed after it. Only what leaves the GPU is read
 * back: the squared photo, the cloud, and downloads.
 *
 * How a method acquires, submits and frees: gpu-operation.ts.
 */
import { StageError } from '../base/errors.ts';
import type { GreyImage, PlanarMap, RgbaImage } from '../base/images.ts';
import { CANVAS_SIZE, PART_COUNT } from '../geometry/body.ts';
import { type DeviceMap, shapeBytes } from './device-map.ts';
import { createOperations, type Scratch } from './gpu-operation.ts';
import { KernelRunner, type Recorder } from './kernel-runner.ts';
import type { KernelSet, MergePart } from './kernel-set.ts';
import { cropWindow } from './kernels/affine-px.ts';
import { runDepthToCloud } from './kernels/depth-to-cloud.ts';
import { downsample8Pass, downsampled8 } from './kernels/downsample8.ts';
import { storeTile as storeTileInMemory } from './kernels/fine-tile.reference.ts';
import { coarseWindow, cutPass, storePass, TILE_NORMAL_CHANNELS } from './kernels/fine-tile.ts';
import { finishDepthPass } from './kernels/finish-depth.ts';
import {
  type AtlasLayout,
  atlasLayout,
  fillPass,
  mergePass,
  NORMAL_CHANNELS,
  sharesPass,
  tileParts,
} from './kernels/merge-normals.ts';
import {
  blendTable,
  NETWORK_INPUT_MAX_PIXELS,
  networkInputPasses,
  normalisedTable,
} from './kernels/network-input.ts';
import { PART_INPUT_CHANNELS } from './kernels/part-input.reference.ts';
import { partInputPass } from './kernels/part-input.ts';
import { partOccupancyPasses } from './kernels/part-occupancy.ts';
import { reliefPasses } from './kernels/relief.ts';
import { photoBands, resamplePlan, squarePhotoPass } from './kernels/square-photo.ts';

/**
 * @param device from openDevice; its owner closes it after dispose().
 * @returns the set. Every method throws StageError E_MEMORY when the device has no memory left and E_DEVICE when it
 *   was lost; the set is then useless and a new device is needed.
 */
export function createWebGpuKernels(device: GPUDevice): KernelSet {
  const runner = new KernelRunner(device);
  const { pool } = runner;
  const { run, uploaded } = createOperations(runner);

  const download = async (map: DeviceMap): Promise<PlanarMap> => {
    if (map.kind === 'cpu') return { shape: map.shape, data: map.data.slice() };
    const bytes = await runner.read('download', 'map', { buffer: map.buffer }, shapeBytes(map.shape));
    return { shape: map.shape, data: new Float32Array(bytes) };
  };

  /** Copies the parts' maps into the two atlases. */
  const fillAtlas = (
    recorder: Recorder,
    scratch: Scratch,
    layout: AtlasLayout,
    maps: readonly DeviceMap[],
    channels: number,
    label: string,
  ): GPUBuffer => {
    const atlas = scratch.buffer(label, layout.pixels * channels * 4);
    maps.forEach((map, k) => {
      const offset = layout.parts[k].start * channels * 4;
      if (map.kind === 'cpu') device.queue.writeBuffer(atlas, offset, map.data);
      else recorder.copy({ buffer: map.buffer }, { buffer: atlas, offset }, shapeBytes(map.shape));
    });
    return atlas;
  };

  const layoutOf = (parts: readonly MergePart[]): AtlasLayout =>
    atlasLayout(
      parts.map(({ normals, occupancy, partFromImage }) => {
        const [, height, width] = occupancy.shape;
        if (normals.shape.join() !== [NORMAL_CHANNELS, height, width].join()) {
          throw new RangeError(`normals [${normals.shape}] do not fit an occupancy of ${height} x ${width}`);
        }
        return { height, width, partFromImage };
      }),
    );

  const occupancyAtlas = (
    recorder: Recorder,
    scratch: Scratch,
    layout: AtlasLayout,
    parts: readonly MergePart[],
  ) =>
    fillAtlas(
      recorder,
      scratch,
      layout,
      parts.map((part) => part.occupancy),
      1,
      'occupancies',
    );

  const set: KernelSet = {
    kind: 'webgpu',
    // The card computes; this thread only hands out work.
    paced: () => set,

    upload: uploaded,

    download,

    async squarePhoto(photo, size, antialias, square) {
      checkPhoto(photo, size);
      const plan = resamplePlan(photo, size, antialias, square);
      const data = new Uint8ClampedArray(size * size * 4);
      for (const band of photoBands(photo, plan)) {
        const bytes = band.rows * size * 4;
        const target = await run('photo', 'square-photo', (recorder, scratch, result) => {
          const from = band.firstRow * photo.width * 4;
          const to = (band.lastRow + 1) * photo.width * 4;
          const map = result([1, band.rows, size]);
          const buffers = {
            photo: scratch.filled('photo', photo.data.subarray(from, to)),
            firstTap: scratch.filled('first taps', plan.firstTap),
            weights: scratch.filled('weights', plan.weights),
            target: map.buffer,
          };
          recorder.pass(squarePhotoPass(buffers, photo, plan, band));
          return map;
        });
        try {
          const pixels = await runner.read('photo', 'square-photo', { buffer: target.buffer }, bytes);
          data.set(new Uint8Array(pixels), band.row * size * 4);
        } finally {
          target.dispose();
        }
      }
      return { width: size, height: size, data };
    },

    networkInput(photo, matte) {
      checkMatte('matte', matte, photo);
      const { width, height } = photo;
      if (width * height > NETWORK_INPUT_MAX_PIXELS)
        throw new RangeError(`${width} x ${height} px is too large`);
      return run('coarse', 'network-input', (recorder, scratch, result) => {
        const target = result([3, height, width]);
        const lumaSum = scratch.buffer('luma sum', 4);
        recorder.clear({ buffer: lumaSum, size: 4 });
        const buffers = {
          photo: scratch.filled('photo', photo.data),
          matte: scratch.filled('matte', matte.data),
          blend: scratch.filled('blend table', blendTable()),
          lumaSum,
          normalised: scratch.filled('normalised levels', normalisedTable()),
          target: target.buffer,
        };
        for (const pass of networkInputPasses(buffers, height, width)) recorder.pass(pass);
        return target;
      });
    },

    downsample8: (map) =>
      run('coarse', 'downsample8', (recorder, scratch, result) => {
        const target = result(downsampled8(map.shape));
        recorder.pass(downsample8Pass(scratch.of('source', map), map.shape, target.buffer));
        return target;
      }),

    partInput: (input, coarseNormals, kind, imageFromPart) =>
      run('partNormals', 'part-input', (recorder, scratch, result) => {
        const size = input.shape[1];
        const crop = cropWindow(kind, size);
        const target = result([PART_INPUT_CHANNELS, crop.height, crop.width]);
        const image = scratch.of('image', input);
        const coarse = scratch.of('coarse normals', coarseNormals);
        recorder.pass(
          partInputPass(image, coarse, target.buffer, size, coarseNormals.shape[1], crop, imageFromPart),
        );
        return target;
      }),

    partOccupancy: (kind, imageFromPart) =>
      run('partNormals', 'part-occupancy', (recorder, scratch, result) => {
        const crop = cropWindow(kind, CANVAS_SIZE);
        const target = result([1, crop.height, crop.width]);
        const rows = scratch.buffer('blurred rows', crop.height * crop.width * 4);
        for (const pass of partOccupancyPasses(rows, target.buffer, CANVAS_SIZE, crop, imageFromPart)) {
          recorder.pass(pass);
        }
        return target;
      }),

    mergeNormals: (parts) =>
      run('mergedNormals', 'merge-normals', (recorder, scratch, result) => {
        const layout = layoutOf(parts);
        const maps = parts.map((part) => part.normals);
        const normals = fillAtlas(recorder, scratch, layout, maps, NORMAL_CHANNELS, 'normals');
        const occupancy = occupancyAtlas(recorder, scratch, layout, parts);
        const nearby = scratch.filled('parts of tiles', tileParts(layout, CANVAS_SIZE));
        const target = result([NORMAL_CHANNELS, CANVAS_SIZE, CANVAS_SIZE]);
        recorder.pass(mergePass(layout, normals, occupancy, nearby, target.buffer, CANVAS_SIZE));
        return target;
      }),

    mergeWeights: (parts, size) =>
      run('mergedNormals', 'merge-weights', (recorder, scratch, result) => {
        const layout = layoutOf(parts);
        const occupancy = occupancyAtlas(recorder, scratch, layout, parts);
        const nearby = scratch.filled('parts of tiles', tileParts(layout, CANVAS_SIZE));
        const target = result([PART_COUNT, size, size]);
        recorder.pass(sharesPass(layout, occupancy, nearby, target.buffer, CANVAS_SIZE, size));
        return target;
      }),

    fillUncovered: (merged, parts, coarseNormals) =>
      run('mergedNormals', 'fill-uncovered', (recorder, scratch, result) => {
        const layout = layoutOf(parts);
        const size = merged.shape[1];
        const occupancy = occupancyAtlas(recorder, scratch, layout, parts);
        const nearby = scratch.filled('parts of tiles', tileParts(layout, size));
        const source = scratch.of('merged', merged);
        const coarse = scratch.of('coarse normals', coarseNormals);
        const target = result(merged.shape);
        recorder.pass(
          fillPass(layout, occupancy, nearby, source, coarse, target.buffer, size, coarseNormals.shape[1]),
        );
        return target;
      }),

    fineTileInput: (coarseDepth, mergedNormals, tile) =>
      run('fineDepth', 'fine-tile input', (recorder, scratch, result) => {
        const window = coarseWindow(tile);
        const channels = coarseDepth.shape[0];
        const depth = result([channels, window.height, window.width]);
        const normals = result([TILE_NORMAL_CHANNELS, tile.height, tile.width]);
        const coarse = scratch.of('coarse depth', coarseDepth);
        const merged = scratch.of('merged normals', mergedNormals);
        recorder.pass(cutPass(coarse, coarseDepth.shape, window, depth.buffer, channels));
        recorder.pass(cutPass(merged, mergedNormals.shape, tile, normals.buffer, TILE_NORMAL_CHANNELS));
        return { depth, normals };
      }),

    async storeTile(raw, tile, core, target) {
      if (target.kind === 'cpu') {
        storeTileInMemory(await download(raw), tile, core, target);
        return;
      }
      await run('fineDepth', 'store-tile', (recorder, scratch) => {
        const source = scratch.of('raw', raw);
        recorder.pass(storePass(source, raw.shape, tile, core, target.buffer, target.shape));
      });
    },

    finishDepth(raw, matte) {
      const [, height, width] = raw.shape;
      if (matte) checkMatte('fineDepth', matte, { height, width });
      return run('fineDepth', 'finish-depth', (recorder, scratch, result) => {
        const target = result([2, height, width]);
        const source = scratch.of('raw', raw);
        const mask = matte ? scratch.filled('matte', matte.data) : scratch.buffer('no matte', 4);
        recorder.pass(finishDepthPass(source, mask, matte !== null, target.buffer, height, width));
        return target;
      });
    },

    relief: (depth, mergedNormals) =>
      run('fineDepth', 'relief', (recorder, scratch, result) => {
        const [, height, width] = depth.shape;
        const plane = height * width * 4;
        const target = result(depth.shape);
        const buffers = {
          depth: scratch.of('depth', depth),
          normals: scratch.of('merged normals', mergedNormals),
          links: scratch.buffer('links', plane),
          residual: scratch.buffer('residual', plane),
          direction: scratch.buffer('direction', plane),
          target: target.buffer,
        };
        for (const pass of reliefPasses(buffers, height, width)) recorder.pass(pass);
        return target;
      }),

    depthToCloud: (depth, mergedNormals, frontColours, backColours, options) =>
      runDepthToCloud(runner, depth, mergedNormals, frontColours, backColours, options),

    memory: () => pool.memory(),
    resetPeak: () => pool.resetPeak(),
    dispose: () => runner.dispose(),
  };
  return set;
}

function checkPhoto(photo: RgbaImage, size: number): void {
  if (photo.width >= 1 && photo.height >= 1 && size >= 1) return;
  throw new StageError('photo', 'E_TOO_SMALL', `The photo is ${photo.width} x ${photo.height} px.`, {
    fix: 'Choose a photo of at least 256 px.',
  });
}

function checkMatte(
  stage: string,
  matte: GreyImage,
  wanted: { readonly width: number; readonly height: number },
): void {
  if (matte.width === wanted.width && matte.height === wanted.height) return;
  throw new StageError(
    stage,
    'E_BAD_MASK',
    `The mask is ${matte.width} x ${matte.height} px, the picture ${wanted.width} x ${wanted.height}.`,
    { fix: 'Use a mask of the same size as the photo.' },
  );
}
