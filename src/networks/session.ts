/**
 * One network of a pack, ready to run. Sessions are created one at a time and runs pass one queue, whatever the caller
 * does. On WebGPU maps are GPU buffers of the caller's device from end to end; on WASM they are ordinary memory.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { StageError } from '../base/errors.ts';
import type { MapShape } from '../base/images.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import { cpuMap, type DeviceMap, shapeBytes } from '../gpu/device-map.ts';
import { familyOf } from './architecture.ts';
import type { NetworkId } from './network-ids.ts';
import { buildOnnx, type GraphSize, graphInputs, graphOutput, OUTPUT_NAME } from './onnx/build.ts';
import type { Precision } from './onnx/graph-writer.ts';
import { loadOrt, type OrtModule, webgpuBuild } from './ort-runtime.ts';
import { type Pack, weightsOf } from './packs/pack.ts';

export type { NetworkId } from './network-ids.ts';
export type NetworkSize = GraphSize;

export type NetworkDevice =
  | { readonly backend: 'webgpu'; readonly device: GPUDevice }
  | { readonly backend: 'wasm'; readonly threads: number };

export interface Network {
  readonly id: NetworkId;
  /** [C, H, W] of each input by name; 6-channel inputs appear as 8, the last two zero. */
  readonly inputShapes: Readonly<Record<string, MapShape>>;
  readonly outputShape: MapShape;
  /**
   * Inputs stay the caller's; the output is the caller's to dispose of, also after the network is gone.
   * @throws StageError E_INTERNAL when an input is missing, has another shape or lives on the other side.
   */
  run(inputs: Readonly<Record<string, DeviceMap>>): Promise<DeviceMap>;
  /** Frees the session; twice is harmless. */
  dispose(): Promise<void>;
}

/** Creations and runs of this thread. */
const queue = new SerialQueue();

/** First in, first out with the networks of this thread. */
export const enqueue = <T>(task: () => Promise<T>): Promise<T> => queue.add(task);

/**
 * @param size height and width of the graph: networkSize(id), or a tile of the plan for fineDepth.
 * @param precision f16 needs a WebGPU device with `shader-f16`, and is used for the normal networks alone. WASM always
 *   computes in f32.
 * @throws StageError E_DEVICE when the runtime cannot be loaded or takes the graph amiss.
 */
export async function createNetwork(
  pack: Pack,
  id: NetworkId,
  size: NetworkSize,
  device: NetworkDevice,
  precision: Precision = 'f32',
): Promise<Network> {
  const arithmetic = device.backend === 'webgpu' ? arithmeticOf(id, precision) : 'f32';
  return queue.add(async () =>
    opened(buildOnnx(await weightsOf(pack, id), id, size, arithmetic), id, size, device),
  );
}

/** As createNetwork, from an ONNX file of ours. */
export function openModel(
  model: Uint8Array<ArrayBuffer>,
  id: NetworkId,
  size: NetworkSize,
  device: NetworkDevice,
): Promise<Network> {
  return queue.add(() => opened(model, id, size, device));
}

async function opened(
  model: Uint8Array<ArrayBuffer>,
  id: NetworkId,
  size: NetworkSize,
  device: NetworkDevice,
): Promise<Network> {
  const ort = await openRuntime(device);
  const session = await ort.InferenceSession.create(model, sessionOptions(device)).catch((cause: unknown) => {
    throw deviceError(id, 'could not be opened', cause);
  });
  return new OrtNetwork(ort, session, id, size, device.backend === 'webgpu' ? device.device : null);
}

/** [C, H, W] of a network's inputs by name, and of its output. */
export function networkShapes(
  id: NetworkId,
  size: NetworkSize,
): { inputs: Readonly<Record<string, MapShape>>; output: MapShape } {
  const entries = Object.entries(graphInputs(id, size));
  const [, c, h, w] = graphOutput(id, size);
  return {
    inputs: Object.fromEntries(
      entries.map(([name, [, channels, height, width]]) => [name, [channels, height, width] as const]),
    ),
    output: [c, h, w],
  };
}

/**
 * Depth is about 2, where f16 counts in steps of 1 px of the canvas: a staircase on the surface. Measured on a test
 * picture with the starter pack, f16 arithmetic moved coarse depth by 1.8 px on average and by 25 px at most; the normals
 * moved by 4e-5 on average. See bench/networks/precision.ts.
 */
export function arithmeticOf(id: NetworkId, wanted: Precision): Precision {
  return familyOf(id) === 'normal' ? wanted : 'f32';
}

