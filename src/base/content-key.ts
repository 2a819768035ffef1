/** Short keys for cached results: two independent 32-bit hashes of the content, plus its length. */
import { crc32 } from './deterministic.ts';
import { atOnce, type Steps } from './steps.ts';

/** Bytes between two pauses. */
const BLOCK_BYTES = 2 ** 20;

/** Key of raw bytes or of a text; equal content gives equal keys. Not cryptographic: guards against mistakes only. */
export function* contentKeySteps(content: ArrayBufferView | string): Steps<string> {
  const bytes =
    typeof content === 'string'
      ? new TextEncoder().encode(content)
      : new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  let crc = 0;
  let h = 0x811c9dc5;
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const block = bytes.subarray(from, from + BLOCK_BYTES);
    crc = crc32(block, crc);
    h = fnv1a(block, h);
    yield;
  }
  const hex = (n: number) => (n >>> 0).toString(16).padStart(8, '0');
  return `${hex(crc)}${hex(h)}-${bytes.length}`;
}

export const contentKey = atOnce(contentKeySteps);

function fnv1a(bytes: Uint8Array, before: number): number {
  let h = before;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return h;
}
