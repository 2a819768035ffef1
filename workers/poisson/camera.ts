/** The camera of a depth map. */
import { CANVAS_PX } from './abi.generated.mjs';
import type { OrientedCloud } from './types.ts';

/**
 * A pinhole camera over an image of CANVAS_PX x CANVAS_PX pixels with its principal point in the middle, looking down -z: a
 * pixel's centre lies at half steps.
 */
export interface DepthCamera {
  /** It stands at (0, 0, z), in the cloud's units. */
  readonly z: number;
  readonly focalPx: number;
}

/** From the image's middle to its side. */
export const HALF_PX = CANVAS_PX / 2;

/** Camera of the frame of 2K2K (Han et al., CVPR 2023): 50 degrees, its units. */
export const METHOD_CAMERA: DepthCamera = {
  z: 1 / 1.0367394227574303,
  focalPx: 1024 / Math.tan((25 * Math.PI) / 180),
};

/** Points looked at. */
const LOOKED_AT = 4000;

/** METHOD_CAMERA where the points lie on its pixels, else undefined. */
export const methodCameraOf = (cloud: OrientedCloud): DepthCamera | undefined =>
  liesOnPixels(cloud, METHOD_CAMERA) ? METHOD_CAMERA : undefined;

/** Whether the points lie on pixel centres of a camera: for a caller who does not know where a cloud comes from. */
export function liesOnPixels(
  { count, positions }: OrientedCloud,
  { z: height, focalPx }: DepthCamera,
): boolean {
  const step = Math.max(1, Math.floor(count / LOOKED_AT));
  let onCentre = 0;
  let looked = 0;
  for (let i = 0; i < count; i += step) {
    const z = height - positions[i * 3 + 2];
    if (z > 0.1) {
      const column = (positions[i * 3] / z) * focalPx;
      const row = (positions[i * 3 + 1] / z) * focalPx;
      // Centres lie at half steps from the canvas's middle.
      const offColumn = Math.abs(column - Math.floor(column) - 0.5);
      const offRow = Math.abs(row - Math.floor(row) - 0.5);
      if (offColumn < 0.1 && offRow < 0.1) onCentre++;
    }
    looked++;
  }
  return onCentre > 0.8 * looked;
}
