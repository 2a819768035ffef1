import { expect, test } from 'vitest';
import { canvasFromCloud, cloudFromCamera, pixelTangents, unproject } from './camera.ts';

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
