/**
 * What a file is, from its bytes: names lie ("HEIC named .jpg" is what chat programs make). Pictures that we read get
 * their format; everything else that people drop gets its own name and one sentence on how to make a picture of it.
 */

/** Formats that we read. HEIC through libheif where the browser has no decoder of its own, the others by the browser. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'heic' | 'gif' | 'bmp' | 'ico';

/** A file that is no picture we read. */
export interface ForeignFile {
  /** What it is, with its article, as in "The photo is ...". */
  readonly name: string;
  /** How to get a picture that works. */
  readonly fix: string;
  /** Some browsers decode it themselves: worth a try with this type before it is refused. */
  readonly mimeType?: string;
}

/** Bytes of the head of a file that tell what it is; an SVG may begin with long comments. */
export const HEAD_BYTES = 256 * 1024;

/** Junk that some transfers put before a JPEG is shorter than this. */
const JUNK_BYTES = 4096;

const ascii = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

const startsWith = (bytes: Uint8Array, ...expected: number[]) =>
  bytes.length >= expected.length && expected.every((value, i) => bytes[i] === value);

/** Brands of the ISO base media "ftyp" box: the major one and the compatible ones. */
function brandsOf(bytes: Uint8Array): string[] {
  if (bytes.length < 12 || ascii(bytes, 4, 4) !== 'ftyp') return [];
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const end = Math.min(bytes.length, declared, 256);
  const brands = [ascii(bytes, 8, 4)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(bytes, at, 4));
  return brands;
}

/**
 * Where a JPEG begins: 0, or behind a few bytes of junk; -1 when there is none. With junk before it a start marker alone
 * is not enough: a table, an application segment or a comment must follow.
 */
export function jpegStart(bytes: Uint8Array): number {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return 0;
  const end = Math.min(bytes.length - 4, JUNK_BYTES);
  for (let at = 1; at < end; at++) {
    if (bytes[at] !== 0xff || bytes[at + 1] !== 0xd8 || bytes[at + 2] !== 0xff) continue;
    const marker = bytes[at + 3];
    if ((marker >= 0xe0 && marker <= 0xef) || [0xdb, 0xc4, 0xc0, 0xc2, 0xfe].includes(marker)) return at;
  }
  return -1;
}

/** Windows bitmaps begin with two letters only, so the size of the second header must be one that exists. */
function isBmp(bytes: Uint8Array): boolean {
  if (bytes.length < 26 || ascii(bytes, 0, 2) !== 'BM') return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset).getUint32(14, true);
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(header);
}

const HEIC_BRAND = /^(hei[cxms]|hev[cxms])$/;

/**
 * Format of a picture that we read; null when it is none (ask foreignFile what it is).
 *
 * @param bytes the file, or its first HEAD_BYTES.
 */
export function pictureFormat(bytes: Uint8Array): PictureFormat | null {
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return 'jpeg';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return 'webp';
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return 'gif';
  if (isBmp(bytes)) return 'bmp';
  if (startsWith(bytes, 0, 0, 1, 0) && bytes.length > 22 && bytes[4] > 0 && bytes[5] === 0) return 'ico';
  const brands = brandsOf(bytes);
  if (brands.some((b) => b === 'avif' || b === 'avis')) return 'avif';
  // 'mif1' and 'msf1' say "HEIF", the codec is in the file: HEVC unless it said AV1 above.
  if (brands.some((b) => HEIC_BRAND.test(b)) || /^(mif[12]|msf1|miaf)$/.test(brands[0] ?? '')) return 'heic';
  if (brands.length === 0 && !signatureOf(bytes) && jpegStart(bytes) > 0) return 'jpeg';
  return null;
}

/** Values of the entries of the first directory of a TIFF that tell camera files from pictures. */
function tiffFacts(bytes: Uint8Array): { make: string; dng: boolean; raw: boolean } {
  const facts = { make: '', dng: false, raw: false };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const directory = view.getUint32(4, little);
  if (directory + 2 > bytes.length) return facts;
  const count = view.getUint16(directory, little);
  let subDirectories = false;
  let reduced = false;
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > bytes.length) break;
    const tag = view.getUint16(entry, little);
    const length = view.getUint32(entry + 4, little);
    if (tag === 271) {
      const at = length <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
      facts.make = ascii(bytes, at, Math.min(length, 40)).replace(/\0.*$/s, '').trim();
    }
    if (tag === 50706) facts.dng = true;
    if (tag === 330) subDirectories = true;
    if (tag === 254) reduced = view.getUint32(entry + 8, little) === 1;
    // Photometric interpretation: colour filter array, linear raw.
    if (tag === 262) facts.raw ||= [32803, 34892].includes(view.getUint16(entry + 8, little));
  }
  // The first picture of a camera file is a small preview; the sensor's data hang below it.
  facts.raw ||= facts.make !== '' && (reduced || subDirectories);
  return facts;
}

