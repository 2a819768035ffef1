/**
 * Counts every buffer made on the app's GPUDevice, whoever makes it: `device.createBuffer` is replaced by one that
 * counts, so onnxruntime's buffers are counted although it does not report them. A buffer counts from its creation to
 * destroy(), or until it is garbage collected, which frees it as well. Sizes are those asked for; what a
 * driver adds, and textures and pipelines (we make no textures), are not in it.
 */

/** Bytes by owner: our kernels' buffer pool, and everything else on the device (the network runtime). */
export interface DeviceBytes {
  readonly kernels: number;
  readonly runtime: number;
  /** Of peaks: the highest sum at one time, at most the sum of both peaks. */
  readonly all: number;
}

export interface DeviceMemory {
  readonly now: DeviceBytes;
  /** Most since the last resetPeak(). */
  readonly peak: DeviceBytes;
  resetPeak(): void;
}

class Counter implements DeviceMemory {
  /** Owner of the next buffer. */
  owner: 'kernels' | 'runtime' = 'runtime';
  private readonly held = { kernels: 0, runtime: 0 };
  private most = { kernels: 0, runtime: 0, all: 0 };
  private readonly collected = new FinalizationRegistry((release: () => void) => release());

  get now(): DeviceBytes {
    const { kernels, runtime } = this.held;
    return { kernels, runtime, all: kernels + runtime };
  }

  get peak(): DeviceBytes {
    return { ...this.most };
  }

  resetPeak(): void {
    this.most = { ...this.now };
  }

  add(buffer: GPUBuffer): void {
    const release = this.hold(buffer.size);
    this.collected.register(buffer, release);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      release();
      destroy();
    };
  }

  /**
   * Adds bytes and returns a function that subtracts them again, once. A scope of its own: closures of one scope share what they
   * hold, and this one is kept until the buffer is collected, so it must not reach the buffer.
   */
  private hold(bytes: number): () => void {
    const { owner, held, most } = this;
    held[owner] += bytes;
    most[owner] = Math.max(most[owner], held[owner]);
    most.all = Math.max(most.all, held.kernels + held.runtime);
    let live = true;
    return () => {
      if (live) held[owner] -= bytes;
      live = false;
    };
  }
}

const counters = new WeakMap<GPUDevice, Counter>();

/** Starts counting on a device; from then on its createBuffer counts. Calling it again gives the same counter. */
export function countDeviceMemory(device: GPUDevice): DeviceMemory {
  const known = counters.get(device);
  if (known) return known;
  const counter = new Counter();
  counters.set(device, counter);
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    counter.add(buffer);
    return buffer;
  };
  return counter;
}

/** createBuffer for our kernels: counted as theirs. On a device nobody counts it is plain createBuffer. */
export function createKernelBuffer(device: GPUDevice, descriptor: GPUBufferDescriptor): GPUBuffer {
  const counter = counters.get(device);
  if (!counter) return device.createBuffer(descriptor);
  counter.owner = 'kernels';
  try {
    return device.createBuffer(descriptor);
  } finally {
    counter.owner = 'runtime';
  }
}
