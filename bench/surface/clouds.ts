/**
 * The two benchmark clouds of the analytic person, as a 2048 x 2048 front and back depth map sees it:
 * `clean` has exact depths; `filtered` has depths blurred 5 x 5 inside the mask with 0.15 px of noise, and drops
 * grazing points (|cos| < 0.12) and points at jumps over 8 px, as our own clouds do. Normals come from one-sided
 * depth differences that never cross a jump. About 1.38 M points. Frame: as OrientedCloud.
 */
import type { OrientedCloud } from '../../src/base/cloud.ts';
import { hashNoise } from '../../src/base/deterministic.ts';
import { FOCAL_PX, SIDE_PX, signedDistance } from './person.ts';

export type CloudKind = 'clean' | 'filtered';

/** Divisor of the method's final frame, docs/method.md#camera-and-cloud. */
export const FRAME_SCALE = 1.0367394227574303;

const rayX = (column: number) => (column + 0.5 - SIDE_PX / 2) / FOCAL_PX;

export interface DepthPair {
  readonly front: Float32Array;
  readonly back: Float32Array;
}

/** z of the nearest and of the farthest surface along every pixel's ray, 0 outside. */
export function traceDepths(): DepthPair {
  const front = new Float32Array(SIDE_PX * SIDE_PX);
  const back = new Float32Array(SIDE_PX * SIDE_PX);
  const block = 16;
  for (let by = 0; by < SIDE_PX; by += block) {
    for (let bx = 0; bx < SIDE_PX; bx += block) {
      if (!blockSeesBody(bx + block / 2, by + block / 2)) continue;
      for (let row = by; row < by + block; row++) {
        for (let column = bx; column < bx + block; column++) {
          const z = march(rayX(column), rayX(row), 0.6, 1.4, 1, 400);
          if (z === 0) continue;
          front[row * SIDE_PX + column] = z;
          back[row * SIDE_PX + column] = march(rayX(column), rayX(row), 1.4, 0.6, -1, 600);
        }
      }
    }
  }
  return { front, back };
}

function blockSeesBody(column: number, row: number): boolean {
  const x = rayX(column);
  const y = rayX(row);
  const length = Math.hypot(x, y, 1);
  for (let z = 0.5; z < 1.5; ) {
    const d = signedDistance(x * z, y * z, z) - (14 / FOCAL_PX) * z;
    if (d < 0.003) return true;
    z += Math.max(d * 0.7, 0.002) / length;
  }
  return false;
}

function march(x: number, y: number, from: number, to: number, way: 1 | -1, steps: number): number {
  const length = Math.hypot(x, y, 1);
  let z = from;
  for (let k = 0; k < steps && (to - z) * way > 0; k++) {
    const d = signedDistance(x * z, y * z, z);
    if (d < 1e-6) return z;
    z += (way * Math.max(d * 0.45, 2e-6)) / length;
  }
  return 0;
}

/** 5 x 5 binomial blur inside the mask, then normal noise of 0.15 px. */
function blurred(map: Float32Array, seed: number): Float32Array {
  const kernel = [1, 4, 6, 4, 1];
  const out = new Float32Array(map.length);
  for (let row = 2; row < SIDE_PX - 2; row++) {
    for (let column = 2; column < SIDE_PX - 2; column++) {
      const at = row * SIDE_PX + column;
      if (map[at] === 0) continue;
      let sum = 0;
      let weight = 0;
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) {
          const value = map[at + dy * SIDE_PX + dx];
          if (value === 0) continue;
          const w = kernel[dx + 2] * kernel[dy + 2];
          sum += w * value;
          weight += w;
        }
      }
      // Box and Muller's normal deviate from two hash values.
      const u = Math.max(1e-7, (hashNoise(seed, at * 2) + 1) / 2);
      const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(Math.PI * hashNoise(seed, at * 2 + 1));
      out[at] = sum / weight + (0.15 / FOCAL_PX) * normal;
    }
  }
  return out;
}

/** Difference along one axis as a vector, across the nearer neighbour only where the other lies behind a jump. */
function tangent(map: Float32Array, at: number, step: number, point: (index: number) => number[]) {
  const pixel = 1 / FOCAL_PX;
  const here = map[at];
  const before = map[at - step] > 0 ? Math.abs(map[at - step] - here) : Infinity;
  const after = map[at + step] > 0 ? Math.abs(map[at + step] - here) : Infinity;
  if (before === Infinity && after === Infinity) return null;
  const smooth = Math.max(before, after) < 6 * pixel && Math.abs(before - after) < 2 * pixel;
  const a = point(smooth || before < after ? at - step : at);
  const b = point(smooth || before >= after ? at + step : at);
  return { vector: [b[0] - a[0], b[1] - a[1], b[2] - a[2]], jump: Math.min(before, after) };
}

export function makeCloud(depths: DepthPair, kind: CloudKind): OrientedCloud {
  const maps =
    kind === 'clean' ? [depths.front, depths.back] : [blurred(depths.front, 1), blurred(depths.back, 2)];
  const most = 2 * maps[0].reduce((n, z) => n + (z > 0 ? 1 : 0), 0);
  const positions = new Float32Array(most * 3);
  const normals = new Float32Array(most * 3);
  const colours = new Uint8Array(most * 3);
  const sides = new Uint8Array(most);
  const pixels = new Uint32Array(most);
  let count = 0;
  maps.forEach((map, side) => {
    const point = (index: number) => {
      const z = map[index];
      return [rayX(index % SIDE_PX) * z, rayX(Math.floor(index / SIDE_PX)) * z, z];
    };
    for (let row = 1; row < SIDE_PX - 1; row++) {
      for (let column = 1; column < SIDE_PX - 1; column++) {
        const at = row * SIDE_PX + column;
        if (map[at] <= 0) continue;
        const u = tangent(map, at, 1, point);
        const v = tangent(map, at, SIDE_PX, point);
        if (!u || !v) continue;
        const [a, b] = [u.vector, v.vector];
        const normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
        const length = Math.hypot(...normal);
        const p = point(at);
        const along = (normal[0] * p[0] + normal[1] * p[1] + normal[2] * p[2]) / length / Math.hypot(...p);
        if (!(length > 0)) continue;
        const jump = Math.max(u.jump, v.jump) * FOCAL_PX;
        if (kind === 'filtered' && (Math.abs(along) < 0.12 || jump > 8)) continue;
        const turn = (side === 0 ? along > 0 : along < 0) ? -1 : 1;
        positions.set([p[0] / FRAME_SCALE, -p[1] / FRAME_SCALE, (1 - p[2]) / FRAME_SCALE], count * 3);
        const unit = turn / length;
        normals.set([normal[0] * unit, -normal[1] * unit, -normal[2] * unit], count * 3);
        for (let k = 0; k < 3; k++) colours[count * 3 + k] = 127 + 120 * Math.sin([60, 45, 70][k] * p[k]);
        sides[count] = side;
        pixels[count++] = at;
      }
    }
  });
  return {
    count,
    positions: positions.slice(0, count * 3),
    normals: normals.slice(0, count * 3),
    colours: colours.slice(0, count * 3),
    sides: sides.slice(0, count),
    pixels: pixels.slice(0, count),
  };
}
