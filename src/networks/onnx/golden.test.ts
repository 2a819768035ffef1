/** All eight networks, built from the deterministic weights of docs/method.md#test-weights, against recorded reference outputs. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { deterministicWeights } from '../../../tests/deterministic-weights.ts';
import { readNpz } from '../../../tests/npz.ts';
import { hashNoiseArray } from '../../base/deterministic.ts';
import { familyOf } from '../architecture.ts';
import { networkCost } from '../cost.ts';
import { checkLayout, fullLayout, REFERENCE_WIDTHS, type Widths } from '../layout.ts';
import { KEY_PREFIX, NETWORK_IDS, type NetworkId, networkSize } from '../network-ids.ts';
import { readersOf, type WeightTensor } from '../packs/tensors.ts';
import { buildOnnx, graphInputs, graphOutput, OUTPUT_NAME } from './build.ts';
import { exportSize, onnxFiles } from './export.ts';

const golden = resolve(import.meta.dirname, '../../../tests/golden');
const recorded = readNpz(readFileSync(`${golden}/networks_small.npz`));

/** Noise in [-1, 1) to 0.5 + 0.5u, each step rounded to f32, from value `start` on. */
function codeNormals(values: Float32Array, start = 0): Float32Array {
  const out = values.slice();
  for (let i = start; i < out.length; i++) out[i] = Math.fround(0.5 + Math.fround(0.5 * out[i]));
  return out;
}

/** Appends zero channels up to 8. */
function padTo8(values: Float32Array, plane: number): Float32Array {
  const out = new Float32Array(8 * plane);
  out.set(values);
  return out;
}

let weights: Map<string, WeightTensor>;
beforeAll(() => {
  weights = deterministicWeights();
}, 120_000);

async function run(
  id: NetworkId,
  size: { height: number; width: number },
  inputs: Record<string, Float32Array>,
  precision: 'f16' | 'f32' = 'f32',
): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(buildOnnx(weights, id, size, precision));
  const feeds = Object.fromEntries(
    Object.entries(graphInputs(id, size)).map(([name, dims]) => [
      name,
      new ort.Tensor('float32', inputs[name], dims),
    ]),
  );
  const result = (await session.run(feeds))[OUTPUT_NAME].data as Float32Array;
  await session.release();
  return result;
}

function errors(actual: Float32Array, expected: ArrayLike<number | bigint>): { max: number; mean: number } {
  expect(actual.length).toBe(expected.length);
  let max = 0;
  let sum = 0;
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i] - Number(expected[i]));
    max = Math.max(max, error);
    sum += error;
  }
  return { max, mean: sum / actual.length };
}

describe('deterministic weights', () => {
  test('have 1504 entries and the SHA-256 of the test weights', () => {
    expect(fullLayout(REFERENCE_WIDTHS).size).toBe(1504);
    const hash = createHash('sha256');
    let values = 0;
    for (const key of [...weights.keys()].sort()) {
      const { data } = weights.get(key)!;
      hash.update(new Uint8Array(data.buffer));
      values += data.length;
    }
    expect(values).toBe(77_716_568);
    expect(hash.digest('hex')).toBe('841eb91ea096eb825955d34b6d4af40d16dcbb32ee487a1704a83c68b87d6940');
  });

  test('fit the layout', () => {
    const check = checkLayout(weights);
    expect(check.differences).toEqual([]);
    expect(check.widths).toEqual(REFERENCE_WIDTHS);
  });
});

