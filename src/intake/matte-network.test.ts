/** The crop that the matte network sees, and its answer on the canvas. */
import { describe, expect, test } from 'vitest';
import type { RgbaImage } from '../base/images.ts';
import { squareMapping } from '../geometry/keypoints.ts';
import type { EstimatedPose } from './estimated-pose.ts';
import { detailedMatte } from './matte-detail.ts';
import { cropOfPhoto, MATTE_CROP, matteCropBox, matteNetworkInput } from './matte-network.ts';

const SIDE = 2048;

function poseAt(x: number, top: number, bottom: number): Float32Array<ArrayBuffer> {
  const landmarks = new Float32Array(33 * 4);
  for (let i = 0; i < 33; i++)
    landmarks.set([x / SIDE, (top + ((bottom - top) * i) / 32) / SIDE, 0, 1], i * 4);
  return landmarks;
}

function detectedIn(
  boxes: readonly (readonly [left: number, top: number, right: number, bottom: number])[],
): EstimatedPose {
  const side = 512;
  const data = new Uint8Array(side * side);
  for (const [left, top, right, bottom] of boxes) {
    for (let y = top / 4; y < bottom / 4; y++) data.fill(255, y * side + left / 4, y * side + right / 4);
  }
  return { landmarks: poseAt(1000, 320, 1780), mask: { width: side, height: side, data } };
}

const inside = (box: ReturnType<typeof matteCropBox>, x: number, y: number) =>
  x > box.left && y > box.top && x < box.left + box.width && y < box.top + box.height;

describe('the crop', () => {
  const person = [800, 200, 1200, 1840] as const;

  test('is 2 : 3 and holds the whole outline with a margin', () => {
    const box = matteCropBox(detectedIn([person]), SIDE, SIDE);
    expect(box.width / box.height).toBeCloseTo(2 / 3, 2);
    expect(inside(box, 760, 150)).toBe(true);
    expect(inside(box, 1240, 1890)).toBe(true);
  });

  test('an outline far from the person’s landmarks is another person’s', () => {
    const alone = matteCropBox(detectedIn([person]), SIDE, SIDE);
    expect(matteCropBox(detectedIn([person, [1700, 300, 2000, 1800]]), SIDE, SIDE)).toEqual(alone);
  });

  test('without an outline it goes around the landmarks', () => {
    const box = matteCropBox({ landmarks: poseAt(1000, 320, 1780), mask: null }, SIDE, SIDE);
    expect(inside(box, 1000, 300)).toBe(true);
    expect(inside(box, 1000, 1800)).toBe(true);
  });
});

describe('what the network is asked', () => {
  test('means over areas, also of an odd number of px; the edge goes on beyond the picture', () => {
    const photo: RgbaImage = { width: 6, height: 2, data: new Uint8ClampedArray(6 * 2 * 4) };
    for (let i = 0; i < 12; i++) photo.data.set([(i % 6) * 51, 255, 0, 255], i * 4);
    const across = cropOfPhoto(photo, { left: 0, top: 0, width: 6, height: 2 }, { width: 4, height: 1 });
    // 1.5 px each: 0 and half of 51; the other half and 102; ...
    [0, 1, 2, 3].forEach((k) => {
      const from = 1.5 * k;
      const mean = [0, 1, 2, 3, 4, 5]
        .map((x) => (x / 5) * Math.max(0, Math.min(from + 1.5, x + 1) - Math.max(from, x)))
        .reduce((a, b) => a + b);
      expect(across[k]).toBeCloseTo(mean / 1.5, 5);
    });
    const beyond = cropOfPhoto(photo, { left: 4, top: -2, width: 8, height: 4 }, { width: 4, height: 2 });
    expect(beyond[3]).toBeCloseTo(1, 5);
    expect(beyond[8]).toBeCloseTo(1, 5);
  });

  test('four planes of 0..1: colours, then the outline, 0 beyond the canvas', () => {
    const photo: RgbaImage = {
      width: SIDE,
      height: SIDE,
      data: new Uint8ClampedArray(SIDE * SIDE * 4).fill(204),
    };
    const detected = detectedIn([[0, 400, 400, 1800]]);
    const box = { left: -200, top: 400, width: 800, height: 1200 };
    const input = matteNetworkInput(photo, detected, box);
    const plane = MATTE_CROP.width * MATTE_CROP.height;
    expect(input.length).toBe(4 * plane);
    expect(input.subarray(0, 3 * plane).every((v) => Math.abs(v - (0.8 * 230) / 204) < 1e-5)).toBe(true);
    const middle = 3 * plane + (MATTE_CROP.height / 2) * MATTE_CROP.width;
    expect(input[middle + 20]).toBe(0); // left of the canvas
    expect(input[middle + 100]).toBe(1);
    expect(input[middle + 220]).toBe(0);
  });
});

