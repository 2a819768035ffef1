/** What one run of a network costs, from the architecture alone: multiply-accumulates and bytes of activations. */
import { describeNetwork, familyFacts, type NetworkOps } from './architecture.ts';
import { networkLayout } from './layout.ts';
import type { NetworkId } from './network-ids.ts';

export interface NetworkCost {
  /** Multiply-accumulates of the convolutions. */
  readonly macs: number;
  /** Values of the largest single feature map: its buffer must fit one binding. */
  readonly largestFeatureValues: number;
  /** Values alive at the worst moment when every feature is freed after its last use. */
  readonly peakValues: number;
  readonly parameters: number;
}

interface Feature {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly born: number;
  lastUse: number;
}

/** @param size height and width of the network's full-resolution side, px. */
export function networkCost(
  id: NetworkId,
  width: number,
  size: { readonly height: number; readonly width: number },
): NetworkCost {
  let macs = 0;
  let time = 0;
  const features: Feature[] = [];
  const make = (channels: number, height: number, w: number, from: readonly Feature[]): Feature => {
    time++;
    for (const f of from) f.lastUse = time;
    const feature = { channels, height, width: w, born: time, lastUse: time };
    features.push(feature);
    return feature;
  };
  const same = (x: Feature) => make(x.channels, x.height, x.width, [x]);
  // ReLU and sigmoid run in place of their input or fused with it.
  const inPlace = (x: Feature) => x;
  const ops: NetworkOps<Feature> = {
    input: (_name, channels, divisor) => make(channels, size.height / divisor, size.width / divisor, []),
    conv: (x, spec) => {
      macs += spec.kernel ** 2 * x.channels * spec.out * x.height * x.width;
      return make(spec.out, x.height, x.width, [x]);
    },
    relu: inPlace,
    sigmoid: inPlace,
    maxPool: (x) => make(x.channels, x.height / 2, x.width / 2, [x]),
    upsample: (x) => make(x.channels, x.height * 2, x.width * 2, [x]),
    add: (a, b) => make(a.channels, a.height, a.width, [a, b]),
    mul: (a, b) => make(a.channels, a.height, a.width, [a, b]),
    concat: (parts) =>
      make(
        parts.reduce((sum, p) => sum + p.channels, 0),
        parts[0].height,
        parts[0].width,
        parts,
      ),
    slice: (x, _offset, stride) => make(x.channels, x.height / stride, x.width / stride, [x]),
  };
  same(describeNetwork(id, ops, width));

  const valuesOf = (f: Feature) => f.channels * f.height * f.width;
  const inputs = familyFacts(id).inputs.length;
  let peakValues = 0;
  for (let now = inputs; now <= time; now++) {
    let alive = 0;
    for (const f of features) if (f.born <= now && f.lastUse >= now) alive += valuesOf(f);
    peakValues = Math.max(peakValues, alive);
  }
  let parameters = 0;
  for (const [key, shape] of networkLayout(id, width)) {
    if (/\.(weight|bias)$/.test(key)) parameters += shape.reduce((product, n) => product * n, 1);
  }
  return { macs, largestFeatureValues: Math.max(...features.map(valuesOf)), peakValues, parameters };
}
