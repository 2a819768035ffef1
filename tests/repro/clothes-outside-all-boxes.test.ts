/**
 * Loose clothes and long hair lie outside all twelve boxes, where the original has no normal at all: the refinement is
 * given zeros there. Robust mode gives it the coarse normal, flattened to the finer grid and blended at the edges.
 */
import { expect, test } from 'vitest';
import { type PlanarMap, planarMap } from '../../src/base/images.ts';
import type { StageContext } from '../../src/digitizer/stage.ts';
import { runMergedNormals } from '../../src/digitizer/stages/merged-normals.ts';
import type { PartResult } from '../../src/digitizer/stages/part-normals.ts';
import type { RunMode } from '../../src/digitizer/types.ts';
import { CANVAS_SIZE, CROP_SIZES } from '../../src/geometry/body.ts';
import { createCpuKernels } from '../../src/gpu/cpu-kernels.ts';

const kernels = createCpuKernels();
const { height, width } = CROP_SIZES.face;
const identity = Float32Array.of(1, 0, 0, 0, 1, 0);

/** One box in the middle of the canvas, coded 0.5, 0.5, 1 within; coarse normals say the same everywhere. */
const facing = (rows: number, columns: number): PlanarMap =>
  planarMap(
    [6, rows, columns],
    Float32Array.from({ length: 6 * rows * columns }, (_, i) =>
      Math.floor(i / (rows * columns)) % 3 === 2 ? 1 : 0.5,
    ),
  );

async function mergedIn(mode: RunMode): Promise<PlanarMap> {
  const head: PartResult = {
    part: 'head',
    kind: 'face',
    key: 'head',
    crop: kernels.upload(planarMap([8, 1, 1])),
    normals: kernels.upload(facing(height, width)),
    occupancy: await kernels.partOccupancy('face', identity),
    imageFromPart: identity,
    partFromImage: identity,
  };
  const context = { kernels, progress: () => {} } as unknown as StageContext;
  return kernels.download(await runMergedNormals([head], kernels.upload(facing(256, 256)), mode, context));
}

const at = (map: PlanarMap, row: number, column: number) =>
  [0, 1, 2, 3, 4, 5].map((c) => map.data[(c * CANVAS_SIZE + row) * CANVAS_SIZE + column]);

const INSIDE = [1024, 1024] as const;
const OUTSIDE = [1600, 700] as const;
const TOWARDS = [0.5, 0.5, 1, 0.5, 0.5, 1].map((v) => expect.closeTo(v, 5));

test('reference mode has nothing there', async () => {
  const merged = await mergedIn('reference');
  expect(at(merged, ...INSIDE)).toEqual(TOWARDS);
  expect(at(merged, ...OUTSIDE)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('robust mode has the coarse normal, with no seam at the box', async () => {
  const merged = await mergedIn('robust');
  expect(at(merged, ...INSIDE)).toEqual(TOWARDS);
  expect(at(merged, ...OUTSIDE)).toEqual(TOWARDS);
  for (let column = 600; column < 1500; column += 7) expect(at(merged, 1024, column)).toEqual(TOWARDS);
});
