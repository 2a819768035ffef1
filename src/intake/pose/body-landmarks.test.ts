/** Reading the body graph: heat maps, mirrored looks, the outline's place in the picture. */
import { expect, test } from 'vitest';
import { bodyLandmarks, outlineOver, refineByHeat } from './body-landmarks.ts';
import { PicturePyramid } from './crop.ts';
import type { PoseGraphs } from './pose-graphs.ts';

const REGION = { centreX: 128, centreY: 128, side: 256, angleRad: 0 };

function heatAt(channel: number, column: number, row: number): Float32Array {
  const heat = new Float32Array(39 * 64 * 64).fill(-20);
  heat[(channel * 64 + row) * 64 + column] = 8;
  return heat;
}

test('a point moves to the heat near it, and stays where there is none', () => {
  const heat = heatAt(1, 33, 30);
  const points = refineByHeat(
    [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
    heat,
  );
  expect(points[0]).toEqual([0.5, 0.5]);
  expect(points[1][0]).toBeCloseTo(33 / 64, 3);
  expect(points[1][1]).toBeCloseTo(30 / 64, 3);
  expect(
    refineByHeat(
      [
        [0.5, 0.5],
        [0.9, 0.5],
      ],
      heat,
    )[1],
  ).toEqual([0.9, 0.5]);
});

test('a mirrored look gives the same person: left stays left, and lies where it is', async () => {
  // A graph that finds one bright pixel and calls it the left wrist (row 15) of whatever it sees.
  const graphs: PoseGraphs = {
    run: async (_, crop) => {
      const at = crop.subarray(0, 256 * 256).indexOf(Math.max(...crop.subarray(0, 65536)));
      const landmarks = new Float32Array(195);
      landmarks.set([(at % 256) + 0.5, Math.floor(at / 256) + 0.5, 0, 9, 9], 15 * 5);
      return {
        landmarks,
        presence: Float32Array.of(1),
        heat: new Float32Array(39 * 64 * 64).fill(-20),
        outline: Float32Array.from(crop.subarray(0, 65536), (v) => (v > 0.5 ? 9 : -9)),
      };
    },
  };
  const data = new Uint8ClampedArray(256 * 256 * 4);
  data.fill(255, (40 * 256 + 200) * 4, (40 * 256 + 201) * 4);
  const picture = new PicturePyramid({ width: 256, height: 256, data });
  const plain = await bodyLandmarks(picture, REGION, graphs);
  const mirrored = await bodyLandmarks(picture, REGION, graphs, true);
  expect(plain.points[15]).toEqual([200.5, 40.5]);
  expect(mirrored.points[16]).toEqual([200.5, 40.5]);
  expect(mirrored.visibilities[16]).toBeCloseTo(1, 3);
  expect(mirrored.outline).toEqual(plain.outline);
});

test('the outline lies in the picture as the region does', () => {
  const outline = new Float32Array(65536).fill(-12);
  // The upper left quarter of a region that covers the right half of a 512 px picture's middle.
  for (let row = 0; row < 128; row++) outline.fill(12, row * 256, row * 256 + 128);
  const look = { region: { centreX: 384, centreY: 256, side: 256, angleRad: 0 }, outline };
  const mask = outlineOver([look], 512, 512, 128);
  const at = (x: number, y: number) => mask.data[Math.floor(y / 4) * 128 + Math.floor(x / 4)];
  expect(mask.width).toBe(128);
  expect(at(300, 180)).toBe(255);
  expect(at(450, 180)).toBe(0);
  expect(at(300, 320)).toBe(0);
  expect(at(200, 180)).toBe(0);
});

test('two looks are averaged where both saw the spot', () => {
  const region = { centreX: 256, centreY: 256, side: 512, angleRad: 0 };
  const sure = { region, outline: new Float32Array(65536).fill(12) };
  const none = { region: { ...region, side: 256 }, outline: new Float32Array(65536).fill(-12) };
  const mask = outlineOver([sure, none], 512, 512, 128);
  expect(mask.data[64 * 128 + 64]).toBe(128);
  expect(mask.data[8 * 128 + 64]).toBe(255);
});
