/** OpenPose files to the reference's table, both modes, and files spoiled at random: points or a sentence, never a crash. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drawnMatte, truePoints } from '../../../tests/cases/keypoints/drawn-person.ts';
import { sharedPath } from '../../../tests/shared.ts';
import { StageError } from '../../base/errors.ts';
import { squareMapping, toCanvas } from '../../geometry/keypoints.ts';
import { keypointsOfPhoto, parseKeypoints } from './keypoints-of-photo.ts';

/** Numbers that tell where they stand, at places that make no body. */
const scattered = (i: number) => (i % 3 === 1 ? ((i * 7919) % 1009) + 1 : i + 1);
const points = (n: number, value = scattered) => Array.from({ length: n * 3 }, (_, i) => value(i));
const person = (changes: Record<string, unknown> = {}) => ({
  pose_keypoints_2d: points(25),
  hand_left_keypoints_2d: points(21),
  hand_right_keypoints_2d: points(21, (i) => (i % 3 === 2 ? 0.9 : 1000 + i)),
  ...changes,
});
const fileWith = (...people: unknown[]) => JSON.stringify({ version: 1.3, people });

test('rows of the table come from the rows that the method names', () => {
  const [{ table }] = parseKeypoints(fileWith(person())).people;
  const rows = [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11, 19, 20, 21, 22, 23, 24];
  for (const [row, source] of rows.entries()) expect(table[row * 3], `row ${row}`).toBe(source * 3 + 1);
  [6, 10, 14, 18].forEach((source, i) => {
    expect(table[(23 + i) * 3]).toBe(source * 3 + 1);
    expect(table[(27 + i) * 3]).toBe(1000 + source * 3);
  });
});

test('an absent ear repeats its eye, an absent hand is absent', () => {
  const body = points(25);
  body.fill(0, 18 * 3, 19 * 3);
  const changes = {
    pose_keypoints_2d: body,
    hand_left_keypoints_2d: [],
    hand_right_keypoints_2d: undefined,
  };
  const [{ table }] = parseKeypoints(fileWith(person(changes))).people;
  expect([...table.subarray(9, 12)]).toEqual([...table.subarray(3, 6)]);
  expect([...table.subarray(23 * 3)].every((v) => v === 0)).toBe(true);
});

describe('several people', () => {
  const photo = { name: 'photo', width: 400, height: 400 };
  const scaled = (factor: number) =>
    person({ pose_keypoints_2d: points(25, (i) => (i % 3 === 2 ? 0.9 : ((i * 7919) % 97) * factor + 1)) });

  test('robust mode takes the largest and says so; reference mode takes the first', () => {
    const text = fileWith(scaled(1), scaled(4), scaled(2));
    const robust = keypointsOfPhoto(text, photo, null, 'robust');
    expect(robust.index).toBe(1);
    expect(robust.notices.join()).toMatch(/3 people.*number 2/);
    const reference = keypointsOfPhoto(text, photo, null, 'reference');
    expect(reference.index).toBe(0);
    expect(reference.notices.join()).toMatch(/the first one \(number 1\)/);
  });

  test('an entry that cannot be read is left out and said, when another can', () => {
    const { people, notices } = parseKeypoints(fileWith(7, scaled(2)));
    expect(people).toHaveLength(1);
    expect(notices.join()).toMatch(/left out.*not an object/);
  });
});

const GOLDEN = resolve(import.meta.dirname, '../../../tests/golden');
const photos = sharedPath('photos');

describe('reference mode', () => {
  test('passes the numbers of an OpenPose file through unchanged, absent points as zeros', () => {
    const text = readFileSync(`${GOLDEN}/person_keypoints.json`, 'utf8');
    const photo = { name: 'person', width: 2048, height: 2048 };
    const matte = drawnMatte(truePoints(), 2048, 2048);
    const found = keypointsOfPhoto(text, photo, matte, 'reference');
    expect([...found.table]).toEqual([...truePoints()]);
    expect(found.lacking).toEqual([]);
    const file = JSON.parse(text);
    file.people[0].pose_keypoints_2d.fill(0, 57, 60);
    const without = keypointsOfPhoto(JSON.stringify(file), photo, matte, 'reference');
    expect([...without.table.subarray(51, 54)]).toEqual([0, 0, 0]);
    expect(without.lacking).toEqual([]);
  });

  const golden = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../../tests/golden/keypoints_affine.json'), 'utf8'),
  );
  for (const name of ['hanni', '000028', 'DSC02780', '0281']) {
    test.skipIf(!photos)(`published keypoints of ${name}`, () => {
      const text = readFileSync(`${photos}/${name}_keypoints.json`, 'utf8');
      const [width, height] = golden[name].image_wh;
      const { table } = keypointsOfPhoto(text, { name, width, height }, null, 'reference');
      expect([...table]).toEqual(golden[name].pose_raw.flat());
    });
  }
});

