/**
 * One person's points and outline from a picture, by MediaPipe's graphs: detect people, run the body graph on three crops
 * (the detector's square, a closer one, the closer one mirrored), then the graphs of the hands and the face.
 */
import type { RgbaImage } from '../../base/images.ts';
import type { EstimatedPose } from '../estimated-pose.ts';
import { type BodyLandmarks, bodyLandmarks, LANDMARKS, nextRegion, outlineOver } from './body-landmarks.ts';
import { PicturePyramid } from './crop.ts';
import { faceLandmarks, faceRegionFromBody, nextFaceRegion } from './face-landmarks.ts';
import {
  type HandLandmarks,
  handLandmarks,
  handRegionFromArm,
  handRegionFromBody,
  nextHandRegion,
} from './hand-landmarks.ts';
import { bodyRegion, type DetectedPerson, detectPeople } from './person-detector.ts';
import type { PoseGraphs } from './pose-graphs.ts';
import { adjusted, movedShare, type Point } from './region.ts';

/**
 * How much of the usual square the closer look takes. Measured on ten photos against OpenPose: 1 alone 17.5 px, with 0.9
 * and mirrored 16.5 px; below 0.85 the feet are lost.
 */
const CLOSER = 0.9;
/**
 * When the square that the body says is off by more than this share of the side from the one that was looked at, the pair
 * of looks is taken again: small people, whom the detector sees poorly. Usual photos stay below it.
 */
const MOVED = 0.1;
const CLOSER_LOOKS = 3;
/** Least presence score of a hand or a body. */
const MIN_PRESENCE = 0.5;
/** Side of the outline picture: the matte is fitted at this size. */
const OUTLINE_SIDE = 512;

const SHOULDERS = [11, 12] as const;
const HIPS = [23, 24] as const;
const ARMS = {
  left: { elbow: 13, wrist: 15, little: 17, index: 19 },
  right: { elbow: 14, wrist: 16, little: 18, index: 20 },
} as const;

export interface PoseEstimate {
  /** Everybody the detector saw, surest first; empty when it was not asked. */
  readonly people: readonly DetectedPerson[];
  /** The chosen person; null when nobody was found. */
  readonly pose: EstimatedPose | null;
}

const middle = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** The largest of those with a high score; the one of highest score when none has. */
function mainPerson(people: readonly DetectedPerson[]): DetectedPerson {
  const reach = ({ hips, top }: DetectedPerson) => distance(hips, top);
  return people
    .filter(({ score }) => score > 0.9 * people[0].score)
    .reduce((best, one) => (reach(one) > reach(best) ? one : best));
}

async function lookAtBody(
  picture: PicturePyramid,
  person: Pick<DetectedPerson, 'hips' | 'top'>,
  graphs: PoseGraphs,
): Promise<{ readonly body: BodyLandmarks; readonly looks: readonly BodyLandmarks[] } | null> {
  const first = await bodyLandmarks(picture, bodyRegion(person.hips, person.top), graphs);
  if (first.presence < MIN_PRESENCE) return null;
  let best = { body: first, looks: [first] };
  for (let k = 0; k < CLOSER_LOOKS; k++) {
    const region = nextRegion(best.body);
    const closer = await bodyLandmarks(picture, adjusted(region, 0, 0, CLOSER), graphs);
    const mirrored = await bodyLandmarks(picture, region, graphs, true);
    const looks = [closer, mirrored].filter(({ presence }) => presence >= MIN_PRESENCE);
    if (looks.length === 0) break;
    const moved = movedShare(best.body.region, region);
    best = { body: { ...meanOf(looks), region }, looks: moved > MOVED ? looks : [...best.looks, ...looks] };
    if (movedShare(region, nextRegion(best.body)) <= MOVED) break;
  }
  return best;
}

/** Points of several looks at one body, averaged. */
function meanOf(looks: readonly BodyLandmarks[]): BodyLandmarks {
  const mean = (of: (look: BodyLandmarks) => number) =>
    looks.reduce((sum, look) => sum + of(look), 0) / looks.length;
  const [one] = looks;
  return {
    ...one,
    points: one.points.map((_, i): Point => [mean((l) => l.points[i][0]), mean((l) => l.points[i][1])]),
    depths: one.depths.map((_, i) => mean((l) => l.depths[i])),
    visibilities: one.visibilities.map((_, i) => mean((l) => l.visibilities[i])),
  };
}

async function lookAtHand(
  picture: PicturePyramid,
  { points }: BodyLandmarks,
  side: 'left' | 'right',
  graphs: PoseGraphs,
): Promise<HandLandmarks | null> {
  const { elbow, wrist, little, index } = ARMS[side];
  const torso = distance(
    middle(points[SHOULDERS[0]], points[SHOULDERS[1]]),
    middle(points[HIPS[0]], points[HIPS[1]]),
  );
  const starts = [
    handRegionFromArm(points[elbow], points[wrist], torso),
    handRegionFromBody(points[wrist], points[index], points[little]),
  ];
  for (const start of starts) {
    const first = await handLandmarks(picture, start, graphs);
    const hand = await handLandmarks(picture, nextHandRegion(first), graphs);
    // A hand found along the arm or at the other hand does not belong to this wrist.
    const near = distance(hand.points[0], points[wrist]) < start.side / 2;
    if (hand.presence >= MIN_PRESENCE && near) return hand;
  }
  return null;
}

/**
 * @param photo the picture, any size; stays the caller's.
 * @param alive throws when the work is not wanted any more; asked between the graphs.
 * @param whom where the person stands (people.ts), picture px; left out: the largest who is seen well is looked for.
 * @returns coordinates in [0, 1] of the picture.
 * @throws StageError E_DOWNLOAD, E_DEVICE from the graphs.
 */
export async function estimatePose(
  photo: RgbaImage,
  graphs: PoseGraphs,
  alive: () => void = () => {},
  whom: Pick<DetectedPerson, 'hips' | 'top'> | null = null,
): Promise<PoseEstimate> {
  const picture = new PicturePyramid(photo);
  const people = whom ? [] : await detectPeople(picture, graphs, alive);
  alive();
  const person = whom ?? (people.length > 0 ? mainPerson(people) : null);
  if (!person) return { people, pose: null };
  const looked = await lookAtBody(picture, person, graphs);
  alive();
  if (!looked) return { people, pose: null };
  const { body, looks } = looked;

  const flat = (points: readonly Point[]) =>
    Float32Array.from(points.flatMap(([x, y]) => [x / picture.width, y / picture.height]));
  const landmarks = new Float32Array(LANDMARKS * 4);
  for (let i = 0; i < LANDMARKS; i++) {
    const [x, y] = body.points[i];
    landmarks.set(
      [x / picture.width, y / picture.height, body.depths[i] / picture.width, body.visibilities[i]],
      i * 4,
    );
  }
  const left = await lookAtHand(picture, body, 'left', graphs);
  const right = await lookAtHand(picture, body, 'right', graphs);
  alive();
  const firstFace = await faceLandmarks(picture, faceRegionFromBody(body.points), graphs);
  const face =
    firstFace.presence >= MIN_PRESENCE
      ? await faceLandmarks(picture, nextFaceRegion(firstFace), graphs)
      : firstFace;
  return {
    people,
    pose: {
      landmarks,
      mask: outlineOver(looks, picture.width, picture.height, OUTLINE_SIDE),
      hands: { left: left && flat(left.points), right: right && flat(right.points) },
      face: face.presence >= MIN_PRESENCE ? flat(face.points) : null,
    },
  };
}
