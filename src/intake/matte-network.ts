/**
 * The matte network's side of the intake: the crop around the person that it looks at, its four inputs (colours, and the
 * pose graphs' own outline), and its answer brought back to the canvas and made to follow the photo's edges.
 * The crop's numbers are those of the training (training/statuette_training/matte/detector.py): change both or none.
 */
import type { GreyImage, RgbaImage } from '../base/images.ts';
import type { EstimatedPose } from './estimated-pose.ts';

/** Input of the network, px. */
export const MATTE_CROP = { width: 256, height: 384 } as const;

/** The crop holds all of the outline above this; of 255. */
const SURE = 64;
/** Margin on every side, share of the height of what is inside. */
const MARGIN = 0.06;
/** Outline farther from the landmarks than this share of their height is another person's. */
const REACH = 0.15;
/** A dark crop is made so bright (99 of 100 pixels lie below, of 255), at most so many times. */
const LIGHT = 230;
const MOST_GAIN = 6;

/** A rectangle of the canvas, whole px, 2 : 3, perhaps beyond the canvas. */
export interface CropBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What a matting network says of a rectangle of the canvas: 0..1, row-major. */
export interface CropAlpha {
  readonly box: CropBox;
  readonly width: number;
  readonly height: number;
  readonly alpha: Float32Array<ArrayBuffer>;
}

interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

function landmarkBounds({ landmarks }: EstimatedPose, width: number, height: number): Bounds {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let i = 0; i < landmarks.length; i += 4) {
    const [x, y] = [landmarks[i] * width, landmarks[i + 1] * height];
    bounds.left = Math.min(bounds.left, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.right = Math.max(bounds.right, x);
    bounds.bottom = Math.max(bounds.bottom, y);
  }
  return bounds;
}

/** Where the network looks: around the person's landmarks and what of the outline lies near them. */
export function matteCropBox(detected: EstimatedPose, width: number, height: number): CropBox {
  const bounds = landmarkBounds(detected, width, height);
  const reach = (bounds.bottom - bounds.top) * REACH;
  const near = {
    left: bounds.left - reach,
    top: bounds.top - reach,
    right: bounds.right + reach,
    bottom: bounds.bottom + reach,
  };
  if (detected.mask) {
    const { mask } = detected;
    const [stepX, stepY] = [width / mask.width, height / mask.height];
    for (let y = 0; y < mask.height; y++) {
      if ((y + 1) * stepY < near.top || y * stepY > near.bottom) continue;
      for (let x = 0; x < mask.width; x++) {
        if (mask.data[y * mask.width + x] <= SURE) continue;
        if ((x + 1) * stepX < near.left || x * stepX > near.right) continue;
        bounds.left = Math.min(bounds.left, x * stepX);
        bounds.right = Math.max(bounds.right, (x + 1) * stepX);
        bounds.top = Math.min(bounds.top, y * stepY);
        bounds.bottom = Math.max(bounds.bottom, (y + 1) * stepY);
      }
    }
  }
  const tall = bounds.bottom - bounds.top;
  const inside = { width: bounds.right - bounds.left + 2 * MARGIN * tall, height: tall * (1 + 2 * MARGIN) };
  const wide = Math.max(inside.width, (inside.height * MATTE_CROP.width) / MATTE_CROP.height);
  const high = (wide * MATTE_CROP.height) / MATTE_CROP.width;
  return {
    left: Math.floor((bounds.left + bounds.right - wide) / 2),
    top: Math.floor((bounds.top + bounds.bottom - high) / 2),
    width: Math.ceil(wide),
    height: Math.ceil(high),
  };
}

/** Shares of source rows (or columns) that each target row covers: [first, count, weights...] in one list each. */
function coverage(from: number, length: number, cells: number, limit: number) {
  const step = length / cells;
  return Array.from({ length: cells }, (_, i) => {
    const [start, end] = [from + i * step, from + (i + 1) * step];
    const taps: [at: number, weight: number][] = [];
    for (let at = Math.floor(start); at < end; at++) {
      const weight = Math.min(end, at + 1) - Math.max(start, at);
      if (weight > 0) taps.push([Math.max(0, Math.min(limit - 1, at)), weight / step]);
    }
    return taps;
  });
}

