/**
 * What a pickle of tensors may contain, as plain data. Globals are a fixed list; each either has a rule that only makes
 * data, or the file is refused. Nothing is ever called.
 */
import { badCheckpoint } from './errors.ts';

export type StorageType = 'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'i32' | 'i16' | 'i8' | 'u8' | 'bool';

export const STORAGE_BYTES: Readonly<Record<StorageType, number>> = {
  f64: 8,
  f32: 4,
  f16: 2,
  bf16: 2,
  i64: 8,
  i32: 4,
  i16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
};

/** A storage elsewhere in the file. */
export class StorageReference {
  constructor(
    readonly type: StorageType,
    readonly key: string,
    /** Elements. */
    readonly count: number,
  ) {}
}

/** A view of a storage; shape, stride and offset count elements. */
export class TensorRecord {
  constructor(
    readonly storage: StorageReference,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly stride: readonly number[],
  ) {}
}

/** A value that was recognised but is of no use here (a numpy scalar, a hook, ...). */
export class Opaque {
  constructor(readonly name: string) {}
}

export type GlobalRule =
  | { readonly kind: 'orderedDict' }
  | { readonly kind: 'rebuildTensor' }
  | { readonly kind: 'rebuildParameter' }
  | { readonly kind: 'size' }
  | { readonly kind: 'storage'; readonly type: StorageType }
  | { readonly kind: 'opaque' };

export class Global {
  constructor(
    readonly name: string,
    readonly rule: GlobalRule,
  ) {}
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Global
  | StorageReference
  | TensorRecord
  | Opaque;

const STORAGE_GLOBALS: Readonly<Record<string, StorageType>> = {
  DoubleStorage: 'f64',
  FloatStorage: 'f32',
  HalfStorage: 'f16',
  BFloat16Storage: 'bf16',
  LongStorage: 'i64',
  IntStorage: 'i32',
  ShortStorage: 'i16',
  CharStorage: 'i8',
  ByteStorage: 'u8',
  BoolStorage: 'bool',
};

const GLOBALS = new Map<string, GlobalRule>([
  ['collections.OrderedDict', { kind: 'orderedDict' }],
  ['torch._utils._rebuild_tensor_v2', { kind: 'rebuildTensor' }],
  ['torch._utils._rebuild_tensor', { kind: 'rebuildTensor' }],
  ['torch._utils._rebuild_parameter', { kind: 'rebuildParameter' }],
  ['torch.Size', { kind: 'size' }],
  ...Object.entries(STORAGE_GLOBALS).map(
    ([name, type]) => [`torch.${name}`, { kind: 'storage', type }] as [string, GlobalRule],
  ),
  // Numbers that training scripts keep beside the weights; their values are not needed.
  ['numpy.core.multiarray.scalar', { kind: 'opaque' }],
  ['numpy._core.multiarray.scalar', { kind: 'opaque' }],
  ['numpy.dtype', { kind: 'opaque' }],
  ['_codecs.encode', { kind: 'opaque' }],
]);

/** @throws StageError E_BAD_CHECKPOINT for any global that is not on the list. */
export function findGlobal(module: string, name: string): Global {
  const full = `${module}.${name}`;
  const rule = GLOBALS.get(full);
  if (!rule) {
    throw badCheckpoint(
      `The file asks for ${JSON.stringify(full.slice(0, 80))}, which a checkpoint of tensors has no need of`,
      'FOREIGN',
    );
  }
  return new Global(full, rule);
}

/** The data that "calling" a global with these arguments stands for. */
export function reduceGlobal(global: PickleValue, args: PickleValue): PickleValue {
  if (!(global instanceof Global) || !Array.isArray(args)) {
    throw badCheckpoint('The file tries to call something that is not on the list', 'FOREIGN');
  }
  switch (global.rule.kind) {
    case 'orderedDict':
      return orderedDict(args);
    case 'rebuildTensor':
      return rebuildTensor(args);
    case 'rebuildParameter':
      return args[0] instanceof TensorRecord ? args[0] : malformed('a parameter without its tensor');
    case 'size':
      return Array.isArray(args[0]) ? args[0] : malformed('a size that is not a list');
    case 'storage':
      return malformed('a storage outside a tensor');
    case 'opaque':
      return new Opaque(global.name);
  }
}

function malformed(what: string): never {
  throw badCheckpoint(`The file has ${what}`, 'DAMAGED');
}

function orderedDict(args: readonly PickleValue[]): Map<PickleValue, PickleValue> {
  const out = new Map<PickleValue, PickleValue>();
  if (args.length === 0) return out;
  if (args.length !== 1 || !Array.isArray(args[0])) malformed('an ordered dictionary of an unknown kind');
  for (const pair of args[0] as PickleValue[]) {
    if (!Array.isArray(pair) || pair.length !== 2) malformed('an ordered dictionary of an unknown kind');
    const [key, value] = pair as PickleValue[];
    out.set(key, value);
  }
  return out;
}

/** Longest list of dimensions a tensor may have; ours have at most 4. */
const MAX_DIMENSIONS = 16;

function counts(value: PickleValue): number[] | null {
  if (!Array.isArray(value) || value.length > MAX_DIMENSIONS) return null;
  const isCount = (n: PickleValue) => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;
  return value.every(isCount) ? (value as number[]) : null;
}

function rebuildTensor(args: readonly PickleValue[]): TensorRecord {
  const [storage, offset, sizeValue, strideValue] = args;
  const shape = counts(sizeValue);
  const stride = counts(strideValue);
  if (!(storage instanceof StorageReference)) malformed('a tensor without a storage');
  if (!shape || !stride || shape.length !== stride.length || !counts([offset])) {
    malformed('a tensor with an impossible shape, stride or offset');
  }
  return new TensorRecord(storage as StorageReference, offset as number, shape!, stride!);
}

/** ("storage", type, key, location, count): the only persistent id torch writes. */
export function storageFromPersistentId(id: PickleValue): StorageReference {
  if (Array.isArray(id) && id[0] === 'storage') {
    const [, type, key, , count] = id;
    if (
      type instanceof Global &&
      type.rule.kind === 'storage' &&
      typeof key === 'string' &&
      typeof count === 'number' &&
      counts([count])
    ) {
      return new StorageReference(type.rule.type, key, count);
    }
  }
  return malformed('a reference to something that is not a storage');
}
