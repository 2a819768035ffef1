/**
 * The three network families, each described once over abstract operations. Interpreters of the description make
 * the ONNX graph (onnx/build.ts), the list of keys and shapes (layout.ts) and the cost (cost.ts).
 * Source: docs/method.md#networks. Every width follows from the base width w: 64 (normals) and 32 (depth) in the original.
 */
import type { NetworkId } from './network-ids.ts';

export interface ConvSpec {
  /** Key of the convolution after the network's prefix; `.weight` and `.bias` follow. */
  readonly key: string;
  readonly kernel: 1 | 3;
  readonly out: number;
  /** Key of the BatchNorm that follows and is folded in. */
  readonly norm?: string;
  readonly relu: boolean;
}

/** What an interpreter of a description provides. T stands for one feature map. */
export interface NetworkOps<T> {
  /** Graph input with `channels` real channels at 1/divisor of the built size. */
  input(name: string, channels: number, divisor: number): T;
  /** Stride 1, zero padded, with bias. */
  conv(x: T, spec: ConvSpec): T;
  relu(x: T): T;
  sigmoid(x: T): T;
  /** 2x2, stride 2. */
  maxPool(x: T): T;
  /** Nearest, x2. */
  upsample(x: T): T;
  add(a: T, b: T): T;
  /** b has one channel and is spread over a's. */
  mul(a: T, b: T): T;
  concat(parts: readonly T[]): T;
  /** Rows and columns offset, offset + stride, ... */
  slice(x: T, offset: number, stride: number): T;
}

export type NetworkFamily = 'normal' | 'coarseDepth' | 'fineDepth';

export interface NetworkInput {
  readonly name: string;
  /** Channels the weights know. */
  readonly channels: number;
  /** Height and width are the built size divided by this. */
  readonly divisor: number;
}

export interface FamilyFacts {
  readonly inputs: readonly NetworkInput[];
  readonly outputChannels: number;
  /** Height and width must be multiples of this. */
  readonly multiple: number;
}

export function familyOf(id: NetworkId): NetworkFamily {
  return id === 'coarseDepth' || id === 'fineDepth' ? id : 'normal';
}

/** Shapes at the door of each network. */
export function familyFacts(id: NetworkId): FamilyFacts {
  switch (id) {
    case 'coarseNormal':
      return { inputs: [{ name: 'x', channels: 3, divisor: 1 }], outputChannels: 6, multiple: 8 };
    case 'coarseDepth':
      return {
        inputs: [
          { name: 'x', channels: 3, divisor: 1 },
          { name: 'y', channels: 6, divisor: 1 },
        ],
        outputChannels: 3,
        multiple: 16,
      };
    case 'fineDepth':
      return {
        inputs: [
          { name: 'd', channels: 2, divisor: 8 },
          { name: 'n', channels: 6, divisor: 1 },
        ],
        outputChannels: 3,
        multiple: 8,
      };
    default:
      return { inputs: [{ name: 'x', channels: 6, divisor: 1 }], outputChannels: 6, multiple: 8 };
  }
}

/**
 * Channels a graph input really has. 6 becomes 8, the last two zero: on the WebGPU backend of onnxruntime-web 1.30 a 3x3
 * convolution of 6 channels is wrong by 0.65 (microsoft/onnxruntime#29651 looks the same); 8 is exact.
 */
export function paddedChannels(channels: number): number {
  return channels === 6 ? 8 : channels;
}

/** Walks the description of a network and returns its output feature. */
export function describeNetwork<T>(id: NetworkId, ops: NetworkOps<T>, baseWidth: number): T {
  const inputs = familyFacts(id).inputs.map((i) => ops.input(i.name, i.channels, i.divisor));
  switch (familyOf(id)) {
    case 'normal':
      return normalNetwork(ops, inputs[0], baseWidth);
    case 'coarseDepth':
      return coarseDepthNetwork(ops, inputs[0], inputs[1], baseWidth);
    case 'fineDepth':
      return fineDepthNetwork(ops, inputs[0], inputs[1], baseWidth);
  }
}

