/**
 * SHA-256 of data that arrives in pieces; `crypto.subtle` takes only whole buffers. The hashing is hash-wasm's, in
 * WebAssembly: 311 MB in 1.5 s of processor time where a loop in JavaScript took 3.2 (Node 20, one run each on one machine).
 */
import { createSHA256 } from 'hash-wasm';

export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal digest; the object is used up. */
  hex(): string;
}

export async function startSha256(): Promise<RunningHash> {
  const hash = await createSHA256();
  hash.init();
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}

/** Digest of a whole buffer: the browser's own where it exists (secure pages). */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!globalThis.crypto?.subtle) {
    const hash = await startSha256();
    hash.update(bytes);
    return hash.hex();
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
