/** The device, its pool and the ways they fail. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planarMap } from '../base/images.ts';
import { BufferPool, sizeClass } from './buffer-pool.ts';
import { isSoftwareAdapter, lossError, type OpenedDevice, openDevice } from './device.ts';
import { cpuMap } from './device-map.ts';
import { KernelRunner } from './kernel-runner.ts';
import { createWebGpuKernels } from './webgpu-kernels.ts';

async function opened(): Promise<OpenedDevice> {
  const result = await openDevice({ allowSoftware: true });
  if (result.kind === 'none') throw new Error(result.reason);
  return result;
}

let shared: OpenedDevice;
beforeAll(async () => {
  shared = await opened();
});
afterAll(() => shared.close());

describe('openDevice', () => {
  test('opens with the limits and features of the adapter', async () => {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    expect(shared.adapterName).not.toBe('');
    expect(shared.limits.maxStorageBufferBindingSize).toBe(adapter?.limits.maxStorageBufferBindingSize);
    expect(shared.limits.maxStorageBuffersPerShaderStage).toBe(
      adapter?.limits.maxStorageBuffersPerShaderStage,
    );
    expect(shared.limits.maxComputeInvocationsPerWorkgroup).toBe(
      adapter?.limits.maxComputeInvocationsPerWorkgroup,
    );
    for (const feature of adapter?.features ?? []) expect(shared.features.has(feature)).toBe(true);
  });

  test('a software renderer is refused unless asked for, with its reason', async () => {
    const result = await openDevice();
    expect(result.kind).toBe(shared.isSoftware ? 'none' : 'device');
    if (result.kind === 'none')
      expect(result.reason).toMatch(/^the only WebGPU adapter is a software renderer \(.+\)$/);
    else result.close();
  });

  test('an aborted signal cancels', async () => {
    const signal = AbortSignal.abort();
    await expect(openDevice({ allowSoftware: true, signal })).rejects.toMatchObject({ code: 'E_CANCELLED' });
  });

  test('closing resolves lost with null; a real loss becomes E_DEVICE', async () => {
    const own = await opened();
    own.close();
    own.close();
    expect(await own.lost).toBeNull();
    const error = lossError({ reason: 'unknown', message: 'reset', __brand: 'GPUDeviceLostInfo' });
    expect(error).toMatchObject({ code: 'E_DEVICE', message: 'The graphics device was lost: reset.' });
  });

  test('software adapters are known by name', () => {
    const info = { vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: false };
    expect(isSoftwareAdapter({ ...info, architecture: 'swiftshader' })).toBe(true);
    expect(isSoftwareAdapter({ ...info, description: 'llvmpipe (LLVM 19)' })).toBe(true);
    expect(isSoftwareAdapter({ ...info, description: 'Microsoft Basic Render Driver' })).toBe(true);
    expect(isSoftwareAdapter({ ...info, isFallbackAdapter: true })).toBe(true);
    expect(isSoftwareAdapter({ ...info, vendor: 'apple', architecture: 'metal-3' })).toBe(false);
    expect(isSoftwareAdapter({ ...info, vendor: 'nvidia', architecture: 'hopper' })).toBe(false);
  });
});

describe('BufferPool', () => {
  test('size classes waste at most an eighth and keep our largest map exact', () => {
    expect(sizeClass(96 * 2 ** 20)).toBe(96 * 2 ** 20);
    for (const bytes of [1, 4, 2047, 2049, 5000, 123456, 7e7]) {
      expect(sizeClass(bytes)).toBeGreaterThanOrEqual(bytes);
      expect(sizeClass(bytes) % 4).toBe(0);
      if (bytes > 2048) expect(sizeClass(bytes)).toBeLessThanOrEqual(bytes * 1.126 + 4);
    }
  });

  test('buffers come back, are counted, and disposing twice is harmless', () => {
    const pool = new BufferPool(shared.device);
    const a = pool.acquire('a', 1 << 20);
    const b = pool.acquire('b', 1 << 20);
    expect(pool.memory()).toEqual({ nowBytes: 2 << 20, peakBytes: 2 << 20 });
    a.dispose();
    a.dispose();
    const c = pool.acquire('c', 1 << 20);
    expect(c.buffer).toBe(a.buffer);
    expect(c.buffer.label).toBe('c');
    expect(pool.liveCount()).toBe(2);
    b.dispose();
    c.dispose();
    pool.trim();
    expect(pool.memory()).toEqual({ nowBytes: 0, peakBytes: 2 << 20 });
    pool.resetPeak();
    expect(pool.memory().peakBytes).toBe(0);
    pool.dispose();
    pool.dispose();
    expect(() => pool.acquire('late', 4)).toThrow(/disposed/);
  });

  test('idle buffers are bounded', () => {
    const pool = new BufferPool(shared.device);
    const lent = Array.from({ length: 8 }, (_, i) => pool.acquire(`map ${i}`, 32 << 20));
    for (const buffer of lent) buffer.dispose();
    expect(pool.memory().nowBytes).toBeLessThanOrEqual(160 << 20);
    pool.dispose();
  });
});

describe('the kernel set', () => {
  test('counts what it holds, and holds nothing once all is disposed of', async () => {
    const kernels = createWebGpuKernels(shared.device);
    const map = kernels.upload(planarMap([1, 256, 256], new Float32Array(65536).fill(3)));
    const { nowBytes } = kernels.memory();
    expect(nowBytes).toBe(262144);
    const half = await kernels.downsample8(map);
    expect((await kernels.download(half)).data[0]).toBe(3);
    expect(kernels.memory().peakBytes).toBeGreaterThan(nowBytes);
    map.dispose();
    half.dispose();
    half.dispose();
    kernels.dispose();
    kernels.dispose();
    expect(kernels.memory().nowBytes).toBe(0);
  });

  test('a failed operation frees its buffers and blocks nobody', async () => {
    const runner = new KernelRunner(shared.device);
    const bad = { label: 'bad', code: 'this is no shader' };
    const failing = runner.submit('photo', 'bad', (recorder) =>
      recorder.pass({ source: bad, entry: 'main', bindings: {}, groups: [1, 1, 1] }),
    );
    await expect(failing).rejects.toMatchObject({ code: 'E_INTERNAL', stage: 'photo' });
    const thrown = runner.submit('photo', 'thrown', () => {
      throw new RangeError('no');
    });
    await expect(thrown).rejects.toMatchObject({ code: 'E_INTERNAL', message: 'no' });
    const buffer = runner.pool.acquire('after', 16);
    shared.device.queue.writeBuffer(buffer.buffer, 0, Uint32Array.of(1, 2, 3, 4));
    const bytes = await runner.read('photo', 'after', { buffer: buffer.buffer }, 16);
    expect([...new Uint32Array(bytes)]).toEqual([1, 2, 3, 4]);
    buffer.dispose();
    expect(runner.pool.liveCount()).toBe(0);
    runner.dispose();
  });

  test('an allocation beyond the device is E_MEMORY or a refusal, and the set goes on', async () => {
    const kernels = createWebGpuKernels(shared.device);
    const runner = new KernelRunner(shared.device);
    const huge = runner.submit('cloud', 'huge', () =>
      runner.pool.acquire('huge', shared.limits.maxBufferSize + 2 ** 20),
    );
    await expect(huge).rejects.toMatchObject({ stage: 'cloud' });
    const map = await kernels.downsample8(cpuMap(planarMap([1, 8, 8])));
    map.dispose();
    runner.dispose();
    kernels.dispose();
  });

  test('on a closed device every method says so', async () => {
    const own = await opened();
    const kernels = createWebGpuKernels(own.device);
    own.close();
    await own.lost;
    const map = cpuMap(planarMap([1, 8, 8]));
    await expect(kernels.downsample8(map)).rejects.toMatchObject({ code: 'E_DEVICE' });
    expect(() => kernels.upload(map)).toThrowError(/closed/);
    kernels.dispose();
  });
});

test('a browser without WebGPU, and one without an adapter, get a reason', async () => {
  const withGpu = async (gpu: unknown) => {
    Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
    try {
      return await openDevice();
    } finally {
      Reflect.deleteProperty(navigator, 'gpu');
    }
  };
  expect(await withGpu(undefined)).toEqual({ kind: 'none', reason: 'this browser has no WebGPU' });
  expect(await withGpu({ requestAdapter: async () => null })).toEqual({
    kind: 'none',
    reason: 'this browser has WebGPU, but found no graphics adapter that it may use',
  });
  const broken = { requestAdapter: async () => Promise.reject(new Error('blocked')) };
  expect(await withGpu(broken)).toMatchObject({ kind: 'none', reason: expect.stringContaining('(blocked)') });
  expect(navigator.gpu).toBeDefined();
});
