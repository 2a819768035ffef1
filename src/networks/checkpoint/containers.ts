/**
 * The two containers of torch.save. New (torch >= 1.6): a zip with TOP/data.pkl and TOP/data/KEY. Old: five pickles in a
 * row (magic, protocol, system, object, storage keys), then each storage as i64 count and raw values, always little-endian.
 */
import { type ByteSource, partSource, readExactly } from './byte-source.ts';
import { badCheckpoint, otherFile } from './errors.ts';
import { MAX_PICKLE_BYTES, type Unpickled, unpickle } from './pickle.ts';
import { type PickleValue, STORAGE_BYTES, type StorageReference } from './pickle-values.ts';
import type { StorageFinder } from './storages.ts';
import { type DataRange, openEntry, type ZipEntry } from './zip.ts';

export interface OpenContainer {
  readonly root: PickleValue;
  /** Every class and function the pickle names. */
  readonly globals: ReadonlySet<string>;
  /** Where the storages are; the old container is walked for it. */
  storages(): Promise<StorageFinder>;
}

/** torch.serialization.MAGIC_NUMBER */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
/** The same as pickle protocols 0 and 1 write it: in decimal digits. */
const LEGACY_MAGIC_TEXT = `L${LEGACY_MAGIC}L\n`;
const LEGACY_PROTOCOL = 1001;
/** Thirty times the pickles of a checkpoint with optimiser state. */
const OLD_HEAD_BYTES = 32 * 2 ** 20;

/** Path of the table of contents within a zip of torch.save; null when it is a zip of something else. */
export function tableOf(entries: ReadonlyMap<string, ZipEntry>): string | null {
  const tables = [...entries.keys()].filter(
    (name) => /(^|\/)data\.pkl$/.test(name) && !name.startsWith('__MACOSX/'),
  );
  return tables.length === 1 ? tables[0] : null;
}

/** @param table as tableOf gives it. */
export async function openZipContainer(
  source: ByteSource,
  entries: ReadonlyMap<string, ZipEntry>,
  table: string,
): Promise<OpenContainer> {
  const top = table.slice(0, -'data.pkl'.length);
  const order = entries.get(`${top}byteorder`);
  let bigEndian = false;
  if (order && order.size < 16) {
    const part = await openEntry(source, order);
    bigEndian =
      new TextDecoder().decode(await readExactly(part, 0, part.size, 'byte order')).trim() === 'big';
  }
  const entry = entries.get(table) as ZipEntry;
  if (entry.size > MAX_PICKLE_BYTES) {
    throw badCheckpoint(
      `The table of contents has ${entry.size} bytes, far more than a checkpoint needs`,
      'FOREIGN',
    );
  }
  const part = await openEntry(source, entry);
  const { value, globals } = unpickle(await readExactly(part, 0, part.size, 'table of contents'));
  const entryOf = (key: string) => {
    const found = entries.get(`${top}data/${key}`);
    if (!found) throw badCheckpoint(`The storage ${key} is missing from the zip`, 'DAMAGED');
    return found;
  };
  // An inflated storage serves the tensors that share it, one after another.
  let last: { key: string; part: ByteSource } | null = null;
  return {
    root: value,
    globals,
    storages: async () => ({
      bigEndian,
      sizeOf: (key) => entryOf(key).size,
      open: async (key) => {
        if (last?.key !== key) last = { key, part: await openEntry(source, entryOf(key)) };
        return last.part;
      },
    }),
  };
}

/** Whether the file begins as any pickle of protocol 2 or more does, or as torch's old container in 0 or 1. */
export async function isPickle(source: ByteSource): Promise<boolean> {
  const head = await source.read(0, Math.min(source.size, LEGACY_MAGIC_TEXT.length));
  // A pickle with protocol 2 or more starts with the PROTO opcode.
  return (head[0] === 0x80 && head[1] <= 5) || String.fromCharCode(...head) === LEGACY_MAGIC_TEXT;
}

export async function openOldContainer(source: ByteSource): Promise<OpenContainer> {
  // The five pickles are a small head of the file; the storages behind them are never read as a whole.
  try {
    return await openOldHead(source, OLD_HEAD_BYTES);
  } catch (error) {
    // Where large arrays lie within the pickles the head is longer.
    if (source.size <= OLD_HEAD_BYTES) throw error;
    return openOldHead(source, MAX_PICKLE_BYTES);
  }
}

async function openOldHead(source: ByteSource, headBytes: number): Promise<OpenContainer> {
  const head = await source.read(0, Math.min(source.size, headBytes));
  const magic = unpickle(head);
  if (magic.value !== LEGACY_MAGIC) throw otherPickle(magic);
  const protocol = unpickle(head, magic.end);
  if (protocol.value !== LEGACY_PROTOCOL) {
    throw badCheckpoint(`The old container has the unknown version ${String(protocol.value)}`, 'FOREIGN');
  }
  const system = unpickle(head, protocol.end);
  const root = unpickle(head, system.end);
  const keys = unpickle(head, root.end);
  if (!Array.isArray(keys.value) || !keys.value.every((k) => typeof k === 'string')) {
    throw badCheckpoint('The old container has no list of storages', 'DAMAGED');
  }
  const order = keys.value as string[];
  return {
    root: root.value,
    globals: root.globals,
    storages: async () => findStorages(source, order, keys.end, root.storages),
  };
}

/** A pickle that torch.save did not write. */
function otherPickle({ globals }: Unpickled): Error {
  const message = 'The file is a pickle, but not one of torch.save';
  if (globals.has('torch.storage._load_from_bytes')) {
    return otherFile(
      `${message}: pickle.dump wrote it, which hides the tensors in bytes`,
      'Load it in Python, and save it again with torch.save.',
    );
  }
  if ([...globals].some((name) => name.startsWith('numpy.'))) {
    return otherFile(
      `${message}: it holds NumPy arrays`,
      'Load it in Python, turn the arrays into tensors, and save them with torch.save.',
    );
  }
  return badCheckpoint(message, 'NOT_A_CHECKPOINT');
}

/** Walks the storages: each has its own count, but its element size is known only from the tensors that use it. */
async function findStorages(
  source: ByteSource,
  order: readonly string[],
  start: number,
  wanted: readonly StorageReference[],
): Promise<StorageFinder> {
  const types = new Map(wanted.map((s) => [s.key, s.type]));
  const ranges = new Map<string, DataRange>();
  let at = start;
  for (const key of order) {
    const type = types.get(key);
    if (type === undefined) throw badCheckpoint(`The storage ${key} belongs to no tensor`, 'DAMAGED');
    if (type === null) throw badCheckpoint(`The storage ${key} is of a type that is not known`, 'FOREIGN');
    const header = await readExactly(source, at, 8, 'last weights');
    const size = Number(new DataView(header.buffer).getBigInt64(0, true)) * STORAGE_BYTES[type];
    if (!(size >= 0 && at + 8 + size <= source.size)) {
      throw badCheckpoint('The file is cut off: it ends before its weights do', 'TRUNCATED');
    }
    ranges.set(key, { offset: at + 8, size });
    at += 8 + size;
  }
  const rangeOf = (key: string) => {
    const range = ranges.get(key);
    if (!range) throw badCheckpoint(`The storage ${key} is missing`, 'DAMAGED');
    return range;
  };
  return {
    bigEndian: false,
    sizeOf: (key) => rangeOf(key).size,
    open: async (key) => {
      const { offset, size } = rangeOf(key);
      return partSource(source, offset, size);
    },
  };
}
