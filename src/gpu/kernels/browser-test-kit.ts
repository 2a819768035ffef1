/**
 * What the kernel tests in the browser share: one device a file, both kernel sets, seeded inputs and comparisons.
 * Not imported by the app.
 */
import { hashNoiseArray } from '../../base/deterministic.ts';
import {
  type GreyImage,
  type MapShape,
  type PlanarMap,
  planarMap,
  type RgbaImage,
} from '../../base/images.ts';
import type { Affine } from '../../geometry/body.ts';
import { createCpuKernels } from '../cpu-kernels.ts';
import { openDevice } from '../device.ts';
import { type CpuMap, cpuMap, type DeviceMap } from '../device-map.ts';
import type { KernelSet } from '../kernel-set.ts';
import { createWebGpuKernels } from '../webgpu-kernels.ts';

export interface TestKernels {
  readonly device: GPUDevice;
  readonly gpu: KernelSet;
  readonly cpu: KernelSet;
  close(): void;
}

/** @throws Error when the browser gives no device: these tests never skip. */
export async function openTestKernels(): Promise<TestKernels> {
  const opened = await openDevice({ allowSoftware: true });
  if (opened.kind === 'none') throw new Error(opened.reason);
  const gpu = createWebGpuKernels(opened.device);
  const close = () => {
    gpu.dispose();
    opened.close();
  };
  return { device: opened.device, gpu, cpu: createCpuKernels(), close };
}

/** u(seed, .) scaled to [low, high). */
export function noiseMap(seed: string, shape: MapShape, low = -1, high = 1): CpuMap {
  const data = hashNoiseArray(seed, shape[0] * shape[1] * shape[2]);
  for (let i = 0; i < data.length; i++) data[i] = low + ((data[i] + 1) / 2) * (high - low);
  return cpuMap(planarMap(shape, data));
}

/** Random colours; alpha 255, or random too. */
export function noisePhoto(seed: string, width: number, height: number, translucent = false): RgbaImage {
  const noise = hashNoiseArray(seed, width * height * 4);
  const data = Uint8ClampedArray.from(noise, (u) => Math.floor((u + 1) * 128));
  if (!translucent) for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width, height, data };
}

/** Random mask of 16 px blobs over random levels; `share` of it is foreground. */
export function noiseMatte(seed: string, width: number, height: number, share = 0.5): GreyImage {
  const columns = Math.ceil(width / 16);
  const blobs = hashNoiseArray(seed, columns * Math.ceil(height / 16));
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const blob = blobs[Math.floor(Math.floor(i / width) / 16) * columns + Math.floor((i % width) / 16)];
    data[i] = (blob + 1) / 2 < share ? 128 + (i % 128) : i % 128;
  }
  return { width, height, data };
}

/** Similarity with scale, rotation and shift in [-1, 1] coordinates. */
export function similarity(scale: number, angleDeg: number, x: number, y: number): Affine {
  const angle = (angleDeg * Math.PI) / 180;
  const a = scale * Math.cos(angle);
  const b = scale * Math.sin(angle);
  return Float32Array.of(a, -b, x, b, a, y);
}

export interface Difference {
  readonly max: number;
  readonly mean: number;
  /** Share of values that differ by more than the given tolerance. */
  readonly beyond: number;
}

/** Absolute differences of two arrays of one length. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 0): Difference {
  if (a.length !== b.length) throw new Error(`lengths differ: ${a.length} and ${b.length}`);
  let max = 0;
  let sum = 0;
  let beyond = 0;
  for (let i = 0; i < a.length; i++) {
    // A NaN counts as infinitely far.
    const d = Number.isNaN(a[i] - b[i]) ? Number.POSITIVE_INFINITY : Math.abs(a[i] - b[i]);
    if (d > max) max = d;
    if (d > tolerance) beyond++;
    sum += d;
  }
  const count = Math.max(1, a.length);
  return { max, mean: sum / count, beyond: beyond / count };
}

/** Runs one kernel of both sets on the same input and frees the GPU's result. */
export async function bothMaps(
  kernels: TestKernels,
  kernel: (set: KernelSet) => Promise<DeviceMap>,
): Promise<{ got: PlanarMap; want: PlanarMap; shape: MapShape; error: Difference }> {
  const result = await kernel(kernels.gpu);
  try {
    const got = await kernels.gpu.download(result);
    const want = await kernels.cpu.download(await kernel(kernels.cpu));
    return { got, want, shape: got.shape, error: difference(got.data, want.data) };
  } finally {
    result.dispose();
  }
}
