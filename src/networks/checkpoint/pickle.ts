/**
 * A pickle machine that makes data and executes nothing (protocols 0 binary parts to 5, without buffers and classes).
 * Every opcode consumes at least one byte and makes at most one value, so time and memory grow with the file, never
 * faster; stack, memo and input have limits besides. Opcodes: CPython's pickletools.
 */
import { badCheckpoint } from './errors.ts';
import {
  findGlobal,
  Opaque,
  type PickleValue,
  reduceGlobal,
  storageFromPersistentId,
} from './pickle-values.ts';

/** data.pkl of the full model has 230 KB; with optimiser state about 1 MB. */
export const MAX_PICKLE_BYTES = 32 * 2 ** 20;
const MAX_STACK = 1_000_000;
const MAX_MEMO = 2_000_000;
/** Longest integer taken: torch's magic number has 10 bytes. */
const MAX_LONG_BYTES = 64;
const SHORT_TEXT = 64;

export interface Unpickled {
  readonly value: PickleValue;
  /** Index of the first byte after STOP. */
  readonly end: number;
}

/** @throws StageError E_BAD_CHECKPOINT for anything outside the fixed list, broken or too large. */
export function unpickle(bytes: Uint8Array, start = 0): Unpickled {
  return new PickleMachine(bytes, start).run();
}

class PickleMachine {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private readonly memo: PickleValue[] = [];
  private memoCount = 0;
  private readonly marks: number[] = [];
  private stack: PickleValue[] = [];
  private at: number;

  constructor(bytes: Uint8Array, start: number) {
    if (bytes.length > MAX_PICKLE_BYTES) {
      throw badCheckpoint(
        `The table of contents has ${bytes.length} bytes, far more than a checkpoint needs`,
        'FOREIGN',
      );
    }
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
  }

  run(): Unpickled {
    for (;;) {
      const opcode = this.u8();
      if (opcode === 0x2e) return { value: this.pop(), end: this.at };
      this.step(opcode);
      if (this.stack.length > MAX_STACK || this.marks.length > MAX_STACK) throw beyondReason();
    }
  }

