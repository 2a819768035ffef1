import { describe, expect, test } from 'vitest';
import {
  cutOut,
  figureWindow,
  partsPicture,
  posePicture,
  solidPicture,
  WHOLE_CANVAS,
} from './stage-pictures.ts';

const SIDE = 2048;

function matteWith(left: number, top: number, right: number, bottom: number) {
  const data = new Uint8Array(SIDE * SIDE);
  for (let row = top; row < bottom; row++) data.fill(255, row * SIDE + left, row * SIDE + right);
  return { width: SIDE, data };
}

const grey = (size: number, value: number) => ({
  width: size,
  height: size,
  data: new Uint8ClampedArray(size * size * 4).fill(value),
});

describe('small pictures of stages', () => {
  test('the window holds the figure, is square and stays on the canvas', () => {
    const window = figureWindow(matteWith(100, 200, 400, 1800));
    expect(window.top).toBeLessThanOrEqual(200);
    expect(window.top + window.side).toBeGreaterThanOrEqual(1800);
    expect(window.left).toBeGreaterThanOrEqual(0);
    expect(window.left + window.side).toBeLessThanOrEqual(SIDE);
    expect(figureWindow(matteWith(0, 0, 0, 0))).toEqual(WHOLE_CANVAS);
  });

  test('cutting keeps place and averages', () => {
    const picture = grey(256, 0);
    for (let row = 128; row < 256; row++) picture.data.fill(200, (row * 256 + 0) * 4, (row * 256 + 256) * 4);
    const small = cutOut(picture, WHOLE_CANVAS, 64);
    expect(small.data[(10 * 64 + 30) * 4]).toBe(0);
    expect(small.data[(50 * 64 + 30) * 4]).toBe(200);
  });

  test('joints land where they are, boxes are drawn', () => {
    const pose = posePicture(grey(64, 0), Float64Array.from([1024, 512, 1]), WHOLE_CANVAS);
    expect(pose.data[(16 * 64 + 32) * 4]).toBeGreaterThan(200);
    expect(pose.data[(40 * 64 + 32) * 4]).toBe(0);
    const identity = Float32Array.from([1, 0, 0, 0, 1, 0]);
    const boxes = partsPicture(grey(64, 0), new Array(12).fill(identity), WHOLE_CANVAS);
    const lit = boxes.data.filter((v, i) => i % 4 === 0 && v > 100).length;
    expect(lit).toBeGreaterThan(40);
  });

  test('the nearest point wins', () => {
    const positions = Float32Array.from([0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0.5]);
    const normals = Float32Array.from([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
    const behind = [255, 0, 0];
    const colours = Uint8Array.from([9, 9, 9, 9, 9, 9, ...behind, 0, 255, 0]);
    const flat = solidPicture(
      { positions: positions.map((v, i) => (i === 11 ? 0 : v)), normals, colours },
      33,
      1,
    );
    expect(flat.data.filter((v, i) => i % 4 === 0 && v === 255).length).toBe(1);
    const solid = solidPicture({ positions, normals, colours }, 33, 1);
    expect(solid.data.filter((v, i) => i % 4 === 1 && v === 255).length).toBe(1);
  });
});
