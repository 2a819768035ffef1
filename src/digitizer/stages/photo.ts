/** Stage `photo`: the square of the photo that the person stands in, as the 2048 x 2048 canvas. */
import type { RgbaImage } from '../../base/images.ts';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import type { CanvasCamera } from '../../geometry/framing.ts';
import { canvasFromPhoto, type SquareMapping } from '../../geometry/keypoints.ts';
import type { Point } from '../../intake/pose/region.ts';
import type { StageContext } from '../stage.ts';
import type { RunMode } from '../types.ts';
import type { FrameResult, PeopleResult, PhotoSource } from './frame.ts';

export interface PhotoResult {
  /** 2048 x 2048, replicate-padded; alpha as the photo had it. */
  readonly square: RgbaImage;
  readonly hasAlpha: boolean;
  /** Size of the photo as shown, px: the frame of its keypoints and of its mask. */
  readonly originalWidth: number;
  readonly originalHeight: number;
  readonly mapping: SquareMapping;
  /** Through which the canvas is seen. */
  readonly camera: CanvasCamera;
  /** Where the body is looked for, canvas px; null: the person has to be found. */
  readonly whom: { readonly hips: Point; readonly top: Point } | null;
  readonly notices: readonly string[];
}

export async function runPhoto(
  decoded: PhotoSource,
  frame: FrameResult,
  found: PeopleResult | null,
  mode: RunMode,
  context: StageContext,
): Promise<PhotoResult> {
  context.progress(0.7, `resize to ${CANVAS_SIZE} × ${CANVAS_SIZE}`);
  const { image, originalWidth, originalHeight } = decoded;
  const { mapping, camera, person } = frame;
  // The decoded picture may be a reduced one.
  const reduced = image.width / originalWidth;
  const padding = {
    side: Math.round((mapping.canvas / mapping.scale) * reduced),
    left: Math.round(mapping.offsetX * reduced),
    top: Math.round(mapping.offsetY * reduced),
  };
  // The original resizes without averaging, which makes large photos shimmer; robust mode averages first.
  const square =
    mode === 'reference'
      ? await context.kernels.squarePhoto(image, CANVAS_SIZE, false)
      : await context.kernels.squarePhoto(image, CANVAS_SIZE, true, padding);
  const onCanvas = ([x, y]: Point): Point => canvasFromPhoto(mapping, x / reduced, y / reduced);
  const chosen = person === null ? null : found?.people[person];
  return {
    square,
    hasAlpha: decoded.hasAlpha,
    originalWidth,
    originalHeight,
    mapping,
    camera,
    whom: chosen ? { hips: onCanvas(chosen.hips), top: onCanvas(chosen.top) } : null,
    notices: [...decoded.notices, ...(found?.notices ?? []), ...frame.notices],
  };
}
