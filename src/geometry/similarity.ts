/**
 * Similarity transforms (rotation, one scale, shift) of the plane: least-squares fit, inverse, use.
 * x' = a x - b y + tx, y' = b x + a y + ty. Fits in f64; what is stored for the networks is f32 (`Affine`), and
 * so is its inverse.
 * The fit equals the pseudo-inverse solution of the reference, including its minimum-norm answer for points that
 * all coincide (docs/method.md#part-fits).
 */
import type { Affine } from './body.ts';

export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

export type Point = readonly [x: number, y: number];

/** Below this mean squared distance from the centroid, points count as one point. f64 noise of [-1, 1] values. */
const COINCIDENT_SPREAD = 1e-26;

/**
 * Least-squares similarity that takes `from[i]` to `to[i]`.
 *
 * @param from, to  the same number of points, at least one.
 * @returns the unique solution, or the one of minimum norm (a, b, tx, ty) when all `from` coincide.
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity {
  const n = from.length;
  let mx = 0;
  let my = 0;
  let ux = 0;
  let uy = 0;
  for (let i = 0; i < n; i++) {
    mx += from[i][0] / n;
    my += from[i][1] / n;
    ux += to[i][0] / n;
    uy += to[i][1] / n;
  }
  let spread = 0;
  let dot = 0;
  let cross = 0;
  for (let i = 0; i < n; i++) {
    const x = from[i][0] - mx;
    const y = from[i][1] - my;
    const u = to[i][0] - ux;
    const v = to[i][1] - uy;
    spread += x * x + y * y;
    dot += x * u + y * v;
    cross += x * v - y * u;
  }
  if (spread < COINCIDENT_SPREAD * n) {
    const norm = mx * mx + my * my + 1;
    return { a: (mx * ux + my * uy) / norm, b: (mx * uy - my * ux) / norm, tx: ux / norm, ty: uy / norm };
  }
  const a = dot / spread;
  const b = cross / spread;
  return { a, b, tx: ux - a * mx + b * my, ty: uy - b * mx - a * my };
}

export function applySimilarity(s: Similarity, [x, y]: Point): Point {
  return [s.a * x - s.b * y + s.tx, s.b * x + s.a * y + s.ty];
}

/** Row-major 2x3 matrix, rounded to f32. */
export function affineFromSimilarity(s: Similarity): Affine {
  return Float32Array.of(s.a, -s.b, s.tx, s.b, s.a, s.ty);
}

/**
 * [R|t] -> [R^-1 | -R^-1 t]; null when R cannot be inverted.
 *
 * In f32, step by step as the reference's linear algebra does it: LU with the larger of the first column as pivot,
 * divisions as products with a reciprocal, nothing fused. Equal to the bit on all 240 recorded transforms and their
 * inverses; an inverse in f64 differs in 4 of 10 values by a rounding, which moves samples by up to 1e-4 px.
 */
export function invertAffine(m: Affine): Affine | null {
  const { fround } = Math;
  const [a, b, tx, c, d, ty] = m;
  const det = a * d - b * c;
  if (!(Math.abs(det) > 1e-20) || !Number.isFinite(det)) return null;
  const swapped = Math.abs(c) > Math.abs(a);
  const [p, q, r, s] = swapped ? [c, d, a, b] : [a, b, c, d];
  const pivot = fround(1 / p);
  const factor = fround(r * pivot);
  const second = fround(1 / fround(s - fround(factor * q)));
  /** Solves for a unit vector: 1 in the pivot's row or in the other. */
  const solve = (inPivotRow: boolean): readonly [number, number] => {
    const y = fround((inPivotRow ? -factor : 1) * second);
    return [fround(fround((inPivotRow ? 1 : 0) - fround(q * y)) * pivot), y];
  };
  const [ia, ic] = solve(!swapped);
  const [ib, id] = solve(swapped);
  const shift = (x: number, y: number) => -fround(fround(x * tx) + fround(y * ty));
  return Float32Array.of(ia, ib, shift(ia, ib), ic, id, shift(ic, id));
}

export function applyAffine(m: Affine, [x, y]: Point): Point {
  return [m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]];
}
