/**
 * Reads OpenPose 1.3 keypoint files (BODY_25 and both hands) into the method's table of 31 points, row by row as
 * docs/method.md#keypoints says. The reference takes the first person only and trusts the file; we check it and choose.
 */
import { StageError } from '../base/errors.ts';
import { KEYPOINT_COUNT, type KeypointTable } from '../geometry/body.ts';

/** One person of the file, in pixels of the photo. */
export interface RawPerson {
  /** 31 x (x, y, confidence), photo px; absent points are (0, 0, 0). An absent ear repeats the eye of its side. */
  readonly table: KeypointTable;
  /** Mean confidence of the 25 body points. */
  readonly confidence: number;
  /** Height of the box around the body points, px. */
  readonly heightPx: number;
  /** Body points that are there, 0 to 25. */
  readonly bodyPoints: number;
}

export interface ChosenPerson {
  readonly person: RawPerson;
  readonly index: number;
  /** A sentence for the visitor when there was a choice; empty otherwise. */
  readonly notice: string;
}

/** Fewest body points that can stand for a person. */
const MIN_BODY_POINTS = 5;

/** BODY_25 row of table rows 0 to 22. */
const BODY_ROWS = [
  0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11, 19, 20, 21, 22, 23, 24,
] as const;
/** Hand rows of the four finger points of each hand: middle joints of index, middle, ring and little finger. */
const FINGER_ROWS = [6, 10, 14, 18] as const;
const LEFT_EAR = 3;
const RIGHT_EAR = 4;
const LEFT_EYE = 1;
const RIGHT_EYE = 2;
const LEFT_FINGERS = 23;
const RIGHT_FINGERS = 27;

const EXPORT_FIX = 'Export the keypoints again with OpenPose 1.3 (--write_json, BODY_25, with --hand).';

function bad(message: string, fix = EXPORT_FIX, cause?: unknown): StageError {
  return new StageError('pose', 'E_BAD_KEYPOINTS', message, { fix, cause });
}

function numbersOf(person: Record<string, unknown>, key: string, points: number, who: string): number[] {
  const value = person[key];
  if (value === undefined) throw bad(`The keypoints of ${who} have no "${key}".`);
  if (!Array.isArray(value)) throw bad(`"${key}" of ${who} is not a list of numbers.`);
  if (value.length !== points * 3) {
    throw bad(`"${key}" of ${who} has ${value.length} numbers where ${points * 3} are needed.`);
  }
  for (const [i, v] of value.entries()) {
    if (typeof v !== 'number' || !Number.isFinite(v)) {
      throw bad(
        `"${key}" of ${who} has ${JSON.stringify(v) ?? 'nothing'} at position ${i} instead of a number.`,
      );
    }
  }
  return value;
}

/** Hands are optional in OpenPose: absent or empty means no finger was seen. */
function handOf(person: Record<string, unknown>, key: string, who: string): number[] {
  const value = person[key];
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) {
    return new Array(63).fill(0);
  }
  return numbersOf(person, key, 21, who);
}

function readPerson(person: unknown, who: string): RawPerson {
  if (typeof person !== 'object' || person === null || Array.isArray(person)) {
    throw bad(`The entry of ${who} is not an object.`);
  }
  const fields = person as Record<string, unknown>;
  const body = numbersOf(fields, 'pose_keypoints_2d', 25, who);
  const hands = [
    handOf(fields, 'hand_left_keypoints_2d', who),
    handOf(fields, 'hand_right_keypoints_2d', who),
  ];
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  for (const [row, source] of BODY_ROWS.entries()) {
    table.set(body.slice(source * 3, source * 3 + 3), row * 3);
  }
  for (const [ear, eye] of [
    [LEFT_EAR, LEFT_EYE],
    [RIGHT_EAR, RIGHT_EYE],
  ]) {
    if (table[ear * 3] === 0 && table[ear * 3 + 1] === 0) table.copyWithin(ear * 3, eye * 3, eye * 3 + 3);
  }
  for (const [side, first] of [LEFT_FINGERS, RIGHT_FINGERS].entries()) {
    for (const [i, source] of FINGER_ROWS.entries()) {
      table.set(hands[side].slice(source * 3, source * 3 + 3), (first + i) * 3);
    }
  }
  let confidence = 0;
  let bodyPoints = 0;
  let top = Number.POSITIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < 25; i++) {
    confidence += body[i * 3 + 2] / 25;
    if ((body[i * 3] === 0 && body[i * 3 + 1] === 0) || body[i * 3 + 2] <= 0) continue;
    bodyPoints++;
    top = Math.min(top, body[i * 3 + 1]);
    bottom = Math.max(bottom, body[i * 3 + 1]);
  }
  return { table, confidence, bodyPoints, heightPx: bodyPoints ? bottom - top : 0 };
}

/**
 * All people of an OpenPose file, in file order; people without any point are left out.
 *
 * @throws StageError E_BAD_KEYPOINTS: not JSON, not OpenPose's layout, no person, wrong list lengths, values that
 *   are not finite numbers, only zeros, or too few points. Each has its own sentence.
 */
export function parseOpenPose(text: string): RawPerson[] {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw bad(
      'The keypoints file is not valid JSON.',
      'Give the JSON file that OpenPose wrote, complete and unchanged.',
      cause,
    );
  }
  const people = (file as { people?: unknown } | null)?.people;
  if (!Array.isArray(people))
    throw bad('The keypoints file has no list "people", so it is not from OpenPose.');
  if (people.length === 0) {
    throw bad(
      'OpenPose found no person in this picture.',
      'Use another photo, or leave the keypoints file out: the pose is then estimated here.',
    );
  }
  const read = people.map((person, i) =>
    readPerson(person, people.length === 1 ? 'the person' : `person ${i + 1}`),
  );
  const seen = read.filter((person) => person.bodyPoints > 0);
  if (seen.length === 0) {
    throw bad(
      'All keypoints in the file are zero: nobody was found.',
      'Use another photo, or leave the keypoints file out: the pose is then estimated here.',
    );
  }
  const usable = seen.filter((person) => person.bodyPoints >= MIN_BODY_POINTS);
  if (usable.length === 0) {
    throw bad(
      `Only ${Math.max(...seen.map((p) => p.bodyPoints))} of 25 body points are in the keypoints file.`,
      'Use a photo that shows the whole person from head to feet.',
    );
  }
  return usable;
}

/**
 * The person to digitize: the first in reference mode, else the largest times most confident.
 *
 * @param people at least one, from parseOpenPose.
 */
export function choosePerson(people: readonly RawPerson[], mode: 'robust' | 'reference'): ChosenPerson {
  let index = 0;
  if (mode === 'robust') {
    people.forEach((person, i) => {
      const score = (p: RawPerson) => p.heightPx * p.confidence;
      if (score(person) > score(people[index])) index = i;
    });
  }
  const rule = mode === 'robust' ? 'the largest and clearest one' : 'the first one';
  const notice =
    people.length > 1
      ? `${people.length} people are in the keypoints file; ${rule} (number ${index + 1}) is used.`
      : '';
  return { person: people[index], index, notice };
}
