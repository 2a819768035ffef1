/** Only figures that both packs state, in one unit, and only where all of a headline are better. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { detailsOf } from '../../networks/packs/details.ts';
import { parseManifest } from '../../networks/packs/manifest.ts';
import { gainsOver } from './pack-gains.ts';

const manifest = resolve(import.meta.dirname, '../../../public/packs/starter/pack.json');
const starter = detailsOf(parseManifest(readFileSync(manifest, 'utf8')));

type Entry = (typeof starter.accuracy)[number];
const changed = (change: (entry: Entry) => Entry | null) => ({
  ...starter,
  accuracy: starter.accuracy.flatMap((entry) => change(entry) ?? []),
});
const labels = (pack: typeof starter) => gainsOver(pack, starter).map(({ label }) => label);
const better = (entry: Entry) => ({ ...entry, value: entry.value * 0.8 });

test('the starter states every headline; all better gives all, with both sides and both packs', () => {
  const gains = gainsOver(changed(better), starter);
  expect(gains.map(({ label, values }) => [label, values.length])).toEqual([
    ['Shape error', 2],
    ['Surface normal error', 2],
    ['Face normal error', 1],
  ]);
  const [shape] = gains;
  expect(shape.unit).toBe('mm');
  expect(shape.values[0]).toBeCloseTo(0.8 * shape.otherValues[0]);
});

test('equal is not better, and one worse side takes the headline away', () => {
  expect(labels(starter)).toEqual([]);
  const worseBack = changed((entry) =>
    entry.measure.startsWith('merged normals, back') ? { ...entry, value: 20 } : better(entry),
  );
  expect(labels(worseBack)).toEqual(['Shape error', 'Face normal error']);
});

test('what only one of them states, or states in another unit, is not compared', () => {
  expect(labels(changed((entry) => (entry.measure.startsWith('face') ? null : better(entry))))).toEqual([
    'Shape error',
    'Surface normal error',
  ]);
  expect(labels(changed((entry) => ({ ...better(entry), unit: 'px' })))).toEqual([]);
  expect(labels({ ...starter, accuracy: [] })).toEqual([]);
});
