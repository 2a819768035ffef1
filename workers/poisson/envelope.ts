/**
 * Nothing of the mesh may stand outside the figure's silhouette by more than REACH_PX, as the camera sees it: where
 * no sample holds the surface (the rim between front and back) it can bulge. Vertices outside are moved sideways, at
 * their own depth, to REACH_PX from the nearest pixel that has a point. Counts and connections do not change.
 *
 * Only for clouds that come from a depth map. Holes in the silhouette (between arm and body) count as inside: a gap in
 * the points cannot be told from them.
 */
import type { OrientedCloud } from '../../src/gpu/kernel-set.ts';
import { CAMERA_Z, FOCAL_PX } from './frame.ts';

const SIDE = 2048;
const REACH_PX = 2;
/** Rounding of positions, generously. */
const TOLERANCE_PX = 0.01;
/** Vertices farther out than this stay: nothing near says where they belong. */
const FARTHEST_PX = 32;

const EMPTY = 0;
const NEAR = 1;
const POINT = 2;
const OUTSIDE = 3;

/** Moves vertices in place. Returns how many. */
export function holdInsideSilhouette(positions: Float32Array, cloud: OrientedCloud): number {
  const map = silhouette(cloud);
  let moved = 0;
  for (let at = 0; at < positions.length; at += 3) {
    const z = CAMERA_Z - positions[at + 2];
    const x = (positions[at] / z) * FOCAL_PX + SIDE / 2;
    const y = (-positions[at + 1] / z) * FOCAL_PX + SIDE / 2;
    const pixel = pixelAt(x, y);
    if (pixel === -1 || map[pixel] !== OUTSIDE) continue;
    const near = nearestPoint(map, x, y);
    if (!near || near[2] <= REACH_PX + TOLERANCE_PX) continue;
    const [px, py, distance] = near;
    const share = REACH_PX / distance;
    positions[at] = ((px + (x - px) * share - SIDE / 2) / FOCAL_PX) * z;
    positions[at + 1] = (-(py + (y - py) * share - SIDE / 2) / FOCAL_PX) * z;
    moved++;
  }
  return moved;
}

function pixelAt(x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  return column >= 0 && row >= 0 && column < SIDE && row < SIDE ? row * SIDE + column : -1;
}

/** Pixels with points, pixels within REACH_PX of them, and what the canvas's border reaches of the rest. */
function silhouette({ count, positions }: OrientedCloud): Uint8Array {
  const map = new Uint8Array(SIDE * SIDE);
  for (let at = 0; at < count * 3; at += 3) {
    const z = CAMERA_Z - positions[at + 2];
    const pixel = pixelAt(
      (positions[at] / z) * FOCAL_PX + SIDE / 2,
      (-positions[at + 1] / z) * FOCAL_PX + SIDE / 2,
    );
    if (pixel !== -1) map[pixel] = POINT;
  }
  const ring: (readonly [number, number])[] = [];
  for (let dy = -REACH_PX; dy <= REACH_PX; dy++) {
    for (let dx = -REACH_PX; dx <= REACH_PX; dx++) {
      if (dx * dx + dy * dy <= REACH_PX * REACH_PX) ring.push([dx, dy]);
    }
  }
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const pixel = row * SIDE + column;
      if (map[pixel] !== POINT) continue;
      // Inner pixels have nothing to spread.
      if (column > 0 && column < SIDE - 1 && map[pixel - 1] === POINT && map[pixel + 1] === POINT) {
        if (row > 0 && row < SIDE - 1 && map[pixel - SIDE] === POINT && map[pixel + SIDE] === POINT) continue;
      }
      for (const [dx, dy] of ring) {
        const near = pixelAt(column + dx, row + dy);
        if (near !== -1 && map[near] === EMPTY) map[near] = NEAR;
      }
    }
  }
  flood(map);
  return map;
}

/** Marks as OUTSIDE every empty pixel that the border reaches. */
function flood(map: Uint8Array): void {
  const stack: number[] = [];
  const reach = (pixel: number) => {
    if (map[pixel] !== EMPTY) return;
    map[pixel] = OUTSIDE;
    stack.push(pixel);
  };
  for (let k = 0; k < SIDE; k++) {
    reach(k);
    reach((SIDE - 1) * SIDE + k);
    reach(k * SIDE);
    reach(k * SIDE + SIDE - 1);
  }
  for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
    const column = pixel % SIDE;
    if (column > 0) reach(pixel - 1);
    if (column < SIDE - 1) reach(pixel + 1);
    if (pixel >= SIDE) reach(pixel - SIDE);
    if (pixel < SIDE * (SIDE - 1)) reach(pixel + SIDE);
  }
}

/** Centre of the nearest pixel with a point, and how far it is; null beyond FARTHEST_PX. */
function nearestPoint(map: Uint8Array, x: number, y: number): readonly [number, number, number] | null {
  const column = Math.floor(x);
  const row = Math.floor(y);
  let best: readonly [number, number, number] | null = null;
  for (let ring = 1; ring <= FARTHEST_PX; ring++) {
    // A square ring's nearest pixel is at least this far.
    if (best && best[2] <= ring - 1) break;
    for (let dy = -ring; dy <= ring; dy++) {
      const step = Math.abs(dy) === ring ? 1 : 2 * ring;
      for (let dx = -ring; dx <= ring; dx += step) {
        const pixel = pixelAt(column + dx, row + dy);
        if (pixel === -1 || map[pixel] !== POINT) continue;
        const px = column + dx + 0.5;
        const py = row + dy + 0.5;
        const distance = Math.hypot(px - x, py - y);
        if (!best || distance < best[2]) best = [px, py, distance];
      }
    }
  }
  return best;
}
