/**
 * The original's refinement computes a mask and applies it to nothing; the background goes only where the front happens
 * to lie behind the back (docs/method.md#faults, items 9 and 15). Robust mode cuts the depth by the matte.
 */
import { expect, test } from 'vitest';
import { type GreyImage, planarMap } from '../../src/base/images.ts';
import { finishedDepth } from '../../src/digitizer/stages/fine-depth.ts';
import { createCpuKernels } from '../../src/gpu/cpu-kernels.ts';

const SIZE = 64;
const kernels = createCpuKernels();

/** A wall in front of and behind everything, the person in the middle; the mask logit says no outside the person. */
const inFigure = (i: number) => Math.abs(Math.floor(i / SIZE) - 32) < 16 && Math.abs((i % SIZE) - 32) < 8;
const raw = planarMap([3, SIZE, SIZE]);
for (let i = 0; i < SIZE * SIZE; i++) {
  raw.data[i] = 1.9;
  raw.data[SIZE * SIZE + i] = 2.1;
  raw.data[2 * SIZE * SIZE + i] = inFigure(i) ? 9 : -9;
}
const matte: GreyImage = {
  width: SIZE,
  height: SIZE,
  data: Uint8Array.from({ length: SIZE * SIZE }, (_, i) => (inFigure(i) ? 255 : 0)),
};

/** Share of background, and of the figure, that has depth. One tile is all. */
async function shares(cut: GreyImage | null) {
  const window = { row: 0, column: 0, height: SIZE, width: SIZE };
  const tile = { window, core: window, raw: kernels.upload(raw) };
  const depth = await finishedDepth([tile], kernels.upload(planarMap([6, SIZE, SIZE])), cut, kernels, SIZE);
  const { data } = await kernels.download(depth);
  const count = [0, 0];
  const filled = [0, 0];
  for (let i = 0; i < SIZE * SIZE; i++) {
    const at = inFigure(i) ? 1 : 0;
    count[at]++;
    if (data[i] > 0) filled[at]++;
  }
  return { background: filled[0] / count[0], figure: filled[1] / count[1] };
}

test('reference mode keeps all of the wall', async () => {
  expect(await shares(null)).toEqual({ background: 1, figure: 1 });
});

test('robust mode keeps none of it, and the figure but for its rim', async () => {
  const { background, figure } = await shares(matte);
  expect(background).toBe(0);
  // 31 x 15 px less 3 px on each side.
  expect(figure).toBeCloseTo((25 * 9) / (31 * 15), 9);
});
