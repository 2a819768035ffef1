/**
 * From the text of a keypoints file to the 31 points of the person in a photo, or to one sentence that says why not.
 * The reference takes the first person of an OpenPose file and trusts it; we read what the world writes, choose the
 * person on the outline, and refuse points that belong to another picture.
 */
import type { GreyImage } from '../../base/images.ts';
import { KEYPOINT_IDS, type KeypointTable } from '../../geometry/body.ts';
import { type PoseMode, type SquareMapping, squareMapping } from '../../geometry/keypoints.ts';
import { type FilePerson, findPeople, type PictureSize } from './find-people.ts';
import { badKeypoints, parseJson } from './json-text.ts';
import { type Joint, LAYOUT_BLAZEPOSE, LAYOUT_BODY_25 } from './layouts.ts';
import { likelyCause } from './likely-cause.ts';
import { bodyRowsOf, type Outline, type OutlineFit, outlineOf, shareInside } from './outline.ts';
import { type Placement, placementsOf, placePerson } from './photo-frame.ts';
import { sidesOf, withoutStrays, withSidesSwapped } from './sides.ts';

export type { FilePerson };

/** Fewest body points that can stand for a person. */
const MIN_BODY_POINTS = 5;
/** Points that must lie in the photo: a figure cut off at the knees still has them. */
const MIN_INSIDE = 0.5;
/** Points on the outline: below the first the file is refused, below the second only when a cause is found. */
const MIN_ON_OUTLINE = 0.5;
const SURE_ON_OUTLINE = 0.85;
/** Least score of points that lie where they should; the bundled and published samples have 0.73 and more. */
const SURE_SCORE = 0.55;
/** Where most points lie on the person, an explanation (mirrored, scaled, ...) must score this much better to be named. */
const MIN_GAIN = 0.3;
/** A figure this much smaller than the outline may be of another size. */
const MIN_HEIGHT = 0.4;
const NOBODY_FIX = 'Use another photo, or leave the keypoints file out: the pose is then estimated here.';

export interface PhotoFrame extends PictureSize {
  /** The photo's name without ending; finds its entry in a file with many pictures. */
  readonly name: string;
  /** How it lies on the canvas that the matte is of; left out: whole, centred. */
  readonly mapping?: SquareMapping;
}

export interface PhotoKeypoints {
  /** 31 x (x, y, confidence) in photo px; absent points are (0, 0, 0). */
  readonly table: KeypointTable;
  /** Layout of the file: "BODY_25", "COCO-17". */
  readonly layout: string;
  /** The joints of the method that this layout cannot hold; they are estimated from the body in either mode. */
  readonly lacking: readonly string[];
  /** Which person of those that were read, from 0. */
  readonly index: number;
  readonly notices: readonly string[];
}

/**
 * All people of a keypoints file in its own units, in file order; people without any point are left out.
 *
 * @throws StageError E_BAD_KEYPOINTS: not JSON, no keypoints of a body, no person, a layout that is not known, values
 *   that are not numbers, only zeros, or too few points. Each has its own sentence.
 */
export function parseKeypoints(text: string): { people: FilePerson[]; notices: string[] } {
  const { people, problems, others, hasPlaces } = findPeople(parseJson(text));
  if (people.length === 0) {
    const [why] = [...problems, ...others];
    if (why) throw why;
    if (hasPlaces || /^\s*\[\s*\]\s*$/.test(text)) {
      throw badKeypoints('The keypoints file found no person in this picture.', NOBODY_FIX);
    }
    throw badKeypoints('The file holds no keypoints of a person that could be recognised.');
  }
  const seen = people.filter((person) => person.bodyPoints > 0);
  if (seen.length === 0) {
    throw badKeypoints('All keypoints in the file are zero: nobody was found.', NOBODY_FIX);
  }
  const usable = seen.filter((person) => person.bodyPoints >= MIN_BODY_POINTS);
  if (usable.length === 0) {
    const [{ bodyPoints, ofPoints }] = [...seen].sort((a, b) => b.bodyPoints - a.bodyPoints);
    throw badKeypoints(
      `Only ${bodyPoints} of ${ofPoints} body points are in the keypoints file.`,
      'Use a photo that shows the whole person from head to feet.',
    );
  }
  const notices =
    problems.length > 0 ? [`One entry of the keypoints file was left out: ${problems[0].message}`] : [];
  return { people: usable, notices };
}