/** U-Net with attention gates: normals front and back, coded (n + 1)/2, not unit length. */
function normalNetwork<T>(ops: NetworkOps<T>, x: T, w: number): T {
  const x1 = doubleConv(ops, x, 'Conv1', w);
  const x2 = doubleConv(ops, ops.maxPool(x1), 'Conv2', 2 * w);
  const x3 = doubleConv(ops, ops.maxPool(x2), 'Conv3', 4 * w);
  const x4 = doubleConv(ops, ops.maxPool(x3), 'Conv4', 8 * w);
  let d = decode(ops, x4, x3, 4, 4 * w);
  d = decode(ops, d, x2, 3, 2 * w);
  d = decode(ops, d, x1, 2, w);
  return ops.conv(d, { key: 'Conv_1x1.conv.0', kernel: 1, out: 6, relu: true });
}

/** Two encoders (picture, coarse normals), one decoder: raw front depth, back depth and mask logit. */
function coarseDepthNetwork<T>(ops: NetworkOps<T>, picture: T, normals: T, w: number): T {
  const encode = (input: T, branch: 1 | 2): T[] => {
    const levels = [doubleConv(ops, input, `Conv1_${branch}`, w)];
    for (let level = 2; level <= 5; level++) {
      const below = ops.maxPool(levels[level - 2]);
      levels.push(doubleConv(ops, below, `Conv${level}_${branch}`, w * 2 ** (level - 1)));
    }
    return levels;
  };
  const xs = encode(picture, 1);
  const ys = encode(normals, 2);
  let d = ops.concat([xs[4], ys[4]]);
  for (let level = 5; level >= 2; level--) {
    const skip = ops.concat([xs[level - 2], ys[level - 2]]);
    d = decode(ops, d, skip, level, w * 2 ** (level - 1));
  }
  return ops.conv(d, { key: 'Conv_1x1', kernel: 1, out: 3, relu: false });
}

/** Three up-sampling steps, each joined by the merged normals at that resolution: raw depth at full size. */
function fineDepthNetwork<T>(ops: NetworkOps<T>, depth: T, normals: T, w: number): T {
  // Plain strided sampling; the offsets 1 and 0 are the reference's own.
  const normalsAt = [ops.slice(normals, 1, 4), ops.slice(normals, 0, 2), normals];
  let d = depth;
  for (let step = 1; step <= 3; step++) {
    const up = upConv(ops, d, `depth${step}`, w);
    const n = ops.conv(normalsAt[step - 1], {
      key: `normal${step}.conv.0`,
      kernel: 3,
      out: w,
      norm: `normal${step}.conv.1`,
      relu: true,
    });
    d = doubleConv(ops, ops.concat([up, n]), `merge${step}_1`, 2 * w);
    d =
      step < 3
        ? ops.conv(d, { key: `merge${step}_2.conv.0`, kernel: 1, out: 2 * w, relu: true })
        : ops.conv(d, { key: 'merge3_2', kernel: 1, out: 3, relu: false });
  }
  return d;
}

function doubleConv<T>(ops: NetworkOps<T>, x: T, key: string, out: number): T {
  const first = ops.conv(x, { key: `${key}.conv.0`, kernel: 3, out, norm: `${key}.conv.1`, relu: true });
  return ops.conv(first, { key: `${key}.conv.3`, kernel: 3, out, norm: `${key}.conv.4`, relu: true });
}

function upConv<T>(ops: NetworkOps<T>, x: T, key: string, out: number): T {
  return ops.conv(ops.upsample(x), {
    key: `${key}.up.1`,
    kernel: 3,
    out,
    norm: `${key}.up.2`,
    relu: true,
  });
}

/** Up-sampling, attention gate on the skip, concatenation (gated skip first), double convolution. */
function decode<T>(ops: NetworkOps<T>, below: T, skip: T, level: number, out: number): T {
  const up = upConv(ops, below, `Up${level}`, out);
  const gated = attentionGate(ops, up, skip, `Att${level}`, out / 2);
  return doubleConv(ops, ops.concat([gated, up]), `Up_conv${level}`, out);
}

/** Fusing W_g and W_x into one convolution was not worth it: the gates are under 2 % of a network's work. */
function attentionGate<T>(ops: NetworkOps<T>, g: T, x: T, key: string, inner: number): T {
  const part = (input: T, name: string, out: number) =>
    ops.conv(input, { key: `${key}.${name}.0`, kernel: 1, out, norm: `${key}.${name}.1`, relu: false });
  const q = ops.relu(ops.add(part(g, 'W_g', inner), part(x, 'W_x', inner)));
  return ops.mul(x, ops.sigmoid(part(q, 'psi', 1)));
}
