/**
 * What a run computes with: a kernel set and a place for the networks, chosen from what the machine has.
 *
 * - a real GPU through WebGPU: networks and kernels there, buffers shared;
 * - no WebGPU, or the person chose WASM: networks in WASM, kernels by their CPU references;
 * - a software WebGPU adapter counts as none unless WebGPU was asked for: convolutions are 50 times slower on it than in
 *   WASM, and our kernels too are slower than their CPU references (table in the gpu room's README).
 * The choice is reported in one sentence and shown; nothing falls back silently.
 */
import { StageError } from '../base/errors.ts';
import { createCpuKernels } from '../gpu/cpu-kernels.ts';
import { type OpenedDevice, openDevice } from '../gpu/device.ts';
import type { DeviceMemory } from '../gpu/device-memory.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { createWebGpuKernels } from '../gpu/webgpu-kernels.ts';
import type { Pack } from '../networks/packs/pack.ts';
import { localRuntime, type NetworkRuntime } from '../networks/runtime.ts';
import { checkNetworks } from '../networks/self-check.ts';
import type { NetworkDevice } from '../networks/session.ts';
import type { BackendChoice, MachineReport } from './types.ts';

/** onnxruntime gains little beyond this on these network sizes, and the page needs a core. */
const MAX_THREADS = 8;

/** Opens a runtime for networks on the processor. The default is this thread, which its runs then block. */
export type OpenWasmRuntime = (threads: number) => NetworkRuntime;

const inThisThread: OpenWasmRuntime = (threads) => localRuntime({ backend: 'wasm', threads });

export interface Engine {
  readonly machine: MachineReport;
  readonly kernels: KernelSet;
  readonly networkDevice: NetworkDevice;
  readonly networks: NetworkRuntime;
  /** Counts every buffer on the GPU device; null where none is used. */
  readonly deviceMemory: DeviceMemory | null;
  /** Rejects when the GPU device is lost; never resolves. */
  readonly lost: Promise<never>;
  dispose(): void;
}

function wasmThreads(): number {
  return globalThis.crossOriginIsolated
    ? Math.max(1, Math.min(MAX_THREADS, navigator.hardwareConcurrency || 1))
    : 1;
}

function wasmSentence(threads: number): string {
  return threads > 1
    ? `networks run on the processor with ${threads} threads`
    : 'networks run on one processor thread (the page is not cross-origin isolated)';
}

const sentence = (clause: string) => clause.charAt(0).toUpperCase() + clause.slice(1);

function cpuEngine(reason: string, openWasm: OpenWasmRuntime): Engine {
  const threads = wasmThreads();
  const networks = openWasm(threads);
  const kernels = createCpuKernels();
  return {
    machine: {
      backend: 'wasm',
      reason: `${reason}: ${wasmSentence(threads)}`,
      adapter: '',
      precision: 'f32',
      kernels: 'cpu',
      crossOriginIsolated: Boolean(globalThis.crossOriginIsolated),
      threads,
    },
    kernels,
    networkDevice: { backend: 'wasm', threads },
    networks,
    deviceMemory: null,
    lost: new Promise<never>(() => {}),
    dispose() {
      networks.dispose();
      kernels.dispose();
    },
  };
}

/** @throws StageError E_DEVICE when WebGPU was demanded and is not there. */
export async function openEngine(choice: BackendChoice, openWasm = inThisThread): Promise<Engine> {
  if (choice === 'wasm') return cpuEngine('You chose the processor', openWasm);
  const opened = await openDevice({ allowSoftware: choice === 'webgpu' });
  if (opened.kind === 'none') {
    if (choice === 'webgpu') {
      throw new StageError('device', 'E_DEVICE', `WebGPU was asked for, but ${opened.reason}.`, {
        fix: 'Choose the automatic backend, or open the page in a current Chrome, Edge or Safari.',
      });
    }
    return cpuEngine(sentence(opened.reason), openWasm);
  }
  return engineOnDevice(opened, true);
}

/** Kernels on an opened device; networks there too, or in WASM. The engine closes the device. */
export function engineOnDevice(
  opened: OpenedDevice,
  networksOnDevice: boolean,
  openWasm = inThisThread,
): Engine {
  const { device, adapterName } = opened;
  const threads = wasmThreads();
  const kernels = createWebGpuKernels(device);
  const networkDevice: NetworkDevice = networksOnDevice
    ? { backend: 'webgpu', device }
    : { backend: 'wasm', threads };
  const networks = networksOnDevice ? localRuntime(networkDevice) : openWasm(threads);
  return {
    machine: {
      backend: networksOnDevice ? 'webgpu' : 'wasm',
      reason: networksOnDevice ? 'Networks run on the graphics card' : sentence(wasmSentence(threads)),
      adapter: adapterName,
      // For the normal networks; what the card makes of it is checked before the first run.
      precision: networksOnDevice && opened.features.has('shader-f16') ? 'f16' : 'f32',
      kernels: 'webgpu',
      crossOriginIsolated: Boolean(globalThis.crossOriginIsolated),
      threads,
    },
    kernels,
    networkDevice,
    networks,
    deviceMemory: opened.memory,
    lost: opened.lost.then((error) => {
      if (error) throw error;
      return new Promise<never>(() => {});
    }),
    dispose() {
      networks.dispose();
      kernels.dispose();
      opened.close();
    },
  };
}

/**
 * The engine to trust with this pack: the same one; or, where the graphics card's networks disagree with a plain
 * evaluation, one in full precision instead of half; or one whose networks run on the processor. The kernels stay on the
 * card; they have their own tests.
 */
export async function checkedEngine(engine: Engine, pack: Pack, openWasm = inThisThread): Promise<Engine> {
  if (engine.networkDevice.backend === 'wasm') return engine;
  const { precision } = engine.machine;
  const check = await checkNetworks(pack, engine.networkDevice, engine.kernels, precision).catch(
    (thrown: unknown) => {
      // A driver may say that it has half precision and fail at it; full precision is tried before giving up.
      if (precision === 'f16') return null;
      throw thrown;
    },
  );
  if (check?.ok) return engine;
  if (!check || precision === 'f16') {
    const reason =
      'Networks run on the graphics card, in full precision: a test in half precision went wrong';
    const inFull: Engine = { ...engine, machine: { ...engine.machine, precision: 'f32', reason } };
    return checkedEngine(inFull, pack, openWasm);
  }
  const threads = wasmThreads();
  const found = `The graphics card computed a test network wrongly (off by ${check.maxDifference.toPrecision(2)})`;
  const networks = openWasm(threads);
  return {
    ...engine,
    networkDevice: { backend: 'wasm', threads },
    networks,
    dispose() {
      networks.dispose();
      engine.dispose();
    },
    machine: {
      ...engine.machine,
      backend: 'wasm',
      precision: 'f32',
      reason: `${found}: ${wasmSentence(threads)}`,
    },
  };
}
