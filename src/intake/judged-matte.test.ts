/** Cut-outs by colour before the person network: dark socks and hair come back, a whole picture is refused. */
import { expect, test } from 'vitest';
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { unpaced } from '../base/steps.ts';
import { CANVAS_SIZE } from '../geometry/body.ts';
import { squareMapping } from '../geometry/keypoints.ts';
import { MATTE_PROVIDERS, type MatteInput, matteFrom } from './matte.ts';

const N = CANVAS_SIZE;
const MAPPING = squareMapping(N, N);
const inPerson = (x: number, y: number) => Math.abs(x - 1024) < 240 && y > 260 && y < 1800;
/** Hair at the top, socks at the shins. */
const inDark = (y: number) => y < 420 || (y > 1480 && y < 1620);

function photoOf(background: number, dark: number, frame = 0): RgbaImage {
  const data = new Uint8ClampedArray(N * N * 4);
  for (let i = 0; i < N * N; i++) {
    const [x, y] = [i % N, Math.floor(i / N)];
    const inFrame = Math.min(x, y, N - 1 - x, N - 1 - y) < frame;
    const value = inFrame
      ? 0
      : inPerson(x, y)
        ? inDark(y)
          ? dark
          : 150 + ((x * 7 + y * 3) % 20)
        : background + (frame ? (x * 13 + y * 29) % 60 : 0);
    data.set([value, value, value, 255], i * 4);
  }
  return { width: N, height: N, data };
}

/** What a coarse network says: 256 px, soft by a cell. */
const PERSON: GreyImage = (() => {
  const data = new Uint8Array(256 * 256);
  for (let i = 0; i < data.length; i++) {
    if (inPerson((i % 256) * 8 + 4, Math.floor(i / 256) * 8 + 4)) data[i] = 250;
  }
  return { width: 256, height: 256, data };
})();

const provider = (source: string) => {
  const found = MATTE_PROVIDERS.find((one) => one.source === source);
  if (!found) throw new Error(`no provider ${source}`);
  return found;
};

const input = (photo: RgbaImage, judge: GreyImage | null): MatteInput => ({
  photo,
  mapping: MAPPING,
  hasAlpha: false,
  mask: null,
  robust: true,
  detected: null,
  ownNetwork: null,
  matteNetwork: null,
  judge,
});

function shareIn(matte: GreyImage, holds: (x: number, y: number) => boolean): number {
  let [all, on] = [0, 0];
  for (let y = 0; y < N; y += 3) {
    for (let x = 0; x < N; x += 3) {
      if (!holds(x, y)) continue;
      all++;
      if (matte.data[y * N + x] >= 128) on++;
    }
  }
  return on / all;
}

test.each([
  ['black background', 0, 4],
  ['uniform background', 120, 122],
])('%s: what the background swallowed comes back, and is said', async (source, background, dark) => {
  const photo = photoOf(background, dark);
  const alone = (await matteFrom(provider(source), input(photo, null), unpaced))!;
  const judged = (await matteFrom(provider(source), input(photo, PERSON), unpaced))!;
  const inLost = (x: number, y: number) => inPerson(x, y) && inDark(y);
  expect(shareIn(alone.matte, inLost)).toBeLessThan(0.6);
  expect(shareIn(judged.matte, inLost)).toBeGreaterThan(0.93);
  expect(shareIn(judged.matte, (x, y) => !inPerson(x, y))).toBeLessThan(0.01);
  expect(judged.notices.join()).toContain('look like the background');
});

test('a picture in a black frame is no cut-out on black', async () => {
  const photo = photoOf(60, 90, 30);
  expect(await matteFrom(provider('black background'), input(photo, null), unpaced)).not.toBe(null);
  expect(await matteFrom(provider('black background'), input(photo, PERSON), unpaced)).toBe(null);
});

test('a panelled wall is no plain background: its joints hang together with the person', async () => {
  const photo = photoOf(120, 90);
  const joints = { ...photo, data: photo.data.slice() };
  for (const y of [700, 1200, 1700]) {
    for (let row = y; row < y + 14; row++) {
      for (let x = 60; x < N - 60; x++)
        if (!inPerson(x, row)) joints.data.fill(20, (row * N + x) * 4, (row * N + x) * 4 + 3);
    }
  }
  const plain = provider('uniform background');
  expect(await matteFrom(plain, input(joints, null), unpaced)).not.toBe(null);
  expect(await matteFrom(plain, input(joints, PERSON), unpaced)).toBe(null);
  expect(await matteFrom(plain, input(photo, PERSON), unpaced)).not.toBe(null);
});

test('a cut-out that the network agrees with stays as it is', async () => {
  const photo = photoOf(0, 90);
  const alone = (await matteFrom(provider('black background'), input(photo, null), unpaced))!;
  const judged = (await matteFrom(provider('black background'), input(photo, PERSON), unpaced))!;
  expect(Buffer.compare(judged.matte.data, alone.matte.data)).toBe(0);
  expect(judged.notices).toEqual([]);
});
