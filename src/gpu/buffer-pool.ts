/**
 * Labelled GPU buffers with a count of what they hold. A returned buffer is kept for the next request of its size
 * class, because creating (and zeroing) 96 MiB costs more than the kernel that fills it. Contents of a fresh buffer
 * are undefined: kernels write every value they promise. Idle buffers beyond a budget are destroyed, oldest first.
 */
import { createKernelBuffer } from './device-memory.ts';

/** Usage of every pooled buffer: what Tensor.fromGpuBuffer and our kernels, uploads and read-backs need. */
const POOL_USAGE = 0x80 /* STORAGE */ | 0x04 /* COPY_SRC */ | 0x08; /* COPY_DST */

/**
 * Bytes of idle buffers kept for reuse: crops, tiles and tables, not the maps of the whole canvas (32 to 96 MiB), which
 * would lie beside the network runtime's buffers when memory is shortest. At 160 MiB a full-width run peaked 110 MiB
 * higher (bench/gpu-memory.ts).
 */
const IDLE_BUDGET_BYTES = 32 * 2 ** 20;

/** Size classes divide each octave into this many steps, so at most 12.5 % of a buffer is unused. */
const STEPS_PER_OCTAVE = 8;

/** A buffer in use; dispose() returns it to the pool, twice is harmless. */
export interface PooledBuffer {
  readonly buffer: GPUBuffer;
  /** Bytes asked for; the buffer may be longer. */
  readonly sizeBytes: number;
  dispose(): void;
}

/** Smallest size class that holds `bytes`: a multiple of 256 and of an eighth of the octave. */
export function sizeClass(bytes: number): number {
  const octave = 2 ** Math.floor(Math.log2(Math.max(bytes, 2048)));
  const step = octave / STEPS_PER_OCTAVE;
  return Math.max(2048, Math.ceil(bytes / step) * step);
}

export class BufferPool {
  private readonly device: GPUDevice;
  private readonly idle: GPUBuffer[] = [];
  private readonly live = new Set<GPUBuffer>();
  private idleBytes = 0;
  private heldBytes = 0;
  private peakHeldBytes = 0;
  private closed = false;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /**
   * Acquires a buffer of at least `bytes`, usage STORAGE | COPY_SRC | COPY_DST, contents undefined.
   * An allocation that the device cannot make surfaces as an out-of-memory error of the enclosing error scope.
   */
  acquire(label: string, bytes: number): PooledBuffer {
    if (this.closed) throw new Error(`buffer pool is disposed, cannot acquire "${label}"`);
    const size = sizeClass(bytes);
    const at = this.idle.findIndex((buffer) => buffer.size === size);
    let buffer: GPUBuffer;
    if (at >= 0) {
      buffer = this.idle.splice(at, 1)[0];
      this.idleBytes -= size;
      buffer.label = label;
    } else {
      buffer = createKernelBuffer(this.device, { label, size, usage: POOL_USAGE });
      this.count(size);
    }
    this.live.add(buffer);
    return { buffer, sizeBytes: bytes, dispose: () => this.giveBack(buffer) };
  }

  /** A buffer outside the pool (uniforms, staging); the caller's finally must call dispose(). */
  transient(descriptor: GPUBufferDescriptor): PooledBuffer {
    const buffer = createKernelBuffer(this.device, descriptor);
    this.count(descriptor.size);
    this.live.add(buffer);
    const dispose = () => {
      if (this.live.delete(buffer)) this.destroy(buffer);
    };
    return { buffer, sizeBytes: descriptor.size, dispose };
  }

  /** Bytes held on the device, idle buffers included, and the most since resetPeak(). */
  memory(): { nowBytes: number; peakBytes: number } {
    return { nowBytes: this.heldBytes, peakBytes: this.peakHeldBytes };
  }

  resetPeak(): void {
    this.peakHeldBytes = this.heldBytes;
  }

  /** Buffers in use; tests check that their owners return them. */
  liveCount(): number {
    return this.live.size;
  }

  /** Destroys idle buffers until at most `budgetBytes` of them stay. */
  trim(budgetBytes = 0): void {
    while (this.idleBytes > budgetBytes && this.idle.length > 0) {
      const oldest = this.idle.shift()!;
      this.idleBytes -= oldest.size;
      this.destroy(oldest);
    }
  }

  /** Destroys everything, also what is still in use. Twice is harmless. */
  dispose(): void {
    this.closed = true;
    this.trim();
    for (const buffer of this.live) this.destroy(buffer);
    this.live.clear();
  }

  private giveBack(buffer: GPUBuffer): void {
    if (!this.live.delete(buffer)) return;
    this.idle.push(buffer);
    this.idleBytes += buffer.size;
    this.trim(IDLE_BUDGET_BYTES);
  }

  private count(bytes: number): void {
    this.heldBytes += bytes;
    this.peakHeldBytes = Math.max(this.peakHeldBytes, this.heldBytes);
  }

  private destroy(buffer: GPUBuffer): void {
    this.heldBytes -= buffer.size;
    buffer.destroy();
  }
}
