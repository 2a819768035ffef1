/**
 * The two containers of torch.save. New (torch >= 1.6): a zip with TOP/data.pkl and TOP/data/KEY. Old: five pickles in a
 * row (magic, protocol, system, object, storage keys), then each storage as i64 count and raw values.
 */
import { type ByteSource, readExactly } from './byte-source.ts';
import { badCheckpoint } from './errors.ts';
import { MAX_PICKLE_BYTES, unpickle } from './pickle.ts';
import { type PickleValue, STORAGE_BYTES, StorageReference, TensorRecord } from './pickle-values.ts';
import type { StorageFinder } from './storages.ts';
import { type DataRange, isZip, locateEntry, readZipDirectory } from './zip.ts';

export interface OpenContainer {
  readonly root: PickleValue;
  /** Where the storages are; the old container is walked for it. */
  storages(): Promise<StorageFinder>;
}

/** torch.serialization.MAGIC_NUMBER */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_PROTOCOL = 1001;

export async function openContainer(source: ByteSource): Promise<OpenContainer> {
  if (source.size === 0) throw badCheckpoint('The file is empty', 'TRUNCATED');
  if (await isZip(source)) return openZip(source);
  const first = (await source.read(0, Math.min(source.size, 2)))[0];
  // A pickle with protocol 2 or more starts with the PROTO opcode.
  if (first === 0x80) return openLegacy(source);
  throw badCheckpoint(
    'The file is neither a zip nor a pickle, so torch.save did not write it',
    'NOT_A_CHECKPOINT',
  );
}

async function openZip(source: ByteSource): Promise<OpenContainer> {
  const entries = await readZipDirectory(source);
  const tables = [...entries.keys()].filter((name) => /^[^/]*\/data\.pkl$/.test(name) || name === 'data.pkl');
  if (tables.length !== 1) {
    throw badCheckpoint('The zip has no data.pkl, so it is not a checkpoint', 'NOT_A_CHECKPOINT');
  }
  const top = tables[0].slice(0, -'data.pkl'.length);
  const order = entries.get(`${top}byteorder`);
  if (order && order.size < 16) {
    const { offset, size } = await locateEntry(source, order);
    const text = new TextDecoder().decode(await readExactly(source, offset, size, 'byte order'));
    if (text.trim() !== 'little')
      throw badCheckpoint('The checkpoint was written on a big-endian machine', 'FOREIGN');
  }
  const table = entries.get(tables[0])!;
  if (table.size > MAX_PICKLE_BYTES) {
    throw badCheckpoint(
      `The table of contents has ${table.size} bytes, far more than a checkpoint needs`,
      'FOREIGN',
    );
  }
  const range = await locateEntry(source, table);
  const { value } = unpickle(await readExactly(source, range.offset, range.size, 'table of contents'));
  return {
    root: value,
    storages: async () => {
      const entryOf = (key: string) => {
        const entry = entries.get(`${top}data/${key}`);
        if (!entry) throw badCheckpoint(`The storage ${key} is missing from the zip`, 'DAMAGED');
        return entry;
      };
      return {
        sizeOf: (key) => entryOf(key).size,
        locate: (key) => locateEntry(source, entryOf(key)),
      };
    },
  };
}

async function openLegacy(source: ByteSource): Promise<OpenContainer> {
  // The five pickles are a small head of the file; the storages behind them are never read as a whole.
  const head = await source.read(0, Math.min(source.size, MAX_PICKLE_BYTES));
  const magic = unpickle(head);
  if (magic.value !== LEGACY_MAGIC) {
    throw badCheckpoint('The file is a pickle, but not one of torch.save', 'NOT_A_CHECKPOINT');
  }
  const protocol = unpickle(head, magic.end);
  if (protocol.value !== LEGACY_PROTOCOL) {
    throw badCheckpoint(`The old container has the unknown version ${String(protocol.value)}`, 'FOREIGN');
  }
  const system = unpickle(head, protocol.end);
  if (system.value instanceof Map && system.value.get('little_endian') === false) {
    throw badCheckpoint('The checkpoint was written on a big-endian machine', 'FOREIGN');
  }
  const root = unpickle(head, system.end);
  const keys = unpickle(head, root.end);
  if (!Array.isArray(keys.value) || !keys.value.every((k) => typeof k === 'string')) {
    throw badCheckpoint('The old container has no list of storages', 'DAMAGED');
  }
  const order = keys.value as string[];
  return { root: root.value, storages: () => findLegacy(source, order, keys.end, allStorages(root.value)) };
}

/** Walks the storages: each has its own count, but its element size is known only from the tensors that use it. */
async function findLegacy(
  source: ByteSource,
  order: readonly string[],
  start: number,
  wanted: readonly StorageReference[],
): Promise<StorageFinder> {
  const sizes = new Map(wanted.map((s) => [s.key, STORAGE_BYTES[s.type]]));
  const ranges = new Map<string, DataRange>();
  let at = start;
  for (const key of order) {
    const elementBytes = sizes.get(key);
    if (elementBytes === undefined) throw badCheckpoint(`The storage ${key} belongs to no tensor`, 'DAMAGED');
    const header = await readExactly(source, at, 8, `storage ${key}`);
    const size = Number(new DataView(header.buffer).getBigInt64(0, true)) * elementBytes;
    if (!(size >= 0 && at + 8 + size <= source.size)) {
      throw badCheckpoint(`The file ends before its storage ${key}`, 'TRUNCATED');
    }
    ranges.set(key, { offset: at + 8, size });
    at += 8 + size;
  }
  const rangeOf = (key: string) => {
    const range = ranges.get(key);
    if (!range) throw badCheckpoint(`The storage ${key} is missing`, 'DAMAGED');
    return range;
  };
  return { sizeOf: (key) => rangeOf(key).size, locate: async (key) => rangeOf(key) };
}

/** Every storage the file's tensors use, the optimiser's too: the old container cannot be walked without them. */
function allStorages(root: PickleValue): StorageReference[] {
  const out: StorageReference[] = [];
  const seen = new Set<PickleValue>();
  const queue: PickleValue[] = [root];
  for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
    if (value instanceof TensorRecord) out.push(value.storage);
    else if (value instanceof StorageReference) out.push(value);
    else if (Array.isArray(value) || value instanceof Map) {
      if (seen.has(value)) continue;
      seen.add(value);
      for (const item of value instanceof Map ? value.values() : value) queue.push(item);
    }
  }
  return out;
}
