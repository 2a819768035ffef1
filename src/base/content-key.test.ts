import { expect, test } from 'vitest';
import { contentKey } from './content-key.ts';
import { crc32, hashNoiseArray } from './deterministic.ts';

test('equal content gives equal keys, whatever holds it; another byte gives another', () => {
  const text = 'a pose';
  expect(contentKey(text)).toBe(contentKey(new TextEncoder().encode(text)));
  expect(contentKey('a pose ')).not.toBe(contentKey(text));
  const big = new Uint8Array(hashNoiseArray('key', 700_000).buffer);
  const key = contentKey(big);
  big[big.length - 1] ^= 1;
  expect(contentKey(big)).not.toBe(key);
  expect(contentKey(big.subarray(0, 100))).toBe(contentKey(big.slice(0, 100)));
});

test('CRC-32 in blocks is CRC-32 of the whole', () => {
  expect(crc32('123456789')).toBe(0xcbf43926);
  expect(crc32('56789', crc32('1234'))).toBe(0xcbf43926);
});
