/**
 * A matting network's coarse answer made to follow the photo's own edges at full size: a colour guided filter (He and Sun
 * 2015) fitted on a grid of a few px and applied at every px of the crop. Where the coarse answer is sure all around, it
 * stays; the filter only has a say along the outline, so that a dark sock before a dark floor is not given away.
 */
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { photoRectangle, type SquareMapping } from '../geometry/keypoints.ts';
import { type BinaryImage, dilate, fillHoles, label } from './binary-image.ts';
import { fitGuidedFilterSteps, type GuidedModel } from './guided-filter.ts';
import { type CropAlpha, type CropBox, cropOfPhoto } from './matte-network.ts';

/** Cells of the fit for one cell of the answer. */
const FIT = 2;
/** Window radius in cells of the fit: 3 cells of the answer, what the outline of that may be off. */
const RADIUS = 6;
/**
 * The filter's answer is as soft as a cell, 5 canvas px; a photo's outline is 2 px wide. So it is made this many times
 * steeper about one half. Alpha error of the true matte at the network's size, brought to the canvas: 2.96e-3 as it was,
 * 0.6e-3 so (bench/intake.md); more gains nothing and costs strands of hair.
 */
const STEEPER = 2.5;
/** Colour variance below which edges are ignored; [0, 1] units squared. */
const EPSILON = 3e-4;
/** Surer than this within SURE_REACH cells of the answer: not asked again. */
const SURE = 0.97;
const SURE_REACH = 2;
/** Holes up to this area are filled, canvas px; larger ones are real (between arm and body). */
const MAX_HOLE_PX = 400;
/** Soft values reach this far beyond what was kept, canvas px: strands and blur. */
const SOFT_PX = 10;
/** Pieces apart from the largest count when they are this large (share of it), and sure on average. */
const MIN_PIECE_SHARE = 0.0008;
const MIN_PIECE_ALPHA = 0.8;

/** Bilinear enlargement of a plane, pixel centres at half steps. */
function enlarged(plane: Float32Array, width: number, height: number, toWidth: number, toHeight: number) {
  const out = new Float32Array(toWidth * toHeight);
  for (let y = 0; y < toHeight; y++) {
    const v = Math.max(0, Math.min(height - 1, ((y + 0.5) * height) / toHeight - 0.5));
    const top = Math.min(height - 2, Math.floor(v));
    for (let x = 0; x < toWidth; x++) {
      const u = Math.max(0, Math.min(width - 1, ((x + 0.5) * width) / toWidth - 0.5));
      const left = Math.min(width - 2, Math.floor(u));
      const [fx, fy] = [u - left, v - top];
      const i = top * width + left;
      const upper = plane[i] * (1 - fx) + plane[i + 1] * fx;
      const lower = plane[i + width] * (1 - fx) + plane[i + width + 1] * fx;
      out[y * toWidth + x] = upper + (lower - upper) * fy;
    }
  }
  return out;
}

/** Smallest (or largest) value within `reach` cells. */
function extreme(plane: Float32Array, width: number, height: number, reach: number, least: boolean) {
  const pick = least ? Math.min : Math.max;
  const across = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let value = plane[y * width + x];
      for (let k = Math.max(0, x - reach); k <= Math.min(width - 1, x + reach); k++) {
        value = pick(value, plane[y * width + k]);
      }
      across[y * width + x] = value;
    }
  }
  const out = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let value = across[y * width + x];
      for (let k = Math.max(0, y - reach); k <= Math.min(height - 1, y + reach); k++) {
        value = pick(value, across[k * width + x]);
      }
      out[y * width + x] = value;
    }
  }
  return out;
}

/** The planes of a model and what is sure, read along one canvas row. */
interface Row {
  readonly planes: readonly Float32Array[];
  readonly line: readonly Float32Array[];
}

function blendRows({ planes, line }: Row, width: number, top: number, share: number): void {
  planes.forEach((plane, k) => {
    const [a, b] = [top * width, (top + 1) * width];
    for (let x = 0; x < width; x++) line[k][x] = plane[a + x] * (1 - share) + plane[b + x] * share;
  });
}

