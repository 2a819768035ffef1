/** The back has no face, no print and no open jacket; what is the same all around stays as it is. */
import { beforeAll, describe, expect, test } from 'vitest';
import { hashNoiseArray } from '../base/deterministic.ts';
import type { GreyImage, RgbaImage } from '../base/images.ts';
import { backColours } from './back-colours.ts';
import { CANVAS_SIZE, KEYPOINT_COUNT, KEYPOINT_IDS, type KeypointId, type KeypointTable } from './body.ts';
import { completePose } from './missing-joints.ts';

const N = CANVAS_SIZE;
const NOISE = hashNoiseArray('back-colours/grain', 4096);
type Rgb = readonly [number, number, number];

const SKIN: Rgb = [214, 166, 142];
const HAIR: Rgb = [62, 42, 30];
const SHIRT: Rgb = [40, 70, 150];
const PRINT: Rgb = [240, 235, 230];
const JEANS: Rgb = [70, 75, 90];

/** Joints of the drawn figure, canvas px; the rest is estimated. */
const JOINTS: Readonly<Partial<Record<KeypointId, readonly [number, number]>>> = {
  nose: [1024, 330],
  leftEye: [1055, 300],
  rightEye: [993, 300],
  leftEar: [1100, 320],
  rightEar: [948, 320],
  leftShoulder: [1180, 520],
  rightShoulder: [868, 520],
  leftElbow: [1260, 780],
  rightElbow: [788, 780],
  leftWrist: [1300, 1010],
  rightWrist: [748, 1010],
  leftHip: [1110, 980],
  rightHip: [938, 980],
  leftKnee: [1110, 1360],
  rightKnee: [938, 1360],
  leftAnkle: [1110, 1700],
  rightAnkle: [938, 1700],
};

function keypointsOf(): KeypointTable {
  const table = new Float64Array(KEYPOINT_COUNT * 3);
  for (const [id, [x, y]] of Object.entries(JOINTS))
    table.set([x, y, 0.9], KEYPOINT_IDS.indexOf(id as KeypointId) * 3);
  return completePose(table).keypoints;
}

const nearSegment = (x: number, y: number, a: readonly number[], b: readonly number[]) => {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const t = Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - a[0] - t * dx, y - a[1] - t * dy);
};

interface Look {
  readonly hair: Rgb | null;
  /** Colour of the front's middle, or null for none. */
  readonly front: (x: number, y: number) => Rgb | null;
}

/** Colour of the front at a pixel, null outside the person. */
function colourOf(look: Look, x: number, y: number): Rgb | null {
  const head = ((x - 1024) / 95) ** 2 + ((y - 310) / 140) ** 2;
  if (head < 1) {
    const face = ((x - 1024) / 72) ** 2 + ((y - 345) / 105) ** 2 < 1;
    if (!face && look.hair && y < 400) return look.hair;
    return face && Math.hypot(Math.abs(x - 1024) - 31, y - 300) < 12 ? [250, 250, 250] : SKIN;
  }
  if (Math.abs(x - 1024) < 50 && y >= 400 && y < 500) return SKIN;
  for (const side of [1, -1]) {
    const at = (dx: number, dy: number) => [1024 + side * dx, dy];
    if (nearSegment(x, y, at(170, 530), at(236, 780)) < 42) return SHIRT;
    if (nearSegment(x, y, at(236, 780), at(276, 1060)) < 34) return SKIN;
    if (nearSegment(x, y, at(86, 1000), at(86, 1720)) < 80) return JEANS;
  }
  const half = 175 - ((y - 490) / 500) * 40;
  if (y >= 490 && y < 1000 && Math.abs(x - 1024) < half) return look.front(x, y) ?? SHIRT;
  return null;
}

function draw(look: Look): { photo: RgbaImage; matte: GreyImage } {
  const data = new Uint8ClampedArray(N * N * 4);
  const matte = new Uint8Array(N * N);
  // A bright green wall, which also shines into the outermost 3 px of the person, as a badly cut matte has it.
  for (let i = 0; i < N * N; i++) data.set([20, 230, 40, 255], i * 4);
  for (let y = 150; y < 1900; y++) {
    for (let x = 600; x < 1450; x++) {
      const colour = colourOf(look, x, y);
      if (!colour) continue;
      const i = y * N + x;
      matte[i] = 255;
      if (!colourOf(look, x - 3, y) || !colourOf(look, x + 3, y)) continue;
      const grain = 4 * NOISE[(x * 17 + y * 61) & 4095];
      for (let c = 0; c < 3; c++) data[i * 4 + c] = colour[c] + grain;
    }
  }
  return { photo: { width: N, height: N, data }, matte: { width: N, height: N, data: matte } };
}

