/**
 * A matting network of the visitor's own (U-2-Net, IS-Net, BiRefNet, MODNet) on the person's crop: the square around the
 * crop, in the network's own norm, and its answer as 0..1. Networks of this kind show whatever stands out, so what lies
 * far from the pose graphs' outline of the person is taken off.
 */
import type { RgbaImage } from '../base/images.ts';
import { photoRectangle, type SquareMapping } from '../geometry/keypoints.ts';
import { type MattingShape, NORMS } from '../networks/matting/matting-kind.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { type CropAlpha, type CropBox, cropOfPhoto, matteCropBox } from './matte-network.ts';

/** How far from the outline something may be a part of the person, share of the crop's height: 30 px of a usual figure. */
const NEAR = 0.016;
/** Of 255: what the outline is at least where a person may be. */
const PERHAPS = 40;

/** Runs the network on a picture [1, 3, height, width] or [1, height, width, 3]; gives the matte's values. */
export type RunMatting = (
  values: Float32Array<ArrayBuffer>,
  dims: readonly number[],
) => Promise<Float32Array<ArrayBuffer>>;

/** The crop made as wide, compared to its height, as the network's picture. */
function boxOfShape(box: CropBox, { width, height }: MattingShape): CropBox {
  const wide = Math.max(box.width, Math.ceil((box.height * width) / height));
  const high = Math.max(box.height, Math.ceil((wide * height) / width));
  return {
    left: box.left - Math.floor((wide - box.width) / 2),
    top: box.top - Math.floor((high - box.height) / 2),
    width: wide,
    height: high,
  };
}

function wholePhoto(mapping: SquareMapping): CropBox {
  const { left, top, right, bottom } = photoRectangle(mapping);
  return { left, top, width: right - left, height: bottom - top };
}

/** Changes the planes in place, and their order where the network wants channels last. */
export function normed(planes: Float32Array<ArrayBuffer>, shape: MattingShape): Float32Array<ArrayBuffer> {
  const { mean, deviation, byLargest } = NORMS[shape.kind];
  const plane = shape.width * shape.height;
  let largest = 1;
  if (byLargest) {
    largest = 1e-6;
    for (const value of planes) if (value > largest) largest = value;
  }
  const out = shape.channelsLast ? new Float32Array(planes.length) : planes;
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane; i++) {
      const value = (planes[c * plane + i] / largest - mean[c]) / deviation[c];
      out[shape.channelsLast ? i * 3 + c : c * plane + i] = value;
    }
  }
  return out;
}

/** Logits become probabilities; the saliency networks' answers are stretched to 0..1, as their authors do. */
export function asAlpha(values: Float32Array, { kind }: MattingShape): Float32Array<ArrayBuffer> {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const areLogits = low < -0.01 || high > 1.01;
  const stretch = kind !== 'modnet' && !areLogits && high - low > 0.2;
  return Float32Array.from(values, (value) => {
    if (areLogits) return 1 / (1 + Math.exp(-value));
    return stretch ? (value - low) / (high - low) : Math.max(0, Math.min(1, value));
  });
}

/** Takes off, in place, what is far from the outline. */
function keepNear(alpha: CropAlpha, { mask }: EstimatedPose, canvas: RgbaImage): void {
  if (!mask) return;
  const { box, width, height } = alpha;
  const reach = Math.max(1, Math.round(NEAR * height));
  const perhaps = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((box.top + ((y + 0.5) * box.height) / height) * mask.height) / canvas.height);
    if (row < 0 || row >= mask.height) continue;
    for (let x = 0; x < width; x++) {
      const column = Math.floor(((box.left + ((x + 0.5) * box.width) / width) * mask.width) / canvas.width);
      if (column < 0 || column >= mask.width) continue;
      perhaps[y * width + x] = mask.data[row * mask.width + column] >= PERHAPS ? 1 : 0;
    }
  }
  for (const across of [true, false]) {
    const source = perhaps.slice();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (!source[y * width + x]) continue;
        for (let k = -reach; k <= reach; k++) {
          const [column, row] = across ? [x + k, y] : [x, y + k];
          if (column >= 0 && row >= 0 && column < width && row < height) perhaps[row * width + column] = 1;
        }
      }
    }
  }
  for (let i = 0; i < perhaps.length; i++) if (!perhaps[i]) alpha.alpha[i] = 0;
}

/**
 * @param photo the canvas. @param detected null: the whole photo is shown to the network, and nothing is taken off.
 * @throws what `run` throws.
 */
export async function visitorMatting(
  photo: RgbaImage,
  mapping: SquareMapping,
  detected: EstimatedPose | null,
  shape: MattingShape,
  run: RunMatting,
): Promise<CropAlpha> {
  const { width, height } = shape;
  const box = boxOfShape(
    detected ? matteCropBox(detected, photo.width, photo.height) : wholePhoto(mapping),
    shape,
  );
  const values = normed(cropOfPhoto(photo, box, shape), shape);
  const answer = await run(values, shape.channelsLast ? [1, height, width, 3] : [1, 3, height, width]);
  const alpha: CropAlpha = { box, width, height, alpha: asAlpha(answer, shape) };
  if (detected) keepNear(alpha, detected, photo);
  return alpha;
}
