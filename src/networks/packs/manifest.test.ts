/** What is said of a pack.json that is none: the first field that is missing or of the wrong kind. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { manifestFrom, parseManifest } from './manifest.ts';

const STARTER = resolve(import.meta.dirname, '../../../public/packs/starter/pack.json');
const good = () => JSON.parse(readFileSync(STARTER, 'utf8'));

test('a good one comes out as it went in, without what is not known', () => {
  expect(manifestFrom({ ...good(), comment: 'mine' })).toEqual(good());
  expect(manifestFrom({ ...good(), precision: 'f8' }).precision).toBe('f32');
});

test('optional networks are kept; what is not understood of them does not spoil the pack', () => {
  const matte = {
    network: 'matte',
    name: 'matte.onnx',
    bytes: 3,
    sha256: 'a',
    licence: 'Apache-2.0',
    source: '',
    byDefault: true,
  };
  expect(manifestFrom({ ...good(), optional: [matte] }).optional).toEqual([matte]);
  for (const wrong of [[{ ...matte, name: '../../other.onnx' }], [{ ...matte, network: 'rig' }], 'matte']) {
    expect(manifestFrom({ ...good(), optional: wrong }).optional).toEqual([]);
  }
});

const FILE = { name: 'weights.safetensors', bytes: 1, sha256: 'a' };

test.each([
  [{ schemaVersion: 2 }, 'pack.json has schema version 2, this app reads 1'],
  [{ schemaVersion: undefined }, 'pack.json has schema version undefined, this app reads 1'],
  [{ id: undefined }, 'pack.json has no text "id"'],
  [{ licence: 3 }, 'pack.json has no text "licence"'],
  [{ parameterCount: undefined }, 'pack.json has no number "parameterCount"'],
  [{ parameterCount: '7' }, 'pack.json has no number "parameterCount"'],
  [{ parameterCount: -1 }, 'pack.json has no count "parameterCount"'],
  [{ parameterCount: 1.5 }, 'pack.json has no count "parameterCount"'],
  [{ widths: undefined }, 'pack.json has no object "widths"'],
  [{ widths: [] }, 'pack.json has no object "widths"'],
  [{ widths: { ...good().widths, face: undefined } }, 'pack.json has no number "face"'],
  [{ accuracy: {} }, 'pack.json has no list "accuracy"'],
  [{ accuracy: [3] }, 'pack.json has no list "accuracy"'],
  [{ accuracy: [{ measure: 'a', value: null, unit: 'b' }] }, 'pack.json has no number "value"'],
  [{ accuracy: [{ value: 1, unit: 'b' }] }, 'pack.json has no text "measure"'],
  [{ files: undefined }, 'pack.json has no list "files"'],
  [{ files: [[]] }, 'pack.json has no list "files"'],
  [{ files: [FILE, { ...FILE, bytes: -5 }] }, 'pack.json has no count "bytes"'],
])('%j', (change, sentence) => {
  expect(() => manifestFrom({ ...good(), ...change })).toThrow(`${sentence}.`);
});

test('what is no object', () => {
  for (const json of [null, 3, [], 'a'])
    expect(() => manifestFrom(json)).toThrow('pack.json is not an object.');
  expect(() => parseManifest('{')).toThrow('pack.json is not valid JSON.');
});
