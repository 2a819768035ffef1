/**
 * A zip file read by slices: end record, zip64, central directory, and each local header for where its data start (torch
 * pads local headers to align payloads to 64 bytes). Stored entries are read in place; deflated ones, which archivers make
 * and torch.save never does, are inflated when they are read. Data descriptors do not matter: sizes come from the central
 * directory. Source: PKWARE APPNOTE 6.3.
 */
import { type ByteSource, bytesSource, partSource, readExactly } from './byte-source.ts';
import { badCheckpoint, otherFile } from './errors.ts';
import { inflateBytes } from './inflate.ts';

export interface ZipEntry {
  readonly name: string;
  /** Of the local header. */
  readonly headerOffset: number;
  /** Bytes as they stand in the zip. */
  readonly storedSize: number;
  /** Bytes once they are unpacked. */
  readonly size: number;
  readonly method: 'stored' | 'deflated';
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
  const first = viewOf(await source.read(0, 4)).getUint32(0, true);
  return first === LOCAL_HEADER || (first === END_RECORD && source.size >= END_RECORD_BYTES);
}

/**
 * @returns entries by name.
 * @throws StageError E_BAD_CHECKPOINT: truncated, one part of several, encrypted, offsets outside the file.
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
    // Some archivers of Windows write folders with a backslash.
    const name = decoder.decode(bytes.subarray(at + 46, at + 46 + nameLength)).replaceAll('\\', '/');
    const fields = centralFields(view, at, at + 46 + nameLength, extraLength);
    const method = methodOf(name, view.getUint16(at + 10, true), view.getUint16(at + 8, true), fields.size);
    if (method === 'stored' && fields.compressed !== fields.size) {
      throw badCheckpoint(`The zip entry ${name} has two different sizes`, 'DAMAGED');
    }
    if (!(fields.offset + fields.compressed <= source.size)) {
      throw badCheckpoint(`The zip entry ${name} lies outside the file`, 'TRUNCATED');
    }
    if (entries.has(name)) throw badCheckpoint(`The zip has two entries called ${name}`, 'DAMAGED');
    const { offset: headerOffset, compressed: storedSize, size: unpackedSize } = fields;
    entries.set(name, { name, headerOffset, storedSize, size: unpackedSize, method });
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
  if (offset + entry.storedSize > source.size) {
    throw badCheckpoint(`The zip entry ${entry.name} lies outside the file`, 'TRUNCATED');
  }
  return { offset, size: entry.storedSize };
}

/**
 * An entry as a file of its own: a stored one in place, a deflated one unpacked, by `unpack` or else into memory.
 * @throws StageError E_BAD_CHECKPOINT when it is not where the directory says, or damaged.
 */
export async function openEntry(
  source: ByteSource,
  entry: ZipEntry,
  unpack: (packed: ByteSource) => Promise<ByteSource> = async (packed) =>
    bytesSource(await inflateBytes(packed, entry.size, `zip entry ${entry.name}`)),
): Promise<ByteSource> {
  const { offset, size } = await locateEntry(source, entry);
  const part = partSource(source, offset, size, entry.name);
  return entry.method === 'stored' ? part : unpack(part);
}

function methodOf(name: string, method: number, flags: number, size: number): ZipEntry['method'] {
  if (flags & 1 && size > 0) {
    throw otherFile(`The zip is locked with a password (${name})`, 'Unpack it, and drop the file inside.');
  }
  if (method === 0) return 'stored';
  if (method === 8) return 'deflated';
  if (size === 0) return 'stored';
  throw otherFile(
    `The zip entry ${name} is packed with a method that is not read here (${method})`,
    'Unpack the zip, and drop the file inside.',
  );
}

async function readEndRecord(source: ByteSource): Promise<{ count: number; size: number; offset: number }> {
  const tailBytes = Math.min(source.size, END_RECORD_BYTES + MAX_COMMENT_BYTES);
  const tailStart = source.size - tailBytes;
  const view = viewOf(await readExactly(source, tailStart, tailBytes, 'zip end'));
  let at = tailBytes - END_RECORD_BYTES;
  while (at >= 0 && view.getUint32(at, true) !== END_RECORD) at--;
  if (at < 0) throw await cutOff(source);
  // Parts of a split archive count disks from 0.
  const disk = view.getUint16(at + 4, true);
  if (disk !== 0 && disk !== 0xffff) {
    throw otherFile(
      'The file is the last part of a zip that was split into several',
      'Put all parts in one folder, unpack the first with an archiver, and drop the file that comes out.',
    );
  }
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

/** A zip without its end; a browser that reserves the space before it loads leaves zeros where nothing came. */
async function cutOff(source: ByteSource): Promise<Error> {
  const tail = await source.read(Math.max(0, source.size - 4096), Math.min(4096, source.size));
  const why = tail.every((byte) => byte === 0)
    ? 'its last part is empty, so the download did not finish'
    : 'it is cut off';
  return badCheckpoint(`The file starts like a zip but has no zip directory at its end: ${why}`, 'TRUNCATED');
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
    if (before.headerOffset + 30 + before.name.length + before.storedSize > entries[i].headerOffset) {
      throw badCheckpoint(`The zip entries ${before.name} and ${entries[i].name} overlap`, 'DAMAGED');
    }
  }
}
