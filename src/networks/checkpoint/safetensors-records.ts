/** A .safetensors file as the records of a checkpoint: each tensor is a storage of its own. */
import { type ByteSource, readExactly } from './byte-source.ts';
import { badCheckpoint } from './errors.ts';
import { STORAGE_BYTES, StorageReference, type StorageType, TensorRecord } from './pickle-values.ts';
import { denseStrides, type StorageFinder } from './storages.ts';

/** More than any header of ours (200 KB). */
const MAX_HEADER_BYTES = 20_000_000;

const TYPES: Readonly<Record<string, StorageType>> = {
  F64: 'f64',
  F32: 'f32',
  F16: 'f16',
  BF16: 'bf16',
  I64: 'i64',
  I32: 'i32',
  I16: 'i16',
  I8: 'i8',
  U8: 'u8',
  BOOL: 'bool',
};

/** Bytes of the header; 0 when the file does not begin as the format does. */
async function headerBytes(source: ByteSource): Promise<number> {
  if (source.size < 16) return 0;
  const head = await source.read(0, 16);
  const length = new DataView(head.buffer).getBigUint64(0, true);
  return length <= MAX_HEADER_BYTES && head[8] === 0x7b ? Number(length) : 0;
}

export async function isSafetensors(source: ByteSource): Promise<boolean> {
  return (await headerBytes(source)) > 0;
}

/** @throws StageError E_BAD_CHECKPOINT when the header is broken or a tensor lies outside the file. */
export async function readSafetensorsRecords(
  source: ByteSource,
): Promise<{ records: Map<string, TensorRecord>; storages: StorageFinder }> {
  const length = await headerBytes(source);
  const header = parse(await readExactly(source, 8, length, 'safetensors header'));
  const start = 8 + length;
  const records = new Map<string, TensorRecord>();
  const ranges = new Map<string, { offset: number; size: number }>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: place } = (entry ?? {}) as Record<string, unknown>;
    const type = TYPES[String(dtype)] ?? null;
    if (!isCounts(shape) || !isCounts(place) || place.length !== 2 || place[1] < place[0]) {
      throw badCheckpoint(`The safetensors header says nothing useful of ${name}`, 'DAMAGED');
    }
    if (start + place[1] > source.size) {
      throw badCheckpoint(`The file ends before its tensor ${name}`, 'TRUNCATED');
    }
    const size = place[1] - place[0];
    ranges.set(name, { offset: start + place[0], size });
    const storage = new StorageReference(type, name, type ? size / STORAGE_BYTES[type] : size);
    records.set(name, new TensorRecord(storage, 0, shape, denseStrides(shape)));
  }
  const rangeOf = (key: string) => ranges.get(key) ?? { offset: 0, size: 0 };
  return {
    records,
    storages: {
      sizeOf: (key) => rangeOf(key).size,
      open: async (key) => {
        const { offset, size } = rangeOf(key);
        return { size, read: (at, count) => source.read(offset + at, count) };
      },
      bigEndian: false,
    },
  };
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (parsed && typeof parsed === 'object') return parsed as Record<string, unknown>;
  } catch (cause) {
    throw badCheckpoint('The safetensors header cannot be read', 'DAMAGED', cause);
  }
  throw badCheckpoint('The safetensors header cannot be read', 'DAMAGED');
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 16 && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
