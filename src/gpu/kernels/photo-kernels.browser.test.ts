/** From the photo to the network's input, on the GPU against the CPU references and golden/unit.npz. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import unitUrl from '../../../tests/golden/unit.npz?url';
import { type NpyArray, readNpz } from '../../../tests/npz.ts';
import { hashNoiseArray } from '../../base/deterministic.ts';
import { planarMap, type RgbaImage } from '../../base/images.ts';
import { cpuMap } from '../device-map.ts';
import {
  bothMaps,
  difference,
  noiseMap,
  noiseMatte,
  noisePhoto,
  openTestKernels,
  type TestKernels,
} from './browser-test-kit.ts';
import { photoBands, resamplePlan } from './square-photo.ts';

let kernels: TestKernels;
let golden: Record<string, NpyArray>;
beforeAll(async () => {
  kernels = await openTestKernels();
  golden = readNpz(new Uint8Array(await (await fetch(unitUrl)).arrayBuffer()));
});
afterAll(() => kernels.close());

/** The golden pictures: floor((u + 1) 128), packed RGB. */
function goldenPhoto(key: string, width: number, height: number): RgbaImage {
  const noise = hashNoiseArray(key, width * height * 3);
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < noise.length; i++)
    data[Math.floor(i / 3) * 4 + (i % 3)] = Math.floor((noise[i] + 1) * 128);
  return { width, height, data };
}

function rgbOf(image: RgbaImage): Uint8Array {
  return Uint8Array.from({ length: image.width * image.height * 3 }, (_, i) => {
    return image.data[Math.floor(i / 3) * 4 + (i % 3)];
  });
}

describe('squarePhoto', () => {
  test.each([
    [0, 31, 20],
    [1, 20, 33],
    [2, 24, 24],
    [3, 64, 40],
  ])('golden pad%i (%i x %i rows x columns)', async (k, height, width) => {
    const out = await kernels.gpu.squarePhoto(goldenPhoto(`unit/pad${k}/rgb`, width, height), 64, false);
    const want = golden[`pad${k}_out`].data as Uint8Array;
    expect(difference(rgbOf(out), want).max).toBeLessThanOrEqual(1);
  });

  const sizes: readonly (readonly [number, number, number])[] = [
    [1, 1, 16],
    [3, 200, 64],
    [257, 129, 64],
    [61, 97, 131],
    [640, 480, 100],
  ];
  const cases = sizes.flatMap(([w, h, size]) =>
    [false, true].flatMap((antialias) =>
      [false, true].map((clear) => [w, h, size, antialias, clear] as const),
    ),
  );
  test.each(cases)(
    '%i x %i to %i, antialias %s, translucent %s (seed photo)',
    async (w, h, size, antialias, clear) => {
      const photo = noisePhoto('photo', w, h, clear);
      const got = await kernels.gpu.squarePhoto(photo, size, antialias);
      const want = await kernels.cpu.squarePhoto(photo, size, antialias);
      const { max, beyond } = difference(got.data, want.data);
      if (antialias && clear) {
        // Colour / alpha is ill-conditioned where cubic alpha is close to 0; there it does not show either.
        const visible = (data: Uint8ClampedArray) => data.map((v, i) => Math.round((v * data[i | 3]) / 255));
        expect(difference(visible(got.data), visible(want.data)).max).toBeLessThanOrEqual(2);
      } else expect(max).toBeLessThanOrEqual(1);
      expect(beyond).toBeLessThan(0.01);
    },
  );

  test('bands cover every output row once and hold the rows they read', () => {
    const photo = noisePhoto('bands', 300, 500);
    for (const antialias of [false, true]) {
      const plan = resamplePlan(photo, 64, antialias);
      const bands = photoBands(photo, plan, 300 * 4 * 40);
      expect(bands.length).toBeGreaterThan(5);
      let row = 0;
      for (const band of bands) {
        expect(band.row).toBe(row);
        row += band.rows;
        expect(band.lastRow - band.firstRow).toBeLessThan(40);
      }
      expect(row).toBe(64);
    }
  });

  test('an empty photo is refused', async () => {
    const photo = { width: 0, height: 0, data: new Uint8ClampedArray(0) };
    await expect(kernels.gpu.squarePhoto(photo, 64, false)).rejects.toMatchObject({ code: 'E_TOO_SMALL' });
  });
});

describe('networkInput', () => {
  test('golden jitter_012', async () => {
    const photo = goldenPhoto('unit/jitter/rgb', 24, 20);
    const matte = { width: 24, height: 20, data: new Uint8Array(480).fill(255) };
    const out = await kernels.gpu.networkInput(photo, matte);
    const levels = (await kernels.gpu.download(out)).data.map((v) => Math.round((v * 0.5 + 0.5) * 255));
    out.dispose();
    expect(difference(levels, golden.jitter_012.data as Uint8Array).max).toBe(0);
  });

  test.each([
    [1, 1, 1],
    [17, 13, 0.5],
    [64, 64, 0],
    [250, 333, 0.3],
  ])('%i x %i px, %f of it foreground: equal to the bit (seed input)', async (width, height, share) => {
    const photo = noisePhoto('input', width, height);
    const matte = noiseMatte('input/matte', width, height, share);
    const { error } = await bothMaps(kernels, (set) => set.networkInput(photo, matte));
    expect(error.max).toBe(0);
  });

  test('a mask of another size is refused', () => {
    const matte = noiseMatte('input/matte', 8, 9);
    expect(() => kernels.gpu.networkInput(noisePhoto('input', 9, 9), matte)).toThrowError(/mask is 8 x 9/);
  });
});

describe('downsample8', () => {
  test('golden interp_down8', async () => {
    const map = cpuMap(planarMap([3, 64, 64], hashNoiseArray('unit/interp/x', 3 * 64 * 64)));
    const out = await kernels.gpu.downsample8(map);
    expect(
      difference((await kernels.gpu.download(out)).data, golden.interp_down8.data as Float32Array).max,
    ).toBeLessThan(1e-6);
    out.dispose();
  });

  test.each([
    [1, 8, 8],
    [3, 35, 21],
    [6, 264, 80],
  ])('[%i, %i, %i] (seed down)', async (channels, height, width) => {
    const map = noiseMap('down', [channels, height, width]);
    const { error, shape, want } = await bothMaps(kernels, (set) => set.downsample8(map));
    expect(shape).toEqual(want.shape);
    expect(error.max).toBeLessThan(1e-6);
  });
});
