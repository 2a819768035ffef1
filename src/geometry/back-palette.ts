/** Colours as the back painters compare and average them. */
import type { WeightedColours } from './pull-push.ts';

export type Colour = readonly [r: number, g: number, b: number];

export function colourAt(front: WeightedColours, index: number): Colour {
  return [front.planes[0][index], front.planes[1][index], front.planes[2][index]];
}

/** Median of each channel; null without samples. */
export function medianColour(samples: readonly Colour[]): Colour | null {
  if (samples.length === 0) return null;
  const channel = (c: 0 | 1 | 2) => samples.map((s) => s[c]).sort((a, b) => a - b)[samples.length >> 1];
  return [channel(0), channel(1), channel(2)];
}

/** Light changes over folds, colour does not: distance in 8-bit levels with the common brightness part halved. */
export function clothDistance(a: Colour, r: number, g: number, b: number): number {
  const dr = r - a[0];
  const dg = g - a[1];
  const db = b - a[2];
  const light = (dr + dg + db) / 3;
  return Math.hypot(dr - light, dg - light, db - light, light * 0.87);
}

/** Mean over a small square of a square plane, in place; the border stays. Running sums. */
export function soften(plane: Float32Array, radius: number): void {
  const side = Math.round(Math.sqrt(plane.length));
  const rows = new Float32Array(plane.length);
  const weight = 1 / (2 * radius + 1);
  for (let y = 0; y < side; y++) {
    const base = y * side;
    let sum = 0;
    for (let x = 0; x < 2 * radius; x++) sum += plane[base + x];
    for (let x = radius; x < side - radius; x++) {
      sum += plane[base + x + radius];
      rows[base + x] = sum * weight;
      sum -= plane[base + x - radius];
    }
  }
  const sums = new Float64Array(side);
  for (let y = 0; y < 2 * radius; y++) for (let x = 0; x < side; x++) sums[x] += rows[y * side + x];
  for (let y = radius; y < side - radius; y++) {
    for (let x = radius; x < side - radius; x++) {
      sums[x] += rows[(y + radius) * side + x];
      plane[y * side + x] = sums[x] * weight;
      sums[x] -= rows[(y - radius) * side + x];
    }
  }
}
