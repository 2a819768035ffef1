/** Front and back of a finished mesh as its camera sees it: the nearest and the farthest surface along each ray. */
import { CLOUD_DIVISOR, HALF_VIEW_TANGENT } from './camera.ts';

export interface FigureDepths {
  /** Side of the square maps, px. */
  readonly size: number;
  /** Distance along the ray, camera units; Infinity where there is no figure. */
  readonly front: Float32Array<ArrayBuffer>;
  /** -Infinity where there is no figure. */
  readonly back: Float32Array<ArrayBuffer>;
}

/** Column, row (px of a canvas of `size`) and distance along the ray of a place in the method's frame. */
export function seenAt(
  x: number,
  y: number,
  z: number,
  size: number,
): readonly [column: number, row: number, distance: number] {
  const [cx, cy, cz] = [x * CLOUD_DIVISOR, -y * CLOUD_DIVISOR, 1 - z * CLOUD_DIVISOR];
  const toPixel = (tangent: number) => ((tangent / HALF_VIEW_TANGENT + 1) * size - 1) / 2;
  return [toPixel(cx / cz), toPixel(cy / cz), Math.hypot(cx, cy, cz)];
}

/** The inverse: the place at a distance along the ray of a pixel, method's frame. */
export function placeAt(
  column: number,
  row: number,
  distance: number,
  size: number,
): readonly [x: number, y: number, z: number] {
  const tangent = (pixel: number) => ((2 * pixel + 1) / size - 1) * HALF_VIEW_TANGENT;
  const [tx, ty] = [tangent(column), tangent(row)];
  const depth = distance / Math.hypot(tx, ty, 1);
  return [(tx * depth) / CLOUD_DIVISOR, (-ty * depth) / CLOUD_DIVISOR, (1 - depth) / CLOUD_DIVISOR];
}

/**
 * Draws every triangle into both maps.
 *
 * @param positions 3 per vertex, method's frame.
 */
export function figureDepths(positions: Float32Array, indices: Uint32Array, size = 512): FigureDepths {
  const count = positions.length / 3;
  const seen = new Float32Array(positions.length);
  for (let i = 0; i < count; i++) {
    seen.set(seenAt(positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2], size), i * 3);
  }
  const front = new Float32Array(size * size).fill(Number.POSITIVE_INFINITY);
  const back = new Float32Array(size * size).fill(Number.NEGATIVE_INFINITY);
  const put = (column: number, row: number, distance: number) => {
    const at = row * size + column;
    if (distance < front[at]) front[at] = distance;
    if (distance > back[at]) back[at] = distance;
  };
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t] * 3, indices[t + 1] * 3, indices[t + 2] * 3];
    const [ax, ay, bx, by, cx, cy] = [seen[a], seen[a + 1], seen[b], seen[b + 1], seen[c], seen[c + 1]];
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx)));
    const right = Math.min(size - 1, Math.floor(Math.max(ax, bx, cx)));
    const top = Math.max(0, Math.ceil(Math.min(ay, by, cy)));
    const bottom = Math.min(size - 1, Math.floor(Math.max(ay, by, cy)));
    if (Math.abs(area) < 1e-12) continue;
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const v = ((column - ax) * (cy - ay) - (row - ay) * (cx - ax)) / area;
        const w = ((bx - ax) * (row - ay) - (by - ay) * (column - ax)) / area;
        if (v < 0 || w < 0 || v + w > 1) continue;
        put(column, row, seen[a + 2] * (1 - v - w) + seen[b + 2] * v + seen[c + 2] * w);
      }
    }
  }
  return { size, front, back };
}
