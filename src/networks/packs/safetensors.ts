/**
 * The safetensors format: u64 header length, JSON header {name: {dtype, shape, data_offsets}}, raw little-endian data.
 * Reads F16, BF16, F32 and F64, and I8 where a tensor of the same name and `.scale` says what a step of each row is worth
 * (a convention of ours: `int8.ts`); other integer tensors (BatchNorm counters) are skipped. Writes F16, F32 and such I8.
 */
import { StageError } from '../../base/errors.ts';
import type { ByteSource } from '../checkpoint/byte-source.ts';
import { floatsFromBfloats, floatsFromHalves, halvesFromFloats } from '../half.ts';
import { codesFromFloats, floatsFromCodes, rowScales } from '../int8.ts';
import { elementCount, type TensorReader } from './tensors.ts';

/** More than any header of ours (200 KB); stops a wrong file before it is parsed as JSON. */
const MAX_HEADER_BYTES = 20_000_000;

const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  F16: 2,
  BF16: 2,
  F32: 4,
  F64: 8,
  I64: 8,
  I32: 4,
  U8: 1,
  I8: 1,
};
const FLOAT_TYPES = ['F16', 'BF16', 'F32', 'F64'];
/** What the name of a tensor of bytes gets for that of its scales. */
const SCALE_SUFFIX = '.scale';

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function bad(message: string): StageError {
  return new StageError('pack', 'E_BAD_PACK', `weights.safetensors ${message}.`, {
    fix: 'Make the pack again, or use the starter pack.',
  });
}

/**
 * Reads the header, and hands out a reader for each floating-point tensor; their data are read from the file then.
 * @throws StageError E_BAD_PACK when the header is broken or a tensor lies outside the file.
 */
export async function readSafetensors(file: ByteSource): Promise<Map<string, TensorReader>> {
  if (file.size < 8) throw bad('is too short to have a header');
  const headerBytes = Number(new DataView((await file.read(0, 8)).buffer).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > file.size) {
    throw bad(`says its header has ${headerBytes} bytes, which does not fit the file`);
  }
  const start = 8 + headerBytes;
  const out = new Map<string, TensorReader>();
  const entries = parseHeader(await file.read(8, headerBytes));
  const bytesOf = ({ data_offsets: [from, to] }: HeaderEntry) => readWhole(file, start + from, to - from);
  for (const [name, entry] of Object.entries(entries)) {
    if (name === '__metadata__') continue;
    checkEntry(name, entry, file.size - start);
    if (entry.dtype === 'I8') {
      const scale = Object.hasOwn(entries, name + SCALE_SUFFIX) ? entries[name + SCALE_SUFFIX] : undefined;
      if (!scale) continue;
      checkEntry(name + SCALE_SUFFIX, scale, file.size - start);
      if (scale.dtype !== 'F32' || elementCount(scale.shape) !== entry.shape[0]) {
        throw bad(`has no scale for each of the ${String(entry.shape[0])} rows of ${name}`);
      }
      out.set(name, {
        shape: entry.shape,
        read: async () => {
          const { buffer, byteOffset, byteLength } = await bytesOf(entry);
          const codes = new Int8Array(buffer, byteOffset, byteLength);
          return floatsFromCodes(codes, floatsOf('F32', await bytesOf(scale)));
        },
      });
    } else if (FLOAT_TYPES.includes(entry.dtype) && !isScale(name, entries)) {
      out.set(name, {
        shape: entry.shape,
        read: async () => floatsOf(entry.dtype, await bytesOf(entry)),
      });
    }
  }
  return out;
}

/** Whether a tensor only says what another one's bytes are worth. */
function isScale(name: string, entries: Readonly<Record<string, HeaderEntry>>): boolean {
  if (!name.endsWith(SCALE_SUFFIX)) return false;
  const scaled = name.slice(0, -SCALE_SUFFIX.length);
  return Object.hasOwn(entries, scaled) && entries[scaled]?.dtype === 'I8';
}

/** A file in the browser's storage or on the visitor's disk can go away while its pack is open. */
async function readWhole(file: ByteSource, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await file.read(offset, length).catch((cause: unknown) => {
    throw new StageError('pack', 'E_BAD_PACK', 'The weights of the open pack can no longer be read.', {
      fix: 'Its file was changed or removed: add the pack again, or use the starter pack.',
      cause,
    });
  });
  if (bytes.length !== length) throw bad('became shorter while it was open');
  return bytes;
}