/** Small, fast and seeded (mulberry32). */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const ODD = [
  ...[
    null,
    true,
    '',
    'x',
    '12',
    {},
    [],
    [[]],
    [null],
    { x: 1 },
    [{ x: 1, y: 2 }],
    0,
    -1,
    0.5,
    1e9,
    1e308,
    -1e308,
  ],
  ...[
    { people: [] },
    { keypoints: [] },
    { landmarks: [[]] },
    [1, 2, 3],
    new Array(75).fill(null),
    '__proto__',
  ],
];

/** Replaces, removes, repeats, renames or scales something anywhere in the file. */
function mutate(node: unknown, next: () => number, depth = 0): unknown {
  const odd = () => ODD[Math.floor(next() * ODD.length)];
  if (typeof node !== 'object' || node === null || depth > 8 || next() < 0.06) {
    if (typeof node === 'number' && next() < 0.6) return node * (next() < 0.5 ? -3 : 1e3 * next());
    return odd();
  }
  const keys = Object.keys(node);
  if (keys.length === 0) return odd();
  const copy: Record<string, unknown> = Array.isArray(node) ? ([...node] as never) : { ...node };
  const key = keys[Math.floor(next() * keys.length)];
  const what = next();
  if (what < 0.1) delete copy[key];
  else if (what < 0.2 && Array.isArray(copy)) copy.splice(Number(key), 1);
  else if (what < 0.3 && Array.isArray(copy)) copy.push(copy[Number(key)]);
  else if (what < 0.36 && !Array.isArray(copy)) {
    const names = [
      'people',
      'keypoints',
      'pose_keypoints',
      'landmarks',
      'canvas_width',
      'image_id',
      'images',
    ];
    copy[names[Math.floor(next() * names.length)]] = copy[key];
  } else copy[key] = mutate(copy[key], next, depth + 1);
  return copy;
}

describe('files spoiled at random give points or a sentence', () => {
  const folder = resolve(import.meta.dirname, '../../../tests/cases/keypoints');
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const parsed = files.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(resolve(folder, name), 'utf8')) as unknown];
    } catch {
      return [];
    }
  });
  const photo = { name: 'photo', width: 2048, height: 2048 };
  const matte = drawnMatte(truePoints(), 2048, 2048);

  function outcome(text: string, mode: 'robust' | 'reference'): 'points' | 'sentence' {
    try {
      const { table, lacking } = keypointsOfPhoto(text, photo, matte, mode);
      const robust = mode === 'robust' || lacking.length > 0;
      const { keypoints } = toCanvas(table, squareMapping(2048, 2048), robust ? 'robust' : 'reference');
      expect(keypoints.every(Number.isFinite)).toBe(true);
      return 'points';
    } catch (thrown) {
      if (!(thrown instanceof StageError)) throw thrown;
      expect(thrown.code).toBe('E_BAD_KEYPOINTS');
      expect(thrown.fix.length).toBeGreaterThan(20);
      return 'sentence';
    }
  }

  for (const seed of [1, 2, 3, 4]) {
    test(`structure, seed ${seed}`, () => {
      const next = random(seed);
      const seen = { points: 0, sentence: 0 };
      for (let i = 0; i < 250; i++) {
        let file = parsed[Math.floor(next() * parsed.length)];
        for (let n = Math.floor(next() * 4); n >= 0; n--) file = mutate(file, next);
        seen[outcome(JSON.stringify(file) ?? '', next() < 0.8 ? 'robust' : 'reference')]++;
      }
      // Both must happen: a reader that refuses everything would pass otherwise.
      expect(Math.min(seen.points, seen.sentence)).toBeGreaterThan(25);
    });
  }

  test('bytes, seed 5', () => {
    const next = random(5);
    const texts = files.map((name) => readFileSync(resolve(folder, name), 'latin1'));
    for (let i = 0; i < 300; i++) {
      const text = texts[Math.floor(next() * texts.length)];
      const at = Math.floor(next() * text.length);
      const junk = '{}[],:"0-eN\0'[Math.floor(next() * 12)];
      outcome(text.slice(0, at) + junk + text.slice(at + Math.floor(next() * 4)), 'robust');
    }
  });
});
