/**
 * Runs compute passes on one device: compiles pipelines once, binds, submits, copies back, and turns the device's way
 * of failing (error scopes, a lost device) into StageErrors.
 *
 * Order: recording is synchronous and every operation is submitted before its caller awaits anything, so the device's
 * own queue is the one first-in-first-out queue; a failed operation rejects its caller and blocks nobody. Error scopes
 * are a stack on the device; they nest properly because push, record, submit and pop happen in one synchronous stretch.
 */
import { StageError } from '../base/errors.ts';
import { BufferPool, type PooledBuffer } from './buffer-pool.ts';
import { lossError } from './device.ts';

export interface KernelSource {
  /** Names the shader module, its pipelines and passes. */
  readonly label: string;
  readonly code: string;
}

/** A whole buffer, or its first `size` bytes from `offset`. */
export interface Binding {
  readonly buffer: GPUBuffer;
  readonly offset?: number;
  readonly size?: number;
}

export interface Pass {
  readonly source: KernelSource;
  readonly entry: string;
  /** Slot -> binding of group 0; exactly the slots that the entry point uses. Slot 0 is the uniform block if any. */
  readonly bindings: Readonly<Record<number, Binding>>;
  readonly uniforms?: ArrayBuffer;
  readonly groups: readonly [x: number, y: number, z: number];
}

const UNIFORM_USAGE = 0x40 /* UNIFORM */ | 0x08; /* COPY_DST */
const STAGING_USAGE = 0x01 /* MAP_READ */ | 0x08; /* COPY_DST */
const MAP_READ = 1;

/** Workgroup of per-pixel kernels (64 x 4 threads): rows are contiguous in planar maps. */
export const PIXEL_GROUP = { x: 64, y: 4 } as const;

/** Workgroups that cover width x height pixels. */
export function pixelGroups(width: number, height: number): [number, number, number] {
  return [Math.ceil(width / PIXEL_GROUP.x), Math.ceil(height / PIXEL_GROUP.y), 1];
}

/** Records passes and copies; obtained from KernelRunner.submit. */
export interface Recorder {
  pass(pass: Pass): void;
  copy(from: Binding, to: Binding, bytes: number): void;
  clear(target: Binding): void;
}

export class KernelRunner {
  readonly device: GPUDevice;
  readonly pool: BufferPool;
  private readonly modules = new Map<KernelSource, GPUShaderModule>();
  private readonly pipelines = new Map<string, GPUComputePipeline>();
  private loss: StageError | null = null;
  private deferred: StageError | null = null;

  constructor(device: GPUDevice) {
    this.device = device;
    this.pool = new BufferPool(device);
    void device.lost.then((info) => {
      this.loss = lossError(info) ?? closedError();
    });
  }

  /**
   * Runs `record` synchronously (it may acquire buffers, write to the queue and record passes), submits what it
   * recorded, and resolves with its result once the device has accepted it; the work itself may still be under way.
   *
   * @throws StageError E_MEMORY when an allocation failed, E_DEVICE when the device is lost, E_INTERNAL when the
   *   device finds a command invalid. Buffers acquired in `record` are then the caller's to dispose.
   */
  async submit<T>(stage: string, label: string, record: (recorder: Recorder) => T): Promise<T> {
    this.throwIfLost();
    const { device } = this;
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    const uniforms: PooledBuffer[] = [];
    let result: T | undefined;
    let thrown: unknown;
    try {
      const encoder = device.createCommandEncoder({ label });
      result = record(this.recorder(encoder, label, uniforms));
      device.queue.submit([encoder.finish({ label })]);
    } catch (error) {
      thrown = error;
    } finally {
      for (const uniform of uniforms) uniform.dispose();
    }
    const scopes = [device.popErrorScope(), device.popErrorScope()];
    const [memoryError, validationError] = await Promise.all(scopes);
    this.throwIfLost();
    const { deferred } = this;
    this.deferred = null;
    if (deferred) throw deferred;
    if (memoryError) throw outOfMemory(stage, label, memoryError);
    if (thrown !== undefined) throw StageError.from(stage, thrown);
    if (validationError) {
      throw new StageError(
        stage,
        'E_INTERNAL',
        `The graphics device refused ${label}: ${validationError.message}`,
        {
          fix: 'Choose the WASM backend, and report this with your browser version and graphics card.',
          cause: validationError,
        },
      );
    }
    return result as T;
  }

