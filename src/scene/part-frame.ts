/** Where a part's crop lies on the 2048 canvas, and back: its corners say it all (the crop is a turned rectangle). */
import type { PartReport } from '../digitizer/types.ts';
import { CROP_SIZES, type CropSize, KIND_OF_PART, type PartId } from '../geometry/body.ts';

export type Point = readonly [x: number, y: number];

export function cropSize(part: PartId): CropSize {
  return CROP_SIZES[KIND_OF_PART[part]];
}

/** Canvas px from crop px (both as distances from the top-left corner of the picture). */
export function canvasFromCrop(report: PartReport, x: number, y: number): Point {
  const { width, height } = cropSize(report.part);
  const [a, b, , d] = report.corners;
  const u = x / width;
  const v = y / height;
  return [a[0] + (b[0] - a[0]) * u + (d[0] - a[0]) * v, a[1] + (b[1] - a[1]) * u + (d[1] - a[1]) * v];
}

/** Crop px from canvas px; the crop may not contain the point. */
export function cropFromCanvas(report: PartReport, x: number, y: number): Point {
  const { width, height } = cropSize(report.part);
  const [a, b, , d] = report.corners;
  const ux = b[0] - a[0];
  const uy = b[1] - a[1];
  const vx = d[0] - a[0];
  const vy = d[1] - a[1];
  const det = ux * vy - uy * vx || 1;
  const px = x - a[0];
  const py = y - a[1];
  return [((px * vy - py * vx) / det) * width, ((ux * py - uy * px) / det) * height];
}

/** The smallest part whose box contains a canvas point; null between the boxes. */
export function partAt(reports: readonly PartReport[], x: number, y: number): PartId | null {
  let found: PartId | null = null;
  let foundArea = Number.POSITIVE_INFINITY;
  for (const report of reports) {
    const { width, height } = cropSize(report.part);
    const [cx, cy] = cropFromCanvas(report, x, y);
    const area = width * height * report.scale * report.scale;
    if (cx >= 0 && cy >= 0 && cx < width && cy < height && area < foundArea) {
      found = report.part;
      foundArea = area;
    }
  }
  return found;
}
