/**
 * Morphology on depth maps and the reference's side fill: rings of points that close the gap between the front and
 * the back map along the silhouette. Source: docs/method.md#camera-and-cloud. Checked against golden/unit.npz, fill_*.
 */
import { atOnce, type Steps } from '../base/steps.ts';

/** Times the reference erodes the front before it masks the back. */
export const BACK_EROSIONS = 3;

/** Times the front is eroded for the innermost ring. */
const RING_EROSIONS = 4;

/**
 * 3x3 erosion of `values > 0`, `times` times; borders do not erode.
 *
 * @returns 1 where every value within `times` px (square window) is positive.
 */
export function* erodedMaskSteps(
  values: ArrayLike<number>,
  height: number,
  width: number,
  times: number,
): Steps<Uint8Array<ArrayBuffer>> {
  const along = new Uint8Array(height * width);
  for (let r = 0; r < height; r++) erodeLine(values, along, r * width, 1, width, times);
  yield;
  const out = new Uint8Array(height * width);
  for (let c = 0; c < width; c++) {
    if (c % 256 === 0) yield;
    erodeLine(along, out, c, width, height, times);
  }
  return out;
}

export const erodedMask = atOnce(erodedMaskSteps);

/** A square window's erosion is separable; along a line it is the distance to the nearest hole on either side. */
function erodeLine(
  values: ArrayLike<number>,
  out: Uint8Array,
  start: number,
  stride: number,
  length: number,
  reach: number,
): void {
  let lastHole = -reach - 1;
  for (let i = 0; i < length; i++) {
    const at = start + i * stride;
    if (values[at] > 0) out[at] = i - lastHole > reach ? 1 : 0;
    else {
      for (let k = Math.max(i - reach, 0); k <= i; k++) out[start + k * stride] = 0;
      lastHole = i;
    }
  }
}

/** 3x3 grey dilation, once. */
function dilated(values: Float64Array, width: number): Float64Array<ArrayBuffer> {
  const along = new Float64Array(values.length);
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const c = i % width;
    const left = c > 0 ? values[i - 1] : 0;
    const right = c + 1 < width ? values[i + 1] : 0;
    along[i] = Math.max(values[i], left, right);
  }
  for (let i = 0; i < values.length; i++) {
    const upper = i >= width ? along[i - width] : 0;
    const lower = i + width < values.length ? along[i + width] : 0;
    out[i] = Math.max(along[i], upper, lower);
  }
  return out;
}

/** Names and order of the reference's rings. */
export const SIDE_FILL_IDS = ['10', '20', '30', '05', '15', '25', '35'] as const;
export type SideFillId = (typeof SIDE_FILL_IDS)[number];

/** Ring, then the weights of the front and of the ring's dilated back; they sum to 1. */
const SIDE_FILL: Readonly<
  Record<SideFillId, readonly [ring: number, front: number, back: number, of: number]>
> = {
  '10': [1, 5, 1, 6],
  '20': [2, 3, 2, 5],
  '30': [3, 1, 3, 4],
  '05': [0, 6.5, 0.5, 7],
  '15': [1, 4.5, 1.5, 6],
  '25': [2, 2.5, 2.5, 5],
  '35': [3, 0.5, 3.5, 4],
};

/**
 * The seven depth maps that fill the sides.
 *
 * @param front [H, W] depth, 0 is empty.
 * @param back  [H, W] depth, already eroded (see erodedMask).
 * @returns one [H, W] map per ring, f64, zero outside the ring. Caller owns them.
 */
export function sideFillClouds(
  front: Float64Array,
  back: Float64Array,
  height: number,
  width: number,
): Record<SideFillId, Float64Array<ArrayBuffer>> {
  const backs = [Float64Array.from(back)];
  for (let k = 1; k <= 3; k++) backs.push(dilated(backs[k - 1], width));
  const core = erodedMask(front, height, width, RING_EROSIONS);
  const inRing = (ring: number, i: number) =>
    backs[ring][i] > 0 && !(ring === 0 ? core[i] > 0 : backs[ring - 1][i] > 0);
  const entries = SIDE_FILL_IDS.map((id) => {
    const [ring, frontWeight, backWeight, of] = SIDE_FILL[id];
    const map = new Float64Array(front.length);
    for (let i = 0; i < map.length; i++) {
      if (inRing(ring, i)) map[i] = (frontWeight * front[i] + backWeight * backs[ring][i]) / of;
    }
    return [id, map] as const;
  });
  return Object.fromEntries(entries) as Record<SideFillId, Float64Array<ArrayBuffer>>;
}
