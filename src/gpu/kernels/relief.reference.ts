/**
 * Depth redrawn by the merged normals: coarse shape from the depth, fine relief from the normals. Not in the original,
 * which passes the fine depth on as it is: with a small network that depth carries an 8 px grid, the step of the
 * coarse map it was raised from, and ragged rims, while the merged normals are smooth and know the folds.
 *
 * The correction e of one side solves (lambda + L) e = div(g - grad D): of all depths whose steps follow the normals'
 * slopes g it takes the one nearest to D, weighed so that waves longer than CROSSOVER_PX keep the depth's amplitude and
 * shorter ones the normals'. L is the graph Laplacian over links between neighbours; no link crosses a jump or exists
 * where a normal is unusable, so occlusion edges stay. Screened Poisson fusion: Bhat, Curless, Cohen, Zitnick,
 * "Fourier analysis of the 2D screened Poisson equation for gradient domain problems", 2008.
 *
 * Solved by Chebyshev's semi-iteration on the Jacobi-scaled system, whose coefficients are known beforehand: no sums over
 * the picture, the same on every device. ITERATIONS leaves at most a ninth of any wave; twice as many gain 0.1 degree.
 *
 * Measured on 198 held-out views against ground truth (training: `evaluate`, rows final_ and drawn_), starter pack version 3,
 * mean angles before and after: front normals 15.1 -> 13.5 degrees, within 16 px of the outline 28.0 -> 20.3, face
 * 21.0 -> 19.6; back 14.5 -> 13.1, near the outline 24.2 -> 18.1; shape in mm unchanged.
 */
import { type PlanarMap, planarMap } from '../../base/images.ts';
import { atOnce, type Steps } from '../../base/steps.ts';
import { depthUnitPx } from '../../geometry/camera.ts';
import { codedSlopeScale } from '../../geometry/depth-normals.ts';

/**
 * Wavelength at which depth and normals count alike, px. 24 to 192 were tried on a few views: fully solved, 96 gains 0.3
 * degree in front and loses 1 at the outline of the back, but needs several times the steps.
 */
const CROSSOVER_PX = 48;
export const ITERATIONS = 32;
/** Neighbours farther apart in depth are two surfaces, px. */
export const LINK_PX = 16;
/** Steeper normals are taken as this steep, px per px: toward the outline their slope grows beyond any use. */
export const STEEPEST = 4;
/** Shorter decoded normals, or flatter against the ray, are unusable. */
export const SHORTEST = 0.3;
export const LEAST_Z = 0.05;
/** Where front and back come closer than this, px, the thickness they had before is kept. */
export const THIN_PX = 2;

/** Pixels between two pauses. */
const PAUSE_PIXELS = 100_000;

/** lambda: a wave of CROSSOVER_PX has |k|^2 = lambda. */
export const SCREENING = ((2 * Math.PI) / CROSSOVER_PX) ** 2;

/** Coefficients of one step: direction' = beta * direction + alpha * residual. Step 0 has beta 0. */
export interface ChebyshevStep {
  readonly beta: number;
  readonly alpha: number;
}

/** Steps for eigenvalues between lambda / (lambda + 4) and 2: what Jacobi scaling leaves of a grid of degree 4. */
export function chebyshevSteps(count: number): ChebyshevStep[] {
  const low = SCREENING / (SCREENING + 4);
  const middle = (2 + low) / 2;
  const half = (2 - low) / 2;
  const steps: ChebyshevStep[] = [{ beta: 0, alpha: 1 / middle }];
  let ratio = half / middle;
  while (steps.length < count) {
    const next = 1 / ((2 * middle) / half - ratio);
    steps.push({ beta: next * ratio, alpha: (2 * next) / half });
    ratio = next;
  }
  return steps;
}

/**
 * @param depth   f32 [2, H, W] from finishDepth, 0 = empty; stays as it is.
 * @param normals f32 [6, H, W] coded, front then back; 0 where there are none.
 * @returns f32 [2, H, W]: empty where `depth` is, front never behind back. Caller owns it.
 */
export function* reliefSteps(depth: PlanarMap, normals: PlanarMap): Steps<PlanarMap> {
  const [, height, width] = depth.shape;
  const plane = height * width;
  const out = planarMap(depth.shape, depth.data.slice());
  for (let side = 0; side < 2; side++) {
    const own = out.data.subarray(side * plane, (side + 1) * plane);
    yield* addRelief(own, normals.data.subarray(3 * side * plane, 3 * (side + 1) * plane), height, width);
  }
  keepThickness(depth.data, out.data, plane, depthUnitPx(width));
  return out;
}

export const relief = atOnce(reliefSteps);

/** Pixels of the figure in a row of their own: neighbours as indices into it, oneself where there is no link. */
interface Graph {
  readonly pixels: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly up: Int32Array;
  readonly down: Int32Array;
}

