/** The stage in a real browser: the photo's file decoded, the pictures encoded, cancelled on the way. */
import { expect, test } from 'vitest';
import { pacedBy } from '../../base/steps.ts';
import { madeFigure } from '../../geometry/atlas/figure-test-kit.ts';
import { KEYPOINT_COUNT } from '../../geometry/body.ts';
import { cameraOf } from '../../geometry/framing.ts';
import { inThisThread } from '../file-work.ts';
import type { StageContext } from '../stage.ts';
import { runAtlas } from './atlas.ts';

const SIDE = 1024;
const figure = madeFigure(SIDE, 0.5);

async function photoFile(): Promise<Blob> {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  canvas.getContext('2d')?.putImageData(new ImageData(figure.photo.data, SIDE, SIDE), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

async function run(signal: AbortSignal, onProgress: (fraction: number) => void) {
  const { mesh, cloud, matte, photo, mapping } = figure;
  const square = { ...photo, data: photo.data };
  const inputs = {
    shape: mesh,
    full: mesh,
    photoFile: await photoFile(),
    photo: {
      ...{ square, hasAlpha: false, originalWidth: SIDE, originalHeight: SIDE, mapping },
      ...{ camera: cameraOf(mapping, null), whom: null, notices: [] },
    },
    cloud,
    matte,
    keypoints: new Float64Array(KEYPOINT_COUNT * 3).fill(900),
  };
  const context = {
    signal,
    pace: pacedBy(signal, 'export'),
    progress: onProgress,
    stage: 'surface',
    services: { files: inThisThread },
  };
  return runAtlas(inputs, 2048, context as unknown as StageContext);
}

test('makes two JPEG pictures of one size, told on the way', async () => {
  const fractions: number[] = [];
  const made = await run(new AbortController().signal, (fraction) => fractions.push(fraction));
  for (const picture of [made.colour, made.normal]) {
    const bitmap = await createImageBitmap(new Blob([picture.bytes], { type: picture.mime }));
    expect([bitmap.width, bitmap.height]).toEqual([picture.width, picture.height]);
    bitmap.close();
  }
  expect(made.colour.mime).toBe('image/jpeg');
  expect(made.notices).toEqual([]);
  expect(made.sources.length).toBeGreaterThan(figure.mesh.seen.length);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBeGreaterThan(0.8);
}, 170_000);

test('ends soon when it is cancelled', async () => {
  const abort = new AbortController();
  const running = run(abort.signal, (fraction) => {
    if (fraction > 0.1) abort.abort();
  });
  await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
}, 170_000);
