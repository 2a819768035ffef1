/**
 * Writes checkpoints in the real format (docs/method.md#checkpoint), for tests and for the parity run: the zip of today or the
 * older row of pickles, with or without optimiser state, in any floating type.
 */

import { halvesFromFloats } from '../../src/networks/half.ts';
import { COUNTER_SUFFIX } from '../../src/networks/layout.ts';
import { KEY_PREFIX } from '../../src/networks/network-ids.ts';
import {
  littleEndian,
  type Picklable,
  PickleOrderedDict,
  PickleTensor,
  PickleTuple,
  PickleWriter,
} from './pickle-writer.ts';
import { type ZipPart, zipChunks } from './zip-writer.ts';

export interface CheckpointTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type FloatType = 'f32' | 'f16' | 'bf16' | 'f64';

export interface CheckpointOptions {
  readonly container: 'zip' | 'zip64' | 'old';
  readonly type: FloatType;
  /** Put before every key, as DataParallel does. */
  readonly keyPrefix: string;
  /** Adam state for every parameter: two more tensors of its size. */
  readonly optimizer: boolean;
  /** Later versions of torch add a `byteorder` entry. */
  readonly byteOrder: boolean;
  readonly location: string;
  /** Convolution weights as [k, k, in, out] in memory, seen through strides, 5 values into a longer storage. */
  readonly strided: boolean;
  readonly fileStem: string;
  /** Leave the refine network out, as phase 1 does. */
  readonly phaseOne: boolean;
}

const PLAIN_CHECKPOINT: CheckpointOptions = {
  container: 'zip',
  type: 'f32',
  keyPrefix: '',
  optimizer: false,
  byteOrder: false,
  location: 'cpu',
  strided: false,
  fileStem: 'AllData_model_epoch001_loss0.5000.pth',
  phaseOne: false,
};

const TORCH_NAME: Readonly<Record<FloatType, string>> = {
  f32: 'FloatStorage',
  f16: 'HalfStorage',
  bf16: 'BFloat16Storage',
  f64: 'DoubleStorage',
};

interface Storage {
  readonly key: string;
  readonly count: number;
  readonly bytes: () => Uint8Array;
}

const STRIDED_OFFSET = 5;

/** The file in pieces. Counters are added after every running_var. */
export function* checkpointChunks(
  tensors: ReadonlyMap<string, CheckpointTensor>,
  options: Partial<CheckpointOptions> = {},
): Generator<Uint8Array> {
  const o = { ...PLAIN_CHECKPOINT, ...options };
  const storages: Storage[] = [];
  const add = (type: string, tensor: CheckpointTensor, strided = false): PickleTensor => {
    const key = String(storages.length);
    const { shape } = tensor;
    const dense = denseStrides(shape);
    const stride = strided ? reversedStrides(shape) : dense;
    const length = shape.reduce((product, n) => product * n, 1);
    const count = length + (strided ? STRIDED_OFFSET : 0);
    const values = () => (strided ? spread(tensor.data, shape, stride, count) : tensor.data);
    const bytes = () => (type === 'LongStorage' ? new Uint8Array(8 * count) : encode(o.type, values()));
    storages.push({ key, count, bytes });
    return new PickleTensor({
      storageType: type,
      storageKey: key,
      storageCount: count,
      location: o.location,
      offset: strided ? STRIDED_OFFSET : 0,
      shape,
      stride,
    });
  };
  const type = TORCH_NAME[o.type];
  const scalar: CheckpointTensor = { shape: [], data: new Float32Array(1) };
  const bestLoss = add(type, { shape: [1], data: Float32Array.of(0.5) });
  const state = new Map<string, Picklable>();
  for (const [key, tensor] of tensors) {
    if (key.endsWith(COUNTER_SUFFIX) || (o.phaseOne && key.startsWith(`${KEY_PREFIX.fineDepth}.`))) continue;
    state.set(o.keyPrefix + key, add(type, tensor, o.strided && tensor.shape.length === 4));
    if (key.endsWith('.running_var')) {
      state.set(o.keyPrefix + key.replace('.running_var', COUNTER_SUFFIX), add('LongStorage', scalar));
    }
  }
  const metadata = new Map<string, Picklable>([
    ['_metadata', new PickleOrderedDict(new Map([['', new Map<string, Picklable>([['version', 1]])]]))],
  ]);
  const root = new Map<string, Picklable>([
    ['epoch', 1],
    ['model', 'Model'],
    ['best_loss', bestLoss],
    ['model_state_dict', new PickleOrderedDict(state, metadata)],
    ['optimizer_state_dict', optimizerState(tensors, o, (tensor) => add(type, tensor))],
  ]);
  if (o.container === 'old') yield* oldChunks(root, storages);
  else yield* zipChunks(zipParts(root, storages, o), o.container === 'zip64');
}

