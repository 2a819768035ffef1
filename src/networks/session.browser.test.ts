/**
 * Networks in a real browser: the WebGPU backend with buffers shared both ways (on whatever adapter there is; here
 * usually software) against the WASM backend, at 64x64 and small widths so that it takes seconds.
 */
import type { InferenceSession } from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deterministicWeights } from '../../tests/deterministic-weights.ts';
import { hashNoiseArray } from '../base/deterministic.ts';
import { type MapShape, planarMap } from '../base/images.ts';
import { openDevice } from '../gpu/device.ts';
import { cpuMap, type DeviceMap, type GpuMap } from '../gpu/device-map.ts';
import { paddedChannels } from './architecture.ts';
import { networkLayout, type Widths } from './layout.ts';
import { NETWORK_IDS, type NetworkId } from './network-ids.ts';
import { graphInputs, OUTPUT_NAME } from './onnx/build.ts';
import { OnnxGraph } from './onnx/graph-writer.ts';
import { loadOrt, type OrtBuild, webgpuBuild } from './ort-runtime.ts';
import type { Pack } from './packs/pack.ts';
import { packOf } from './packs/pack-of.ts';
import { createNetwork, type Network, type NetworkDevice } from './session.ts';

const SMALL: Widths = {
  coarseNormal: 4,
  coarseDepth: 4,
  face: 4,
  upper: 4,
  arm: 4,
  leg: 4,
  foot: 4,
  fineDepth: 4,
};
const SIZE = { height: 64, width: 64 };
const WASM: NetworkDevice = { backend: 'wasm', threads: 2 };

const opened = await openDevice({ allowSoftware: true });
const device = opened.kind === 'device' ? opened.device : null;
if (!device) console.warn('WebGPU tests skipped: no adapter');

let pack: Pack;
beforeAll(() => {
  pack = packOf(deterministicWeights(SMALL, 'browser/'));
});
afterAll(() => device?.destroy());

function inputsOf(id: NetworkId): Record<string, ReturnType<typeof cpuMap>> {
  return Object.fromEntries(
    Object.entries(graphInputs(id, SIZE)).map(([name, [, c, h, w]]) => {
      const data = hashNoiseArray(`browser/${id}/${name}`, c * h * w);
      if (c === 8) data.fill(0, 6 * h * w);
      return [name, cpuMap(planarMap([c, h, w], data))];
    }),
  );
}

function toGpu(map: { shape: MapShape; data: Float32Array<ArrayBuffer> }): GpuMap {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device!.createBuffer({ size: map.data.byteLength, usage });
  device!.queue.writeBuffer(buffer, 0, map.data);
  return { kind: 'gpu', shape: map.shape, buffer, dispose: () => buffer.destroy() };
}

async function toCpu(map: DeviceMap): Promise<Float32Array> {
  if (map.kind === 'cpu') return map.data;
  const bytes = map.shape[0] * map.shape[1] * map.shape[2] * 4;
  const staging = device!.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device!.createCommandEncoder();
  encoder.copyBufferToBuffer(map.buffer, 0, staging, 0, bytes);
  device!.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const out = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return out;
}

function maxDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  let max = 0;
  for (let i = 0; i < a.length; i++) max = Math.max(max, Math.abs(a[i] - b[i]));
  return max;
}

async function withNetwork<T>(
  id: NetworkId,
  where: NetworkDevice,
  use: (n: Network) => Promise<T>,
): Promise<T> {
  const network = await createNetwork(pack, id, SIZE, where);
  try {
    return await use(network);
  } finally {
    await network.dispose();
  }
}

describe('WASM networks', () => {
  test("run in turn, keep the caller's inputs, and say what is wrong with others", async () => {
    const inputs = inputsOf('face');
    const before = inputs.x.data.slice();
    // Two networks at once and four runs at once: the queue makes them one after another.
    const [face, arm] = await Promise.all([
      createNetwork(pack, 'face', SIZE, WASM),
      createNetwork(pack, 'arm', SIZE, WASM),
    ]);
    expect(face.inputShapes).toEqual({ x: [8, 64, 64] });
    expect(face.outputShape).toEqual([6, 64, 64]);
    const wrong = cpuMap(planarMap([8, 64, 56]));
    const failing = face.run({ x: wrong });
    const results = await Promise.all([face.run(inputs), arm.run(inputs), face.run(inputs)]);
    await expect(failing).rejects.toThrow(/takes "x" as \[8, 64, 64\], was given \[8, 64, 56\]/);
    const [first, other, again] = await Promise.all(results.map(toCpu));
    expect(maxDifference(first, again)).toBe(0);
    expect(maxDifference(first, other)).toBeGreaterThan(1e-3);
    expect(inputs.x.data).toEqual(before);
    await expect(face.run({})).rejects.toThrow(/no input "x"/);
    const onGpu = { kind: 'gpu', shape: [8, 64, 64], buffer: {}, dispose: () => {} } as unknown as GpuMap;
    await expect(face.run({ x: onGpu })).rejects.toMatchObject({ code: 'E_INTERNAL' });
    await face.dispose();
    await face.dispose();
    await arm.dispose();
    await expect(face.run(inputs)).rejects.toThrow(/disposed/);
  });

  test('a failed creation names the network and blocks nothing', async () => {
    await expect(createNetwork(pack, 'face', { height: 60, width: 64 }, WASM)).rejects.toThrow(
      /multiples of 8/,
    );
    const network = await createNetwork(pack, 'face', SIZE, WASM);
    await network.dispose();
  });

  test('use shared memory threads here', () => {
    expect(globalThis.crossOriginIsolated).toBe(true);
  });
});

