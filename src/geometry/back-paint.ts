/**
 * The far side as the back network paints it: what the network sees, and its answer brought to the canvas. It works on
 * cells of 8 x 8 px. Where it says that the front's texture fits, the photo's own pixels are taken, shifted so that
 * their mean around each place is the painted one: weave, knit and checks stay sharp, shadows and prints stay in front.
 * The numbers are those of the training (training/statuette_training/back/pairs.py): change both or none.
 */
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { atOnce, type Steps } from '../base/steps.ts';
import { bilinearAxis } from './bilinear-axis.ts';
import { emptyColours, pullPushSteps } from './pull-push.ts';

/** Cells along the canvas; also the network's input. */
export const PAINT_SIDE = 256;
const CELLS = PAINT_SIDE * PAINT_SIDE;
/** A cell belongs to the person from this share of its pixels on. */
const HALF = 0.5;
/** Texture comes from cells that lie so far inside: at the outline the photo mixes person and background. */
const WHOLE = 0.99;
/** Radius of the box means, three times over, whose difference shifts the photo's pixels, cells. */
const MEAN_RADIUS = 3;

/**
 * What the network sees.
 *
 * @param photo canvas picture, its side a multiple of PAINT_SIDE. @param matte the same size, person >= 128.
 * @returns planar f32 [4, 256, 256] in [0, 1]: mean colours of the person's pixels (0 where there are none), and the
 *   share of the cell that they are.
 */
export function* backCellsSteps(photo: RgbaImage, matte: GreyImage): Steps<Float32Array<ArrayBuffer>> {
  const step = photo.width / PAINT_SIDE;
  const out = new Float32Array(4 * CELLS);
  for (let y = 0; y < PAINT_SIDE; y++) {
    yield;
    for (let x = 0; x < PAINT_SIDE; x++) {
      let [r, g, b, n] = [0, 0, 0, 0];
      for (let dy = 0; dy < step; dy++) {
        for (let dx = 0; dx < step; dx++) {
          const i = (y * step + dy) * photo.width + x * step + dx;
          if (matte.data[i] < 128) continue;
          r += photo.data[i * 4];
          g += photo.data[i * 4 + 1];
          b += photo.data[i * 4 + 2];
          n++;
        }
      }
      if (n === 0) continue;
      const at = y * PAINT_SIDE + x;
      out[at] = r / n / 255;
      out[CELLS + at] = g / n / 255;
      out[2 * CELLS + at] = b / n / 255;
      out[3 * CELLS + at] = n / (step * step);
    }
  }
  return out;
}

export const backCells = atOnce(backCellsSteps);

/** Sums over 2 r + 1 cells along rows, then columns, in place; three times: close to a Gaussian. */
function* blur(plane: Float32Array, r: number): Steps<void> {
  const line = new Float32Array(PAINT_SIDE);
  for (let pass = 0; pass < 3; pass++) {
    for (const [along, across] of [
      [1, PAINT_SIDE],
      [PAINT_SIDE, 1],
    ]) {
      yield;
      for (let k = 0; k < PAINT_SIDE; k++) {
        const start = k * across;
        let sum = 0;
        for (let i = -r; i < PAINT_SIDE; i++) {
          if (i + r < PAINT_SIDE) sum += plane[start + (i + r) * along];
          if (i - r - 1 >= 0) sum -= plane[start + (i - r - 1) * along];
          if (i >= 0) line[i] = sum;
        }
        for (let i = 0; i < PAINT_SIDE; i++) plane[start + i * along] = line[i];
      }
    }
  }
}

