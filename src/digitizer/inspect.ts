/**
 * Serves the inspector: pictures, float maps and single pixels of a run's results. Nothing here changes a result; how a
 * stage is drawn is in its descriptor.
 */
import { type PlanarMap, planarMap, type RgbaImage } from '../base/images.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { codedSlopeScale } from '../geometry/depth-normals.ts';
import type { DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import type { PictureDrawer, RunResults } from './stage.ts';
import { STAGES } from './stages.ts';
import { type MapName, PICTURE_STAGES, type PictureKind, type PictureRequest, readMapName } from './types.ts';

/** @returns null when the stage the picture belongs to has not come so far. */
export async function pictureOf(
  request: PictureRequest,
  results: RunResults,
  kernels: KernelSet,
): Promise<RgbaImage | null> {
  const pictures = STAGES.get(PICTURE_STAGES[request.kind])?.pictures as
    | Readonly<Record<string, PictureDrawer<PictureKind>>>
    | undefined;
  return pictures?.[request.kind](results, kernels, request) ?? null;
}

/** A float map; a copy, the caller's to transfer. */
export async function mapOf(
  name: MapName,
  results: RunResults,
  kernels: KernelSet,
): Promise<PlanarMap | null> {
  const { kind, part } = readMapName(name);
  for (const descriptor of STAGES.values()) {
    const read = 'maps' in descriptor ? descriptor.maps?.[kind] : undefined;
    if (!read) continue;
    const map = await read(results, kernels, part);
    if (!map) return null;
    if (!('kind' in map)) return map;
    const plain = await kernels.download(map);
    return map.kind === 'cpu' ? planarMap(plain.shape, plain.data.slice()) : plain;
  }
  return null;
}

/** Unit normals out of the body: x right, y up, z to the camera. Depths in canvas px along the ray. */
export interface PixelReading {
  readonly frontNormal: readonly [number, number, number];
  readonly backNormal: readonly [number, number, number];
  readonly frontDepthPx: number;
  readonly backDepthPx: number;
}

/** Last downloads for the probe, so that moving the pointer does not read 128 MiB from the GPU each time. */
const probed = new WeakMap<DeviceMap, Promise<PlanarMap>>();

export function downloadOnce(map: DeviceMap, kernels: KernelSet): Promise<PlanarMap> {
  let copy = probed.get(map);
  if (!copy) {
    copy = kernels.download(map);
    probed.set(map, copy);
    // What failed once may succeed when the pointer moves on.
    copy.catch(() => probed.delete(map));
  }
  return copy;
}

/** Values at one canvas pixel; null outside the figure or before the stage is done. */
export async function probeAt(
  row: number,
  column: number,
  results: RunResults,
  kernels: KernelSet,
): Promise<PixelReading | null> {
  const { mergedNormals, fineDepth } = results;
  if (!mergedNormals || !fineDepth) return null;
  if (!(row >= 0 && row < CANVAS_SIZE && column >= 0 && column < CANVAS_SIZE)) return null;
  const [normals, depth] = await Promise.all([
    downloadOnce(mergedNormals, kernels),
    downloadOnce(fineDepth.depth, kernels),
  ]);
  const plane = CANVAS_SIZE * CANVAS_SIZE;
  const index = Math.floor(row) * CANVAS_SIZE + Math.floor(column);
  const front = depth.data[index];
  if (front <= 0) return null;
  // Coded normals hold slopes: x points left, and x and y are flatter than the surface by the coded slope scale.
  const steep = codedSlopeScale(CANVAS_SIZE);
  const decoded = (first: number, facing: 1 | -1): [number, number, number] => {
    const [x, y, z] = [0, 1, 2].map((c) => normals.data[(first + c) * plane + index] * 2 - 1);
    const n = [-x * steep, y * steep, z];
    const length = facing * (Math.hypot(...n) || 1);
    return [n[0] / length, n[1] / length, n[2] / length];
  };
  return {
    frontNormal: decoded(0, 1),
    backNormal: decoded(3, -1),
    frontDepthPx: front * 512,
    backDepthPx: depth.data[plane + index] * 512,
  };
}