const RAW_FIX =
  'Develop it in your camera program (or Lightroom, darktable, Photos), export it as JPEG and use that file.';
const raw = (name: string): ForeignFile => ({ name: `a camera RAW file (${name})`, fix: RAW_FIX });

function tiffOrRaw(bytes: Uint8Array): ForeignFile {
  if (ascii(bytes, 8, 2) === 'CR') return raw('Canon CR2');
  const {
    make,
    dng,
    raw: isRaw,
  } = bytes.length >= 8 ? tiffFacts(bytes) : { make: '', dng: false, raw: false };
  if (dng) return raw('DNG');
  if (isRaw) {
    const known: readonly [RegExp, string][] = [
      [/nikon/i, 'Nikon NEF'],
      [/sony/i, 'Sony ARW'],
      [/canon/i, 'Canon'],
      [/pentax|ricoh/i, 'Pentax PEF'],
      [/samsung/i, 'Samsung SRW'],
    ];
    return raw(known.find(([pattern]) => pattern.test(make))?.[1] ?? (make || 'TIFF inside'));
  }
  return {
    name: 'a TIFF picture, which browsers cannot read',
    fix: 'Open it in Preview (Mac), Photos or Paint (Windows) or GIMP, save it as PNG or JPEG and use that file.',
    mimeType: 'image/tiff',
  };
}

const SAVE_AS = 'Open it in the program that made it, export it as PNG or JPEG and use that file.';
const VIDEO: ForeignFile = {
  name: 'a video',
  fix: 'Pause it where the person stands well, save that frame as a picture and use that; of a Live Photo use the still picture.',
};
const JXL: ForeignFile = {
  name: 'a JPEG XL picture, which this browser cannot read',
  fix: 'Convert it to PNG or JPEG (djxl, GIMP, XnView or IrfanView do it) and use that file.',
  mimeType: 'image/jxl',
};
const JP2: ForeignFile = {
  name: 'a JPEG 2000 picture, which this browser cannot read',
  fix: 'Open it in Preview (Mac), GIMP, XnView or IrfanView, save it as PNG or JPEG and use that file.',
  mimeType: 'image/jp2',
};
const AUDIO: ForeignFile = { name: 'a sound file', fix: 'Use a photo of one standing person.' };
const archive = (kind: string): ForeignFile => ({
  name: `${kind} archive`,
  fix: 'Unpack it and use the picture inside.',
});

