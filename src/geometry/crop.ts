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
