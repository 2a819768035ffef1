import { describe, expect, test } from 'vitest';
import { ResultCache } from './result-cache.ts';

describe('ResultCache', () => {
  test('computes once per key and disposes of what a later run did not use', async () => {
    const cache = new ResultCache();
    const computed: string[] = [];
    const disposed: string[] = [];
    const want = (key: string) =>
      cache.get(
        key,
        () => {
          computed.push(key);
          return key;
        },
        (value) => disposed.push(value),
      );
    cache.beginRun();
    await want('head:1');
    await want('foot:1');
    cache.sweep();
    cache.beginRun();
    await want('head:1');
    await want('foot:2');
    expect(computed).toEqual(['head:1', 'foot:1', 'foot:2']);
    expect(disposed).toEqual([]);
    cache.sweep();
    expect(disposed).toEqual(['foot:1']);
    cache.clear();
    expect(disposed.sort()).toEqual(['foot:1', 'foot:2', 'head:1']);
  });

  test('a failed computation leaves no entry, so the next try computes again', async () => {
    const cache = new ResultCache();
    cache.beginRun();
    await expect(cache.get('k', () => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
    expect(await cache.get('k', () => 2)).toBe(2);
  });
});
