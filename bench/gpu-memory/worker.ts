/**
 * Runs the whole chain on a WebGPU device with the network runtime's dispatches left out (idle-networks.ts), and posts
 * what every stage held on the device. The picture is a sample of ours; the foreground is the box around its keypoints,
 * more points than the person has; the depth that the networks would have given is put in as two planes.
 */
import { StageError } from '../../src/base/errors.ts';
import { planarMap } from '../../src/base/images.ts';
import { engineOnDevice } from '../../src/digitizer/engine.ts';
import { runStages } from '../../src/digitizer/run.ts';
import { environmentOf } from '../../src/digitizer/run-test-kit.ts';
import type { RunResults } from '../../src/digitizer/stage.ts';
import { DEFAULT_RUN_OPTIONS, type RunInput } from '../../src/digitizer/types.ts';
import { openDevice } from '../../src/gpu/device.ts';
import type { GpuMap } from '../../src/gpu/device-map.ts';
import type { KernelSet } from '../../src/gpu/kernel-set.ts';
import { REFERENCE_WIDTHS } from '../../src/networks/layout.ts';
import { openPack } from '../../src/networks/packs/pack.ts';
import { packOf } from '../../src/networks/packs/pack-of.ts';
import { deterministicWeights } from '../../tests/deterministic-weights.ts';
import type { MemoryAnswer, MemoryCase, StageMemory } from './contract.ts';
import { dropRuntimeDispatches, limitDevices, pretendHalfPrecision } from './idle-networks.ts';

/** Free space around the keypoints, share of the picture's side. */
const MARGIN = 0.04;
/** Depth of the two planes, in units of 512 px. */
const FRONT = 1.9;
const BACK = 2.1;

async function sampleInput(): Promise<RunInput> {
  const photo = await (await fetch('/samples/checked-shirt.jpg')).blob();
  const poseJson = await (await fetch('/samples/checked-shirt_keypoints.json')).text();
  const { width, height } = await createImageBitmap(photo);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.fillStyle = 'black';
  context.fillRect(0, 0, width, height);
  context.fillStyle = 'white';
  const person = JSON.parse(poseJson).people[0] as Record<string, number[]>;
  const numbers = ['pose', 'hand_left', 'hand_right'].flatMap((name) => person[`${name}_keypoints_2d`]);
  const points = Array.from({ length: Math.floor(numbers.length / 3) }, (_, i) =>
    numbers.slice(3 * i, 3 * i + 3),
  ).filter(([x, y]) => x > 0 && y > 0);
  const margin = MARGIN * Math.max(width, height);
  const left = Math.min(...points.map(([x]) => x)) - margin;
  const top = Math.min(...points.map(([, y]) => y)) - margin;
  const right = Math.max(...points.map(([x]) => x)) + margin;
  const bottom = Math.max(...points.map(([, y]) => y)) + margin;
  context.fillRect(left, top, right - left, bottom - top);
  return { name: 'box', photo, poseJson, mask: await canvas.convertToBlob({ type: 'image/png' }) };
}

/** The kernel set, but finished depth is two planes where the matte is foreground, and no normal denies them. */
function withPlanes(
  kernels: KernelSet,
  device: GPUDevice,
  results: RunResults,
  onTile: (sidePx: number) => void,
): KernelSet {
  const set: KernelSet = {
    ...kernels,
    paced: () => set,
    fineTileInput(coarseDepth, mergedNormals, tile) {
      onTile(Math.max(tile.height, tile.width));
      return kernels.fineTileInput(coarseDepth, mergedNormals, tile);
    },
    depthToCloud(depth, mergedNormals, ...others) {
      const { buffer, shape } = mergedNormals as GpuMap;
      device.queue.writeBuffer(buffer, 0, planarMap(shape).data);
      return kernels.depthToCloud(depth, mergedNormals, ...others);
    },
    async finishDepth(raw, matte) {
      const depth = (await kernels.finishDepth(raw, matte)) as GpuMap;
      const planes = planarMap(depth.shape);
      const foreground = results.figure!.matte.data;
      for (let i = 0; i < foreground.length; i++) {
        if (foreground[i] < 128) continue;
        planes.data[i] = FRONT;
        planes.data[foreground.length + i] = BACK;
      }
      device.queue.writeBuffer(depth.buffer, 0, planes.data);
      return depth;
    },
  };
  return set;
}

async function measure(wanted: MemoryCase): Promise<MemoryAnswer> {
  limitDevices(wanted.bindingBytes);
  const opened = await openDevice({ allowSoftware: true });
  if (opened.kind === 'none') throw new Error(opened.reason);
  const { device, memory } = opened;
  if (wanted.precision === 'f16') pretendHalfPrecision(device);
  const gpuErrors: string[] = [];
  device.onuncapturederror = ({ error }) => {
    if (gpuErrors.length < 8) gpuErrors.push(error.message.slice(0, 300));
  };
  const dispatches = dropRuntimeDispatches();
  const pack =
    wanted.weights === 'full'
      ? packOf(deterministicWeights(REFERENCE_WIDTHS))
      : await openPack(new URL('/packs/starter/', location.href).href);
  const engine = engineOnDevice(opened, true);
  const results: RunResults = {};
  const stages: StageMemory[] = [];
  let tilePx = 0;
  const measured = {
    ...engine,
    machine: { ...engine.machine, precision: wanted.precision },
    kernels: withPlanes(engine.kernels, device, results, (px) => {
      tilePx = px;
    }),
  };
  const running = runStages(
    await sampleInput(),
    { ...DEFAULT_RUN_OPTIONS, mode: wanted.mode },
    results,
    environmentOf(measured, pack, {
      onStageDone: async (stage) => {
        stages.push({ stage, peak: memory.peak, after: memory.now });
        memory.resetPeak();
        console.log(`${stage}: peak ${Math.round(stages.at(-1)!.peak.all / 2 ** 20)} MiB`);
      },
    }),
  );
  await running.catch((error: unknown) => {
    if (!(error instanceof StageError) || error.stage !== 'surface') throw error;
  });
  return {
    adapter: opened.adapterName,
    bindingBytes: device.limits.maxStorageBufferBindingSize,
    largestBufferBytes: device.limits.maxBufferSize,
    tileSizePx: tilePx,
    stages,
    points: results.cloud!.count,
    dispatches,
    gpuErrors,
  };
}

self.onmessage = async ({ data: wanted }: MessageEvent<MemoryCase>) => {
  try {
    self.postMessage({ answer: await measure(wanted) });
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) });
  }
};
