/**
 * What the kernel tests in the browser share: one device a file, both kernel sets, seeded inputs and comparisons.
 * Not imported by the app.
 */
import type { OrientedCloud } from '../../base/cloud.ts';
import { hashNoiseArray } from '../../base/deterministic.ts';
import {
  type GreyImage,
  type MapShape,
  type PlanarMap,
  planarMap,
  type RgbaImage,
} from '../../base/images.ts';
import type { Affine } from '../../geometry/body.ts';
import { consistencyNormals } from '../../geometry/depth-normals.ts';
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

/** Values after which noise repeats: no multiple of any width, so that rows differ. */
const NOISE_PERIOD = 1_000_003;

/** u(seed, .), repeated after NOISE_PERIOD values: full-size inputs in milliseconds. */
function noise(seed: string, length: number): Float32Array<ArrayBuffer> {
  const data = new Float32Array(length);
  data.set(hashNoiseArray(seed, Math.min(length, NOISE_PERIOD)));
  for (let filled = NOISE_PERIOD; filled < length; filled *= 2) {
    data.copyWithin(filled, 0, Math.min(filled, length - filled));
  }
  return data;
}

/** u(seed, .) scaled to [low, high). */
export function noiseMap(seed: string, shape: MapShape, low = -1, high = 1): CpuMap {
  const data = noise(seed, shape[0] * shape[1] * shape[2]);
  for (let i = 0; i < data.length; i++) data[i] = low + ((data[i] + 1) / 2) * (high - low);
  return cpuMap(planarMap(shape, data));
}

/** Random colours; alpha 255, or random too. */
export function noisePhoto(seed: string, width: number, height: number, translucent = false): RgbaImage {
  const levels = noise(seed, width * height * 4);
  const data = new Uint8ClampedArray(levels.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.floor((levels[i] + 1) * 128);
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

/**
 * Depth and coded normals of a made-up relief: a bump with folds over a fifth of the canvas, steps of tens of px, holes, fine noise in places,
 * and normals that agree with the depth in some blocks, are noise in others, and are missing in the rest.
 */
export function reliefMaps(seed: string, size: number): { depth: CpuMap; normals: CpuMap } {
  const depth = planarMap([2, size, size]);
  const blocks = hashNoiseArray(`${seed}/blocks`, 64 * 64);
  const grain = noise(`${seed}/grain`, size * size);
  const plane = size * size;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const i = row * size + column;
      const [u, v] = [(2 * column + 1) / size - 1, (2 * row + 1) / size - 1];
      const radius = 10 * u * u + 0.75 * v * v;
      const block = blocks[Math.floor((row * 40) / size) * 64 + Math.floor((column * 40) / size)];
      if (radius > 0.8 || block > 0.9) continue;
      const folds = 0.02 * Math.sin(25 * u + 9 * v) + (block < -0.8 ? 0.08 : 0);
      const grit = block > 0.6 ? (grain[i] * 12) / size : (grain[i] * 0.4) / size;
      depth.data[i] = 1.95 - 0.3 * Math.sqrt(0.8 - radius) + folds + grit;
      depth.data[plane + i] = 2.05 + 0.3 * Math.sqrt(0.8 - radius) + folds - grit + (u > 0.1 ? 2.1 : 0);
    }
  }
  const normals = planarMap([6, size, size], noise(`${seed}/normals`, 6 * plane));
  for (let side = 0; side < 2; side++) {
    const coded = consistencyNormals(
      planarMap([1, size, size], depth.data.slice(side * plane, (side + 1) * plane)),
    );
    for (let i = 0; i < plane; i++) {
      const block = blocks[(Math.floor((i % size) / 9) * 13 + Math.floor(i / size / 9) * 7) % 4096];
      for (let c = 0; c < 3; c++) {
        const at = (side * 3 + c) * plane + i;
        if (block < 0.5) normals.data[at] = coded.data[c * plane + i] + normals.data[at] * 0.05;
        else normals.data[at] = block < 0.8 ? (normals.data[at] + 1) / 2 : 0;
      }
    }
  }
  return { depth: cpuMap(depth), normals: cpuMap(normals) };
}

export interface CloudDifference {
  /** Points that only one of the two has. */
  readonly strays: number;
  /** Front before back, each by rising pixel. */
  readonly ordered: boolean;
  /** Largest differences over the points that both have. */
  readonly position: number;
  readonly normal: number;
  readonly colour: number;
}

export function cloudDifference(got: OrientedCloud, want: OrientedCloud): CloudDifference {
  const rank = (cloud: OrientedCloud, i: number) => cloud.sides[i] * 2 ** 32 + cloud.pixels[i];
  let [i, j, strays, position, normal, colour] = [0, 0, 0, 0, 0, 0];
  let ordered = true;
  for (let k = 1; k < got.count; k++) if (rank(got, k) <= rank(got, k - 1)) ordered = false;
  while (i < got.count && j < want.count) {
    const order = rank(got, i) - rank(want, j);
    if (order !== 0) {
      strays++;
      if (order < 0) i++;
      else j++;
      continue;
    }
    for (let c = 0; c < 3; c++) {
      position = Math.max(position, Math.abs(got.positions[3 * i + c] - want.positions[3 * j + c]));
      normal = Math.max(normal, Math.abs(got.normals[3 * i + c] - want.normals[3 * j + c]));
      colour = Math.max(colour, Math.abs(got.colours[3 * i + c] - want.colours[3 * j + c]));
    }
    i++;
    j++;
  }
  return { strays: strays + got.count - i + want.count - j, ordered, position, normal, colour };
}
