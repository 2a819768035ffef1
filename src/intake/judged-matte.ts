/**
 * A cut-out by the background's colour knows nothing of people: on a photo in a black frame it takes the whole picture, on
 * one that is cut out on black it loses dark socks and hair. So it is checked against a person network: a matte with much
 * background in it, or that misses much of the person, is refused; foreground pieces that it lost are added back, along the
 * outline that the network's answer has in the photo's own edges.
 */
import type { GreyImage, RgbaImage } from '../base/images.ts';
import type { Steps } from '../base/steps.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import type { SquareMapping } from '../geometry/keypoints.ts';
import { type BinaryImage, label, open } from './binary-image.ts';
import { segmentedMatteSteps } from './segmented-matte.ts';

/** Side at which the two are compared: the person networks see no finer. */
const GRID = 512;
const CELL = CANVAS_SIZE / GRID;
/** Person probability, of 255, from which on a cell is surely foreground, and up to which it is surely background. */
const SURE_FOREGROUND = 230;
const SURE_BACKGROUND = 40;
/** Hair, loose clothes and held things lie beyond the outline of a coarse network: this far nothing counts as background, cells. */
const REACH = 24;
/** A matte with a larger share of background is refused, unless the caller says less; so is one that misses more of the sure foreground. */
const MOST_FOREIGN = 0.2;
const MOST_MISSING = 0.4;
/** Sure foreground that is left out: pieces below this are the network's own error, cells (64 cells = 1024 canvas px). */
const LEAST_PIECE = 40;

export interface JudgedMatte {
  readonly matte: GreyImage;
  /** Canvas px that were given back. */
  readonly returnedPx: number;
}

/** Any size to the grid, nearest. */
function onGrid({ width, height, data }: GreyImage): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(GRID * GRID);
  for (let row = 0; row < GRID; row++) {
    const from = Math.floor(((row + 0.5) * height) / GRID) * width;
    for (let column = 0; column < GRID; column++) {
      out[row * GRID + column] = data[from + Math.floor(((column + 0.5) * width) / GRID)];
    }
  }
  return out;
}

/** 1 within `reach` of a 1 (a square), by two running passes. */
function grown(source: Uint8Array, reach: number): Uint8Array {
  const pass = (from: Uint8Array, step: number, line: number) => {
    const out = new Uint8Array(GRID * GRID);
    for (let k = 0; k < GRID; k++) {
      let last = Number.NEGATIVE_INFINITY;
      let next = 0;
      for (let i = 0; i < GRID; i++) {
        const at = k * line + i * step;
        if (from[at]) last = i;
        if (next < i) next = i;
        while (next < GRID && !from[k * line + next * step]) next++;
        if (i - last <= reach || next - i <= reach) out[at] = 1;
      }
    }
    return out;
  };
  return pass(pass(source, 1, GRID), GRID, 1);
}

function count(data: Uint8Array, holds: (i: number) => boolean): number {
  let n = 0;
  for (let i = 0; i < data.length; i++) if (holds(i)) n++;
  return n;
}

/**
 * @param matte  by the background's colour; not changed.
 * @param person probability 0..255 of the whole canvas, any size.
 * @param mostForeign share of the cut-out that may lie on background.
 * @returns null when the matte is refused.
 */
export function* judgedMatteSteps(
  matte: GreyImage,
  person: GreyImage,
  photo: RgbaImage,
  mapping: SquareMapping,
  others: Uint8Array | null,
  mostForeign = MOST_FOREIGN,
): Steps<JudgedMatte | null> {
  const here = onGrid(matte).map((value) => (value >= 128 ? 1 : 0));
  const seen = onGrid(person);
  if (others) {
    const theirs = onGrid({ ...matte, data: others as Uint8Array<ArrayBuffer> });
    for (let i = 0; i < seen.length; i++) if (theirs[i]) seen[i] = 0;
  }
  yield;
  const near = grown(
    seen.map((value) => (value > SURE_BACKGROUND ? 1 : 0)),
    REACH,
  );
  yield;
  const foreign = count(here, (i) => here[i] === 1 && near[i] === 0);
  const sure = count(here, (i) => seen[i] >= SURE_FOREGROUND);
  const missing = count(here, (i) => seen[i] >= SURE_FOREGROUND && here[i] === 0);
  if (foreign > mostForeign * count(here, (i) => here[i] === 1)) return null;
  if (missing > MOST_MISSING * sure) return null;

  const size = { width: GRID, height: GRID };
  const lost: BinaryImage = open(
    { ...size, data: seen.map((value, i) => (value >= SURE_FOREGROUND && here[i] === 0 ? 1 : 0)) },
    1,
  );
  const pieces = new Uint8Array(GRID * GRID);
  label(lost, 1, true).paint(pieces, 1, ({ area }) => area >= LEAST_PIECE);
  if (!pieces.includes(1)) return { matte, returnedPx: 0 };
  yield;
  // What hangs together with a piece in the outline along the photo's edges is part of it.
  const outline = yield* segmentedMatteSteps(photo, mapping, person, others);
  const added = new Uint8Array(matte.data.length);
  for (let i = 0; i < added.length; i++) if (outline.data[i] >= 128 && matte.data[i] < 128) added[i] = 1;
  yield;
  // Thin rims along the whole outline are two opinions of one edge, no missing piece.
  const thick = open({ width: matte.width, height: matte.height, data: added }, 3);
  yield;
  const data = matte.data.slice();
  let returnedPx = 0;
  const blocks = new Uint8Array(thick.data.length);
  const labelled = label(thick, 1, true);
  const owners = labelled.indices();
  const wanted = new Set<number>();
  for (let i = 0; i < owners.length; i++) {
    const [row, column] = [Math.floor(i / CANVAS_SIZE), i % CANVAS_SIZE];
    if (owners[i] >= 0 && pieces[Math.floor(row / CELL) * GRID + Math.floor(column / CELL)])
      wanted.add(owners[i]);
  }
  labelled.paint(blocks, 1, (_, index) => wanted.has(index));
  yield;
  for (let i = 0; i < data.length; i++) {
    if (!blocks[i]) continue;
    data[i] = outline.data[i];
    returnedPx++;
  }
  return { matte: { ...matte, data }, returnedPx };
}
