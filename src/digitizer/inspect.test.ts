import { expect, test } from 'vitest';
import { planarMap } from '../base/images.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { createCpuKernels } from '../gpu/cpu-kernels.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { probeAt } from './inspect.ts';
import type { RunResults } from './stage.ts';

test('the reading under the pointer: depths in canvas px; a read-back that failed is tried again', async () => {
  const cpu = createCpuKernels();
  const depth = planarMap([2, CANVAS_SIZE, CANVAS_SIZE]);
  const [row, column] = [700, 900];
  depth.data[row * CANVAS_SIZE + column] = 1.5;
  depth.data[(CANVAS_SIZE + row) * CANVAS_SIZE + column] = 2.25;
  const normals = planarMap([6, CANVAS_SIZE, CANVAS_SIZE]);
  for (const [channel, value] of [0.5, 0.5, 1, 0.5, 0.5, 1].entries())
    normals.data[(channel * CANVAS_SIZE + row) * CANVAS_SIZE + column] = value;
  const results = {
    mergedNormals: cpu.upload(normals),
    fineDepth: { depth: cpu.upload(depth) },
  } as unknown as RunResults;
  let failures = 2;
  const kernels = Object.assign(Object.create(cpu) as KernelSet, {
    download: (map: Parameters<KernelSet['download']>[0]) =>
      failures-- > 0 ? Promise.reject(new Error('no memory')) : cpu.download(map),
  });
  await expect(probeAt(row, column, results, kernels)).rejects.toThrow('no memory');
  const reading = await probeAt(row, column, results, kernels);
  expect(reading?.frontDepthPx).toBe(768);
  expect(reading?.backDepthPx).toBe(1152);
  expect(reading?.frontNormal.map((v) => Math.abs(v))).toEqual([0, 0, 1]);
  expect(reading?.backNormal[2]).toBe(-1);
  expect(await probeAt(0, 0, results, kernels)).toBeNull();
});
