/** Where the camera stands so that the whole figure is in the picture, for any shape of pane. */
import { Vector3 } from 'three';
import type { CameraPose } from '../store/state.ts';
import type { FigureBounds } from './figure-geometry.ts';

export const FIELD_OF_VIEW_DEG = 28;

/** Azimuth about y from the front, and elevation, degrees. `home` is the sculptor's three-quarter view. */
const ANGLES_DEG: Readonly<Record<CameraPose, readonly [azimuth: number, elevation: number]>> = {
  home: [-24, 6],
  front: [0, 0],
  side: [90, 0],
  back: [180, 0],
  right: [-90, 0],
  // Straight down has no up of its own.
  top: [0, 84],
};

/** Distance at which a box of this size fits a view of this aspect, with some air; same unit as the box. */
export function fitDistance(size: Vector3, aspect: number): number {
  const half = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360);
  const width = Math.hypot(size.x, size.z);
  const away = Math.max(size.y / 2 / half, width / 2 / (half * aspect));
  return away * 1.12 + Math.max(size.x, size.z) / 2;
}

/** Camera position for a pose; it looks at the centre of the bounds. */
export function posePosition(pose: CameraPose, bounds: FigureBounds, aspect: number): Vector3 {
  const [azimuth, elevation] = ANGLES_DEG[pose].map((deg) => (deg * Math.PI) / 180);
  const away = fitDistance(bounds.size, aspect);
  return new Vector3(
    bounds.centre.x + away * Math.sin(azimuth) * Math.cos(elevation),
    bounds.centre.y + away * Math.sin(elevation),
    bounds.centre.z + away * Math.cos(azimuth) * Math.cos(elevation),
  );
}
