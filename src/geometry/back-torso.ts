/** The back of the torso: what the flanks show at the same height, where the middle of the front shows something else. */
import type { BackCanvas } from './back-colours.ts';
import { BACK_SIDE } from './back-colours.ts';
import { armDistance, inFrame, smoothstep } from './back-frames.ts';

/** Rows of the torso table, from v = V_FROM (above the shoulders) to V_TO (below the hips). */
const ROWS = 128;
const V_FROM = -0.2;
const V_TO = 1.3;
/** Flank samples lie between these lateral positions (1 = edge of the torso). */
const FLANK_FROM = 0.55;
const FLANK_TO = 1;
/** Rows up and down whose flank colours count as the same cloth. */
const PALETTE_ROWS = 5;
const PALETTE_SIZE = 40;
/** Colour distance (8-bit levels, luma counted half) up to which a middle pixel is the flanks' cloth, and from which not. */
const SAME_CLOTH = 14;
const OTHER_CLOTH = 30;

type Colour = readonly [r: number, g: number, b: number];

interface FlankRow {
  readonly left: Colour[];
  readonly right: Colour[];
}

const rowOf = (v: number) => Math.floor(((v - V_FROM) / (V_TO - V_FROM)) * ROWS);

function medianColour(samples: readonly Colour[]): Colour | null {
  if (samples.length === 0) return null;
  const channel = (c: 0 | 1 | 2) => samples.map((s) => s[c]).sort((a, b) => a - b)[samples.length >> 1];
  return [channel(0), channel(1), channel(2)];
}

/** Light changes over folds, colour does not: distance with the common brightness part halved. */
export function clothDistance(a: Colour, r: number, g: number, b: number): number {
  const dr = r - a[0];
  const dg = g - a[1];
  const db = b - a[2];
  const light = (dr + dg + db) / 3;
  return Math.hypot(dr - light, dg - light, db - light, light * 0.87);
}

/** Fills gaps from the nearest known rows and smooths over a few rows. */
function completeColumn(colours: (Colour | null)[]): Colour[] | null {
  const known = colours.flatMap((c, i) => (c ? [i] : []));
  if (known.length === 0) return null;
  const filled = colours.map((c, i): Colour => {
    if (c) return c;
    const nearest = known.reduce((best, k) => (Math.abs(k - i) < Math.abs(best - i) ? k : best));
    return colours[nearest]!;
  });
  return filled.map((_, i): Colour => {
    const sum = [0, 0, 0];
    let total = 0;
    for (let d = -2; d <= 2; d++) {
      const c = filled[Math.max(0, Math.min(ROWS - 1, i + d))];
      const w = 3 - Math.abs(d);
      total += w;
      for (let k = 0; k < 3; k++) sum[k] += w * c[k];
    }
    return [sum[0] / total, sum[1] / total, sum[2] / total];
  });
}

/** Mean over a small square, in place; makes the replacement mask free of speckle. */
function soften(plane: Float32Array, radius: number): void {
  const copy = plane.slice();
  for (let y = 0; y < BACK_SIDE; y++) {
    for (let x = 0; x < BACK_SIDE; x++) {
      if (x < radius || x >= BACK_SIDE - radius || y < radius || y >= BACK_SIDE - radius) continue;
      let sum = 0;
      for (let dy = -radius; dy <= radius; dy++) {
        for (let dx = -radius; dx <= radius; dx++) sum += copy[(y + dy) * BACK_SIDE + x + dx];
      }
      plane[y * BACK_SIDE + x] = sum / (2 * radius + 1) ** 2;
    }
  }
}

export function paintTorsoBack(canvas: BackCanvas): void {
  const { frames, step, front, guess, replace } = canvas;
  const { torso, shoulderHalf, hipHalf, arms } = frames;
  const halfWidth = (v: number) =>
    shoulderHalf + (hipHalf * 1.3 - shoulderHalf) * Math.max(0, Math.min(1, v));
  const flanks: FlankRow[] = Array.from({ length: ROWS }, () => ({ left: [], right: [] }));
  const middle: { index: number; lateral: number; v: number; row: number; arm: number }[] = [];
  for (let y = 0; y < BACK_SIDE; y++) {
    for (let x = 0; x < BACK_SIDE; x++) {
      const index = y * BACK_SIDE + x;
      const cx = (x + 0.5) * step;
      const cy = (y + 0.5) * step;
      const [u, v] = inFrame(torso, cx, cy);
      const row = rowOf(v);
      if (row < 0 || row >= ROWS) continue;
      const lateral = u / halfWidth(v);
      if (Math.abs(lateral) > 1.2) continue;
      const arm = armDistance(arms, cx, cy);
      middle.push({ index, lateral, v, row, arm });
      const flank = Math.abs(lateral) >= FLANK_FROM && Math.abs(lateral) <= FLANK_TO;
      if (!flank || arm < 1 || front.weight[index] < 1) continue;
      const colour: Colour = [front.planes[0][index], front.planes[1][index], front.planes[2][index]];
      flanks[row][lateral < 0 ? 'left' : 'right'].push(colour);
    }
  }
  const left = completeColumn(flanks.map((f) => medianColour(f.left)));
  const right = completeColumn(flanks.map((f) => medianColour(f.right)));
  if (!left && !right) return;
  const palettes = flanks.map((_, row) => {
    const near: Colour[] = [];
    for (let d = -PALETTE_ROWS; d <= PALETTE_ROWS; d++) {
      const f = flanks[row + d];
      if (f) near.push(...f.left, ...f.right);
    }
    const stride = Math.max(1, Math.floor(near.length / PALETTE_SIZE));
    return near.filter((_, i) => i % stride === 0);
  });
  for (const { index, lateral, v, row, arm } of middle) {
    const t = Math.max(0, Math.min(1, lateral / 2 + 0.5));
    for (let c = 0; c < 3; c++) {
      const [l, r] = [(left ?? right)![row][c], (right ?? left)![row][c]];
      guess[c][index] = l + (r - l) * t;
    }
    const palette = palettes[row];
    let other = 1;
    if (palette.length > 0 && front.weight[index] > 0) {
      let least = Number.POSITIVE_INFINITY;
      for (const colour of palette) {
        least = Math.min(
          least,
          clothDistance(colour, front.planes[0][index], front.planes[1][index], front.planes[2][index]),
        );
      }
      other = smoothstep(SAME_CLOTH, OTHER_CLOTH, least);
    }
    // Arms beside the torso stay; arms in front of it are not on its back.
    const reach =
      arm < 1 ? smoothstep(0.8, 0.65, Math.abs(lateral)) : smoothstep(1.1, 0.9, Math.abs(lateral));
    const height = smoothstep(-0.12, 0, v) * smoothstep(1.25, 1.05, v);
    replace[index] = other * reach * height;
  }
  soften(replace, 2);
}
