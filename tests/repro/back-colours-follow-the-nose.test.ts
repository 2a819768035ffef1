/**
 * The back of the head is painted by the head's keypoints, but the cloud's key left the pose out: when only the nose
 * moved, which no part's box depends on, the cloud came back with the old colours.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type GreyImage, planarMap, type RgbaImage } from '../../src/base/images.ts';
import type { Engine } from '../../src/digitizer/engine.ts';
import { ResultCache } from '../../src/digitizer/result-cache.ts';
import { type RunResults, runChain } from '../../src/digitizer/run.ts';
import { DEFAULT_RUN_OPTIONS } from '../../src/digitizer/types.ts';
import { CANVAS_SIZE } from '../../src/geometry/body.ts';
import { squareMapping } from '../../src/geometry/keypoints.ts';
import { createCpuKernels } from '../../src/gpu/cpu-kernels.ts';
import type { OrientedCloud } from '../../src/gpu/kernel-set.ts';
import type { Pack } from '../../src/networks/packs/pack.ts';

const SIZE = CANVAS_SIZE;
const SAMPLE = join(import.meta.dirname, '../../public/samples/yellow-shirt_keypoints.json');
const kernels = createCpuKernels();

/** A flat person, 1000 px wide, in colours that change from pixel to pixel. */
const inFigure = (i: number) =>
  Math.abs((i % SIZE) - SIZE / 2) < 500 && Math.abs(Math.floor(i / SIZE) - 1024) < 950;
const photo: RgbaImage = { width: SIZE, height: SIZE, data: new Uint8ClampedArray(SIZE * SIZE * 4) };
const matte: GreyImage = { width: SIZE, height: SIZE, data: new Uint8Array(SIZE * SIZE) };
const depth = planarMap([2, SIZE, SIZE]);
for (let i = 0; i < SIZE * SIZE; i++) {
  photo.data.set([(i >> 3) & 255, (i >> 9) & 255, (i * 7) & 255, 255], 4 * i);
  if (!inFigure(i)) continue;
  matte.data[i] = 255;
  depth.data[i] = 1.9;
  depth.data[SIZE * SIZE + i] = 2.1;
}

const SEEDS: Readonly<Record<string, unknown>> = {
  photo: {
    square: photo,
    hasAlpha: false,
    originalWidth: SIZE,
    originalHeight: SIZE,
    mapping: squareMapping(SIZE, SIZE),
    notices: [],
  },
  matte: { matte, source: 'mask', notices: [] },
  input: kernels.upload(planarMap([3, 1, 1])),
  coarse: { normals: kernels.upload(planarMap([6, 1, 1])), depth: kernels.upload(planarMap([2, 1, 1])) },
  part: { part: 'head', kind: 'face', key: 'part' },
  merged: kernels.upload(planarMap([6, SIZE, SIZE])),
  fine: { depth: kernels.upload(depth), tilesRun: 0 },
};

/** What lies before the cloud is there already. */
class SeededCache extends ResultCache {
  override has(key: string): boolean {
    return key.split(':')[0] in SEEDS || super.has(key);
  }
  override get<T>(key: string, compute: () => Promise<T> | T, dispose?: (value: T) => void): Promise<T> {
    const seed = SEEDS[key.split(':')[0]];
    return super.get(key, seed === undefined ? compute : () => seed as T, dispose);
  }
}

async function cloudOf(cache: ResultCache, poseJson: string): Promise<OrientedCloud> {
  const engine = {
    kernels,
    machine: { threads: 1 },
    networkDevice: { backend: 'wasm', threads: 1 },
    deviceMemory: null,
    lost: new Promise<never>(() => {}),
  } as unknown as Engine;
  const pack = { manifest: { widths: { fineDepth: 8 }, files: [{ sha256: 'x' }] } } as unknown as Pack;
  const results: RunResults = {};
  const running = runChain(
    { name: 'flat', photo: new Blob(['photo']), poseJson },
    DEFAULT_RUN_OPTIONS,
    results,
    {
      engine,
      pack,
      cache,
      signal: new AbortController().signal,
      onEvent: () => {},
      onStageDone: async () => {},
      estimatePose: () => Promise.reject(new Error('a pose was given')),
      solveSurface: () => Promise.reject(new Error('the cloud is enough')),
    },
  );
  await expect(running).rejects.toMatchObject({ message: 'the cloud is enough' });
  return results.cloud as OrientedCloud;
}

test('a moved nose gives the colours of a run from the start', async () => {
  const before = readFileSync(SAMPLE, 'utf8');
  const moved = JSON.parse(before) as { people: { pose_keypoints_2d: number[] }[] };
  moved.people[0].pose_keypoints_2d[0] += 60;
  moved.people[0].pose_keypoints_2d[1] += 40;
  const after = JSON.stringify(moved);

  const kept = new SeededCache();
  const first = await cloudOf(kept, before);
  const second = await cloudOf(kept, after);
  const fresh = await cloudOf(new SeededCache(), after);
  const same = (a: OrientedCloud, b: OrientedCloud) => Buffer.compare(a.colours, b.colours) === 0;
  expect(same(fresh, first)).toBe(false);
  expect(same(fresh, second)).toBe(true);
});
