/**
 * The zip container as torch writes it: stored entries, data descriptors, UTF-8 flag, payloads aligned to 64 bytes by an
 * extra field "FB" of Z's. With `zip64`, sizes and offsets stand in zip64 fields as they do past 4 GiB.
 */
import { crc32 } from '../../src/base/deterministic.ts';
import { littleEndian } from './pickle-writer.ts';

export interface ZipPart {
  readonly name: string;
  readonly bytes: () => Uint8Array;
}

/** Descriptor and UTF-8. */
const FLAGS = 0x0808;
const ALIGNMENT = 64;

/** The file in pieces, so that a large one need not be in memory. */
export function* zipChunks(parts: Iterable<ZipPart>, zip64 = false): Generator<Uint8Array> {
  const directory: number[] = [];
  let at = 0;
  let count = 0;
  for (const part of parts) {
    const name = new TextEncoder().encode(part.name);
    const bytes = part.bytes();
    const crc = crc32(bytes);
    const unpadded = at + 30 + name.length + 4;
    const padding = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
    const extra = [0x46, 0x42, ...littleEndian(padding, 2), ...new Array<number>(padding).fill(0x5a)];
    const local = Uint8Array.from([
      ...[0x50, 0x4b, 3, 4, 0, 0],
      ...littleEndian(FLAGS, 2),
      // method, time, date, crc, sizes: all in the descriptor
      ...new Array<number>(18).fill(0),
      ...littleEndian(name.length, 2),
      ...littleEndian(extra.length, 2),
      ...name,
      ...extra,
    ]);
    const sizeBytes = zip64 ? 8 : 4;
    const descriptor = Uint8Array.from([
      ...[0x50, 0x4b, 7, 8],
      ...littleEndian(crc, 4),
      ...littleEndian(bytes.length, sizeBytes),
      ...littleEndian(bytes.length, sizeBytes),
    ]);
    directory.push(...centralHeader(name, crc, bytes.length, at, zip64));
    count++;
    yield local;
    yield bytes;
    yield descriptor;
    at += local.length + bytes.length + descriptor.length;
  }
  yield Uint8Array.from(directory);
  yield Uint8Array.from(endRecords(count, directory.length, at, zip64));
}

function centralHeader(
  name: Uint8Array,
  crc: number,
  size: number,
  offset: number,
  zip64: boolean,
): number[] {
  const saturated = [0xff, 0xff, 0xff, 0xff];
  const extra = zip64
    ? [1, 0, 24, 0, ...littleEndian(size, 8), ...littleEndian(size, 8), ...littleEndian(offset, 8)]
    : [];
  return [
    ...[0x50, 0x4b, 1, 2, 0, 0, 0, 0],
    ...littleEndian(FLAGS, 2),
    ...[0, 0, 0, 0, 0, 0],
    ...littleEndian(crc, 4),
    ...(zip64 ? saturated : littleEndian(size, 4)),
    ...(zip64 ? saturated : littleEndian(size, 4)),
    ...littleEndian(name.length, 2),
    ...littleEndian(extra.length, 2),
    ...new Array<number>(10).fill(0),
    ...(zip64 ? saturated : littleEndian(offset, 4)),
    ...name,
    ...extra,
  ];
}

function endRecords(count: number, size: number, offset: number, zip64: boolean): number[] {
  const end64 = [
    ...[0x50, 0x4b, 6, 6],
    ...littleEndian(44, 8),
    ...[0, 0, 0, 0],
    ...new Array<number>(8).fill(0),
    ...littleEndian(count, 8),
    ...littleEndian(count, 8),
    ...littleEndian(size, 8),
    ...littleEndian(offset, 8),
    ...[0x50, 0x4b, 6, 7, 0, 0, 0, 0],
    ...littleEndian(offset + size, 8),
    ...[1, 0, 0, 0],
  ];
  const saturated = [0xff, 0xff, 0xff, 0xff];
  return [
    ...(zip64 ? end64 : []),
    ...[0x50, 0x4b, 5, 6, 0, 0, 0, 0],
    ...(zip64 ? [0xff, 0xff, 0xff, 0xff] : [...littleEndian(count, 2), ...littleEndian(count, 2)]),
    ...(zip64 ? saturated : littleEndian(size, 4)),
    ...(zip64 ? saturated : littleEndian(offset, 4)),
    0,
    0,
  ];
}
