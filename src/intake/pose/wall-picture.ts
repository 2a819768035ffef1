/**
 * Is a person one in a picture on a wall (a poster, a framed photo, a mirror, a screen)? Told by the rectangle around them: four
 * straight edges near the figure, each of one step in brightness along its whole length. A person in a doorway has no edge
 * below the feet.
 */
import type { RgbaImage } from '../../base/images.ts';
import type { FigureBox } from '../../geometry/framing.ts';

/** How far from the figure its picture may end, in heights of the figure. */
const SIDE_REACH = 0.6;
const TOP_REACH = 0.4;
const BOTTOM_REACH = 0.3;
/** The figure's own outline may lie a little across the picture's edge, in its heights. */
const INSET = 0.03;
/** Places along an edge that are looked at, the least step of brightness (of 255) there, and the share that must have it. */
const SAMPLES = 60;
const LEAST_STEP = 8;
const LEAST_SHARE = 0.88;
/** Edges this near to the photo's own border are its frame, shares of its side. */
const BORDER = 0.01;

type At = (x: number, y: number) => number;

function brightnessOf({ width, height, data }: RgbaImage): At {
  return (x, y) => {
    const column = Math.max(0, Math.min(width - 1, Math.round(x)));
    const row = Math.max(0, Math.min(height - 1, Math.round(y)));
    const i = (row * width + column) * 4;
    return (data[i] + 2 * data[i + 1] + data[i + 2]) / 4;
  };
}

/** The first place from `near` to `far` where brightness steps the same way all along; null when there is none. */
function edge(
  near: number,
  far: number,
  stride: number,
  stepAt: (at: number, share: number) => number,
): number | null {
  const direction = Math.sign(far - near) * stride;
  for (let at = near; direction > 0 ? at <= far : at >= far; at += direction) {
    let [up, down] = [0, 0];
    for (let k = 0; k < SAMPLES; k++) {
      const step = stepAt(at, (k + 0.5) / SAMPLES);
      if (step > LEAST_STEP) up++;
      else if (step < -LEAST_STEP) down++;
    }
    if (Math.max(up, down) >= LEAST_SHARE * SAMPLES) return at;
  }
  return null;
}

/** @param figure of the person, px of the picture. */
export function isInWallPicture(picture: RgbaImage, { left, top, right, bottom }: FigureBox): boolean {
  const { width, height } = picture;
  const at = brightnessOf(picture);
  const tall = bottom - top;
  const reach = Math.max(1, Math.round(tall / 300));
  const [marginX, marginY] = [BORDER * width, BORDER * height];
  const upright = (x: number, share: number) => {
    const y = top + share * tall;
    return at(x + reach, y) - at(x - reach, y);
  };
  const inset = INSET * tall;
  const leftEdge = edge(left + inset, Math.max(marginX, left - SIDE_REACH * tall), reach, upright);
  if (leftEdge === null) return false;
  const rightEdge = edge(right - inset, Math.min(width - marginX, right + SIDE_REACH * tall), reach, upright);
  if (rightEdge === null) return false;
  const level = (y: number, share: number) => {
    const x = leftEdge + share * (rightEdge - leftEdge);
    return at(x, y + reach) - at(x, y - reach);
  };
  const topEdge = edge(top + inset, Math.max(marginY, top - TOP_REACH * tall), reach, level);
  if (topEdge === null) return false;
  return (
    edge(bottom - inset, Math.min(height - marginY, bottom + BOTTOM_REACH * tall), reach, level) !== null
  );
}
