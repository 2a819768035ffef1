/**
 * Finds the people in a keypoints file of any known tool by walking through it: whatever holds the points of a body is
 * a person; pictures, frames, canvas sizes and names of points around it belong to all people within.
 */
import { KEYPOINT_IDS, type KeypointTable } from '../../geometry/body.ts';
import { badKeypoints } from './json-text.ts';
import {
  FINGER_ROWS,
  FOOT_LAYOUT,
  HAND_POINTS,
  type KeypointLayout,
  LAYOUT_BLAZEPOSE,
  layoutOfNames,
  layoutsOf,
  likeliestLayout,
  tableOf,
  UNUSABLE_COUNTS,
} from './layouts.ts';
import { isFields, isPointList, ONLY_3D, type RawPoints, readPoints } from './read-points.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** One person of a file, in the file's own units. */
export interface FilePerson {
  /** 31 x (x, y, confidence); absent points are (0, 0, 0). An absent ear repeats the eye of its side. */
  readonly table: KeypointTable;
  readonly layout: KeypointLayout;
  /** Body points of the layout that are there. */
  readonly bodyPoints: number;
  /** Body points the layout has. */
  readonly ofPoints: number;
  /** Mean confidence of the layout's body points. */
  readonly confidence: number;
  /** MediaPipe's 33 landmarks, from which fingers and small toes are derived once they lie in the photo. */
  readonly landmarks: Float64Array<ArrayBuffer> | null;
  /** All points of all parts, the face too: n x (x, y, confidence). Their range gives the units. */
  readonly all: Float64Array<ArrayBuffer>;
  /** File name of the picture, where the file gives one. */
  readonly picture: string | null;
  /** Which picture or frame of the file, from 0. */
  readonly frame: number;
  /** Size of the picture the points were found in, where the file gives it. */
  readonly canvas: PictureSize | null;
  /** Places of the neck and the top of the head, for layouts without ears: x, y, confidence each. */
  readonly head: { readonly neck: readonly number[]; readonly top: readonly number[] } | null;
}

export interface FoundPeople {
  readonly people: readonly FilePerson[];
  /** Entries that are no usable person, as sentences; the first is thrown when nobody is usable. */
  readonly problems: readonly Error[];
  /** What the file holds instead of people: animals, 3D points. */
  readonly others: readonly Error[];
  /** True when the file has a place for people. */
  readonly hasPlaces: boolean;
}

type Fields = Record<string, unknown>;

interface Around {
  readonly picture: string | null;
  readonly frame: number;
  readonly canvas: PictureSize | null;
  readonly names: readonly string[] | null;
}

const BODY_KEYS = [
  'pose_keypoints_2d',
  'pose_keypoints',
  'body_keypoints_2d',
  'body_keypoints',
  'keypoints_2d',
];
const GENERIC_KEYS = ['keypoints', 'pred_keypoints', 'joints', 'joints_2d', 'kpts'];
const LANDMARK_KEYS = ['pose_landmarks', 'poseLandmarks', 'landmarks', 'landmark', 'poseLandmark'];
const HAND_KEYS = (['left', 'right'] as const).map((side) => [
  `hand_${side}_keypoints_2d`,
  `hand_${side}_keypoints`,
  `${side}_hand_keypoints_2d`,
  `${side}_hand_keypoints`,
  `${side}hand_kpts`,
  `${side}HandLandmarks`,
  `${side}_hand_landmarks`,
]);
const FOOT_KEYS = ['foot_keypoints_2d', 'foot_keypoints', 'foot_kpts'];
const FACE_KEYS = ['face_keypoints_2d', 'face_keypoints', 'face_kpts'];
const PEOPLE_KEYS = [
  'people',
  'instances',
  'instance_info',
  'predictions',
  'annotations',
  'bodies',
  'persons',
  'poses',
];
const SCORE_KEYS = ['keypoint_scores', 'keypoints_scores', 'keypoint_score', 'scores', 'keypoints_visible'];
/** Never looked into: no people of the picture are in there. */
const OTHER_KEYS = new Set([
  ...['categories', 'images', 'meta_info', 'dataset_meta', 'info', 'licenses', 'part_candidates', 'skeleton'],
  ...[
    'worldLandmarks',
    'world_landmarks',
    'poseWorldLandmarks',
    'pose_world_landmarks',
    'animals',
    'keypoints_3d',
  ],
  ...[
    'bbox',
    'bboxes',
    'box',
    'segmentation',
    'keypoint_colors',
    'faceLandmarks',
    'face_landmarks',
    'keypoints3D',
  ],
  ...FACE_KEYS,
  ...HAND_KEYS.flat(),
]);

