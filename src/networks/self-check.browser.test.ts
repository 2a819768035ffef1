/** The self-check on a real WebGPU device (SwiftShader in CI): accepts right arithmetic, refuses a wrong value. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenedDevice, openDevice } from '../gpu/device.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { createWebGpuKernels } from '../gpu/webgpu-kernels.ts';
import { openPack, type Pack } from './packs/pack.ts';
import { checkNetworks } from './self-check.ts';

let opened: OpenedDevice;
let kernels: KernelSet;
let pack: Pack;

beforeAll(async () => {
  const device = await openDevice({ allowSoftware: true });
  if (device.kind === 'none') throw new Error(device.reason);
  opened = device;
  kernels = createWebGpuKernels(device.device);
  pack = await openPack(new URL('/packs/starter/', location.href).href);
});

afterAll(() => {
  kernels?.dispose();
  opened?.close();
});

test('the starter pack on this device agrees with the plain evaluation', async () => {
  const device = { backend: 'webgpu', device: opened.device } as const;
  const check = await checkNetworks(pack, device, kernels, 'f32');
  expect(check.maxDifference).toBeLessThan(1e-3);
  expect(check.ok).toBe(true);
});

test('one wrong value in an output is found', async () => {
  const device = { backend: 'webgpu', device: opened.device } as const;
  const faulty: KernelSet = Object.create(kernels, {
    download: {
      value: async (map: Parameters<KernelSet['download']>[0]) => {
        const plain = await kernels.download(map);
        plain.data[plain.data.length >> 1] += 0.65;
        return plain;
      },
    },
  });
  const check = await checkNetworks(pack, device, faulty, 'f32', ['fineDepth']);
  expect(check.ok).toBe(false);
  expect(check.maxDifference).toBeGreaterThan(0.5);
});
