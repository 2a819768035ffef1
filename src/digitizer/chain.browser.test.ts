/**
 * The whole chain up to the cloud with our WGSL kernels at full size, against the same chain with their CPU references.
 * Networks are the same in both (WASM): whatever differs comes from the kernels.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrientedCloud } from '../base/cloud.ts';
import { openDevice } from '../gpu/device.ts';
import { openPack, type Pack } from '../networks/packs/pack.ts';
import { type Engine, engineOnDevice, openEngine } from './engine.ts';
import { runStages } from './run.ts';
import { environmentOf } from './run-test-kit.ts';
import type { RunResults } from './stage.ts';
import { DEFAULT_RUN_OPTIONS, type RunInput } from './types.ts';

let pack: Pack;
let input: RunInput;

beforeAll(async () => {
  pack = await openPack(new URL('/packs/starter/', location.href).href);
  input = {
    name: 'checked-shirt',
    photo: await (await fetch('/samples/checked-shirt.jpg')).blob(),
    poseJson: await (await fetch('/samples/checked-shirt_keypoints.json')).text(),
  };
});

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

/** Runs to the cloud; the surface has tests of its own, so the solver only ends the chain here. */
async function cloudOf(
  engine: Engine,
): Promise<{ cloud: OrientedCloud; depth: Float32Array; results: RunResults }> {
  engines.push(engine);
  const results: RunResults = {};
  const running = runStages(input, DEFAULT_RUN_OPTIONS, results, environmentOf(engine, pack));
  await expect(running).rejects.toMatchObject({ stage: 'surface', message: 'the cloud is enough' });
  const depth = await engine.kernels.download(results.fineDepth!.depth);
  return { cloud: results.cloud!, depth: depth.data, results };
}

test('WGSL kernels and CPU references give the same depth and the same cloud', async () => {
  const opened = await openDevice({ allowSoftware: true });
  if (opened.kind === 'none') throw new Error(opened.reason);
  const gpu = await cloudOf(engineOnDevice(opened, false));
  const cpu = await cloudOf(await openEngine('wasm'));
  expect(gpu.results.fineDepth!.depth.kind).toBe('gpu');
  expect(cpu.results.fineDepth!.depth.kind).toBe('cpu');

  let differing = 0;
  for (let i = 0; i < cpu.depth.length; i++) {
    if (!(Math.abs(cpu.depth[i] - gpu.depth[i]) <= 1e-3)) differing++;
  }
  expect(cpu.cloud.count).toBeGreaterThan(100_000);
  expect(differing / cpu.cloud.count).toBeLessThan(1e-3);
  expect(Math.abs(gpu.cloud.count - cpu.cloud.count) / cpu.cloud.count).toBeLessThan(1e-3);

  const centroid = ({ count, positions }: OrientedCloud) => {
    const sum = [0, 0, 0];
    for (let i = 0; i < count * 3; i++) sum[i % 3] += positions[i] / count;
    return sum;
  };
  const [a, b] = [centroid(gpu.cloud), centroid(cpu.cloud)];
  for (let axis = 0; axis < 3; axis++) expect(Math.abs(a[axis] - b[axis])).toBeLessThan(2e-5);
}, 170_000);
