/** Figures and kept results in the browser's real storage (OPFS), with its real locks. */
import { afterEach, expect, test, vi } from 'vitest';
import { browserResultShelf } from '../digitizer/kept-results.ts';
import { browserShelf } from './project-shelf.ts';

const KEY = 'test-figure';
const shelf = browserShelf();

afterEach(() => shelf.remove(KEY));

test('files are written, listed, replaced, read and removed', async () => {
  await shelf.write(KEY, 'photo.jpg', new Blob(['one']));
  await shelf.write(KEY, 'project.json', new Blob(['{}']));
  expect(await shelf.keys()).toContain(KEY);
  expect((await shelf.names(KEY)).sort()).toEqual(['photo.jpg', 'project.json']);
  await shelf.write(KEY, 'photo.jpg', new Blob(['two, longer']));
  expect(await (await shelf.read(KEY, 'photo.jpg'))?.text()).toBe('two, longer');
  await shelf.remove(KEY, 'photo.jpg');
  expect(await shelf.read(KEY, 'photo.jpg')).toBeNull();
  await shelf.remove(KEY);
  await shelf.remove(KEY);
  expect(await shelf.keys()).not.toContain(KEY);
  expect(await shelf.names(KEY)).toEqual([]);
});

test('a figure is open in one place at a time', async () => {
  const release = await shelf.hold(KEY);
  expect(release).not.toBeNull();
  expect(await browserShelf().hold(KEY)).toBeNull();
  release?.();
  const again = await browserShelf().hold(KEY);
  expect(again).not.toBeNull();
  again?.();
});

test('a page that was left lets go late: its figure is waited for; one that is there answers, and nobody waits', async () => {
  const left = navigator.locks.request(
    `figure ${KEY}`,
    () => new Promise<void>((resolve) => setTimeout(() => resolve(), 3000)),
  );
  const release = await shelf.hold(KEY);
  await left;
  expect(release).not.toBeNull();
  const changes: string[] = [];
  const stop = shelf.onChange(() => changes.push('changed'));
  expect(await browserShelf().hold(KEY)).toBeNull();
  expect(changes).toEqual([]);
  stop();
  release?.();
});

test('results of stages come back to the bit; what was never written is nothing', async () => {
  const results = browserResultShelf();
  const key = `test ${crypto.randomUUID()}`;
  const array = Float32Array.of(0.1, Number.NaN, -0);
  expect(await results?.read(key)).toBeNull();
  results?.write(key, () => ({ facts: { name: 'x' }, arrays: [array] }));
  const back = await vi.waitFor(
    async () => {
      const read = await results?.read(key);
      if (!read) throw new Error('not there yet');
      return read;
    },
    { timeout: 10_000 },
  );
  expect(back.facts).toEqual({ name: 'x' });
  expect(new Uint8Array(back.arrays[0].buffer)).toEqual(new Uint8Array(array.buffer));
});
