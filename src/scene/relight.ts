/**
 * Reads the method's coded normals, and relights them with one directional light: wrapped Lambert in linear light plus
 * a soft sky, so that the predicted shape alone makes the picture.
 */
import type { RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { CANVAS_SIZE, COARSE_SIZE } from '../geometry/body.ts';
import { codedSlopeScale } from '../geometry/depth-normals.ts';
import { srgbFromLinear } from './colour.ts';

export type Vector3 = readonly [x: number, y: number, z: number];

/** Clay under the light, linear; the page's --clay pulled toward grey. */
const ALBEDO: Vector3 = [0.56, 0.49, 0.435];
/** Bytes of a picture between two pauses. */
const PIXELS_A_STEP = 4 * 65_536;
/** Sky light from above, linear share. */
const SKY = 0.13;

/** Light direction from a point of the unit disc (the ball the person drags). */
export function lightFromDisc(x: number, y: number): Vector3 {
  return [x, y, Math.sqrt(Math.max(0, 1 - x * x - y * y))];
}

/**
 * How a picture codes its normals. The method stores slopes, (n + 1)/2 with x pointing left, both sides facing the
 * camera; `slopeScale` says how much flatter they are stored than they are (geometry/depth-normals.ts).
 */
export interface NormalCoding {
  readonly slopeScale: number;
  readonly side: 'front' | 'back';
}

export function canvasCoding(side: 'front' | 'back'): NormalCoding {
  return { slopeScale: codedSlopeScale(CANVAS_SIZE), side };
}

export const COARSE_CODING: NormalCoding = { slopeScale: codedSlopeScale(COARSE_SIZE), side: 'front' };

const isEmpty = (data: Uint8ClampedArray, i: number) =>
  data[i + 3] === 0 || data[i] + data[i + 1] + data[i + 2] < 3;

/**
 * Outward unit normal of one pixel: x to the right of the picture, y up, z to the camera (back normals have z < 0).
 * Null where the picture is empty (coded 0, 0, 0 or no alpha) and outside it.
 */
export function normalAt(
  coded: RgbaImage,
  coding: NormalCoding,
  column: number,
  row: number,
): Vector3 | null {
  if (column < 0 || row < 0 || column >= coded.width || row >= coded.height) return null;
  const i = (row * coded.width + column) * 4;
  const { data } = coded;
  if (isEmpty(data, i)) return null;
  const x = (127.5 - data[i]) * coding.slopeScale;
  const y = (data[i + 1] - 127.5) * coding.slopeScale;
  const z = data[i + 2] - 127.5;
  const length = (Math.hypot(x, y, z) || 1) * (coding.side === 'front' ? 1 : -1);
  return [x / length, y / length, z / length];
}

/** Angle between two unit vectors, degrees. */
export function angleDeg(a: Vector3, b: Vector3): number {
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  return (Math.acos(Math.min(1, Math.max(-1, dot))) * 180) / Math.PI;
}

/**
 * The relit picture, same size; pixels without a normal become transparent. The back is lit from behind, in the pixel grid
 * of the front: its picture is what stands there in a mirror.
 */
export function* relightSteps(coded: RgbaImage, coding: NormalCoding, light: Vector3): Steps<RgbaImage> {
  const { width, height, data } = coded;
  const target = new Uint8ClampedArray(data.length);
  const slope = coding.side === 'front' ? coding.slopeScale : -coding.slopeScale;
  for (let i = 0; i < data.length; i += 4) {
    if (i % PIXELS_A_STEP === 0) yield;
    if (isEmpty(data, i)) continue;
    const x = (127.5 - data[i]) * slope;
    const y = (data[i + 1] - 127.5) * slope;
    const z = data[i + 2] - 127.5;
    const scale = 1 / (Math.sqrt(x * x + y * y + z * z) || 1);
    const lambert = Math.max(0, ((x * light[0] + y * light[1] + z * light[2]) * scale + 0.12) / 1.12);
    const amount = lambert * 0.95 + SKY * (0.6 + 0.4 * y * scale);
    target[i] = srgbFromLinear(amount * ALBEDO[0]);
    target[i + 1] = srgbFromLinear(amount * ALBEDO[1]);
    target[i + 2] = srgbFromLinear(amount * ALBEDO[2]);
    target[i + 3] = 255;
  }
  return { width, height, data: target };
}
export const relight = atOnce(relightSteps);

/** Every `step`-th pixel each way. */
export function thinned({ width, height, data }: RgbaImage, step: number): RgbaImage {
  const [w, h] = [Math.floor(width / step), Math.floor(height / step)];
  const out = new Uint8ClampedArray(w * h * 4);
  for (let row = 0; row < h; row++) {
    for (let column = 0; column < w; column++) {
      const from = (row * step * width + column * step) * 4;
      for (let c = 0; c < 4; c++) out[(row * w + column) * 4 + c] = data[from + c];
    }
  }
  return { width: w, height: h, data: out };
}

/** Linear share 0..1 of a grey picture at one pixel, for weights; null outside. */
export function shareAt(grey: RgbaImage, column: number, row: number): number | null {
  if (column < 0 || row < 0 || column >= grey.width || row >= grey.height) return null;
  return grey.data[(row * grey.width + column) * 4] / 255;
}