describe.skipIf(!device)('WebGPU equals WASM, buffers shared', () => {
  for (const id of ['face', 'coarseNormal', 'coarseDepth', 'fineDepth'] as const) {
    test(id, async () => {
      const inputs = inputsOf(id);
      const onCpu = await withNetwork(id, WASM, async (n) => toCpu(await n.run(inputs)));
      const gpuInputs = Object.fromEntries(Object.entries(inputs).map(([name, map]) => [name, toGpu(map)]));
      // The output must outlive its network.
      const output = await withNetwork(id, { backend: 'webgpu', device: device! }, (n) => n.run(gpuInputs));
      const onGpu = await toCpu(output);
      output.dispose();
      output.dispose();
      for (const map of Object.values(gpuInputs)) map.dispose();
      expect(onCpu.some((v) => v !== 0)).toBe(true);
      expect(maxDifference(onGpu, onCpu)).toBeLessThan(1e-4);
    });
  }
});

/** A graph of one 3x3 convolution; run on both backends. */
async function convolutionError(channels: number, out: number, build: OrtBuild): Promise<number> {
  const [height, width] = [32, 24];
  const graph = new OnnxGraph('convolution');
  const x = graph.input('x', [1, channels, height, width]);
  const weights = hashNoiseArray(`conv/${channels}/${out}/w`, out * channels * 9);
  const w = graph.weights('w', [out, channels, 3, 3], weights, 'f32');
  const b = graph.weights('b', [out], hashNoiseArray('conv/b', out), 'f32');
  graph.node('Conv', [x, w, b], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, OUTPUT_NAME);
  graph.output(OUTPUT_NAME, [1, out, height, width]);
  const model = graph.toBytes();
  const input = hashNoiseArray(`conv/${channels}/x`, channels * height * width);
  const run = async (where: OrtBuild, providers: InferenceSession.ExecutionProviderConfig[]) => {
    const ort = await loadOrt(where, 1);
    const session = await ort.InferenceSession.create(model, { executionProviders: providers });
    const tensor = new ort.Tensor('float32', input, [1, channels, height, width]);
    const result = (await session.run({ x: tensor }))[OUTPUT_NAME].data as Float32Array;
    const copy = result.slice();
    await session.release();
    return copy;
  };
  const onCpu = await run('wasm', ['wasm']);
  const onGpu = await run(build, [{ name: 'webgpu', device: device! }]);
  return maxDifference(onCpu, onGpu);
}

describe.skipIf(!device)('3x3 convolutions of the WebGPU backend', () => {
  // Every number of input channels that our graphs can have: the inputs' own, and multiples of 4.
  for (const channels of [2, 3, 4, 8, 12, 16, 24, 32]) {
    test(`${channels} input channels are right`, async () => {
      for (const out of [4, 8, 12]) {
        expect(await convolutionError(channels, out, webgpuBuild())).toBeLessThan(1e-4);
      }
    });
  }

  test('both WebGPU builds of the runtime work here', async () => {
    for (const build of ['asyncify', 'jspi'] as const) {
      if (build === 'jspi' && webgpuBuild() !== 'jspi') continue;
      expect(await convolutionError(8, 8, build), build).toBeLessThan(1e-4);
    }
  });

  test('6 input channels: the fault that padding to 8 avoids', async () => {
    const error = await convolutionError(6, 4, webgpuBuild());
    // Not asserted: the day it is mended, padding may go.
    console.info(`6-channel convolution on WebGPU: error ${error.toExponential(1)}`);
  });
});

describe('no graph has a 3x3 convolution that WebGPU gets wrong', () => {
  test('input channels are 2, 3 or a multiple of 4', () => {
    for (const id of NETWORK_IDS) {
      for (const width of [4, 8, 12, 16, 32, 64]) {
        for (const [key, [, channels, kernel]] of networkLayout(id, width)) {
          if (kernel !== 3) continue;
          const real = paddedChannels(channels);
          if (real > 3 && real % 4 !== 0) throw new Error(`${key} takes ${real} channels`);
        }
      }
    }
  });
});
