/**
 * Everybody in a photo, numbered from the left, and who of them is meant when nobody says: for the frame (framing.ts), the
 * boxes on the page, and to tell two people apart who touch. Each is looked at until the square around the body stands
 * still; hands and faces wait until one is chosen.
 */
import { StageError } from '../../base/errors.ts';
import type { RgbaImage } from '../../base/images.ts';
import { CANVAS_SIZE, type KeypointTable } from '../../geometry/body.ts';
import { type FigureBox, figureBox } from '../../geometry/framing.ts';
import { keypointsFromBlazePose } from '../blazepose.ts';
import { seenInPhoto } from '../seen-in-photo.ts';
import { type BodyLandmarks, bodyLandmarks, LANDMARKS, nextRegion } from './body-landmarks.ts';
import { PicturePyramid } from './crop.ts';
import { type Doubt, doubts } from './likeness.ts';
import { bodyRegion, type DetectedPerson, detectPeople } from './person-detector.ts';
import type { PoseGraphs } from './pose-graphs.ts';
import { movedShare, type Point, type Region } from './region.ts';
import { outsideBody } from './thick-bones.ts';
import { isInWallPicture } from './wall-picture.ts';

/** A body's probability of "person", 0..255, over a square of the photo. */
export interface BodyOutline {
  /** Photo px. */
  readonly region: Region;
  /** Cells along one side. */
  readonly side: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface FoundPerson {
  /** 31 points in px of the picture, all placed; those that were not seen carry confidence 0. */
  readonly keypoints: KeypointTable;
  /** Around the whole figure, also where the photo cuts it off; picture px. */
  readonly figure: FigureBox;
  /** Around what of it lies in the picture, px. */
  readonly box: FigureBox;
  /** Where the body's landmarks are looked for, picture px: between the hips, and the top of the circle around the body. */
  readonly hips: Point;
  readonly top: Point;
  readonly outline: BodyOutline;
  /** How well the body is to be seen: share of its large joints that are visible inside the picture. */
  readonly seen: number;
  /** What it may be instead of a person. */
  readonly doubt: Doubt | null;
}

export interface FoundPeople {
  /** From left to right. */
  readonly people: readonly FoundPerson[];
  /** Whom the photo is of; null when nobody is there. */
  readonly main: number | null;
}

export const NOBODY: FoundPeople = { people: [], main: null };

/** More are a crowd, and each costs several runs of the body graph. */
const MOST_PEOPLE = 16;
const MIN_PRESENCE = 0.5;
/** Looks until the square stands still, and how little it moves then, in its sides. */
const MOST_LOOKS = 3;
const STANDS_STILL = 0.1;
/** Mean distance of the points of one person found twice, of the figure's height. */
const SAME_PERSON = 0.08;
/** What clothes add to a body, lengths of its trunk. */
const CLOTHES = 0.1;
/** Along the longer side of a body's box. */
const BLOCKS = 400;
/** Large joints: shoulders, elbows, hips, knees, ankles. */
const LARGE_JOINTS = [11, 12, 13, 14, 23, 24, 25, 26, 27, 28] as const;
const VISIBLE = 0.5;
/** A mirror image or a statue counts only when nobody else is there. */
const DOUBTED = 1e-6;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

async function lookUntilStill(
  picture: PicturePyramid,
  { hips, top }: DetectedPerson,
  graphs: PoseGraphs,
): Promise<BodyLandmarks | null> {
  let body = await bodyLandmarks(picture, bodyRegion(hips, top), graphs);
  for (let k = 1; k < MOST_LOOKS && body.presence >= MIN_PRESENCE; k++) {
    const region = nextRegion(body);
    const still = movedShare(body.region, region) <= STANDS_STILL;
    body = await bodyLandmarks(picture, region, graphs);
    if (still) break;
  }
  return body.presence >= MIN_PRESENCE ? body : null;
}

/** The 31 points in picture px; null where too little of the body is there to stand it up. */
function keypointsOf(body: BodyLandmarks, { width, height }: PicturePyramid): KeypointTable | null {
  const scale = Math.max(width, height);
  const landmarks = new Float32Array(LANDMARKS * 4);
  for (let i = 0; i < LANDMARKS; i++) {
    const [x, y] = body.points[i];
    landmarks.set([x / scale, y / scale, body.depths[i] / scale, body.visibilities[i]], i * 4);
  }
  const whole = { width, height, canvas: CANVAS_SIZE, offsetX: 0, offsetY: 0, scale: CANVAS_SIZE / scale };
  try {
    const { keypoints } = keypointsFromBlazePose(seenInPhoto({ landmarks, mask: null }, whole));
    return keypoints.map((value, i) => (i % 3 === 2 ? value : (value / CANVAS_SIZE) * scale));
  } catch (thrown) {
    if (thrown instanceof StageError && thrown.code === 'E_BAD_KEYPOINTS') return null;
    throw thrown;
  }
}

function personOf(body: BodyLandmarks, picture: PicturePyramid): FoundPerson | null {
  const { width, height } = picture;
  const keypoints = keypointsOf(body, picture);
  if (!keypoints) return null;
  const figure = figureBox(keypoints);
  const box = {
    left: Math.max(0, figure.left),
    top: Math.max(0, figure.top),
    right: Math.min(width, figure.right),
    bottom: Math.min(height, figure.bottom),
  };
  if (box.right - box.left < 1 || box.bottom - box.top < 1) return null;
  const visible = LARGE_JOINTS.filter((row) => {
    const [x, y] = body.points[row];
    return body.visibilities[row] >= VISIBLE && x >= 0 && y >= 0 && x <= width && y <= height;
  });
  const next = nextRegion(body);
  const side = Math.round(Math.sqrt(body.outline.length));
  return {
    keypoints,
    figure,
    box,
    hips: [next.centreX, next.centreY],
    top: body.points[LANDMARKS + 1],
    outline: {
      region: body.region,
      side,
      data: Uint8Array.from(body.outline, (logit) => Math.round(255 * sigmoid(logit))),
    },
    seen: visible.length / LARGE_JOINTS.length,
    doubt: null,
  };
}

const heightOf = ({ figure }: FoundPerson) => figure.bottom - figure.top;
const middleOf = ({ box }: FoundPerson) => (box.left + box.right) / 2;

function isSame(a: FoundPerson, b: FoundPerson): boolean {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.keypoints.length; i += 3) {
    sum += Math.hypot(a.keypoints[i] - b.keypoints[i], a.keypoints[i + 1] - b.keypoints[i + 1]);
    count++;
  }
  return sum / count < SAME_PERSON * Math.max(heightOf(a), heightOf(b));
}

