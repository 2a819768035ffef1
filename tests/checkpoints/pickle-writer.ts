/** Writes pickles (protocol 2) as CPython's pickler does: every string, global and container goes into the memo. */

/** A tensor by reference to its storage; docs/method.md#checkpoint. */
export interface TensorToPickle {
  readonly storageType: string;
  readonly storageKey: string;
  readonly storageCount: number;
  readonly location: string;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

export class PickleTensor {
  constructor(readonly tensor: TensorToPickle) {}
}

export class PickleTuple {
  constructor(readonly items: readonly Picklable[]) {}
}

/** An OrderedDict, with attributes set through BUILD when given. */
export class PickleOrderedDict {
  constructor(
    readonly entries: ReadonlyMap<string, Picklable>,
    readonly attributes?: ReadonlyMap<string, Picklable>,
  ) {}
}

export type Picklable =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Picklable[]
  | ReadonlyMap<string | number, Picklable>
  | PickleTuple
  | PickleTensor
  | PickleOrderedDict;

/** CPython fills containers in batches of this size. */
const BATCH = 1000;

export class PickleWriter {
  private readonly bytes: number[] = [];
  private readonly strings = new Map<string, number>();
  private memoCount = 0;
  /** The old container appends None to persistent ids (view metadata). */
  private readonly oldContainer: boolean;

  constructor(oldContainer = false) {
    this.oldContainer = oldContainer;
  }

  static pickle(value: Picklable, oldContainer = false): Uint8Array {
    const writer = new PickleWriter(oldContainer);
    writer.bytes.push(0x80, 2);
    writer.value(value);
    writer.bytes.push(0x2e);
    return Uint8Array.from(writer.bytes);
  }

  private value(value: Picklable): void {
    if (value === null) this.bytes.push(0x4e);
    else if (typeof value === 'boolean') this.bytes.push(value ? 0x88 : 0x89);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'bigint') this.long(value);
    else if (typeof value === 'string') this.string(value);
    else if (value instanceof PickleTensor) this.tensor(value.tensor);
    else if (value instanceof PickleTuple) this.tuple(value.items);
    else if (value instanceof PickleOrderedDict) this.orderedDict(value);
    else if (value instanceof Map) this.dict(value);
    else this.list(value as readonly Picklable[]);
  }

  private number(value: number): void {
    if (!Number.isInteger(value)) {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value, false);
      this.bytes.push(0x47, ...new Uint8Array(view.buffer));
    } else if (value >= 0 && value < 256) this.bytes.push(0x4b, value);
    else if (value >= 0 && value < 65536) this.bytes.push(0x4d, value & 255, value >> 8);
    else if (Math.abs(value) < 2 ** 31) this.bytes.push(0x4a, ...littleEndian(value, 4));
    else this.long(BigInt(value));
  }

  private long(value: bigint): void {
    const raw: number[] = [];
    for (let rest = value; ; rest >>= 8n) {
      raw.push(Number(rest & 255n));
      const high = raw[raw.length - 1] & 0x80;
      if ((rest >> 8n === 0n && !high) || (rest >> 8n === -1n && high)) break;
    }
    this.bytes.push(0x8a, raw.length, ...raw);
  }

  private string(value: string): void {
    if (this.recall(`s${value}`)) return;
    const raw = new TextEncoder().encode(value);
    this.bytes.push(0x58, ...littleEndian(raw.length, 4), ...raw);
    this.memoize(`s${value}`);
  }

  private global(module: string, name: string): void {
    const key = `g${module}.${name}`;
    if (this.recall(key)) return;
    this.bytes.push(0x63, ...new TextEncoder().encode(`${module}\n${name}\n`));
    this.memoize(key);
  }

  private tuple(items: readonly Picklable[]): void {
    if (items.length === 0) {
      this.bytes.push(0x29);
      return;
    }
    if (items.length > 3) this.bytes.push(0x28);
    for (const item of items) this.value(item);
    this.bytes.push([0, 0x85, 0x86, 0x87][items.length] ?? 0x74);
    this.memoize();
  }

  private list(items: readonly Picklable[]): void {
    this.bytes.push(0x5d);
    this.memoize();
    for (let at = 0; at < items.length; at += BATCH) {
      this.bytes.push(0x28);
      for (const item of items.slice(at, at + BATCH)) this.value(item);
      this.bytes.push(0x65);
    }
  }

  private dict(entries: ReadonlyMap<string | number, Picklable>): void {
    this.bytes.push(0x7d);
    this.memoize();
    this.setItems(entries);
  }

  private setItems(entries: ReadonlyMap<string | number, Picklable>): void {
    const pairs = [...entries];
    for (let at = 0; at < pairs.length; at += BATCH) {
      this.bytes.push(0x28);
      for (const [key, item] of pairs.slice(at, at + BATCH)) {
        this.value(key);
        this.value(item);
      }
      this.bytes.push(0x75);
    }
  }

  private orderedDict(dict: PickleOrderedDict): void {
    this.global('collections', 'OrderedDict');
    this.bytes.push(0x29, 0x52);
    this.memoize();
    this.setItems(dict.entries);
    if (dict.attributes) {
      this.dict(dict.attributes);
      this.bytes.push(0x62);
    }
  }

  private tensor(tensor: TensorToPickle): void {
    this.global('torch._utils', '_rebuild_tensor_v2');
    this.bytes.push(0x28);
    // The persistent id: a tuple, then BINPERSID.
    this.bytes.push(0x28);
    this.string('storage');
    this.global('torch', tensor.storageType);
    this.string(tensor.storageKey);
    this.string(tensor.location);
    this.number(tensor.storageCount);
    if (this.oldContainer) this.value(null);
    this.bytes.push(0x74);
    this.memoize();
    this.bytes.push(0x51);
    this.number(tensor.offset);
    this.tuple(tensor.shape);
    this.tuple(tensor.stride);
    this.value(false);
    this.global('collections', 'OrderedDict');
    this.bytes.push(0x29, 0x52);
    this.memoize();
    this.bytes.push(0x74);
    this.memoize();
    this.bytes.push(0x52);
    this.memoize();
  }

  private memoize(key?: string): void {
    const index = this.memoCount++;
    if (key !== undefined) this.strings.set(key, index);
    if (index < 256) this.bytes.push(0x71, index);
    else this.bytes.push(0x72, ...littleEndian(index, 4));
  }

  private recall(key: string): boolean {
    const index = this.strings.get(key);
    if (index === undefined) return false;
    if (index < 256) this.bytes.push(0x68, index);
    else this.bytes.push(0x6a, ...littleEndian(index, 4));
    return true;
  }
}

export function littleEndian(value: number, byteCount: number): number[] {
  let rest = BigInt.asUintN(byteCount * 8, BigInt(value));
  return Array.from({ length: byteCount }, () => {
    const byte = Number(rest & 255n);
    rest >>= 8n;
    return byte;
  });
}
