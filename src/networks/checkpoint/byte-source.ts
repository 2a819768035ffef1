/** Reading a large file by slices: a Blob in the browser, an open file in Node (cli), bytes in tests. */
import { badCheckpoint } from './errors.ts';

export interface ByteSource {
  readonly size: number;
  /** Exactly `length` bytes; the range lies within the file. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.slice(offset, offset + length),
  };
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
