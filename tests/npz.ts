/** Reads NumPy .npy and .npz files for tests; works in Node and in the browser. */
import { unzipSync } from 'fflate';

export interface NpyArray {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Values in C order; f16 is widened to Float32Array, i8 stays BigInt64Array. */
  readonly data:
    | Float32Array
    | Float64Array
    | Uint8Array
    | Uint16Array
    | Uint32Array
    | Int32Array
    | BigInt64Array;
}

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** Reorders values stored column by column (Fortran order) to C order. */
function toRowMajor<T extends NpyArray['data']>(data: T, shape: readonly number[]): T {
  const out = data.slice() as T;
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis] + index[axis];
    out[i] = data[from];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}

export function readNpy(bytes: Uint8Array): NpyArray {
  const array = readStored(bytes);
  const fortran = /'fortran_order':\s*True/.test(new TextDecoder().decode(bytes.subarray(0, 256)));
  return fortran ? { ...array, data: toRowMajor(array.data, array.shape) } : array;
}

/** The values in stored order. */
function readStored(bytes: Uint8Array): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = (bytes[6] === 1 ? 10 : 12) + headerLength;
  const header = new TextDecoder().decode(bytes.subarray(bytes[6] === 1 ? 10 : 12, start));
  const dtype = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean)
    .map(Number);
  // A copy: Buffer.slice would be a view of the whole file.
  const raw = new Uint8Array(bytes.subarray(start)).buffer;
  switch (dtype.replace(/^[<|=]/, '')) {
    case 'f4':
      return { shape, dtype, data: new Float32Array(raw) };
    case 'f8':
      return { shape, dtype, data: new Float64Array(raw) };
    case 'f2':
      return { shape, dtype, data: Float32Array.from(new Uint16Array(raw), halfToFloat) };
    case 'u1':
    case 'b1':
      return { shape, dtype, data: new Uint8Array(raw) };
    case 'u2':
      return { shape, dtype, data: new Uint16Array(raw) };
    case 'u4':
      return { shape, dtype, data: new Uint32Array(raw) };
    case 'i4':
      return { shape, dtype, data: new Int32Array(raw) };
    case 'i8':
      return { shape, dtype, data: new BigInt64Array(raw) };
    default:
      throw new Error(`dtype ${dtype} is not supported`);
  }
}

export function readNpz(bytes: Uint8Array): Record<string, NpyArray> {
  const out: Record<string, NpyArray> = {};
  for (const [name, content] of Object.entries(unzipSync(bytes))) {
    out[name.replace(/\.npy$/, '')] = readNpy(content);
  }
  return out;
}
