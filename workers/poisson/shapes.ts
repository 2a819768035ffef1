/** Analytic clouds for tests: spheres and the like, with exact normals, from a fixed sequence (golden spiral). */

import { METHOD_CAMERA } from './camera.ts';
import type { OrientedCloud } from './types.ts';

const { z: CAMERA_Z, focalPx: FOCAL_PX } = METHOD_CAMERA;

/** With the pixels that the product's clouds have. */
export type TestCloud = OrientedCloud & { readonly pixels: Uint32Array<ArrayBuffer> };

export type Point = readonly [number, number, number];

/** Points and normals of a sphere, evenly spread. */
export function spherePoints(count: number, centre: Point, radius: number): { at: Point; normal: Point }[] {
  const golden = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: count }, (_, i) => {
    const z = 1 - (2 * i + 1) / count;
    const r = Math.sqrt(1 - z * z);
    const normal: Point = [r * Math.cos(golden * i), r * Math.sin(golden * i), z];
    return {
      at: [centre[0] + radius * normal[0], centre[1] + radius * normal[1], centre[2] + radius * normal[2]],
      normal,
    };
  });
}

/** A cloud whose front half (normal toward +z) is red and seen, whose back half is blue and guessed. */
export function cloudOf(points: readonly { at: Point; normal: Point }[]): TestCloud {
  const count = points.length;
  const cloud = {
    count,
    positions: new Float32Array(count * 3),
    normals: new Float32Array(count * 3),
    colours: new Uint8Array(count * 3),
    sides: new Uint8Array(count),
    pixels: new Uint32Array(count),
  };
  points.forEach(({ at, normal }, i) => {
    cloud.positions.set(at, i * 3);
    cloud.normals.set(normal, i * 3);
    cloud.colours.set(normal[2] >= 0 ? [200, 40, 20] : [20, 40, 200], i * 3);
    cloud.sides[i] = normal[2] >= 0 ? 0 : 1;
  });
  return cloud;
}

export function sphereCloud(count: number, centre: Point = [0, 0, 0], radius = 0.5): TestCloud {
  return cloudOf(spherePoints(count, centre, radius));
}

/** A sphere as the method's camera sees it: front and back point of every pixel inside its silhouette. */
export function depthMapSphere(centre: Point, radius: number, keep = (_: Point) => true): TestCloud {
  const points: { at: Point; normal: Point }[] = [];
  const apart = centre.map((value, k) => (k === 2 ? CAMERA_Z : 0) - value);
  for (let row = 0; row < 2048; row++) {
    for (let column = 0; column < 2048; column++) {
      const ray = [(column - 1023.5) / FOCAL_PX, (1023.5 - row) / FOCAL_PX, -1];
      const a = ray[0] ** 2 + ray[1] ** 2 + 1;
      const b = apart[0] * ray[0] + apart[1] * ray[1] + apart[2] * ray[2];
      const c = apart[0] ** 2 + apart[1] ** 2 + apart[2] ** 2 - radius ** 2;
      const root = b * b - a * c;
      if (root <= 0) continue;
      for (const t of [(-b - Math.sqrt(root)) / a, (-b + Math.sqrt(root)) / a]) {
        const at: Point = [ray[0] * t, ray[1] * t, CAMERA_Z - t];
        const out = at.map((value, k) => (value - centre[k]) / radius);
        const normal: Point = [out[0], out[1], out[2]];
        if (keep(normal)) points.push({ at, normal });
      }
    }
  }
  return cloudOf(points);
}

/** Limbs of a figure: two ends and a radius. Units of the method's frame; the figure is 1 tall. */
const LIMBS: readonly { readonly a: Point; readonly b: Point; readonly radius: number }[] = [
  { a: [0, 0.4, 0], b: [0, 0.43, 0], radius: 0.055 },
  { a: [0, 0.3, 0], b: [0, 0.05, 0], radius: 0.08 },
  { a: [-0.05, 0, 0], b: [-0.09, -0.45, 0.03], radius: 0.04 },
  { a: [0.05, 0, 0], b: [0.07, -0.45, -0.02], radius: 0.04 },
  { a: [-0.09, 0.29, 0], b: [-0.25, 0.05, 0.04], radius: 0.028 },
  { a: [0.09, 0.29, 0], b: [0.16, 0.14, 0.06], radius: 0.028 },
  { a: [0.16, 0.14, 0.06], b: [0, 0.12, 0.13], radius: 0.02 },
];

function figureDistance(x: number, y: number, z: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { a, b, radius } of LIMBS) {
    const [ux, uy, uz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
    const [px, py, pz] = [x - a[0], y - a[1], z - a[2]];
    const t = Math.min(1, Math.max(0, (px * ux + py * uy + pz * uz) / (ux * ux + uy * uy + uz * uz)));
    least = Math.min(least, Math.hypot(px - ux * t, py - uy * t, pz - uz * t) - radius);
  }
  return least;
}

/** A simple person as the method's camera sees it, front and back, every `step`-th pixel in both directions. */
export function figureCloud(step: number): TestCloud {
  const points: { at: Point; normal: Point }[] = [];
  for (let row = step >> 1; row < 2048; row += step) {
    for (let column = step >> 1; column < 2048; column += step) {
      const ray = [(column - 1023.5) / FOCAL_PX, (1023.5 - row) / FOCAL_PX];
      const at = (t: number): Point => [ray[0] * t, ray[1] * t, CAMERA_Z - t];
      const length = Math.hypot(ray[0], ray[1], 1);
      for (const [from, to] of [
        [CAMERA_Z - 0.3, CAMERA_Z + 0.3],
        [CAMERA_Z + 0.3, CAMERA_Z - 0.3],
      ]) {
        const way = Math.sign(to - from);
        let t = from;
        let d = 1;
        while ((to - t) * way > 0 && d > 1e-6) {
          d = figureDistance(...at(t));
          t += (way * d) / length;
        }
        if (d > 1e-6) break;
        const [x, y, z] = at(t);
        const gradient = [
          figureDistance(x + 1e-4, y, z) - figureDistance(x - 1e-4, y, z),
          figureDistance(x, y + 1e-4, z) - figureDistance(x, y - 1e-4, z),
          figureDistance(x, y, z + 1e-4) - figureDistance(x, y, z - 1e-4),
        ];
        const size = Math.hypot(...gradient);
        points.push({ at: [x, y, z], normal: [gradient[0] / size, gradient[1] / size, gradient[2] / size] });
      }
    }
  }
  return cloudOf(points);
}
