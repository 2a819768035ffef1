/** The list of served packs is what the folders hold: the starter alone gives none, a folder that is not whole gives none and says so. */
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseCatalogue } from '../src/networks/packs/catalogue.ts';
import { bundledPacks, packCatalogue } from './pack-catalogue.ts';
import { ROOT } from './serve.ts';

const PUBLIC_PACKS = join(ROOT, 'public/packs');
let packs: string;
beforeEach(() => {
  packs = mkdtempSync(join(tmpdir(), 'statuette-packs-'));
  cpSync(join(PUBLIC_PACKS, 'starter'), join(packs, 'starter'), { recursive: true });
});
afterEach(() => rmSync(packs, { recursive: true }));

/** The starter under another id, as it would be committed. */
function addLarge(id = 'starter-large') {
  cpSync(join(packs, 'starter'), join(packs, 'starter-large'), { recursive: true });
  const file = join(packs, 'starter-large/pack.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), id }));
}

test('the starter alone: nothing is offered', () => {
  expect(packCatalogue(packs)).toEqual({ version: 1, packs: [] });
  expect(bundledPacks(packs)).toEqual(['starter']);
});

test('a folder beside it is on the list, and the page reads the list as it was written', () => {
  addLarge();
  const catalogue = packCatalogue(packs);
  expect(catalogue.packs.map(({ id }) => id)).toEqual(['starter-large']);
  expect(parseCatalogue(JSON.stringify(catalogue))).toEqual(catalogue.packs);
  expect(bundledPacks(packs)).toEqual(['starter', 'starter-large']);
});

test('a folder whose weights are cut off, or whose name is not the id, fails by name', () => {
  addLarge('other');
  expect(() => packCatalogue(packs)).toThrow(/starter-large: pack\.json has the id "other"/);
  rmSync(join(packs, 'starter-large'), { recursive: true });
  addLarge();
  truncateSync(join(packs, 'starter-large/weights.safetensors'), 1000);
  expect(() => packCatalogue(packs)).toThrow(/starter-large: weights\.safetensors has 1000 bytes/);
});

test('what is in the repository is whole', () => {
  expect(packCatalogue(PUBLIC_PACKS).packs.every(({ id }) => id !== 'starter')).toBe(true);
});

test.each([
  ['no JSON', '<!doctype html>'],
  ['another version', '{"version":2,"packs":[]}'],
  ['no list', '{"version":1}'],
  ['null', 'null'],
  ['a pack without its fields', '{"version":1,"packs":[{"schemaVersion":1,"id":"x"}]}'],
])('a catalogue that is %s is refused', (_, text) => {
  expect(() => parseCatalogue(text)).toThrow(expect.objectContaining({ code: 'E_BAD_PACK' }));
});
