/** The back of the head: hair over everything down to the hairline, then the neck; never a face. */
import type { BackCanvas } from './back-colours.ts';
import { BACK_SIDE } from './back-colours.ts';
import { inFrame, smoothstep } from './back-frames.ts';
import { clothDistance } from './back-torso.ts';
import { emptyColours, pullPush } from './pull-push.ts';

/** Head frame: v = 0 at the ears, 1 between the shoulders; u across in the same unit. */
const HEAD_TOP = -1.4;
/** Hair is sampled above this height, away from the face. */
const RIM_BELOW = -0.25;
/** Back hairline of short and of long hair. */
const SHORT_HAIRLINE = 0.5;
const LONG_HAIRLINE = 1.15;
/** Where neck skin ends and the collar begins on the back. */
const COLLAR = 0.78;
/** Half width of the head and of the neck. */
const HEAD_HALF = 0.85;
const NECK_HALF = 0.42;
/** The face, never a source of hair: an ellipse around the nose. */
const FACE_HALF_WIDTH = 0.34;
const FACE_HALF_HEIGHT = 0.55;
/** Share of pixels beside the neck that must look like hair for long hair. */
const LONG_HAIR_SHARE = 0.3;

type Colour = readonly [r: number, g: number, b: number];

interface HeadPixel {
  readonly index: number;
  readonly u: number;
  readonly v: number;
}

function median(colours: readonly Colour[]): Colour | null {
  if (colours.length === 0) return null;
  const channel = (c: 0 | 1 | 2) => colours.map((s) => s[c]).sort((a, b) => a - b)[colours.length >> 1];
  return [channel(0), channel(1), channel(2)];
}

export function paintHeadBack(canvas: BackCanvas): void {
  const { frames, step, front, guess, replace } = canvas;
  const { head, nose } = frames;
  const pixels: HeadPixel[] = [];
  for (let y = 0; y < BACK_SIDE; y++) {
    for (let x = 0; x < BACK_SIDE; x++) {
      const [u, v] = inFrame(head, (x + 0.5) * step, (y + 0.5) * step);
      if (v > HEAD_TOP && v < LONG_HAIRLINE + 0.2 && Math.abs(u) < 1.2) {
        pixels.push({ index: y * BACK_SIDE + x, u, v });
      }
    }
  }
  const colourAt = (i: number): Colour => [front.planes[0][i], front.planes[1][i], front.planes[2][i]];
  const known = pixels.filter((p) => front.weight[p.index] === 1);
  const inFace = (p: HeadPixel, grow = 1) =>
    ((p.u - nose[0] * 0.8) / (FACE_HALF_WIDTH * grow)) ** 2 +
      ((p.v - nose[1]) / (FACE_HALF_HEIGHT * grow)) ** 2 <
    1;

  // Hair: the upper rim of the head. Per column of the head the topmost quarter above the ears.
  const top = known.reduce((least, p) => (Math.abs(p.u) < 0.4 ? Math.min(least, p.v) : least), RIM_BELOW);
  const rim = known.filter(
    (p) =>
      p.v < RIM_BELOW &&
      p.v < top + 0.4 * (RIM_BELOW - top) + 0.05 &&
      Math.abs(p.u) < HEAD_HALF &&
      !inFace(p),
  );
  const hair = median(rim.map((p) => colourAt(p.index)));
  const skin = median(
    known
      .filter((p) => Math.abs(p.u - nose[0] * 0.8) < 0.2 && Math.abs(p.v - nose[1]) < 0.12)
      .map((p) => colourAt(p.index)),
  );
  if (!hair || !skin) return;
  const isHair = (p: HeadPixel) => {
    const [r, g, b] = colourAt(p.index);
    const toHair = clothDistance(hair, r, g, b);
    return toHair < 45 && toHair < 0.8 * clothDistance(skin, r, g, b);
  };
  const bald = clothDistance(hair, ...skin) < 20;

  // Long hair shows beside the neck, below the jaw.
  const beside = known.filter((p) => p.v > 0.45 && p.v < 0.75 && Math.abs(p.u) > 0.22 && Math.abs(p.u) < 0.6);
  const long =
    !bald && beside.filter(isHair).length > LONG_HAIR_SHARE * Math.max(beside.length, 1) && beside.length > 8;
  const hairline = long ? LONG_HAIRLINE : SHORT_HAIRLINE;

  const sources = emptyColours(BACK_SIDE);
  const skins: Colour[] = [];
  for (const p of known) {
    const usable =
      p.v < hairline &&
      !inFace(p, 1.1) &&
      Math.abs(p.u) < HEAD_HALF &&
      (isHair(p) || (bald && p.v < RIM_BELOW));
    if (usable) {
      sources.weight[p.index] = 1;
      for (let c = 0; c < 3; c++) sources.planes[c][p.index] = front.planes[c][p.index];
    }
    if (p.v > 0.5 && p.v < 0.72 && Math.abs(p.u) < 0.25 && !isHair(p)) skins.push(colourAt(p.index));
  }
  if (!pullPush(sources)) return;
  const neck = median(skins) ?? skin;
  // A neck as dark as a shadow or as a scarf is taken as it is; otherwise the face tells its colour too.
  for (const p of pixels) {
    const { index, u, v } = p;
    const overHead = smoothstep(hairline + 0.08, hairline - 0.08, v);
    const width = v < 0.3 ? HEAD_HALF : NECK_HALF + (HEAD_HALF - NECK_HALF) * smoothstep(0.55, 0.3, v);
    const half = long ? HEAD_HALF : width;
    const inside = smoothstep(half + 0.12, half, Math.abs(u));
    const down = smoothstep((long ? LONG_HAIRLINE : COLLAR) + 0.1, long ? LONG_HAIRLINE - 0.1 : COLLAR, v);
    const amount = inside * down * (isHair(p) && front.weight[index] === 1 && !inFace(p, 1.1) ? 0 : 1);
    if (amount === 0) continue;
    for (let c = 0; c < 3; c++) {
      const colour = sources.planes[c][index] * overHead + neck[c] * (1 - overHead);
      const before = replace[index] > 0 ? guess[c][index] : colour;
      guess[c][index] = before + (colour - before) * amount;
    }
    replace[index] = Math.max(replace[index], amount);
  }
}
