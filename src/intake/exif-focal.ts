/**
 * Focal length of the lens from a photo's EXIF, in pixels: what tells how strong the perspective is. Tags of Exif 2.32:
 * FocalLengthIn35mmFilm (0xA405, by the diagonal), else FocalLength (0x920A) with the sensor's resolution (0xA20E, 0xA210).
 */

/** Diagonal of 35 mm film, 36 x 24 mm. */
const FILM_DIAGONAL_MM = Math.hypot(36, 24);
/** Millimetres of FocalPlaneResolutionUnit: inch (also when absent), centimetre, millimetre, micrometre. */
const UNIT_MM: Readonly<Record<number, number>> = { 2: 25.4, 3: 10, 4: 1, 5: 0.001 };
/** A view between 4 and 140 degrees across the diagonal; anything else is a mistake of the file. */
const LEAST_PER_DIAGONAL = 0.18;
const MOST_PER_DIAGONAL = 14;

const EXIF_MARK = [0x45, 0x78, 0x69, 0x66, 0, 0];

/** Reads one TIFF directory: the entry's value, or null. */
class Directory {
  private readonly view: DataView;
  private readonly start: number;
  private readonly at: number;
  private readonly little: boolean;

  constructor(view: DataView, start: number, at: number, little: boolean) {
    this.view = view;
    this.start = start;
    this.at = at;
    this.little = little;
  }

  /** A whole number (SHORT, LONG) or a fraction (RATIONAL). */
  value(tag: number): number | null {
    const { view, little } = this;
    if (this.at + 2 > view.byteLength) return null;
    const count = view.getUint16(this.at, little);
    for (let i = 0; i < count; i++) {
      const entry = this.at + 2 + i * 12;
      if (entry + 12 > view.byteLength) return null;
      if (view.getUint16(entry, little) !== tag) continue;
      const type = view.getUint16(entry + 2, little);
      if (type === 3) return view.getUint16(entry + 8, little);
      if (type === 4) return view.getUint32(entry + 8, little);
      const place = this.start + view.getUint32(entry + 8, little);
      if (type !== 5 || place + 8 > view.byteLength) return null;
      const below = view.getUint32(place + 4, little);
      return below === 0 ? null : view.getUint32(place, little) / below;
    }
    return null;
  }

  directory(tag: number): Directory | null {
    const offset = this.value(tag);
    return offset === null ? null : new Directory(this.view, this.start, this.start + offset, this.little);
  }
}

/** Start of the TIFF block behind "Exif\0\0"; -1 when there is none in the first megabyte. */
function exifStart(bytes: Uint8Array): number {
  const end = Math.min(bytes.length - 14, 1 << 20);
  for (let at = 0; at < end; at++) {
    if (bytes[at] === EXIF_MARK[0] && EXIF_MARK.every((value, k) => bytes[at + k] === value)) return at + 6;
  }
  return -1;
}

/**
 * @param bytes a whole JPEG or WebP file.
 * @param width, height of the picture as it is shown, px: the unit of the answer. Smaller than what the camera took when
 *   the picture was reduced; cropping is known only where it changed the picture's shape.
 * @returns px; null when the file does not say, or says what no lens does.
 */
export function exifFocalPx(bytes: Uint8Array, width: number, height: number): number | null {
  const start = exifStart(bytes);
  if (start < 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = view.getUint16(start);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const little = order === 0x4949;
  const first = new Directory(view, start, start + view.getUint32(start + 4, little), little);
  const exif = first.directory(0x8769);
  if (!exif) return null;
  if (wasCropped(exif, width, height)) return null;
  const diagonal = Math.hypot(width, height);
  const focal = focalOf(exif, diagonal, Math.max(width, height));
  if (focal === null || focal < LEAST_PER_DIAGONAL * diagonal || focal > MOST_PER_DIAGONAL * diagonal)
    return null;
  return focal;
}

/** Sides may differ by this share: reduced pictures are rounded. */
const SAME_SHAPE = 0.02;

/** The picture has another shape than the one that was taken: what the lens saw of it is not known any more. */
function wasCropped(exif: Directory, width: number, height: number): boolean {
  const taken = [exif.value(0xa002) ?? 0, exif.value(0xa003) ?? 0];
  if (!(taken[0] > 0 && taken[1] > 0)) return false;
  // Either way up: the sizes of a turned photo are those before it was turned.
  const shape = (a: number, b: number) => Math.max(a, b) / Math.min(a, b);
  return Math.abs(shape(taken[0], taken[1]) / shape(width, height) - 1) > SAME_SHAPE;
}

function focalOf(exif: Directory, diagonal: number, longer: number): number | null {
  const film = exif.value(0xa405);
  if (film) return (film / FILM_DIAGONAL_MM) * diagonal;
  const [length, perUnit] = [exif.value(0x920a), exif.value(0xa20e)];
  const unit = UNIT_MM[exif.value(0xa210) ?? 2];
  // The resolution is that of the picture as taken; it was reduced by as much as its longer side.
  const taken = Math.max(exif.value(0xa002) ?? 0, exif.value(0xa003) ?? 0) || longer;
  return length && perUnit && unit ? ((length * perUnit) / unit) * (longer / taken) : null;
}
