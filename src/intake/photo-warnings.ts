/**
 * A word before the wait: what about a photo will make its figure worse, told before the networks run. Nothing is
 * forbidden. Each sentence says what was seen and what to expect. Only from what is at hand by then: the picture, the
 * outline and the body's points.
 */
import type { RgbaImage } from '../base/images.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { photoRectangle, type SquareMapping } from '../geometry/keypoints.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { beyondPhoto } from './seen-in-photo.ts';

export type PhotoWarning =
  | 'small'
  | 'dark'
  | 'blurred'
  | 'cut off'
  | 'cut off at the shins'
  | 'cut off at the knees'
  | 'cut off at the hips'
  | 'from behind'
  | 'from the side'
  | 'sitting'
  | 'lying'
  | 'arms before the body';

export interface WarnedPhoto {
  /** 2048 x 2048 canvas picture. */
  readonly photo: RgbaImage;
  readonly mapping: SquareMapping;
  readonly pose: EstimatedPose;
}

const SENTENCES: Readonly<Record<PhotoWarning, string>> = {
  small:
    'The person is small in this photo: face and folds will be soft. A closer photo gives a sharper figure.',
  dark: 'The person is very dark: shape and colours will be flat. More light helps.',
  blurred: 'The person is blurred: the figure will be smooth. A sharp photo gives more detail.',
  'cut off': 'The person is not whole in the picture: what is cut off will be missing from the figure.',
  'cut off at the shins':
    'The person is cut off at the shins: the feet will be missing, and the figure’s size is taken from the joints.',
  'cut off at the knees':
    'The person is cut off at the knees: the legs below will be missing, and the figure’s size is taken from the joints.',
  'cut off at the hips':
    'The person is cut off at the hips: this becomes a bust, and its size is taken from the joints.',
  'from behind': 'The person is seen from behind: the face and the whole front will be a guess.',
  'from the side':
    'The person is seen from the side: the far arm and leg will be a guess, and the body may come out flat.',
  sitting:
    'The person seems to sit or crouch: the method knows people who stand, and the legs may come out wrong.',
  lying: 'The person seems to lie: the method knows people who stand upright, and this may come out wrong.',
  'arms before the body': 'An arm lies before the body: it may come out as part of it.',
};

const LEFT = { shoulder: 11, elbow: 13, wrist: 15, hip: 23, knee: 25, ankle: 27 } as const;
const RIGHT = { shoulder: 12, elbow: 14, wrist: 16, hip: 24, knee: 26, ankle: 28 } as const;

/** Below this many photo px from nose to ankle a face has fewer than 50. */
const SMALL_PX = 380;
/** Mean brightness of the person, of 255. Bundled samples: 86 and more; dark clothes in good light: 25. */
const DARK = 20;
/** Mean step between neighbouring pixels of the figure at 640 px from nose to ankle, over its contrast. See sharpnessOf. */
const BLURRED = 0.05;
/** Joints that a whole figure has inside the photo. */
const ENDS = [0, ...Object.values(LEFT), ...Object.values(RIGHT)];
const TOES = [31, 32];
/** Toes this near to the lower border, of nose to ankle, are cut through: crops that touch the soles have 0.05. */
const TOES_ON_BORDER = 0.02;
/** Shoulders that are nearer together than this, in torsos, are seen from the side (from the front: 0.66). */
const SIDE_SHOULDERS = 0.3;
/** A torso, or a thigh, leans more than this from upright, degrees. */
const LYING_DEG = 55;
const SITTING_DEG = 55;

type Point = readonly [x: number, y: number, z: number];

/** Landmark in canvas px; z in the same unit, towards the camera negative. */
function reader({ landmarks }: EstimatedPose) {
  return (row: number): Point => [
    landmarks[row * 4] * CANVAS_SIZE,
    landmarks[row * 4 + 1] * CANVAS_SIZE,
    landmarks[row * 4 + 2] * CANVAS_SIZE,
  ];
}

const mean = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
/** How far a bone leans from straight down, in space, degrees. */
function leanDeg(from: Point, to: Point): number {
  const aside = Math.hypot(to[0] - from[0], to[2] - from[2]);
  return (Math.atan2(aside, to[1] - from[1]) * 180) / Math.PI;
}

/** Places in the canvas picture's data that surely show the person, at a stride in px. */
function* personPixels({ mask }: EstimatedPose, stride: number) {
  if (!mask) return;
  for (let y = 0; y + stride < CANVAS_SIZE; y += stride) {
    const row = Math.floor((y * mask.height) / CANVAS_SIZE) * mask.width;
    for (let x = 0; x + stride < CANVAS_SIZE; x += stride) {
      if (mask.data[row + Math.floor((x * mask.width) / CANVAS_SIZE)] < 200) continue;
      yield (y * CANVAS_SIZE + x) * 4;
    }
  }
}

