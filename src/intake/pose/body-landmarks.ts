/**
 * BlazePose's landmark graph (256 px): 33 points of one body and two that say where to look next, heat maps that place
 * the points more finely, and the person's outline.
 */
import type { GreyImage } from '../../base/images.ts';
import type { PicturePyramid } from './crop.ts';
import { bodyRegion } from './person-detector.ts';
import { GRAPH_SIDE, type PoseGraphs } from './pose-graphs.ts';
import { type Point, pictureFromRegion, type Region, regionFromPicture } from './region.ts';

export const LANDMARKS = 33;
/** Rows of the two further points: between the hips, and the top of the circle around the body. */
const HIPS = 33;
const TOP = 34;
/** Values of a point: x, y, z in px of the crop, logits of visibility and presence. */
const VALUES = 5;

/** Heat maps: cells a side, channels, window around a point, and the least peak that moves it. MediaPipe's values. */
const HEAT_SIDE = 64;
const HEAT_CHANNELS = 39;
const HEAT_REACH = 3;
const MIN_HEAT = 0.5;

export interface BodyLandmarks {
  readonly region: Region;
  /** Is there a body in the region at all? 0..1 */
  readonly presence: number;
  /** 35 points, picture px. */
  readonly points: readonly Point[];
  /** Depth relative to the hips, px of the picture; visibility 0..1. 35 of each. */
  readonly depths: readonly number[];
  readonly visibilities: readonly number[];
  /** Logits of "person", [256, 256] over the region. */
  readonly outline: Float32Array;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Moves points, u and v in [0, 1], to the weighted middle of the heat around them. Channel-first heat, logits. */
export function refineByHeat(points: Point[], heat: Float32Array): Point[] {
  return points.map(([u, v], channel): Point => {
    if (channel >= HEAT_CHANNELS) return [u, v];
    const column = Math.floor(u * HEAT_SIDE);
    const row = Math.floor(v * HEAT_SIDE);
    if (column < 0 || row < 0 || column >= HEAT_SIDE || row >= HEAT_SIDE) return [u, v];
    let [sum, sumX, sumY, peak] = [0, 0, 0, 0];
    for (let y = Math.max(0, row - HEAT_REACH); y <= Math.min(HEAT_SIDE - 1, row + HEAT_REACH); y++) {
      for (let x = Math.max(0, column - HEAT_REACH); x <= Math.min(HEAT_SIDE - 1, column + HEAT_REACH); x++) {
        const weight = sigmoid(heat[(channel * HEAT_SIDE + y) * HEAT_SIDE + x]);
        peak = Math.max(peak, weight);
        sum += weight;
        sumX += weight * x;
        sumY += weight * y;
      }
    }
    return peak >= MIN_HEAT && sum > 0 ? [sumX / sum / HEAT_SIDE, sumY / sum / HEAT_SIDE] : [u, v];
  });
}

/** Row of the same point on the person's other side. */
const OTHER_SIDE = [
  0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21, 24, 23, 26, 25, 28, 27,
  30, 29, 32, 31, 33, 34,
];

/** Rows of a picture, or of several, left to right reversed; in place. */
function mirror(values: Float32Array, width: number): Float32Array {
  for (let at = 0; at < values.length; at += width) values.subarray(at, at + width).reverse();
  return values;
}

/** @param mirrored shows the graph the person in a mirror; the answer is of the person as it is. */
export async function bodyLandmarks(
  picture: PicturePyramid,
  region: Region,
  graphs: PoseGraphs,
  mirrored = false,
): Promise<BodyLandmarks> {
  const side = GRAPH_SIDE.body;
  const crop = picture.crop(region, side);
  if (mirrored) mirror(crop, side);
  const { landmarks, presence, heat, outline } = await graphs.run('body', crop);
  const count = LANDMARKS + 2;
  const raw = Array.from(
    { length: count },
    (_, i): Point => [landmarks[i * VALUES] / side, landmarks[i * VALUES + 1] / side],
  );
  const refined = refineByHeat(raw, heat);
  const row = (i: number) => (mirrored ? OTHER_SIDE[i] : i);
  return {
    region,
    presence: presence[0],
    points: refined.map((_, i) => {
      const [u, v] = refined[row(i)];
      return pictureFromRegion(region, mirrored ? 1 - u : u, v);
    }),
    depths: raw.map((_, i) => (landmarks[row(i) * VALUES + 2] / side) * region.side),
    visibilities: raw.map((_, i) => sigmoid(landmarks[row(i) * VALUES + 3])),
    outline: mirrored ? mirror(outline.slice(), side) : outline,
  };
}

/** Where to look closer, now that the body is known. */
export function nextRegion({ points }: BodyLandmarks): Region {
  return bodyRegion(points[HIPS], points[TOP]);
}

/**
 * Probability of "person" over the whole picture, 0..255: the mean of the looks whose region holds the spot, 0 outside all
 * of them.
 *
 * @param side longer side of the result, px.
 */
export function outlineOver(
  looks: readonly Pick<BodyLandmarks, 'region' | 'outline'>[],
  pictureWidth: number,
  pictureHeight: number,
  side: number,
): GreyImage {
  const scale = Math.max(pictureWidth, pictureHeight) / side;
  const [width, height] = [Math.round(pictureWidth / scale), Math.round(pictureHeight / scale)];
  const sum = new Float32Array(width * height);
  const count = new Uint8Array(width * height);
  for (const { region, outline } of looks) {
    const cells = GRAPH_SIDE.body;
    const probability = outline.map(sigmoid);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [u, v] = regionFromPicture(region, [(x + 0.5) * scale, (y + 0.5) * scale]);
        const [column, row] = [u * cells - 0.5, v * cells - 0.5];
        if (column < 0 || row < 0 || column > cells - 1 || row > cells - 1) continue;
        const left = Math.min(cells - 2, Math.floor(column));
        const top = Math.min(cells - 2, Math.floor(row));
        const [fx, fy] = [column - left, row - top];
        const i = top * cells + left;
        const upper = probability[i] * (1 - fx) + probability[i + 1] * fx;
        const lower = probability[i + cells] * (1 - fx) + probability[i + cells + 1] * fx;
        sum[y * width + x] += upper + (lower - upper) * fy;
        count[y * width + x]++;
      }
    }
  }
  const data = Uint8Array.from(sum, (total, i) => (count[i] ? Math.round((255 * total) / count[i]) : 0));
  return { width, height, data };
}
