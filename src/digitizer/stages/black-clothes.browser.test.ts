/**
 * Trousers without any light left in them: to the networks they are the black background, and the original's legs vanish.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPack, type Pack } from '../../networks/packs/pack.ts';
import { type Engine, openEngine } from '../engine.ts';
import { runStages } from '../run.ts';
import { environmentOf } from '../run-test-kit.ts';
import type { RunResults } from '../stage.ts';
import { DEFAULT_RUN_OPTIONS, type RunMode } from '../types.ts';

const COARSE = 256;
/** Hips to ankles of the sample, as shares of its height. */
const TROUSERS = [0.5, 0.88] as const;

let pack: Pack;
let engine: Engine;
beforeAll(async () => {
  pack = await openPack(new URL('/packs/starter/', location.href).href);
  engine = await openEngine('wasm');
});
afterAll(() => engine.dispose());

const sample = async (file: string) => (await fetch(`/samples/${file}`)).blob();

/** A sample, black from the hips down; its mask says what of that are trousers and shoes. */
async function inBlackTrousers(): Promise<Blob> {
  const photo = await createImageBitmap(await sample('crossing.jpg'));
  const { width, height } = photo;
  const canvas = new OffscreenCanvas(width, height);
  const drawing = canvas.getContext('2d')!;
  drawing.drawImage(photo, 0, 0);
  drawing.fillRect(0, TROUSERS[0] * height, width, height);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** The run's results up to the coarse depth. */
async function coarseOf(photo: Blob, mode: RunMode): Promise<RunResults> {
  const results: RunResults = {};
  const enough = new Error('far enough');
  const running = runStages(
    {
      name: 'black trousers',
      photo,
      mask: await sample('crossing_alpha.png'),
      poseJson: await (await sample('crossing_keypoints.json')).text(),
    },
    { ...DEFAULT_RUN_OPTIONS, mode },
    results,
    environmentOf(engine, pack, {
      onStageDone: async (id) => {
        if (id === 'coarse') throw enough;
      },
    }),
  );
  await expect(running).rejects.toThrow(enough.message);
  return results;
}

/** Share of the trousers of which the network says that somebody is there. */
function seen({ figure, coarse }: RunResults): number {
  const { matte: outline } = figure!;
  const step = outline.width / COARSE;
  let all = 0;
  let person = 0;
  for (let y = Math.round(TROUSERS[0] * COARSE); y < TROUSERS[1] * COARSE; y++) {
    for (let x = 0; x < COARSE; x++) {
      if (outline.data[(y + 0.5) * step * outline.width + (x + 0.5) * step] < 128) continue;
      all++;
      if (coarse!.rawDepth.data[(2 * COARSE + y) * COARSE + x] > 0) person++;
    }
  }
  expect(all).toBeGreaterThan(500);
  return person / all;
}

test('legs in black are there in robust mode, and only there', async () => {
  const photo = await inBlackTrousers();
  expect(seen(await coarseOf(photo, 'robust'))).toBeGreaterThan(0.95);
  expect(seen(await coarseOf(photo, 'reference'))).toBeLessThan(0.6);
}, 120_000);
