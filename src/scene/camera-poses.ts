/** Where the camera stands so that the whole figure is in the picture, for any shape of pane. */
import { Vector3 } from 'three';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { focalPx } from '../geometry/camera.ts';
import { pinholeOf, turn } from '../geometry/framed-cloud.ts';
import type { CanvasCamera } from '../geometry/framing.ts';
import type { CameraPose } from '../store/model-state.ts';
import type { FigureBounds } from './figure-geometry.ts';

export const FIELD_OF_VIEW_DEG = 28;

/** Where a camera stands that looks at the middle of the figure, and how wide it sees. */
export interface CameraPlace {
  readonly position: Vector3;
  /** Vertical. */
  readonly fovDeg: number;
}

/** Azimuth about y from the front, and elevation, degrees. `home` is the sculptor's three-quarter view. */
const ANGLES_DEG: Readonly<
  Record<Exclude<CameraPose, 'photo'>, readonly [azimuth: number, elevation: number]>
> = {
  home: [-24, 6],
  front: [0, 0],
  side: [90, 0],
  back: [180, 0],
  right: [-90, 0],
  // Straight down has no up of its own.
  top: [0, 84],
};

/** How far the figure turns by itself after it was shown as the photo has it. */
const SWING_DEG: readonly [azimuth: number, elevation: number] = [-20, 4];

/** Air around the figure, as a factor. */
const AIR = 1.12;
/** Of the photo's own view, which has perspective: feet and the buttons below keep apart. */
const PHOTO_AIR = 1.24;

/** Distance at which a box of this size fits a view of this aspect, with some air; same unit as the box. */
export function fitDistance(size: Vector3, aspect: number): number {
  const half = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360);
  const width = Math.hypot(size.x, size.z);
  const away = Math.max(size.y / 2 / half, width / 2 / (half * aspect));
  return away * AIR + Math.max(size.x, size.z) / 2;
}

/** The lens that took the photo, in the frame of the mesh. @param lens of the run's report; left out: the method's camera. */
export function photoPinhole(lens?: CanvasCamera): Vector3 {
  const camera = lens ?? { focalPx: focalPx(CANVAS_SIZE), distance: 1, yawRad: 0, pitchRad: 0 };
  const at = Float32Array.of(0, 0, pinholeOf(camera).z);
  turn(at, camera);
  return new Vector3(at[0], at[1], at[2]);
}

/**
 * Camera for a pose; it looks at the centre of the bounds.
 *
 * @param pinhole where the photo was taken from; null: nobody knows, and its view is the front.
 */
export function placeOf(
  pose: CameraPose,
  bounds: FigureBounds,
  aspect: number,
  pinhole: Vector3 | null = null,
): CameraPlace {
  if (pose === 'photo' && pinhole) {
    const { size, centre } = bounds;
    // Its own perspective comes from where it stands; how wide it sees is only how much of that is shown.
    const away = Math.max(pinhole.distanceTo(centre) - size.z / 2, size.y / 20);
    const slope = Math.max(size.y / 2, Math.hypot(size.x, size.z) / 2 / aspect) / away;
    return { position: pinhole.clone(), fovDeg: (Math.atan(slope * PHOTO_AIR) * 360) / Math.PI };
  }
  const [azimuth, elevation] = ANGLES_DEG[pose === 'photo' ? 'front' : pose].map(
    (deg) => (deg * Math.PI) / 180,
  );
  const away = fitDistance(bounds.size, aspect);
  return {
    fovDeg: FIELD_OF_VIEW_DEG,
    position: new Vector3(
      bounds.centre.x + away * Math.sin(azimuth) * Math.cos(elevation),
      bounds.centre.y + away * Math.sin(elevation),
      bounds.centre.z + away * Math.cos(azimuth) * Math.cos(elevation),
    ),
  };
}

/** A little to the side of a place, as far away. */
export function swungFrom({ position, fovDeg }: CameraPlace, { centre }: FigureBounds): CameraPlace {
  const [azimuth, elevation] = SWING_DEG.map((deg) => (deg * Math.PI) / 180);
  const [x, y, z] = position.clone().sub(centre).toArray();
  const flat = Math.hypot(x, z);
  const [theta, phi] = [Math.atan2(x, z) + azimuth, Math.atan2(y, flat) + elevation];
  const away = Math.hypot(flat, y);
  return {
    fovDeg,
    position: new Vector3(
      centre.x + away * Math.sin(theta) * Math.cos(phi),
      centre.y + away * Math.sin(phi),
      centre.z + away * Math.cos(theta) * Math.cos(phi),
    ),
  };
}
