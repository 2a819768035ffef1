/** What the painters of the unseen side work on (back-colours.ts). */
import type { BackFrames } from './back-frames.ts';
import type { WeightedColours } from './pull-push.ts';

/** Side of the working picture; fills are smooth, so a quarter of the canvas is enough. */
export const BACK_SIDE = 512;

/** Where the painters read and write; all planes BACK_SIDE squared. */
export interface BackCanvas {
  readonly frames: BackFrames;
  /** Canvas px per working px. */
  readonly step: number;
  /** Front colours with weight 1 well inside the person, 0 elsewhere. */
  readonly front: WeightedColours;
  /** Guessed colours, and how far they replace the front's (0..1). */
  readonly guess: readonly [Float32Array, Float32Array, Float32Array];
  readonly replace: Float32Array;
}
