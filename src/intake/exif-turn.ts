/**
 * The turn that a camera wrote into a picture (EXIF orientation), where it stands in the file, and how to draw it.
 *
 * Decoders differ in what they honour: Chrome turns a PNG whose eXIf chunk stands before the pixels but not behind
 * them, never a WebP, and no orientation stored as LONG; OpenCV and Pillow, which pose and mask tools read with, turn
 * nearly all of these. So the written turn is taken out of our copy of the file, the decoder gives the pixels as
 * they are stored, and we turn them: one result everywhere, whatever the decoder knows.
 */

/** EXIF orientation: 1 = as stored, 3 = half turn, 6 = quarter turn clockwise, 8 = counter-clockwise, even ones mirror. */
export type Turn = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** An orientation entry in a file. */
export interface TurnEntry {
  /** What it says; 1 where it says nothing that exists. */
  readonly turn: Turn;
  /** Offset and length of its value field, which holds a SHORT or a LONG. */
  readonly at: number;
  readonly little: boolean;
  readonly long: boolean;
}

const ORIENTATION_TAG = 0x0112;
/** TIFF field types BYTE, SHORT, LONG; the standard says SHORT, some phones write LONG. */
const BYTE = 1;
const SHORT = 3;
const LONG = 4;

const isTurn = (value: number): value is Turn => Number.isInteger(value) && value >= 1 && value <= 8;

/**
 * Finds the orientation of an EXIF block.
 *
 * @param start where its TIFF header begins, behind an "Exif\0\0" if there is one.
 * @param end where the block ends.
 * @returns null when the block has no orientation or is broken.
 */
export function findTurn(view: DataView, start: number, end: number): TurnEntry | null {
  const limit = Math.min(end, view.byteLength);
  if (start + 8 > limit) return null;
  const order = view.getUint16(start);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const little = order === 0x4949;
  const directory = start + view.getUint32(start + 4, little);
  if (directory + 2 > limit) return null;
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > limit) return null;
    if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue;
    const type = view.getUint16(entry + 2, little);
    if (type !== BYTE && type !== SHORT && type !== LONG) return null;
    const at = entry + 8;
    const value =
      type === LONG
        ? view.getUint32(at, little)
        : type === SHORT
          ? view.getUint16(at, little)
          : view.getUint8(at);
    return { turn: isTurn(value) ? value : 1, at, little, long: type === LONG };
  }
  return null;
}

/** Says "as stored" in a copy of the file. Changes `bytes`. */
export function clearTurn(bytes: Uint8Array, entry: TurnEntry): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (entry.long) view.setUint32(entry.at, 1, entry.little);
  else view.setUint16(entry.at, 1, entry.little);
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size as shown of a picture stored at `size`. */
export function turnedSize(size: Size, turn: Turn): Size {
  return turn >= 5 ? { width: size.height, height: size.width } : { width: size.width, height: size.height };
}

/**
 * Canvas transform (a, b, c, d, e, f) that draws a picture stored at `size` as it is to be shown. Whole pixels go to
 * whole pixels, so nothing is interpolated.
 */
export function turnTransform(
  { width, height }: Size,
  turn: Turn,
): readonly [number, number, number, number, number, number] {
  switch (turn) {
    case 1:
      return [1, 0, 0, 1, 0, 0];
    case 2:
      return [-1, 0, 0, 1, width, 0];
    case 3:
      return [-1, 0, 0, -1, width, height];
    case 4:
      return [1, 0, 0, -1, 0, height];
    case 5:
      return [0, 1, 1, 0, 0, 0];
    case 6:
      return [0, 1, -1, 0, height, 0];
    case 7:
      return [0, -1, -1, 0, height, width];
    case 8:
      return [0, -1, 1, 0, 0, width];
  }
}

/** Side of the shown picture where the bottom of the stored one is. */
export function shownSideOfBottom(turn: Turn): 'bottom' | 'top' | 'left' | 'right' {
  if (turn <= 2) return 'bottom';
  if (turn <= 4) return 'top';
  return turn === 6 || turn === 7 ? 'left' : 'right';
}
