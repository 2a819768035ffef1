/**
 * MediaPipe's face mesh (192 px): 468 points of one face. Where the face is comes from the body's own points, and once
 * more from the mesh itself, upright between the eyes and half as large again, as its published graph (Apache-2.0) does.
 */
import type { PicturePyramid } from './crop.ts';
import { GRAPH_SIDE, type PoseGraphs } from './pose-graphs.ts';
import { adjusted, type Point, pictureFromRegion, type Region, regionFromPicture } from './region.ts';

const FACE_POINTS = 468;
/** Space around the face, in its own sizes. */
const MARGIN = 1.5;

export interface FaceLandmarks {
  readonly region: Region;
  /** Is there a face in the region? 0..1 */
  readonly presence: number;
  /** 468 points of the canonical face mesh, picture px. */
  readonly points: readonly Point[];
}

export async function faceLandmarks(
  picture: PicturePyramid,
  region: Region,
  graphs: PoseGraphs,
): Promise<FaceLandmarks> {
  const side = GRAPH_SIDE.face;
  const { landmarks, presence } = await graphs.run('face', picture.crop(region, side));
  return {
    region,
    presence: 1 / (1 + Math.exp(-presence[0])),
    points: Array.from({ length: FACE_POINTS }, (_, i) =>
      pictureFromRegion(region, landmarks[i * 3] / side, landmarks[i * 3 + 1] / side),
    ),
  };
}

/** Rows of the body's points on the face: nose, both eyes, both corners of the mouth. */
const LEFT_EYE = 2;
const RIGHT_EYE = 5;
const MOUTH = [9, 10];
/** Height of a face, from brow to chin, in distances from the eyes to the mouth. */
const FACE_PER_EYES_TO_MOUTH = 2.6;
const FACE_PER_EYES = 2.4;

/** Where the face must be, from the body's eyes and mouth. */
export function faceRegionFromBody(points: readonly Point[]): Region {
  const mean = (rows: readonly number[], c: 0 | 1) =>
    rows.reduce((sum, row) => sum + points[row][c], 0) / rows.length;
  const eyes: Point = [mean([LEFT_EYE, RIGHT_EYE], 0), mean([LEFT_EYE, RIGHT_EYE], 1)];
  const mouth: Point = [mean(MOUTH, 0), mean(MOUTH, 1)];
  const apart = Math.hypot(
    points[LEFT_EYE][0] - points[RIGHT_EYE][0],
    points[LEFT_EYE][1] - points[RIGHT_EYE][1],
  );
  const down = Math.hypot(mouth[0] - eyes[0], mouth[1] - eyes[1]);
  return {
    centreX: (eyes[0] + mouth[0]) / 2,
    centreY: (eyes[1] + mouth[1]) / 2,
    side: MARGIN * Math.max(FACE_PER_EYES_TO_MOUTH * down, FACE_PER_EYES * apart),
    angleRad: Math.atan2(-(mouth[0] - eyes[0]), mouth[1] - eyes[1]),
  };
}

/** Outer corners of the right and the left eye. */
const RIGHT_CORNER = 33;
const LEFT_CORNER = 263;

/** Where to look closer, now that the face's points are known. */
export function nextFaceRegion({ points }: FaceLandmarks): Region {
  const [right, left] = [points[RIGHT_CORNER], points[LEFT_CORNER]];
  const turned: Region = {
    centreX: right[0],
    centreY: right[1],
    side: 1,
    angleRad: Math.atan2(left[1] - right[1], left[0] - right[0]),
  };
  const inside = points.map((point) => regionFromPicture(turned, point));
  const [us, vs] = [inside.map(([u]) => u), inside.map(([, v]) => v)];
  const [from, to] = [Math.min(...us), Math.max(...us)];
  const [top, bottom] = [Math.min(...vs), Math.max(...vs)];
  const [centreX, centreY] = pictureFromRegion(turned, (from + to) / 2, (top + bottom) / 2);
  const square = { centreX, centreY, side: Math.max(to - from, bottom - top), angleRad: turned.angleRad };
  return adjusted(square, 0, 0, MARGIN);
}
