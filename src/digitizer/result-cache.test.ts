import { describe, expect, test } from 'vitest';
import { type CacheEntry, ResultCache } from './result-cache.ts';

const KIB = 1024;

/** A cache of so many KiB whose entries are 1 KiB each and say when they go. */
function setUp(budgetKib: number) {
  const cache = new ResultCache(budgetKib * KIB);
  const computed: string[] = [];
  const disposed: string[] = [];
  const want = (run: symbol, key: string, holds: readonly CacheEntry[] = []) =>
    cache.get(run, key, () => {
      computed.push(key);
      return { value: new Uint8Array(KIB), holds, dispose: () => disposed.push(key) };
    });
  return { cache, computed, disposed, want };
}

describe('ResultCache', () => {
  test('computes once per key; over the budget the longest unused goes', async () => {
    const { cache, computed, disposed, want } = setUp(3);
    const run = Symbol('first');
    for (const key of ['a', 'b', 'c', 'a']) await want(run, key);
    expect(computed).toEqual(['a', 'b', 'c']);
    cache.release(run);
    expect(disposed).toEqual([]);
    await want(Symbol('second'), 'd');
    expect(disposed).toEqual(['b']);
    expect(cache.bytes).toBe(3 * KIB);
  });

  test('what a run uses stays until the run is released, whatever the budget', async () => {
    const { cache, disposed, want } = setUp(1);
    const [shown, next] = [Symbol('shown'), Symbol('next')];
    await want(shown, 'a');
    await want(shown, 'b');
    await want(next, 'b');
    await want(next, 'c');
    expect(disposed).toEqual([]);
    cache.release(shown);
    expect(disposed).toEqual(['a']);
    cache.release(next);
    expect(disposed).toEqual(['a', 'b']);
  });

  test('an entry that points into others keeps them, and its use is theirs', async () => {
    const { cache, disposed, want } = setUp(3);
    const run = Symbol('run');
    const tiles = [await want(run, 'tile 1'), await want(run, 'tile 2')];
    await want(run, 'depth', tiles);
    cache.release(run);
    await want(Symbol('later'), 'x');
    expect(disposed).toEqual(['depth']);
    await want(Symbol('later'), 'y');
    expect(disposed).toEqual(['depth', 'tile 1']);
  });

  test('memory that two entries share is counted once', async () => {
    const { cache } = setUp(9);
    const shared = new Float32Array(KIB / 4);
    await cache.get(Symbol('run'), 'a', () => ({ value: { map: { data: shared } } }));
    await cache.get(Symbol('run'), 'b', () => ({ value: [{ map: { data: shared } }] }));
    expect(cache.bytes).toBe(KIB);
  });

  test('a failed computation leaves no entry, so the next try computes again', async () => {
    const cache = new ResultCache();
    const run = Symbol('run');
    await expect(cache.get(run, 'k', () => Promise.reject(new Error('no memory')))).rejects.toThrow(
      'no memory',
    );
    expect((await cache.get(run, 'k', () => ({ value: 2 }))).value).toBe(2);
  });

  test('two who make the same keep one; what comes after all was forgotten is not kept', async () => {
    const cache = new ResultCache();
    const run = Symbol('run');
    const disposed: number[] = [];
    const make = (value: number) =>
      cache.get(run, 'k', async () => {
        await Promise.resolve();
        return { value, dispose: () => disposed.push(value) };
      });
    const [first, second] = await Promise.all([make(1), make(2)]);
    expect([first.value, second.value, disposed]).toEqual([1, 1, [2]]);
    const late = cache.get(run, 'late', async () => {
      cache.clear();
      return { value: 3 };
    });
    expect((await late).value).toBe(3);
    expect(cache.has('late')).toBe(false);
  });
});
