/**
 * The back of the head: hair over everything down to the hairline, then the neck; never a face.
 * Hair is known by its colour on the upper rim of the head; long hair by what hangs beside the neck. A bald head's rim
 * is skin, a hat's is the hat: the rule holds for them as it is.
 */
import type { Steps } from '../base/steps.ts';
import { BACK_SIDE, type BackCanvas } from './back-canvas.ts';
import { inFrame, smoothstep } from './back-frames.ts';
import { type Colour, clothDistance, colourAt, medianColour, soften } from './back-palette.ts';
import { emptyColours, pullPushSteps } from './pull-push.ts';

/** Head frame: v = 0 at the ears, 1 between the shoulders; u across in the same unit. The head's top is near -0.75. */
const HEAD_TOP = -1.4;
/** Hair is sampled above this height, away from the face. */
const RIM_BELOW = -0.25;
/** Back hairline of short hair; where long hair ends on the back, and over how much it thins out. */
const SHORT_HAIRLINE = 0.5;
const LONG_HAIR_END = 1.2;
const LONG_HAIR_FADE = 0.25;
/** Where neck skin ends on the back at the latest. */
const NECK_END = 0.75;
/** Colour distance within which a front pixel of the neck is skin (shade included), beyond which a collar. */
const SKIN_REACH = [34, 52] as const;
/** Half widths of the head, of the neck, of long hair on the back. */
const HEAD_HALF = 0.85;
const NECK_HALF = 0.4;
const LONG_HAIR_HALF = 0.62;
/** The face, never a source of hair: an ellipse around the nose. */
const FACE_HALF_WIDTH = 0.36;
const FACE_HALF_HEIGHT = 0.58;
const FACE_UP_SHARE = 0.6;
/** Share of the area beside the neck, above the shoulders, that must look like hair for long hair. */
const LONG_HAIR_SHARE = 0.4;
/** Colour distance up to which a pixel may be hair: the rim's own spread (four fifths of it), within these bounds. */
const HAIR_REACH = [40, 75] as const;
/** Colour distance between hair and skin below which the head counts as bald. */
const BALD_DISTANCE = 20;
/** Strands: how much of the rim's fine light and dark is repeated over the painted hair. */
const STRAND_GAIN = 0.6;

interface HeadPixel {
  readonly index: number;
  readonly u: number;
  readonly v: number;
}

