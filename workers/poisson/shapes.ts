/** Analytic clouds for tests: spheres and the like, with exact normals, from a fixed sequence (golden spiral). */
import type { OrientedCloud } from '../../src/gpu/kernel-set.ts';

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
export function cloudOf(points: readonly { at: Point; normal: Point }[]): OrientedCloud {
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

export function sphereCloud(count: number, centre: Point = [0, 0, 0], radius = 0.5): OrientedCloud {
  return cloudOf(spherePoints(count, centre, radius));
}
