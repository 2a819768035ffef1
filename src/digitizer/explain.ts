/** Everything that the stages say of one point of the canvas: what was seen there, by whom, and what became of it. */
import { CANVAS_SIZE, COARSE_SIZE, CROP_SIZES, KIND_OF_PART, type PartId } from '../geometry/body.ts';
import { cropFromCorners } from '../geometry/crop.ts';
import { codedSlopeScale } from '../geometry/depth-normals.ts';
import { photoFromCanvas } from '../geometry/keypoints.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { downloadOnce, probeAt } from './inspect.ts';
import type { RunResults } from './stage.ts';

type Vector = readonly [number, number, number];

export interface PointReport {
  readonly row: number;
  readonly column: number;
  /** In px of the photo as it came; null beside it. */
  readonly photo: readonly [x: number, y: number] | null;
  /** sRGB. */
  readonly colour: Vector;
  /** How much the point is the person, 0..1. */
  readonly matte: number;
  /** Parts whose box holds the point, the one that counts most first; weights are shares of the merge. */
  readonly parts: readonly {
    readonly part: PartId;
    readonly weight: number;
    readonly front: Vector;
    readonly back: Vector;
  }[];
  readonly coarse: {
    readonly front: Vector;
    readonly frontDepthPx: number;
    readonly backDepthPx: number;
  } | null;
  readonly merged: { readonly front: Vector; readonly back: Vector } | null;
  /** Between coarse and merged front normal, degrees. */
  readonly turnedDeg: number | null;
  readonly depth: { readonly frontPx: number; readonly backPx: number } | null;
  /** Millimetres of one canvas px for a person 1.70 m tall; null without an outline. */
  readonly mmPerPx: number | null;
}

/** Height that a figure is taken to have, mm; as in the GLB. */
const PERSON_MM = 1700;
/** Side of the weights that are looked at; they are blurred by 5 px. */
const WEIGHTS_SIZE = CANVAS_SIZE / 4;

/** A unit normal out of the body from its coded slopes; facing 1 in front, -1 at the back. */
function decoded(
  data: ArrayLike<number>,
  plane: number,
  index: number,
  first: number,
  steep: number,
): Vector {
  const facing = first === 0 ? 1 : -1;
  const [x, y, z] = [0, 1, 2].map((c) => data[(first + c) * plane + index] * 2 - 1);
  const n = [-x * steep, y * steep, z];
  const length = facing * (Math.hypot(...n) || 1);
  return [n[0] / length, n[1] / length, n[2] / length];
}

const angleDeg = (a: Vector, b: Vector) =>
  (Math.acos(Math.max(-1, Math.min(1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]))) * 180) / Math.PI;

/** @returns null before there is a photo, and off the canvas. What has not come yet is null or empty in it. */
export async function explainPoint(
  row: number,
  column: number,
  results: RunResults,
  kernels: KernelSet,
): Promise<PointReport | null> {
  const { photo, figure, matte, coarse } = results;
  if (!photo || !(row >= 0 && row < CANVAS_SIZE && column >= 0 && column < CANVAS_SIZE)) return null;
  const index = Math.floor(row) * CANVAS_SIZE + Math.floor(column);
  const { mapping, originalWidth, originalHeight, square } = photo;
  const [x, y] = photoFromCanvas(mapping, column + 0.5, row + 0.5);
  const outline = (figure ?? matte)?.matte;
  const reading = await probeAt(row, column, results, kernels);
  const rough = coarse && (await coarseAt(row, column, coarse, kernels));
  const merged = reading && { front: reading.frontNormal, back: reading.backNormal };
  return {
    ...{ row: Math.floor(row), column: Math.floor(column) },
    photo:
      x >= 0 && y >= 0 && x < originalWidth && y < originalHeight ? [Math.floor(x), Math.floor(y)] : null,
    colour: [square.data[index * 4], square.data[index * 4 + 1], square.data[index * 4 + 2]],
    matte: outline ? outline.data[index] / 255 : 0,
    parts: await partsAt(row, column, results, kernels),
    coarse: rough ?? null,
    merged,
    turnedDeg: rough && merged ? angleDeg(rough.front, merged.front) : null,
    depth: reading && { frontPx: reading.frontDepthPx, backPx: reading.backDepthPx },
    mmPerPx: outline ? PERSON_MM / heightOf(outline) : null,
  };
}

async function coarseAt(
  row: number,
  column: number,
  coarse: NonNullable<RunResults['coarse']>,
  kernels: KernelSet,
) {
  const [normals, depth] = await Promise.all([
    downloadOnce(coarse.normals, kernels),
    downloadOnce(coarse.depth, kernels),
  ]);
  const step = CANVAS_SIZE / COARSE_SIZE;
  const at = Math.floor(row / step) * COARSE_SIZE + Math.floor(column / step);
  const plane = COARSE_SIZE ** 2;
  return {
    front: decoded(normals.data, plane, at, 0, codedSlopeScale(COARSE_SIZE)),
    frontDepthPx: depth.data[at] * 512,
    backDepthPx: depth.data[plane + at] * 512,
  };
}

async function partsAt(
  row: number,
  column: number,
  results: RunResults,
  kernels: KernelSet,
): Promise<PointReport['parts']> {
  const { shownParts, parts, mergedNormals } = results;
  if (!shownParts || !parts || !mergedNormals) return [];
  const step = CANVAS_SIZE / WEIGHTS_SIZE;
  const place = Math.floor(row / step) * WEIGHTS_SIZE + Math.floor(column / step);
  const shares = await weightsOf(shownParts, kernels);
  const found: { part: PartId; weight: number; front: Vector; back: Vector }[] = [];
  for (const [at, result] of shownParts.entries()) {
    const weight = shares.data[at * WEIGHTS_SIZE ** 2 + place];
    const geometry = parts.reports.find((report) => report.part === result.part);
    if (!geometry || !(weight > 0)) continue;
    const { width, height } = CROP_SIZES[KIND_OF_PART[result.part]];
    const [cx, cy] = cropFromCorners(geometry.corners, { width, height }, column + 0.5, row + 0.5).map(
      Math.floor,
    );
    if (cx < 0 || cy < 0 || cx >= width || cy >= height) continue;
    const { data } = await downloadOnce(result.normals, kernels);
    const [plane, index, steep] = [width * height, cy * width + cx, codedSlopeScale(CANVAS_SIZE)];
    found.push({
      ...{ part: result.part, weight },
      front: decoded(data, plane, index, 0, steep),
      back: decoded(data, plane, index, 3, steep),
    });
  }
  return found.sort((a, b) => b.weight - a.weight);
}

const weights = new WeakMap<object, Promise<{ readonly data: Float32Array }>>();

function weightsOf(shown: NonNullable<RunResults['shownParts']>, kernels: KernelSet) {
  let made = weights.get(shown);
  if (!made) {
    made = kernels.mergeWeights(shown, WEIGHTS_SIZE).then(async (map) => {
      try {
        const { data } = await kernels.download(map);
        return { data: data.slice() };
      } finally {
        map.dispose();
      }
    });
    weights.set(shown, made);
    made.catch(() => weights.delete(shown));
  }
  return made;
}

/** Rows of the canvas that hold the person. */
function heightOf({ data, width, height }: { data: Uint8Array; width: number; height: number }): number {
  const holds = (row: number) => {
    for (let at = row * width; at < (row + 1) * width; at += 2) if (data[at] >= 128) return true;
    return false;
  };
  let top = 0;
  let bottom = height - 1;
  while (top < bottom && !holds(top)) top++;
  while (bottom > top && !holds(bottom)) bottom--;
  return bottom - top + 1;
}
