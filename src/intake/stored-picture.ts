/**
 * A picture file becomes a bitmap as it is stored, and the turn that shows it upright; whatever the file lacks at its
 * end is found out here. Size and turn are those of the bitmap: what a header says is used to refuse a picture that
 * would not fit in memory, and for the turn that the decoder was kept from making (exif-turn.ts).
 */
import { StageError } from '../base/errors.ts';
import { clearTurn, type Size, shownSideOfBottom, type Turn, type TurnEntry } from './exif-turn.ts';
import { foreignFile, type PictureFormat, pictureFormat } from './file-kinds.ts';
import { decodeHeic } from './heic.ts';
import { closedJpeg, type JpegFile, readJpeg, trailingZeros } from './jpeg-file.ts';
import { largestExtent, wantedLength } from './media-boxes.ts';
import { firstDifference, greyBottom, hasFlatBottom, sampleOf } from './missing-rows.ts';
import { readPng, repairPng, withoutExif } from './png-file.ts';
import { completedWebp, readWebp } from './webp-file.ts';

/** What a picture is for, and what may be done with it. */
export interface PictureUse {
  /** Stage that errors name. */
  readonly stage: 'photo' | 'matte';
  readonly what: 'photo' | 'mask';
  /** Throws when a picture of this size is not taken; called as early as a size is known. */
  checkSize(size: Size): void;
  readonly maxSide: number;
  readonly signal?: AbortSignal;
}

export interface StoredPicture {
  /** Full size, as stored: `turn` is still to be made. The caller closes it. */
  readonly bitmap: ImageBitmap;
  readonly turn: Turn;
  readonly format: PictureFormat | 'other';
  /** Share of the stored height, from the top, that is really there. */
  readonly arrived: number;
  readonly notices: readonly string[];
}

type Found = Omit<StoredPicture, 'format'>;

const TYPES: Readonly<Record<PictureFormat, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif',
  heic: 'image/heic',
  gif: 'image/gif',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
};

const KNOWN_FORMATS = 'PNG, JPEG, WebP, AVIF or HEIC';

/** Below this share of a picture there is nothing to work with. */
const LEAST_ARRIVED = 0.1;
/** So little missing at the end (a last row of blocks) is not worth a sentence. */
const MOST_UNSAID = 0.004;
/** Zeros that a disk or a download puts in place of data come in blocks; a picture's own data end in fewer. */
const ZERO_FILL = 16;
/** Pseudo-random bytes without FF: no decoder takes them for anything but entropy-coded data. */
const FILLER = Uint8Array.from({ length: 4096 }, (_, i) => ((i * 167 + (i >> 3) * 59 + 91) & 0xff) % 0xfb);
/** Bytes for what is missing in a WebP. */
const WEBP_FILLERS = [0x55, 0xaa, 0x33] as const;

const ALREADY_UPRIGHT: Turn = 1;

const BITMAP_OPTIONS: ImageBitmapOptions = {
  imageOrientation: 'from-image',
  premultiplyAlpha: 'none',
  colorSpaceConversion: 'default',
};

/** @returns null when the browser cannot decode it. */
async function decode(content: Blob | Uint8Array<ArrayBuffer>, type: string): Promise<ImageBitmap | null> {
  try {
    return await createImageBitmap(new Blob([content], { type }), BITMAP_OPTIONS);
  } catch {
    return null;
  }
}

const notAnImage = (use: PictureUse, message: string, fix: string) =>
  new StageError(use.stage, 'E_NOT_AN_IMAGE', message, { fix });

const damaged = (use: PictureUse, name: string, detail = '') =>
  notAnImage(
    use,
    `The ${use.what} file is damaged: the browser cannot decode this ${name}${detail}.`,
    'Open it in a picture editor, save it again as PNG or JPEG, then drop that file.',
  );

const COPY_AGAIN = 'Copy or download the picture again; the file stops in the middle.';

const cutOff = (use: PictureUse) =>
  notAnImage(use, `The ${use.what} file is cut off before its end.`, COPY_AGAIN);

const percent = (share: number) => `${Math.max(1, Math.round(share * 100))} %`;

