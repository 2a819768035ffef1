/**
 * The back of the head is painted by the head's keypoints, but the cloud's key left the pose out: when only the nose
 * moved, which no part's box depends on, the cloud came back with the old colours.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OrientedCloud } from '../../src/base/cloud.ts';
import { contentKey } from '../../src/base/content-key.ts';
import { type GreyImage, planarMap, type RgbaImage } from '../../src/base/images.ts';
import { unpaced } from '../../src/base/steps.ts';
import { ResultCache } from '../../src/digitizer/result-cache.ts';
import { Runner } from '../../src/digitizer/runner.ts';
import type { StageContext } from '../../src/digitizer/stage.ts';
import { STAGES } from '../../src/digitizer/stages.ts';
import { ONLY_SUBJECT } from '../../src/digitizer/types.ts';
import { type BackPaint, PAINT_SIDE } from '../../src/geometry/back-paint.ts';
import { CANVAS_SIZE } from '../../src/geometry/body.ts';
import { focalPx } from '../../src/geometry/camera.ts';
import { NO_EDITS } from '../../src/geometry/figure-edits.ts';
import { squareMapping } from '../../src/geometry/keypoints.ts';
import { createCpuKernels } from '../../src/gpu/cpu-kernels.ts';

const SIZE = CANVAS_SIZE;
const SAMPLE = join(import.meta.dirname, '../golden/person_keypoints.json');
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

const sources = {
  photo: {
    square: photo,
    camera: { focalPx: focalPx(SIZE), distance: 1, yawRad: 0, pitchRad: 0 },
    hasAlpha: false,
    originalWidth: SIZE,
    originalHeight: SIZE,
    mapping: squareMapping(SIZE, SIZE),
    notices: [],
  },
  photoName: 'person',
  matte: { matte, source: 'mask', notices: [] },
  figure: { matte, source: 'mask', notices: [] },
  mergedNormals: kernels.upload(planarMap([6, SIZE, SIZE])),
  // Nothing was corrected by hand.
  jointEdits: NO_EDITS,
  boxEdits: NO_EDITS,
  hiddenParts: NO_EDITS.hidden,
  strokes: NO_EDITS.strokes,
  fineDepth: { tiles: [], depth: kernels.upload(depth), tilesRun: 0, tilesTotal: 0, windowPx: SIZE },
};

/** The real descriptors from the pose on; what lies before them is given. */
async function cloudOf(
  cache: ResultCache,
  poseFile: string,
  { packBack = '', paintBack = async (): Promise<BackPaint | null> => null } = {},
): Promise<OrientedCloud> {
  const runner = new Runner(
    {
      stages: STAGES,
      options: {
        mode: 'robust',
        subject: ONLY_SUBJECT,
        textureSide: 2048,
        matteSource: null,
        surfaceDepth: 8,
        weights: '',
        backend: 'wasm',
        precision: 'f32',
        ownMatting: '',
        packMatting: '',
        packBack,
      },
      cache,
      token: Symbol('test'),
      results: {},
      context: () =>
        ({ kernels, pace: unpaced, progress: () => {}, services: { paintBack } }) as unknown as StageContext,
      notice: () => {},
    },
    {
      ...Object.fromEntries(Object.entries(sources).map(([id, value]) => [id, { content: id, value }])),
      poseFile: { content: contentKey(poseFile), value: poseFile },
    },
  );
  return (await runner.make('cloud')).value;
}

test('a moved nose gives the colours of a run from the start', async () => {
  const before = readFileSync(SAMPLE, 'utf8');
  const moved = JSON.parse(before) as { people: { pose_keypoints_2d: number[] }[] };
  moved.people[0].pose_keypoints_2d[0] += 60;
  moved.people[0].pose_keypoints_2d[1] += 40;
  const after = JSON.stringify(moved);

  const kept = new ResultCache();
  const first = await cloudOf(kept, before);
  const second = await cloudOf(kept, after);
  const fresh = await cloudOf(new ResultCache(), after);
  const same = (a: OrientedCloud, b: OrientedCloud) => Buffer.compare(a.colours, b.colours) === 0;
  expect(same(fresh, first)).toBe(false);
  expect(same(fresh, second)).toBe(true);
});

test('a pack that paints the far side gives the far points its colours, and the near ones keep theirs', async () => {
  const pose = readFileSync(SAMPLE, 'utf8');
  const cells = PAINT_SIDE * PAINT_SIDE;
  const painted = new Float32Array(4 * cells);
  [30, 90, 200].forEach((level, c) => {
    painted.fill(level / 255, c * cells, (c + 1) * cells);
  });
  let seen = new Float32Array();
  const paintBack = async (shown?: Float32Array) => {
    seen = new Float32Array(shown ?? []);
    return { cells: seen, painted };
  };
  const cache = new ResultCache();
  const ruled = await cloudOf(cache, pose);
  const cloud = await cloudOf(cache, pose, { packBack: 'hash', paintBack });
  // The middle of the person, where all four planes are known.
  const middle = 128 * PAINT_SIDE + 128;
  expect([0, 1, 2, 3].map((c) => seen[c * cells + middle] > 0)).toEqual([true, true, true, true]);
  expect(cloud.count).toBe(ruled.count);
  const wrong = { near: 0, far: 0 };
  for (let i = 0; i < cloud.count; i++) {
    const expected = cloud.sides[i] ? [30, 90, 200] : ruled.colours.subarray(i * 3, i * 3 + 3);
    if (cloud.colours.subarray(i * 3, i * 3 + 3).every((v, c) => Math.abs(v - expected[c]) <= 1)) continue;
    if (cloud.sides[i]) wrong.far++;
    else wrong.near++;
  }
  expect(wrong).toEqual({ near: 0, far: 0 });
});
