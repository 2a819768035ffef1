/** Stage `photo`: a picture file to the square 2048 x 2048 canvas, and how the canvas maps back to photo pixels. */
import type { RgbaImage } from '../../base/images.ts';
import { orCancelled } from '../../base/steps.ts';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { type SquareMapping, squareMapping } from '../../geometry/keypoints.ts';
import { decodePhoto } from '../../intake/decode.ts';
import type { StageContext } from '../stage.ts';
import type { RunMode } from '../types.ts';

export interface PhotoResult {
  /** 2048 x 2048, replicate-padded; alpha as the photo had it. */
  readonly square: RgbaImage;
  readonly hasAlpha: boolean;
  /** Size of the photo as shown, px: the frame of its keypoints and of its mask. */
  readonly originalWidth: number;
  readonly originalHeight: number;
  readonly mapping: SquareMapping;
  readonly notices: readonly string[];
}

export async function runPhoto(file: Blob, mode: RunMode, context: StageContext): Promise<PhotoResult> {
  const decoded = await orCancelled(decodePhoto(file, context.signal), context.signal, 'photo');
  context.progress(0.5, 'resize to 2048 × 2048');
  // The original resizes without averaging, which makes large photos shimmer; robust mode averages first.
  const square = await context.kernels.squarePhoto(decoded.image, CANVAS_SIZE, mode === 'robust');
  return {
    square,
    hasAlpha: decoded.hasAlpha,
    originalWidth: decoded.originalWidth,
    originalHeight: decoded.originalHeight,
    notices: decoded.notices,
    mapping: squareMapping(decoded.originalWidth, decoded.originalHeight),
  };
}
