/** Posters are told by the rectangle around the figure; doors, walls and rooms are none. */
import { expect, test } from 'vitest';
import type { RgbaImage } from '../../base/images.ts';
import { isInWallPicture } from './wall-picture.ts';

type Paint = (x: number, y: number) => number;
const [WIDTH, HEIGHT] = [900, 800];
const FIGURE = { left: 330, top: 200, right: 470, bottom: 600 };

/** A figure with light and dark parts before whatever `paint` says. */
function scene(paint: Paint): RgbaImage {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const inFigure = Math.abs(x - 400) < 40 + 30 * Math.sin(y / 40) && y > 205 && y < 595;
    const value = inFigure ? 60 + ((y * 7) % 130) : paint(x, y);
    data.set([value, value, value, 255], i * 4);
  }
  return { width: WIDTH, height: HEIGHT, data };
}

const grain = (x: number, y: number) => ((x * 31 + y * 17) % 7) - 3;
const wall: Paint = (x, y) => 170 + grain(x, y) - y / 20;
const inside = (x: number, y: number, [left, top, right, bottom]: readonly number[]) =>
  x >= left && x < right && y >= top && y < bottom;

test('a poster with a dark frame, and one without a frame', () => {
  const framed: Paint = (x, y) =>
    inside(x, y, [270, 140, 530, 660]) ? (inside(x, y, [280, 150, 520, 650]) ? 125 : 30) : wall(x, y);
  expect(isInWallPicture(scene(framed), FIGURE)).toBe(true);
  const plain: Paint = (x, y) => (inside(x, y, [290, 170, 510, 640]) ? 110 : wall(x, y));
  expect(isInWallPicture(scene(plain), FIGURE)).toBe(true);
});

test('a plain wall, a floor, a door, and stripes are no picture', () => {
  expect(isInWallPicture(scene(wall), FIGURE)).toBe(false);
  const floor: Paint = (x, y) => (y > 560 ? 90 : wall(x, y));
  expect(isInWallPicture(scene(floor), FIGURE)).toBe(false);
  const door: Paint = (x, y) => (y > 560 ? 90 : inside(x, y, [280, 130, 520, 561]) ? 120 : wall(x, y));
  expect(isInWallPicture(scene(door), FIGURE)).toBe(false);
  const stripes: Paint = (x) => (Math.floor(x / 30) % 2 ? 140 : 190);
  expect(isInWallPicture(scene(stripes), FIGURE)).toBe(false);
});

test('the frame around the whole photo is none on the wall', () => {
  const photoFrame: Paint = (x, y) => (Math.min(x, y, WIDTH - 1 - x, HEIGHT - 1 - y) < 5 ? 0 : wall(x, y));
  expect(isInWallPicture(scene(photoFrame), FIGURE)).toBe(false);
});
