/**
 * Pictures of the stages whose result is no raster: joints, boxes, points, mesh. Small (the rail shows them), drawn
 * straight into pixels, nearest point first; the inspector draws the large versions itself.
 */
import type { RgbaImage } from '../base/images.ts';
import { type Affine, CANVAS_SIZE, CROP_SIZES, KIND_OF_PART, PART_IDS } from '../geometry/body.ts';
import { cropCorners } from '../geometry/crop.ts';

/** Square window of the canvas, px. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

export const WHOLE_CANVAS: Window = { left: 0, top: 0, side: CANVAS_SIZE };

/** Room around the figure, share of its longer side. */
const MARGIN = 0.06;

/** Smallest square around the foreground, with some room; the whole canvas when there is none. */
export function figureWindow(matte: { readonly data: Uint8Array; readonly width: number }): Window {
  let left = CANVAS_SIZE;
  let right = -1;
  let top = -1;
  let bottom = -1;
  for (let row = 0; row < CANVAS_SIZE; row += 4) {
    for (let column = 0; column < CANVAS_SIZE; column += 4) {
      if (matte.data[row * matte.width + column] < 128) continue;
      if (top < 0) top = row;
      bottom = row;
      if (column < left) left = column;
      if (column > right) right = column;
    }
  }
  if (right < left) return WHOLE_CANVAS;
  const side = Math.min(CANVAS_SIZE, Math.max(right - left, bottom - top) * (1 + 2 * MARGIN));
  const place = (from: number, to: number) =>
    Math.min(Math.max(0, (from + to - side) / 2), CANVAS_SIZE - side);
  return { left: place(left, right), top: place(top, bottom), side };
}

/** Cuts and shrinks a canvas-wide picture of any resolution to `size` px, averaging. */
export function cutOut(picture: RgbaImage, window: Window, size: number): RgbaImage {
  const data = new Uint8ClampedArray(size * size * 4);
  const scale = picture.width / CANVAS_SIZE;
  const step = (window.side * scale) / size;
  const taps = Math.max(1, Math.min(4, Math.floor(step)));
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let t = 0; t < taps * taps; t++) {
          const y = Math.floor(window.top * scale + (row + (Math.floor(t / taps) + 0.5) / taps) * step);
          const x = Math.floor(window.left * scale + (column + ((t % taps) + 0.5) / taps) * step);
          sum += picture.data[(y * picture.width + x) * 4 + c];
        }
        data[(row * size + column) * 4 + c] = sum / (taps * taps);
      }
    }
  }
  return { width: size, height: size, data };
}

type Rgb = readonly [number, number, number];

/** Warm white of the page's light. */
const JOINT_COLOUR: Rgb = [236, 234, 230];
const KIND_COLOUR: Readonly<Record<string, Rgb>> = {
  face: [240, 196, 110],
  upper: [228, 163, 122],
  arm: [136, 180, 224],
  leg: [150, 204, 150],
  foot: [204, 164, 220],
};

function paintDot(picture: RgbaImage, x: number, y: number, radius: number, colour: Rgb): void {
  const { width, height, data } = picture;
  for (let row = Math.max(0, Math.ceil(y - radius)); row <= Math.min(height - 1, y + radius); row++) {
    for (
      let column = Math.max(0, Math.ceil(x - radius));
      column <= Math.min(width - 1, x + radius);
      column++
    ) {
      data.set(colour, (row * width + column) * 4);
    }
  }
}

function paintLine(picture: RgbaImage, from: readonly number[], to: readonly number[], colour: Rgb): void {
  const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]));
  for (let i = 0; i <= steps; i++) {
    const t = i / Math.max(1, steps);
    paintDot(picture, from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t, 0.5, colour);
  }
}

const dimmed = (picture: RgbaImage): RgbaImage => ({
  ...picture,
  data: picture.data.map((v, i) => (i % 4 === 3 ? v : v * 0.4)),
});

const placed = (window: Window, size: number, x: number, y: number): [number, number] => [
  ((x - window.left) * size) / window.side,
  ((y - window.top) * size) / window.side,
];

/** Joints as dots on the dimmed photo. @param background from cutOut. */
export function posePicture(background: RgbaImage, keypoints: Float64Array, window: Window): RgbaImage {
  const picture = dimmed(background);
  for (let i = 0; i < keypoints.length; i += 3) {
    const [x, y] = placed(window, picture.width, keypoints[i], keypoints[i + 1]);
    paintDot(picture, x, y, 2, JOINT_COLOUR);
  }
  return picture;
}

/** The twelve boxes on the dimmed photo, in the colours of their networks. */
export function partsPicture(
  background: RgbaImage,
  imageFromPart: readonly Affine[],
  window: Window,
): RgbaImage {
  const picture = dimmed(background);
  for (const [index, part] of PART_IDS.entries()) {
    const kind = KIND_OF_PART[part];
    const corners = cropCorners(imageFromPart[index], CROP_SIZES[kind]).map(([x, y]) =>
      placed(window, picture.width, x, y),
    );
    for (let i = 0; i < 4; i++) paintLine(picture, corners[i], corners[(i + 1) % 4], KIND_COLOUR[kind]);
  }
  return picture;
}

export interface Points {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  /** sRGB, 3 per point; absent: clay under one light. */
  readonly colours?: Uint8Array;
}

/** Light from the upper left, towards the viewer; unit length. */
const LIGHT: Rgb = [-0.4, 0.55, 0.733];
const CLAY: Rgb = [214, 200, 184];
/** Turns the figure about its axis so that it reads as solid. */
const TURN_RAD = 0.6;

/** Points or vertices seen from three quarters, orthographic, nearest wins. */
export function solidPicture(points: Points, size: number, every: number): RgbaImage {
  const { positions, normals, colours } = points;
  const data = new Uint8ClampedArray(size * size * 4);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  const nearest = new Float32Array(size * size).fill(Number.NEGATIVE_INFINITY);
  const cos = Math.cos(TURN_RAD);
  const sin = Math.sin(TURN_RAD);
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  const stride = 3 * Math.max(1, every);
  const across = (i: number) => positions[i] * cos + positions[i + 2] * sin;
  for (let i = 0; i < positions.length; i += stride) {
    const x = across(i);
    const y = positions[i + 1];
    low[0] = Math.min(low[0], x);
    high[0] = Math.max(high[0], x);
    low[1] = Math.min(low[1], y);
    high[1] = Math.max(high[1], y);
  }
  const scale = (size * (1 - 2 * MARGIN)) / Math.max(high[0] - low[0], high[1] - low[1], 1e-9);
  for (let i = 0; i < positions.length; i += stride) {
    const depth = positions[i + 2] * cos - positions[i] * sin;
    const column = Math.floor(size / 2 + (across(i) - (low[0] + high[0]) / 2) * scale);
    const row = Math.floor(size / 2 - (positions[i + 1] - (low[1] + high[1]) / 2) * scale);
    const pixel = row * size + column;
    if (row < 0 || column < 0 || row >= size || column >= size || depth <= nearest[pixel]) continue;
    nearest[pixel] = depth;
    const nx = normals[i] * cos + normals[i + 2] * sin;
    const nz = normals[i + 2] * cos - normals[i] * sin;
    const light = colours
      ? 1
      : 0.25 + 0.75 * Math.max(0, nx * LIGHT[0] + normals[i + 1] * LIGHT[1] + nz * LIGHT[2]);
    for (let c = 0; c < 3; c++) data[pixel * 4 + c] = (colours ? colours[i + c] : CLAY[c]) * light;
  }
  return { width: size, height: size, data };
}