const stem = (name: string) =>
  name
    .replace(/^.*[\\/]/, '')
    .replace(/\.[^.]+$/, '')
    .toLowerCase();

/** People of the photo's own entry, where a file has several pictures or frames. */
function ofThisPicture(people: FilePerson[], name: string): { people: FilePerson[]; notice: string } {
  const frames = new Set(people.map((person) => person.frame));
  if (frames.size < 2) return { people, notice: '' };
  const own = people.filter(({ picture }) => picture !== null && stem(picture) === stem(name));
  if (own.length > 0) return { people: own, notice: '' };
  const named = people.some(({ picture }) => picture !== null && /\.[a-z]{3,4}$/i.test(picture));
  if (named) {
    throw badKeypoints(
      `The keypoints file has ${frames.size} pictures, and none of them is called “${name}”.`,
      'Give the photo the name that the file uses for it, or a file with this photo alone.',
    );
  }
  const [first] = frames;
  return {
    people: people.filter((person) => person.frame === first),
    notice: `The keypoints file has ${frames.size} pictures or frames; the first one is used.`,
  };
}

function heightOf(table: KeypointTable): number {
  const ys = bodyRowsOf(table).map((row) => table[row * 3 + 1]);
  return ys.length > 0 ? Math.max(...ys) - Math.min(...ys) : 0;
}

interface Candidate {
  readonly person: FilePerson;
  readonly table: KeypointTable;
  readonly fit: OutlineFit | null;
  readonly inside: number;
  /** Made of two entries of the file. */
  readonly joined?: boolean;
}

/** People whose points coincide are one person written twice. */
const SAME_PERSON = 0.02;

/** Heights of a figure that is whole, over what the outline lets expect, and the most of the outline a piece has. */
const WHOLE = [0.8, 1.25] as const;
const PART_OF_PERSON = 0.75;

/**
 * Two entries that are pieces of one person, as OpenPose leaves them where a belt or a skirt divides a figure: on the
 * outline, nowhere in conflict, and as tall as the outline only together.
 */
function joinedPieces(candidates: readonly Candidate[], outline: Outline): Candidate[] {
  const outlinePx = outline.box.bottom - outline.box.top;
  const isPiece = (one: Candidate) => onOutline(one) && heightOf(one.table) < PART_OF_PERSON * outlinePx;
  for (const [i, a] of candidates.entries()) {
    for (const b of candidates.slice(i + 1)) {
      if (!isPiece(a) || !isPiece(b)) continue;
      const rowsB = bodyRowsOf(b.table);
      const common = bodyRowsOf(a.table).filter((row) => rowsB.includes(row));
      if (common.some((row) => distanceOf(a.table, b.table, row) > SAME_PERSON * outlinePx)) continue;
      const table = a.table.slice();
      for (let k = 0; k < table.length; k += 3) {
        if (!(table[k + 2] > 0)) table.set(b.table.subarray(k, k + 3), k);
      }
      const fit = outline.fit(table);
      const isWhole =
        heightOf(table) > PART_OF_PERSON * outlinePx && fit.height > WHOLE[0] && fit.height < WHOLE[1];
      if (fit.on < SURE_ON_OUTLINE || !isWhole) continue;
      return [{ ...a, table, fit, joined: true }, ...candidates.filter((one) => one !== a && one !== b)];
    }
  }
  return [...candidates];
}

const distanceOf = (a: KeypointTable, b: KeypointTable, row: number) =>
  Math.hypot(a[row * 3] - b[row * 3], a[row * 3 + 1] - b[row * 3 + 1]);

function withoutRepeats(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const one of candidates) {
    const rows = bodyRowsOf(one.table);
    const repeats = kept.some(({ table }) => {
      const common = rows.filter((row) => table[row * 3 + 2] > 0);
      if (common.length < 0.8 * rows.length || common.length < MIN_BODY_POINTS) return false;
      const sum = common.reduce((total, row) => total + distanceOf(table, one.table, row), 0);
      return sum / common.length < SAME_PERSON * heightOf(table);
    });
    if (!repeats) kept.push(one);
  }
  return kept;
}

