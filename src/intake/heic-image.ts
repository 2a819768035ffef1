/**
 * HEIC (HEVC in a HEIF container) to a PNG, by libheif compiled to WebAssembly (libheif-js, LGPL-3.0, unmodified).
 *
 * libheif puts grids of tiles together, applies rotation, mirroring and cropping, turns 10 and 12 bits into 8, and
 * leaves depth, gain and matte maps beside the picture alone. What it does not do is colour management, and phones save
 * Display P3: so the pixels go into a PNG together with their profile, and the browser does the rest as for any photo.
 */
import { zlibSync } from 'fflate';
import { pngChunk } from './png-file.ts';

/**
 * The C functions of libheif that we call. Pointers are numbers; functions that return a `heif_error` take the address
 * for it first. Source: libheif's API headers, version 1.23.
 */
export interface Libheif {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _heif_context_alloc(): number;
  _heif_context_free(context: number): void;
  _heif_context_read_from_memory(
    error: number,
    context: number,
    data: number,
    size: number,
    options: number,
  ): void;
  _heif_context_get_primary_image_handle(error: number, context: number, out: number): void;
  _heif_context_get_number_of_top_level_images(context: number): number;
  _heif_image_handle_release(handle: number): void;
  _heif_image_handle_get_width(handle: number): number;
  _heif_image_handle_get_height(handle: number): number;
  _heif_image_handle_has_alpha_channel(handle: number): number;
  _heif_image_handle_is_premultiplied_alpha(handle: number): number;
  _heif_image_handle_get_color_profile_type(handle: number): number;
  _heif_image_handle_get_raw_color_profile_size(handle: number): number;
  _heif_image_handle_get_raw_color_profile(error: number, handle: number, out: number): void;
  _heif_image_handle_get_nclx_color_profile(error: number, handle: number, out: number): void;
  _heif_nclx_color_profile_free(profile: number): void;
  _heif_decode_image(
    error: number,
    handle: number,
    out: number,
    colourSpace: number,
    chroma: number,
    options: number,
  ): void;
  _heif_image_get_width(image: number, channel: number): number;
  _heif_image_get_height(image: number, channel: number): number;
  _heif_image_get_plane_readonly(image: number, channel: number, stride: number): number;
  _heif_image_release(image: number): void;
}

