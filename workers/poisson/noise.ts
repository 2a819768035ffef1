/**
 * How noisy a cloud is: the standard deviation of its samples along their normals, from pairs of neighbours.
 *
 * Two points p, q of a smooth surface with normals n, m: (n + m)/2 . (q - p) is zero up to third order. What is left is
 * noise. Where normals were differenced from the same noisy depth, the noise s of the points gives the residual the
 * variance 1.25 s^2 (the differences take part of it away), with exact normals 2 s^2; the former is assumed. The
 * median, so that jumps between parts do not count. Neighbours are samples that follow each other in the cloud, as the
 * pixels of a depth map do; a cloud without such an order counts as free of noise.
 */
import type { OrientedCloud } from './types.ts';

const MOST_PAIRS = 1 << 16;
/** Neighbours are at most so many times the typical spacing apart. */
const FARTHEST = 2;
/** Share of looked-at pairs that must be neighbours. */
const LEAST_SHARE = 0.5;
/** Median of |x| of a normal deviate. */
const MEDIAN_OF_NORMAL = 0.6745;

/** @param spacing typical distance of neighbouring samples. Unit of the result: the cloud's. */
export function estimateNoise({ count, positions, normals }: OrientedCloud, spacing: number): number {
  const step = Math.max(1, Math.floor(count / MOST_PAIRS));
  const residuals = new Float64Array(Math.ceil(count / step));
  let found = 0;
  let looked = 0;
  for (let i = 0; i + 2 < count; i += step) {
    looked++;
    // Front and back may take turns: then the next but one is the neighbour.
    const residual =
      residualOf(positions, normals, i * 3, i * 3 + 3, spacing) ??
      residualOf(positions, normals, i * 3, i * 3 + 6, spacing);
    if (residual !== null) residuals[found++] = residual;
  }
  if (found < Math.max(16, LEAST_SHARE * looked)) return 0;
  const sorted = residuals.subarray(0, found).sort();
  return sorted[found >> 1] / MEDIAN_OF_NORMAL / Math.sqrt(1.25);
}

/** |(n + m)/2 . (q - p)|, null for points that are no neighbours. */
function residualOf(
  positions: Float32Array,
  normals: Float32Array,
  a: number,
  b: number,
  spacing: number,
): number | null {
  const lengthA = Math.hypot(normals[a], normals[a + 1], normals[a + 2]);
  const lengthB = Math.hypot(normals[b], normals[b + 1], normals[b + 2]);
  if (!(lengthA > 0 && lengthB > 0)) return null;
  let apart = 0;
  let residual = 0;
  let alike = 0;
  for (let k = 0; k < 3; k++) {
    const n = normals[a + k] / lengthA;
    const m = normals[b + k] / lengthB;
    const d = positions[b + k] - positions[a + k];
    apart += d * d;
    alike += n * m;
    residual += ((n + m) / 2) * d;
  }
  return apart <= (FARTHEST * spacing) ** 2 && alike > 0.5 ? Math.abs(residual) : null;
}
