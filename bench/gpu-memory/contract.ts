/** What one measurement of GPU memory is asked and answers. */
import type { DeviceBytes } from '../../src/gpu/device-memory.ts';

export interface MemoryCase {
  /** Weights and arithmetic of the normal networks; depth is f32 in both (src/networks/README.md). */
  readonly precision: 'f32' | 'f16';
  readonly mode: 'robust' | 'reference';
  /** `full`: the original's widths, 77.7 M values; `starter`: the pack that comes with the app. */
  readonly weights: 'full' | 'starter';
  /** maxStorageBufferBindingSize of the device, bytes. */
  readonly bindingBytes: number;
}

export interface StageMemory {
  readonly stage: string;
  /** Most bytes on the device while the stage ran. */
  readonly peak: DeviceBytes;
  /** Bytes that stay when it is done. */
  readonly after: DeviceBytes;
}

export interface MemoryAnswer {
  readonly adapter: string;
  readonly bindingBytes: number;
  readonly largestBufferBytes: number;
  readonly tileSizePx: number;
  readonly stages: readonly StageMemory[];
  readonly points: number;
  /** Compute dispatches of our kernels that ran, and of the network runtime that were left out. */
  readonly dispatches: { readonly kept: number; readonly dropped: number };
  /** What the browser said about wrong GPU calls, first few. */
  readonly gpuErrors: readonly string[];
}
