/**
 * A planar f32 map that lives where the kernels run: a GPUBuffer or ordinary memory.
 * Whoever receives a DeviceMap from a kernel or network owns it and calls dispose() once done; twice is harmless.
 */
import type { MapShape, PlanarMap } from '../base/images.ts';

export interface GpuMap {
  readonly kind: 'gpu';
  readonly shape: MapShape;
  /** f32, tightly packed, usage STORAGE | COPY_SRC | COPY_DST; may be longer than the map. */
  readonly buffer: GPUBuffer;
  dispose(): void;
}

export interface CpuMap extends PlanarMap {
  readonly kind: 'cpu';
  dispose(): void;
}

export type DeviceMap = GpuMap | CpuMap;

/** Wraps a map in ordinary memory; shares its data. */
export function cpuMap(map: PlanarMap): CpuMap {
  return { kind: 'cpu', shape: map.shape, data: map.data, dispose: () => {} };
}

export function shapeBytes(shape: MapShape): number {
  return shape[0] * shape[1] * shape[2] * 4;
}
