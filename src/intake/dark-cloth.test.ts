/** Holes in black clothes are filled, gaps one can look through stay; nobody is as black as the background. */
import { describe, expect, test } from 'vitest';
import { keepDarkCloth, liftBlack } from './dark-cloth.ts';

const WIDTH = 400;
const HEIGHT = 600;
const BLACK = 8;

/** A body 200 px wide; `brightness` paints it. */
function figure(brightness: (x: number, y: number) => number) {
  const levels = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 50; y < 550; y++) for (let x = 100; x < 300; x++) levels[y * WIDTH + x] = brightness(x, y);
  const person = { width: WIDTH, height: HEIGHT, data: levels.map((v) => (v > BLACK ? 1 : 0)) };
  const kept = keepDarkCloth(person, levels);
  return { person, at: (x: number, y: number) => kept.data[y * WIDTH + x], kept };
}

const inHole = (x: number, y: number) => Math.abs(x - 200) < 30 && Math.abs(y - 300) < 40;

describe('keepDarkCloth', () => {
  test('a hole in black cloth is filled', () => {
    const { at } = figure((x, y) => (inHole(x, y) ? 0 : 15));
    expect(at(200, 300)).toBe(1);
    expect(at(50, 300)).toBe(0);
  });

  test('a gap between things one can see stays', () => {
    const { at, person, kept } = figure((x, y) => (inHole(x, y) ? 0 : 120));
    expect(at(200, 300)).toBe(0);
    expect(kept.data).toEqual(person.data);
  });

  test('a gap whose border is partly lit stays', () => {
    const { at } = figure((x, y) => (inHole(x, y) ? 0 : x < 200 ? 15 : 120));
    expect(at(200, 300)).toBe(0);
  });

  test('a notch at the outline of black cloth is filled, one of a lit sleeve stays', () => {
    const notch = (x: number, y: number) => x > 260 && Math.abs(y - 200) < 9;
    expect(figure((x, y) => (notch(x, y) ? 0 : 15)).at(270, 200)).toBe(1);
    expect(figure((x, y) => (notch(x, y) ? 0 : 90)).at(270, 200)).toBe(0);
  });

  test('a large dark opening is not a hole in the cloth', () => {
    const { at } = figure((x, y) => (Math.abs(x - 200) < 60 && Math.abs(y - 300) < 60 ? 0 : 15));
    expect(at(200, 300)).toBe(0);
  });
});

describe('liftBlack', () => {
  const matte = { width: 4, height: 1, data: new Uint8Array([255, 255, 0, 128]) };
  const photoOf = (...pixels: number[][]) => ({
    width: 4,
    height: 1,
    data: new Uint8ClampedArray(pixels.flatMap((rgb) => [...rgb, 255])),
  });

  test('lifts the black of the person alone, and keeps its hue', () => {
    const photo = photoOf([0, 0, 0], [90, 2, 0], [0, 0, 0], [5, 9, 1]);
    const before = photo.data.slice();
    const lifted = liftBlack(photo, matte);
    expect([...lifted.data]).toEqual([16, 16, 16, 255, 90, 2, 0, 255, 0, 0, 0, 255, 12, 16, 8, 255]);
    expect(photo.data).toEqual(before);
  });

  test('gives back a photo without black clothes as it is', () => {
    const photo = photoOf([16, 0, 0], [90, 90, 90], [0, 0, 0], [30, 30, 30]);
    expect(liftBlack(photo, matte)).toBe(photo);
  });
});
