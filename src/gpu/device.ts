/**
 * Opens the one GPUDevice of the app. Our kernels and onnxruntime share it, so it is requested with everything the
 * adapter offers: networks want the full buffer limits, `shader-f16` and `subgroups`. This is the only file that
 * requests a device. A device can be lost at any time (driver reset, laptop switching GPU): `lost` then tells why, once.
 */
import { StageError, throwIfCancelled } from '../base/errors.ts';
import { countDeviceMemory, type DeviceMemory } from './device-memory.ts';

export interface OpenedDevice {
  readonly kind: 'device';
  readonly device: GPUDevice;
  /** Human-readable, for the machine report; never empty. */
  readonly adapterName: string;
  /** True for a CPU renderer (SwiftShader, llvmpipe, WARP): right, but slow. */
  readonly isSoftware: boolean;
  readonly features: ReadonlySet<string>;
  readonly limits: GPUSupportedLimits;
  /** Every buffer on this device, ours and the network runtime's. */
  readonly memory: DeviceMemory;
  /**
   * Resolves with E_DEVICE when the browser takes the device away, with null when close() was called.
   * It never rejects.
   */
  readonly lost: Promise<StageError | null>;
  /** Destroys the device; twice is harmless. */
  close(): void;
}

export interface NoDevice {
  readonly kind: 'none';
  /** A clause for the visitor, to be put into a sentence: lower case, no full stop. */
  readonly reason: string;
}

export interface OpenDeviceOptions {
  readonly signal?: AbortSignal;
  /** Take a CPU renderer too. Default false: WASM networks beat a software adapter by far. */
  readonly allowSoftware?: boolean;
}

/** What a device must have for the kernels of this room; every WebGPU implementation has them. */
const NEEDED_STORAGE_BUFFERS = 8;
/** Bytes: the merged normals [6, 2048, 2048] f32 are the largest single binding. */
const NEEDED_BINDING_BYTES = 6 * 2048 * 2048 * 4;

const SOFTWARE_PATTERN = /swiftshader|llvmpipe|lavapipe|software|basic render|\bwarp\b/i;

/** Limits that matter to compute; asked for alone when a browser refuses the full list. */
const COMPUTE_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxUniformBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Longest wait for the driver, ms; a cold start of the browser's GPU process takes seconds on a busy machine. */
const ANSWER_MS = 30_000;

/** Features that matter to compute; asked for alone when a browser refuses the full list. */
const COMPUTE_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/**
 * Requests the adapter (high performance) and a device with its full limits and features.
 *
 * @returns the device, or the reason why there is none. A machine without WebGPU is not an error: the CPU kernels and
 *   the WASM networks take over, and the reason is shown.
 * @throws StageError E_CANCELLED when the signal is aborted; a device opened by then is destroyed.
 */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<OpenedDevice | NoDevice> {
  throwIfCancelled(options.signal, 'device');
  const gpu = typeof navigator === 'undefined' ? undefined : navigator.gpu;
  if (!gpu) return none('this browser has no WebGPU');
  let adapter: GPUAdapter | null;
  try {
    adapter = await inTime(gpu.requestAdapter({ powerPreference: 'high-performance' }));
  } catch (thrown) {
    return none(`the browser could not look for a graphics adapter (${messageOf(thrown)})`);
  }
  throwIfCancelled(options.signal, 'device');
  if (!adapter) return none('this browser has WebGPU, but found no graphics adapter that it may use');

  const isSoftware = isSoftwareAdapter(adapter.info);
  const adapterName = nameOf(adapter.info);
  if (isSoftware && options.allowSoftware !== true) {
    return none(`the only WebGPU adapter is a software renderer (${adapterName})`);
  }
  const lacking = lackingLimit(adapter.limits);
  if (lacking) return none(`the graphics adapter ${adapterName} is too small: ${lacking}`);

  let device: GPUDevice;
  try {
    device = await inTime(requestFullDevice(adapter), (late) => late.destroy());
  } catch (thrown) {
    return none(`the graphics adapter ${adapterName} refused to open (${messageOf(thrown)})`);
  }
  if (options.signal?.aborted) device.destroy();
  throwIfCancelled(options.signal, 'device');
  return {
    kind: 'device',
    device,
    adapterName,
    isSoftware,
    features: new Set(device.features),
    limits: device.limits,
    memory: countDeviceMemory(device),
    lost: device.lost.then(lossError),
    close: () => device.destroy(),
  };
}

/** The error to show for a lost device, or null when we destroyed it ourselves. */
export function lossError(info: GPUDeviceLostInfo): StageError | null {
  if (info.reason === 'destroyed') return null;
  return new StageError(
    'device',
    'E_DEVICE',
    `The graphics device was lost: ${info.message || 'no reason given'}.`,
    {
      fix: 'Start the run again; if the device is lost again, choose the WASM backend.',
    },
  );
}

/** True when the adapter's description is that of a CPU renderer. */
export function isSoftwareAdapter(
  info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description' | 'isFallbackAdapter'>,
): boolean {
  return (
    info.isFallbackAdapter === true ||
    [info.vendor, info.architecture, info.device, info.description].some((text) =>
      SOFTWARE_PATTERN.test(text),
    )
  );
}

async function requestFullDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const label = 'statuette';
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value: unknown = Reflect.get(adapter.limits, name);
    if (typeof value === 'number') limits[name] = value;
  }
  const features = [...adapter.features] as GPUFeatureName[];
  try {
    return await adapter.requestDevice({ label, requiredFeatures: features, requiredLimits: limits });
  } catch {
    // Some browsers list limits that they do not take as a wish; a second request on the same adapter is allowed
    // because the first one failed before it used the adapter up.
    return await adapter.requestDevice({
      label,
      requiredFeatures: COMPUTE_FEATURES.filter((name) => adapter.features.has(name)),
      requiredLimits: Object.fromEntries(COMPUTE_LIMITS.map((name) => [name, adapter.limits[name]])),
    });
  }
}

/** The driver’s answer, or an error after ANSWER_MS: a driver that hangs never answers. @param drop frees a late answer. */
function inTime<T>(asked: Promise<T>, drop: (late: T) => void = () => {}): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      asked.then(drop, () => {});
      reject(new Error(`no answer in ${ANSWER_MS / 1000} s`));
    }, ANSWER_MS);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function lackingLimit(limits: GPUSupportedLimits): string | null {
  if (limits.maxStorageBuffersPerShaderStage < NEEDED_STORAGE_BUFFERS) {
    return `${limits.maxStorageBuffersPerShaderStage} storage buffers a stage, ${NEEDED_STORAGE_BUFFERS} are needed`;
  }
  const bytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  if (bytes < NEEDED_BINDING_BYTES) {
    return `${Math.floor(bytes / 2 ** 20)} MiB a buffer, ${NEEDED_BINDING_BYTES / 2 ** 20} are needed`;
  }
  return null;
}

function nameOf(info: GPUAdapterInfo): string {
  const name = info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' ');
  return name || 'unnamed adapter';
}

function none(reason: string): NoDevice {
  return { kind: 'none', reason };
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
