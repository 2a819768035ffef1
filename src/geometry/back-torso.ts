/**
 * The back of the torso: what the flanks show at the same height, wherever the middle of the front shows something
 * else (a print, a tie, the shirt in an open jacket, bare skin of a neckline, hands held in front).
 */
import type { Steps } from '../base/steps.ts';
import { BACK_SIDE, type BackCanvas } from './back-canvas.ts';
import { armDistance, type Capsule, inFrame, smoothstep } from './back-frames.ts';
import { type Colour, clothDistance, colourAt, medianColour, soften } from './back-palette.ts';
import { emptyColours, pullPushSteps } from './pull-push.ts';

/** Rows of the torso table, from v = V_FROM (above the shoulders) to V_TO (below the hips). */
const ROWS = 128;
const V_FROM = -0.2;
const V_TO = 1.6;
/** Cloth is compared down to the hips; hands in front are painted over down to V_TO. */
const CLOTH_END = 1.25;
/** Flank samples lie between these lateral positions (1 = edge of the torso). */
const FLANK_FROM = 0.62;
const FLANK_TO = 1;
/** Rows up and down whose flank colours count as the same cloth. */
const PALETTE_ROWS = 5;
const PALETTE_SIZE = 40;
/** Flank samples farther than this from their median are a print or a stripe, unless they are many. */
const DOMINANT_REACH = 32;
const DOMINANT_SHARE = 0.55;
/** Colour distance up to which a middle pixel is the flanks' cloth, and from which it is not. */
const SAME_CLOTH = 14;
const OTHER_CLOTH = 28;
/** A hand is held in front when its middle lies this far inside the torso's edges. */
const HAND_INSIDE = 0.85;

/** Weight of the flanks' guess against neighbouring cloth that stays. */
const GUESS_WEIGHT = 0.01;

interface TorsoPixel {
  readonly index: number;
  /** -1 and 1 are the torso's edges. */
  readonly lateral: number;
  readonly v: number;
  readonly row: number;
  /** Inside a forearm or hand that is held in front of the torso: how far, 0..1. */
  readonly covered: number;
  readonly arm: boolean;
}

const rowOf = (v: number) => Math.floor(((v - V_FROM) / (V_TO - V_FROM)) * ROWS);

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

/** A few dozen colours that stand for the cloth: the dominant one's surroundings where one dominates, else all. */
function paletteOf(samples: readonly Colour[]): readonly Colour[] {
  const centre = medianColour(samples);
  if (!centre) return [];
  const near = samples.filter((s) => clothDistance(centre, ...s) < DOMINANT_REACH);
  const chosen = near.length >= DOMINANT_SHARE * samples.length ? near : samples;
  const stride = Math.max(1, Math.floor(chosen.length / PALETTE_SIZE));
  return chosen.filter((_, i) => i % stride === 0);
}

/** Forearm and hand capsules of hands that are held in front of the torso or the hips. */
function armsInFront(canvas: BackCanvas, halfWidth: (v: number) => number): Capsule[] {
  const { arms, torso } = canvas.frames;
  return [0, 3].flatMap((first) => {
    const hand = arms[first + 2];
    const [u, v] = inFrame(torso, (hand.from[0] + hand.to[0]) / 2, (hand.from[1] + hand.to[1]) / 2);
    const inside = v > 0 && v < V_TO && Math.abs(u) < HAND_INSIDE * halfWidth(v);
    return inside ? [arms[first + 1], hand] : [];
  });
}