/**
 * Means over the areas that the cells cover; beyond the photo its edge goes on.
 *
 * @returns planar RGB f32 [3, height, width] in [0, 1].
 */
export function cropOfPhoto(
  { width, height, data }: RgbaImage,
  box: CropBox,
  size: { readonly width: number; readonly height: number },
): Float32Array<ArrayBuffer> {
  const columns = coverage(box.left, box.width, size.width, width);
  const rows = coverage(box.top, box.height, size.height, height);
  const plane = size.width * size.height;
  const out = new Float32Array(3 * plane);
  const line = new Float32Array(3 * size.width);
  let lineOf = -1;
  for (let y = 0; y < size.height; y++) {
    for (const [row, share] of rows[y]) {
      if (row !== lineOf) {
        lineOf = row;
        for (let x = 0; x < size.width; x++) {
          let [r, g, b] = [0, 0, 0];
          for (const [column, weight] of columns[x]) {
            const j = (row * width + column) * 4;
            r += weight * data[j];
            g += weight * data[j + 1];
            b += weight * data[j + 2];
          }
          line[x] = r;
          line[size.width + x] = g;
          line[2 * size.width + x] = b;
        }
      }
      const weight = share / 255;
      for (let channel = 0; channel < 3; channel++) {
        const to = channel * plane + y * size.width;
        const from = channel * size.width;
        for (let x = 0; x < size.width; x++) out[to + x] += weight * line[from + x];
      }
    }
  }
  return out;
}

/** The outline in the box, bilinear, 0 beyond the canvas; [0, 1]. */
function cropOfOutline(
  mask: GreyImage,
  box: CropBox,
  canvas: { readonly width: number; readonly height: number },
  out: Float32Array,
): void {
  const { width, height } = MATTE_CROP;
  const clamp = (v: number, most: number) => Math.max(0, Math.min(most, v));
  for (let y = 0; y < height; y++) {
    const canvasY = box.top + ((y + 0.5) * box.height) / height;
    if (canvasY < 0 || canvasY > canvas.height) continue;
    const v = clamp((canvasY * mask.height) / canvas.height - 0.5, mask.height - 1);
    const top = Math.min(mask.height - 2, Math.floor(v));
    for (let x = 0; x < width; x++) {
      const canvasX = box.left + ((x + 0.5) * box.width) / width;
      if (canvasX < 0 || canvasX > canvas.width) continue;
      const u = clamp((canvasX * mask.width) / canvas.width - 0.5, mask.width - 1);
      const left = Math.min(mask.width - 2, Math.floor(u));
      const [fx, fy] = [u - left, v - top];
      const i = top * mask.width + left;
      const upper = mask.data[i] * (1 - fx) + mask.data[i + 1] * fx;
      const lower = mask.data[i + mask.width] * (1 - fx) + mask.data[i + mask.width + 1] * fx;
      out[y * width + x] = (upper + (lower - upper) * fy) / 255;
    }
  }
}

/** A dark crop, planar RGB in [0, 1], made as bright as others are; in place. */
function level(planes: Float32Array): void {
  const plane = planes.length / 3;
  const counts = new Uint32Array(256);
  for (let i = 0; i < plane; i++) {
    const most = Math.max(planes[i], planes[plane + i], planes[2 * plane + i]);
    counts[Math.min(255, Math.round(255 * most))]++;
  }
  let light = 255;
  for (let above = counts[255]; light > 1 && above < 0.01 * plane; ) above += counts[--light];
  const gain = Math.min(MOST_GAIN, LIGHT / light);
  if (gain <= 1) return;
  for (let i = 0; i < planes.length; i++) planes[i] = Math.min(1, planes[i] * gain);
}

/** @returns what the network is asked: [1, 4, 384, 256], colours (of a dark photo brighter) and outline, 0..1. */
export function matteNetworkInput(
  photo: RgbaImage,
  detected: EstimatedPose,
  box: CropBox,
): Float32Array<ArrayBuffer> {
  const plane = MATTE_CROP.width * MATTE_CROP.height;
  const out = new Float32Array(4 * plane);
  out.set(cropOfPhoto(photo, box, MATTE_CROP));
  level(out.subarray(0, 3 * plane));
  if (detected.mask) cropOfOutline(detected.mask, box, photo, out.subarray(3 * plane));
  return out;
}
