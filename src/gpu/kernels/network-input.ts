/** Bindings and tables of network-input.wgsl. */
import { type Pass, pixelGroups } from '../kernel-runner.ts';
import { PRELUDE } from './affine-px.ts';
import { moveToward } from './network-input.reference.ts';
import code from './network-input.wgsl?raw';
import { defineStruct } from './struct-layout.ts';

const Params = defineStruct('Params', { size: 'vec2u' });

/** Threads a group, and pixels a thread, of the sum: 65,536 atomic adds at 2048 x 2048. Ours. */
const SUM_THREADS = 256;
const PIXELS_PER_THREAD = 64;
const PIXELS_PER_GROUP = SUM_THREADS * PIXELS_PER_THREAD;

const TUNING = `override SUM_THREADS: u32 = ${SUM_THREADS}u;\noverride PIXELS_PER_THREAD: u32 = ${PIXELS_PER_THREAD}u;\n`;
const SOURCE = { label: 'network-input', code: PRELUDE + TUNING + Params.wgsl + code };

/** Pixels beyond which the sum of L could overflow u32. */
export const NETWORK_INPUT_MAX_PIXELS = Math.floor((2 ** 32 - 1) / 255);

/** [256 d, 256 x] u8: where the colour steps take grey level x when d is their fixed point. */
export function blendTable(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 65536 }, (_, i) => moveToward(i >> 8, i & 255));
}

/** [256] f32: (v/255 - 0.5)/0.5, each operation rounded to f32. */
export function normalisedTable(): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: 256 }, (_, v) =>
    Math.fround(Math.fround(Math.fround(v / 255) - 0.5) / 0.5),
  );
}

export interface NetworkInputBuffers {
  readonly photo: GPUBuffer;
  readonly matte: GPUBuffer;
  readonly blend: GPUBuffer;
  /** Zeroed u32. */
  readonly lumaSum: GPUBuffer;
  readonly normalised: GPUBuffer;
  readonly target: GPUBuffer;
}

/** Passes that turn the photo [H, W] into the input [3, H, W]. */
export function networkInputPasses(buffers: NetworkInputBuffers, height: number, width: number): Pass[] {
  const pixels = width * height;
  const uniforms = Params.pack({ size: [width, height] });
  const photo = { buffer: buffers.photo, size: pixels * 4 };
  const matte = { buffer: buffers.matte, size: Math.ceil(pixels / 4) * 4 };
  const blend = { buffer: buffers.blend, size: 65536 };
  const lumaSum = { buffer: buffers.lumaSum, size: 4 };
  return [
    {
      source: SOURCE,
      entry: 'sum_luma',
      bindings: { 1: photo, 2: matte, 3: blend, 4: lumaSum },
      uniforms,
      groups: [Math.ceil(pixels / PIXELS_PER_GROUP), 1, 1],
    },
    {
      source: SOURCE,
      entry: 'colours',
      bindings: {
        1: photo,
        2: matte,
        3: blend,
        4: lumaSum,
        5: { buffer: buffers.normalised, size: 1024 },
        6: { buffer: buffers.target, size: pixels * 12 },
      },
      uniforms,
      groups: pixelGroups(width, height),
    },
  ];
}