/** By how much painted colours differ from the photo's around each cell, over cells of weight > 0; planes of 0..255. */
function* shifts(
  cells: Float32Array,
  painted: Float32Array,
  weight: Float32Array,
): Steps<readonly Float32Array[]> {
  const total = weight.slice();
  yield* blur(total, MEAN_RADIUS);
  const out: Float32Array[] = [];
  for (let c = 0; c < 3; c++) {
    const plane = new Float32Array(CELLS);
    for (let i = 0; i < CELLS; i++) {
      plane[i] = weight[i] * 255 * (painted[c * CELLS + i] - cells[c * CELLS + i]);
    }
    yield* blur(plane, MEAN_RADIUS);
    for (let i = 0; i < CELLS; i++) plane[i] = total[i] > 1e-3 ? plane[i] / total[i] : 0;
    out.push(plane);
  }
  return out;
}

/** 1 for cells whose whole surroundings are the person's. */
function wholeCells(cells: Float32Array): Float32Array {
  const out = new Float32Array(CELLS);
  for (let y = 1; y < PAINT_SIDE - 1; y++) {
    for (let x = 1; x < PAINT_SIDE - 1; x++) {
      let whole = true;
      for (let dy = -1; dy <= 1 && whole; dy++) {
        for (let dx = -1; dx <= 1 && whole; dx++) {
          whole = cells[3 * CELLS + (y + dy) * PAINT_SIDE + x + dx] >= WHOLE;
        }
      }
      out[y * PAINT_SIDE + x] = whole ? 1 : 0;
    }
  }
  return out;
}

/** What a network makes of the far side. */
export interface BackPaint {
  /** What it saw (backCells). */
  readonly cells: Float32Array;
  /** Planar f32 [4, 256, 256] in [0, 1]: colours, and how far the front's texture fits. */
  readonly painted: Float32Array;
}

/**
 * Paints the unseen side.
 *
 * @param photo canvas picture.
 * @returns new picture, defined on the whole canvas; alpha 255.
 */
export function* paintedBackSteps(photo: RgbaImage, { cells, painted }: BackPaint): Steps<RgbaImage> {
  // Beyond the person the network has learnt nothing: colours go on as they are at the outline.
  const colours = emptyColours(PAINT_SIDE);
  const texture = wholeCells(cells);
  for (let i = 0; i < CELLS; i++) {
    const inside = cells[3 * CELLS + i] >= HALF;
    colours.weight[i] = inside ? 1 : 0;
    texture[i] *= painted[3 * CELLS + i];
    if (inside) for (let c = 0; c < 3; c++) colours.planes[c][i] = painted[c * CELLS + i] * 255;
  }
  const shift = yield* shifts(cells, painted, texture);
  if (!(yield* pullPushSteps(colours))) {
    return { width: photo.width, height: photo.height, data: photo.data.slice() };
  }
  const { width, height } = photo;
  const data = new Uint8ClampedArray(width * height * 4);
  const columns = bilinearAxis(width, PAINT_SIDE);
  const rows = bilinearAxis(height, PAINT_SIDE);
  const layers = [...colours.planes, ...shift, texture];
  const line = layers.map(() => new Float32Array(PAINT_SIDE));
  for (let y = 0; y < height; y++) {
    yield;
    const base = rows.index[y] * PAINT_SIDE;
    const fy = rows.fraction[y];
    layers.forEach((layer, k) => {
      for (let x = 0; x < PAINT_SIDE; x++) {
        line[k][x] = layer[base + x] * (1 - fy) + layer[base + PAINT_SIDE + x] * fy;
      }
    });
    for (let x = 0; x < width; x++) {
      const k = columns.index[x];
      const f = columns.fraction[x];
      const j = (y * width + x) * 4;
      const fits = line[6][k] + (line[6][k + 1] - line[6][k]) * f;
      for (let c = 0; c < 3; c++) {
        const plain = line[c][k] + (line[c][k + 1] - line[c][k]) * f;
        const moved = photo.data[j + c] + line[3 + c][k] + (line[3 + c][k + 1] - line[3 + c][k]) * f;
        data[j + c] = plain + (moved - plain) * fits;
      }
      data[j + 3] = 255;
    }
  }
  return { width, height, data };
}

export const paintedBack = atOnce(paintedBackSteps);