const AN_ANIMAL = 'The keypoints are those of an animal, not of a person.';
const WORLD_KEYS = ['worldLandmarks', 'world_landmarks', 'poseWorldLandmarks', 'pose_world_landmarks'];
const MAX_DEPTH = 12;
const pick = (fields: Fields, keys: readonly string[]) =>
  keys.find((key) => Object.hasOwn(fields, key) && fields[key] !== undefined);
const isSize = (v: unknown): v is number => typeof v === 'number' && v >= 1 && v <= 1e6;

const SIZE_KEYS = ['canvas', 'image', 'img', 'frame'].flatMap((word) => [
  [`${word}_width`, `${word}_height`],
  [`${word}Width`, `${word}Height`],
]);

function canvasOf(fields: Fields): PictureSize | null {
  for (const [w, h] of SIZE_KEYS) {
    if (isSize(fields[w]) && isSize(fields[h])) return { width: fields[w], height: fields[h] };
  }
  const holdsPeople = pick(fields, PEOPLE_KEYS) !== undefined;
  if (holdsPeople && isSize(fields.width) && isSize(fields.height)) {
    return { width: fields.width, height: fields.height };
  }
  return null;
}

/** Names of the points from MMPose's meta_info or COCO's categories. */
function namesOf(fields: Fields): readonly string[] | null {
  for (const key of ['meta_info', 'dataset_meta']) {
    const meta = fields[key];
    if (!isFields(meta)) continue;
    if (isFields(meta.keypoint_id2name)) {
      const names: string[] = [];
      for (const [id, name] of Object.entries(meta.keypoint_id2name)) {
        const row = Number(id);
        if (Number.isInteger(row) && row >= 0 && row < 1000) names[row] = String(name);
      }
      return Array.from(names, (name) => name ?? '');
    }
  }
  if (Array.isArray(fields.categories)) {
    const lists = fields.categories.filter((c) => isFields(c) && Array.isArray(c.keypoints));
    if (lists.length === 1) return ((lists[0] as Fields).keypoints as unknown[]).map(String);
  }
  const { keypoint_names: given } = fields;
  return Array.isArray(given) ? given.map(String) : null;
}

class Finder {
  readonly people: FilePerson[] = [];
  readonly problems: Error[] = [];
  readonly others: Error[] = [];
  hasPlaces = false;
  private entries = 0;
  private readonly frames = new Map<string, number>();
  /** COCO: picture id to its name and size. */
  private readonly pictures = new Map<string, { name: string; size: PictureSize | null }>();

  private frameOf(key: string): number {
    if (!this.frames.has(key)) this.frames.set(key, this.frames.size);
    return this.frames.get(key)!;
  }

