/**
 * Turns stage results into pictures for the inspector and for thumbnails. Pure: maps in, RGBA out. Those of the whole canvas
 * take a tenth of a second: they are written in steps.
 */
import { type GreyImage, type PlanarMap, planarMap, type RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { type Affine, CANVAS_SIZE, type CropSize } from '../geometry/body.ts';
import { canvasFromCrop } from '../geometry/crop.ts';

/** Pixels between two pauses. */
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
 * Depth as grey, near is bright: over the range that the figure has on this side, without the few pixels that stick out. A
 * range that both sides share leaves half of the greys to the other one, and burns out what is near.
 *
 * @param map [2, h, w], 0 (or 6, the coarse far value) = empty.
 */
export function* depthPictureSteps(map: PlanarMap, channel: number): Steps<RgbaImage> {
  const [, height, width] = map.shape;
  const plane = height * width;
  const filled = (value: number) => value > 0 && value < 6;
  const sample: number[] = [];
  for (let i = channel * plane; i < (channel + 1) * plane; i += 47) {
    if (filled(map.data[i])) sample.push(map.data[i]);
  }
  sample.sort((a, b) => a - b);
  const near = sample[Math.floor(sample.length * 0.02)] ?? 0;
  const far = sample[Math.floor(sample.length * 0.98)] ?? 1;
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
export const depthPicture = atOnce(depthPictureSteps);

/** Longer side of the whole photo as it is shown, px. */
export const WHOLE_PHOTO_PX = 1024;

/** A picture reduced to at most `longest` px a side, means of up to 16 pixels; new memory. */
export function reducedPicture(picture: RgbaImage, longest: number): RgbaImage {
  const step = Math.max(1, Math.max(picture.width, picture.height) / longest);
  const [width, height] = [Math.floor(picture.width / step), Math.floor(picture.height / step)];
  const taps = Math.min(4, Math.ceil(step));
  const out = blank(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let t = 0; t < taps * taps; t++) {
          const y = Math.floor((row + (Math.floor(t / taps) + 0.5) / taps) * step);
          const x = Math.floor((column + ((t % taps) + 0.5) / taps) * step);
          sum += picture.data[(y * picture.width + x) * 4 + c];
        }
        out.data[(row * width + column) * 4 + c] = sum / (taps * taps);
      }
    }
  }
  return out;
}

/** The person alone: the photo with the matte as its alpha, so that what was cut shows on any ground. */
export function* cutoutPictureSteps(photo: RgbaImage, matte: GreyImage): Steps<RgbaImage> {
  const data = photo.data.slice();
  for (let i = 0; i < matte.data.length; i++) {
    if (i % PIXELS_A_STEP === 0) yield;
    data[i * 4 + 3] = matte.data[i];
  }
  return { width: photo.width, height: photo.height, data };
}

/** Two greys on which black and white clothes both stand out; as on the page (scene/draw-picture.ts). */
const CHECKER = [118, 148] as const;

/** A picture with alpha over a checker of `cell` px; opaque, new memory. */
export function onChecker({ width, height, data }: RgbaImage, cell: number): RgbaImage {
  const picture = blank(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 4;
      const ground = CHECKER[(Math.floor(row / cell) + Math.floor(column / cell)) & 1];
      const alpha = data[at + 3] / 255;
      for (let c = 0; c < 3; c++) picture.data[at + c] = ground + (data[at + c] - ground) * alpha;
    }
  }
  return picture;
}

export function* mattePictureSteps(matte: GreyImage): Steps<RgbaImage> {
  const picture = blank(matte.width, matte.height);
  for (let i = 0; i < matte.data.length; i++) {
    if (i % PIXELS_A_STEP === 0) yield;
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
