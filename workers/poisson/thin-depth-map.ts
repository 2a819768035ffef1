/**
 * Fewer points for a coarse grid. At depth 7 a cell is 14 pixels wide, and a depth map gives it 200 points a side; one
 * pixel in four along both axes still leaves a dozen, each standing for the area of 16 pixels. That makes the preview
 * several times faster and changes its surface by less than the grid does (README, "Preview").
 *
 * Only for complete depth maps: of other clouds nobody knows which points stand for which.
 */

import { type DepthCamera, HALF_PX } from './camera.ts';
import type { OrientedCloud } from './types.ts';

/** Kept pixels along a cell, at least. */
const PIXELS_A_CELL = 3.5;
const LARGEST_STEP = 8;
/** The kept points must be as many as the lattice promises, within this share. */
const TOLERANCE = 0.2;
/** Points that are looked at for the figure's size. */
const LOOKED_AT = 4096;

export interface ThinnedCloud {
  /** New arrays, or the same cloud where nothing is left out. */
  readonly cloud: OrientedCloud;
  /** Every step-th pixel of a row and every step-th row is kept. */
  readonly step: number;
}

/** @param cloud the pixels of depth maps of the camera. */
export function thinDepthMap(cloud: OrientedCloud, depth: number, camera: DepthCamera): ThinnedCloud {
  const step = stepFor(cloud, depth, camera);
  if (step < 2) return { cloud, step: 1 };
  const { count, positions } = cloud;
  const kept = new Uint32Array(Math.ceil((count / step ** 2) * (1 + TOLERANCE)));
  let found = 0;
  for (let i = 0; i < count; i++) {
    const z = camera.z - positions[i * 3 + 2];
    const column = Math.floor((positions[i * 3] / z) * camera.focalPx + HALF_PX);
    const row = Math.floor((positions[i * 3 + 1] / z) * camera.focalPx + HALF_PX);
    const isKept = column % step === 0 && row % step === 0;
    // What is not a number is kept too: the survey must find it.
    if (!isKept && Number.isFinite(column + row)) continue;
    if (found === kept.length) return { cloud, step: 1 };
    kept[found++] = i;
  }
  if (found < (count / step ** 2) * (1 - TOLERANCE)) return { cloud, step: 1 };
  return { cloud: takePoints(cloud, kept.subarray(0, found)), step };
}

function stepFor(
  { count, positions }: OrientedCloud,
  depth: number,
  { z: height, focalPx }: DepthCamera,
): number {
  const every = Math.max(1, Math.floor(count / LOOKED_AT));
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count; i += every) {
    for (let k = 0; k < 3; k++) {
      low[k] = Math.min(low[k], positions[i * 3 + k]);
      high[k] = Math.max(high[k], positions[i * 3 + k]);
    }
  }
  const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  const cellPx = ((extent / 2 ** depth) * focalPx) / (height - (low[2] + high[2]) / 2);
  return Math.min(LARGEST_STEP, Math.floor(cellPx / PIXELS_A_CELL));
}

function takePoints(cloud: OrientedCloud, kept: Uint32Array): OrientedCloud {
  const count = kept.length;
  const taken = {
    count,
    positions: new Float32Array(count * 3),
    normals: new Float32Array(count * 3),
    colours: new Uint8Array(count * 3),
    sides: new Uint8Array(count),
  };
  for (let to = 0; to < count; to++) {
    const i = kept[to];
    for (let k = 0; k < 3; k++) {
      taken.positions[to * 3 + k] = cloud.positions[i * 3 + k];
      taken.normals[to * 3 + k] = cloud.normals[i * 3 + k];
      taken.colours[to * 3 + k] = cloud.colours[i * 3 + k];
    }
    taken.sides[to] = cloud.sides[i];
  }
  return taken;
}
