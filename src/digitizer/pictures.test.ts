import { describe, expect, test } from 'vitest';
import { planarMap } from '../base/images.ts';
import { finish } from '../base/steps.ts';
import { cropOfCanvas, cutoutPictureSteps, depthPicture, normalsPicture } from './pictures.ts';

const identity = Float32Array.from([1, 0, 0, 0, 1, 0]);

describe('pictures', () => {
  test('a canvas map looked up through a crop keeps its values in place', () => {
    const canvas = planarMap([1, 64, 64]);
    canvas.data[32 * 64 + 32] = 0.75; // canvas px 1024..1055 in both axes
    const crop = cropOfCanvas(canvas, 0, { height: 176, width: 128 }, identity);
    expect(crop.data[88 * 128 + 64]).toBe(0.75);
    expect(crop.data[88 * 128 + 63]).toBe(0);
    expect(crop.data[(88 + 31) * 128 + 64 + 31]).toBe(0.75);
    expect(crop.data[(88 + 32) * 128 + 64]).toBe(0);
  });

  test('near is bright, empty is black, each side over the range that it has, whatever sticks out', () => {
    const map = planarMap([2, 100, 100]);
    for (let i = 0; i < 10_000; i++) {
      map.data[i] = 2 + (0.5 * i) / 10_000;
      map.data[10_000 + i] = 2.6 + (0.1 * i) / 10_000;
    }
    map.data[0] = 0;
    map.data.fill(0.1, 5, 20);
    const front = depthPicture(map, 0).data;
    const back = depthPicture(map, 1).data;
    expect([...front.subarray(0, 4)]).toEqual([0, 0, 0, 255]);
    for (const data of [front, back]) {
      expect(data[500 * 4]).toBeGreaterThan(235);
      expect(data[9_500 * 4]).toBeLessThan(60);
      expect(Math.abs(data[5_000 * 4] - 147)).toBeLessThan(12);
    }
  });

  test('normals keep their code, the matte cuts the photo', () => {
    const normals = planarMap([6, 1, 1], Float32Array.from([0.5, 0.5, 1, 0, 0.2, 0.4]));
    expect([...normalsPicture(normals, 3).data]).toEqual([0, 51, 102, 255]);
    const photo = {
      width: 2,
      height: 1,
      data: Uint8ClampedArray.from([200, 100, 50, 255, 200, 100, 50, 255]),
    };
    const matte = { width: 2, height: 1, data: Uint8Array.from([255, 0]) };
    expect([...finish(cutoutPictureSteps(photo, matte)).data]).toEqual([200, 100, 50, 255, 200, 100, 50, 0]);
  });
});