function parseHeader(bytes: Uint8Array): Record<string, HeaderEntry> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (parsed && typeof parsed === 'object') return parsed as Record<string, HeaderEntry>;
  } catch (cause) {
    throw new StageError('pack', 'E_BAD_PACK', 'weights.safetensors has no readable header.', {
      fix: 'Make the pack again, or use the starter pack.',
      cause,
    });
  }
  throw bad('has no readable header');
}

function checkEntry(name: string, entry: HeaderEntry, dataBytes: number): void {
  const isCount = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(entry?.shape) || !entry.shape.every(isCount)) throw bad(`gives ${name} no shape`);
  const size = ELEMENT_BYTES[entry.dtype];
  if (!size) throw bad(`stores ${name} as ${String(entry.dtype)}, which is not supported`);
  const offsets = entry.data_offsets;
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw bad(`gives ${name} no place`);
  }
  const [from, to] = offsets;
  if (to < from || to > dataBytes) throw bad(`ends before the data of ${name}`);
  if (to - from !== elementCount(entry.shape) * size) {
    throw bad(`has ${to - from} bytes for ${name}, whose shape needs ${elementCount(entry.shape) * size}`);
  }
}

/** @param bytes of their own buffer, or aligned in it. @returns a view of them for F32. */
function floatsOf(type: string, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  const length = byteLength / ELEMENT_BYTES[type];
  if (type === 'F32') return new Float32Array(buffer, byteOffset, length);
  if (type === 'F64') return Float32Array.from(new Float64Array(buffer, byteOffset, length));
  const bits = new Uint16Array(buffer, byteOffset, length);
  return type === 'F16' ? floatsFromHalves(bits) : floatsFromBfloats(bits);
}

/** How a tensor is stored. i8: a byte a value, and an f32 scale for each row. */
export type StoredPrecision = 'f16' | 'f32' | 'i8';
const STORED = {
  f32: { dtype: 'F32', bytes: 4 },
  f16: { dtype: 'F16', bytes: 2 },
  i8: { dtype: 'I8', bytes: 1 },
} as const;

export interface TensorToWrite {
  readonly shape: readonly number[];
  readonly precision: StoredPrecision;
}

/** One stretch of the file: a tensor's values, or the scales of one that is stored as bytes. */
export interface TensorPiece {
  /** The tensor whose values it is made of. */
  readonly key: string;
  readonly part: 'values' | 'scales';
}

/**
 * Byte length, header and order of a file with these tensors. Larger elements come first: then every tensor is aligned to its
 * own element size.
 */
export function safetensorsLayout(tensors: ReadonlyMap<string, TensorToWrite>): {
  readonly header: Uint8Array<ArrayBuffer>;
  readonly pieces: readonly TensorPiece[];
  readonly totalBytes: number;
} {
  const rows = [...tensors].flatMap(([key, { shape, precision }]) => [
    { key, part: 'values' as const, name: key, shape, ...STORED[precision] },
    ...(precision === 'i8'
      ? [{ key, part: 'scales' as const, name: key + SCALE_SUFFIX, shape: [shape[0]], ...STORED.f32 }]
      : []),
  ]);
  rows.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  const entries: Record<string, HeaderEntry> = {};
  let at = 0;
  for (const { name, shape, dtype, bytes } of rows) {
    const end = at + elementCount(shape) * bytes;
    entries[name] = { dtype, shape, data_offsets: [at, end] };
    at = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  // Spaces after the JSON bring the data to a multiple of 8.
  const padded = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(json, 8);
  return { header, pieces: rows.map(({ key, part }) => ({ key, part })), totalBytes: header.length + at };
}

/** Bytes of one piece as they stand in the file; a view of `data` for f32. @param data all values of its tensor. */
export function pieceBytes(
  { part }: TensorPiece,
  data: Float32Array<ArrayBuffer>,
  { shape, precision }: TensorToWrite,
): Uint8Array<ArrayBuffer> {
  const stored = () => {
    if (precision === 'f32') return data;
    if (precision === 'f16') return halvesFromFloats(data);
    const scales = rowScales(data, shape[0]);
    return part === 'scales' ? scales : codesFromFloats(data, scales);
  };
  const raw = stored();
  return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
}