const clarity = ({ table, person }: Candidate) => heightOf(table) * person.confidence;
const onOutline = ({ fit }: Candidate) => fit === null || fit.on >= MIN_ON_OUTLINE;

/** The first person in reference mode, else the largest times clearest of those on the outline. */
function choose(candidates: readonly Candidate[], mode: PoseMode): { index: number; notice: string } {
  let index = 0;
  let rule = 'the first one';
  if (mode === 'robust') {
    const there = candidates.some(onOutline);
    const eligible = candidates.filter((one) => !there || onOutline(one));
    const best = eligible.reduce((a, b) => (clarity(b) > clarity(a) ? b : a));
    index = candidates.indexOf(best);
    rule = eligible.length === 1 ? 'the one on the outline' : 'the largest and clearest one';
  }
  const n = candidates.length;
  return {
    index,
    notice: n > 1 ? `${n} people are in the keypoints file; ${rule} (number ${index + 1}) is used.` : '',
  };
}

function count(share: number, of: number, few = ''): string {
  const n = Math.round(share * of);
  if (n === of) return `All ${of} keypoints lie`;
  return n === 0
    ? `None of the ${of} keypoints lies`
    : `${few}${n} of the ${of} keypoints ${n === 1 ? 'lies' : 'lie'}`;
}

/**
 * @returns a sentence when the points lie a little off and a cause explains it; empty when all is well.
 * @throws StageError E_BAD_KEYPOINTS when the points do not lie on the person, with the likely cause.
 */
function checkOnPerson(
  { table, fit, inside }: Candidate,
  outline: Outline | null,
  photo: PhotoFrame,
): string {
  const n = bodyRowsOf(table).length;
  const size = `${photo.width} × ${photo.height} px`;
  const away = inside < MIN_INSIDE;
  const off = fit !== null && fit.on < MIN_ON_OUTLINE;
  const small = fit !== null && fit.height < MIN_HEIGHT;
  const doubtful = fit !== null && (fit.on < SURE_ON_OUTLINE || fit.score < SURE_SCORE);
  if (!away && !off && !small && !doubtful) return '';
  const cause = outline && likelyCause(table, outline, photo);
  const gain = cause && fit ? cause.fit.score - fit.score : 0;
  if (!away && !off) {
    // An outline that leaked into the background is no reason: something must explain the points better.
    if (!cause || (gain < MIN_GAIN && !small)) return '';
    if (fit!.on >= SURE_ON_OUTLINE && !small)
      return `The keypoints lie a little beside the person: ${cause.says}.`;
  }
  const wrong = away
    ? `${count(1 - inside, n)} outside this photo of ${size}`
    : fit!.on < SURE_ON_OUTLINE
      ? `${count(fit!.on, n, 'Only ')} on the person in this photo of ${size}`
      : `The keypoints are much smaller than the person in this photo of ${size}`;
  throw badKeypoints(
    `${wrong}: ${cause?.says ?? 'they belong to another photo or to another person'}.`,
    cause?.fix ??
      'Make the keypoints from this very photo, or leave them out: the pose is then estimated here.',
  );
}

const GROUPS: readonly [word: string, ids: RegExp][] = [
  ['face', /nose|Eye|Ear/],
  ['toes', /Toe/],
  ['heels', /Heel/],
  ['fingers', /Finger/],
];

/** What the person's layout has no place for, and what its hands would have held. */
function lackingIn({ layout, table }: FilePerson): { lacking: string[]; notice: string } {
  const lacking = KEYPOINT_IDS.filter(
    (id, row) => !layout.rowOf.has(id as Joint) && !(table[row * 3 + 2] > 0),
  );
  const missing = layout === LAYOUT_BLAZEPOSE ? [] : lacking;
  const words = GROUPS.filter(([, ids]) => missing.some((id) => ids.test(id))).map(([word]) => word);
  if (layout === LAYOUT_BODY_25 || words.length === 0)
    return { lacking: layout === LAYOUT_BODY_25 ? [] : missing, notice: '' };
  const list = words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words[0];
  return {
    lacking: missing,
    notice: `The keypoints are in the ${layout.name} layout without ${list}: these are estimated.`,
  };
}