  private step(opcode: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        if (this.u8() > 5) throw badCheckpoint('The pickle protocol is newer than 5', 'FOREIGN');
        return;
      case 0x95: // FRAME
        this.skip(8);
        return;
      case 0x28: // MARK
        this.marks.push(this.stack.length);
        return;
      case 0x30: // POP
        this.pop();
        return;
      case 0x31: // POP_MARK
        this.popToMark();
        return;
      case 0x32: // DUP
        this.stack.push(this.top());
        return;
      case 0x4e: // NONE
        this.stack.push(null);
        return;
      case 0x88: // NEWTRUE
        this.stack.push(true);
        return;
      case 0x89: // NEWFALSE
        this.stack.push(false);
        return;
      case 0x4b: // BININT1
        this.stack.push(this.u8());
        return;
      case 0x4d: // BININT2
        this.stack.push(this.view.getUint16(this.skip(2), true));
        return;
      case 0x4a: // BININT
        this.stack.push(this.view.getInt32(this.skip(4), true));
        return;
      case 0x8a: // LONG1
        this.stack.push(this.long(this.u8()));
        return;
      case 0x8b: // LONG4
        this.stack.push(this.long(this.u32()));
        return;
      case 0x47: // BINFLOAT
        this.stack.push(this.view.getFloat64(this.skip(8), false));
        return;
      case 0x58: // BINUNICODE
        this.stack.push(this.text(this.u32()));
        return;
      case 0x8c: // SHORT_BINUNICODE
        this.stack.push(this.text(this.u8()));
        return;
      case 0x8d: // BINUNICODE8
        this.stack.push(this.text(this.u64()));
        return;
      case 0x54: // BINSTRING (Python 2)
        this.stack.push(this.text(this.u32()));
        return;
      case 0x55: // SHORT_BINSTRING (Python 2)
        this.stack.push(this.text(this.u8()));
        return;
      case 0x42: // BINBYTES
        this.stack.push(this.raw(this.u32()));
        return;
      case 0x43: // SHORT_BINBYTES
        this.stack.push(this.raw(this.u8()));
        return;
      case 0x8e: // BINBYTES8
        this.stack.push(this.raw(this.u64()));
        return;
      default:
        this.stepContainer(opcode);
    }
  }

  private stepContainer(opcode: number): void {
    switch (opcode) {
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        this.stack.push([]);
        return;
      case 0x7d: // EMPTY_DICT
        this.stack.push(new Map());
        return;
      case 0x61: {
        // APPEND
        const item = this.pop();
        this.list().push(item);
        return;
      }
      case 0x65: {
        // APPENDS
        const items = this.popToMark();
        const list = this.list();
        for (const item of items) list.push(item);
        return;
      }
      case 0x6c: // LIST
      case 0x74: // TUPLE
        this.stack.push(this.popToMark());
        return;
      case 0x85: // TUPLE1
        this.stack.push(this.popMany(1));
        return;
      case 0x86: // TUPLE2
        this.stack.push(this.popMany(2));
        return;
      case 0x87: // TUPLE3
        this.stack.push(this.popMany(3));
        return;
      case 0x64: {
        // DICT
        const items = this.popToMark();
        this.stack.push(new Map());
        this.setItems(items);
        return;
      }
      case 0x73: // SETITEM
        this.setItems(this.popMany(2));
        return;
      case 0x75: // SETITEMS
        this.setItems(this.popToMark());
        return;
      case 0x71: // BINPUT
        this.remember(this.u8());
        return;
      case 0x72: // LONG_BINPUT
        this.remember(this.u32());
        return;
      case 0x94: // MEMOIZE
        this.remember(this.memoCount);
        return;
      case 0x68: // BINGET
        this.stack.push(this.recall(this.u8()));
        return;
      case 0x6a: // LONG_BINGET
        this.stack.push(this.recall(this.u32()));
        return;
      case 0x63: // GLOBAL
        this.stack.push(findGlobal(this.line(), this.line()));
        return;
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') throw broken();
        this.stack.push(findGlobal(module, name));
        return;
      }
      case 0x52: {
        // REDUCE
        const [callable, args] = this.popMany(2);
        this.stack.push(reduceGlobal(callable, args));
        return;
      }
      case 0x62: {
        // BUILD: attributes of an ordered dictionary (`_metadata`) or of something opaque; not needed.
        this.pop();
        const target = this.top();
        if (!(target instanceof Map) && !(target instanceof Opaque)) throw broken();
        return;
      }
      case 0x51: // BINPERSID
        this.stack.push(storageFromPersistentId(this.pop()));
        return;
      default:
        throw badCheckpoint(
          `The table of contents has the pickle opcode 0x${opcode.toString(16)}, which no checkpoint of tensors needs`,
          'FOREIGN',
        );
    }
  }

  private setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Map) || items.length % 2) throw broken();
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  private list(): PickleValue[] {
    const list = this.top();
    if (!Array.isArray(list)) throw broken();
    return list;
  }

  private remember(index: number): void {
    if (index > MAX_MEMO) throw beyondReason();
    this.memo[index] = this.top();
    this.memoCount++;
  }

  private recall(index: number): PickleValue {
    const value = this.memo[index];
    if (value === undefined) throw broken();
    return value;
  }

  /** The floor of the stack that the innermost mark guards. */
  private floor(): number {
    return this.marks[this.marks.length - 1] ?? 0;
  }

  private top(): PickleValue {
    if (this.stack.length <= this.floor()) throw broken();
    return this.stack[this.stack.length - 1];
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.length--;
    return value;
  }

  private popMany(count: number): PickleValue[] {
    if (this.stack.length - count < this.floor()) throw broken();
    return this.stack.splice(this.stack.length - count, count);
  }

  private popToMark(): PickleValue[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw broken();
    return this.stack.splice(mark);
  }

  /** Moves past `count` bytes and returns where they start. */
  private skip(count: number): number {
    const from = this.at;
    if (!(count <= this.bytes.length - from)) {
      throw badCheckpoint('The table of contents ends in the middle', 'TRUNCATED');
    }
    this.at += count;
    return from;
  }

  private u8(): number {
    return this.bytes[this.skip(1)];
  }

  private u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  private u64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  private raw(length: number): Uint8Array {
    const from = this.skip(length);
    return this.bytes.subarray(from, from + length);
  }

  private text(length: number): string {
    const from = this.skip(length);
    if (length <= SHORT_TEXT) {
      // A decoder call costs more than a short ASCII text.
      let text = '';
      let at = from;
      for (; at < this.at && this.bytes[at] < 0x80; at++) text += String.fromCharCode(this.bytes[at]);
      if (at === this.at) return text;
    }
    const raw = this.bytes.subarray(from, this.at);
    try {
      return this.decoder.decode(raw);
    } catch (cause) {
      if (cause instanceof TypeError) throw broken();
      throw cause;
    }
  }

  /** Text up to a newline, at most 200 bytes. */
  private line(): string {
    const end = this.bytes.subarray(this.at, this.at + 200).indexOf(0x0a);
    if (end < 0) throw broken();
    const text = this.text(end);
    this.skip(1);
    return text;
  }

  /** Little-endian two's complement; a number when it is safe, else a bigint. */
  private long(length: number): number | bigint {
    if (length > MAX_LONG_BYTES)
      throw badCheckpoint('The table of contents has an integer beyond reason', 'FOREIGN');
    const raw = this.raw(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i]);
    const signed = BigInt.asIntN(length * 8, value);
    const small = Number(signed);
    return Number.isSafeInteger(small) ? small : signed;
  }
}

function beyondReason(): Error {
  return badCheckpoint('The table of contents is nested beyond reason', 'FOREIGN');
}

function broken(): Error {
  return badCheckpoint('The table of contents is broken', 'DAMAGED');
}
