import { expect, test } from 'vitest';
import { sphereMesh } from './mesh-fixtures.ts';
import { portraitOf } from './portrait.ts';

test('a sphere fills its picture as a disc, in its colours, on nothing', () => {
  const mesh = sphereMesh(20, 30);
  const picture = portraitOf(mesh, 40, 50);
  if (!picture) throw new Error('no picture');
  const alpha = (x: number, y: number) => picture.data[(y * 40 + x) * 4 + 3];
  expect(alpha(20, 25)).toBe(255);
  expect([alpha(0, 0), alpha(39, 0), alpha(0, 49), alpha(39, 49)]).toEqual([0, 0, 0, 0]);
  let covered = 0;
  for (let i = 3; i < picture.data.length; i += 4) covered += picture.data[i] / 255;
  // A disc of the width less its margins: no holes between the triangles.
  const radius = (40 * 0.9) / 2;
  expect(covered / (Math.PI * radius ** 2)).toBeGreaterThan(0.97);
  expect(covered / (Math.PI * radius ** 2)).toBeLessThan(1.06);
});

test('nothing has no portrait', () => {
  const empty = new Float32Array();
  const none = new Uint8Array();
  expect(
    portraitOf(
      {
        positions: empty,
        normals: empty,
        colours: none,
        seen: none,
        confidence: none,
        indices: new Uint32Array(),
      },
      40,
      50,
    ),
  ).toBeNull();
});