const at = (image: RgbaImage, x: number, y: number) => [
  ...image.data.subarray((y * N + x) * 4, (y * N + x) * 4 + 3),
];
const far = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((v, c) => Math.abs(v - b[c])));

/** Vitest's own comparison keeps millions of differences in memory. */
const same = (a: Uint8ClampedArray, b: Uint8ClampedArray) =>
  a.length === b.length && a.every((v, i) => v === b[i]);

describe('shirt with a print', () => {
  const print: Look = {
    hair: HAIR,
    front: (x, y) => (Math.abs(x - 1024) < 70 && y > 620 && y < 760 && (x >> 4) % 2 ? PRINT : null),
  };
  let photo: RgbaImage;
  let back: RgbaImage;
  beforeAll(() => {
    const drawn = draw(print);
    photo = drawn.photo;
    const copy = photo.data.slice();
    back = backColours(photo, drawn.matte, keypointsOf());
    expect(same(photo.data, copy)).toBe(true);
  }, 120_000);

  test('where the face was there is hair', () => {
    for (let y = 250; y < 390; y += 10) {
      for (let x = 970; x < 1080; x += 10) expect(far(at(back, x, y), HAIR), `${x}, ${y}`).toBeLessThan(24);
    }
  });
  test('the neck is skin, the print is gone', () => {
    expect(far(at(back, 1024, 470), SKIN)).toBeLessThan(20);
    for (let x = 960; x < 1090; x += 6) expect(far(at(back, x, 690), SHIRT), `${x}`).toBeLessThan(24);
  });
  test('flanks, arms and legs are those of the photo', () => {
    for (const [x, y] of [
      [1150, 800],
      [900, 600],
      [1290, 950],
      [1110, 1400],
      [938, 1650],
    ]) {
      expect(far(at(back, x, y), at(photo, x, y)), `${x}, ${y}`).toBeLessThan(8);
    }
  });
  test('the wall does not shine into the outline', () => {
    for (const x of [1187, 1188, 1189]) expect(far(at(back, x, 1500), JEANS)).toBeLessThan(16);
  });
});

test('an open jacket is closed behind', () => {
  const { photo, matte } = draw({ hair: HAIR, front: (x) => (Math.abs(x - 1024) < 60 ? PRINT : null) });
  const back = backColours(photo, matte, keypointsOf());
  for (let y = 560; y < 940; y += 40) expect(far(at(back, 1024, y), SHIRT), `${y}`).toBeLessThan(30);
});

test('a bald head stays skin, without eyes', () => {
  const { photo, matte } = draw({ hair: null, front: () => null });
  const back = backColours(photo, matte, keypointsOf());
  for (const [x, y] of [
    [1055, 300],
    [993, 300],
    [1024, 250],
    [1024, 360],
  ]) {
    expect(far(at(back, x, y), SKIN), `${x}, ${y}`).toBeLessThan(20);
  }
});

test('an empty matte gives the photo back', () => {
  const { photo } = draw({ hair: HAIR, front: () => null });
  const back = backColours(photo, { width: N, height: N, data: new Uint8Array(N * N) }, keypointsOf());
  expect(same(back.data, photo.data)).toBe(true);
});

test('a bald head of which no clean rim is left still shows no eyes on its back', () => {
  const drawn = draw({ hair: null, front: () => null });
  // Cut just above the forehead: what is left of the rim is a sliver.
  drawn.matte.data.fill(0, 0, 258 * N);
  const back = backColours(drawn.photo, drawn.matte, keypointsOf());
  for (const x of [993, 1055]) expect(far(at(back, x, 300), SKIN)).toBeLessThan(40);
  expect(far(at(drawn.photo, 993, 300), SKIN)).toBeGreaterThan(60);
});