/** The part of the box that lies in the photo, canvas px. */
interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function windowOf(box: CropBox, mapping: SquareMapping): Window {
  const inside = photoRectangle(mapping);
  const left = Math.max(inside.left, box.left);
  const top = Math.max(inside.top, box.top);
  const right = Math.min(inside.right, box.left + box.width);
  const bottom = Math.min(inside.bottom, box.top + box.height);
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

/** Applies the model inside the window; [height, width] of it. */
function* applied(
  model: GuidedModel,
  surelyIn: Float32Array,
  surelyOut: Float32Array,
  photo: RgbaImage,
  box: CropBox,
  window: Window,
): Steps<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(window.width * window.height);
  const planes = [model.red, model.green, model.blue, model.offset, surelyIn, surelyOut];
  const row: Row = { planes, line: planes.map(() => new Float32Array(model.width)) };
  const [r, g, b, o, least, most] = row.line;
  const last = { x: model.width - 1, y: model.height - 1 };
  for (let line = 0; line < window.height; line++) {
    const y = window.top + line;
    yield;
    const v = Math.max(0, Math.min(last.y, ((y + 0.5 - box.top) * model.height) / box.height - 0.5));
    const top = Math.min(last.y - 1, Math.floor(v));
    blendRows(row, model.width, top, v - top);
    for (let column = 0; column < window.width; column++) {
      const x = window.left + column;
      const u = Math.max(0, Math.min(last.x, ((x + 0.5 - box.left) * model.width) / box.width - 0.5));
      const k = Math.min(last.x - 1, Math.floor(u));
      const f = u - k;
      const i = line * window.width + column;
      const low = least[k] + (least[k + 1] - least[k]) * f;
      const high = most[k] + (most[k + 1] - most[k]) * f;
      if (high <= 1 - SURE) continue;
      if (low >= SURE) {
        out[i] = 255;
        continue;
      }
      const j = (y * photo.width + x) * 4;
      const value =
        ((r[k] + (r[k + 1] - r[k]) * f) * photo.data[j] +
          (g[k] + (g[k + 1] - g[k]) * f) * photo.data[j + 1] +
          (b[k] + (b[k + 1] - b[k]) * f) * photo.data[j + 2]) /
          255 +
        o[k] +
        (o[k + 1] - o[k]) * f;
      out[i] = Math.round(255 * Math.max(0, Math.min(1, (value - 0.5) * STEEPER + 0.5)));
    }
  }
  return out;
}

/** Whole pieces: the largest, and others that are large and sure; small holes filled. */
function* pieces(soft: Uint8Array, width: number, height: number): Steps<BinaryImage> {
  const binary: BinaryImage = { width, height, data: soft.map((v) => (v >= 128 ? 1 : 0)) };
  const labelled = label(binary, 1, true);
  const { components } = labelled;
  const index = labelled.indices();
  yield;
  const sum = new Float64Array(components.length);
  for (let i = 0; i < index.length; i++) if (index[i] >= 0) sum[index[i]] += soft[i];
  const largest = components.reduce((most, { area }) => Math.max(most, area), 0);
  const data = new Uint8Array(soft.length);
  labelled.paint(
    data,
    1,
    ({ area }, k) =>
      area === largest || (area >= MIN_PIECE_SHARE * largest && sum[k] >= MIN_PIECE_ALPHA * 255 * area),
  );
  yield;
  return fillHoles({ width, height, data }, MAX_HOLE_PX);
}

/**
 * @param photo the canvas. @param coarse the network's answer for a box of it; stays the caller's.
 * @returns the matte on the canvas, new memory; soft along the outline, 0 outside the photo.
 */
export function* detailedMatteSteps(
  photo: RgbaImage,
  mapping: SquareMapping,
  coarse: CropAlpha,
): Steps<GreyImage> {
  const size = { width: coarse.width * FIT, height: coarse.height * FIT };
  const guide = cropOfPhoto(photo, coarse.box, size);
  yield;
  const cells = size.width * size.height;
  const planes = [0, 1, 2].map((k) => guide.subarray(k * cells, (k + 1) * cells));
  const grow = (plane: Float32Array) => enlarged(plane, coarse.width, coarse.height, size.width, size.height);
  const mask = grow(coarse.alpha);
  yield;
  const [red, green, blue] = planes;
  const model = yield* fitGuidedFilterSteps(
    [red, green, blue],
    mask,
    size.width,
    size.height,
    RADIUS,
    EPSILON,
  );
  const least = grow(extreme(coarse.alpha, coarse.width, coarse.height, SURE_REACH, true));
  const most = grow(extreme(coarse.alpha, coarse.width, coarse.height, SURE_REACH, false));
  yield;
  const window = windowOf(coarse.box, mapping);
  const soft = yield* applied(model, least, most, photo, coarse.box, window);
  const person = yield* pieces(soft, window.width, window.height);
  yield;
  const near = dilate(person, SOFT_PX);
  yield;
  const data = new Uint8Array(photo.width * photo.height);
  for (let i = 0; i < soft.length; i++) {
    if (person.data[i]) soft[i] = Math.max(128, soft[i]);
    else if (soft[i] >= 128 || !near.data[i]) soft[i] = 0;
  }
  for (let y = 0; y < window.height; y++) {
    const row = soft.subarray(y * window.width, (y + 1) * window.width);
    data.set(row, (window.top + y) * photo.width + window.left);
  }
  return { width: photo.width, height: photo.height, data };
}

export const detailedMatte = atOnce(detailedMatteSteps);
