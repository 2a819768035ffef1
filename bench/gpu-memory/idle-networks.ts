/**
 * Makes a software WebGPU stand in for a graphics card where memory is concerned: every buffer, pipeline and binding of
 * the network runtime is made for real, its compute dispatches are left out. Convolutions of a full-width chain would take
 * hours on a software adapter, and no allocation depends on their results.
 *
 * f16: software adapters lack `shader-f16`. The device then claims it, and `f16` becomes another name of f32 in the
 * runtime's shaders, so that they compile; buffers keep their f16 sizes, and nothing reads them, as nothing runs.
 */

export interface DispatchCounts {
  kept: number;
  dropped: number;
}

/** Our kernels label their passes, the network runtime does not. */
function isOurs(label: string): boolean {
  return label !== '';
}

/** From now on compute passes without a label do nothing. */
export function dropRuntimeDispatches(): DispatchCounts {
  const counts: DispatchCounts = { kept: 0, dropped: 0 };
  const begin = GPUCommandEncoder.prototype.beginComputePass;
  GPUCommandEncoder.prototype.beginComputePass = function (descriptor) {
    const pass = begin.call(this, descriptor);
    const dispatch = pass.dispatchWorkgroups.bind(pass);
    const ours = isOurs(pass.label);
    pass.dispatchWorkgroups = (...size) => {
      counts[ours ? 'kept' : 'dropped']++;
      if (ours) dispatch(...size);
    };
    if (!ours) pass.dispatchWorkgroupsIndirect = () => {};
    return pass;
  };
  return counts;
}

/** Devices opened from now on have WebGPU's guaranteed buffer limits, with `bindingBytes` a storage binding. */
export function limitDevices(bindingBytes: number): void {
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = function (descriptor = {}) {
    const requiredLimits = {
      ...descriptor.requiredLimits,
      maxStorageBufferBindingSize: bindingBytes,
      // 256 MiB is what WebGPU guarantees; a binding cannot be larger than its buffer.
      maxBufferSize: Math.max(bindingBytes, 256 * 2 ** 20),
    };
    return request.call(this, { ...descriptor, requiredLimits });
  };
}

/** Lets a device without `shader-f16` take f16 graphs, as long as none of their shaders runs. */
export function pretendHalfPrecision(device: GPUDevice): void {
  if (device.features.has('shader-f16')) return;
  const features = new Set([...device.features, 'shader-f16']);
  Object.defineProperty(device, 'features', { value: features });
  const create = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => {
    if (!/\benable f16;/.test(descriptor.code)) return create(descriptor);
    const code = descriptor.code
      .replace(/\benable f16;/, '')
      .replace(/(\d|\.)h\b/g, '$1f')
      .replace(/\bf16\b/g, 'f32');
    return create({ ...descriptor, code });
  };
}
