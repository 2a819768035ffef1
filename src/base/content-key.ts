/** Short keys for cached results: two independent 32-bit hashes of the content, plus its length. */
import { crc32 } from './deterministic.ts';

/** Key of raw bytes or of a text; equal content gives equal keys. Not cryptographic: guards against mistakes only. */
export function contentKey(content: ArrayBufferView | string): string {
  const bytes =
    typeof content === 'string'
      ? new TextEncoder().encode(content)
      : new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  const hex = (n: number) => (n >>> 0).toString(16).padStart(8, '0');
  return `${hex(crc32(bytes))}${hex(h)}-${bytes.length}`;
}
