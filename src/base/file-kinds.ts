/** What a file is by its first bytes, in words for a sentence. Sources of the signatures: the formats' own specifications. */

export type FileKindId = 'glb' | 'ply' | 'picture' | 'archive' | 'model' | 'other';

export interface FileKind {
  readonly id: FileKindId;
  /** Completes "The file is ...". */
  readonly is: string;
}

/** Bytes, as Latin-1, where they stand, what they mean. */
const SIGNATURES: readonly (readonly [bytes: string, at: number, id: FileKindId, is: string])[] = [
  ['glTF', 0, 'glb', 'a 3D model (GLB)'],
  ['ply\n', 0, 'ply', 'a point cloud or mesh (PLY)'],
  ['ply\r', 0, 'ply', 'a point cloud or mesh (PLY)'],
  ['\x89PNG', 0, 'picture', 'a picture (PNG)'],
  ['\xff\xd8\xff', 0, 'picture', 'a picture (JPEG)'],
  ['GIF8', 0, 'picture', 'a picture (GIF)'],
  ['BM', 0, 'picture', 'a picture (BMP)'],
  ['II*\x00', 0, 'picture', 'a picture (TIFF)'],
  ['MM\x00*', 0, 'picture', 'a picture (TIFF)'],
  ['WEBP', 8, 'picture', 'a picture (WebP)'],
  ['8BPS', 0, 'picture', 'a picture (PSD)'],
  ['ftyp', 4, 'picture', 'a picture or film (HEIC, AVIF, MP4)'],
  ['RIFF', 0, 'other', 'a sound or film (RIFF)'],
  ['PK\x03\x04', 0, 'archive', 'a zip archive'],
  ['PK\x05\x06', 0, 'archive', 'an empty zip archive'],
  ['\x1f\x8b', 0, 'archive', 'packed with gzip'],
  ['7z\xbc\xaf\x27\x1c', 0, 'archive', 'a 7-Zip archive'],
  ['Rar!\x1a\x07', 0, 'archive', 'a RAR archive'],
  ['\xfd7zXZ\x00', 0, 'archive', 'packed with xz'],
  ['BZh', 0, 'archive', 'packed with bzip2'],
  ['\x28\xb5\x2f\xfd', 0, 'archive', 'packed with zstd'],
  ['\x04\x22\x4d\x18', 0, 'archive', 'packed with lz4'],
  ['xar!', 0, 'archive', 'a xar archive'],
  ['\x89HDF\r\n\x1a\n', 0, 'model', 'an HDF5 file (Keras or h5)'],
  ['CDF\x01', 0, 'model', 'a netCDF file'],
  ['TFL3', 4, 'model', 'a TensorFlow Lite model'],
  ['\x93NUMPY', 0, 'model', 'a NumPy array'],
  ['GGUF', 0, 'other', 'a GGUF file of a language model'],
  ['Kaydara FBX', 0, 'other', 'a 3D model (FBX)'],
  ['%PDF', 0, 'other', 'a PDF document'],
  ['\x7fELF', 0, 'other', 'a program'],
  ['MZ', 0, 'other', 'a program of Windows'],
  ['\x00\x05\x16\x07', 0, 'other', 'what macOS keeps beside a file (AppleDouble), not the file'],
  ['bplist00', 0, 'other', 'a property list of macOS'],
  ['SQLite format 3', 0, 'other', 'a database'],
];

/** @param head at least the first 16 bytes. @returns null when none of the known signatures is there. */
export function fileKind(head: Uint8Array): FileKind | null {
  const raw = String.fromCharCode(...head.subarray(0, 32));
  const found = SIGNATURES.find(([bytes, at]) => raw.startsWith(bytes, at));
  return found ? { id: found[2], is: found[3] } : null;
}

/** UTF-8 or UTF-16 text without control characters; null for anything else. A character may be cut at the end. */
export function textOf(head: Uint8Array): string | null {
  const wide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  const label = wide ? (head[0] === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8';
  try {
    const text = new TextDecoder(label, { fatal: true }).decode(head, { stream: true });
    return Array.from(text).some(isControl) ? null : text;
  } catch {
    return null;
  }
}

/** Characters that text does not have; white space and escape (coloured logs) are text. */
function isControl(character: string): boolean {
  const code = character.charCodeAt(0);
  return code < 0x20 && !(code >= 9 && code <= 13) && code !== 0x1b;
}
