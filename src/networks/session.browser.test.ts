/**
 * Networks in a real browser: the WebGPU backend with buffers shared both ways (on whatever adapter there is; here
 * usually software) against the WASM backend, at 64x64 and small widths so that it takes seconds.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deterministicWeights } from '../../tests/deterministic-weights.ts';
import { hashNoiseArray } from '../base/deterministic.ts';
import { type MapShape, planarMap } from '../base/images.ts';
import { openDevice } from '../gpu/device.ts';
import { cpuMap, type DeviceMap, type GpuMap } from '../gpu/device-map.ts';
import type { Widths } from './layout.ts';
import type { NetworkId } from './network-ids.ts';
import { graphInputs } from './onnx/build.ts';
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
