/**
 * Fills a picture from scattered known pixels: averages up a pyramid (pull), fills the holes from the coarser level
 * down again (push). Gortler et al., "The Lumigraph", 1996. Known pixels with weight 1 keep their value exactly.
 */
import { atOnce, type Steps } from '../base/steps.ts';

/** Colour planes with a weight each, side a power of two. */
export interface WeightedColours {
  readonly side: number;
  /** R, G, B; 0..255, side * side. */
  readonly planes: readonly [Float32Array, Float32Array, Float32Array];
  /** 0 = unknown .. 1 = known. */
  readonly weight: Float32Array;
}

export function emptyColours(side: number): WeightedColours {
  const plane = () => new Float32Array(side * side);
  return { side, planes: [plane(), plane(), plane()], weight: plane() };
}

/** Half size: weighted means of 2x2 blocks; weight saturates at 1. */
function pull(fine: WeightedColours): WeightedColours {
  const coarse = emptyColours(fine.side / 2);
  const [red, green, blue] = fine.planes;
  const offsets = [0, 1, fine.side, fine.side + 1];
  for (let y = 0; y < coarse.side; y++) {
    for (let x = 0; x < coarse.side; x++) {
      const corner = 2 * y * fine.side + 2 * x;
      let total = 0;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0; k < 4; k++) {
        const i = corner + offsets[k];
        const w = fine.weight[i];
        total += w;
        r += w * red[i];
        g += w * green[i];
        b += w * blue[i];
      }
      if (total === 0) continue;
      const out = y * coarse.side + x;
      coarse.planes[0][out] = r / total;
      coarse.planes[1][out] = g / total;
      coarse.planes[2][out] = b / total;
      coarse.weight[out] = Math.min(1, total);
    }
  }
  return coarse;
}

/** Blends the filled coarse level (bilinear) into the fine one where its weight is below 1. */
function push(coarse: WeightedColours, fine: WeightedColours): void {
  const { side } = fine;
  const most = coarse.side - 1;
  for (let y = 0; y < side; y++) {
    const v = Math.max(0, Math.min(most, (y - 0.5) / 2));
    const y0 = Math.floor(v);
    const y1 = Math.min(most, y0 + 1);
    for (let x = 0; x < side; x++) {
      const i = y * side + x;
      const w = fine.weight[i];
      if (w >= 1) continue;
      const u = Math.max(0, Math.min(most, (x - 0.5) / 2));
      const x0 = Math.floor(u);
      const x1 = Math.min(most, x0 + 1);
      for (let c = 0; c < 3; c++) {
        const p = coarse.planes[c];
        const upper = p[y0 * coarse.side + x0] * (x0 + 1 - u) + p[y0 * coarse.side + x1] * (u - x0);
        const lower = p[y1 * coarse.side + x0] * (x0 + 1 - u) + p[y1 * coarse.side + x1] * (u - x0);
        fine.planes[c][i] = fine.planes[c][i] * w + (upper + (lower - upper) * (v - y0)) * (1 - w);
      }
      fine.weight[i] = 1;
    }
  }
}

/** Fills in place; does nothing when no pixel is known. @returns false in that case. */
export function* pullPushSteps(colours: WeightedColours): Steps<boolean> {
  const levels = [colours];
  while (levels[levels.length - 1].side > 1) {
    levels.push(pull(levels[levels.length - 1]));
    yield;
  }
  if (levels[levels.length - 1].weight[0] === 0) return false;
  levels[levels.length - 1].weight[0] = 1;
  for (let k = levels.length - 2; k >= 0; k--) {
    push(levels[k + 1], levels[k]);
    yield;
  }
  return true;
}

export const pullPush = atOnce(pullPushSteps);
