/** Where the crop of a part lies on the canvas: the one place that says so. */
import { type Affine, CANVAS_SIZE, type CropSize } from './body.ts';

export type CanvasPoint = readonly [x: number, y: number];

/** Canvas px from crop px; both are distances from the top-left corner, so that a pixel's centre is at a half. */
export function canvasFromCrop(
  imageFromPart: Affine,
  { height, width }: CropSize,
  x: number,
  y: number,
): CanvasPoint {
  const m = imageFromPart;
  const px = (2 * x - width) / CANVAS_SIZE;
  const py = (2 * y - height) / CANVAS_SIZE;
  return [
    ((m[0] * px + m[1] * py + m[2] + 1) * CANVAS_SIZE) / 2,
    ((m[3] * px + m[4] * py + m[5] + 1) * CANVAS_SIZE) / 2,
  ];
}

/** Top-left, top-right, bottom-right, bottom-left of the crop, canvas px. */
export function cropCorners(imageFromPart: Affine, crop: CropSize): readonly CanvasPoint[] {
  const { height, width } = crop;
  return [
    canvasFromCrop(imageFromPart, crop, 0, 0),
    canvasFromCrop(imageFromPart, crop, width, 0),
    canvasFromCrop(imageFromPart, crop, width, height),
    canvasFromCrop(imageFromPart, crop, 0, height),
  ];
}

/** As canvasFromCrop, from the corners alone: the crop is a turned rectangle. */
export function canvasFromCorners(
  [a, b, , d]: readonly CanvasPoint[],
  { height, width }: CropSize,
  x: number,
  y: number,
): CanvasPoint {
  const u = x / width;
  const v = y / height;
  return [a[0] + (b[0] - a[0]) * u + (d[0] - a[0]) * v, a[1] + (b[1] - a[1]) * u + (d[1] - a[1]) * v];
}

/** Crop px from canvas px; the crop may not contain the point. */
export function cropFromCorners(
  [a, b, , d]: readonly CanvasPoint[],
  { height, width }: CropSize,
  x: number,
  y: number,
): CanvasPoint {
  const ux = b[0] - a[0];
  const uy = b[1] - a[1];
  const vx = d[0] - a[0];
  const vy = d[1] - a[1];
  const det = ux * vy - uy * vx || 1;
  const px = x - a[0];
  const py = y - a[1];
  return [((px * vy - py * vx) / det) * width, ((ux * py - uy * px) / det) * height];
}
