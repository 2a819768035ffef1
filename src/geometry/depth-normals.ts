/**
 * Normals of a depth map in the camera of camera.ts: the reference's coding, its undoing, and slopes of our own that
 * never cross a jump.
 *
 * The coding treats the rays as parallel and flattens relief about twofold (1/255 stands where 1/512 would be true),
 * and its x is the negative of the surface normal's: gh = d[c] - d[c + 1] is positive where the surface faces left.
 * Front and back maps are coded alike, both facing the camera. Source: docs/method.md#consistency-normals.
 */
import { type PlanarMap, planarMap } from '../base/images.ts';
import { depthUnitPx } from './camera.ts';

/** The reference's z component before normalising, in network depth units per px. */
const CODED_Z = 1 / 255;

/** Depths under this are background for consistency normals, network units. */
const BACKGROUND_DEPTH = 0.2;

/** Neighbours farther apart than this in depth lie on different surfaces, px. */
export const JUMP_PX = 8;

/** Both one-sided slopes are averaged only where each is below this ... */
export const CENTRAL_SLOPE_PX = 6;

/** ... and they differ by less than this, px per px (prototype of the surface study). */
export const CENTRAL_CURVE_PX = 2;

/**
 * The reference's consistency normals of one depth plane.
 *
 * @param depth f32 [1, H, W], network units; 0 is background.
 * @returns f32 [3, H, W], (n + 1)/2; exactly 0 where depth < 0.2. Caller owns it.
 */
export function consistencyNormals(depth: PlanarMap): PlanarMap {
  const [, height, width] = depth.shape;
  const out = planarMap([3, height, width]);
  const d = depth.data;
  const plane = height * width;
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const i = r * width + c;
      if (!(d[i] >= BACKGROUND_DEPTH)) continue;
      const gh = c + 1 < width ? d[i] - d[i + 1] : 0;
      const gv = r > 0 ? d[i - width] - d[i] : 0;
      const length = Math.sqrt(gh * gh + gv * gv + CODED_Z * CODED_Z);
      out.data[i] = (gh / length + 1) / 2;
      out.data[plane + i] = (gv / length + 1) / 2;
      out.data[2 * plane + i] = (CODED_Z / length + 1) / 2;
    }
  }
  return out;
}

/** Slopes stand in coded normals as x : z; this times them is px of depth per px. 2.0078 at 2048. */
export function codedSlopeScale(size: number): number {
  return CODED_Z * depthUnitPx(size);
}

/**
 * Unit normal, facing the camera, of a surface of given depth slopes; final frame (x right, y up, z to the camera).
 *
 * @param slopeX, slopeY change of depth, px per px, to the right and upward, each times `weight`: a weight of 0
 *               makes a rim seen exactly edge-on.
 * @param tangentX, tangentY of the ray, y upward.
 * @param distance along the ray.
 * @param out    receives x, y, z.
 * @returns cosine between normal and ray, 0..1; 0 and an unset `out` where there is no direction at all.
 *
 * From P = distance * unit(x, y, -1): dP/dx cross dP/dy. The rays diverge, so even a constant depth (a sphere about
 * the camera) has normals that turn with the ray.
 */
export function normalFromSlopes(
  slopeX: number,
  slopeY: number,
  weight: number,
  tangentX: number,
  tangentY: number,
  distance: number,
  out: Float64Array,
): number {
  const square = 1 + tangentX * tangentX + tangentY * tangentY;
  const straight = (weight * distance) / square;
  const x = slopeX - tangentX * straight;
  const y = slopeY - tangentY * straight;
  const z = straight + tangentX * slopeX + tangentY * slopeY;
  const length = Math.sqrt(x * x + y * y + z * z);
  if (!(length > 1e-12)) return 0;
  out[0] = x / length;
  out[1] = y / length;
  out[2] = z / length;
  return (weight * distance) / (Math.sqrt(square) * length);
}

/**
 * Depth slope toward growing index along one axis, px per px, never across a jump: the mean of both sides where the
 * surface is smooth, else the flatter side.
 *
 * @param before, here, after depths in px; 0 (or a border passed as 0) is empty.
 * @returns NaN when neither side continues the surface.
 */
export function slopeWithinSurface(before: number, here: number, after: number): number {
  const back = here - before;
  const forth = after - here;
  const backSize = before > 0 ? Math.abs(back) : Number.POSITIVE_INFINITY;
  const forthSize = after > 0 ? Math.abs(forth) : Number.POSITIVE_INFINITY;
  if (
    backSize < CENTRAL_SLOPE_PX &&
    forthSize < CENTRAL_SLOPE_PX &&
    Math.abs(back - forth) < CENTRAL_CURVE_PX
  ) {
    return (back + forth) / 2;
  }
  if (Math.min(backSize, forthSize) > JUMP_PX) return Number.NaN;
  return backSize < forthSize ? back : forth;
}
