/** Warps, occupancy and merge on the GPU against their CPU references, at the canvas size they always have. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planarMap } from '../../base/images.ts';
import { type Affine, CROP_SIZES, type PartKind } from '../../geometry/body.ts';
import { invertAffine } from '../../geometry/similarity.ts';
import { cpuMap } from '../device-map.ts';
import type { MergePart } from '../kernel-set.ts';
import {
  bothMaps,
  difference,
  noiseMap,
  openTestKernels,
  similarity,
  type TestKernels,
} from './browser-test-kit.ts';

let kernels: TestKernels;
beforeAll(async () => {
  kernels = await openTestKernels();
});
afterAll(() => kernels.close());

type Place = readonly [name: string, kind: PartKind, imageFromPart: Affine];

/** imageFromPart of crops that lie straight, rotated, shrunk, magnified, half outside, wholly outside. */
const PLACES: readonly Place[] = [
  ['identity', 'face', similarity(1, 0, 0, 0)],
  ['rotated 33 degrees', 'arm', similarity(0.9, 33, 0.2, -0.3)],
  ['upside down', 'leg', similarity(1.3, 178, -0.1, 0.4)],
  ['magnified', 'foot', similarity(0.21, -70, 0.3, 0.7)],
  ['partly outside', 'upper', similarity(1.1, -12, 0.95, -0.9)],
  ['wholly outside', 'foot', similarity(1, 45, 3, 3)],
];

describe('partInput', () => {
  test.each(PLACES)('%s (seed part-input)', async (_name, kind, imageFromPart) => {
    const input = noiseMap('part-input', [3, 2048, 2048]);
    const coarse = noiseMap('part-input/coarse', [6, 256, 256], 0, 1);
    const { error, shape, want } = await bothMaps(kernels, (set) =>
      set.partInput(input, coarse, kind, imageFromPart),
    );
    expect(shape).toEqual(want.shape);
    // Positions are good to 2e-4 px, and neighbours in noise differ by up to 2.
    expect(error.max).toBeLessThan(1e-3);
    expect(error.mean).toBeLessThan(5e-5);
  });

  test('takes maps that already are on the GPU, and leaves them alone', async () => {
    const { gpu } = kernels;
    const input = noiseMap('part-input', [3, 2048, 2048]);
    const coarse = noiseMap('part-input/coarse', [6, 256, 256], 0, 1);
    const onGpu = [gpu.upload(input), gpu.upload(coarse)] as const;
    const [, kind, imageFromPart] = PLACES[1];
    const a = await gpu.partInput(onGpu[0], onGpu[1], kind, imageFromPart);
    const b = await gpu.partInput(input, coarse, kind, imageFromPart);
    expect(difference((await gpu.download(a)).data, (await gpu.download(b)).data).max).toBe(0);
    expect(difference((await gpu.download(onGpu[1])).data, coarse.data).max).toBe(0);
    for (const map of [a, b, ...onGpu]) map.dispose();
  });
});

describe('partOccupancy', () => {
  test.each(PLACES)('%s', async (_name, kind, imageFromPart) => {
    const { error } = await bothMaps(kernels, (set) => set.partOccupancy(kind, imageFromPart));
    expect(error.max).toBeLessThan(5e-5);
  });
});

/** Parts with noise for normals and their true occupancy. */
async function noiseParts(seed: string, places: readonly Place[]): Promise<MergePart[]> {
  const parts: MergePart[] = [];
  for (const [name, kind, imageFromPart] of places) {
    const { height, width } = CROP_SIZES[kind];
    const partFromImage = invertAffine(imageFromPart);
    if (!partFromImage) throw new Error(`${name} is singular`);
    parts.push({
      kind,
      normals: noiseMap(`${seed}/${name}`, [6, height, width], 0, 1),
      occupancy: await kernels.cpu.partOccupancy(kind, imageFromPart),
      partFromImage,
    });
  }
  return parts;
}

const TWELVE: readonly Place[] = [
  ...PLACES,
  ['again 1', 'arm', similarity(1, 10, 0.1, -0.2)],
  ['again 2', 'arm', similarity(0.7, -140, 0.15, -0.25)],
  ['again 3', 'leg', similarity(1, 90, 0, 0.1)],
  ['again 4', 'leg', similarity(1.1, 5, 0, 0.3)],
  ['again 5', 'leg', similarity(0.8, -7, 0.05, 0.3)],
  ['again 6', 'face', similarity(0.5, 0, 0, -0.5)],
];

const SETS: readonly (readonly [string, readonly Place[]])[] = [
  ['no part', []],
  ['one part', PLACES.slice(1, 2)],
  ['a part half outside and one wholly', PLACES.slice(4)],
  ['twelve parts that overlap', TWELVE],
];

describe('mergeNormals', () => {
  test.each(SETS)('%s (seed merge)', async (_name, places) => {
    const parts = await noiseParts('merge', places);
    const { got, want } = await bothMaps(kernels, (set) => set.mergeNormals(parts));
    expect(got.shape).toEqual([6, 2048, 2048]);
    // At the outermost rim a weight is of the size of the position's rounding, and noise makes that visible.
    const { beyond, mean } = difference(got.data, want.data, 2e-3);
    expect(beyond).toBeLessThan(1e-5);
    expect(mean).toBeLessThan(1e-5);
    if (places.length === 0) expect(got.data.every((value) => value === 0)).toBe(true);
  });

  test('parts on the GPU and in memory mix', async () => {
    const parts = await noiseParts('merge', TWELVE.slice(0, 2));
    const normals = kernels.gpu.upload(cpuMap(planarMap(parts[0].normals.shape)));
    const mixed = [{ ...parts[0], normals }, parts[1]];
    const zeroed = [{ ...parts[0], normals: cpuMap(planarMap(parts[0].normals.shape)) }, parts[1]];
    const a = await kernels.gpu.mergeNormals(mixed);
    const b = await kernels.gpu.mergeNormals(zeroed);
    expect(difference((await kernels.gpu.download(a)).data, (await kernels.gpu.download(b)).data).max).toBe(
      0,
    );
    for (const map of [a, b, normals]) map.dispose();
  });
});

describe('mergeWeights', () => {
  test.each([1, 37, 256])('%i samples a side', async (size) => {
    const parts = await noiseParts('merge', TWELVE);
    const { got, want, shape } = await bothMaps(kernels, (set) => set.mergeWeights(parts, size));
    expect(shape).toEqual([12, size, size]);
    expect(difference(got.data, want.data, 2e-3).beyond).toBeLessThan(1e-4);
  });
});

describe('fillUncovered', () => {
  test.each([SETS[0], SETS[3]])('%s (seed fill)', async (_name, places) => {
    const parts = await noiseParts('fill', places);
    const merged = noiseMap('fill/merged', [6, 2048, 2048], 0, 1);
    const coarse = noiseMap('fill/coarse', [6, 256, 256], 0, 1);
    const { got, want } = await bothMaps(kernels, (set) => set.fillUncovered(merged, parts, coarse));
    const { max, mean } = difference(got.data, want.data);
    expect(max).toBeLessThan(1e-3);
    expect(mean).toBeLessThan(1e-5);
  });
});
