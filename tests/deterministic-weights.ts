/**
 * The made-up full set of weights of docs/method.md#test-weights, for any widths and key prefix: every value from the hash noise
 * u(key, i), scaled by the kind of tensor. With the reference's widths its SHA-256 is in docs/method.md.
 */
import { crc32, hashNoise } from '../src/base/deterministic.ts';
import { COUNTER_SUFFIX, fullLayout, REFERENCE_WIDTHS, type Widths } from '../src/networks/layout.ts';
import type { WeightTensor } from '../src/networks/packs/tensors.ts';
import heads from './golden/depth_heads.json' with { type: 'json' };

type Head = { readonly weight_x256: readonly (readonly number[])[]; readonly bias_x256: readonly number[] };

/** Tables of small integers that take the place of the formula in the two depth heads, with empty prefix. */
const HEADS = heads as unknown as Record<string, Head>;

/** All f32 tensors (no counters). */
export function deterministicWeights(
  widths: Widths = REFERENCE_WIDTHS,
  prefix = '',
): Map<string, WeightTensor> {
  const out = new Map<string, WeightTensor>();
  for (const [key, shape] of fullLayout(widths)) {
    if (!key.endsWith(COUNTER_SUFFIX)) out.set(key, { shape, data: deterministicTensor(key, shape, prefix) });
  }
  return out;
}

function deterministicTensor(key: string, shape: readonly number[], prefix = ''): Float32Array<ArrayBuffer> {
  const head = /^(ImgNorm_to_Dep\.Conv_1x1|refine\.merge3_2)\.(weight|bias)$/.exec(key);
  const length = shape.reduce((product, n) => product * n, 1);
  if (head && prefix === '') {
    const table = HEADS[head[1]];
    const values = head[2] === 'weight' ? table.weight_x256.flat() : table.bias_x256;
    // Other widths than the reference's repeat or cut the table's rows.
    const columns = head[2] === 'weight' ? shape[1] : 1;
    const stored = head[2] === 'weight' ? 64 : 1;
    return Float32Array.from({ length }, (_, i) => {
      const row = Math.floor(i / columns);
      return values[row * stored + ((i % columns) % stored)] / 256;
    });
  }
  const seed = crc32(prefix + key);
  const [scale, offset] = scaleAndOffset(key, shape);
  const depthBias = head?.[2] === 'bias' ? [2, 2, 0] : null;
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = (depthBias ? depthBias[i] : offset) + scale * hashNoise(seed, i);
  return out;
}

function scaleAndOffset(key: string, shape: readonly number[]): readonly [scale: number, offset: number] {
  if (key.endsWith('.running_mean')) return [0.1, 0];
  if (key.endsWith('.running_var')) return [0.25, 0.75];
  if (shape.length === 4) {
    if (/^(ImgNorm_to_Dep\.Conv_1x1|refine\.merge3_2)\./.test(key)) return [0.3 * Math.sqrt(3 / 64), 0];
    if (/^img2normal_\w+\.Conv_1x1\./.test(key)) return [0.6 * Math.sqrt(3 / 64), 0];
    const fanIn = shape[1] * shape[2] * shape[3];
    return [(shape[2] === 3 ? 1.25 : 1) * Math.sqrt(3 / fanIn), 0];
  }
  if (/^(ImgNorm_to_Dep\.Conv_1x1|refine\.merge3_2)\.bias$/.test(key)) return [0.05, 0];
  if (/^img2normal_\w+\.Conv_1x1\.conv\.0\.bias$/.test(key)) return [0.05, 0.5];
  if (key.endsWith('.psi.1.bias')) return [0.1, 2];
  if (key.endsWith('.weight')) return [0.1, 1];
  return [0.1, 0];
}
