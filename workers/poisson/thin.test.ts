import { beforeAll, describe, expect, test } from 'vitest';
import { METHOD_CAMERA } from './camera.ts';
import { poissonModule } from './load-module.node.mjs';
import { cloudOf, type Point } from './shapes.ts';
import { type SolveResult, solveSurface } from './solver.ts';
import { reportEdges } from './topology.ts';
import { DEFAULT_SURFACE_OPTIONS } from './types.ts';

const { z: CAMERA_Z, focalPx: FOCAL_PX } = METHOD_CAMERA;

/** Millimetres of a person of 1.8 m in the method's frame, whose height is 0.846 / 1.0367 (docs/method.md#camera-and-cloud). */
const MM = 0.846 / 1.0367394227574303 / 1800;
const PX = CAMERA_Z / FOCAL_PX;

type Distance = (x: number, y: number, z: number) => number;

const capsule =
  (a: Point, b: Point, radius: number): Distance =>
  (x, y, z) => {
    const ab = b.map((value, k) => value - a[k]);
    const ap = [x - a[0], y - a[1], z - a[2]];
    const along = (ap[0] * ab[0] + ap[1] * ab[1] + ap[2] * ab[2]) / (ab[0] ** 2 + ab[1] ** 2 + ab[2] ** 2);
    const h = Math.min(1, Math.max(0, along));
    return Math.hypot(ap[0] - ab[0] * h, ap[1] - ab[1] * h, ap[2] - ab[2] * h) - radius;
  };

/** A box with rounded edges: half sizes without the rounding. */
const plate =
  (centre: Point, half: Point, radius: number): Distance =>
  (x, y, z) => {
    const q = [x, y, z].map((value, k) => Math.abs(value - centre[k]) - half[k]);
    const outside = Math.hypot(...q.map((value) => Math.max(value, 0)));
    return outside + Math.min(Math.max(...q), 0) - radius;
  };

/** Front and back depth map of a scene, as the method's camera sees it. */
function seeScene(distance: Distance, left: number, right: number, bottom: number, top: number) {
  const points: { at: Point; normal: Point }[] = [];
  const march = (ray: Point, from: number, way: 1 | -1): Point | null => {
    for (let t = from, k = 0; k < 200 && Math.abs(t - from) < 0.4; k++) {
      const at: Point = [ray[0] * t, ray[1] * t, CAMERA_Z - t];
      const d = distance(...at);
      if (d < 1e-7) return at;
      t += way * Math.max(d * 0.9, 1e-6);
    }
    return null;
  };
  const add = (at: Point) => {
    const e = 1e-5;
    const [x, y, z] = at;
    const g = [
      distance(x + e, y, z) - distance(x - e, y, z),
      distance(x, y + e, z) - distance(x, y - e, z),
      distance(x, y, z + e) - distance(x, y, z - e),
    ];
    const length = Math.hypot(...g);
    points.push({ at, normal: [g[0] / length, g[1] / length, g[2] / length] });
  };
  const column = (x: number) => Math.round((x / CAMERA_Z) * FOCAL_PX + 1024);
  for (let row = column(-top) - 20; row < column(-bottom) + 20; row++) {
    for (let c = column(left) - 20; c < column(right) + 20; c++) {
      const ray: Point = [(c - 1023.5) / FOCAL_PX, (1023.5 - row) / FOCAL_PX, -1];
      const front = march(ray, CAMERA_Z - 0.2, 1);
      const back = front && march(ray, CAMERA_Z + 0.2, -1);
      if (!front || !back) continue;
      add(front);
      add(back);
    }
  }
  return cloudOf(points);
}

/** A pole as high as a person (so that cells have their real size), with a finger, a strand and a hem. */
const pole = capsule([0, -880 * MM, 0], [0, 880 * MM, 0], 20 * MM);
const finger = capsule([0, 300 * MM, 0], [92 * MM, 320 * MM, 20 * MM], 8 * MM);
const strand = capsule([0, 600 * MM, 0], [100 * MM, 480 * MM, -15 * MM], 2 * PX);
const hem = plate([60 * MM, 0, 0], [58 * MM, 38 * MM, 0.5 * MM], 2 * MM);
const scene: Distance = (x, y, z) => Math.min(pole(x, y, z), finger(x, y, z), strand(x, y, z), hem(x, y, z));

const cloud = seeScene(scene, -20 * MM, 130 * MM, -900 * MM, 900 * MM);

describe.each([9, 10])('thin things at depth %i', (depth) => {
  let result: SolveResult;
  beforeAll(async () => {
    result = solveSurface(await poissonModule(), cloud, {
      ...DEFAULT_SURFACE_OPTIONS,
      depth,
      camera: METHOD_CAMERA,
    });
  }, 120_000);

  const verticesWhere = (inside: (x: number, y: number, z: number) => boolean) => {
    const { positions } = result.mesh;
    const found: Point[] = [];
    for (let at = 0; at < positions.length; at += 3) {
      const p: Point = [positions[at] / MM, positions[at + 1] / MM, positions[at + 2] / MM];
      if (inside(...p)) found.push(p);
    }
    return found;
  };
  const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity);
  const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);

  test('stay, closed and in one piece', () => {
    const { mesh, stats } = result;
    expect(reportEdges(mesh.indices, mesh.positions.length / 3)).toMatchObject({
      boundary: 0,
      nonManifold: 0,
    });
    expect(stats.components).toBe(1);
  });

  test('a finger of 8 mm radius keeps its length and thickness', () => {
    const tip = verticesWhere((x, y) => x > 30 && y > 250 && y < 400);
    expect(Math.abs(most(tip.map(([x]) => x)) - 100)).toBeLessThan(1);
    // At half its length, above and below its axis, which rises from y = 300 to 320 over 92 mm.
    const middle = tip.filter(([x]) => Math.abs(x - 60) < 4).map(([x, y]) => y - 300 - (x * 20) / 92);
    expect(Math.abs(most(middle) - 8.2)).toBeLessThan(0.6);
    expect(Math.abs(least(middle) + 8.2)).toBeLessThan(0.6);
  });

  test('a hem of 5 mm keeps its width, height and thickness', () => {
    const sheet = verticesWhere((x, y) => x > 30 && Math.abs(y) < 100);
    expect(Math.abs(most(sheet.map(([x]) => x)) - 120)).toBeLessThan(1);
    expect(Math.abs(most(sheet.map(([, y]) => y)) - 40)).toBeLessThan(1);
    expect(Math.abs(least(sheet.map(([, y]) => y)) + 40)).toBeLessThan(1);
    const inner = sheet.filter(([x, y]) => x < 110 && Math.abs(y) < 30).map(([, , z]) => Math.abs(z));
    expect(least(inner)).toBeGreaterThan(1.8);
    expect(most(inner)).toBeLessThan(3.4);
  });

  // At depth 9 a cell is as wide as the strand: it cannot be drawn there.
  test.runIf(depth === 10)('a strand of 4 px reaches its end', () => {
    const hair = verticesWhere((x, y) => x > 30 && y > 440 && y < 600);
    expect(most(hair.map(([x]) => x))).toBeGreaterThan(99);
    // Every 10 mm of it is there, and nowhere thicker than 3 px off its axis.
    for (let x = 30; x < 100; x += 10) {
      const part = hair.filter((p) => p[0] >= x && p[0] < x + 10);
      expect(part.length).toBeGreaterThan(6);
      for (const p of part) expect(strand(p[0] * MM, p[1] * MM, p[2] * MM) / PX).toBeLessThan(1);
    }
  });
});
