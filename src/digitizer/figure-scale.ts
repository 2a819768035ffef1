/**
 * How large the figure is. A whole person is as tall as the mesh; of one whom the photo cuts off the joints say how tall the
 * rest would be, so that a bust does not become 1.70 m tall and hangs where it belongs above the floor.
 */
import type { WholeFigure } from '../export/placement.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { CLOUD_DIVISOR, focalPx } from '../geometry/camera.ts';
import { figureBox } from '../geometry/framing.ts';
import { photoRectangle } from '../geometry/keypoints.ts';
import type { RunResults } from './stage.ts';

/** Share of the figure beyond the photo's border from which on it is cut off. */
const CUT_OFF = 0.03;
/** Only where the mesh lacks this much of the whole figure, too. */
const LACKING = 0.06;

/**
 * @param extent lowest and highest y of the mesh.
 * @returns null where the mesh is the whole figure: its own height counts.
 */
export function wholeFigure(
  { photo, pose }: Pick<RunResults, 'photo' | 'pose'>,
  [low, high]: readonly [number, number],
): WholeFigure | null {
  if (!photo || !pose) return null;
  const { top, bottom } = photoRectangle(photo.mapping);
  const box = figureBox(pose.keypoints);
  const tall = box.bottom - box.top;
  const beyond = Math.max(box.bottom - bottom, top - box.top);
  if (beyond < CUT_OFF * tall) return null;
  // At the figure's plane a canvas px is as large in every camera (framing.ts).
  const unitsPerPx = 1 / (focalPx(CANVAS_SIZE) * CLOUD_DIVISOR);
  const height = tall * unitsPerPx;
  if (high - low > (1 - LACKING) * height) return null;
  return { floor: (CANVAS_SIZE / 2 - box.bottom) * unitsPerPx, height };
}

export function extentOf(positions: Float32Array): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 1; i < positions.length; i += 3) {
    low = Math.min(low, positions[i]);
    high = Math.max(high, positions[i]);
  }
  return [low, high];
}