/** Ears between neck and the top of the head, in lengths of that line: along it, and to either side. Estimated by hand; one case checks them. */
const EAR_UP = 0.55;
const EAR_OUT = 0.27;

/** Layouts without a face know where neck and the top of the head are: the ears follow, which the head part needs. */
function withHead(table: KeypointTable, person: FilePerson, { map }: Placement): KeypointTable {
  const { head } = person;
  const [, , , leftEar, rightEar] = KEYPOINT_IDS.keys();
  if (!head || head.neck[2] <= 0 || head.top[2] <= 0) return table;
  if ([0, 1, 2, 3, 4].some((row) => row !== 0 && table[row * 3 + 2] > 0)) return table;
  const [neckX, neckY] = map(head.neck[0], head.neck[1]);
  const [topX, topY] = map(head.top[0], head.top[1]);
  const [dx, dy] = [topX - neckX, topY - neckY];
  const out = table.slice();
  const confidence = Math.min(head.neck[2], head.top[2]);
  for (const [row, side] of [
    [leftEar, 1],
    [rightEar, -1],
  ]) {
    const x = neckX + EAR_UP * dx - side * EAR_OUT * dy;
    const y = neckY + EAR_UP * dy + side * EAR_OUT * dx;
    out.set([x, y, confidence], row * 3);
  }
  return out;
}

/**
 * The person of a photo from a keypoints file.
 *
 * @param text JSON, as read from the file (decodeJsonText).
 * @param photo name and size of the photo as shown.
 * @param matte the outline on the square canvas, or null to go without that check.
 * @throws StageError E_BAD_KEYPOINTS: see parseKeypoints; also points of another picture, with the likely cause.
 */
export function keypointsOfPhoto(
  text: string,
  photo: PhotoFrame,
  matte: GreyImage | null,
  mode: PoseMode,
): PhotoKeypoints {
  const file = parseKeypoints(text);
  const { people, notice: frameNotice } = ofThisPicture(file.people, photo.name);
  const outline = matte && outlineOf(matte, photo.mapping ?? squareMapping(photo.width, photo.height));
  const ways = placementsOf(file.people, people, photo).map((placement) => {
    const candidates = people.map((person): Candidate => {
      const table = withHead(placePerson(person, placement), person, placement);
      return {
        person,
        table,
        fit: outline?.fit(table) ?? null,
        inside: shareInside(table, photo.width, photo.height),
      };
    });
    let distinct: readonly Candidate[] = candidates;
    if (mode === 'robust') {
      distinct = withoutRepeats(candidates);
      if (outline && distinct.length > 1) distinct = joinedPieces(distinct, outline);
    }
    const choice = choose(distinct, mode);
    return { placement, choice, chosen: distinct[choice.index] };
  });
  // The likeliest reading of the coordinates, unless another fits the outline better.
  const way = ways.reduce((a, b) =>
    (b.chosen.fit?.score ?? 0) > (a.chosen.fit?.score ?? 0) + MIN_GAIN ? b : a,
  );
  const doubt = checkOnPerson(way.chosen, outline, photo);

  const notices = [...file.notices, frameNotice, way.choice.notice, way.placement.notice, doubt];
  const { lacking, notice } = lackingIn(way.chosen.person);
  notices.push(notice);
  let { table } = way.chosen;
  const sides = sidesOf(table, heightOf(table));
  const strayed = mode === 'robust' ? withoutStrays(table) : { table, strays: 0 };
  table = strayed.table;
  if (strayed.strays > 0) {
    notices.push(`${strayed.strays} points of hands or feet lie far from them and are not used.`);
  }
  if (way.chosen.joined) {
    notices.push('Two entries of the keypoints file are parts of one person and were joined.');
  }
  if (sides === 'swapped') {
    if (mode === 'robust') table = withSidesSwapped(table);
    notices.push(
      `Left and right are swapped in the keypoints file: the face is seen, yet the left shoulder lies on the left; they are ${mode === 'robust' ? 'swapped back' : 'used as they are'}.`,
    );
  } else if (sides === 'from behind') {
    notices.push(
      'By its keypoints the person is seen from behind; if not, left and right are swapped in the file.',
    );
  }
  return {
    table,
    layout: way.chosen.person.layout.name,
    lacking,
    index: way.choice.index,
    notices: notices.filter(Boolean),
  };
}
