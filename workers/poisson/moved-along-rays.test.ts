import { expect, test } from 'vitest';
import { sphereMesh } from '../../src/export/mesh-fixtures.ts';
import { METHOD_CAMERA } from './camera.ts';
import { findIntersections } from './intersections.ts';
import { mayMeet } from './moved-along-rays.ts';

const camera = METHOD_CAMERA;
const ball = sphereMesh(40, 60);
const [low, high] = [0, 1].map((k) => ball.positions.reduce((m, x) => (k ? Math.max(m, x) : Math.min(m, x))));
/** The ball as large as a head, before the camera. */
const positions = ball.positions.map((value) => ((value - (low + high) / 2) / (high - low)) * 0.2);
const REACH = 0.01;

/** Vertices in a cone round the camera's axis, those that face it, pushed along their rays. */
function pushed(byAtMost: number) {
  const p = positions.slice();
  const moved = new Uint8Array(p.length / 3);
  for (let v = 0; v < moved.length; v++) {
    const [x, y, z] = p.subarray(v * 3, v * 3 + 3);
    if (z < 0.02 || Math.hypot(x, y) > 0.05) continue;
    const factor = 1 + (byAtMost * (1 - Math.hypot(x, y) / 0.05)) / (camera.z - z);
    p.set([x * factor, y * factor, camera.z - (camera.z - z) * factor], v * 3);
    moved[v] = 1;
  }
  return { p, moved };
}

test('a dent that reaches the far side: every triangle that meets another one is named', () => {
  const { p, moved } = pushed(0.21);
  const bad = new Set<number>();
  findIntersections(p, ball.indices, (a, b) => bad.add(a).add(b));
  expect(bad.size).toBeGreaterThan(10);
  const named = new Set(mayMeet(p, ball.indices, moved, camera, REACH));
  expect([...bad].filter((t) => !named.has(t))).toEqual([]);
});

test('a shallow dent with nothing near that turns away: nothing need be asked', () => {
  const { p, moved } = pushed(0.01);
  expect(moved.includes(1)).toBe(true);
  expect(mayMeet(p, ball.indices, moved, camera, REACH).length).toBe(0);
});
