/**
 * The hash noise u(key, i) of docs/method.md#test-weights: reproducible values for test weights and inputs.
 * Seed = CRC-32 of the key; then a 32-bit finaliser; u in [-1, 1) on a 2^-23 grid, exact in f32.
 */

const CRC_TABLE = new Uint32Array(256).map((_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/**
 * CRC-32 (IEEE, reflected) of the UTF-8 bytes of a text or of raw bytes.
 *
 * @param before of the bytes that come before these.
 */
export function crc32(input: string | Uint8Array, before = 0): number {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  let c = before ^ 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = CRC_TABLE[(c ^ bytes[i]) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** u(key, index) in [-1, 1). */
export function hashNoise(seed: number, index: number): number {
  let h = (seed + Math.imul(index, 0x9e3779b9)) >>> 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return (h >>> 8) / 8388608 - 1;
}

/** The first `length` values of u(key, .), row-major. */
export function hashNoiseArray(key: string, length: number): Float32Array<ArrayBuffer> {
  const seed = crc32(key);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = hashNoise(seed, i);
  return out;
}