export function* paintTorsoBack(canvas: BackCanvas): Steps<void> {
  const { frames, step, front, guess, replace } = canvas;
  const { torso, shoulderHalf, hipHalf, arms } = frames;
  const halfWidth = (v: number) =>
    shoulderHalf + (hipHalf * 1.3 - shoulderHalf) * Math.max(0, Math.min(1, v));
  const inFront = armsInFront(canvas, halfWidth);
  const flanks = Array.from({ length: ROWS }, () => ({ left: [] as Colour[], right: [] as Colour[] }));
  const middle: TorsoPixel[] = [];
  for (let y = 0; y < BACK_SIDE; y++) {
    yield;
    for (let x = 0; x < BACK_SIDE; x++) {
      const index = y * BACK_SIDE + x;
      const cx = (x + 0.5) * step;
      const cy = (y + 0.5) * step;
      const [u, v] = inFrame(torso, cx, cy);
      const row = rowOf(v);
      if (row < 0 || row >= ROWS) continue;
      const lateral = u / halfWidth(v);
      if (Math.abs(lateral) > 1.2) continue;
      const arm = armDistance(arms, cx, cy) < 1;
      const covered = inFront.length > 0 ? smoothstep(1.15, 0.95, armDistance(inFront, cx, cy)) : 0;
      middle.push({ index, lateral, v, row, covered, arm });
      const flank = Math.abs(lateral) >= FLANK_FROM && Math.abs(lateral) <= FLANK_TO;
      if (!flank || arm || front.weight[index] < 1) continue;
      flanks[row][lateral < 0 ? 'left' : 'right'].push(colourAt(front, index));
    }
  }
  const left = completeColumn(flanks.map((f) => medianColour(f.left)));
  const right = completeColumn(flanks.map((f) => medianColour(f.right)));
  if (!left && !right) return;
  const palettes: Colour[][] = [];
  for (let row = 0; row < ROWS; row++) {
    yield;
    const near = flanks.slice(Math.max(0, row - PALETTE_ROWS), row + PALETTE_ROWS + 1);
    palettes.push([...paletteOf(near.flatMap((f) => f.left)), ...paletteOf(near.flatMap((f) => f.right))]);
  }
  let line = -1;
  for (const { index, lateral, v, row, covered, arm } of middle) {
    if (Math.floor(index / BACK_SIDE) !== line) {
      line = Math.floor(index / BACK_SIDE);
      yield;
    }
    const t = Math.max(0, Math.min(1, lateral / 2 + 0.5));
    for (let c = 0; c < 3; c++) {
      const [l, r] = [(left ?? right)![row][c], (right ?? left)![row][c]];
      guess[c][index] = l + (r - l) * t;
    }
    let other = 1;
    if (palettes[row].length > 0 && front.weight[index] > 0) {
      const [r, g, b] = colourAt(front, index);
      let least = Number.POSITIVE_INFINITY;
      for (const colour of palettes[row]) least = Math.min(least, clothDistance(colour, r, g, b));
      other = smoothstep(SAME_CLOTH, OTHER_CLOTH, least);
    }
    // Arms that hang beside the torso are there on its back too.
    const beside = arm ? 0 : smoothstep(1.1, 0.9, Math.abs(lateral));
    const cloth = other * beside * smoothstep(-0.12, 0, v) * smoothstep(CLOTH_END, CLOTH_END - 0.2, v);
    const hand = covered * smoothstep(1.12, 1, Math.abs(lateral)) * smoothstep(V_TO, V_TO - 0.1, v);
    replace[index] = Math.max(cloth, hand);
  }
  // Small islands of "same cloth" inside a print go with it, and so does a print's soft edge.
  yield;
  soften(replace, 3);
  yield;
  for (const { index } of middle) replace[index] = smoothstep(0.1, 0.5, replace[index]);
  yield* fillFromNeighbours(canvas, middle);
}

/**
 * Replaced pixels take the colours of the cloth around them that stays; the flanks' guess counts only where no such
 * cloth is near. Without this a replaced area would show as a patch, because folds and light differ from the flanks.
 */
function* fillFromNeighbours(
  { front, guess, replace }: BackCanvas,
  pixels: readonly TorsoPixel[],
): Steps<void> {
  const cloth = emptyColours(BACK_SIDE);
  for (const { index, lateral, v, arm } of pixels) {
    const stays = replace[index] < 0.02 && front.weight[index] === 1 && !arm;
    const onTorso = Math.abs(lateral) < 1.05 && v > -0.05;
    const source = stays && onTorso ? front.planes : guess;
    cloth.weight[index] = stays && onTorso ? 1 : GUESS_WEIGHT;
    for (let c = 0; c < 3; c++) cloth.planes[c][index] = source[c][index];
  }
  if (!(yield* pullPushSteps(cloth))) return;
  for (const { index } of pixels) for (let c = 0; c < 3; c++) guess[c][index] = cloth.planes[c][index];
}