test('a dark photo is shown to the network as bright as others are, six times at most; a bright one as it is', () => {
  const box = { left: 0, top: 0, width: SIDE, height: SIDE };
  const shown = (value: number) => {
    const data = new Uint8ClampedArray(SIDE * SIDE * 4).fill(value);
    return 255 * matteNetworkInput({ width: SIDE, height: SIDE, data }, detectedIn([]), box)[5000];
  };
  expect(shown(115)).toBeCloseTo(230, 3);
  expect(shown(20)).toBeCloseTo(120, 3);
  expect(shown(240)).toBeCloseTo(240, 3);
});

describe('the answer on the canvas', () => {
  /** A dark figure with a slanted edge before a light ground. */
  const isPerson = (x: number, y: number) => y > 400 && y < 1600 && x > 800 + y / 9 && x < 1300 + y / 9;
  const photo: RgbaImage = { width: SIDE, height: SIDE, data: new Uint8ClampedArray(SIDE * SIDE * 4) };
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++)
      photo.data.set(isPerson(x, y) ? [40, 30, 60, 255] : [200, 190, 180, 255], (y * SIDE + x) * 4);
  }
  const box = { left: 600, top: 250, width: 1000, height: 1500 };
  /** Right but for the outline, which is `off` canvas px to the right, and coarse. */
  function coarse(off: number, extra: (x: number, y: number) => boolean = () => false) {
    const { width, height } = MATTE_CROP;
    const alpha = new Float32Array(width * height);
    for (let i = 0; i < alpha.length; i++) {
      const x = box.left + (((i % width) + 0.5) * box.width) / width;
      const y = box.top + ((Math.floor(i / width) + 0.5) * box.height) / height;
      alpha[i] = isPerson(x - off, y) || extra(x, y) ? 1 : 0;
    }
    return { box, width, height, alpha };
  }
  const wrongPx = (matte: Uint8Array) => {
    let n = 0;
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) n += Number(matte[y * SIDE + x] >= 128 !== isPerson(x, y));
    }
    return n;
  };
  const mapping = squareMapping(SIDE, SIDE);

  test('follows the photo’s edge to the px where the network is off by a cell', () => {
    const plain = wrongPx(
      Uint8Array.from({ length: SIDE * SIDE }, (_, i) =>
        isPerson((i % SIDE) - 4, Math.floor(i / SIDE)) ? 255 : 0,
      ),
    );
    const { data } = detailedMatte(photo, mapping, coarse(4));
    expect(plain).toBeGreaterThan(8000);
    expect(wrongPx(data)).toBeLessThan(plain / 4);
  });

  test('keeps a piece that is apart and sure, and drops a speck', () => {
    const hand = (x: number, y: number) => Math.hypot(x - 700, y - 900) < 40;
    const speck = (x: number, y: number) => Math.hypot(x - 1520, y - 500) < 6;
    const withHand = { ...photo, data: photo.data.slice() };
    for (let y = 800; y < 1000; y++) {
      for (let x = 640; x < 780; x++)
        if (hand(x, y)) withHand.data.set([40, 30, 60, 255], (y * SIDE + x) * 4);
    }
    const { data } = detailedMatte(
      withHand,
      mapping,
      coarse(0, (x, y) => hand(x, y) || speck(x, y)),
    );
    expect(data[900 * SIDE + 700]).toBe(255);
    expect(data[500 * SIDE + 1520]).toBe(0);
  });

  test('nothing lies in the padding of a narrow photo', () => {
    const narrow = squareMapping(1000, 2048);
    const { data } = detailedMatte(photo, narrow, coarse(0));
    expect(data[1000 * SIDE + 400]).toBe(0);
    expect(data[1000 * SIDE + 1530]).toBe(0);
    expect(data[1000 * SIDE + 1100]).toBe(255);
  });
});