/** The person of a detection in the photo without those who were found; null when nobody is left there. */
async function besideOthers(
  photo: RgbaImage,
  others: readonly FoundPerson[],
  detected: DetectedPerson,
  graphs: PoseGraphs,
): Promise<FoundPerson | null> {
  const picture = new PicturePyramid(withoutPeople(photo, others));
  const body = await lookUntilStill(picture, detected, graphs);
  const person = body && personOf(body, picture);
  if (!person) return null;
  // Somebody else's remains are no person: the head is where a head was detected.
  const [x, y] = person.keypoints;
  const { left, top, right, bottom } = detected.box;
  return x > left && x < right && y > top && y < bottom ? person : null;
}

/**
 * A copy of the photo in which these people are as bright as what is around them. Their bones say where they are: the outline of
 * one body holds whoever touches it, too.
 */
function withoutPeople({ width, height, data }: RgbaImage, people: readonly FoundPerson[]): RgbaImage {
  const out = new Uint8ClampedArray(data);
  for (const { keypoints, box } of people) {
    const outside = outsideBody(keypoints);
    const [left, right] = [Math.floor(box.left), Math.ceil(box.right)];
    const [top, bottom] = [Math.floor(box.top), Math.ceil(box.bottom)];
    // Blocks: a large photo's every pixel would take seconds.
    const step = Math.max(1, Math.ceil(Math.max(right - left, bottom - top) / BLOCKS));
    const inside: Point[] = [];
    const sum = [0, 0, 0];
    let around = 0;
    for (let y = top; y < bottom; y += step) {
      for (let x = left; x < right; x += step) {
        const away = outside(x + step / 2, y + step / 2);
        if (away <= CLOTHES) inside.push([x, y]);
        else if (away > 3 * CLOTHES) {
          for (let k = 0; k < 3; k++) sum[k] += data[4 * (y * width + x) + k];
          around++;
        }
      }
    }
    const paint = sum.map((total) => total / Math.max(1, around));
    for (const [x, y] of inside) {
      for (let row = y; row < Math.min(height, y + step); row++) {
        for (let column = x; column < Math.min(width, x + step); column++) {
          out.set(paint, 4 * (row * width + column));
        }
      }
    }
  }
  return { width, height, data: out };
}

/** Whom the photo is of: the largest, where a body that is hidden or cut off counts less; one in doubt last. */
export function mainOf(people: readonly Pick<FoundPerson, 'box' | 'seen' | 'doubt'>[]): number | null {
  if (people.length === 0) return null;
  const weight = ({ box, seen, doubt }: (typeof people)[number]) =>
    (box.bottom - box.top) * (doubt ? DOUBTED : seen ** 2);
  return people.reduce((best, one, i) => (weight(one) > weight(people[best]) ? i : best), 0);
}

/**
 * @param photo any size; stays the caller's.
 * @param alive throws when the work is not wanted any more; asked between the graphs.
 * @throws StageError E_DOWNLOAD, E_DEVICE from the graphs.
 */
export async function findPeople(
  photo: RgbaImage,
  graphs: PoseGraphs,
  alive: () => void = () => {},
): Promise<FoundPeople> {
  const picture = new PicturePyramid(photo);
  const found: FoundPerson[] = [];
  for (const detected of (await detectPeople(picture, graphs, alive)).slice(0, MOST_PEOPLE)) {
    alive();
    const body = await lookUntilStill(picture, detected, graphs);
    let person = body && personOf(body, picture);
    const again = person && found.find((other) => isSame(other, person!));
    // Of two who touch, the body graph may stay with the one whom it sees better: it is asked again without that one.
    if (again) person = await besideOthers(photo, found, detected, graphs);
    if (person && !found.some((other) => isSame(other, person!))) found.push(person);
  }
  // People in pictures on a wall do not count, unless there is nobody else.
  const real = found.length > 1 ? found.filter(({ figure }) => !isInWallPicture(photo, figure)) : found;
  const shown = (real.length > 0 ? real : found).sort((a, b) => middleOf(a) - middleOf(b));
  const doubted = doubts(
    photo,
    shown.map(({ keypoints }) => keypoints),
  );
  const people = shown.map((person, i) => ({ ...person, doubt: doubted[i] }));
  return { people, main: mainOf(people) };
}
