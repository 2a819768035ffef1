/**
 * A coarse person probability (BlazePose's, 256 px inside) made to follow the photo's own edges: colour guided filter
 * fitted at reduced size, applied at full size, then the largest component without small holes.
 */
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { photoRectangle, type SquareMapping } from '../geometry/keypoints.ts';
import { fillHoles, largestComponent } from './binary-image.ts';
import { applyGuidedModelSteps, fitGuidedFilterSteps } from './guided-filter.ts';
import { withoutOthers } from './other-people.ts';

/** Side at which the filter is fitted, px; canvas / 4. */
const FIT_SIDE = 512;
/** Window radius in fit px: 24 px of the canvas, the error of the coarse mask. */
const RADIUS = 6;
/** Colour variance below which edges are ignored; [0, 1] units squared. */
const EPSILON = 1e-4;
/** The filter's answer is softer than a photo's outline: so many times steeper about one half, as in matte-detail.ts. */
const STEEPER = 2.5;
/** Holes up to this area are filled, canvas px; larger ones are real (between arm and body). */
const MAX_HOLE_PX = 2500;

/** Mean over square blocks of the canvas, planar in [0, 1]. */
function reduceToPlanes(photo: RgbaImage, side: number): [Float32Array, Float32Array, Float32Array] {
  const block = photo.width / side;
  const planes = [0, 1, 2].map(() => new Float32Array(side * side)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const weight = 1 / (255 * block * block);
  for (let y = 0; y < photo.height; y++) {
    const base = Math.floor(y / block) * side;
    for (let x = 0; x < photo.width; x++) {
      const i = base + Math.floor(x / block);
      const j = (y * photo.width + x) * 4;
      planes[0][i] += photo.data[j] * weight;
      planes[1][i] += photo.data[j + 1] * weight;
      planes[2][i] += photo.data[j + 2] * weight;
    }
  }
  return planes;
}

/** Bilinear resize of a grey picture to a square, in [0, 1]. */
function resizeMask(mask: GreyImage, side: number): Float32Array {
  const out = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    const v = Math.max(0, Math.min(mask.height - 1, ((y + 0.5) * mask.height) / side - 0.5));
    const y0 = Math.floor(v);
    const y1 = Math.min(mask.height - 1, y0 + 1);
    for (let x = 0; x < side; x++) {
      const u = Math.max(0, Math.min(mask.width - 1, ((x + 0.5) * mask.width) / side - 0.5));
      const x0 = Math.floor(u);
      const x1 = Math.min(mask.width - 1, x0 + 1);
      const upper =
        mask.data[y0 * mask.width + x0] * (x0 + 1 - u) + mask.data[y0 * mask.width + x1] * (u - x0);
      const lower =
        mask.data[y1 * mask.width + x0] * (x0 + 1 - u) + mask.data[y1 * mask.width + x1] * (u - x0);
      out[y * side + x] = (upper + (lower - upper) * (v - y0)) / 255;
    }
  }
  return out;
}

/**
 * Refines a person probability against the photo.
 *
 * @param photo 2048 x 2048 canvas picture.
 * @param mask  person probability 0..255 of the whole canvas, any size.
 * @param others 1 where a pixel is another person's (other-people.ts).
 * @returns 2048 x 2048 matte, new memory; soft at the outline.
 */
export function* segmentedMatteSteps(
  photo: RgbaImage,
  mapping: SquareMapping,
  mask: GreyImage,
  others: Uint8Array | null = null,
): Steps<GreyImage> {
  const guide = reduceToPlanes(photo, FIT_SIDE);
  yield;
  const weights = resizeMask(mask, FIT_SIDE);
  const model = yield* fitGuidedFilterSteps(guide, weights, FIT_SIDE, FIT_SIDE, RADIUS, EPSILON);
  const soft = yield* applyGuidedModelSteps(model, photo.data, CANVAS_SIZE, CANVAS_SIZE);

  const { left, top, right, bottom } = photoRectangle(mapping);
  const binary = new Uint8Array(CANVAS_SIZE * CANVAS_SIZE);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) binary[y * CANVAS_SIZE + x] = soft[y * CANVAS_SIZE + x] >= 0.5 ? 1 : 0;
  }
  withoutOthers(binary, others);
  yield;
  const largest = largestComponent({ width: CANVAS_SIZE, height: CANVAS_SIZE, data: binary });
  yield;
  const person = fillHoles(largest, MAX_HOLE_PX);
  yield;
  // Soft values only next to the outline, so that nothing outside the component comes back.
  const data = new Uint8Array(binary.length);
  for (let i = 0; i < data.length; i++) {
    const value = Math.round(Math.max(0, Math.min(1, (soft[i] - 0.5) * STEEPER + 0.5)) * 255);
    if (person.data[i]) data[i] = Math.max(128, value);
  }
  return { width: CANVAS_SIZE, height: CANVAS_SIZE, data };
}

export const segmentedMatte = atOnce(segmentedMatteSteps);