/** Refuses what is hardly there; a mask must be whole. @returns the sentence for the visitor, if one is due. */
function judgeArrived(arrived: number, turn: Turn, use: PictureUse): string[] {
  const missing = 1 - arrived;
  if (missing <= MOST_UNSAID) return [];
  if (use.what === 'mask') throw cutOff(use);
  if (arrived < LEAST_ARRIVED) {
    throw notAnImage(
      use,
      `The photo file is cut off: only ${percent(arrived)} of the picture arrived.`,
      COPY_AGAIN,
    );
  }
  return [
    `The photo file is cut off: about ${percent(missing)} of the picture, at the ${shownSideOfBottom(turn)}, never ` +
      'arrived and is left out. Copy or download it again to have all of it.',
  ];
}

const ANIMATED = 'The file is animated; its first picture is used.';

/** The turn that is left to make. A bitmap whose sides are swapped already was turned in spite of us. */
function turnOf(entry: TurnEntry | null, stored: Size, bitmap: ImageBitmap): Turn {
  const turn = entry?.turn ?? ALREADY_UPRIGHT;
  const swapped = bitmap.width === stored.height && bitmap.height === stored.width;
  return turn >= 5 && swapped && stored.width !== stored.height ? ALREADY_UPRIGHT : turn;
}

/** @returns share of the height that has its data; 1 = all. */
async function jpegArrived(
  bytes: Uint8Array,
  file: JpegFile,
  bitmap: ImageBitmap,
): Promise<{ sharp: number; shown: number }> {
  const whole = { sharp: 1, shown: 1 };
  const shown = sampleOf(bitmap);
  if (file.ended && !hasFlatBottom(shown)) return whole;
  /** Where the picture changes when the last `cut` bytes give way to filler. */
  const changesAt = async (cut: number) => {
    const other = await decode(closedJpeg(bytes, file, FILLER, cut), TYPES.jpeg);
    if (!other) return null;
    const row = firstDifference(shown, sampleOf(other));
    other.close();
    return row;
  };
  const zeros = trailingZeros(bytes, file);
  let row: number | null;
  if (zeros < ZERO_FILL) {
    row = await changesAt(0);
  } else {
    // Zeros may be data (a black area), padding behind a whole picture, or what stands where data never arrived.
    row = await changesAt(zeros);
    const areData = row !== null && (await changesAt(0)) === null && (await changesAt(ZERO_FILL)) !== null;
    if (areData) row = null;
  }
  if (row === null || row > 1 - MOST_UNSAID) {
    // Cut between two scans: all of it is there, without what the later ones would have added.
    return file.progressive && !file.ended && !file.allScans ? { sharp: 0, shown: 1 } : whole;
  }
  return {
    sharp: row,
    shown: file.progressive && zeros < ZERO_FILL ? Math.max(row, greyBottom(shown)) : row,
  };
}

async function openJpeg(bytes: Uint8Array<ArrayBuffer>, use: PictureUse): Promise<Found> {
  const file = readJpeg(bytes);
  if (!file?.size || file.scan < 0) throw cutOff(use);
  if (file.size.width > 0 && file.size.height > 0) use.checkSize(file.size);
  for (const entry of file.turns) clearTurn(bytes, entry);
  const plain = file.ended && file.start === 0;
  const content = plain ? bytes : closedJpeg(bytes, file, new Uint8Array(0));
  const bitmap = await decode(content, TYPES.jpeg);
  if (!bitmap) throw damaged(use, 'JPEG', file.unusual ? `, which uses ${file.unusual}` : '');
  const turn = turnOf(file.turn, file.size, bitmap);
  try {
    const { sharp, shown } = await jpegArrived(bytes, file, bitmap);
    const notices = judgeArrived(shown, turn, use);
    if (shown - sharp > MOST_UNSAID) {
      notices.push(
        sharp === 0
          ? 'The photo file is cut off: the picture is there, but less sharp than it should be.'
          : `The photo file is cut off: about ${percent(1 - sharp)} of the picture, at the ` +
              `${shownSideOfBottom(turn)}, is less sharp than it should be.`,
      );
    }
    return { bitmap, turn, arrived: shown, notices };
  } catch (error) {
    bitmap.close();
    throw error;
  }
}