/** The whole file in one array; for small widths. */
export function checkpointBytes(
  tensors: ReadonlyMap<string, CheckpointTensor>,
  options: Partial<CheckpointOptions> = {},
): Uint8Array<ArrayBuffer> {
  const chunks = [...checkpointChunks(tensors, options)];
  const out = new Uint8Array(chunks.reduce((sum, c) => sum + c.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

function optimizerState(
  tensors: ReadonlyMap<string, CheckpointTensor>,
  options: CheckpointOptions,
  add: (tensor: CheckpointTensor) => PickleTensor,
): Picklable {
  const parameters = [...tensors].filter(([key]) => /\.(weight|bias)$/.test(key));
  const state = new Map<number, Picklable>();
  if (options.optimizer) {
    // One array of zeros for all: the state of the full model would be 620 MB.
    const zero = new Float32Array(Math.max(...parameters.map(([, tensor]) => tensor.data.length)));
    for (const [index, [, tensor]] of parameters.entries()) {
      const zeros = { shape: tensor.shape, data: zero.subarray(0, tensor.data.length) };
      state.set(
        index,
        new Map<string, Picklable>([
          ['step', add({ shape: [], data: Float32Array.of(1) })],
          ['exp_avg', add(zeros)],
          ['exp_avg_sq', add(zeros)],
        ]),
      );
    }
  }
  const group = new Map<string, Picklable>([
    ['lr', 1e-4],
    ['betas', new PickleTuple([0.9, 0.999])],
    ['eps', 1e-8],
    ['weight_decay', 0],
    ['amsgrad', false],
    ['initial_lr', 1e-4],
    ['params', parameters.map((_, index) => index)],
  ]);
  return new Map<string, Picklable>([
    ['state', state],
    ['param_groups', [group]],
  ]);
}

function zipParts(root: Picklable, storages: readonly Storage[], o: CheckpointOptions): ZipPart[] {
  const text = (value: string) => () => new TextEncoder().encode(value);
  const table = PickleWriter.pickle(root);
  return [
    { name: `${o.fileStem}/data.pkl`, bytes: () => table },
    ...(o.byteOrder ? [{ name: `${o.fileStem}/byteorder`, bytes: text('little') }] : []),
    ...[...storages]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((s) => ({ name: `${o.fileStem}/data/${s.key}`, bytes: s.bytes })),
    { name: `${o.fileStem}/version`, bytes: text('3\n') },
  ];
}

/** torch.serialization.MAGIC_NUMBER */
const MAGIC = 0x1950a86a20f9469cfc6cn;

function* oldChunks(root: Picklable, storages: readonly Storage[]): Generator<Uint8Array> {
  const system = new Map<string, Picklable>([
    ['protocol_version', 1001],
    ['little_endian', true],
    [
      'type_sizes',
      new Map<string, Picklable>([
        ['short', 2],
        ['int', 4],
        ['long', 4],
      ]),
    ],
  ]);
  const sorted = [...storages].sort((a, b) => (a.key < b.key ? -1 : 1));
  yield PickleWriter.pickle(MAGIC);
  yield PickleWriter.pickle(1001);
  yield PickleWriter.pickle(system);
  yield PickleWriter.pickle(root, true);
  yield PickleWriter.pickle(sorted.map((s) => s.key));
  for (const storage of sorted) {
    yield Uint8Array.from(littleEndian(storage.count, 8));
    yield storage.bytes();
  }
}

function denseStrides(shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) out[d] = out[d + 1] * shape[d + 1];
  return out;
}

/** First dimension fastest. */
function reversedStrides(shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length).fill(1);
  for (let d = 1; d < shape.length; d++) out[d] = out[d - 1] * shape[d - 1];
  return out;
}

function spread(
  data: Float32Array,
  shape: readonly number[],
  stride: readonly number[],
  count: number,
): Float32Array {
  const out = new Float32Array(count).fill(Number.NaN);
  const dense = denseStrides(shape);
  for (let i = 0; i < data.length; i++) {
    let at = STRIDED_OFFSET;
    for (let d = 0; d < shape.length; d++) at += (Math.floor(i / dense[d]) % shape[d]) * stride[d];
    out[at] = data[i];
  }
  return out;
}

function encode(type: FloatType, values: Float32Array): Uint8Array {
  const raw =
    type === 'f32'
      ? values
      : type === 'f64'
        ? Float64Array.from(values)
        : type === 'f16'
          ? halvesFromFloats(values)
          : Uint16Array.from(new Uint32Array(values.slice().buffer), (bits) => bits >>> 16);
  return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
}
