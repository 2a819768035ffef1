/**
 * Which tensors a full set of weights has and of what shape, for any width: read from the architecture itself.
 * The reference's widths give 1504 entries, 212 of them counters (docs/method.md#network-sizes).
 */
import { type ConvSpec, describeNetwork, type NetworkOps } from './architecture.ts';
import { KEY_PREFIX, NETWORK_IDS, type NetworkId } from './network-ids.ts';

/** Key to shape; counters (`num_batches_tracked`) have the empty shape. */
export type Layout = ReadonlyMap<string, readonly number[]>;

export type Widths = Readonly<Record<NetworkId, number>>;

/** The original's base widths. */
export const REFERENCE_WIDTHS: Widths = {
  coarseNormal: 64,
  coarseDepth: 32,
  face: 64,
  upper: 64,
  arm: 64,
  leg: 64,
  foot: 64,
  fineDepth: 32,
};

export const COUNTER_SUFFIX = '.num_batches_tracked';

/** Anything with a shape under each key. */
export type ShapedMap = ReadonlyMap<string, { readonly shape: readonly number[] }>;

const knownLayouts = new Map<string, Layout>();

/** Keys and shapes of one network, in the order in which they are computed. */
export function networkLayout(id: NetworkId, width: number): Layout {
  const name = `${id} ${width}`;
  const layout = knownLayouts.get(name) ?? walkLayout(id, width);
  // A file may state any width; only a few are kept.
  if (knownLayouts.size < 64) knownLayouts.set(name, layout);
  return layout;
}

function walkLayout(id: NetworkId, width: number): Layout {
  const layout = new Map<string, readonly number[]>();
  const prefix = KEY_PREFIX[id];
  const conv = (channels: number, spec: ConvSpec): number => {
    layout.set(`${prefix}.${spec.key}.weight`, [spec.out, channels, spec.kernel, spec.kernel]);
    layout.set(`${prefix}.${spec.key}.bias`, [spec.out]);
    if (spec.norm) {
      for (const name of ['weight', 'bias', 'running_mean', 'running_var']) {
        layout.set(`${prefix}.${spec.norm}.${name}`, [spec.out]);
      }
      layout.set(`${prefix}.${spec.norm}${COUNTER_SUFFIX}`, []);
    }
    return spec.out;
  };
  const ops: NetworkOps<number> = {
    input: (_name, channels) => channels,
    conv,
    relu: (x) => x,
    sigmoid: (x) => x,
    maxPool: (x) => x,
    upsample: (x) => x,
    add: (a) => a,
    mul: (a) => a,
    concat: (parts) => parts.reduce((sum, n) => sum + n, 0),
    slice: (x) => x,
  };
  describeNetwork(id, ops, width);
  return layout;
}

/** Keys and shapes of all eight networks. */
export function fullLayout(widths: Widths): Layout {
  return new Map(NETWORK_IDS.flatMap((id) => [...networkLayout(id, widths[id])]));
}

/**
 * Base width of a network, as most of its BatchNorm statistics imply it (its biases where there are no statistics): one
 * wrong tensor does not mislead it. 0 when the network is absent.
 */
export function baseWidth(tensors: ShapedMap, id: NetworkId): number {
  return votedWidth(tensors, id, '.running_var') || votedWidth(tensors, id, '.bias');
}

function votedWidth(tensors: ShapedMap, id: NetworkId, ending: string): number {
  const votes = new Map<number, number>();
  // Layout at width 2: every shape entry that scales is a multiple of it (gates halve the width).
  for (const [key, shape] of networkLayout(id, 2)) {
    if (!key.endsWith(ending) || shape[0] === 1) continue;
    const found = tensors.get(key)?.shape;
    if (found?.length !== 1) continue;
    const width = (found[0] / shape[0]) * 2;
    votes.set(width, (votes.get(width) ?? 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

export function widthsOf(tensors: ShapedMap): Widths {
  return Object.fromEntries(NETWORK_IDS.map((id) => [id, baseWidth(tensors, id)])) as Record<
    NetworkId,
    number
  >;
}

export interface LayoutCheck {
  readonly widths: Widths;
  /** Sentences, at most `limit`; empty when everything fits. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
}

/** Compares tensors with the layout that their own widths imply. Counters (`num_batches_tracked`) may be absent. */
export function checkLayout(tensors: ShapedMap, limit = 4): LayoutCheck {
  const widths = widthsOf(tensors);
  const differences: string[] = [];
  const absent = NETWORK_IDS.filter((id) => widths[id] === 0);
  for (const id of absent) differences.push(`the network ${KEY_PREFIX[id]} is missing`);
  for (const id of NETWORK_IDS) {
    // Multiples of 4 keep every 3x3 convolution clear of the WebGPU fault described at paddedChannels.
    if (widths[id] > 0 && widths[id] % 4 !== 0) {
      differences.push(`${KEY_PREFIX[id]} has base width ${widths[id]}, which is not a multiple of 4`);
    }
  }
  const layout = new Map(
    NETWORK_IDS.filter((id) => widths[id] > 0).flatMap((id) => [...networkLayout(id, widths[id])]),
  );
  const missing: string[] = [];
  for (const [key, shape] of layout) {
    if (key.endsWith(COUNTER_SUFFIX)) continue;
    const found = tensors.get(key);
    if (!found) missing.push(key);
    else if (!sameShape(found.shape, shape)) differences.push(shapeDifference(key, found.shape, shape));
  }
  differences.push(...missingDifferences(missing));
  for (const key of tensors.keys()) {
    if (!layout.has(key) && !absent.some((id) => key.startsWith(`${KEY_PREFIX[id]}.`))) {
      differences.push(`${key} is not part of this model`);
    }
  }
  return { widths, differences: differences.slice(0, limit), differenceCount: differences.length };
}

/** One sentence a tensor, but one for all where the BatchNorm statistics were not saved. */
function missingDifferences(missing: readonly string[]): string[] {
  const statistics = missing.filter((key) => /\.running_(mean|var)$/.test(key));
  if (statistics.length <= 8) return missing.map((key) => `${key} is missing`);
  const rest = missing.filter((key) => !statistics.includes(key));
  return [
    `${statistics.length} BatchNorm statistics (running_mean, running_var) are missing: only parameters were saved, not the whole state_dict`,
    ...rest.map((key) => `${key} is missing`),
  ];
}

/** Says what the shapes mean where that can be told. */
function shapeDifference(key: string, found: readonly number[], expected: readonly number[]): string {
  const base = `${key} has shape [${found.join(', ')}], expected [${expected.join(', ')}]`;
  const why = shapeReason(found, expected);
  return why ? `${base} (${why})` : base;
}

function shapeReason(found: readonly number[], expected: readonly number[]): string | null {
  if (found.length !== expected.length) return null;
  const sorted = (shape: readonly number[]) => [...shape].sort((a, b) => a - b).join();
  if (sorted(found) === sorted(expected)) return 'its axes are in another order';
  if (found.length !== 4) return null;
  const [out, channels, height, width] = found;
  const kernelDiffers = height !== expected[2] || width !== expected[3];
  if (kernelDiffers) return `its kernel is ${height} x ${width}, not ${expected[2]} x ${expected[3]}`;
  if (out !== expected[0] && channels !== expected[1])
    return 'it is of another width than the rest of its network';
  if (out !== expected[0]) return `it makes ${out} channels, not ${expected[0]}`;
  return `it takes ${channels} channels, not ${expected[1]}`;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
