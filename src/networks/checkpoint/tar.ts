/** The files of a tar, by their headers alone: ustar, and the long names of GNU and pax. Source: POSIX.1, ustar and pax. */
import { type ByteSource, partSource } from './byte-source.ts';
import { badCheckpoint } from './errors.ts';

const BLOCK = 512;
const MAX_ENTRIES = 100_000;
const MAX_NAME_BYTES = 65_536;

/** Sum of the header's bytes, its own field taken as spaces: what tells a tar from anything else. */
function hasChecksum(header: Uint8Array): boolean {
  const stated = octal(header.subarray(148, 156));
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i];
  return stated === sum && header.some((byte) => byte !== 0);
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or base 256 when the first bit is set (sizes past 8 GiB). */
function octal(field: Uint8Array): number {
  if (field[0] & 0x80) return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
  const digits = text(field).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

export async function isTar(source: ByteSource): Promise<boolean> {
  return source.size >= BLOCK && hasChecksum(await source.read(0, BLOCK));
}

/**
 * @returns the regular files, in order; nothing of them is read.
 * @throws StageError E_BAD_CHECKPOINT when it is cut off or broken.
 */
export async function readTar(source: ByteSource): Promise<ByteSource[]> {
  const files: ByteSource[] = [];
  let longName = '';
  for (let at = 0, n = 0; at + BLOCK <= source.size && n < MAX_ENTRIES; n++) {
    const header = await source.read(at, BLOCK);
    if (header.every((byte) => byte === 0)) break;
    if (!hasChecksum(header)) throw badCheckpoint('The tar archive is broken', 'DAMAGED');
    const size = octal(header.subarray(124, 136));
    const start = at + BLOCK;
    const type = String.fromCharCode(header[156] || 0x30);
    const prefix = text(header.subarray(345, 500));
    const short = text(header.subarray(0, 100));
    if (!(start + size <= source.size)) {
      throw badCheckpoint(`The tar archive ends in the middle of ${longName || short}`, 'TRUNCATED');
    }
    if ((type === 'L' || type === 'x') && size <= MAX_NAME_BYTES) {
      const said = text(await source.read(start, size));
      longName = type === 'L' ? said : (/\d+ path=([^\n]*)\n/.exec(said)?.[1] ?? '');
    } else {
      const name = longName || (prefix ? `${prefix}/${short}` : short);
      if (type === '0' || type === '7') files.push(partSource(source, start, size, name));
      longName = '';
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
