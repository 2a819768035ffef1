/**
 * Folds BatchNorm into the convolution before it, in f64, and pads input channels with zero weights.
 * y = (conv(x) - mean) * gamma / sqrt(var + eps) + beta, so weights scale by s = gamma / sqrt(var + eps) and the bias
 * becomes (bias - mean) * s + beta.
 */
import type { WeightMap } from '../packs/tensors.ts';

/** BatchNorm epsilon of the reference (docs/method.md#networks). */
const BATCH_NORM_EPSILON = 1e-5;

export interface FoldedConv {
  /** [out, in, k, k] */
  readonly shape: readonly [number, number, number, number];
  readonly weight: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
}

/**
 * @param convKey full key without `.weight`; `normKey` likewise, or undefined.
 * @param inputChannels channels of the feature that arrives; at least those of the weight, the rest get zeros.
 * @throws Error when a tensor is missing (packs are checked when opened, so this is ours to mend).
 */
export function foldConv(
  tensors: WeightMap,
  convKey: string,
  normKey: string | undefined,
  inputChannels: number,
): FoldedConv {
  const read = (key: string) => {
    const tensor = tensors.get(key);
    if (!tensor) throw new Error(`the pack has no tensor ${key}`);
    return tensor;
  };
  const stored = read(`${convKey}.weight`);
  const [out, channels, kernel] = stored.shape;
  if (channels > inputChannels) {
    throw new Error(`${convKey} takes ${channels} channels, the feature has ${inputChannels}`);
  }
  const source = stored.data;
  const sourceBias = read(`${convKey}.bias`).data;
  const norm = normKey
    ? {
        gamma: read(`${normKey}.weight`).data,
        beta: read(`${normKey}.bias`).data,
        mean: read(`${normKey}.running_mean`).data,
        variance: read(`${normKey}.running_var`).data,
      }
    : null;

  const taps = kernel * kernel;
  const weight = new Float32Array(out * inputChannels * taps);
  const bias = new Float32Array(out);
  for (let o = 0; o < out; o++) {
    const scale = norm ? norm.gamma[o] / Math.sqrt(norm.variance[o] + BATCH_NORM_EPSILON) : 1;
    bias[o] = norm ? (sourceBias[o] - norm.mean[o]) * scale + norm.beta[o] : sourceBias[o];
    const from = o * channels * taps;
    const to = o * inputChannels * taps;
    for (let i = 0; i < channels * taps; i++) weight[to + i] = source[from + i] * scale;
  }
  return { shape: [out, inputChannels, kernel, kernel], weight, bias };
}
