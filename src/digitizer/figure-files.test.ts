import { expect, test } from 'vitest';
import { makePerson } from '../../tests/people.ts';
import type { SurfaceMesh } from '../base/mesh.ts';
import { cameraOf } from '../geometry/framing.ts';
import { squareMapping } from '../geometry/keypoints.ts';
import type { Engine } from './engine.ts';
import { FigureFiles } from './figure-files.ts';
import { inThisThread } from './file-work.ts';
import { ResultCache } from './result-cache.ts';
import type { RunResults } from './stage.ts';
import { STAGES } from './stages.ts';

/** A finished figure of a person whose joints are known, and how often its skeleton was looked for. */
async function finished() {
  const { mesh, keypoints } = await makePerson({}, 0.06);
  const results = {
    surface: {
      mesh: mesh as SurfaceMesh,
      stats: {},
    },
    pose: { keypoints },
    photo: { camera: cameraOf(squareMapping(2048, 2048), null) },
    report: { name: 'person', mode: 'reference', pack: { name: 'p', version: '1', licence: 'CC0' } },
  } as unknown as RunResults;
  let figure = results;
  let searches = 0;
  const never = () => Promise.reject(new Error('not asked for here'));
  const files = new FigureFiles({
    services: { simplify: never, detect: never, findPeople: never, solveSurface: never },
    files: {
      ...inThisThread,
      skeleton: (...given) => {
        searches++;
        return inThisThread.skeleton(...given);
      },
    },
    cache: new ResultCache(),
    stages: STAGES,
    figure: () => figure,
    engine: () =>
      ({ kernels: { paced: () => ({}) }, machine: { threads: 1 }, networks: {} }) as unknown as Engine,
  });
  return { files, searches: () => searches, show: (other: RunResults) => (figure = other), results };
}

test('one skeleton for every file that moves; another pose has its own', async () => {
  const { files, searches, show, results } = await finished();
  const glb = await files.write('rigged', null);
  expect((await files.write('vrm', null)).size).toBeGreaterThan(10_000);
  expect((await files.write('glb', null)).size).toBeLessThan(glb.size);
  expect(searches()).toBe(1);
  show({ ...results, pose: { ...results.pose!, keypoints: results.pose!.keypoints.slice() } });
  await files.write('rigged', null);
  expect(searches()).toBe(2);
});

test('a figure that came without its pose says that it cannot move yet', async () => {
  const { files, show, results } = await finished();
  show({ ...results, pose: undefined });
  await expect(files.write('vrm', null)).rejects.toMatchObject({ stage: 'export', code: 'E_NOT_READY' });
});
