/**
 * MediaPipe's hand graph (224 px): 21 points of one hand. Where the hand is comes from the body's own points (wrist and
 * two knuckles), and once more from the hand's points themselves, as in MediaPipe's published graphs (Apache-2.0).
 */
import type { PicturePyramid } from './crop.ts';
import { GRAPH_SIDE, type PoseGraphs } from './pose-graphs.ts';
import {
  adjusted,
  type Point,
  pictureFromRegion,
  type Region,
  regionFromPicture,
  regionTowards,
} from './region.ts';

const HAND_POINTS = 21;

export interface HandLandmarks {
  readonly region: Region;
  /** Is there a hand in the region? 0..1 */
  readonly presence: number;
  /** 21 points, picture px: wrist, then four joints each of thumb, index, middle, ring and little finger. */
  readonly points: readonly Point[];
}

export async function handLandmarks(
  picture: PicturePyramid,
  region: Region,
  graphs: PoseGraphs,
): Promise<HandLandmarks> {
  const side = GRAPH_SIDE.hand;
  const { landmarks, presence } = await graphs.run('hand', picture.crop(region, side));
  return {
    region,
    presence: presence[0],
    points: Array.from({ length: HAND_POINTS }, (_, i) =>
      pictureFromRegion(region, landmarks[i * 3] / side, landmarks[i * 3 + 1] / side),
    ),
  };
}

/** Wrist to the middle of a hand, and the side of the square around it, in forearms. */
const HAND_ALONG_FOREARM = 0.35;
const HAND_SIDE_PER_FOREARM = 1.2;
/** A forearm that points at the camera looks short; its hand does not. Least length, in torsos (median: 0.46). */
const LEAST_FOREARM_PER_TORSO = 0.35;

/**
 * Where a hand must be when it goes on straight from the forearm. Finds hands better than the body's own knuckles do: of
 * 36 hands of photos and samples, four middle joints are 4.4 px off at the median, from the knuckles 7.
 *
 * @param torso between the hips to between the shoulders, px.
 */
export function handRegionFromArm(elbow: Point, wrist: Point, torso: number): Region {
  const along = regionTowards(elbow, wrist, 1);
  const [dx, dy] = [wrist[0] - elbow[0], wrist[1] - elbow[1]];
  const seen = Math.hypot(dx, dy);
  const forearm = Math.max(seen, LEAST_FOREARM_PER_TORSO * torso);
  const reach = seen > 0 ? (HAND_ALONG_FOREARM * forearm) / seen : 0;
  return {
    ...along,
    centreX: wrist[0] + dx * reach,
    centreY: wrist[1] + dy * reach,
    side: HAND_SIDE_PER_FOREARM * forearm,
  };
}

/** Where a hand must be, from the body's wrist and its knuckles of index and little finger. */
export function handRegionFromBody(wrist: Point, index: Point, little: Point): Region {
  const middle: Point = [(2 * index[0] + little[0]) / 3, (2 * index[1] + little[1]) / 3];
  const towards = regionTowards(wrist, middle, 1);
  const square = { ...towards, centreX: middle[0], centreY: middle[1] };
  return adjusted(square, 0, -0.1, 2.7);
}

/** Rows of the wrist, the knuckles and their neighbours: the palm, and the fingers up to their middle joints. */
const PALM = [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18];

/** Where to look closer, now that the hand's points are known. */
export function nextHandRegion({ points }: HandLandmarks): Region {
  const middle: Point = [
    (points[5][0] + points[13][0]) / 4 + points[9][0] / 2,
    (points[5][1] + points[13][1]) / 4 + points[9][1] / 2,
  ];
  const turned = { ...regionTowards(points[0], middle, 1), side: 1 };
  const inside = PALM.map((row) => regionFromPicture(turned, points[row]));
  const [us, vs] = [inside.map(([u]) => u), inside.map(([, v]) => v)];
  const [left, right] = [Math.min(...us), Math.max(...us)];
  const [top, bottom] = [Math.min(...vs), Math.max(...vs)];
  const [centreX, centreY] = pictureFromRegion(turned, (left + right) / 2, (top + bottom) / 2);
  const square = { centreX, centreY, side: Math.max(right - left, bottom - top), angleRad: turned.angleRad };
  return adjusted(square, 0, -0.1, 2);
}
