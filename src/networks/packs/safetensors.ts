/**
 * The safetensors format: u64 header length, JSON header {name: {dtype, shape, data_offsets}}, raw little-endian data.
 * Reads F16, BF16, F32 and F64; integer tensors (BatchNorm counters) are skipped. Writes F16 and F32.
 */
import { StageError } from '../../base/errors.ts';
import type { ByteSource } from '../checkpoint/byte-source.ts';
import { floatsFromBfloats, floatsFromHalves, halvesFromFloats } from '../half.ts';
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
};
const FLOAT_TYPES = ['F16', 'BF16', 'F32', 'F64'];

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
  for (const [name, entry] of Object.entries(parseHeader(await file.read(8, headerBytes)))) {
    if (name === '__metadata__') continue;
    checkEntry(name, entry, file.size - start);
    if (!FLOAT_TYPES.includes(entry.dtype)) continue;
    const [from, to] = entry.data_offsets;
    out.set(name, {
      shape: entry.shape,
      read: async () => floatsOf(entry.dtype, await readWhole(file, start + from, to - from)),
    });
  }
  return out;
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

export interface TensorToWrite {
  readonly shape: readonly number[];
  readonly precision: 'f16' | 'f32';
}

/** Byte length and header of a file with these tensors, in this order; `dataOffset` is where the first one starts. */
export function safetensorsHeader(tensors: ReadonlyMap<string, TensorToWrite>): {
  readonly header: Uint8Array<ArrayBuffer>;
  readonly totalBytes: number;
} {
  const entries: Record<string, HeaderEntry> = {};
  let at = 0;
  for (const [name, { shape, precision }] of tensors) {
    const bytes = elementCount(shape) * (precision === 'f16' ? 2 : 4);
    entries[name] = { dtype: precision === 'f16' ? 'F16' : 'F32', shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  // Spaces after the JSON bring the data to a multiple of 8.
  const padded = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(json, 8);
  return { header, totalBytes: header.length + at };
}

/** Bytes of one tensor as they stand in the file; a view of `data` for f32. */
export function tensorBytes(
  data: Float32Array<ArrayBuffer>,
  precision: 'f16' | 'f32',
): Uint8Array<ArrayBuffer> {
  const raw = precision === 'f16' ? halvesFromFloats(data) : data;
  return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
}
