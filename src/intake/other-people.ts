/**
 * Whose is which pixel, where several people share the canvas: each pixel goes to the body it lies nearest to, a body being
 * its bones with the thickness of limbs, helped by what the landmark graph saw of each. Two who touch come out as one each.
 */
import type { Steps } from '../base/steps.ts';
import { CANVAS_SIZE, type KeypointTable } from '../geometry/body.ts';
import type { BodyOutline } from './pose/people.ts';
import { regionFromPicture } from './pose/region.ts';
import { outsideBody } from './pose/thick-bones.ts';

/** One body on the canvas. */
export interface BodyShape {
  /** 31 points, canvas px, all placed. */
  readonly keypoints: KeypointTable;
  /** Its region in canvas px. */
  readonly outline: BodyOutline;
}

/** Side of the grid on which bodies are compared. */
const GRID = 512;
/** What a sure "person" of the landmark graph is worth, in lengths of the trunk. */
const OUTLINE_WORTH = 0.35;
/** Deep inside a limb nothing more is gained, in lengths of the trunk. */
const DEEP = 0.1;

/** How much a place belongs to a body, in lengths of its trunk: larger is more. */
function belongingTo({ keypoints, outline }: BodyShape): (x: number, y: number) => number {
  const outside = outsideBody(keypoints);
  const { region, side, data } = outline;
  return (x, y) => {
    const [u, v] = regionFromPicture(region, [x, y]);
    const [column, row] = [Math.floor(u * side), Math.floor(v * side)];
    const isIn = column >= 0 && row >= 0 && column < side && row < side;
    const probability = isIn ? data[row * side + column] / 255 : 0;
    return OUTLINE_WORTH * probability - Math.max(-DEEP, outside(x, y));
  };
}

/**
 * @returns 2048 x 2048, 1 where a pixel is rather another one's; null when nobody else is near.
 */
export function* othersPixelsSteps(
  own: BodyShape,
  others: readonly BodyShape[],
): Steps<Uint8Array<ArrayBuffer> | null> {
  if (others.length === 0) return null;
  const cell = CANVAS_SIZE / GRID;
  const ofOwn = belongingTo(own);
  const ofOthers = others.map(belongingTo);
  const lead = new Float32Array(GRID * GRID);
  for (let row = 0; row < GRID; row++) {
    yield;
    for (let column = 0; column < GRID; column++) {
      const [x, y] = [(column + 0.5) * cell, (row + 0.5) * cell];
      let most = Number.NEGATIVE_INFINITY;
      for (const of of ofOthers) most = Math.max(most, of(x, y));
      lead[row * GRID + column] = most - ofOwn(x, y);
    }
  }
  const pixels = new Uint8Array(CANVAS_SIZE * CANVAS_SIZE);
  let count = 0;
  for (let y = 0; y < CANVAS_SIZE; y++) {
    yield;
    const v = Math.max(0, Math.min(GRID - 1, (y + 0.5) / cell - 0.5));
    const top = Math.min(GRID - 2, Math.floor(v));
    for (let x = 0; x < CANVAS_SIZE; x++) {
      const u = Math.max(0, Math.min(GRID - 1, (x + 0.5) / cell - 0.5));
      const left = Math.min(GRID - 2, Math.floor(u));
      const i = top * GRID + left;
      const upper = lead[i] * (left + 1 - u) + lead[i + 1] * (u - left);
      const lower = lead[i + GRID] * (left + 1 - u) + lead[i + GRID + 1] * (u - left);
      if (upper * (top + 1 - v) + lower * (v - top) <= 0) continue;
      pixels[y * CANVAS_SIZE + x] = 1;
      count++;
    }
  }
  return count > 0 ? pixels : null;
}

/** What is another one's, out of a binary canvas picture; in place. */
export function withoutOthers(data: Uint8Array, others: Uint8Array | null): void {
  if (!others) return;
  for (let i = 0; i < data.length; i++) if (others[i]) data[i] = 0;
}