export function* paintHeadBack(canvas: BackCanvas): Steps<void> {
  const { frames, step, front, guess, replace } = canvas;
  const { head, nose } = frames;
  const pixels: HeadPixel[] = [];
  for (let y = 0; y < BACK_SIDE; y++) {
    yield;
    for (let x = 0; x < BACK_SIDE; x++) {
      const [u, v] = inFrame(head, (x + 0.5) * step, (y + 0.5) * step);
      if (v > HEAD_TOP && v < LONG_HAIR_END && Math.abs(u) < 1.2)
        pixels.push({ index: y * BACK_SIDE + x, u, v });
    }
  }
  yield;
  const isKnown = (p: HeadPixel) => front.weight[p.index] === 1;
  const known = pixels.filter(isKnown);
  const faceU = nose[0] * 0.8;
  const top = known.reduce((least, p) => (Math.abs(p.u) < 0.4 ? Math.min(least, p.v) : least), RIM_BELOW);
  // Upwards the face ends at the forehead, wherever this head's top is.
  const faceUp = Math.min(FACE_HALF_HEIGHT, FACE_UP_SHARE * (nose[1] - top));
  const inFace = (p: HeadPixel) => {
    const height = p.v < nose[1] ? faceUp : FACE_HALF_HEIGHT;
    return ((p.u - faceU) / FACE_HALF_WIDTH) ** 2 + ((p.v - nose[1]) / height) ** 2 < 1;
  };
  const rimEnd = top + 0.4 * (RIM_BELOW - top) + 0.05;
  const rimStart = top + 0.08;
  const inRim = (p: HeadPixel) =>
    p.v < Math.min(rimEnd, RIM_BELOW) && Math.abs(p.u) < HEAD_HALF && !inFace(p);
  const coloursOf = (list: readonly HeadPixel[]) => list.map((p) => colourAt(front, p.index));
  const rim = coloursOf(known.filter(inRim));
  const hair = medianColour(rim);
  const skin = medianColour(
    coloursOf(known.filter((p) => Math.abs(p.u - faceU) < 0.2 && Math.abs(p.v - nose[1]) < 0.12)),
  );
  if (!hair || !skin) return;
  yield;
  const bald = clothDistance(hair, ...skin) < BALD_DISTANCE;
  const spread = rim.map((c) => clothDistance(hair, ...c)).sort((a, b) => a - b);
  const reach = Math.max(
    HAIR_REACH[0],
    Math.min(HAIR_REACH[1], 1.5 * spread[Math.floor(spread.length * 0.8)]),
  );
  const isHair = (p: HeadPixel) => {
    const [r, g, b] = colourAt(front, p.index);
    const toHair = clothDistance(hair, r, g, b);
    // On the rim everything is hair or hat (lights in it too), except a forehead.
    if (inRim(p)) return bald || toHair < 1.3 * clothDistance(skin, r, g, b);
    return toHair < reach && (bald || toHair < 0.8 * clothDistance(skin, r, g, b));
  };

  // Beside the neck there is background on short-haired people: the share counts the whole area, not the person.
  const beside = pixels.filter(
    (p) => p.v > 0.35 && p.v < 0.6 && Math.abs(p.u) > 0.32 && Math.abs(p.u) < 0.58,
  );
  const hanging = beside.filter((p) => isKnown(p) && isHair(p)).length;
  const long = !bald && hanging > LONG_HAIR_SHARE * beside.length;

  yield;

  const sources = emptyColours(BACK_SIDE);
  const keep = new Float32Array(BACK_SIDE * BACK_SIDE);
  const neckColours: Colour[] = [];
  const sourceEnd = long ? 0.6 : 0.3;
  for (const p of known) {
    const hairHere = !inFace(p) && Math.abs(p.u) < HEAD_HALF && isHair(p);
    if (hairHere && (p.v < sourceEnd || (long && Math.abs(p.u) > 0.3))) {
      if (!bald || p.v < RIM_BELOW) {
        sources.weight[p.index] = 1;
        for (let c = 0; c < 3; c++) sources.planes[c][p.index] = front.planes[c][p.index];
      }
      if (p.v < SHORT_HAIRLINE || long) keep[p.index] = 1;
    }
    if (p.v > 0.5 && p.v < 0.72 && Math.abs(p.u) < 0.25 && !isHair(p))
      neckColours.push(colourAt(front, p.index));
  }
  yield;
  // Where hair meets face or background, pixels are a mixture: only what has hair all around is a source.
  const pure = sources.weight.slice();
  soften(pure, 2);
  for (const { index } of known) {
    if (pure[index] >= 0.9) continue;
    sources.weight[index] = 0;
    keep[index] = 0;
  }
  const fine = emptyColours(BACK_SIDE);
  fine.weight.set(sources.weight);
  for (let c = 0; c < 3; c++) fine.planes[c].set(sources.planes[c]);
  // A head so small or so bald that no pure pixel is left is painted in the rim's one colour.
  if (!(yield* pullPushSteps(sources))) for (let c = 0; c < 3; c++) sources.planes[c].fill(hair[c]);
  soften(keep, 2);
  yield;
  const smooth: Float32Array[] = [];
  for (const plane of sources.planes) {
    const copy = plane.slice();
    soften(copy, 3);
    smooth.push(copy);
    yield;
  }
  const neck = medianColour(neckColours) ?? skin;

  const indexAt = (u: number, v: number): number => {
    const x = head.origin[0] + (u * head.across[0] + v * head.down[0]) * head.length;
    const y = head.origin[1] + (u * head.across[1] + v * head.down[1]) * head.length;
    const column = Math.floor(x / step);
    const row = Math.floor(y / step);
    return column < 0 || row < 0 || column >= BACK_SIDE || row >= BACK_SIDE ? -1 : row * BACK_SIDE + column;
  };
  const hairEnd = long ? LONG_HAIR_END : SHORT_HAIRLINE;
  let line = -1;
  for (const { index, u, v } of pixels) {
    if (Math.floor(index / BACK_SIDE) !== line) {
      line = Math.floor(index / BACK_SIDE);
      yield;
    }
    const overHead = long ? 1 : smoothstep(SHORT_HAIRLINE + 0.1, SHORT_HAIRLINE - 0.06, v);
    const headToNeck = NECK_HALF + (HEAD_HALF - NECK_HALF) * smoothstep(0.6, 0.35, v);
    const half = long ? HEAD_HALF + (LONG_HAIR_HALF - HEAD_HALF) * smoothstep(0.2, 0.6, v) : headToNeck;
    const inside = smoothstep(half + 0.14, half, Math.abs(u));
    // Long hair ends in a curve, longest in the middle.
    const end = long ? LONG_HAIR_END - 0.3 * (u / LONG_HAIR_HALF) ** 2 : NECK_END;
    const down = smoothstep(end, end - (long ? LONG_HAIR_FADE : 0.1), v);
    // A collar or scarf in front goes around the neck; only what is skin in front is skin behind.
    const distance = front.weight[index] > 0 ? clothDistance(neck, ...colourAt(front, index)) : 0;
    const bare = Math.max(overHead, smoothstep(SKIN_REACH[1], SKIN_REACH[0], distance));
    const amount = inside * down * bare * (1 - keep[index]);
    if (amount === 0) continue;
    // Strands: the rim's difference from its own smooth colour, stretched down the head.
    const down01 = Math.max(0, Math.min(1, (v - top) / (hairEnd - top)));
    const texture = indexAt(u * 0.85, rimStart + (rimEnd - rimStart) * down01);
    const hasTexture = texture >= 0 && fine.weight[texture] === 1 && !bald;
    for (let c = 0; c < 3; c++) {
      const strand = hasTexture ? STRAND_GAIN * (fine.planes[c][texture] - smooth[c][texture]) : 0;
      const colour = (smooth[c][index] + strand) * overHead + neck[c] * (1 - overHead);
      const before = replace[index] > 0 ? guess[c][index] : colour;
      guess[c][index] = before + (colour - before) * amount;
    }
    replace[index] = Math.max(replace[index], amount);
  }
}