const brightness = (data: Uint8ClampedArray, i: number) => (data[i] + data[i + 1] + data[i + 2]) / 3;

/**
 * Second differences over first differences, inside the person, at a step of 1/640 of the body: near 1 for sharp pictures
 * and noise, small where every edge is a slope.
 */
function sharpnessOf(photo: RgbaImage, pose: EstimatedPose, bodyPx: number): number {
  const step = Math.max(1, Math.round(bodyPx / 640));
  let [second, first] = [0, 0];
  for (const i of personPixels(pose, 4)) {
    for (const to of [step * 4, step * CANVAS_SIZE * 4]) {
      const [before, here, after] = [i - to, i, i + to].map((at) => brightness(photo.data, at));
      if (Number.isNaN(before) || Number.isNaN(after)) continue;
      second += (2 * here - before - after) ** 2;
      first += (after - before) ** 2;
    }
  }
  return first > 0 ? second / first : 1;
}

/** What will make the figure worse, in the order of weight. */
export function photoWarnings({ photo, mapping, pose }: WarnedPhoto): PhotoWarning[] {
  const at = reader(pose);
  const found = new Set<PhotoWarning>();
  const [ls, rs, lh, rh] = [at(LEFT.shoulder), at(RIGHT.shoulder), at(LEFT.hip), at(RIGHT.hip)];
  const shoulders = mean(ls, rs);
  const hips = mean(lh, rh);
  const torso = Math.hypot(shoulders[0] - hips[0], shoulders[1] - hips[1]);
  const ankles = mean(at(LEFT.ankle), at(RIGHT.ankle));
  const nose = at(0);
  const bodyPx = Math.hypot(nose[0] - ankles[0], nose[1] - ankles[1]);

  const beyond = beyondPhoto(mapping);
  const isOut = (row: number) =>
    beyond(pose.landmarks[row * 4], pose.landmarks[row * 4 + 1], pose.landmarks[row * 4 + 3]);
  const bothOut = (joint: keyof typeof LEFT) => isOut(LEFT[joint]) && isOut(RIGHT[joint]);
  const { bottom } = photoRectangle(mapping);
  const toesAtBorder = TOES.some((row) => at(row)[1] > bottom - TOES_ON_BORDER * bodyPx);
  if (bothOut('hip')) found.add('cut off at the hips');
  else if (bothOut('knee')) found.add('cut off at the knees');
  else if (bothOut('ankle')) found.add('cut off at the shins');
  else if (toesAtBorder || ENDS.some(isOut)) found.add('cut off');

  if (bodyPx / mapping.scale < SMALL_PX) found.add('small');
  // Where hips or knees are cut off, what the graph says of them is no posture.
  if (!bothOut('hip') && leanDeg(shoulders, hips) > LYING_DEG) found.add('lying');
  else if (!bothOut('hip') && !bothOut('knee')) {
    const legs = [LEFT, RIGHT].map(({ hip, knee }) => leanDeg(at(hip), at(knee)));
    if (Math.min(...legs) > SITTING_DEG) found.add('sitting');
  }

  // Along the line that goes to the person's left when they face us.
  const [leftX, leftY] = [(hips[1] - shoulders[1]) / torso, (shoulders[0] - hips[0]) / torso];
  const apart = (a: Point, b: Point) => (a[0] - b[0]) * leftX + (a[1] - b[1]) * leftY;
  const wide = Math.max(Math.abs(apart(ls, rs)), Math.abs(apart(lh, rh)) * 1.5);
  if (wide < SIDE_SHOULDERS * torso) found.add('from the side');
  else if (apart(ls, rs) + apart(lh, rh) < 0) found.add('from behind');

  const inside = (point: Point) => {
    const down = (point[1] - shoulders[1]) * leftX - (point[0] - shoulders[0]) * leftY;
    const aside = Math.abs(apart(point, shoulders));
    return down > 0.1 * torso && down < 0.85 * torso && aside < 0.3 * Math.abs(apart(ls, rs));
  };
  if (!found.has('from the side') && !found.has('from behind')) {
    if ([LEFT, RIGHT].some(({ wrist }) => inside(at(wrist)))) found.add('arms before the body');
  }

  let [sum, count] = [0, 0];
  for (const i of personPixels(pose, 8)) {
    sum += brightness(photo.data, i);
    count++;
  }
  if (count > 0 && sum / count < DARK) found.add('dark');
  else if (sharpnessOf(photo, pose, bodyPx) < BLURRED) found.add('blurred');
  return (Object.keys(SENTENCES) as PhotoWarning[]).filter((warning) => found.has(warning));
}

/** One sentence for each warning. */
export function warningSentence(warning: PhotoWarning): string {
  return SENTENCES[warning];
}
