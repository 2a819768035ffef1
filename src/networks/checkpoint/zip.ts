/**
 * The directory of a zip file with stored entries, read by slices: end record, zip64, central directory, and each local
 * header for where its data start (torch pads local headers to align payloads to 64 bytes). Data descriptors do not
 * matter: sizes come from the central directory. Source: PKWARE APPNOTE 6.3.
 */
import { type ByteSource, readExactly } from './byte-source.ts';
import { badCheckpoint } from './errors.ts';

export interface ZipEntry {
  readonly name: string;
  /** Of the local header. */
  readonly headerOffset: number;
  readonly size: number;
}

export interface DataRange {
  readonly offset: number;
  readonly size: number;
}

const END_RECORD = 0x06054b50;
const END_RECORD_64 = 0x06064b50;
const END_LOCATOR_64 = 0x07064b50;
const CENTRAL_HEADER = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const END_RECORD_BYTES = 22;
const MAX_COMMENT_BYTES = 65535;
/** A checkpoint with optimiser state has 4,500 entries of 100 bytes each. */
const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;
const MAX_ENTRIES = 200_000;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** u64 as a number; values past 2^53 cannot be offsets of a real file and become infinity. */
function bigCount(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
}

export async function isZip(source: ByteSource): Promise<boolean> {
  if (source.size < 4) return false;
  return viewOf(await source.read(0, 4)).getUint32(0, true) === LOCAL_HEADER;
}

/**
 * @returns entries by name.
 * @throws StageError E_BAD_CHECKPOINT: truncated, compressed or encrypted entries, offsets outside the file.
 */
export async function readZipDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { count, size, offset } = await readEndRecord(source);
  if (count > MAX_ENTRIES || size > MAX_DIRECTORY_BYTES) {
    throw badCheckpoint(`The zip directory claims ${count} entries in ${size} bytes`, 'DAMAGED');
  }
  const bytes = await readExactly(source, offset, size, 'zip directory');
  const view = viewOf(bytes);
  const decoder = new TextDecoder();
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL_HEADER) {
      throw badCheckpoint('The zip directory is broken', 'DAMAGED');
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const commentLength = view.getUint16(at + 32, true);
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > bytes.length) throw badCheckpoint('The zip directory is broken', 'DAMAGED');
    const name = decoder.decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const method = view.getUint16(at + 10, true);
    const fields = centralFields(view, at, at + 46 + nameLength, extraLength);
    if (fields.size > 0 && (method !== 0 || view.getUint16(at + 8, true) & 1)) {
      throw badCheckpoint(
        `The zip entry ${name} is compressed or encrypted, which torch.save never does`,
        'NOT_A_CHECKPOINT',
      );
    }
    if (method === 0 && fields.compressed !== fields.size) {
      throw badCheckpoint(`The zip entry ${name} has two different sizes`, 'DAMAGED');
    }
    if (!(fields.offset + fields.size <= source.size)) {
      throw badCheckpoint(`The zip entry ${name} lies outside the file`, 'TRUNCATED');
    }
    if (entries.has(name)) throw badCheckpoint(`The zip has two entries called ${name}`, 'DAMAGED');
    entries.set(name, { name, headerOffset: fields.offset, size: fields.size });
    at = next;
  }
  checkOverlap([...entries.values()]);
  return entries;
}

/** Where the data of an entry are. */
export async function locateEntry(source: ByteSource, entry: ZipEntry): Promise<DataRange> {
  const header = viewOf(await readExactly(source, entry.headerOffset, 30, `entry ${entry.name}`));
  if (header.getUint32(0, true) !== LOCAL_HEADER) {
    throw badCheckpoint(`The zip entry ${entry.name} is not where the directory says`, 'DAMAGED');
  }
  const offset = entry.headerOffset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (offset + entry.size > source.size) {
    throw badCheckpoint(`The zip entry ${entry.name} lies outside the file`, 'TRUNCATED');
  }
  return { offset, size: entry.size };
}

async function readEndRecord(source: ByteSource): Promise<{ count: number; size: number; offset: number }> {
  const tailBytes = Math.min(source.size, END_RECORD_BYTES + MAX_COMMENT_BYTES);
  const tailStart = source.size - tailBytes;
  const view = viewOf(await readExactly(source, tailStart, tailBytes, 'zip end'));
  let at = tailBytes - END_RECORD_BYTES;
  while (at >= 0 && view.getUint32(at, true) !== END_RECORD) at--;
  if (at < 0)
    throw badCheckpoint('The file starts like a zip but has no zip directory at its end', 'TRUNCATED');
  const record = {
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const locatorAt = tailStart + at - 20;
  if (locatorAt < 0) return record;
  const locator = viewOf(await readExactly(source, locatorAt, 20, 'zip end'));
  if (locator.getUint32(0, true) !== END_LOCATOR_64) return record;
  const record64 = viewOf(await readExactly(source, bigCount(locator, 8), 56, 'zip64 end'));
  if (record64.getUint32(0, true) !== END_RECORD_64) {
    throw badCheckpoint('The zip64 directory is not where the file says', 'DAMAGED');
  }
  return { count: bigCount(record64, 32), size: bigCount(record64, 40), offset: bigCount(record64, 48) };
}

/** Sizes and offset of a directory entry, from the zip64 extra field where the short ones are saturated. */
function centralFields(
  view: DataView,
  at: number,
  extraStart: number,
  extraLength: number,
): { compressed: number; size: number; offset: number } {
  const fields = {
    size: view.getUint32(at + 24, true),
    compressed: view.getUint32(at + 20, true),
    offset: view.getUint32(at + 42, true),
  };
  const end = extraStart + extraLength;
  for (let extra = extraStart; extra + 4 <= end; ) {
    const id = view.getUint16(extra, true);
    const length = view.getUint16(extra + 2, true);
    if (id === 1) {
      let value = extra + 4;
      for (const name of ['size', 'compressed', 'offset'] as const) {
        if (fields[name] === 0xffffffff && value + 8 <= Math.min(end, extra + 4 + length)) {
          fields[name] = bigCount(view, value);
          value += 8;
        }
      }
    }
    extra += 4 + length;
  }
  return fields;
}

/** Entries must lie one after another: overlapping ones are how zip bombs reuse bytes. */
function checkOverlap(entries: ZipEntry[]): void {
  entries.sort((a, b) => a.headerOffset - b.headerOffset);
  for (let i = 1; i < entries.length; i++) {
    const before = entries[i - 1];
    if (before.headerOffset + 30 + before.name.length + before.size > entries[i].headerOffset) {
      throw badCheckpoint(`The zip entries ${before.name} and ${entries[i].name} overlap`, 'DAMAGED');
    }
  }
}
