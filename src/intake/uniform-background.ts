/**
 * Matte of a person before one plain colour (studio paper, a render): the background's colour is a quadratic surface
 * fitted to the border of the photo, and everything that can be reached from the border without leaving that colour
 * is background. Holds only for truly plain backgrounds; anything else answers null and is left to the segmentation.
 */
import type { GreyImage, RgbaImage } from '../base/images.ts';
import type { Steps } from '../base/steps.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { photoRectangle, type SquareMapping } from '../geometry/keypoints.ts';
import { closeSteps, countOnes, label, largestComponent, open } from './binary-image.ts';
import { withoutOthers } from './other-people.ts';

/** Width of the border strip that is looked at, px. */
const STRIP_PX = 12;
/** The strip counts as plain when its residual (root mean square per channel, 8-bit levels) is at most this. */
const MAX_RESIDUAL = 5;
/** Share of strip pixels that must lie within the tolerance. */
const MIN_PLAIN_SHARE = 0.96;
/** Largest colour distance of background, in multiples of the residual and at least this many levels. */
const TOLERANCE_FACTOR = 5;
const MIN_TOLERANCE = 12;
/** Enclosed background-coloured areas of at least this size are gaps (arm and body), smaller ones are the person's. */
const MIN_GAP_PX = 1200;
/** A person covers between these shares of the photo. */
const PERSON_SHARE = [0.005, 0.8] as const;

/** Terms of the quadratic surface at (u, v) in [-1, 1]. */
const terms = (u: number, v: number) => [1, u, v, u * u, u * v, v * v];

/** Solves a small symmetric positive system by Gaussian elimination with pivoting; null when singular. */
function solve(matrix: number[][], right: number[]): number[] | null {
  const n = right.length;
  const m = matrix.map((row, i) => [...row, right[i]]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(m[i][k]) > Math.abs(m[pivot][k])) pivot = i;
    if (Math.abs(m[pivot][k]) < 1e-9) return null;
    [m[k], m[pivot]] = [m[pivot], m[k]];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const f = m[i][k] / m[k][k];
      for (let j = k; j <= n; j++) m[i][j] -= f * m[k][j];
    }
  }
  return m.map((row, i) => row[n] / row[i]);
}

interface Sample {
  readonly basis: readonly number[];
  readonly colour: readonly number[];
}

/** Least squares per channel over the samples. */
function fitSurface(samples: readonly Sample[]): number[][] | null {
  const normal = Array.from({ length: 6 }, () => new Array<number>(6).fill(0));
  const right = [0, 1, 2].map(() => new Array<number>(6).fill(0));
  for (const { basis, colour } of samples) {
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) normal[i][j] += basis[i] * basis[j];
      for (let c = 0; c < 3; c++) right[c][i] += basis[i] * colour[c];
    }
  }
  // A little ridge keeps terms that a thin border strip cannot tell apart near zero.
  for (let i = 1; i < 6; i++) normal[i][i] += 0.001 * samples.length;
  const surface = right.map((r) => solve(normal, r));
  return surface.every((s) => s !== null) ? surface : null;
}

const residualOf = (surface: number[][], { basis, colour }: Sample) => {
  let sum = 0;
  for (let c = 0; c < 3; c++) {
    let value = 0;
    for (let i = 0; i < 6; i++) value += surface[c][i] * basis[i];
    sum += (colour[c] - value) ** 2;
  }
  return Math.sqrt(sum / 3);
};

/**
 * Matte by a plain background; null when the background is not plain.
 *
 * @param photo 2048 x 2048 canvas picture.
 * @param others 1 where a pixel is another person's (other-people.ts).
 * @returns 0 or 255, new memory.
 */
export function* uniformBackgroundMatteSteps(
  photo: RgbaImage,
  mapping: SquareMapping,
  others: Uint8Array | null = null,
): Steps<GreyImage | null> {
  const { left, top, right, bottom } = photoRectangle(mapping);
  const toUnit = (value: number, from: number, to: number) => ((value - from) / (to - from)) * 2 - 1;
  const samples: Sample[] = [];
  const take = (x: number, y: number) => {
    const j = (y * CANVAS_SIZE + x) * 4;
    samples.push({
      basis: terms(toUnit(x, left, right), toUnit(y, top, bottom)),
      colour: [photo.data[j], photo.data[j + 1], photo.data[j + 2]],
    });
  };
  for (let d = 1; d < STRIP_PX; d += 5) {
    for (let x = left; x < right; x += 7) take(x, top + d);
    for (let y = top; y < bottom; y += 7) {
      take(left + d, y);
      take(right - 1 - d, y);
    }
  }
  let surface = fitSurface(samples);
  if (!surface) return null;
  // Robust: once more without what is far off (a hand or a hat at the border).
  const sorted = samples.map((s) => residualOf(surface!, s)).sort((a, b) => a - b);
  const cut = Math.max(MIN_TOLERANCE, 3 * sorted[sorted.length >> 1]);
  const inliers = samples.filter((s) => residualOf(surface!, s) <= cut);
  surface = fitSurface(inliers);
  if (!surface || inliers.length < MIN_PLAIN_SHARE * samples.length) return null;
  let squares = 0;
  for (const s of inliers) squares += residualOf(surface, s) ** 2;
  const residual = Math.sqrt(squares / inliers.length);
  if (residual > MAX_RESIDUAL) return null;

  const tolerance = Math.max(MIN_TOLERANCE, TOLERANCE_FACTOR * residual);
  const differs = new Uint8Array(CANVAS_SIZE * CANVAS_SIZE);
  const limit = 3 * tolerance * tolerance;
  for (let y = top; y < bottom; y++) {
    yield;
    const v = toUnit(y, top, bottom);
    // Along a row the surface is k0 + k1 u + k2 u^2.
    const rows = surface.map((s) => [s[0] + s[2] * v + s[5] * v * v, s[1] + s[4] * v, s[3]]);
    for (let x = left; x < right; x++) {
      const u = toUnit(x, left, right);
      const j = (y * CANVAS_SIZE + x) * 4;
      let distance = 0;
      for (let c = 0; c < 3; c++) {
        const [k0, k1, k2] = rows[c];
        distance += (photo.data[j + c] - k0 - (k1 + k2 * u) * u) ** 2;
      }
      if (distance > limit) differs[y * CANVAS_SIZE + x] = 1;
    }
  }
  withoutOthers(differs, others);
  const size = { width: CANVAS_SIZE, height: CANVAS_SIZE };
  const closed = yield* closeSteps({ ...size, data: differs }, 2);
  yield;
  const figure = open(closed, 1);
  yield;
  // Background-coloured areas inside the person (a white shirt's highlights) are the person's unless they are large.
  const filled = figure.data.slice();
  label(figure, 0, false).paint(filled, 1, (c) => {
    const inside = c.left > left && c.top > top && c.right < right && c.bottom < bottom;
    return inside && c.area < MIN_GAP_PX;
  });
  yield;
  const person = largestComponent({ ...size, data: filled });
  yield;
  const share = countOnes(person) / ((right - left) * (bottom - top));
  if (share < PERSON_SHARE[0] || share > PERSON_SHARE[1]) return null;
  return { ...size, data: person.data.map((value) => value * 255) };
}