describe('networks against the reference (f32, 64x48)', () => {
  const size = { height: 64, width: 48 };
  const plane = 64 * 48;

  for (const id of NETWORK_IDS) {
    if (id === 'fineDepth') continue;
    test(id, async () => {
      const prefix = KEY_PREFIX[id];
      const inputs: Record<string, Float32Array> =
        id === 'coarseNormal'
          ? { x: hashNoiseArray(`input/${prefix}`, 3 * plane) }
          : id === 'coarseDepth'
            ? {
                x: hashNoiseArray(`input/${prefix}/x`, 3 * plane),
                y: padTo8(codeNormals(hashNoiseArray(`input/${prefix}/y`, 6 * plane)), plane),
              }
            : { x: padTo8(codeNormals(hashNoiseArray(`input/${prefix}`, 6 * plane), 3 * plane), plane) };
      const { max, mean } = errors(await run(id, size, inputs), recorded[prefix].data);
      expect(max).toBeLessThan(1e-4);
      expect(mean).toBeLessThan(1e-5);
    });
  }

  // The graphs that a card with shader-f16 runs; here onnxruntime's processor rounds weights and features to f16.
  test.each(NETWORK_IDS.filter((id) => familyOf(id) === 'normal'))(
    '%s in half precision: same door, close values',
    async (id) => {
      const prefix = KEY_PREFIX[id];
      const noise = hashNoiseArray(`input/${prefix}`, (id === 'coarseNormal' ? 3 : 6) * plane);
      const x = id === 'coarseNormal' ? noise : padTo8(codeNormals(noise, 3 * plane), plane);
      const { max, mean } = errors(await run(id, size, { x }, 'f16'), recorded[prefix].data);
      expect(max).toBeGreaterThan(0);
      expect(max).toBeLessThan(0.01);
      expect(mean).toBeLessThan(0.001);
    },
  );

  test('fineDepth, from the recorded merged normals', async () => {
    const merged = recorded['refine.out0'];
    expect(merged.shape).toEqual([1, 6, 256, 256]);
    const depth = hashNoiseArray('input/refine/d', 2 * 32 * 32).map((u) => 2 + 0.5 * u);
    const output = await run(
      'fineDepth',
      { height: 256, width: 256 },
      { d: depth, n: padTo8(merged.data as Float32Array, 256 * 256) },
    );
    const { max, mean } = errors(output, recorded['refine.out1'].data);
    expect(max).toBeLessThan(1e-4);
    expect(mean).toBeLessThan(1e-5);
  });
});

test('exported files open, one for each network, at the size that is named', async () => {
  const small = deterministicWeights(
    Object.fromEntries(NETWORK_IDS.map((id) => [id, 4])) as Widths,
    'export/',
  );
  const names: string[] = [];
  for await (const { name, bytes } of onnxFiles({ tensors: readersOf(small) }, 'f16')) {
    names.push(name);
    const session = await ort.InferenceSession.create(bytes);
    const id = name.replace('.onnx', '') as NetworkId;
    expect([...session.inputNames]).toEqual(Object.keys(graphInputs(id, exportSize(id))));
    expect(session.outputMetadata[0]).toMatchObject({
      type: 'float32',
      shape: graphOutput(id, exportSize(id)),
    });
    await session.release();
  }
  expect(names).toEqual(NETWORK_IDS.map((id) => `${id}.onnx`));
});

test('sizes that the poolings cannot halve are refused', () => {
  expect(() => buildOnnx(weights, 'face', { height: 60, width: 64 })).toThrow(/multiples of 8/);
  expect(() => buildOnnx(weights, 'coarseDepth', { height: 64, width: 72 })).toThrow(/multiples of 16/);
});

test('costs equal those of the reference', () => {
  const gmac = (id: NetworkId) => {
    const size = id === 'fineDepth' ? { height: 2048, width: 2048 } : networkSize(id);
    return networkCost(id, REFERENCE_WIDTHS[id], size).macs / 1e9;
  };
  expect(gmac('face')).toBeCloseTo(90.9, 1);
  expect(gmac('upper')).toBeCloseTo(136.9, 1);
  expect(4 * gmac('arm')).toBeCloseTo(243.4, 1);
  expect(4 * gmac('leg')).toBeCloseTo(215.0, 1);
  expect(2 * gmac('foot')).toBeCloseTo(34.8, 1);
  expect(gmac('coarseNormal')).toBeCloseTo(50.5, 1);
  expect(gmac('coarseDepth')).toBeCloseTo(58.0, 1);
  expect(Math.abs(gmac('fineDepth') - 518.4)).toBeLessThan(0.1);
  expect(networkCost('fineDepth', 32, { height: 8, width: 8 }).parameters).toBe(274_051);
  expect(networkCost('face', 64, { height: 8, width: 8 }).parameters).toBe(8_653_679);
  expect(networkCost('coarseDepth', 32, { height: 16, width: 16 }).parameters).toBe(25_460_815);
});
