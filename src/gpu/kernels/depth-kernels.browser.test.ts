/** fineDepth tiles, depth finish and cloud on the GPU against the CPU references and golden/pers2pc_16.npz. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planarMap } from '../../base/images.ts';
import { cpuMap } from '../device-map.ts';
import type { CloudOptions } from '../kernel-set.ts';
import {
  bothMaps,
  cloudDifference,
  difference,
  noiseMap,
  noiseMatte,
  noisePhoto,
  openTestKernels,
  reliefMaps,
  type TestKernels,
} from './browser-test-kit.ts';

let kernels: TestKernels;
beforeAll(async () => {
  kernels = await openTestKernels();
});
afterAll(() => kernels.close());

describe('fineTileInput', () => {
  test.each([
    ['inside', { row: 64, column: 8, height: 48, width: 80 }],
    ['whole canvas', { row: 0, column: 0, height: 160, width: 160 }],
    ['over the upper left edge', { row: -24, column: -16, height: 64, width: 72 }],
    ['over the lower right edge', { row: 120, column: 128, height: 64, width: 40 }],
    ['beyond the canvas', { row: 320, column: 0, height: 8, width: 8 }],
  ])('%s (seed tile)', async (_name, tile) => {
    const depth = noiseMap('tile/depth', [2, 20, 20]);
    const normals = noiseMap('tile/normals', [6, 160, 160]);
    const got = await kernels.gpu.fineTileInput(depth, normals, tile);
    const want = await kernels.cpu.fineTileInput(depth, normals, tile);
    for (const key of ['depth', 'normals'] as const) {
      const map = await kernels.gpu.download(got[key]);
      expect(map.shape).toEqual(want[key].shape);
      expect(difference(map.data, (await kernels.cpu.download(want[key])).data).max).toBe(0);
      got[key].dispose();
    }
  });

  test('a tile off the grid of 8 is refused', async () => {
    const tile = { row: 4, column: 0, height: 8, width: 8 };
    const maps = [noiseMap('tile/depth', [2, 20, 20]), noiseMap('tile/normals', [6, 160, 160])] as const;
    await expect(kernels.gpu.fineTileInput(...maps, tile)).rejects.toThrowError(/multiples of 8/);
  });
});

describe('storeTile', () => {
  const tile = { row: 16, column: 40, height: 48, width: 64 };
  const core = { row: 24, column: 56, height: 31, width: 33 };

  test.each(['gpu', 'cpu'] as const)('into a %s map (seed store)', async (where) => {
    const raw = noiseMap('store/raw', [3, 48, 64]);
    const want = noiseMap('store/target', [3, 96, 120]);
    const before = planarMap(want.shape, want.data.slice());
    const target = where === 'gpu' ? kernels.gpu.upload(before) : cpuMap(before);
    await kernels.gpu.storeTile(raw, tile, core, target);
    await kernels.cpu.storeTile(raw, tile, core, want);
    expect(difference((await kernels.gpu.download(target)).data, want.data).max).toBe(0);
    target.dispose();
  });

  test('a core outside its tile is refused', async () => {
    const target = kernels.gpu.upload(planarMap([3, 96, 120]));
    const raw = noiseMap('store/raw', [3, 48, 64]);
    await expect(kernels.gpu.storeTile(raw, tile, { ...core, row: 8 }, target)).rejects.toThrowError(
      /does not lie/,
    );
    target.dispose();
  });
});

describe('finishDepth', () => {
  test.each([
    [1, 1, 1],
    [15, 33, 0.5],
    [40, 64, 0],
    [129, 130, null],
  ])('%i x %i px, matte share %s (seed finish)', async (height, width, share) => {
    const raw = noiseMap('finish', [3, height, width], -2, 8);
    const matte = share === null ? null : noiseMatte('finish/matte', width, height, share);
    const { error, shape } = await bothMaps(kernels, (set) => set.finishDepth(raw, matte));
    expect(shape).toEqual([2, height, width]);
    expect(error.max).toBe(0);
  });

  test('equal depths are kept', async () => {
    const raw = cpuMap(planarMap([3, 1, 2], Float32Array.of(2, 7, 2, 9, 0, 0)));
    const out = await kernels.gpu.finishDepth(raw, null);
    expect([...(await kernels.gpu.download(out)).data]).toEqual([2, 6, 2, 6]);
    out.dispose();
  });
});

describe('relief', () => {
  test.each([64, 200])('%i px of folds, jumps and gaps (seed relief)', async (size) => {
    const { depth, normals } = reliefMaps('relief', size);
    const { error, shape } = await bothMaps(kernels, (set) => set.relief(depth, normals));
    expect(shape).toEqual([2, size, size]);
    // Network units; 1e-5 is 0.005 px at 2048.
    expect(error.max).toBeLessThan(1e-5);
  });
});

describe('depthToCloud', () => {
  const options: readonly CloudOptions[] = (['reference', 'robust'] as const).flatMap((mode) =>
    [false, true].map((erodeBack) => ({ mode, erodeBack })),
  );
  const cases = [1, 16, 33, 100, 256].flatMap((size) =>
    options.map((o) => [size, o.mode, o.erodeBack] as const),
  );

  test.each(cases)('%i px, %s, back eroded %s (seed cloud)', async (size, mode, erodeBack) => {
    const { depth, normals } = reliefMaps('cloud', size);
    const front = noisePhoto('cloud/front', size, size);
    const back = noisePhoto('cloud/back', size, size);
    const got = await kernels.gpu.depthToCloud(depth, normals, front, back, { mode, erodeBack });
    const want = await kernels.cpu.depthToCloud(depth, normals, front, back, { mode, erodeBack });
    if (size >= 100) expect(want.count).toBeGreaterThan(0.1 * size * size);
    const d = cloudDifference(got, want);
    expect(d.strays).toBeLessThanOrEqual(Math.ceil(want.count * 1e-4));
    expect(d.ordered).toBe(true);
    expect(d.position).toBeLessThan(1e-6);
    expect(d.normal).toBeLessThan(2e-3);
    expect(d.colour).toBe(0);
  });

  test('nothing but background gives an empty cloud', async () => {
    const photo = noisePhoto('cloud/front', 64, 64);
    const maps = [cpuMap(planarMap([2, 64, 64])), cpuMap(planarMap([6, 64, 64]))] as const;
    const cloud = await kernels.gpu.depthToCloud(...maps, photo, photo, { mode: 'robust', erodeBack: true });
    expect(cloud.count).toBe(0);
    expect(cloud.positions.length).toBe(0);
  });

  test('two runs give the same bytes', async () => {
    const { depth, normals } = reliefMaps('cloud', 100);
    const photo = noisePhoto('cloud/front', 100, 100);
    const run = () =>
      kernels.gpu.depthToCloud(depth, normals, photo, photo, { mode: 'robust', erodeBack: true });
    const [a, b] = [await run(), await run()];
    expect(difference(a.positions, b.positions).max).toBe(0);
    expect(difference(a.pixels, b.pixels).max).toBe(0);
  });

  test('maps of different sizes are refused', async () => {
    const photo = noisePhoto('cloud/front', 64, 64);
    const maps = [cpuMap(planarMap([2, 64, 64])), cpuMap(planarMap([6, 32, 32]))] as const;
    const run = kernels.gpu.depthToCloud(...maps, photo, photo, { mode: 'robust', erodeBack: true });
    await expect(run).rejects.toMatchObject({ code: 'E_INTERNAL', stage: 'cloud' });
  });
});
