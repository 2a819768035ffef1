/**
 * Unpacking by slices with the platform's own inflater (DecompressionStream): a small entry into memory, a whole file of
 * gigabytes to wherever the caller can keep it. Whatever a file claims, no more than the claimed bytes are made. Node 20 lets
 * 256 MiB of what was inflated wait for its reader (seen in Node 20, cause not looked for), however soon that reads.
 */
import { StageError } from '../../base/errors.ts';
import { type ByteSource, blobSource } from './byte-source.ts';
import { badCheckpoint } from './errors.ts';

export type PackedFormat = 'deflate-raw' | 'gzip';

/** Keeps a file that comes in pieces, so that it can be read by slices. */
export type Keep = (chunks: AsyncIterable<Uint8Array<ArrayBuffer>>, name?: string) => Promise<ByteSource>;

/** Read at one time from the packed file. */
const STEP_BYTES = 2 ** 18;
/** Blobs of this size are made of the pieces, which come as 64 KiB. */
const BLOB_BYTES = 8 * 2 ** 20;
/** Four times the largest checkpoint there is. */
const MAX_FILE_BYTES = 4 * 2 ** 30;

/**
 * @param sizeBytes of what comes out, where the file says it.
 * @throws StageError E_BAD_CHECKPOINT when it is damaged or more comes out.
 */
export async function* inflate(
  source: ByteSource,
  format: PackedFormat,
  what: string,
  sizeBytes = MAX_FILE_BYTES,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let at = 0;
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      const length = Math.min(STEP_BYTES, source.size - at);
      if (length === 0) controller.close();
      else controller.enqueue(await source.read(at, length));
      at += length;
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream(format)).getReader();
  let made = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      made += value.length;
      if (made > sizeBytes) throw badCheckpoint(`More comes out of the ${what} than it says`, 'DAMAGED');
      yield value;
    }
  } catch (cause) {
    if (cause instanceof StageError) throw cause;
    throw badCheckpoint(`The ${what} cannot be unpacked`, 'DAMAGED', cause);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** @returns exactly `sizeBytes`. @throws StageError E_BAD_CHECKPOINT when it is damaged or has another size. */
export async function inflateBytes(
  source: ByteSource,
  sizeBytes: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  // Grown as it comes: a damaged size must not reserve gigabytes.
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let made = 0;
  for await (const piece of inflate(source, 'deflate-raw', what, sizeBytes)) {
    pieces.push(piece);
    made += piece.length;
  }
  if (made !== sizeBytes)
    throw badCheckpoint(`The ${what} has ${made} bytes and should have ${sizeBytes}`, 'DAMAGED');
  if (pieces.length === 1) return pieces[0];
  const out = new Uint8Array(made);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** In Blobs, which a browser keeps outside the script's memory and, when they are large, on the disk. */
export const keepInBlobs: Keep = async (chunks, name) => {
  const blobs: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let gathered = 0;
  const flush = () => {
    blobs.push(new Blob(pieces));
    pieces = [];
    gathered = 0;
  };
  for await (const chunk of chunks) {
    pieces.push(chunk);
    gathered += chunk.length;
    if (gathered >= BLOB_BYTES) flush();
  }
  flush();
  return { ...blobSource(new Blob(blobs)), name };
};
