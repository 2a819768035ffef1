/** Stage `photo`: the square of the photo that the person stands in, as the 2048 x 2048 canvas. */
import type { RgbaImage } from '../../base/images.ts';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import type { CanvasCamera } from '../../geometry/framing.ts';
import { canvasFromPhoto, photoRectangle, type SquareMapping } from '../../geometry/keypoints.ts';
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

/**
 * Beyond the photo's border its last pixels repeat, as streaks: a person who is cut off seems to go on there, and the pose
 * graphs see legs. Black instead, which they know from their own crops; in place.
 */
function coverOutside({ width, height, data }: RgbaImage, mapping: SquareMapping): void {
  const { left, top, right, bottom } = photoRectangle(mapping);
  const words = new Uint32Array(data.buffer, data.byteOffset, width * height);
  // Little-endian, as every browser is: alpha in the highest byte.
  const black = 0xff000000;
  words.fill(black, 0, top * width);
  words.fill(black, bottom * width);
  for (let y = top; y < bottom; y++) {
    words.fill(black, y * width, y * width + left);
    words.fill(black, y * width + right, (y + 1) * width);
  }
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
  if (mode === 'robust') coverOutside(square, mapping);
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
