/** Figures and kept results in the browser's real storage (OPFS), with its real locks. */
import { afterEach, expect, test, vi } from 'vitest';
import { browserResultShelf } from '../digitizer/kept-results.ts';
import { NO_EDITS } from '../geometry/figure-edits.ts';
import { type ProjectFacts, ProjectLibrary } from './library.ts';
import { readProjectFile, writeProjectFile } from './project-file.ts';
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

test('a kept figure keeps how tall its person is, in this browser and as a file', async () => {
  const facts: ProjectFacts = {
    ...{ title: 'Anna', name: 'anna', fileName: 'anna.jpg', sampleId: null, createdMs: 1, savedMs: 2 },
    options: { mode: 'robust', surfaceDepth: 9 },
    ...{ edits: NO_EDITS, heightCm: 183, stopped: null },
  };
  const content = { photo: new Blob(['photo']), mask: null, poseJson: null, figure: null, thumbnail: null };
  await new ProjectLibrary(shelf).keep(KEY, facts, content);
  // Another page, which reads it from the disk.
  const later = () => new ProjectLibrary(browserShelf());
  expect((await later().open(KEY)).manifest.heightCm).toBe(183);
  await later().change(KEY, { heightCm: 150 });
  const opened = await later().open(KEY);
  expect(opened.manifest.heightCm).toBe(150);
  const file = await writeProjectFile({ ...facts, heightCm: 150 }, content);
  expect((await readProjectFile(new File([file], 'anna.statuette'))).manifest.heightCm).toBe(150);
  await later().change(KEY, { heightCm: undefined });
  expect((await later().open(KEY)).manifest.heightCm).toBeUndefined();
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
