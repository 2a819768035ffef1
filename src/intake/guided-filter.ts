/**
 * Guided filter (He, Sun, Tang 2010) with a colour guide: makes a soft mask follow the edges of a picture.
 * Per window a linear model mask = a . RGB + b is fitted; box means are running sums, so the cost does not depend on
 * the radius. Runs at the size given; for large pictures fit at a fraction and use `upsample` (He, Sun 2015).
 */

import { atOnce, type Steps } from '../base/steps.ts';

/** Running-sum mean over (2 radius + 1)^2, clipped at the border. `scratch` has the size of the plane. */
function boxMean(
  source: Float32Array,
  target: Float32Array,
  scratch: Float32Array,
  width: number,
  height: number,
  radius: number,
): void {
  for (let y = 0; y < height; y++) {
    const base = y * width;
    let sum = 0;
    for (let x = 0; x < Math.min(radius, width); x++) sum += source[base + x];
    for (let x = 0; x < width; x++) {
      if (x + radius < width) sum += source[base + x + radius];
      if (x - radius > 0) sum -= source[base + x - radius - 1];
      scratch[base + x] = sum / (Math.min(width - 1, x + radius) - Math.max(0, x - radius) + 1);
    }
  }
  const sums = new Float64Array(width);
  for (let y = 0; y < Math.min(radius, height); y++) {
    const base = y * width;
    for (let x = 0; x < width; x++) sums[x] += scratch[base + x];
  }
  for (let y = 0; y < height; y++) {
    const enter = y + radius < height ? (y + radius) * width : -1;
    const leave = y - radius > 0 ? (y - radius - 1) * width : -1;
    const inverse = 1 / (Math.min(height - 1, y + radius) - Math.max(0, y - radius) + 1);
    const base = y * width;
    for (let x = 0; x < width; x++) {
      let sum = sums[x];
      if (enter >= 0) sum += scratch[enter + x];
      if (leave >= 0) sum -= scratch[leave + x];
      sums[x] = sum;
      target[base + x] = sum * inverse;
    }
  }
}

/** Linear model of a guided filter: mask = red * R + green * G + blue * B + offset, one value each per pixel. */
export interface GuidedModel {
  readonly width: number;
  readonly height: number;
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
  readonly offset: Float32Array;
}

/**
 * Fits the model.
 *
 * @param guide  planar R, G, B in [0, 1], each width * height.
 * @param mask   [0, 1], width * height.
 * @param radius window radius, px.
 * @param epsilon smoothing: variance of the guide, in [0, 1] units squared, below which edges are ignored.
 */
export function* fitGuidedFilterSteps(
  guide: readonly [Float32Array, Float32Array, Float32Array],
  mask: Float32Array,
  width: number,
  height: number,
  radius: number,
  epsilon: number,
): Steps<GuidedModel> {
  const n = width * height;
  const plane = () => new Float32Array(n);
  const scratch = plane();
  const product = plane();
  const mean = (source: Float32Array) => {
    const out = plane();
    boxMean(source, out, scratch, width, height, radius);
    return out;
  };
  const meanOfProduct = (a: Float32Array, b: Float32Array) => {
    for (let i = 0; i < n; i++) product[i] = a[i] * b[i];
    return mean(product);
  };
  const [r, g, b] = guide;
  const [mr, mg, mb, mp] = [mean(r), mean(g), mean(b), mean(mask)];
  yield;
  const [rp, gp, bp] = [meanOfProduct(r, mask), meanOfProduct(g, mask), meanOfProduct(b, mask)];
  yield;
  const [rr, rg, rb] = [meanOfProduct(r, r), meanOfProduct(r, g), meanOfProduct(r, b)];
  yield;
  const [gg, gb, bb] = [meanOfProduct(g, g), meanOfProduct(g, b), meanOfProduct(b, b)];
  yield;
  for (let i = 0; i < n; i++) {
    const cr = rp[i] - mr[i] * mp[i];
    const cg = gp[i] - mg[i] * mp[i];
    const cb = bp[i] - mb[i] * mp[i];
    const s00 = rr[i] - mr[i] * mr[i] + epsilon;
    const s01 = rg[i] - mr[i] * mg[i];
    const s02 = rb[i] - mr[i] * mb[i];
    const s11 = gg[i] - mg[i] * mg[i] + epsilon;
    const s12 = gb[i] - mg[i] * mb[i];
    const s22 = bb[i] - mb[i] * mb[i] + epsilon;
    // Inverse of the symmetric 3x3 covariance by cofactors.
    const c00 = s11 * s22 - s12 * s12;
    const c01 = s02 * s12 - s01 * s22;
    const c02 = s01 * s12 - s02 * s11;
    const c11 = s00 * s22 - s02 * s02;
    const c12 = s01 * s02 - s00 * s12;
    const c22 = s00 * s11 - s01 * s01;
    const inverse = 1 / (s00 * c00 + s01 * c01 + s02 * c02);
    const ar = (c00 * cr + c01 * cg + c02 * cb) * inverse;
    const ag = (c01 * cr + c11 * cg + c12 * cb) * inverse;
    const ab = (c02 * cr + c12 * cg + c22 * cb) * inverse;
    rp[i] = ar;
    gp[i] = ag;
    bp[i] = ab;
    mp[i] = mp[i] - ar * mr[i] - ag * mg[i] - ab * mb[i];
  }
  yield;
  return { width, height, red: mean(rp), green: mean(gp), blue: mean(bp), offset: mean(mp) };
}

export const fitGuidedFilter = atOnce(fitGuidedFilterSteps);

/**
 * Applies a model to a larger picture with the same content: coefficients are interpolated bilinearly, the guide is
 * read at full size, so the result has full-size edges (He and Sun 2015).
 *
 * @param pixels interleaved RGBA of the large picture, 8 bit.
 * @returns the mask, unclamped, width * height.
 */
export function* applyGuidedModelSteps(
  model: GuidedModel,
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
): Steps<Float32Array<ArrayBuffer>> {
  const out = new Float32Array(width * height);
  const { red, green, blue, offset } = model;
  const columns = new Int32Array(width);
  const fractions = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const u = Math.max(0, Math.min(model.width - 1, ((x + 0.5) * model.width) / width - 0.5));
    columns[x] = Math.min(model.width - 2, Math.floor(u));
    fractions[x] = u - columns[x];
  }
  // Two coefficient rows at a time are blended vertically once, then read along the row.
  const row = [red, green, blue, offset].map(() => new Float32Array(model.width));
  const [r, g, b, o] = row;
  for (let y = 0; y < height; y++) {
    const v = Math.max(0, Math.min(model.height - 1, ((y + 0.5) * model.height) / height - 0.5));
    const y0 = Math.min(model.height - 2, Math.floor(v));
    const fy = v - y0;
    yield;
    [red, green, blue, offset].forEach((plane, k) => {
      const base = y0 * model.width;
      for (let x = 0; x < model.width; x++) {
        row[k][x] = plane[base + x] * (1 - fy) + plane[base + model.width + x] * fy;
      }
    });
    for (let x = 0; x < width; x++) {
      const k = columns[x];
      const f = fractions[x];
      const i = y * width + x;
      const j = i * 4;
      out[i] =
        ((r[k] + (r[k + 1] - r[k]) * f) * pixels[j] +
          (g[k] + (g[k + 1] - g[k]) * f) * pixels[j + 1] +
          (b[k] + (b[k + 1] - b[k]) * f) * pixels[j + 2]) /
          255 +
        o[k] +
        (o[k + 1] - o[k]) * f;
    }
  }
  return out;
}

export const applyGuidedModel = atOnce(applyGuidedModelSteps);
