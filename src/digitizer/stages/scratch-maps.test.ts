/** A stage that fails, in a network or in a kernel, leaves none of its maps behind: they may be buffers of a card. */
import { expect, test } from 'vitest';
import { planarMap } from '../../base/images.ts';
import { CANVAS_SIZE, COARSE_SIZE, PART_COUNT } from '../../geometry/body.ts';
import { createCpuKernels } from '../../gpu/cpu-kernels.ts';
import type { KernelSet } from '../../gpu/kernel-set.ts';
import type { StageContext } from '../stage.ts';
import { assembled, type TileResult } from './fine-depth.ts';
import { runPartNormals } from './part-normals.ts';

const identity = Float32Array.from([1, 0, 0, 0, 1, 0]);
const transforms = {
  imageFromPart: new Array(PART_COUNT).fill(identity),
  partFromImage: new Array(PART_COUNT).fill(identity),
};

/** A context whose networks do as `run` says; pieces are not kept. */
function contextOf(kernels: KernelSet, run: () => Promise<never>): StageContext {
  const network = { run, dispose: async () => {} };
  return {
    stage: 'partNormals',
    kernels,
    networks: {
      device: { backend: 'wasm', threads: 1 },
      runtime: { open: async () => network, abandon: () => {}, worksOnCopies: true },
    },
    signal: new AbortController().signal,
    isKept: async () => false,
    piece: ({ compute }: { compute: (key: string) => Promise<unknown> }) => compute('key'),
    show: () => {},
    progress: () => {},
  } as unknown as StageContext;
}

test('part normals: a network that fails', async () => {
  const kernels = createCpuKernels();
  const input = kernels.upload(planarMap([3, CANVAS_SIZE, CANVAS_SIZE]));
  const coarse = kernels.upload(planarMap([6, COARSE_SIZE, COARSE_SIZE]));
  const before = kernels.memory().nowBytes;
  const context = contextOf(kernels, () => Promise.reject(new Error('no memory left')));
  await expect(runPartNormals(input, coarse, transforms, 'f32', context)).rejects.toThrow('no memory left');
  expect(kernels.memory().peakBytes).toBeGreaterThan(before);
  expect(kernels.memory().nowBytes).toBe(before);
});

test('fine depth: a tile that cannot be stored', async () => {
  const kernels = createCpuKernels();
  const failing = Object.assign(Object.create(kernels) as KernelSet, {
    storeTile: () => Promise.reject(new Error('the device was lost')),
  });
  const tile = { raw: kernels.upload(planarMap([3, 8, 8])) } as unknown as TileResult;
  const before = kernels.memory().nowBytes;
  await expect(assembled([tile], failing, 64)).rejects.toThrow('the device was lost');
  expect(kernels.memory().peakBytes).toBeGreaterThan(before);
  expect(kernels.memory().nowBytes).toBe(before);
});