function* addRelief(depth: Float32Array, normals: Float32Array, height: number, width: number): Steps<void> {
  const graph = yield* linkPixels(depth, normals, height, width);
  yield;
  const { pixels, right, up } = graph;
  const count = pixels.length;
  const plane = height * width;
  const slope = codedSlopeScale(width) / depthUnitPx(width);
  const steepest = STEEPEST / depthUnitPx(width);
  const slopeAt = (pixel: number, axis: 0 | 1) => {
    const value = (-slope * (2 * normals[axis * plane + pixel] - 1)) / (2 * normals[2 * plane + pixel] - 1);
    return Math.min(Math.max(value, -steepest), steepest);
  };

  const residual = new Float32Array(count);
  const inverse = new Float32Array(count);
  const degree = new Uint8Array(count);
  for (let k = 0; k < count; k++) {
    if (k % PAUSE_PIXELS === 0) yield;
    const beside = right[k];
    if (beside !== k) {
      const lacking = slopeAt(pixels[k], 0) - (depth[pixels[beside]] - depth[pixels[k]]);
      residual[beside] += lacking;
      residual[k] -= lacking;
      degree[k]++;
      degree[beside]++;
    }
    const above = up[k];
    if (above !== k) {
      const lacking = slopeAt(pixels[k], 1) - (depth[pixels[k]] - depth[pixels[above]]);
      residual[k] += lacking;
      residual[above] -= lacking;
      degree[k]++;
      degree[above]++;
    }
  }
  for (let k = 0; k < count; k++) {
    inverse[k] = 1 / (SCREENING + degree[k]);
    residual[k] *= inverse[k];
  }
  yield;

  const direction = new Float32Array(count);
  const correction = new Float32Array(count);
  for (const [index, step] of chebyshevSteps(ITERATIONS).entries()) {
    if (index > 0) updateResidual(graph, inverse, direction, residual);
    yield;
    advance(step, residual, direction, correction);
    yield;
  }
  for (let k = 0; k < count; k++) depth[pixels[k]] += correction[k];
}

function updateResidual(
  { left, right, up, down }: Graph,
  inverse: Float32Array,
  direction: Float32Array,
  residual: Float32Array,
): void {
  for (let k = 0; k < residual.length; k++) {
    const here = direction[k];
    const around = direction[left[k]] + direction[right[k]] + direction[up[k]] + direction[down[k]];
    residual[k] -= inverse[k] * (SCREENING * here + 4 * here - around);
  }
}

function advance(
  { beta, alpha }: ChebyshevStep,
  residual: Float32Array,
  direction: Float32Array,
  correction: Float32Array,
): void {
  for (let k = 0; k < residual.length; k++) {
    direction[k] = beta * direction[k] + alpha * residual[k];
    correction[k] += direction[k];
  }
}

function* linkPixels(
  depth: Float32Array,
  normals: Float32Array,
  height: number,
  width: number,
): Steps<Graph> {
  const plane = height * width;
  const index = new Int32Array(plane).fill(-1);
  let count = 0;
  for (let i = 0; i < plane; i++) if (depth[i] > 0) index[i] = count++;
  yield;
  const pixels = new Int32Array(count);
  for (let i = 0; i < plane; i++) if (index[i] >= 0) pixels[index[i]] = i;
  yield;
  const own = () => {
    const links = new Int32Array(count);
    for (let k = 0; k < count; k++) links[k] = k;
    return links;
  };
  const [left, right, up, down] = [own(), own(), own(), own()];
  const reach = LINK_PX / depthUnitPx(width);
  for (let k = 0; k < count; k++) {
    if (k % PAUSE_PIXELS === 0) yield;
    const i = pixels[k];
    // A pixel's coded normal holds the steps to its right and upper neighbour (consistencyNormals).
    if (!isUsableNormal(normals, i, plane)) continue;
    const column = i % width;
    if (column + 1 < width && depth[i + 1] > 0 && Math.abs(depth[i + 1] - depth[i]) < reach) {
      right[k] = index[i + 1];
      left[index[i + 1]] = k;
    }
    if (i >= width && depth[i - width] > 0 && Math.abs(depth[i - width] - depth[i]) < reach) {
      up[k] = index[i - width];
      down[index[i - width]] = k;
    }
  }
  return { pixels, left, right, up, down };
}

function isUsableNormal(normals: Float32Array, pixel: number, plane: number): boolean {
  const x = 2 * normals[pixel] - 1;
  const y = 2 * normals[plane + pixel] - 1;
  const z = 2 * normals[2 * plane + pixel] - 1;
  return z > LEAST_Z && x * x + y * y + z * z > SHORTEST * SHORTEST;
}

/** Front and back were redrawn apart; where they would touch or cross, their middle keeps the old thickness. */
function keepThickness(before: Float32Array, after: Float32Array, plane: number, unitPx: number): void {
  const thin = THIN_PX / unitPx;
  for (let i = 0; i < plane; i++) {
    if (!(before[i] > 0)) continue;
    const thickness = Math.min(before[plane + i] - before[i], thin);
    if (after[plane + i] - after[i] >= thickness) continue;
    const middle = (after[i] + after[plane + i]) / 2;
    after[i] = middle - thickness / 2;
    after[plane + i] = middle + thickness / 2;
  }
}