  walk(node: unknown, around: Around, path: string, depth = 0): void {
    if (depth > MAX_DEPTH || typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      if (isPointList(node)) this.add({ keypoints: node }, ['keypoints'], around);
      else for (const [i, child] of node.entries()) this.walk(child, around, `${path}/${i}`, depth + 1);
      return;
    }
    const fields = node as Fields;
    this.readPictures(fields);
    this.noteOthers(fields);
    const here = this.aroundOf(fields, around, path);
    const places = pick(fields, PEOPLE_KEYS);
    if (places && Array.isArray(fields[places])) {
      this.hasPlaces = true;
      this.walkPlaces(fields[places], here, `${path}/${places}`, depth);
      return;
    }
    if (this.addPeopleOf(fields, here)) return;
    for (const [key, child] of Object.entries(fields)) {
      if (OTHER_KEYS.has(key)) continue;
      const named = /\.(jpe?g|png|webp|bmp|avif|heic|tiff?)$/i.test(key);
      const inside = named ? { ...here, picture: key, frame: this.frameOf(key) } : here;
      this.walk(child, inside, `${path}/${key}`, depth + 1);
    }
  }

  /** A list with a place for each person; an entry may be a picture with people of its own. */
  private walkPlaces(places: readonly unknown[], around: Around, path: string, depth: number): void {
    for (const [i, child] of places.entries()) {
      if (child === null || typeof child !== 'object') {
        this.problems.push(badKeypoints(`The entry of person ${i + 1} is not an object.`));
      } else this.walk(child, around, `${path}/${i}`, depth + 1);
    }
  }

  /** What a file may hold instead of people, to name it when there are none. */
  private noteOthers(fields: Fields): void {
    const { animals } = fields;
    if (Array.isArray(animals) && animals.length > 0) this.others.push(badKeypoints(AN_ANIMAL));
    if (pick(fields, WORLD_KEYS) && !pick(fields, LANDMARK_KEYS)) this.others.push(badKeypoints(ONLY_3D));
  }

  private readPictures({ images }: Fields): void {
    if (!Array.isArray(images)) return;
    for (const image of images) {
      if (!isFields(image) || image.id === undefined) continue;
      const size =
        isSize(image.width) && isSize(image.height) ? { width: image.width, height: image.height } : null;
      this.pictures.set(String(image.id), { name: String(image.file_name ?? image.id), size });
    }
  }

  private aroundOf(fields: Fields, around: Around, path: string): Around {
    let { picture, frame, canvas } = around;
    const id = fields.image_id ?? fields.frame_id ?? fields.img_id;
    const file =
      fields.image_path ?? fields.file_name ?? fields.filename ?? fields.image_name ?? fields.imgname;
    if (typeof id === 'string' || typeof id === 'number') {
      const listed = this.pictures.get(String(id));
      picture = listed?.name ?? (typeof id === 'string' ? id : null);
      canvas = listed?.size ?? canvas;
      frame = this.frameOf(`id ${id}`);
    } else if (typeof file === 'string') {
      picture = file;
      frame = this.frameOf(file);
    } else if (pick(fields, PEOPLE_KEYS) !== undefined) frame = this.frameOf(path);
    return { picture, frame, canvas: canvasOf(fields) ?? canvas, names: namesOf(fields) ?? around.names };
  }

  /** @returns whether the object itself is a person, or several that share it; it is then not looked into. */
  private addPeopleOf(fields: Fields, around: Around): boolean {
    const body = pick(fields, BODY_KEYS);
    const partOnly = pick(fields, [...HAND_KEYS.flat(), ...FACE_KEYS, 'pose_keypoints_3d']);
    const generic = pick(fields, GENERIC_KEYS);
    if (body || (partOnly && !generic && !pick(fields, LANDMARK_KEYS))) {
      this.hasPlaces = true;
      this.add(fields, [body ?? BODY_KEYS[0]], around);
      return true;
    }
    for (const key of [generic, pick(fields, LANDMARK_KEYS)]) {
      const value = key && fields[key];
      if (!key || typeof value !== 'object' || value === null) continue;
      this.hasPlaces = true;
      const scores = SCORE_KEYS.map((k) => fields[k]).find((v) => Array.isArray(v)) as unknown[] | undefined;
      if (Array.isArray(value) && value.length > 0 && value.every((v) => isPointList(v))) {
        // Several people side by side: one list of points each.
        for (const [i, points] of value.entries()) {
          const own = value.length === 1 && !Array.isArray(scores?.[0]) ? scores : scores?.[i];
          this.add({ ...fields, [key]: points, scores: own ?? null }, [key], around);
        }
      } else if (
        isFields(value) &&
        !('x' in value) &&
        Object.values(value).every((v) => isFields(v) && !('x' in v))
      ) {
        return false;
      } else if (isFields(value) && LANDMARK_KEYS.some((k) => Array.isArray(value[k]))) {
        return false;
      } else this.add({ ...fields, scores: scores ?? null }, [key], around);
      return true;
    }
    return false;
  }

