/** Turns stage results into pictures for the inspector and for thumbnails. Pure: maps in, RGBA out. */
import { type GreyImage, type PlanarMap, planarMap, type RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { type Affine, CANVAS_SIZE, type CropSize } from '../geometry/body.ts';
import { canvasFromCrop } from '../geometry/crop.ts';

/** Pixels between two pauses, in pictures of the whole canvas. */
const PIXELS_A_STEP = 2 ** 17;

function blank(width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width, height, data };
}

/** Coded normals (n + 1)/2 of three channels as RGB; exact 0 stays black. */
export function* normalsPictureSteps(map: PlanarMap, firstChannel: number): Steps<RgbaImage> {
  const [, height, width] = map.shape;
  const plane = height * width;
  const picture = blank(width, height);
  for (let start = 0; start < plane; start += PIXELS_A_STEP) {
    yield;
    const end = Math.min(plane, start + PIXELS_A_STEP);
    for (let c = 0; c < 3; c++) {
      const offset = (firstChannel + c) * plane;
      for (let i = start; i < end; i++) picture.data[i * 4 + c] = map.data[offset + i] * 255;
    }
  }
  return picture;
}
export const normalsPicture = atOnce(normalsPictureSteps);

/** Coded normals made unit length, three channels at a time; exact 0 (nothing there) stays 0. A new map. */
export function unitNormals(map: PlanarMap): PlanarMap {
  const [channels, height, width] = map.shape;
  const plane = height * width;
  const out = planarMap(map.shape);
  for (let first = 0; first + 2 < channels; first += 3) {
    for (let i = first * plane; i < (first + 1) * plane; i++) {
      const [a, b, c] = [map.data[i], map.data[i + plane], map.data[i + 2 * plane]];
      if (a === 0 && b === 0 && c === 0) continue;
      const [x, y, z] = [2 * a - 1, 2 * b - 1, 2 * c - 1];
      const length = Math.sqrt(x * x + y * y + z * z) || 1;
      out.data[i] = (x / length + 1) / 2;
      out.data[i + plane] = (y / length + 1) / 2;
      out.data[i + 2 * plane] = (z / length + 1) / 2;
    }
  }
  return out;
}

/** RGB of a network input in [-1, 1]. */
export function inputPicture(map: PlanarMap): RgbaImage {
  const [, height, width] = map.shape;
  const plane = height * width;
  const picture = blank(width, height);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane; i++) picture.data[i * 4 + c] = (map.data[c * plane + i] * 0.5 + 0.5) * 255;
  }
  return picture;
}

/** One channel of values in [0, 1] as grey. */
export function greyPicture(values: Float32Array, width: number, height: number): RgbaImage {
  const picture = blank(width, height);
  for (let i = 0; i < width * height; i++) {
    picture.data[i * 4] = picture.data[i * 4 + 1] = picture.data[i * 4 + 2] = values[i] * 255;
  }
  return picture;
}

/**
 * Depth as grey, near is bright. Both sides share one scale (robust range of the two maps), so they can be compared.
 *
 * @param map [2, h, w], 0 (or 6, the coarse far value) = empty.
 */
export function* depthPictureSteps(map: PlanarMap, channel: number): Steps<RgbaImage> {
  const [, height, width] = map.shape;
  const plane = height * width;
  const filled = (value: number) => value > 0 && value < 6;
  const sample: number[] = [];
  for (let i = 0; i < 2 * plane; i += 97) if (filled(map.data[i])) sample.push(map.data[i]);
  sample.sort((a, b) => a - b);
  const near = sample[Math.floor(sample.length * 0.01)] ?? 0;
  const far = sample[Math.floor(sample.length * 0.99)] ?? 1;
  const picture = blank(width, height);
  for (let i = 0; i < plane; i++) {
    if (i % PIXELS_A_STEP === 0) yield;
    const value = map.data[channel * plane + i];
    if (!filled(value)) continue;
    const grey = 40 + 215 * (1 - (value - near) / Math.max(far - near, 1e-6));
    picture.data[i * 4] = picture.data[i * 4 + 1] = picture.data[i * 4 + 2] = grey;
  }
  return picture;
}

/** The photo with the background black and the matte's edge kept soft. */
export function cutoutPicture(photo: RgbaImage, matte: GreyImage): RgbaImage {
  const picture = blank(photo.width, photo.height);
  for (let i = 0; i < matte.data.length; i++) {
    const alpha = matte.data[i] / 255;
    for (let c = 0; c < 3; c++) picture.data[i * 4 + c] = photo.data[i * 4 + c] * alpha;
  }
  return picture;
}

export function mattePicture(matte: GreyImage): RgbaImage {
  const picture = blank(matte.width, matte.height);
  for (let i = 0; i < matte.data.length; i++) {
    picture.data[i * 4] = picture.data[i * 4 + 1] = picture.data[i * 4 + 2] = matte.data[i];
  }
  return picture;
}

/** A channel of a canvas-wide map (any resolution), looked up nearest at every pixel of a part's crop. */
export function cropOfCanvas(
  values: PlanarMap,
  channel: number,
  crop: CropSize,
  imageFromPart: Affine,
): PlanarMap {
  const [, height, width] = values.shape;
  const out = planarMap([1, crop.height, crop.width]);
  for (let row = 0; row < crop.height; row++) {
    for (let column = 0; column < crop.width; column++) {
      const [u, v] = canvasFromCrop(imageFromPart, crop, column + 0.5, row + 0.5);
      const x = Math.floor((u * width) / CANVAS_SIZE);
      const y = Math.floor((v * height) / CANVAS_SIZE);
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      out.data[row * crop.width + column] = values.data[(channel * height + y) * width + x];
    }
  }
  return out;
}

export const depthPicture = atOnce(depthPictureSteps);
