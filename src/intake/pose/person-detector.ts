/**
 * Finds people in a picture: BlazePose's detector (224 px), an SSD whose boxes are of heads and shoulders, with two points
 * that say where the whole body is. Anchors and decoding as in MediaPipe's published graph (Apache-2.0): strides 8,
 * 16, 32, 32, 32, two square anchors of unit size at the centre of every cell.
 */
import type { PicturePyramid } from './crop.ts';
import { GRAPH_SIDE, type PoseGraphs } from './pose-graphs.ts';
import { type Point, pictureFromRegion, type Region, regionTowards } from './region.ts';

export interface DetectedPerson {
  /** 0..1 */
  readonly score: number;
  /** Head and shoulders, picture px. */
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  /** Between the hips, picture px. */
  readonly hips: Point;
  /** Straight up the body from the hips, as far as the circle around the whole body reaches; picture px. */
  readonly top: Point;
}

/** Cells of the grid and anchors per cell, in the order of the outputs. */
const GRIDS = [
  [28, 2],
  [14, 2],
  [7, 6],
] as const;
const VALUES_PER_ANCHOR = 12;
const MIN_SCORE = 0.5;
/** Boxes that overlap more than this are one person. Value of MediaPipe's graph. */
const SAME_PERSON_OVERLAP = 0.3;
/** Half side of the square around a body, in reaches of its circle. Value of MediaPipe's graph. */
const BODY_MARGIN = 1.25;

/** Centre of each anchor, in [0, 1] of the picture, x and y alternating. */
function anchorCentres(): Float32Array {
  const out: number[] = [];
  for (const [cells, perCell] of GRIDS) {
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        for (let k = 0; k < perCell; k++) out.push((column + 0.5) / cells, (row + 0.5) / cells);
      }
    }
  }
  return Float32Array.from(out);
}

const ANCHORS = anchorCentres();

type Candidate = { readonly score: number; readonly values: Float64Array };

/** Boxes above the score, values in [0, 1] of the picture: left, top, right, bottom, then four points. */
export function decodePeople(boxes: Float32Array, logits: Float32Array): Candidate[] {
  const side = GRAPH_SIDE.person;
  const found: Candidate[] = [];
  for (let i = 0; i < logits.length; i++) {
    const score = 1 / (1 + Math.exp(-logits[i]));
    if (score < MIN_SCORE) continue;
    const raw = boxes.subarray(i * VALUES_PER_ANCHOR, (i + 1) * VALUES_PER_ANCHOR);
    const [ax, ay] = [ANCHORS[i * 2], ANCHORS[i * 2 + 1]];
    const values = new Float64Array(VALUES_PER_ANCHOR);
    for (let k = 0; k < VALUES_PER_ANCHOR; k += 2) {
      values[k] = raw[k] / side + ax;
      values[k + 1] = raw[k + 1] / side + ay;
    }
    const [x, y, w, h] = [values[0], values[1], raw[2] / side, raw[3] / side];
    values.set([x - w / 2, y - h / 2, x + w / 2, y + h / 2]);
    found.push({ score, values });
  }
  return found;
}

function overlap(a: Float64Array, b: Float64Array): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  const areaOf = (v: Float64Array) => (v[2] - v[0]) * (v[3] - v[1]);
  return both / (areaOf(a) + areaOf(b) - both);
}

/** Boxes of one person become their mean, weighted by score; best first. */
export function mergePeople(candidates: readonly Candidate[]): Candidate[] {
  let rest = [...candidates].sort((a, b) => b.score - a.score);
  const people: Candidate[] = [];
  while (rest.length) {
    const [best] = rest;
    const same = rest.filter(
      (other) => other === best || overlap(best.values, other.values) > SAME_PERSON_OVERLAP,
    );
    const values = new Float64Array(VALUES_PER_ANCHOR);
    const sum = same.reduce((total, { score }) => total + score, 0);
    for (const { score, values: own } of same) {
      for (let k = 0; k < values.length; k++) values[k] += (own[k] * score) / sum;
    }
    people.push({ score: best.score, values });
    rest = rest.filter((other) => !same.includes(other));
  }
  return people;
}

/** Candidates of one look at a square of the picture, in picture px. */
async function look(picture: PicturePyramid, region: Region, graphs: PoseGraphs): Promise<Candidate[]> {
  const { boxes, scores } = await graphs.run('person', picture.crop(region, GRAPH_SIDE.person, -1, 1));
  return decodePeople(boxes, scores).map(({ score, values }) => {
    const placed = new Float64Array(VALUES_PER_ANCHOR);
    for (let k = 0; k < VALUES_PER_ANCHOR; k += 2)
      placed.set(pictureFromRegion(region, values[k], values[k + 1]), k);
    return { score, values: placed };
  });
}

/** Windows for a second look, shares of the picture: half its side, every quarter of it. */
const WINDOW = 0.5;
const WINDOW_CENTRES = [0.25, 0.5, 0.75];

/**
 * People in a picture, the surest first. The graph sees 224 px: when it finds nobody in the whole picture, it is run on nine
 * windows of it, for people of a quarter of the height and less.
 *
 * @param picture any size; what is not square is seen with black beside it.
 * @param alive throws when the work is not wanted any more; asked between the windows.
 */
export async function detectPeople(
  picture: PicturePyramid,
  graphs: PoseGraphs,
  alive: () => void = () => {},
): Promise<DetectedPerson[]> {
  const { width, height } = picture;
  const side = Math.max(width, height);
  const whole: Region = { centreX: width / 2, centreY: height / 2, side, angleRad: 0 };
  let found = await look(picture, whole, graphs);
  if (found.length === 0) {
    for (const v of WINDOW_CENTRES) {
      for (const u of WINDOW_CENTRES) {
        alive();
        const [centreX, centreY] = pictureFromRegion(whole, u, v);
        found = found.concat(
          await look(picture, { ...whole, centreX, centreY, side: side * WINDOW }, graphs),
        );
      }
    }
  }
  return mergePeople(found).map(({ score, values }) => {
    const [left, top, right, bottom, hipsX, hipsY, topX, topY] = values;
    return { score, box: { left, top, right, bottom }, hips: [hipsX, hipsY], top: [topX, topY] };
  });
}

/** The square around a whole body that the landmark graph is made for. */
export function bodyRegion(hips: Point, top: Point): Region {
  return regionTowards(hips, top, 1 / BODY_MARGIN);
}
