/**
 * The two clouds the original writes, from its own 16-bit depth pictures: front, eroded back, and seven rings that close
 * the side between them. All in f64, as the original computes them; nothing is dropped but empty pixels.
 * Work happens inside the figure's box: seven rings of the whole canvas would need 400 MB. Source: docs/method.md#side-fill.
 */
import { cloudFromCamera, NEAREST_Z, pixelTangents, rayDistance, unproject } from './camera.ts';
import { BACK_EROSIONS, erodedMask, SIDE_FILL_IDS, type SideFillId, sideFillClouds } from './points.ts';

/** 16-bit steps per px of depth, on the 2048 canvas. */
const STEPS_PER_PX = 32;

/** Rings reach 3 px outward; one empty px more keeps erosion and dilation as they are on the whole canvas. */
const BOX_MARGIN_PX = 5;

export type ReferenceCloudId = 'front' | 'back' | SideFillId;

/** Order of the point sets in the original's filled cloud. */
export const REFERENCE_CLOUD_IDS: readonly ReferenceCloudId[] = ['front', 'back', ...SIDE_FILL_IDS];

export interface PixelPoints {
  readonly id: ReferenceCloudId;
  /** Final frame (x right, y up, z to the camera), 3 per point, row-major pixel order. */
  readonly positions: Float64Array<ArrayBuffer>;
  /** Row-major pixel on the canvas each point came from. */
  readonly pixels: Uint32Array<ArrayBuffer>;
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

function figureBox(front: Uint16Array, back: Uint16Array, size: number): Box | null {
  let [top, bottom, left, right] = [size, -1, size, -1];
  for (let i = 0; i < front.length; i++) {
    if (front[i] === 0 && back[i] === 0) continue;
    const row = Math.floor(i / size);
    const column = i - row * size;
    if (row < top) top = row;
    bottom = row;
    if (column < left) left = column;
    if (column > right) right = column;
  }
  if (bottom < 0) return null;
  top = Math.max(0, top - BOX_MARGIN_PX);
  left = Math.max(0, left - BOX_MARGIN_PX);
  return {
    top,
    left,
    height: Math.min(size, bottom + BOX_MARGIN_PX + 1) - top,
    width: Math.min(size, right + BOX_MARGIN_PX + 1) - left,
  };
}

function depthInBox(steps: Uint16Array, box: Box, size: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(box.height * box.width);
  const perPx = STEPS_PER_PX * (2048 / size);
  for (let row = 0; row < box.height; row++) {
    const from = (box.top + row) * size + box.left;
    for (let column = 0; column < box.width; column++) {
      out[row * box.width + column] = steps[from + column] / perPx;
    }
  }
  return out;
}

function pointsOf(id: ReferenceCloudId, depthPx: Float64Array, box: Box, size: number): PixelPoints {
  const tangents = pixelTangents(size);
  let capacity = 0;
  for (let i = 0; i < depthPx.length; i++) if (depthPx[i] > 0) capacity++;
  const positions = new Float64Array(capacity * 3);
  const pixels = new Uint32Array(capacity);
  let count = 0;
  for (let i = 0; i < depthPx.length; i++) {
    if (!(depthPx[i] > 0)) continue;
    const row = box.top + Math.floor(i / box.width);
    const column = box.left + (i % box.width);
    const point = unproject(tangents[column], tangents[row], rayDistance(depthPx[i], size));
    if (!(point[2] > NEAREST_Z)) continue;
    positions.set(cloudFromCamera(point), 3 * count);
    pixels[count++] = row * size + column;
  }
  return { id, positions: positions.slice(0, 3 * count), pixels: pixels.slice(0, count) };
}

/**
 * @param front, back [size, size] depth pictures: depth in px x 32 on the 2048 canvas, 0 = empty; `back` not eroded.
 * @returns nine point sets in the order of REFERENCE_CLOUD_IDS; empty ones where nothing is there. The caller's.
 */
export function referenceClouds(front: Uint16Array, back: Uint16Array, size: number): PixelPoints[] {
  const box = figureBox(front, back, size);
  if (!box) {
    return REFERENCE_CLOUD_IDS.map((id) => ({
      id,
      positions: new Float64Array(0),
      pixels: new Uint32Array(0),
    }));
  }
  const near = depthInBox(front, box, size);
  const far = depthInBox(back, box, size);
  const inside = erodedMask(near, box.height, box.width, BACK_EROSIONS);
  for (let i = 0; i < far.length; i++) if (!inside[i]) far[i] = 0;
  const rings = sideFillClouds(near, far, box.height, box.width);
  const depthOf = (id: ReferenceCloudId) => (id === 'front' ? near : id === 'back' ? far : rings[id]);
  return REFERENCE_CLOUD_IDS.map((id) => pointsOf(id, depthOf(id), box, size));
}
