import { expect, test } from 'vitest';
import { decodeKept, encodeKept, type KeptValue } from './kept-results.ts';

const VALUE: KeptValue = {
  facts: { shape: [1, 2, 3], name: 'ä' },
  arrays: [
    Float32Array.of(0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45),
    Uint8Array.of(1, 2, 3),
    Float64Array.of(Math.PI),
    Uint32Array.of(2 ** 32 - 1),
    new Float32Array(),
  ],
};
const bytesOf = async (value = VALUE) => new Blob(encodeKept(value)).arrayBuffer();

test('comes back to the bit', async () => {
  const back = decodeKept(await bytesOf());
  expect(back?.facts).toEqual(VALUE.facts);
  for (const [i, array] of VALUE.arrays.entries()) {
    const read = back?.arrays[i];
    expect(read?.constructor).toBe(array.constructor);
    expect(new Uint8Array(read?.buffer ?? new ArrayBuffer())).toEqual(new Uint8Array(array.buffer));
  }
});

test('what is cut off, changed or something else is nothing', async () => {
  const bytes = await bytesOf();
  for (const length of [0, 4, 20, bytes.byteLength - 16])
    expect(decodeKept(bytes.slice(0, length)), String(length)).toBeNull();
  const changed = new Uint8Array(bytes.slice(0));
  const at = changed.length - 12;
  changed[at] ^= 1;
  expect(decodeKept(changed.buffer)).toBeNull();
  expect(decodeKept(new TextEncoder().encode('hello, I am a letter').buffer)).toBeNull();
});