  private add(fields: Fields, keys: readonly string[], around: Around): void {
    this.entries++;
    try {
      const person = readPerson(fields, keys[0], around, `person ${this.entries}`);
      if (person) this.people.push(person);
    } catch (thrown) {
      this.problems.push(thrown as Error);
    }
  }
}

const readable = (count: number) => layoutsOf(count).length > 0;

/** COCO's visibility flags (0, 1, 2) and scores beyond 1 become confidences up to 1; OpenPose's stay as they are. */
function asConfidences(points: RawPoints): void {
  let most = 0;
  for (let i = 2; i < points.values.length; i += 3) most = Math.max(most, points.values[i]);
  if (most > 1.5) for (let i = 2; i < points.values.length; i += 3) points.values[i] /= most;
  if (most > 0) return;
  // No confidence at all beside real places: the third number is not a confidence.
  for (let i = 0; i < points.values.length; i += 3) {
    if (points.values[i] !== 0 || points.values[i + 1] !== 0) points.values[i + 2] = 1;
  }
}

function layoutOf(points: RawPoints, names: readonly string[] | null, what: string): KeypointLayout {
  const given = points.names ?? (names?.length === points.count ? names : null);
  const named = given && layoutOfNames(given);
  if (named === 'animal') {
    throw badKeypoints(AN_ANIMAL);
  }
  if (named) return named;
  const candidates = layoutsOf(points.count);
  if (candidates.length > 0) return likeliestLayout(points.values, candidates);
  const unusable = UNUSABLE_COUNTS[points.count];
  throw badKeypoints(
    unusable
      ? `The keypoints are ${unusable}: that is not enough to know a whole body.`
      : `${what} has ${points.count} points, a layout that is not known here.`,
  );
}

const LEFT_EAR = 3;
const LEFT_EYE = 1;
const FIRST_FINGER = [KEYPOINT_IDS.indexOf('leftFinger1'), KEYPOINT_IDS.indexOf('rightFinger1')];
const FIRST_TOE = KEYPOINT_IDS.indexOf('leftBigToe');

function partOf(fields: Fields, keys: readonly string[], count: number, who: string): RawPoints | null {
  const key = pick(fields, keys);
  if (!key) return null;
  const what = `"${key}" of ${who}`;
  const part = readPoints(fields[key], what, null, (n) => n === count);
  if (part && part.count !== count) {
    throw badKeypoints(`${what} has ${part.count} points where ${count} are needed.`);
  }
  if (part) asConfidences(part);
  return part;
}

