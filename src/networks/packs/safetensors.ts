/**
 * The safetensors format: u64 header length, JSON header {name: {dtype, shape, data_offsets}}, raw little-endian data.
 * Reads F16, BF16, F32 and F64; integer tensors (BatchNorm counters) are skipped. Writes F16 and F32.
 */
import { StageError } from '../../base/errors.ts';
import { floatsFromBfloats, floatsFromHalves, halvesFromFloats } from '../half.ts';
import { elementCount, type WeightTensor } from './tensors.ts';

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
 * Reads all floating-point tensors. Their data are read from `bytes` on each access: keep no copies.
 * @throws StageError E_BAD_PACK when the header is broken or a tensor lies outside the file.
 */
export function readSafetensors(bytes: Uint8Array<ArrayBuffer>): Map<string, WeightTensor> {
  if (bytes.length < 8) throw bad('is too short to have a header');
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > bytes.length) {
    throw bad(`says its header has ${headerBytes} bytes, which does not fit the file`);
  }
  const start = 8 + headerBytes;
  const out = new Map<string, WeightTensor>();
  for (const [name, entry] of Object.entries(parseHeader(bytes.subarray(8, start)))) {
    if (name === '__metadata__') continue;
    checkEntry(name, entry, bytes.length - start);
    if (!FLOAT_TYPES.includes(entry.dtype)) continue;
    const [from, to] = entry.data_offsets;
    out.set(name, new StoredTensor(entry.dtype, entry.shape, bytes.subarray(start + from, start + to)));
  }
  return out;
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

class StoredTensor implements WeightTensor {
  readonly shape: readonly number[];
  private readonly type: string;
  private readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(type: string, shape: readonly number[], bytes: Uint8Array<ArrayBuffer>) {
    this.type = type;
    this.shape = shape;
    this.bytes = bytes;
  }

  get data(): Float32Array<ArrayBuffer> {
    const { buffer, byteOffset, byteLength } = this.bytes;
    const size = ELEMENT_BYTES[this.type];
    // Typed arrays want aligned views; safetensors promises alignment, files from elsewhere may not keep it.
    const aligned = byteOffset % size === 0;
    const from = aligned ? buffer : this.bytes.slice().buffer;
    const offset = aligned ? byteOffset : 0;
    const length = byteLength / size;
    if (this.type === 'F32') return new Float32Array(from, offset, length);
    if (this.type === 'F64') return Float32Array.from(new Float64Array(from, offset, length));
    const bits = new Uint16Array(from, offset, length);
    return this.type === 'F16' ? floatsFromHalves(bits) : floatsFromBfloats(bits);
  }
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
