/** Reading a large file by slices: a Blob in the browser, an open file in Node (cli), bytes in tests, a part of any. */
import { badCheckpoint } from './errors.ts';

export interface ByteSource {
  readonly size: number;
  /** File name, where there is one. */
  readonly name?: string;
  /** Exactly `length` bytes; the range lies within the file. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    name: 'name' in blob ? String(blob.name) : undefined,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

export function bytesSource(bytes: Uint8Array, name?: string): ByteSource {
  return {
    size: bytes.length,
    name,
    read: async (offset, length) => bytes.slice(offset, offset + length),
  };
}

/** A range of another source as a source of its own; the range lies within it. */
export function partSource(whole: ByteSource, offset: number, size: number, name?: string): ByteSource {
  return { size, name, read: (at, length) => whole.read(offset + at, length) };
}

/** @throws StageError E_BAD_CHECKPOINT when the range leaves the file or the file ended early. */
export async function readExactly(
  source: ByteSource,
  offset: number,
  length: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!(offset >= 0 && length >= 0 && offset + length <= source.size)) {
    throw badCheckpoint(`The file ends before its ${what}`, 'TRUNCATED');
  }
  const bytes = await source.read(offset, length);
  if (bytes.length !== length) throw badCheckpoint(`The file ends before its ${what}`, 'TRUNCATED');
  return bytes;
}
