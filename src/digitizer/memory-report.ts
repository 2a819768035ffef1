/** The memory lines of a run's report, from the counters of the device, the kernels, the runtime and the surface. */
import type { Engine } from './engine.ts';
import type { MemoryReport, SurfaceStats } from './types.ts';

/** Peaks begin anew: call at the start of a run. */
export function resetMemoryPeaks(engine: Engine): void {
  engine.kernels.resetPeak();
  engine.deviceMemory?.resetPeak();
}

/** @param stats of the surface; from an earlier run where the surface was reused. */
export function memoryReport(engine: Engine, stats: SurfaceStats): MemoryReport {
  const onGpu = engine.networkDevice.backend === 'webgpu';
  const device = engine.deviceMemory?.peak ?? null;
  return {
    kernelsPeakBytes: device ? device.kernels : engine.kernels.memory().peakBytes,
    runtimePeakBytes: onGpu && device ? device.runtime : engine.networks.heapBytes(),
    runtimeHeapBytes: engine.networks.heapBytes(),
    devicePeakBytes: device ? device.all : null,
    surfacePeakBytes: stats.peakBytes,
  };
}
