/**
 * What a pickle of tensors may contain, as plain data. A global is never looked up and nothing is ever called: the few that
 * describe tensors and dictionaries have a rule that makes data, every other one leaves a placeholder (Opaque), so that the
 * objects which training scripts keep beside the weights (arguments, paths, dates, optimisers, whole modules) are skipped.
 */
import { badCheckpoint } from './errors.ts';

export type StorageType =
  | 'f64'
  | 'f32'
  | 'f16'
  | 'bf16'
  | 'i64'
  | 'i32'
  | 'i16'
  | 'i8'
  | 'u8'
  | 'bool'
  | 'c64'
  | 'c128';

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
  c64: 8,
  c128: 16,
};

/** A storage elsewhere in the file, or a part of one (as torch before 0.4 wrote views). */
export class StorageReference {
  constructor(
    /** Null for a type that is not known here. */
    readonly type: StorageType | null,
    readonly key: string,
    /** Elements. */
    readonly count: number,
    /** First element within the stored ones. */
    readonly start = 0,
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

/**
 * The place of an object that was not built. What a dictionary or a module would hold is kept beside it as data, because
 * weights may lie in there.
 */
export class Opaque {
  /** What was put in as into a dictionary. */
  entries: Map<PickleValue, PickleValue> | null = null;
  /** What BUILD would have set: the attributes. */
  state: PickleValue = null;

  constructor(
    /** Class or function, for messages. */
    readonly name: string,
    readonly args: PickleValue = null,
  ) {}
}

export type GlobalRule =
  | { readonly kind: 'orderedDict' }
  | { readonly kind: 'rebuildTensor' }
  | { readonly kind: 'firstArgument' }
  | { readonly kind: 'rebuildFromType' }
  | { readonly kind: 'newObject' }
  | { readonly kind: 'size' }
  | { readonly kind: 'storage'; readonly type: StorageType | null }
  | { readonly kind: 'dtype'; readonly type: StorageType }
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
  ComplexFloatStorage: 'c64',
  ComplexDoubleStorage: 'c128',
  QInt8Storage: 'i8',
  QUInt8Storage: 'u8',
  QInt32Storage: 'i32',
  UntypedStorage: 'u8',
};

const DTYPE_GLOBALS: Readonly<Record<string, StorageType>> = {
  float64: 'f64',
  float32: 'f32',
  float16: 'f16',
  bfloat16: 'bf16',
  int64: 'i64',
  int32: 'i32',
  int16: 'i16',
  int8: 'i8',
  uint8: 'u8',
  bool: 'bool',
  complex64: 'c64',
  complex128: 'c128',
};

const OPAQUE: GlobalRule = { kind: 'opaque' };

const GLOBALS = new Map<string, GlobalRule>([
  ['collections.OrderedDict', { kind: 'orderedDict' }],
  ['torch._utils._rebuild_tensor_v3', { kind: 'rebuildTensor' }],
  ['torch._utils._rebuild_tensor_v2', { kind: 'rebuildTensor' }],
  ['torch._utils._rebuild_tensor', { kind: 'rebuildTensor' }],
  ['torch._utils._rebuild_parameter', { kind: 'firstArgument' }],
  ['torch._utils._rebuild_parameter_with_state', { kind: 'firstArgument' }],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', { kind: 'firstArgument' }],
  ['torch._tensor._rebuild_from_type_v2', { kind: 'rebuildFromType' }],
  ['torch._tensor._rebuild_from_type', { kind: 'rebuildFromType' }],
  ['copyreg._reconstructor', { kind: 'newObject' }],
  ['copy_reg._reconstructor', { kind: 'newObject' }],
  ['copyreg.__newobj__', { kind: 'newObject' }],
  ['copyreg.__newobj_ex__', { kind: 'newObject' }],
  ['torch.Size', { kind: 'size' }],
  ...Object.entries(STORAGE_GLOBALS).flatMap(([name, type]) =>
    ['torch', 'torch.cuda', 'torch.storage'].map(
      (module) => [`${module}.${name}`, { kind: 'storage', type }] as [string, GlobalRule],
    ),
  ),
  ...Object.entries(DTYPE_GLOBALS).map(
    ([name, type]) => [`torch.${name}`, { kind: 'dtype', type }] as [string, GlobalRule],
  ),
]);

/** A name, with the rule for it; a name that has none gets the placeholder's. */
export function findGlobal(module: string, name: string): Global {
  const full = `${module}.${name}`;
  const rule = GLOBALS.get(full);
  if (rule) return new Global(full, rule);
  const isStorage = /^torch\b/.test(module) && name.endsWith('Storage');
  return new Global(full.slice(0, 120), isStorage ? { kind: 'storage', type: null } : OPAQUE);
}

/** What a value is called in a message. */
export function nameOf(value: PickleValue): string {
  if (value instanceof Global || value instanceof Opaque) return value.name;
  if (value instanceof TensorRecord) return 'a tensor';
  if (value instanceof Map) return 'a dictionary';
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'None';
  return value instanceof Uint8Array ? 'bytes' : `a ${typeof value}`;
}

/** The data that calling `callable` with these arguments would stand for; nothing is called. */
export function reduceGlobal(callable: PickleValue, args: PickleValue): PickleValue {
  if (!(callable instanceof Global)) return new Opaque(nameOf(callable), args);
  const list = Array.isArray(args) ? args : [];
  switch (callable.rule.kind) {
    case 'orderedDict':
      return orderedDict(list) ?? new Opaque(callable.name, args);
    case 'rebuildTensor':
      return rebuildTensor(list) ?? new Opaque(callable.name, args);
    case 'firstArgument':
      return list[0] instanceof TensorRecord ? list[0] : new Opaque(callable.name, args);
    case 'rebuildFromType':
      return list[0] instanceof Global && list[0].rule.kind !== 'rebuildFromType'
        ? reduceGlobal(list[0], list[2])
        : new Opaque(callable.name, args);
    case 'newObject':
      return new Opaque(nameOf(list[0] ?? null), args);
    case 'size':
      return Array.isArray(list[0]) ? list[0] : new Opaque(callable.name, args);
    default:
      return new Opaque(callable.name, args);
  }
}

function malformed(what: string): never {
  throw badCheckpoint(`The file has ${what}`, 'DAMAGED');
}

function orderedDict(args: readonly PickleValue[]): Map<PickleValue, PickleValue> | null {
  const out = new Map<PickleValue, PickleValue>();
  if (args.length === 0) return out;
  if (!Array.isArray(args[0])) return null;
  for (const pair of args[0]) {
    if (!Array.isArray(pair) || pair.length !== 2) return null;
    out.set(pair[0], pair[1]);
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

/** @returns null for a tensor that is not plain: of an unknown storage, or with a negation that was not carried out. */
function rebuildTensor(args: readonly PickleValue[]): TensorRecord | null {
  const [storage, offset, sizeValue, strideValue, , , last, metadata] = args;
  if (!(storage instanceof StorageReference)) return null;
  const shape = counts(sizeValue);
  const stride = counts(strideValue);
  if (!shape || !stride || shape.length !== stride.length || !counts([offset])) {
    return malformed('a tensor with an impossible shape, stride or offset');
  }
  const flags = metadata ?? last;
  if (flags instanceof Map && (flags.get('neg') || flags.get('conj'))) return null;
  // Version 3 says the type beside a storage of bytes.
  const typed = last instanceof Global ? retype(storage, last.rule) : storage;
  return typed && new TensorRecord(typed, offset as number, shape, stride);
}

function retype(storage: StorageReference, rule: GlobalRule): StorageReference | null {
  if (rule.kind !== 'dtype') return null;
  return new StorageReference(rule.type, storage.key, Math.floor(storage.count / STORAGE_BYTES[rule.type]));
}

/**
 * ("storage", type, key, location, count[, (view key, first element, count)]), or ("module", class, file, source), by which
 * the old container names the class of a module.
 */
export function persistentValue(id: PickleValue): PickleValue {
  if (Array.isArray(id) && id[0] === 'module') return id[1] ?? null;
  if (Array.isArray(id) && id[0] === 'storage') {
    const [, type, key, , count, view] = id;
    if (
      type instanceof Global &&
      type.rule.kind === 'storage' &&
      typeof key === 'string' &&
      typeof count === 'number' &&
      counts([count])
    ) {
      const part = Array.isArray(view) ? counts(view.slice(1, 3)) : null;
      if (part?.length === 2) {
        if (part[0] + part[1] > count) malformed('a view that reaches past its storage');
        return new StorageReference(type.rule.type, key, part[1], part[0]);
      }
      return new StorageReference(type.rule.type, key, count);
    }
  }
  return malformed('a reference to something that is not a storage');
}
