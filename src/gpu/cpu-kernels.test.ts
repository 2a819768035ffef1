/** The CPU set as a KernelSet: ownership and the count of bytes. What it computes is tested beside each operation. */
import { expect, test } from 'vitest';
import { planarMap } from '../base/images.ts';
import { createCpuKernels } from './cpu-kernels.ts';

test('uploads and downloads are copies', async () => {
  const kernels = createCpuKernels();
  const source = planarMap([1, 2, 2], Float32Array.of(1, 2, 3, 4));
  const map = kernels.upload(source);
  source.data[0] = 9;
  const first = await kernels.download(map);
  first.data[1] = 9;
  expect([...(await kernels.download(map)).data]).toEqual([1, 2, 3, 4]);
});

test('counts what lives, once, and remembers the most', async () => {
  const kernels = createCpuKernels();
  const a = kernels.upload(planarMap([1, 16, 16]));
  const b = await kernels.downsample8(a);
  expect(kernels.memory()).toEqual({ nowBytes: 1024 + 16, peakBytes: 1024 + 16 });
  a.dispose();
  a.dispose();
  expect(kernels.memory()).toEqual({ nowBytes: 16, peakBytes: 1024 + 16 });
  kernels.resetPeak();
  expect(kernels.memory().peakBytes).toBe(16);
  b.dispose();
  expect(kernels.memory().nowBytes).toBe(0);
  kernels.dispose();
  kernels.dispose();
});

test('no parts at all still give a map', async () => {
  const kernels = createCpuKernels();
  const merged = await kernels.mergeNormals([]);
  expect(merged.shape).toEqual([6, 2048, 2048]);
  const { data } = await kernels.download(merged);
  expect(data.every((v) => v === 0)).toBe(true);
});

test('storeTile writes into the map it was given', async () => {
  const kernels = createCpuKernels();
  const target = kernels.upload(planarMap([3, 16, 16]));
  const raw = kernels.upload(planarMap([3, 8, 8], new Float32Array(192).fill(5)));
  const tile = { row: 8, column: 0, height: 8, width: 8 };
  await kernels.storeTile(raw, tile, tile, target);
  const { data } = await kernels.download(target);
  expect(data.filter((v) => v === 5).length).toBe(3 * 64);
  expect(data[8 * 16]).toBe(5);
});
