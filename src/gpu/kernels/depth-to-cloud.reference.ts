/**
 * Front and back depth -> one oriented, coloured cloud: front points then back points, each row-major.
 * `reference` keeps every pixel the reference keeps, through its 16-bit depth (which wraps from 4 upward);
 * `robust` works on the unrounded depth and drops flying points: pixels whose surface continues on neither side,
 * pixels seen at a grazing angle, and steep depth that the network's normals deny.
 * Source: docs/method.md#camera-and-cloud; thresholds from the surface study (one-sided differences, 8 px, cosine 0.12).
 *
 * Normals: the merged network normals, decoded; the depth's own slopes where there are none, or
 * where the two point into different half-spaces, because the solver must be able to lay a surface through these
 * points; a blend between. Pixel differences are the noisier of the two: on analytic bodies with depth blurred by
 * 2 px and 0.5 px of noise, mean error is 26 degrees from slopes, 4.0 when blended from 45 degrees of disagreement,
 * 1.4 as it is now. There, dropping denied steep depth cuts points over 4 px off the surface from 0.17 % to 0.07 %
 * (blurred by 3 px: 0.46 % to 0.1 %) and costs 0.2 to 2 % of the points.
 */
import type { OrientedCloud } from '../../base/cloud.ts';
import { StageError } from '../../base/errors.ts';
import { type PlanarMap, planarMap, type RgbaImage } from '../../base/images.ts';
import { atOnce, type Steps } from '../../base/steps.ts';
import { CLOUD_DIVISOR, depthUnitPx, focalPx, NEAREST_Z, pixelTangents } from '../../geometry/camera.ts';
import { codedSlopeScale, normalFromSlopes, slopeWithinSurface } from '../../geometry/depth-normals.ts';
import { BACK_EROSIONS, erodedMaskSteps } from '../../geometry/points.ts';
import type { CloudOptions } from '../kernel-set.ts';

/** Robust mode drops points whose ray meets the surface at a smaller cosine (surface study). */
export const GRAZING_COSINE = 0.12;

/** Depth seen at a smaller cosine than STEEP is dropped where the network's normal is more than 60 degrees off. */
export const STEEP_COSINE = 0.6;
export const DENIED_COSINE = 0.5;

/** Cosine between network and depth normal: from AGREE up the network's is used, from DISAGREE down the depth's. */
export const AGREE_COSINE = 0.3;
export const DISAGREE_COSINE = 0;

/** Shorter decoded normals (network output between codes, or nothing merged) do not count. */
export const SHORTEST_CODED = 0.3;

/** 16-bit depth steps per px. */
const STEPS_PER_PX = 32;

/** Growing output arrays, allocated once for all candidate pixels. */
interface CloudArrays {
  count: number;
  readonly positions: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  readonly colours: Uint8Array<ArrayBuffer>;
  readonly sides: Uint8Array<ArrayBuffer>;
  readonly pixels: Uint32Array<ArrayBuffer>;
}

/**
 * @param depth         f32 [2, S, S] from finishDepth.
 * @param mergedNormals f32 [6, S, S], coded; 0 where there are none.
 * @param frontColours, backColours RGBA [S, S].
 * @returns see OrientedCloud. Caller owns the arrays.
 * @throws StageError E_INTERNAL when sizes differ.
 */
export function* depthToCloudSteps(
  depth: PlanarMap,
  mergedNormals: PlanarMap,
  frontColours: RgbaImage,
  backColours: RgbaImage,
  options: CloudOptions,
): Steps<OrientedCloud> {
  const [, size] = depth.shape;
  const sizes = [depth.shape[2], ...mergedNormals.shape.slice(1), frontColours.width, backColours.width];
  if (sizes.some((s) => s !== size)) {
    throw new StageError(
      'cloud',
      'E_INTERNAL',
      `Depth, normals and colours differ in size: ${size}, ${sizes}.`,
      {
        fix: 'Start the run again from the photo.',
      },
    );
  }
  const count = size * size;
  const robust = options.mode === 'robust';
  const front = depthInPx(depth.data.subarray(0, count), size, robust);
  yield;
  const back = depthInPx(depth.data.subarray(count), size, robust);
  yield;
  if (options.erodeBack) {
    const inside = yield* erodedMaskSteps(front, size, size, BACK_EROSIONS);
    for (let i = 0; i < count; i++) if (!inside[i]) back[i] = 0;
    yield;
  }
  const cloud = allocateCloud(countPositive(front) + countPositive(back));
  const frontNormals = mergedNormals.data.subarray(0, 3 * count);
  const backNormals = mergedNormals.data.subarray(3 * count, 6 * count);
  yield* appendSide(cloud, front, frontNormals, frontColours.data, size, 0, robust);
  yield* appendSide(cloud, back, backNormals, backColours.data, size, 1, robust);
  return trimmed(cloud);
}

export const depthToCloud = atOnce(depthToCloudSteps);

