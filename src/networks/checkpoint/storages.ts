/** Where the storages of a checkpoint lie in the file, and tensors read out of them: types, strides, offsets. */
import { floatsFromBfloats, floatsFromHalves } from '../half.ts';
import { elementCount } from '../packs/tensors.ts';
import { type ByteSource, readExactly } from './byte-source.ts';
import { badCheckpoint } from './errors.ts';
import { STORAGE_BYTES, type StorageType, type TensorRecord } from './pickle-values.ts';

export interface StorageFinder {
  /** Bytes of a storage, without reading anything. @throws StageError E_BAD_CHECKPOINT when there is none. */
  sizeOf(key: string): number;
  /** Its bytes. @throws StageError E_BAD_CHECKPOINT when the file says otherwise there. */
  open(key: string): Promise<ByteSource>;
  /** Whether values stand with their highest byte first. */
  readonly bigEndian: boolean;
}

/** A spread-out view is gathered from the range it spans; more than this is no checkpoint of ours. */
const MAX_SPAN_BYTES = 256 * 2 ** 20;

const FLOAT_STORAGES: readonly (StorageType | null)[] = ['f64', 'f32', 'f16', 'bf16'];

export function isFloat(record: TensorRecord): boolean {
  return FLOAT_STORAGES.includes(record.storage.type);
}

function isContiguous(record: TensorRecord): boolean {
  let expected = 1;
  for (let d = record.shape.length - 1; d >= 0; d--) {
    if (record.shape[d] !== 1 && record.stride[d] !== expected) return false;
    expected *= record.shape[d];
  }
  return true;
}

/** Elements from the first to the last of a view. */
function spanOf(record: TensorRecord): number {
  if (elementCount(record.shape) === 0) return 0;
  return 1 + record.shape.reduce((sum, n, d) => sum + (n - 1) * record.stride[d], 0);
}

/**
 * Compares a tensor with its storage and the storage with the file.
 * @throws StageError E_BAD_CHECKPOINT when the storage is shorter than the tensor or than it says.
 */
export function checkTensor(name: string, record: TensorRecord, storages: StorageFinder): void {
  const { storage } = record;
  const end = record.offset + spanOf(record);
  if (!Number.isSafeInteger(elementCount(record.shape)) || !(end <= storage.count)) {
    throw badCheckpoint(`${name} needs ${end} values of its storage, which has ${storage.count}`, 'DAMAGED');
  }
  const size = storages.sizeOf(storage.key);
  const wanted = (storage.start + storage.count) * (storage.type ? STORAGE_BYTES[storage.type] : 0);
  if (size < wanted) {
    throw badCheckpoint(`The storage of ${name} has ${size} bytes and should have ${wanted}`, 'DAMAGED');
  }
}

/** Reads a floating-point tensor as f32, row-major; only its own part of the storage is read. */
export async function readTensor(
  name: string,
  record: TensorRecord,
  storages: StorageFinder,
): Promise<Float32Array<ArrayBuffer>> {
  checkTensor(name, record, storages);
  const { type, key, start } = record.storage;
  if (!type) throw badCheckpoint(`${name} is stored as a type that is not known`, 'FOREIGN');
  const span = spanOf(record);
  if (span * STORAGE_BYTES[type] > MAX_SPAN_BYTES) {
    throw badCheckpoint(`${name} is spread over ${span} values`, 'FOREIGN');
  }
  const size = STORAGE_BYTES[type];
  const storage = await storages.open(key);
  const bytes = await readExactly(storage, (start + record.offset) * size, span * size, `tensor ${name}`);
  if (storages.bigEndian) reverseEach(bytes, size);
  const values = widen(type, bytes);
  return isContiguous(record) ? values : gather(values, record);
}

/** Turns the bytes of each value round, in place. */
function reverseEach(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

function widen(type: StorageType, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const length = aligned.byteLength / STORAGE_BYTES[type];
  switch (type) {
    case 'f32':
      return new Float32Array(buffer, byteOffset, length);
    case 'f64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, length));
    case 'f16':
      return floatsFromHalves(new Uint16Array(buffer, byteOffset, length));
    case 'bf16':
      return floatsFromBfloats(new Uint16Array(buffer, byteOffset, length));
    default:
      throw badCheckpoint(`Weights are stored as ${type}`, 'FOREIGN');
  }
}

/** Strides of a row-major tensor. */
export function denseStrides(shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) out[d] = out[d + 1] * shape[d + 1];
  return out;
}

function gather(values: Float32Array, record: TensorRecord): Float32Array<ArrayBuffer> {
  const { shape, stride } = record;
  const out = new Float32Array(elementCount(shape));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = values[from];
    for (let d = shape.length - 1; d >= 0; d--) {
      from += stride[d];
      if (++index[d] < shape[d]) break;
      from -= shape[d] * stride[d];
      index[d] = 0;
    }
  }
  return out;
}
