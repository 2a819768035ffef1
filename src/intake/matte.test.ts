/** Where the matte comes from, and that it is the person. Synthetic figures; the published picture when it is there. */
import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../../tests/shared.ts';
import { hashNoiseArray } from '../base/deterministic.ts';
import { StageError } from '../base/errors.ts';
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { squareMapping } from '../geometry/keypoints.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { blackBackgroundMatte } from './matte.ts';
import { type MatteQuestion, makeMatte } from './matte-test-kit.ts';

const N = CANVAS_SIZE;
const MAPPING = squareMapping(N, N);
const NOISE = hashNoiseArray('matte/noise', 4096);

/** A figure: head, body with a gap under the left arm, legs. */
function inFigure(x: number, y: number): boolean {
  if (Math.hypot(x - 1024, y - 400) < 130) return true;
  if (x > 1250 && x < 1290 && y > 800 && y < 1100) return false;
  if (y >= 520 && y < 1150) return Math.abs(x - 1024) < 330;
  return y >= 1150 && y < 1850 && Math.abs(Math.abs(x - 1024) - 110) < 90;
}

type Paint = (x: number, y: number) => readonly [number, number, number];

function paint(background: Paint, alpha?: (x: number, y: number) => number): RgbaImage {
  const data = new Uint8ClampedArray(N * N * 4);
  for (let y = 0; y < N; y++) {
    for (let x = 0; x < N; x++) {
      const i = (y * N + x) * 4;
      const grain = 6 * NOISE[(x * 31 + y * 57) & 4095];
      const person = inFigure(x, y);
      const [r, g, b] = person
        ? y < 520
          ? [200, 150, 130]
          : y < 1150
            ? [150, 40, 50]
            : [40, 50, 90]
        : background(x, y);
      data[i] = r + (person ? grain : 0);
      data[i + 1] = g + (person ? grain : 0);
      data[i + 2] = b + (person ? grain : 0);
      data[i + 3] = alpha ? alpha(x, y) : 255;
    }
  }
  return { width: N, height: N, data };
}

const truth = (() => {
  const data = new Uint8Array(N * N);
  for (let y = 0; y < N; y++) for (let x = 0; x < N; x++) if (inFigure(x, y)) data[y * N + x] = 255;
  return data;
})();

function iou(a: Uint8Array, b: Uint8Array): number {
  let both = 0;
  let any = 0;
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i] >= 128, b[i] >= 128];
    if (p && q) both++;
    if (p || q) any++;
  }
  return both / any;
}

const inputOf = (photo: RgbaImage, changes: Partial<MatteQuestion> = {}): MatteQuestion => ({
  photo,
  mapping: MAPPING,
  hasAlpha: false,
  mask: null,
  robust: true,
  segment: () => Promise.reject(new Error('the segmentation was asked')),
  ...changes,
});

const BLACK: Paint = () => [0, 0, 0];
/** A busy room: nothing plain about it. */
const ROOM: Paint = (x, y) => {
  const tile = NOISE[((x >> 6) * 7 + (y >> 6) * 131) & 4095];
  return [120 + 60 * tile, 140 - 40 * tile, 110 + 30 * NOISE[(x + y) & 4095]];
};
const ROOM_PHOTO = paint(ROOM);

/** What a 256 px network would say: blurred and a little wrong at the edge. */
function coarseMask(side = 256): GreyImage {
  const data = new Uint8Array(side * side);
  const step = N / side;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let inside = 0;
      for (let k = 0; k < 25; k++) {
        const dx = ((k % 5) - 2) * step * 0.7 + 6;
        const dy = (Math.floor(k / 5) - 2) * step * 0.7;
        if (inFigure((x + 0.5) * step + dx, (y + 0.5) * step + dy)) inside++;
      }
      data[y * side + x] = Math.round((inside * 255) / 25);
    }
  }
  return { width: side, height: side, data };
}
const estimated = (mask: GreyImage): EstimatedPose => ({ landmarks: new Float32Array(33 * 4), mask });

