import { expect, test } from 'vitest';
import { hashNoise } from '../../../src/base/deterministic.ts';
import { makeBody } from '../../../tests/cases/clouds/body.ts';
import { cloudOf, type Point, sphereCloud } from '../shapes.ts';
import { prepareCloud } from './prepare-cloud.ts';
import { dimensionOf } from './scattered-points.ts';

/** Body and head, the body's points one in `every`. */
function body(count: number, every: number) {
  const { positions, normals } = makeBody(count);
  return positions
    .map((at, i) => ({ at: at as unknown as Point, normal: normals[i] as unknown as Point }))
    .filter(({ at }, i) => at[1] > 0.7 || hashNoise(9, i) >= 1 - 2 / every);
}

/** Points in a box `size` wide. */
const haze = (count: number, size: number) =>
  Array.from({ length: count }, (_, i) => {
    const at: Point = [
      hashNoise(1, i) * (size / 2),
      hashNoise(2, i) * (size / 2),
      hashNoise(3, i) * (size / 2),
    ];
    return { at, normal: [0, 1, 0] as Point };
  });

test('a trunk a hundred times thinner sampled than the head is no outlier', () => {
  const prepared = prepareCloud(cloudOf(body(20_000, 100)));
  expect(prepared).toMatchObject({ outliers: 0, normals: 'given', notices: [] });
});

test.each([
  ['1 %', 120, 5],
  ['10 %', 1200, 5],
  ['10 %, farther', 1200, 50],
])('points that hang in the air round a body are left out: %s', (_, count, size) => {
  const points = body(12_000, 1);
  const { outliers, cloud } = prepareCloud(cloudOf([...points, ...haze(count, size)]));
  // A few lie on the body by chance.
  expect(outliers).toBeGreaterThan(count * 0.95);
  expect(cloud.count).toBeGreaterThanOrEqual(points.length - 12);
});

test('a surface has two dimensions, a haze three', () => {
  expect(dimensionOf(sphereCloud(2000).positions)).toBeLessThan(2.2);
  expect(dimensionOf(cloudOf(haze(2000, 1)).positions)).toBeGreaterThan(2.4);
});

test('a cloud that needs nothing comes back as it is', () => {
  const cloud = sphereCloud(3000);
  expect(prepareCloud(cloud).cloud).toBe(cloud);
});

test('of two bodies only the one with inward normals is turned', () => {
  const left = body(2000, 1);
  const right = left.map(({ at, normal }) => ({
    at: [at[0] + 4, at[1], at[2]] as Point,
    normal: normal.map((value) => -value) as unknown as Point,
  }));
  const { cloud, notices } = prepareCloud(cloudOf([...left, ...right]));
  expect(notices.join('\n')).toMatch(/2 bodies far apart[\s\S]*point into the body: they are turned round/);
  for (let i = 0; i < left.length; i++) {
    const j = (i + left.length) * 3;
    expect(cloud.normals[j]).toBeCloseTo(cloud.normals[i * 3], 5);
  }
});