/** Files known by their first bytes. */
function signatureOf(bytes: Uint8Array): ForeignFile | null {
  const four = ascii(bytes, 0, 4);
  if (startsWith(bytes, 0xff, 0x0a)) return JXL;
  if (startsWith(bytes, 0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20)) return JXL;
  if (startsWith(bytes, 0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20) || startsWith(bytes, 0xff, 0x4f, 0xff, 0x51))
    return JP2;
  if (/^(II\*\0|MM\0\*)$/.test(four)) return tiffOrRaw(bytes);
  if (/^(II\+\0|MM\0\+)$/.test(four)) return tiffOrRaw(new Uint8Array(0));
  if (ascii(bytes, 0, 15) === 'FUJIFILMCCD-RAW') return raw('Fujifilm RAF');
  if (/^(IIR[OS]|MMOR)$/.test(four)) return raw('Olympus ORF');
  if (four === 'IIU\0') return raw('Panasonic RW2');
  if (four === 'FOVb') return raw('Sigma X3F');
  if (four === '\0MRM') return raw('Minolta MRW');
  if (ascii(bytes, 6, 8) === 'HEAPCCDR') return raw('Canon CRW');
  if (four === '8BPS') return { name: 'a Photoshop file (PSD)', fix: SAVE_AS };
  if (ascii(bytes, 0, 9) === 'gimp xcf ') return { name: 'a GIMP file (XCF)', fix: SAVE_AS };
  if (four === '%!PS' || startsWith(bytes, 0xc5, 0xd0, 0xd3, 0xc6))
    return { name: 'a PostScript file', fix: SAVE_AS };
  if (startsWith(bytes, 0x76, 0x2f, 0x31, 0x01)) return { name: 'an OpenEXR picture', fix: SAVE_AS };
  if (/^#\?(RADI|RGBE)/.test(ascii(bytes, 0, 6))) return { name: 'a Radiance HDR picture', fix: SAVE_AS };
  if (four === 'qoif' || four === 'DDS ')
    return { name: 'a picture of a kind that browsers cannot read', fix: SAVE_AS };
  if (/^P[1-7]\s/.test(ascii(bytes, 0, 3)))
    return { name: 'a PNM picture, which browsers cannot read', fix: SAVE_AS };
  if (ascii(bytes, 0, 1024).includes('%PDF-')) {
    return {
      name: 'a PDF document',
      fix: 'Export the page as PNG or JPEG (Preview, Acrobat, or a screenshot) and use that file.',
    };
  }
  if (four === 'PK\u0003\u0004' || four === 'PK\u0005\u0006') return archive('a zip');
  if (startsWith(bytes, 0x1f, 0x8b)) return archive('a gzip');
  if (ascii(bytes, 0, 4) === 'Rar!') return archive('a RAR');
  if (startsWith(bytes, 0x37, 0x7a, 0xbc, 0xaf)) return archive('a 7z');
  if (startsWith(bytes, 0x1a, 0x45, 0xdf, 0xa3)) return VIDEO;
  if (four === 'RIFF' && ascii(bytes, 8, 4) === 'AVI ') return VIDEO;
  if (startsWith(bytes, 0, 0, 1, 0xba) || startsWith(bytes, 0, 0, 1, 0xb3) || ascii(bytes, 0, 3) === 'FLV')
    return VIDEO;
  // QuickTime files older than "ftyp".
  if (/^(moov|mdat|wide|skip|pnot)$/.test(ascii(bytes, 4, 4))) return VIDEO;
  if (ascii(bytes, 0, 3) === 'ID3' || four === 'OggS' || four === 'fLaC' || four === 'RIFF') return AUDIO;
  return null;
}

function isoMedia(bytes: Uint8Array): ForeignFile | null {
  const brands = brandsOf(bytes);
  if (brands.length === 0) return null;
  if (brands[0] === 'crx ') return raw('Canon CR3');
  if (brands[0] === 'jxl ') return JXL;
  if (/^jp[2xm] $/.test(brands[0])) return JP2;
  return /^M4[AB] /.test(brands[0]) ? AUDIO : VIDEO;
}

/** The head as text: UTF-8 or, by its mark, UTF-16; null when it holds bytes that text does not. */
function textOf(bytes: Uint8Array): string | null {
  const wide = startsWith(bytes, 0xff, 0xfe) ? 'utf-16le' : startsWith(bytes, 0xfe, 0xff) ? 'utf-16be' : null;
  const text = new TextDecoder(wide ?? 'utf-8').decode(bytes.subarray(0, HEAD_BYTES));
  // No control characters but tab, line ends, form feed and escape; a few bytes may be of another encoding.
  const strange = text.slice(0, 512).split('\uFFFD').length - 1;
  if (strange * 10 > Math.min(text.length, 512)) return null;
  const isText = [...text.slice(0, 512)].every((c) => c >= ' ' || '\t\n\v\f\r\x1b'.includes(c));
  return text.length > 0 && isText ? text : null;
}

/** What stands before the first element: declaration, comments, the document type with its own brackets. */
const XML_HEAD = /^(?:\s|<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE(?:[^[>]|\[[\s\S]*?\])*>)*/i;

function textFile(bytes: Uint8Array): ForeignFile | null {
  const text = textOf(bytes);
  if (text === null) return null;
  const start = text.slice(XML_HEAD.exec(text)?.[0].length ?? 0);
  if (
    /^<(?:\w+:)?svg[\s>/]/i.test(start) ||
    (/^(<!--|<!DOCTYPE)/i.test(start) && /svg/i.test(text.slice(0, 4096)))
  ) {
    return {
      name: 'a drawing (SVG), not a photo',
      fix: 'Export it from Inkscape or Illustrator as PNG, 2,000 px high, if it shows a person.',
    };
  }
  if (/^<(html|head|body)[\s>]/i.test(start) || /^\s*<!doctype html/i.test(text)) {
    return {
      name: 'a web page, saved under the name of a picture',
      fix: 'Open the page, save the picture itself (right click, "Save image as") and use that file.',
    };
  }
  if (text.startsWith('version https://git-lfs')) {
    return {
      name: 'a Git LFS pointer, not the file itself',
      fix: 'Run "git lfs pull" and use the file again.',
    };
  }
  if (/^\uFEFF?\s*[[{]/.test(text)) {
    return { name: 'a JSON file, not a picture', fix: 'Use it together with its photo, as the pose.' };
  }
  return {
    name: 'a text file, not a picture',
    fix: 'Use a photo of one standing person (JPEG, PNG, WebP, AVIF or HEIC).',
  };
}

/**
 * What a file is that we do not read.
 *
 * @param bytes the file, or its first HEAD_BYTES; not empty.
 * @returns null when it is a picture we read, or nothing we know.
 */
export function foreignFile(bytes: Uint8Array): ForeignFile | null {
  if (pictureFormat(bytes)) return null;
  return signatureOf(bytes) ?? isoMedia(bytes) ?? textFile(bytes);
}