/** Network depth -> px; the reference's way passes through wrapping 16-bit numbers. */
export function depthInPx(depth: Float32Array, size: number, robust: boolean): Float32Array<ArrayBuffer> {
  const out = new Float32Array(depth.length);
  const unit = depthUnitPx(size);
  const steps = 512 * STEPS_PER_PX;
  for (let i = 0; i < depth.length; i++) {
    out[i] = robust ? depth[i] * unit : ((Math.trunc(depth[i] * steps) & 0xffff) * unit) / steps;
  }
  return out;
}

function countPositive(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > 0) count++;
  return count;
}

function allocateCloud(capacity: number): CloudArrays {
  return {
    count: 0,
    positions: new Float32Array(capacity * 3),
    normals: new Float32Array(capacity * 3),
    colours: new Uint8Array(capacity * 3),
    sides: new Uint8Array(capacity),
    pixels: new Uint32Array(capacity),
  };
}

function trimmed(cloud: CloudArrays): OrientedCloud {
  const { count } = cloud;
  if (count === cloud.sides.length) return cloud;
  return {
    count,
    positions: cloud.positions.slice(0, count * 3),
    normals: cloud.normals.slice(0, count * 3),
    colours: cloud.colours.slice(0, count * 3),
    sides: cloud.sides.slice(0, count),
    pixels: cloud.pixels.slice(0, count),
  };
}

/** Appends the points of one map. `normals` is [3, S, S], `colours` RGBA. */
function* appendSide(
  cloud: CloudArrays,
  depth: Float32Array,
  normals: Float32Array,
  colours: Uint8ClampedArray,
  size: number,
  side: 0 | 1,
  robust: boolean,
): Steps<void> {
  const tangents = pixelTangents(size);
  const focal = focalPx(size);
  const slopeScale = codedSlopeScale(size);
  const plane = size * size;
  const outward = side === 0 ? 1 : -1;
  const own = new Float64Array(3);
  const coded = new Float64Array(3);
  let n = cloud.count;
  for (let row = 0; row < size; row++) {
    yield;
    const down = tangents[row];
    for (let column = 0; column < size; column++) {
      const i = row * size + column;
      const here = depth[i];
      if (!(here > 0)) continue;
      const right = tangents[column];
      const distance = (here - size / 2) / focal + 1;
      const z = distance / Math.sqrt(right * right + down * down + 1);
      if (!(z > NEAREST_Z)) continue;

      const slopeRight = slopeWithinSurface(
        column > 0 ? depth[i - 1] : 0,
        here,
        column + 1 < size ? depth[i + 1] : 0,
      );
      const slopeUp = slopeWithinSurface(
        row + 1 < size ? depth[i + size] : 0,
        here,
        row > 0 ? depth[i - size] : 0,
      );
      const continues = !Number.isNaN(slopeRight + slopeUp);
      if (robust && !continues) continue;
      const cosine = normalFromSlopes(slopeRight || 0, slopeUp || 0, 1, right, -down, distance, own);
      if (robust && cosine < GRAZING_COSINE) continue;

      const cx = 2 * normals[i] - 1;
      const cy = 2 * normals[plane + i] - 1;
      const cz = 2 * normals[2 * plane + i] - 1;
      const covered = normals[i] !== 0 || normals[plane + i] !== 0 || normals[2 * plane + i] !== 0;
      if (covered && cz > 0 && cx * cx + cy * cy + cz * cz > SHORTEST_CODED * SHORTEST_CODED) {
        normalFromSlopes(-slopeScale * cx, slopeScale * cy, cz, right, -down, distance, coded);
        const agreement = own[0] * coded[0] + own[1] * coded[1] + own[2] * coded[2];
        if (robust && cosine < STEEP_COSINE && agreement < DENIED_COSINE) continue;
        const share = continues ? (agreement - DISAGREE_COSINE) / (AGREE_COSINE - DISAGREE_COSINE) : 1;
        blend(own, coded, Math.min(Math.max(share, 0), 1));
      }

      const p = 3 * n;
      cloud.positions[p] = (right * z) / CLOUD_DIVISOR;
      cloud.positions[p + 1] = -(down * z) / CLOUD_DIVISOR;
      cloud.positions[p + 2] = -(z - 1) / CLOUD_DIVISOR;
      cloud.normals[p] = outward * own[0];
      cloud.normals[p + 1] = outward * own[1];
      cloud.normals[p + 2] = outward * own[2];
      cloud.colours[p] = colours[4 * i];
      cloud.colours[p + 1] = colours[4 * i + 1];
      cloud.colours[p + 2] = colours[4 * i + 2];
      cloud.sides[n] = side;
      cloud.pixels[n] = i;
      n++;
    }
  }
  cloud.count = n;
}

/** own := unit(own * (1 - share) + other * share). Both face the camera, so they cannot cancel. */
function blend(own: Float64Array, other: Float64Array, share: number): void {
  const x = own[0] + (other[0] - own[0]) * share;
  const y = own[1] + (other[1] - own[1]) * share;
  const z = own[2] + (other[2] - own[2]) * share;
  const scale = 1 / Math.sqrt(x * x + y * y + z * z);
  own[0] = x * scale;
  own[1] = y * scale;
  own[2] = z * scale;
}

/** A map of no merged normals, for clouds made from depth alone. */
export function noMergedNormals(size: number): PlanarMap {
  return planarMap([6, size, size]);
}