export type HeicAnswer =
  | {
      readonly kind: 'png';
      readonly png: Uint8Array<ArrayBuffer>;
      readonly width: number;
      readonly height: number;
      /** Pictures in the file; only the primary one was decoded. */
      readonly pictures: number;
      /** Share of the pixels for which the file has no data; they are filled with a mean of the border. */
      readonly missing: number;
    }
  | { readonly kind: 'too-large'; readonly width: number; readonly height: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** Values of libheif's enumerations. */
const COLOUR_SPACE_RGB = 1;
const CHROMA_INTERLEAVED_RGB = 10;
const CHROMA_INTERLEAVED_RGBA = 11;
const CHANNEL_INTERLEAVED = 10;
const PROFILE_NCLX = 0x6e636c78;
const PROFILE_RICC = 0x72494343;
const PROFILE_PROF = 0x70726f66;
/** Bytes of a heif_error (code, subcode, message) and of one out-pointer behind it. */
const ERROR_BYTES = 12;
/** Code points of ITU-T H.273: "unspecified", and BT.709 primaries with the transfer of sRGB or BT.709. */
const UNSPECIFIED = 2;
const BT709 = 1;
const SRGB_TRANSFER = 13;

class LibheifError extends Error {}

const view = (lib: Libheif) => new DataView(lib.HEAPU8.buffer);
const pointerAt = (lib: Libheif, address: number) => view(lib).getUint32(address, true);

function textAt(lib: Libheif, address: number): string {
  const end = lib.HEAPU8.indexOf(0, address);
  return address === 0 ? '' : String.fromCharCode(...lib.HEAPU8.subarray(address, end));
}

/** @param scratch where the error was written. */
function check(lib: Libheif, scratch: number): void {
  if (pointerAt(lib, scratch) !== 0) throw new LibheifError(textAt(lib, pointerAt(lib, scratch + 8)));
}

/** The colour description of a picture as PNG chunks; none where it says sRGB or nothing. */
function colourChunks(lib: Libheif, handle: number, scratch: number): Uint8Array<ArrayBuffer>[] {
  const type = lib._heif_image_handle_get_color_profile_type(handle);
  if (type === PROFILE_PROF || type === PROFILE_RICC) {
    const size = lib._heif_image_handle_get_raw_color_profile_size(handle);
    const at = lib._malloc(size);
    try {
      lib._heif_image_handle_get_raw_color_profile(scratch, handle, at);
      check(lib, scratch);
      const profile = zlibSync(lib.HEAPU8.slice(at, at + size));
      const content = new Uint8Array(5 + profile.length);
      // Name, its end, compression method 0.
      content.set([0x69, 0x63, 0x63, 0, 0]);
      content.set(profile, 5);
      return [pngChunk('iCCP', content)];
    } finally {
      lib._free(at);
    }
  }
  if (type !== PROFILE_NCLX) return [];
  lib._heif_image_handle_get_nclx_color_profile(scratch, handle, scratch + ERROR_BYTES);
  check(lib, scratch);
  const profile = pointerAt(lib, scratch + ERROR_BYTES);
  const primaries = pointerAt(lib, profile + 4);
  const transfer = pointerAt(lib, profile + 8);
  lib._heif_nclx_color_profile_free(profile);
  const plain = primaries === BT709 && [BT709, SRGB_TRANSFER, 6].includes(transfer);
  if (plain || primaries === UNSPECIFIED || transfer === UNSPECIFIED) return [];
  // Matrix 0 and full range: the pixels are RGB by now.
  return [pngChunk('cICP', Uint8Array.of(primaries, transfer, 0, 1))];
}

/** Rows in libheif's memory as the rows of a PNG: a filter byte 0 before each. */
function pngRows(
  lib: Libheif,
  plane: number,
  stride: number,
  rowBytes: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(height * (rowBytes + 1));
  for (let y = 0; y < height; y++) {
    const from = plane + y * stride;
    rows.set(lib.HEAPU8.subarray(from, from + rowBytes), y * (rowBytes + 1) + 1);
  }
  return rows;
}

/** Colours that were multiplied by alpha, divided by it again. Changes `rows` (RGBA, a filter byte before each row). */
function unmultiply(rows: Uint8Array, width: number, height: number): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * (width * 4 + 1) + 1; x < width; x++, at += 4) {
      const alpha = rows[at + 3];
      if (alpha === 0 || alpha === 255) continue;
      for (let c = 0; c < 3; c++) rows[at + c] = Math.min(255, Math.round((rows[at + c] * 255) / alpha));
    }
  }
}

/** What the decoder leaves where a tile has no data: Y, Cb and Cr of 0, which is this green in RGB. */
const NO_DATA = [0, 136, 0] as const;

/**
 * Finds and fills what a cut-off file has no data for. Changes `rows` (a filter byte before each row).
 *
 * @returns the share of the pixels that were filled.
 */
function fillMissing(rows: Uint8Array, width: number, height: number, channels: 3 | 4): number {
  const rowBytes = width * channels + 1;
  const isMissing = (at: number) =>
    rows[at] === NO_DATA[0] && rows[at + 1] === NO_DATA[1] && rows[at + 2] === NO_DATA[2];
  const sum = [0, 0, 0];
  let border = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * rowBytes + 1; x < width; x++, at += channels) {
      if (isMissing(at)) count++;
      else if (x === 0 || y === 0 || x === width - 1 || y === height - 1) {
        for (let c = 0; c < 3; c++) sum[c] += rows[at + c];
        border++;
      }
    }
  }
  if (count === 0) return 0;
  const mean = sum.map((value) => (border === 0 ? 128 : Math.round(value / border)));
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * rowBytes + 1; x < width; x++, at += channels) {
      if (isMissing(at)) rows.set(mean, at);
    }
  }
  return count / (width * height);
}