  /**
   * For work that cannot wait for the device's answer (uploads): runs `work`; should its allocation fail, the next
   * submit or read throws E_MEMORY.
   */
  immediately<T>(label: string, work: () => T): T {
    this.throwIfLost();
    this.device.pushErrorScope('out-of-memory');
    try {
      return work();
    } finally {
      void this.device.popErrorScope().then(
        (error) => {
          if (error) this.deferred = outOfMemory('upload', label, error);
        },
        () => undefined, // the device is lost, which every later call reports
      );
    }
  }

  /**
   * Copies `bytes` of a buffer to ordinary memory; the buffer stays the caller's.
   *
   * @throws StageError as submit does.
   */
  async read(stage: string, label: string, source: Binding, bytes: number): Promise<ArrayBuffer> {
    const size = Math.ceil(bytes / 4) * 4;
    if (size === 0) return new ArrayBuffer(0);
    const made: PooledBuffer[] = [];
    try {
      const staging = await this.submit(stage, `${label} read-back`, (recorder) => {
        const target = this.pool.transient({ label: `${label} staging`, size, usage: STAGING_USAGE });
        made.push(target);
        recorder.copy(source, { buffer: target.buffer }, size);
        return target.buffer;
      });
      try {
        await staging.mapAsync(MAP_READ);
      } catch (error) {
        this.throwIfLost();
        throw StageError.from(stage, error);
      }
      return staging.getMappedRange().slice(0, bytes);
    } finally {
      for (const target of made) target.dispose();
    }
  }

  /** @throws StageError E_DEVICE once the device is lost. */
  throwIfLost(): void {
    if (this.loss) throw this.loss;
  }

  dispose(): void {
    this.pipelines.clear();
    this.modules.clear();
    this.pool.dispose();
  }

  private recorder(encoder: GPUCommandEncoder, label: string, uniforms: PooledBuffer[]): Recorder {
    return {
      pass: (pass) => {
        const pipeline = this.pipeline(pass.source, pass.entry);
        const entries: GPUBindGroupEntry[] = Object.entries(pass.bindings).map(([slot, binding]) => ({
          binding: Number(slot),
          resource: { buffer: binding.buffer, offset: binding.offset ?? 0, size: binding.size },
        }));
        if (pass.uniforms) {
          const uniform = this.pool.transient({
            label: `${label} uniforms`,
            size: pass.uniforms.byteLength,
            usage: UNIFORM_USAGE,
          });
          uniforms.push(uniform);
          this.device.queue.writeBuffer(uniform.buffer, 0, pass.uniforms);
          entries.push({ binding: 0, resource: { buffer: uniform.buffer } });
        }
        const name = `${pass.source.label}.${pass.entry}`;
        const bindGroup = this.device.createBindGroup({
          label: name,
          layout: pipeline.getBindGroupLayout(0),
          entries,
        });
        const compute = encoder.beginComputePass({ label: name });
        compute.setPipeline(pipeline);
        compute.setBindGroup(0, bindGroup);
        compute.dispatchWorkgroups(...pass.groups);
        compute.end();
      },
      copy: (from, to, bytes) =>
        encoder.copyBufferToBuffer(from.buffer, from.offset ?? 0, to.buffer, to.offset ?? 0, bytes),
      clear: (target) => encoder.clearBuffer(target.buffer, target.offset ?? 0, target.size),
    };
  }

  private pipeline(source: KernelSource, entry: string): GPUComputePipeline {
    const key = `${source.label}.${entry}`;
    let pipeline = this.pipelines.get(key);
    if (!pipeline) {
      let module = this.modules.get(source);
      if (!module) {
        module = this.device.createShaderModule({ label: source.label, code: source.code });
        this.modules.set(source, module);
      }
      pipeline = this.device.createComputePipeline({
        label: key,
        layout: 'auto',
        compute: { module, entryPoint: entry },
      });
      this.pipelines.set(key, pipeline);
    }
    return pipeline;
  }
}

function outOfMemory(stage: string, label: string, cause: GPUError): StageError {
  return new StageError(stage, 'E_MEMORY', `The graphics device has no memory left for ${label}.`, {
    fix: 'Close other tabs and programs that use the graphics card, or choose the WASM backend.',
    cause,
  });
}

/** Somebody closed the device while this runner was still in use. */
function closedError(): StageError {
  return new StageError('device', 'E_DEVICE', 'The graphics device was closed.', {
    fix: 'Start the run again.',
  });
}
