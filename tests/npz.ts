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

export function readNpy(bytes: Uint8Array): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = (bytes[6] === 1 ? 10 : 12) + headerLength;
  const header = new TextDecoder().decode(bytes.subarray(bytes[6] === 1 ? 10 : 12, start));
  const dtype = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  if (/'fortran_order':\s*True/.test(header)) throw new Error('Fortran order is not supported');
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean)
    .map(Number);
  const raw = bytes.slice(start).buffer;
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
