/**
 * The life of one kernel operation: it acquires result and scratch buffers, records, submits, and returns the scratch
 * buffers to the pool; when anything fails it frees the results too. A scratch buffer may be acquired again while the GPU still
 * reads it: later work on it comes later in the same queue.
 */
import type { MapShape, PlanarMap } from '../base/images.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import { type DeviceMap, type GpuMap, shapeBytes } from './device-map.ts';
import type { KernelRunner, Recorder } from './kernel-runner.ts';

/** Scratch buffers of an operation while it records; all return to the pool when it ends. */
export interface Scratch {
  /** Uninitialised buffer. */
  buffer(label: string, bytes: number): GPUBuffer;
  /** Buffer with these bytes, padded to whole words. */
  filled(label: string, bytes: ArrayBufferView<ArrayBuffer>): GPUBuffer;
  /** Buffer of a map, uploaded when it lives in ordinary memory. */
  of(label: string, map: DeviceMap): GPUBuffer;
}

/** Makes an uninitialised map that is freed if the operation fails, else the caller's. */
export type MakeResult = (shape: MapShape) => GpuMap;

export interface Operations {
  /**
   * Runs `record`, which must be synchronous, and submits what it recorded.
   *
   * @param stage, label name the operation in errors and on its buffers.
   * @throws StageError as KernelRunner.submit.
   */
  run<T>(
    stage: string,
    label: string,
    record: (recorder: Recorder, scratch: Scratch, result: MakeResult) => T,
  ): Promise<T>;
  /** A copy of the map on the device, the caller's. A failed allocation is reported by the next operation. */
  uploaded(map: PlanarMap): GpuMap;
}

export function createOperations(runner: KernelRunner): Operations {
  const { device, pool } = runner;

  const gpuMap = (label: string, shape: MapShape): GpuMap => {
    const { buffer, dispose } = pool.acquire(label, shapeBytes(shape));
    return { kind: 'gpu', shape, buffer, dispose };
  };

  return {
    async run(stage, label, record) {
      const acquired: PooledBuffer[] = [];
      const results: GpuMap[] = [];
      const acquireScratch = (name: string, bytes: number): GPUBuffer => {
        const pooled = pool.acquire(`${label} ${name}`, bytes);
        acquired.push(pooled);
        return pooled.buffer;
      };
      const scratch: Scratch = {
        buffer: acquireScratch,
        filled: (name, bytes) => {
          const buffer = acquireScratch(name, Math.ceil(bytes.byteLength / 4) * 4);
          writeBytes(device, buffer, bytes);
          return buffer;
        },
        of: (name, map) => (map.kind === 'gpu' ? map.buffer : scratch.filled(name, map.data)),
      };
      const makeResult: MakeResult = (shape) => {
        const map = gpuMap(label, shape);
        results.push(map);
        return map;
      };
      try {
        return await runner.submit(stage, label, (recorder) => record(recorder, scratch, makeResult));
      } catch (error) {
        for (const map of results) map.dispose();
        throw error;
      } finally {
        for (const pooled of acquired) pooled.dispose();
      }
    },

    uploaded: (map) =>
      runner.immediately('upload', () => {
        const own = gpuMap('upload', map.shape);
        writeBytes(device, own.buffer, map.data);
        return own;
      }),
  };
}

/** writeBuffer takes whole words only; a ragged end is padded with zeros. */
function writeBytes(device: GPUDevice, buffer: GPUBuffer, bytes: ArrayBufferView<ArrayBuffer>): void {
  const whole = bytes.byteLength & ~3;
  device.queue.writeBuffer(buffer, 0, bytes.buffer, bytes.byteOffset, whole);
  if (whole === bytes.byteLength) return;
  const tail = new Uint8Array(4);
  tail.set(new Uint8Array(bytes.buffer, bytes.byteOffset + whole, bytes.byteLength - whole));
  device.queue.writeBuffer(buffer, whole, tail);
}
