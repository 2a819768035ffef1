import { expect, test } from 'vitest';
import { canvasFromCloud, cloudFromCamera, cloudFromCanvas, pixelTangents, unproject } from './camera.ts';

test.each([64, 2048])(
  'a pixel of a canvas of %i px is found again from its point, whatever its depth',
  (size) => {
    const tangents = pixelTangents(size);
    for (const [column, row] of [
      [0, 0],
      [size - 1, 3],
      [size / 2, size / 3],
    ].map((pair) => pair.map(Math.floor))) {
      for (const distance of [0.6, 1, 1.3]) {
        const point = cloudFromCamera(unproject(tangents[column], tangents[row], distance));
        const [x, y] = canvasFromCloud(point, size);
        expect(x).toBeCloseTo(column, 6);
        expect(y).toBeCloseTo(row, 6);
      }
    }
  },
);

test('a pixel at its depth is a point that is seen at that pixel', () => {
  for (const [column, row, depth] of [
    [0, 0, 900],
    [1024, 300, 1024],
    [1500, 2047, 1200],
  ]) {
    const point = cloudFromCanvas(column, row, depth, 2048);
    const [x, y] = canvasFromCloud(point, 2048);
    expect([x, y]).toEqual([expect.closeTo(column, 4), expect.closeTo(row, 4)]);
  }
  // In the middle, at the middle's depth: where the figure stands.
  const [x, y, z] = cloudFromCanvas(1023.5, 1023.5, 1024, 2048);
  expect([x, y, z]).toEqual([expect.closeTo(0, 6), expect.closeTo(0, 6), expect.closeTo(0, 6)]);
});