async function openRuntime(device: NetworkDevice): Promise<OrtModule> {
  try {
    return device.backend === 'webgpu'
      ? await loadOrt(webgpuBuild(), 1)
      : await loadOrt('wasm', device.threads);
  } catch (cause) {
    throw new StageError('networks', 'E_DEVICE', 'The network runtime could not be loaded.', {
      fix: 'Check the connection to this page and reload it.',
      cause,
    });
  }
}

function sessionOptions(device: NetworkDevice): InferenceSession.SessionOptions {
  if (device.backend === 'wasm') return { executionProviders: ['wasm'], graphOptimizationLevel: 'all' };
  return {
    executionProviders: [{ name: 'webgpu', device: device.device }],
    preferredOutputLocation: 'gpu-buffer',
    graphOptimizationLevel: 'all',
  };
}

class OrtNetwork implements Network {
  readonly inputShapes: Readonly<Record<string, MapShape>>;
  readonly outputShape: MapShape;
  readonly id: NetworkId;
  private readonly ort: OrtModule;
  private readonly device: GPUDevice | null;
  private session: InferenceSession | null;

  constructor(
    ort: OrtModule,
    session: InferenceSession,
    id: NetworkId,
    size: NetworkSize,
    device: GPUDevice | null,
  ) {
    this.ort = ort;
    this.session = session;
    this.id = id;
    this.device = device;
    const { inputs, output } = networkShapes(id, size);
    this.inputShapes = inputs;
    this.outputShape = output;
  }

  run(inputs: Readonly<Record<string, DeviceMap>>): Promise<DeviceMap> {
    return queue.add(async () => {
      const { session } = this;
      if (!session) throw internal(this.id, 'was run after it was disposed of');
      const feeds: Record<string, Tensor> = {};
      for (const [name, shape] of Object.entries(this.inputShapes))
        feeds[name] = this.feed(name, shape, inputs[name]);
      try {
        return this.device
          ? await this.runOnGpu(session, feeds, this.device)
          : await this.runOnCpu(session, feeds);
      } catch (cause) {
        throw deviceError(this.id, 'failed while running', cause);
      }
    });
  }

  async dispose(): Promise<void> {
    const { session } = this;
    this.session = null;
    if (session) await queue.add(() => session.release());
  }

  private feed(name: string, shape: MapShape, map: DeviceMap | undefined): Tensor {
    if (!map) throw internal(this.id, `was given no input "${name}"`);
    if (map.shape.some((n, i) => n !== shape[i])) {
      throw internal(
        this.id,
        `takes "${name}" as [${shape.join(', ')}], was given [${map.shape.join(', ')}]`,
      );
    }
    const dims = [1, ...shape];
    if (this.device) {
      if (map.kind !== 'gpu') throw internal(this.id, `runs on the GPU but "${name}" is in ordinary memory`);
      return this.ort.Tensor.fromGpuBuffer(map.buffer, { dataType: 'float32', dims });
    }
    if (map.kind !== 'cpu') throw internal(this.id, `runs on the processor but "${name}" is on the GPU`);
    return new this.ort.Tensor('float32', map.data, dims);
  }

  /** The output buffer is ours from the start, so it outlives the session. */
  private async runOnGpu(
    session: InferenceSession,
    feeds: Record<string, Tensor>,
    device: GPUDevice,
  ): Promise<DeviceMap> {
    const shape = this.outputShape;
    const buffer = device.createBuffer({
      label: `${this.id} output`,
      size: shapeBytes(shape),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    try {
      const output = this.ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [1, ...shape] });
      await session.run(feeds, { [OUTPUT_NAME]: output });
    } catch (error) {
      buffer.destroy();
      throw error;
    }
    return { kind: 'gpu', shape, buffer, dispose: () => buffer.destroy() };
  }

  private async runOnCpu(session: InferenceSession, feeds: Record<string, Tensor>): Promise<DeviceMap> {
    const result = (await session.run(feeds))[OUTPUT_NAME];
    const data = result.data as Float32Array<ArrayBuffer>;
    return cpuMap({ shape: this.outputShape, data });
  }
}

function internal(id: NetworkId, what: string): StageError {
  return new StageError('networks', 'E_INTERNAL', `Network ${id} ${what}.`, {
    fix: 'Reload the page; if it happens again, report it.',
  });
}

function deviceError(id: NetworkId, what: string, cause: unknown): StageError {
  if (cause instanceof StageError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StageError('networks', 'E_DEVICE', `Network ${id} ${what}: ${reason}`, {
    fix: 'Close other heavy pages and try again, or choose the processor as backend.',
    cause,
  });
}
