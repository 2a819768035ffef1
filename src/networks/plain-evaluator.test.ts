/** The plain evaluation against onnxruntime, for each family of networks at a small width. */
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { hashNoiseArray } from '../base/deterministic.ts';
import { type PlanarMap, planarMap } from '../base/images.ts';
import { networkLayout } from './layout.ts';
import type { NetworkId } from './network-ids.ts';
import { buildOnnx, graphInputs, OUTPUT_NAME } from './onnx/build.ts';
import type { WeightTensor } from './packs/tensors.ts';
import { evaluatePlainly } from './plain-evaluator.ts';

const SIZE = { height: 32, width: 48 };

/** Noise of a size that keeps features alive; variances positive. */
function noiseWeights(id: NetworkId, width: number): Map<string, WeightTensor> {
  const tensors = new Map<string, WeightTensor>();
  for (const [key, shape] of networkLayout(id, width)) {
    const length = shape.reduce((product, n) => product * n, 1);
    const fanIn = shape.slice(1).reduce((product, n) => product * n, 1);
    const noise = hashNoiseArray(key, length);
    const data = key.endsWith('running_var')
      ? noise.map((v) => 0.75 + 0.25 * v)
      : noise.map((v) => (shape.length > 1 ? v * Math.sqrt(3 / fanIn) : 0.3 + 0.3 * v));
    tensors.set(key, { shape, data });
  }
  return tensors;
}

for (const id of ['foot', 'coarseDepth', 'fineDepth'] as const) {
  test(`${id}: plain evaluation equals onnxruntime`, async () => {
    const tensors = noiseWeights(id, 8);
    const plain: Record<string, PlanarMap> = {};
    const feeds: Record<string, ort.Tensor> = {};
    for (const [name, [, channels, height, width]] of Object.entries(graphInputs(id, SIZE))) {
      plain[name] = planarMap(
        [channels, height, width],
        hashNoiseArray(`${id}/${name}`, channels * height * width),
      );
      feeds[name] = new ort.Tensor('float32', plain[name].data, [1, channels, height, width]);
    }
    const session = await ort.InferenceSession.create(buildOnnx(tensors, id, SIZE));
    const expected = (await session.run(feeds))[OUTPUT_NAME].data as Float32Array;
    const actual = evaluatePlainly(tensors, id, plain).data;
    expect(actual.length).toBe(expected.length);
    let max = 0;
    let size = 0;
    for (let i = 0; i < actual.length; i++) {
      max = Math.max(max, Math.abs(actual[i] - expected[i]));
      size = Math.max(size, Math.abs(expected[i]));
    }
    expect(size).toBeGreaterThan(0.05);
    expect(max).toBeLessThan(1e-5 * Math.max(1, size));
  });
}
