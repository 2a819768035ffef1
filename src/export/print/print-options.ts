/** How a figure is printed: how tall, on what, with which words, and whether thin walls are made thicker. */
import { StageError } from '../../base/errors.ts';

export const PLINTH_SHAPES = ['round', 'square', 'none'] as const;
export type PlinthShape = (typeof PLINTH_SHAPES)[number];

export interface PrintOptions {
  /** Of the person from sole to crown, mm; the plinth comes below. */
  readonly heightMm: number;
  readonly plinth: PlinthShape;
  /** A line on the plinth's front; empty: none. */
  readonly text: string;
  /** Walls thinner than THINNEST_WALL_MM are made so thick. */
  readonly thicken: boolean;
}

export const DEFAULT_PRINT_OPTIONS: PrintOptions = {
  heightMm: 150,
  plinth: 'round',
  text: '',
  thicken: true,
};

/** What common printers (0.4 mm nozzle, resin) still hold together, mm. */
export const THINNEST_WALL_MM = 1;

export const PRINT_HEIGHTS_MM = { least: 20, most: 2000 } as const;
/** More does not fit a plinth in letters that print. */
export const LONGEST_PLINTH_TEXT = 32;

/** @throws StageError E_BAD_MESH with one sentence about what cannot be printed. */
export function checkPrintOptions({ heightMm, plinth, text }: PrintOptions): void {
  const { least, most } = PRINT_HEIGHTS_MM;
  const fail = (message: string, fix: string): never => {
    throw new StageError('export', 'E_BAD_MESH', message, { fix });
  };
  if (!(heightMm >= least && heightMm <= most)) {
    fail(`A print ${heightMm} mm tall cannot be made.`, `Give a height from ${least} to ${most} mm.`);
  }
  if ([...text].length > LONGEST_PLINTH_TEXT) {
    fail(
      `The text on the plinth has ${[...text].length} letters.`,
      `Take at most ${LONGEST_PLINTH_TEXT} of them.`,
    );
  }
  if (text.trim() !== '' && plinth === 'none') {
    fail('There is no plinth for the text.', 'Choose a round or a square plinth, or leave the text out.');
  }
}
