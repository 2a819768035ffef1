/**
 * Robust mode's coarse depth knows no left and right: of a mirrored picture it is the mirrored depth. One answer of the
 * network alone is not, which is the error that the average takes away.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PlanarMap, planarMap } from '../../base/images.ts';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { cpuMap } from '../../gpu/device-map.ts';
import { openPack, type Pack } from '../../networks/packs/pack.ts';
import { type Engine, openEngine } from '../engine.ts';
import type { StageContext } from '../stage.ts';
import type { RunMode } from '../types.ts';
import { disposeCoarse, mirrored, runCoarse } from './coarse.ts';

let pack: Pack;
let engine: Engine;
beforeAll(async () => {
  pack = await openPack(new URL('/packs/starter/', location.href).href);
  engine = await openEngine('wasm');
});
afterAll(() => engine.dispose());

/** Something like a figure that leans to one side, lit from the left, on the input's empty ground. */
function leaningFigure(): PlanarMap {
  const side = CANVAS_SIZE;
  const picture = planarMap([3, side, side], new Float32Array(3 * side * side).fill(-1));
  for (let y = 200; y < 1850; y++) {
    const middle = 900 + 0.1 * y;
    const half = y < 420 ? 120 : 260;
    for (let x = Math.round(middle - half); x < middle + half; x++) {
      for (let c = 0; c < 3; c++)
        picture.data[(c * side + y) * side + x] = 0.4 - (x - middle) / 1000 - c * 0.1;
    }
  }
  return picture;
}

async function depthOf(picture: PlanarMap, mode: RunMode): Promise<PlanarMap> {
  const context = {
    stage: 'coarse',
    kernels: engine.kernels,
    networks: { pack, device: engine.networkDevice, runtime: engine.networks },
    signal: new AbortController().signal,
    progress: () => {},
  } as unknown as StageContext;
  const result = await runCoarse(cpuMap(picture), mode, 'f32', context);
  disposeCoarse(result);
  return result.rawDepth;
}

/** Largest difference where both masks say person, in network units (1 = 512 px). */
function difference(a: PlanarMap, b: PlanarMap): number {
  const plane = a.data.length / 3;
  let most = 0;
  for (let i = 0; i < plane; i++) {
    if (a.data[2 * plane + i] <= 0 || b.data[2 * plane + i] <= 0) continue;
    most = Math.max(most, Math.abs(a.data[i] - b.data[i]), Math.abs(a.data[plane + i] - b.data[plane + i]));
  }
  return most;
}

test('the depth of a mirrored picture is the mirrored depth in robust mode, and only there', async () => {
  const figure = leaningFigure();
  const of = async (mode: RunMode) =>
    difference(mirrored(await depthOf(figure, mode)), await depthOf(mirrored(figure), mode));
  expect(await of('robust')).toBeLessThan(1e-4);
  expect(await of('reference')).toBeGreaterThan(1e-2);
}, 120_000);
