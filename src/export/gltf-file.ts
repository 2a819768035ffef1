/**
 * A glTF 2.0 binary in the making: accessors with a buffer view each, pictures, then one file. With an encoder the views
 * are compressed as EXT_meshopt_compression has it; without one they are stored as they are.
 * Source: Khronos glTF 2.0 specification, sections 3.6 and 4.4; EXT_meshopt_compression.
 */
import type { TextureImage } from './mesh-texture.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

type GltfArray =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

export interface AccessorOptions {
  readonly type: 'SCALAR' | 'VEC2' | 'VEC3' | 'VEC4' | 'MAT4';
  readonly normalized?: boolean;
  /** Vertices and triangles are told apart from animation data, which has no target. */
  readonly target?: 'vertices' | 'indices';
  /** Numbers from one element to the next in the array, where it is more than the type has (padding to 4 bytes). */
  readonly stride?: number;
  readonly bounds?: boolean;
}

/** What compresses the views; meshoptimizer's encoder. */
export interface ViewEncoder {
  encodeGltfBuffer(
    source: Uint8Array,
    count: number,
    size: number,
    mode: string,
    version?: number,
  ): Uint8Array;
}

const COMPONENT_TYPES = new Map<unknown, number>([
  [Int8Array, 5120],
  [Uint8Array, 5121],
  [Int16Array, 5122],
  [Uint16Array, 5123],
  [Uint32Array, 5125],
  [Float32Array, 5126],
]);
const COMPONENTS = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4, MAT4: 16 } as const;
const TARGETS = { vertices: 34962, indices: 34963 } as const;

const MAGIC = 0x46546c67;
const CHUNK_JSON = 0x4e4f534a;
const CHUNK_BIN = 0x004e4942;
const MESHOPT = 'EXT_meshopt_compression';

export const align4 = (bytes: number) => (bytes + 3) & ~3;

interface View {
  readonly bytes: Uint8Array;
  readonly byteStride?: number;
  readonly target?: number;
  /** How meshopt encodes it; null: not at all (pictures, matrices). */
  readonly coding: { readonly mode: string; readonly count: number; readonly size: number } | null;
}

export class GltfFile {
  readonly #views: View[] = [];
  readonly #accessors: JsonValue[] = [];
  readonly #images: JsonValue[] = [];

  /** @returns the accessor's number. The array is read when the file is made. */
  accessor(array: GltfArray, options: AccessorOptions): number {
    const { type, normalized, target, bounds } = options;
    const components = COMPONENTS[type];
    const stride = options.stride ?? components;
    const count = array.length / stride;
    const size = stride * array.BYTES_PER_ELEMENT;
    const padded = stride !== components || (type === 'VEC4' && size === 8);
    this.#views.push({
      bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
      ...(padded && target === 'vertices' && { byteStride: size }),
      ...(target && { target: TARGETS[target] }),
      coding: codingOf(target, count, size),
    });
    this.#accessors.push({
      bufferView: this.#views.length - 1,
      componentType: COMPONENT_TYPES.get(array.constructor) as number,
      ...(normalized && { normalized: true }),
      count,
      type,
      ...(bounds && boundsOf(array, components, stride)),
    });
    return this.#accessors.length - 1;
  }

  /** @returns the image's number. */
  image(image: TextureImage, name: string): number {
    this.#views.push({ bytes: image.bytes, coding: null });
    this.#images.push({ name, bufferView: this.#views.length - 1, mimeType: image.mime });
    return this.#images.length - 1;
  }

  /**
   * @param head `asset` to `materials` and whatever else the JSON holds beside accessors, views, images and buffers.
   * @returns the whole file; the caller owns it.
   */
  write(head: { readonly [key: string]: JsonValue }, encoder?: ViewEncoder): Uint8Array<ArrayBuffer> {
    const chunks: Uint8Array[] = [];
    let end = 0;
    /** Of the buffer that a reader without the extension would have; nothing of it is stored. */
    let unpackedEnd = 0;
    const views = this.#views.map(({ bytes, byteStride, target, coding }): JsonValue => {
      const stored =
        encoder && coding ? encoder.encodeGltfBuffer(bytes, coding.count, coding.size, coding.mode) : bytes;
      const byteOffset = end;
      chunks.push(stored);
      end = align4(end + stored.length);
      if (stored === bytes) {
        return {
          buffer: 0,
          byteOffset,
          byteLength: bytes.length,
          ...(byteStride && { byteStride }),
          ...(target && { target }),
        };
      }
      const unpackedOffset = unpackedEnd;
      unpackedEnd = align4(unpackedEnd + bytes.length);
      const { mode, count, size } = coding as NonNullable<typeof coding>;
      return {
        buffer: 1,
        byteOffset: unpackedOffset,
        byteLength: bytes.length,
        ...(mode === 'ATTRIBUTES' && target === TARGETS.vertices && { byteStride: size }),
        ...(target && { target }),
        extensions: {
          [MESHOPT]: { buffer: 0, byteOffset, byteLength: stored.length, byteStride: size, mode, count },
        },
      };
    });
    const json = {
      ...head,
      ...(this.#images.length > 0 && { images: this.#images }),
      accessors: this.#accessors,
      bufferViews: views,
      buffers: [
        { byteLength: end },
        ...(unpackedEnd > 0
          ? [{ byteLength: unpackedEnd, extensions: { [MESHOPT]: { fallback: true } } }]
          : []),
      ],
    };
    return container(JSON.stringify(json), chunks, end);
  }
}

/** Of vertices and triangles; what has no target (animations, matrices) is small and stays as it is. */
function codingOf(target: AccessorOptions['target'], count: number, size: number): View['coding'] {
  if (target === 'indices') return { mode: 'TRIANGLES', count, size };
  return target === 'vertices' ? { mode: 'ATTRIBUTES', count, size } : null;
}

function boundsOf(array: GltfArray, components: number, stride: number): { min: number[]; max: number[] } {
  const min = new Array<number>(components).fill(Number.POSITIVE_INFINITY);
  const max = new Array<number>(components).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < array.length; i += stride) {
    for (let c = 0; c < components; c++) {
      const value = array[i + c];
      if (value < min[c]) min[c] = value;
      if (value > max[c]) max[c] = value;
    }
  }
  return { min, max };
}

function container(text: string, chunks: readonly Uint8Array[], binBytes: number): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(text);
  const jsonBytes = align4(json.length);
  const file = new Uint8Array(12 + 8 + jsonBytes + 8 + binBytes);
  const head = new DataView(file.buffer);
  head.setUint32(0, MAGIC, true);
  head.setUint32(4, 2, true);
  head.setUint32(8, file.length, true);
  head.setUint32(12, jsonBytes, true);
  head.setUint32(16, CHUNK_JSON, true);
  file.fill(0x20, 20, 20 + jsonBytes);
  file.set(json, 20);
  let at = 20 + jsonBytes;
  head.setUint32(at, binBytes, true);
  head.setUint32(at + 4, CHUNK_BIN, true);
  at += 8;
  for (const chunk of chunks) {
    file.set(chunk, at);
    at += align4(chunk.length);
  }
  return file;
}
