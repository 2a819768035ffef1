/** Points through a lens: where framing.ts says, normals with them, and nothing moves in the method's own camera. */
import { expect, test } from 'vitest';
import type { OrientedCloud } from '../base/cloud.ts';
import type { Steps } from '../base/steps.ts';
import { CANVAS_SIZE } from './body.ts';
import { cloudFromCamera, focalPx, unproject } from './camera.ts';
import { isMethodCamera, outOfLensSteps, pinholeOf, throughLensSteps, turn } from './framed-cloud.ts';
import { type CanvasCamera, cameraOf, unprojectFramed } from './framing.ts';
import { squareMapping } from './keypoints.ts';

const OWN = focalPx(CANVAS_SIZE);
const LENS: CanvasCamera = { focalPx: OWN * 2.5, distance: 2.5, yawRad: 0.2, pitchRad: -0.15 };

/** A ball of radius 0.2 around distance 1, as the method's camera sees its front. */
function ball(): { cloud: OrientedCloud; pixels: [column: number, row: number, distance: number][] } {
  const pixels: [number, number, number][] = [];
  const positions: number[] = [];
  const normals: number[] = [];
  for (let row = 700; row < 1350; row += 25) {
    for (let column = 700; column < 1350; column += 25) {
      const [u, v] = [(column - 1024) / OWN, (row - 1024) / OWN];
      // |t (u, v, 1) - (0, 0, 1)| = 0.2, the nearer hit.
      const a = u * u + v * v + 1;
      const root = 1 - a * (1 - 0.04);
      if (root < 0.003) continue;
      const t = (1 - Math.sqrt(root)) / a;
      const distance = t * Math.sqrt(a);
      pixels.push([column, row, distance]);
      positions.push(...cloudFromCamera(unproject(u, v, distance)));
      normals.push((t * u) / 0.2, (-t * v) / 0.2, -(t - 1) / 0.2);
    }
  }
  const count = pixels.length;
  return {
    pixels,
    cloud: {
      count,
      positions: Float32Array.from(positions),
      normals: Float32Array.from(normals),
      colours: new Uint8Array(count * 3),
      sides: new Uint8Array(count),
      pixels: new Uint32Array(count),
    },
  };
}

const through = (cloud: OrientedCloud, camera: CanvasCamera) => ended(throughLensSteps(cloud, camera));

function ended<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

test('every point lies where the lens sees it', () => {
  const { cloud, pixels } = ball();
  const moved = through(cloud, LENS);
  pixels.forEach(([column, row, distance], i) => {
    const [x, y, z] = unprojectFramed(LENS, column, row, distance);
    const want = cloudFromCamera([x, y, z - LENS.distance + 1]);
    for (let axis = 0; axis < 3; axis++) expect(moved.positions[i * 3 + axis]).toBeCloseTo(want[axis], 5);
  });
});

test('normals stay square to the surface', () => {
  const { cloud, pixels } = ball();
  const moved = through(cloud, LENS);
  const at = new Map(pixels.map(([column, row], i) => [`${column} ${row}`, i]));
  let looked = 0;
  pixels.forEach(([column, row], i) => {
    for (const [right, down] of [
      [25, 0],
      [0, 25],
    ]) {
      const before = at.get(`${column - right} ${row - down}`);
      const after = at.get(`${column + right} ${row + down}`);
      if (after === undefined || before === undefined) continue;
      const step = [0, 1, 2].map(
        (axis) => moved.positions[after * 3 + axis] - moved.positions[before * 3 + axis],
      );
      const dot = step.reduce((sum, value, axis) => sum + value * moved.normals[i * 3 + axis], 0);
      expect(Math.abs(dot) / Math.hypot(...step)).toBeLessThan(0.06);
      looked++;
    }
  });
  expect(looked).toBeGreaterThan(200);
});

test('the pinhole of a straight lens sees each point at its own pixel', () => {
  const straight = { ...LENS, yawRad: 0, pitchRad: 0 };
  const { cloud, pixels } = ball();
  const moved = through(cloud, straight);
  const { z: height, focalPx: focal } = pinholeOf(straight);
  pixels.forEach(([column, row], i) => {
    const [x, y, z] = moved.positions.subarray(i * 3, i * 3 + 3);
    expect((x / (height - z)) * focal + 1024).toBeCloseTo(column, 1);
    expect((-y / (height - z)) * focal + 1024).toBeCloseTo(row, 1);
  });
});

test('turned and turned back is as before; the method’s camera moves nothing', () => {
  const values = Float32Array.of(0.1, -0.3, 0.2, 0.4, 0.5, -0.6);
  const turned = values.slice();
  turn(turned, LENS);
  expect(turned[0]).not.toBeCloseTo(values[0], 3);
  turn(turned, LENS, true);
  turned.forEach((value, i) => {
    expect(value).toBeCloseTo(values[i], 5);
  });

  const { cloud } = ball();
  const before = cloud.positions.slice();
  const own = cameraOf(squareMapping(2048, 2048), null);
  expect(isMethodCamera(own)).toBe(true);
  expect(through(cloud, own).positions).toEqual(before);
});

test('out of the lens is the way back, normals too, and leaves what it was given alone', () => {
  const { cloud } = ball();
  const moved = through(
    { ...cloud, positions: cloud.positions.slice(), normals: cloud.normals.slice() },
    LENS,
  );
  const there = moved.positions.slice();
  const back = ended(outOfLensSteps(moved, LENS));
  expect(moved.positions).toEqual(there);
  expect(Math.max(...back.positions.map((value, i) => Math.abs(value - cloud.positions[i])))).toBeLessThan(
    1e-5,
  );
  expect(Math.max(...back.normals.map((value, i) => Math.abs(value - cloud.normals[i])))).toBeLessThan(1e-4);
});