/** @returns null when the entry has no body and nothing else, as OpenPose writes for nobody. */
function readPerson(fields: Fields, key: string, around: Around, who: string): FilePerson | null {
  const what = `"${key}" of ${who}`;
  const body = readPoints(fields[key], what, SCORE_KEYS.map((k) => fields[k]).find(Array.isArray), readable);
  if (!body) {
    const has = (keys: readonly string[]) =>
      keys.some((k) => Array.isArray(fields[k]) && fields[k].length > 0);
    if (has(['pose_keypoints_3d']) || Array.isArray(fields.pose_keypoints_3d)) {
      throw badKeypoints(ONLY_3D);
    }
    const parts = [has(FACE_KEYS) && 'a face', has(HAND_KEYS.flat()) && 'hands'].filter(Boolean);
    if (parts.length > 0)
      throw badKeypoints(`The keypoints are only ${parts.join(' and ')}, without a body.`);
    return null;
  }
  const isLandmarks = key.toLowerCase().includes('landmark');
  if (isLandmarks && body.count !== 33) {
    throw badKeypoints(
      UNUSABLE_COUNTS[body.count]
        ? `The keypoints are ${UNUSABLE_COUNTS[body.count]}: that is not enough to know a whole body.`
        : `${what} has ${body.count} landmarks where a body has 33.`,
    );
  }
  const layout = layoutOf(body, around.names, what);
  asConfidences(body);
  if (!BODY_KEYS.includes(key) && layout !== LAYOUT_BLAZEPOSE) dropUnsure(body);
  const table = tableOf(body.values, layout);
  for (const side of [0, 1]) {
    const ear = (LEFT_EAR + side) * 3;
    const eye = (LEFT_EYE + side) * 3;
    if (table[ear] === 0 && table[ear + 1] === 0) table.copyWithin(ear, eye, eye + 3);
  }
  const parts = [body];
  for (const side of [0, 1]) {
    const hand = partOf(fields, HAND_KEYS[side], HAND_POINTS, who);
    if (!hand) continue;
    parts.push(hand);
    for (const [i, row] of FINGER_ROWS.entries()) {
      table.set(hand.values.subarray(row * 3, row * 3 + 3), (FIRST_FINGER[side] + i) * 3);
    }
  }
  const feet = partOf(fields, FOOT_KEYS, FOOT_LAYOUT.count, who);
  if (feet) {
    parts.push(feet);
    table.set(feet.values, FIRST_TOE * 3);
  }
  const face = pick(fields, FACE_KEYS);
  // Only the units of a face matter, so any number of points will do and damage in it is no reason to stop.
  try {
    const points = face ? readPoints(fields[face], 'face', null, (n) => n >= 5) : null;
    if (points) parts.push(points);
  } catch {}

  const rows = [...layout.rowOf]
    .filter(([joint]) => !/Finger|neck|headTop/.test(joint))
    .map(([, row]) => row);
  let confidence = 0;
  let bodyPoints = 0;
  for (const row of rows) {
    const [x, y, c] = body.values.subarray(row * 3, row * 3 + 3);
    confidence += c / rows.length;
    if ((x !== 0 || y !== 0) && c > 0) bodyPoints++;
  }
  const neck = layout.rowOf.get('neck');
  const top = layout.rowOf.get('headTop');
  const at = (row: number) => [...body.values.subarray(row * 3, row * 3 + 3)];
  const all = new Float64Array(parts.reduce((n, part) => n + part.values.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part.values, offset);
    offset += part.values.length;
  }
  return {
    table,
    layout,
    bodyPoints,
    ofPoints: rows.length,
    confidence,
    landmarks: layout === LAYOUT_BLAZEPOSE ? body.values : null,
    all,
    picture: around.picture,
    frame: around.frame,
    canvas: around.canvas,
    head: neck !== undefined && top !== undefined ? { neck: at(neck), top: at(top) } : null,
  };
}

/** Below this, tools that always write every point mean that they did not see it. */
const MIN_SCORE = 0.2;
const MIN_KEPT = 8;

/** Takes points out that the tool only guessed at, unless hardly anything would be left. */
function dropUnsure({ values }: RawPoints): void {
  const kept = values.filter((v, i) => i % 3 === 2 && v >= MIN_SCORE).length;
  if (kept < MIN_KEPT) return;
  for (let i = 0; i < values.length; i += 3) if (values[i + 2] < MIN_SCORE) values.fill(0, i, i + 3);
}

/** All people of a parsed file. Never throws a TypeError, whatever the file holds. */
export function findPeople(file: unknown): FoundPeople {
  const finder = new Finder();
  finder.walk(file, { picture: null, frame: 0, canvas: null, names: null }, '');
  return finder;
}
