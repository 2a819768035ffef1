/** Warnings before the run: one for each trouble, none for a plain photo. */
import { expect, test } from 'vitest';
import type { RgbaImage } from '../base/images.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { squareMapping } from '../geometry/keypoints.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { type PhotoWarning, photoWarnings, warningSentence } from './photo-warnings.ts';

type Point = readonly [x: number, y: number, z?: number];

/** A standing figure facing us; person's left = our right. Landmark row: x, y in [0, 1], z. */
const FIGURE: Readonly<Record<number, Point>> = {
  0: [0.5, 0.15],
  11: [0.58, 0.26],
  12: [0.42, 0.26],
  13: [0.61, 0.39],
  14: [0.39, 0.39],
  15: [0.62, 0.5],
  16: [0.38, 0.5],
  23: [0.54, 0.5],
  24: [0.46, 0.5],
  25: [0.545, 0.69],
  26: [0.455, 0.69],
  27: [0.55, 0.85],
  28: [0.45, 0.85],
};

function poseOf(changed: Readonly<Record<number, Point>> = {}, move = (p: Point): Point => p): EstimatedPose {
  const landmarks = new Float32Array(33 * 4);
  for (const [row, point] of Object.entries({ ...FIGURE, ...changed })) {
    const [x, y, z = 0] = move(point);
    landmarks.set([x, y, z, 0.99], +row * 4);
  }
  return { landmarks, mask: { width: 64, height: 64, data: new Uint8Array(64 * 64).fill(255) } };
}

/** Tiles of 32 px with these two brightnesses. */
function tiles(dark: number, bright: number): RgbaImage {
  const data = new Uint8ClampedArray(CANVAS_SIZE * CANVAS_SIZE * 4);
  for (let y = 0; y < CANVAS_SIZE; y++) {
    for (let x = 0; x < CANVAS_SIZE; x++) {
      const v = ((x >> 5) + (y >> 5)) % 2 ? dark : bright;
      data.fill(v, (y * CANVAS_SIZE + x) * 4, (y * CANVAS_SIZE + x) * 4 + 4);
    }
  }
  return { width: CANVAS_SIZE, height: CANVAS_SIZE, data };
}

const SHARP = tiles(60, 200);
const PLAIN = { photo: SHARP, mapping: squareMapping(2048, 2048), pose: poseOf() };

test('a plain photo of a standing person needs no word', () => {
  expect(photoWarnings(PLAIN)).toEqual([]);
});

test.each<[PhotoWarning, Partial<typeof PLAIN>]>([
  ['small', { mapping: squareMapping(500, 500) }],
  ['cut off at the shins', { pose: poseOf({}, ([x, y]) => [x, y + 0.2]) }],
  ['from behind', { pose: poseOf({}, ([x, y]) => [1 - x, y]) }],
  ['from the side', { pose: poseOf({}, ([x, y]) => [0.5 + (x - 0.5) * 0.2, y]) }],
  ['lying', { pose: poseOf({}, ([x, y]) => [y, 1 - x]) }],
  ['arms before the body', { pose: poseOf({ 15: [0.5, 0.35] }) }],
  ['dark', { photo: tiles(4, 24) }],
])('%s', (warning, changed) => {
  expect(photoWarnings({ ...PLAIN, ...changed })).toEqual([warning]);
  expect(warningSentence(warning)).toMatch(/\.$/);
});

test('sitting, seen from the front and from the side', () => {
  const front = poseOf({
    25: [0.56, 0.53, -0.19],
    26: [0.44, 0.53, -0.19],
    27: [0.56, 0.72],
    28: [0.44, 0.72],
  });
  expect(photoWarnings({ ...PLAIN, pose: front })).toEqual(['sitting']);
  const side = poseOf({ 25: [0.7, 0.52], 26: [0.66, 0.52], 27: [0.7, 0.7], 28: [0.66, 0.7] });
  expect(photoWarnings({ ...PLAIN, pose: side })).toEqual(['sitting']);
});

test('one raised knee is not sitting', () => {
  expect(photoWarnings({ ...PLAIN, pose: poseOf({ 25: [0.7, 0.52], 27: [0.7, 0.7] }) })).toEqual([]);
});

test('a blurred person', () => {
  const data = SHARP.data.slice();
  // Brightness as a wave 64 px long: no edge anywhere.
  for (let i = 0; i < CANVAS_SIZE * CANVAS_SIZE; i++) {
    const wave = 130 + 70 * Math.sin(((i % CANVAS_SIZE) * Math.PI) / 32);
    data.fill(wave, i * 4, i * 4 + 3);
  }
  expect(photoWarnings({ ...PLAIN, photo: { ...SHARP, data } })).toEqual(['blurred']);
});

test('the padding beside a narrow photo is outside of it', () => {
  const pose = poseOf({ 15: [0.9, 0.5] });
  expect(photoWarnings({ ...PLAIN, pose })).toEqual([]);
  expect(photoWarnings({ ...PLAIN, pose, mapping: squareMapping(1400, 2048) })).toEqual(['cut off']);
});