describe('sources, in order', () => {
  test('a mask file, scaled to the canvas', async () => {
    const mask: GreyImage = { width: 512, height: 512, data: new Uint8Array(512 * 512) };
    for (let i = 0; i < mask.data.length; i++) {
      mask.data[i] = inFigure((i % 512) * 4 + 2, Math.floor(i / 512) * 4 + 2) ? 255 : 0;
    }
    const found = await makeMatte(inputOf(ROOM_PHOTO, { mask }));
    expect(found.source).toBe('mask');
    expect(iou(found.matte.data, truth)).toBeGreaterThan(0.985);
  });

  test('alpha', async () => {
    const photo = paint(ROOM, (x, y) => (inFigure(x, y) ? 255 : 0));
    const found = await makeMatte(inputOf(photo, { hasAlpha: true }));
    expect(found.source).toBe('alpha');
    expect(iou(found.matte.data, truth)).toBe(1);
  });

  test('a few transparent corners are not a matte', async () => {
    const photo = paint(BLACK, (x, y) => (x + y < 60 ? 0 : 255));
    expect((await makeMatte(inputOf(photo, { hasAlpha: true }))).source).toBe('black background');
  });

  test('black background', async () => {
    const found = await makeMatte(inputOf(paint(BLACK)));
    expect(found.source).toBe('black background');
    expect(iou(found.matte.data, truth)).toBeGreaterThan(0.999);
  });

  test('black background with a noisy rim: kept in reference mode, gone in robust mode', async () => {
    const rim = 6;
    const photo = paint((x, y) => (inFigure(x - rim, y) || inFigure(x + rim, y) ? [12, 12, 12] : [0, 0, 0]));
    const [kept, gone] = [
      (await makeMatte(inputOf(photo, { robust: false }))).matte.data,
      (await makeMatte(inputOf(photo))).matte.data,
    ];
    expect([kept[1000 * N + 1357], gone[1000 * N + 1357]]).toEqual([255, 0]);
    expect(iou(kept, truth)).toBeLessThan(0.97);
    expect(iou(gone, truth)).toBeGreaterThan(0.99);
  });

  test('plain background with uneven light and grain; the gap under the arm stays open', async () => {
    const photo = paint((x, y) => {
      const light = 190 + 30 * (y / N) - 20 * (x / N) ** 2 + 4 * NOISE[(x * 13 + y * 7) & 4095];
      return [light, light + 4, light + 10];
    });
    const found = await makeMatte(inputOf(photo));
    expect(found.source).toBe('uniform background');
    expect(iou(found.matte.data, truth)).toBeGreaterThan(0.99);
    expect(found.matte.data[950 * N + 1270]).toBe(0);
  });

  test('segmentation, closer to the person than what the network said', async () => {
    const mask = coarseMask();
    const found = await makeMatte(inputOf(ROOM_PHOTO, { segment: async () => estimated(mask) }));
    expect(found.source).toBe('segmentation');
    expect(found.notices.join(' ')).toMatch(/outline/);
    const before = new Uint8Array(N * N);
    for (let i = 0; i < before.length; i++)
      before[i] = mask.data[(Math.floor(i / N) >> 3) * 256 + ((i % N) >> 3)];
    expect(iou(found.matte.data, truth)).toBeGreaterThan(iou(before, truth));
    expect(iou(found.matte.data, truth)).toBeGreaterThan(0.97);
  });
});

describe('nothing there', () => {
  const codeOf = async (input: MatteQuestion) => {
    const error = await makeMatte(input).then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(StageError);
    return (error as StageError).code;
  };
  test('nobody found in a room', async () => {
    expect(await codeOf(inputOf(ROOM_PHOTO, { segment: async () => null }))).toBe('E_NO_PERSON');
  });
  test('an empty segmentation', async () => {
    const mask = { width: 256, height: 256, data: new Uint8Array(256 * 256) };
    expect(await codeOf(inputOf(ROOM_PHOTO, { segment: async () => estimated(mask) }))).toBe('E_EMPTY_MATTE');
  });
  test('a mask with three white pixels', async () => {
    const mask = { width: N, height: N, data: new Uint8Array(N * N).fill(255, 0, 3) };
    expect(await codeOf(inputOf(ROOM_PHOTO, { mask }))).toBe('E_EMPTY_MATTE');
  });
});

test('the padding of a narrow photo is never part of the person', async () => {
  const mapping = squareMapping(1000, 2048);
  const photo = paint(ROOM, () => 255);
  const mask = { width: 1000, height: 2048, data: new Uint8Array(1000 * 2048).fill(255) };
  const { matte } = await makeMatte(inputOf(photo, { mapping, mask }));
  expect(matte.data[1000 * N + 523]).toBe(0);
  expect(matte.data[1000 * N + 524]).toBe(255);
  expect(matte.data[1000 * N + 1523]).toBe(255);
  expect(matte.data[1000 * N + 1524]).toBe(0);
});

const shared = sharedPath('reference/golden/hanni/mask.png') && sharedPath('photos/hanni.png');
describe.skipIf(!shared)('published picture on black', () => {
  test('equals the golden mask pixel for pixel', () => {
    const png = decode(readFileSync(sharedPath('photos/hanni.png')!));
    const data = new Uint8ClampedArray(N * N * 4).fill(255);
    for (let i = 0; i < N * N; i++)
      for (let c = 0; c < 3; c++) data[i * 4 + c] = png.data[i * png.channels + c];
    const matte = blackBackgroundMatte({ width: N, height: N, data }, MAPPING)!;
    // The golden mask is a 1-bit PNG: eight pixels a byte.
    const golden = decode(readFileSync(sharedPath('reference/golden/hanni/mask.png')!));
    let different = 0;
    for (let i = 0; i < N * N; i++) {
      if (((golden.data[i >> 3] >> (7 - (i & 7))) & 1) !== (matte.data[i] >= 128 ? 1 : 0)) different++;
    }
    expect(different).toBe(0);
  });
});
