/** OpenPose files: the table of the reference, and one clear sentence for each way a file can be wrong. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../../tests/shared.ts';
import { StageError } from '../base/errors.ts';
import { choosePerson, parseOpenPose } from './openpose.ts';

const points = (n: number, value = (i: number) => i + 1) => Array.from({ length: n * 3 }, (_, i) => value(i));

function personWith(changes: Record<string, unknown> = {}) {
  return {
    pose_keypoints_2d: points(25),
    hand_left_keypoints_2d: points(21),
    hand_right_keypoints_2d: points(21, (i) => 1000 + i),
    ...changes,
  };
}
const fileWith = (...people: unknown[]) => JSON.stringify({ version: 1.3, people });

test('rows of the table come from the rows that the method names', () => {
  const [person] = parseOpenPose(fileWith(personWith()));
  const rows = [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11, 19, 20, 21, 22, 23, 24];
  for (const [row, source] of rows.entries())
    expect(person.table[row * 3], `row ${row}`).toBe(source * 3 + 1);
  [6, 10, 14, 18].forEach((source, i) => {
    expect(person.table[(23 + i) * 3]).toBe(source * 3 + 1);
    expect(person.table[(27 + i) * 3]).toBe(1000 + source * 3);
  });
});

test('an absent ear repeats its eye, an absent hand is absent', () => {
  const body = points(25);
  body.fill(0, 18 * 3, 19 * 3);
  const [person] = parseOpenPose(
    fileWith(
      personWith({ pose_keypoints_2d: body, hand_left_keypoints_2d: [], hand_right_keypoints_2d: undefined }),
    ),
  );
  expect([...person.table.subarray(9, 12)]).toEqual([...person.table.subarray(3, 6)]);
  expect([...person.table.subarray(23 * 3)].every((v) => v === 0)).toBe(true);
});

describe('bad files', () => {
  const cases: readonly [name: string, text: string, sentence: RegExp][] = [
    ['not JSON', '{"people": [', /not valid JSON/],
    ['empty text', '', /not valid JSON/],
    ['null', 'null', /no list "people"/],
    ['another format', '{"keypoints": []}', /no list "people"/],
    ['nobody', fileWith(), /found no person/],
    ['a person that is a number', fileWith(7), /not an object/],
    ['no body points', fileWith({ hand_left_keypoints_2d: points(21) }), /no "pose_keypoints_2d"/],
    ['a short list', fileWith(personWith({ pose_keypoints_2d: points(18) })), /54 numbers where 75/],
    ['a short hand', fileWith(personWith({ hand_right_keypoints_2d: points(20) })), /60 numbers where 63/],
    [
      'text for a number',
      fileWith(personWith({ pose_keypoints_2d: points(25).with(4, 'x' as never) })),
      /"x"/,
    ],
    ['null for a number', fileWith(personWith({ pose_keypoints_2d: points(25, () => Number.NaN) })), /null/],
    ['a number beyond all bounds', fileWith(personWith()).replace('[1,2,', '[1e999,2,'), /position 0/],
    ['only zeros', fileWith(personWith({ pose_keypoints_2d: points(25, () => 0) })), /All keypoints.*zero/],
    [
      'three points',
      fileWith(personWith({ pose_keypoints_2d: points(25, (i) => (i < 9 ? 5 + i : 0)) })),
      /Only 3 of 25/,
    ],
  ];
  for (const [name, text, sentence] of cases) {
    test(name, () => {
      let thrown: unknown;
      try {
        parseOpenPose(text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(StageError);
      const error = thrown as StageError;
      expect(error.code).toBe('E_BAD_KEYPOINTS');
      expect(error.message).toMatch(sentence);
      expect(error.message).toMatch(/\.$/);
      expect(error.fix.length).toBeGreaterThan(20);
    });
  }
});

describe('several people', () => {
  const scaled = (factor: number) =>
    personWith({ pose_keypoints_2d: points(25, (i) => (i % 3 === 2 ? 0.9 : (i + 1) * factor)) });

  test('robust mode takes the largest and says so; reference mode takes the first', () => {
    const people = parseOpenPose(fileWith(scaled(1), scaled(4), scaled(2)));
    expect(people).toHaveLength(3);
    const robust = choosePerson(people, 'robust');
    expect(robust.index).toBe(1);
    expect(robust.notice).toMatch(/3 people.*number 2/);
    expect(choosePerson(people, 'reference').index).toBe(0);
  });

  test('one person needs no sentence, and people without points are left out', () => {
    const people = parseOpenPose(fileWith(personWith({ pose_keypoints_2d: points(25, () => 0) }), scaled(2)));
    expect(people).toHaveLength(1);
    expect(choosePerson(people, 'robust').notice).toBe('');
  });
});

const photos = sharedPath('photos');
describe.skipIf(!photos)('published keypoint files', () => {
  const golden = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../tests/golden/keypoints_affine.json'), 'utf8'),
  );
  for (const name of ['hanni', '000028', 'DSC02780', '0281']) {
    test(name, () => {
      const [person] = parseOpenPose(readFileSync(`${photos}/${name}_keypoints.json`, 'utf8'));
      expect([...person.table]).toEqual(golden[name].pose_raw.flat());
    });
  }
});
