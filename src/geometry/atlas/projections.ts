/**
 * The six ways a chart of the atlas is looked at. From the front and from the back along the camera's own rays, so that a
 * chart's texels are the photo's pixels (and those of the colours made for the back); from the sides, above and below in
 * parallel. All in canvas px: a chart's texels are these times its scale.
 * Every one is oriented alike: a triangle seen from its outside runs clockwise in (u right, v down) coordinates of a screen
 * whose y points down, which is a negative area here.
 */
import { CANVAS_SIZE } from '../body.ts';
import { CLOUD_DIVISOR, focalPx, HALF_VIEW_TANGENT } from '../camera.ts';

export const SIDES = ['front', 'back', 'left', 'right', 'above', 'below'] as const;
/** Index into SIDES. */
export type SideIndex = number;

export const FRONT = 0;
export const BACK = 1;

/** Canvas px per unit of the final frame, at the distance of its origin. */
const PX_PER_UNIT = CLOUD_DIVISOR * focalPx(CANVAS_SIZE);

/**
 * Where points lie as seen from a side.
 *
 * @param positions final frame, 3 per point.
 * @returns 3 per point: u, v in canvas px (pixel centres at halves), and the depth away from the viewer, px.
 */
export function projected(positions: Float32Array, side: SideIndex): Float32Array<ArrayBuffer> {
  const out = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    projectPoint(positions[i], positions[i + 1], positions[i + 2], side, out, i);
  }
  return out;
}

export function projectPoint(
  x: number,
  y: number,
  z: number,
  side: SideIndex,
  out: Float32Array | Float64Array,
  at: number,
): void {
  switch (side) {
    case FRONT:
    case BACK: {
      const right = x * CLOUD_DIVISOR;
      const down = -y * CLOUD_DIVISOR;
      const away = 1 - z * CLOUD_DIVISOR;
      const u = (right / away / HALF_VIEW_TANGENT + 1) * (CANVAS_SIZE / 2);
      const distance = Math.sqrt(right * right + down * down + away * away) * focalPx(CANVAS_SIZE);
      out[at] = side === FRONT ? u : CANVAS_SIZE - u;
      out[at + 1] = (down / away / HALF_VIEW_TANGENT + 1) * (CANVAS_SIZE / 2);
      out[at + 2] = side === FRONT ? distance : -distance;
      return;
    }
    case 2:
      out[at] = -z * PX_PER_UNIT;
      out[at + 1] = -y * PX_PER_UNIT;
      out[at + 2] = -x * PX_PER_UNIT;
      return;
    case 3:
      out[at] = z * PX_PER_UNIT;
      out[at + 1] = -y * PX_PER_UNIT;
      out[at + 2] = x * PX_PER_UNIT;
      return;
    case 4:
      out[at] = x * PX_PER_UNIT;
      out[at + 1] = z * PX_PER_UNIT;
      out[at + 2] = -y * PX_PER_UNIT;
      return;
    default:
      out[at] = x * PX_PER_UNIT;
      out[at + 1] = -z * PX_PER_UNIT;
      out[at + 2] = y * PX_PER_UNIT;
  }
}

/**
 * Cosine between a normal and the way to the viewer of a side, at a point.
 *
 * @param n unit normal as 3 numbers, @param p the point.
 */
export function facing(
  nx: number,
  ny: number,
  nz: number,
  px: number,
  py: number,
  pz: number,
  side: SideIndex,
): number {
  switch (side) {
    case FRONT:
    case BACK: {
      const x = -px;
      const y = -py;
      const z = 1 / CLOUD_DIVISOR - pz;
      const cosine = (nx * x + ny * y + nz * z) / Math.sqrt(x * x + y * y + z * z);
      return side === FRONT ? cosine : -cosine;
    }
    case 2:
      return nx;
    case 3:
      return -nx;
    case 4:
      return ny;
    default:
      return -ny;
  }
}