async function openPng(bytes: Uint8Array<ArrayBuffer>, use: PictureUse): Promise<Found> {
  const file = readPng(bytes);
  if (!file.size) throw cutOff(use);
  use.checkSize(file.size);
  let bitmap = file.ended ? await decode(file.turn ? withoutExif(bytes, file) : bytes, TYPES.png) : null;
  let arrived = 1;
  let coarsePx = 1;
  if (!bitmap) {
    const repaired = repairPng(bytes, file);
    bitmap = repaired && (await decode(repaired.blob, TYPES.png));
    if (!bitmap || !repaired) throw file.ended ? damaged(use, 'PNG') : cutOff(use);
    arrived = repaired.rows / file.size.height;
    coarsePx = repaired.coarsePx;
  }
  const turn = turnOf(file.turn, file.size, bitmap);
  try {
    const notices = judgeArrived(arrived, turn, use);
    if (coarsePx > 1 && arrived === 1) {
      if (use.what === 'mask') throw cutOff(use);
      notices.push(`The photo file is cut off: parts of it are only there in steps of ${coarsePx} pixels.`);
    }
    if (file.animated) notices.push(ANIMATED);
    return { bitmap, turn, arrived, notices };
  } catch (error) {
    bitmap.close();
    throw error;
  }
}

async function openWebp(bytes: Uint8Array<ArrayBuffer>, use: PictureUse): Promise<Found> {
  const file = readWebp(bytes);
  if (!file.size) throw cutOff(use);
  use.checkSize(file.size);
  if (file.turn) clearTurn(bytes, file.turn);
  const whole = file.wantedBytes <= bytes.length;
  const share = (bytes.length - file.pixels) / (file.wantedBytes - file.pixels);
  if (!whole && !(share > LEAST_ARRIVED / 4)) throw cutOff(use);
  const bitmap =
    (whole ? await decode(bytes, TYPES.webp) : null) ??
    (await decode(completedWebp(bytes, file, 0), TYPES.webp));
  if (!bitmap) throw whole ? damaged(use, 'WebP') : cutOff(use);
  const turn = turnOf(file.turn, file.size, bitmap);
  try {
    const arrived = whole ? 1 : await webpArrived(bytes, bitmap, share);
    const notices = judgeArrived(arrived, turn, use);
    if (file.animated) notices.push(ANIMATED);
    return { bitmap, turn, arrived, notices };
  } catch (error) {
    bitmap.close();
    throw error;
  }
}

async function webpArrived(bytes: Uint8Array, bitmap: ImageBitmap, share: number): Promise<number> {
  const shown = sampleOf(bitmap);
  for (const filler of WEBP_FILLERS) {
    const other = await decode(completedWebp(bytes, readWebp(bytes), filler), TYPES.webp);
    if (!other) continue;
    const row = firstDifference(shown, sampleOf(other));
    other.close();
    if (row !== null) return row;
  }
  return share;
}

/** Formats that we cannot mend: the browser decodes them or it does not. */
async function openPlain(
  bytes: Uint8Array<ArrayBuffer>,
  format: 'avif' | 'gif' | 'bmp' | 'ico',
  use: PictureUse,
): Promise<Found> {
  const size = format === 'avif' ? largestExtent(bytes) : null;
  if (size) use.checkSize(size);
  const bitmap = await decode(bytes, TYPES[format]);
  if (!bitmap) {
    if (format === 'avif' && wantedLength(bytes) > bytes.length) throw cutOff(use);
    throw damaged(use, format.toUpperCase());
  }
  const animated =
    (format === 'gif' && gifPictures(bytes) > 1) || (format === 'avif' && isAvifSequence(bytes));
  return { bitmap, turn: ALREADY_UPRIGHT, arrived: 1, notices: animated ? [ANIMATED] : [] };
}

const isAvifSequence = (bytes: Uint8Array) => String.fromCharCode(...bytes.subarray(8, 12)) === 'avis';

/** Pictures in a GIF, counted to two: blocks are an extension (21), a picture (2C) or the end (3B). */
function gifPictures(bytes: Uint8Array): number {
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + tableBytes(bytes[10] ?? 0);
  let count = 0;
  while (at < bytes.length && count < 2) {
    if (bytes[at] === 0x2c) {
      count++;
      at += 11 + tableBytes(bytes[at + 9] ?? 0);
    } else if (bytes[at] === 0x21) at += 2;
    else break;
    // Sub-blocks, each with its length first; 0 ends them.
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at] + 1;
    at++;
  }
  return count;
}

