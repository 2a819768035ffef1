/** What the network runtime holds: its buffers on our device (here usually software), and its WebAssembly heap. */
import { afterAll, expect, test } from 'vitest';
import { deterministicWeights } from '../../tests/deterministic-weights.ts';
import { planarMap } from '../base/images.ts';
import { openDevice } from '../gpu/device.ts';
import { cpuMap } from '../gpu/device-map.ts';
import { createWebGpuKernels } from '../gpu/webgpu-kernels.ts';
import { packOf } from './packs/pack-of.ts';
import { runtimeHeapBytes } from './runtime-heap.ts';
import { createNetwork } from './session.ts';

const SIZE = { height: 64, width: 64 };
const pack = packOf(
  deterministicWeights(
    { coarseNormal: 4, coarseDepth: 4, face: 4, upper: 4, arm: 4, leg: 4, foot: 4, fineDepth: 4 },
    'memory/',
  ),
);
const opened = await openDevice({ allowSoftware: true });
if (opened.kind === 'none') console.warn(`runtime memory on WebGPU skipped: ${opened.reason}`);
afterAll(() => {
  if (opened.kind === 'device') opened.close();
});

test('the WebAssembly heap is read once a session exists', async () => {
  const network = await createNetwork(pack, 'coarseNormal', SIZE, { backend: 'wasm', threads: 1 });
  const before = runtimeHeapBytes();
  expect(before).toBeGreaterThan(2 ** 20);
  expect(before! % 65536).toBe(0);
  (await network.run({ x: cpuMap(planarMap([3, 64, 64])) })).dispose();
  expect(runtimeHeapBytes()).toBeGreaterThanOrEqual(before!);
  await network.dispose();
  // The constructor that watched for the heap has put the plain one back.
  expect(WebAssembly.Memory.name).toBe('Memory');
});

test.skipIf(opened.kind === 'none')('runtime buffers are counted, apart from the kernels’', async () => {
  if (opened.kind === 'none') return;
  const { device, memory } = opened;
  const kernels = createWebGpuKernels(device);
  memory.resetPeak();
  expect(memory.peak).toEqual({ kernels: 0, runtime: 0, all: 0 });

  const input = kernels.upload(planarMap([3, 64, 64]));
  const own = memory.now.kernels;
  expect(own).toBe(kernels.memory().nowBytes);
  expect(memory.now.runtime).toBe(0);

  const network = await createNetwork(pack, 'coarseNormal', SIZE, { backend: 'webgpu', device });
  const output = await network.run({ x: input });
  // The output alone is [6, 64, 64]; the widest layer, [4, 64, 64], stands at least twice beside it.
  const outputBytes = 6 * 64 * 64 * 4;
  expect(memory.now.runtime).toBeGreaterThanOrEqual(outputBytes);
  expect(memory.peak.runtime).toBeGreaterThan(outputBytes + 2 * 4 * 64 * 64 * 4);
  expect(memory.peak.all).toBeGreaterThanOrEqual(memory.peak.runtime);
  expect(memory.peak.all).toBeLessThanOrEqual(memory.peak.kernels + memory.peak.runtime);
  expect(memory.now.kernels).toBe(own);

  const withSession = memory.now.runtime;
  output.dispose();
  output.dispose();
  expect(memory.now.runtime).toBe(withSession - outputBytes);
  await network.dispose();
  expect(memory.now.runtime).toBe(0);

  kernels.dispose();
  expect(memory.now.kernels).toBe(0);
  memory.resetPeak();
  expect(memory.peak).toEqual(memory.now);
});

test.skipIf(opened.kind === 'none')('a buffer counts until it is destroyed, whoever made it', () => {
  if (opened.kind === 'none') return;
  const { device, memory } = opened;
  const before = memory.now.runtime;
  const buffer = device.createBuffer({ size: 4096, usage: GPUBufferUsage.STORAGE });
  expect(memory.now.runtime).toBe(before + 4096);
  buffer.destroy();
  buffer.destroy();
  expect(memory.now.runtime).toBe(before);
});
