/** The parts' crops on the canvas as the page knows them: by the corners in their reports. */
import type { PartReport } from '../digitizer/types.ts';
import { CROP_SIZES, type CropSize, KIND_OF_PART, type PartId } from '../geometry/body.ts';
import { type CanvasPoint, canvasFromCorners, cropFromCorners } from '../geometry/crop.ts';
import { type OnCanvas, THE_CANVAS } from './viewport.ts';

export type Point = CanvasPoint;

export function cropSize(part: PartId): CropSize {
  return CROP_SIZES[KIND_OF_PART[part]];
}

/** Canvas px from crop px (both as distances from the top-left corner of the picture). */
export function canvasFromCrop({ part, corners }: PartReport, x: number, y: number): Point {
  return canvasFromCorners(corners, cropSize(part), x, y);
}

/** Crop px from canvas px; the crop may not contain the point. */
export function cropFromCanvas({ part, corners }: PartReport, x: number, y: number): Point {
  return cropFromCorners(corners, cropSize(part), x, y);
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

/** Where a part's crop lies; the canvas itself without one. */
export function onCanvasOf(report: PartReport | undefined): OnCanvas {
  if (!report) return THE_CANVAS;
  const [[ax, ay], , , [dx, dy]] = report.corners;
  return {
    scale: Math.hypot(dx - ax, dy - ay) / cropSize(report.part).height || 1,
    canvasOf: (x, y) => canvasFromCrop(report, x, y),
    pictureOf: (x, y) => cropFromCanvas(report, x, y),
  };
}