async function openHeic(bytes: Uint8Array<ArrayBuffer>, use: PictureUse): Promise<Found> {
  const size = largestExtent(bytes);
  if (size) use.checkSize(size);
  const wanted = wantedLength(bytes);
  const whole = wanted <= bytes.length;
  const own = whole ? await decode(bytes, TYPES.heic) : null;
  if (own) return { bitmap: own, turn: ALREADY_UPRIGHT, arrived: 1, notices: [] };
  if (!whole && wanted * LEAST_ARRIVED > bytes.length) throw cutOff(use);
  // The file is lengthened to what it says: libheif then decodes the tiles that are there.
  const padded = new Uint8Array(Math.max(wanted, bytes.length));
  padded.set(bytes);
  const answer = await decodeHeic(padded.buffer, use.maxSide, !whole, use.signal);
  if (answer.kind === 'too-large') {
    use.checkSize(answer);
    throw damaged(use, 'HEIC');
  }
  if (answer.kind === 'failed') {
    if (!whole) throw cutOff(use);
    throw notAnImage(
      use,
      `The ${use.what} is a HEIC picture that could not be decoded (${answer.reason.trim().replace(/\.$/, '')}).`,
      'Export it as JPEG (on an iPhone: Settings, Camera, Formats, "Most Compatible"), then drop that file.',
    );
  }
  const bitmap = await decode(answer.png, TYPES.png);
  if (!bitmap) throw damaged(use, 'HEIC');
  try {
    return {
      bitmap,
      turn: ALREADY_UPRIGHT,
      // What is missing was filled where it lies; it need not be at one side.
      arrived: 1,
      notices: judgeTiles(answer.missing, use),
    };
  } catch (error) {
    bitmap.close();
    throw error;
  }
}

function judgeTiles(missing: number, use: PictureUse): string[] {
  if (missing <= MOST_UNSAID) return [];
  if (use.what === 'mask') throw cutOff(use);
  if (missing > 1 - LEAST_ARRIVED) throw cutOff(use);
  return [
    `The photo file is cut off: about ${percent(missing)} of the picture never arrived and is left out. Copy or ` +
      'download it again to have all of it.',
  ];
}

/** A file that we do not read: perhaps the browser does; else it is refused by its name. */
async function openForeign(bytes: Uint8Array<ArrayBuffer>, use: PictureUse): Promise<Found> {
  const foreign = foreignFile(bytes);
  if (!foreign) {
    throw notAnImage(
      use,
      `The ${use.what} file is not a picture in ${KNOWN_FORMATS} format.`,
      `Use a ${KNOWN_FORMATS} file.`,
    );
  }
  const bitmap = foreign.mimeType ? await decode(bytes, foreign.mimeType) : null;
  if (bitmap) return { bitmap, turn: ALREADY_UPRIGHT, arrived: 1, notices: [] };
  throw notAnImage(use, `The ${use.what} is ${foreign.name}.`, foreign.fix);
}

/**
 * Decodes a picture file of any kind.
 *
 * @throws StageError E_EMPTY_FILE, E_NOT_AN_IMAGE, and what `use.checkSize` throws.
 */
export async function openPicture(file: Blob, use: PictureUse): Promise<StoredPicture> {
  // Our own copy: the turn is written over in it.
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.length === 0) {
    throw new StageError(use.stage, 'E_EMPTY_FILE', `The ${use.what} file is empty (0 bytes).`, {
      fix: 'Save or download the picture again, then drop it here.',
    });
  }
  const format = pictureFormat(bytes);
  const found = await openAs(format, bytes, use);
  try {
    use.checkSize(found.bitmap);
  } catch (error) {
    found.bitmap.close();
    throw error;
  }
  return { ...found, format: format ?? 'other' };
}

function openAs(
  format: PictureFormat | null,
  bytes: Uint8Array<ArrayBuffer>,
  use: PictureUse,
): Promise<Found> {
  switch (format) {
    case 'jpeg':
      return openJpeg(bytes, use);
    case 'png':
      return openPng(bytes, use);
    case 'webp':
      return openWebp(bytes, use);
    case 'heic':
      return openHeic(bytes, use);
    case null:
      return openForeign(bytes, use);
    default:
      return openPlain(bytes, format, use);
  }
}