function encode(
  rows: Uint8Array,
  width: number,
  height: number,
  alpha: boolean,
  colour: Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(13);
  const fields = new DataView(head.buffer);
  fields.setUint32(0, width);
  fields.setUint32(4, height);
  head[8] = 8;
  head[9] = alpha ? 6 : 2;
  const pieces = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    pngChunk('IHDR', head),
    ...colour,
    // Only for the way to the browser's own decoder: packing it would cost more than it saves.
    pngChunk('IDAT', zlibSync(rows, { level: 0 })),
    pngChunk('IEND', new Uint8Array(0)),
  ];
  const file = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
}

/**
 * Decodes the primary picture of a HEIC file. Takes seconds for a phone's photo and does not yield: call it in a worker
 * of its own.
 *
 * @param maxSide longest side that is decoded, px.
 * @param cutOff bytes at the end are only padding: look for tiles without data.
 * @returns an upright 8-bit PNG with the profile of the photo; or why there is none.
 */
export function heicToPng(lib: Libheif, bytes: Uint8Array, maxSide: number, cutOff: boolean): HeicAnswer {
  const scratch = lib._malloc(ERROR_BYTES + 4);
  const out = scratch + ERROR_BYTES;
  const data = lib._malloc(bytes.length);
  const context = lib._heif_context_alloc();
  let handle = 0;
  let image = 0;
  try {
    lib.HEAPU8.set(bytes, data);
    lib._heif_context_read_from_memory(scratch, context, data, bytes.length, 0);
    check(lib, scratch);
    lib._heif_context_get_primary_image_handle(scratch, context, out);
    check(lib, scratch);
    handle = pointerAt(lib, out);
    const size = {
      width: lib._heif_image_handle_get_width(handle),
      height: lib._heif_image_handle_get_height(handle),
    };
    if (Math.max(size.width, size.height) > maxSide) return { kind: 'too-large', ...size };
    const alpha = lib._heif_image_handle_has_alpha_channel(handle) !== 0;
    const chroma = alpha ? CHROMA_INTERLEAVED_RGBA : CHROMA_INTERLEAVED_RGB;
    lib._heif_decode_image(scratch, handle, out, COLOUR_SPACE_RGB, chroma, 0);
    check(lib, scratch);
    image = pointerAt(lib, out);
    const width = lib._heif_image_get_width(image, CHANNEL_INTERLEAVED);
    const height = lib._heif_image_get_height(image, CHANNEL_INTERLEAVED);
    const plane = lib._heif_image_get_plane_readonly(image, CHANNEL_INTERLEAVED, out);
    const stride = pointerAt(lib, out);
    if (plane === 0 || width < 1 || height < 1) throw new LibheifError('no pixels');
    const rows = pngRows(lib, plane, stride, width * (alpha ? 4 : 3), height);
    lib._heif_image_release(image);
    image = 0;
    if (alpha && lib._heif_image_handle_is_premultiplied_alpha(handle)) unmultiply(rows, width, height);
    const missing = cutOff ? fillMissing(rows, width, height, alpha ? 4 : 3) : 0;
    const png = encode(rows, width, height, alpha, colourChunks(lib, handle, scratch));
    const pictures = lib._heif_context_get_number_of_top_level_images(context);
    return { kind: 'png', png, width, height, pictures, missing };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    if (image) lib._heif_image_release(image);
    if (handle) lib._heif_image_handle_release(handle);
    lib._heif_context_free(context);
    lib._free(data);
    lib._free(scratch);
  }
}
