/**
 * A pickle machine that makes data and executes nothing: every opcode of protocols 0 to 5, with placeholders for objects.
 * Every opcode consumes at least one byte and makes at most one value, so time and memory grow with the file, never
 * faster; stack, memo and input have limits besides. Opcodes: CPython's pickletools.
 */
import { badCheckpoint } from './errors.ts';
import { broken, indexFrom, longFrom, PickleBytes, SHORT_TEXT } from './pickle-bytes.ts';
import {
  findGlobal,
  Opaque,
  type PickleValue,
  persistentValue,
  reduceGlobal,
  StorageReference,
} from './pickle-values.ts';

/** data.pkl of the full model has 230 KB, with optimiser state about 1 MB; NumPy arrays kept beside it lie within. */
export const MAX_PICKLE_BYTES = 256 * 2 ** 20;
const MAX_STACK = 1_000_000;
const MAX_MEMO = 2_000_000;

export interface Unpickled {
  readonly value: PickleValue;
  /** Index of the first byte after STOP. */
  readonly end: number;
  /** Every storage referred to, by the tensors of placeholders too. */
  readonly storages: readonly StorageReference[];
  /** Every class and function named, as MODULE.NAME. */
  readonly globals: ReadonlySet<string>;
}

/** @throws StageError E_BAD_CHECKPOINT for a pickle that is broken or too large. */
export function unpickle(bytes: Uint8Array, start = 0): Unpickled {
  return new PickleMachine(bytes, start).run();
}

class PickleMachine extends PickleBytes {
  private readonly memo: PickleValue[] = [];
  private memoCount = 0;
  private readonly marks: number[] = [];
  private readonly storages: StorageReference[] = [];
  private readonly globals = new Set<string>();
  private stack: PickleValue[] = [];

  constructor(bytes: Uint8Array, start: number) {
    super(bytes, start);
    if (bytes.length > MAX_PICKLE_BYTES) {
      throw badCheckpoint(
        `The table of contents has ${bytes.length} bytes, far more than a checkpoint needs`,
        'FOREIGN',
      );
    }
  }

  run(): Unpickled {
    for (;;) {
      const opcode = this.u8();
      if (opcode === 0x2e) {
        return { value: this.pop(), end: this.at, storages: this.storages, globals: this.globals };
      }
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
      case 0x96: // BYTEARRAY8
        this.stack.push(this.raw(this.u64()));
        return;
      default:
        if (!this.stepText(opcode) && !this.stepObject(opcode)) this.stepContainer(opcode);
    }
  }

  /** The opcodes of protocol 0, whose arguments are lines of text. */
  private stepText(opcode: number): boolean {
    switch (opcode) {
      case 0x49: {
        // INT; true and false are 01 and 00
        const text = this.line();
        this.stack.push(text === '01' ? true : text === '00' ? false : longFrom(text));
        return true;
      }
      case 0x4c: // LONG
        this.stack.push(longFrom(this.line().replace(/L$/, '')));
        return true;
      case 0x46: {
        // FLOAT; Python writes nan and inf where Number takes NaN and Infinity
        const text = this.line();
        this.stack.push(/inf$/.test(text) ? (text.startsWith('-') ? -1 : 1) / 0 : Number(text));
        return true;
      }
      case 0x53: // STRING, in quotes
        this.stack.push(this.line().slice(1, -1));
        return true;
      case 0x56: // UNICODE, characters past Latin-1 as \uXXXX
        this.stack.push(
          this.line().replace(/\\u([0-9a-f]{4})/gi, (_, code) =>
            String.fromCharCode(Number.parseInt(code, 16)),
          ),
        );
        return true;
      case 0x70: // PUT
        this.remember(indexFrom(this.line()));
        return true;
      case 0x67: // GET
        this.stack.push(this.recall(indexFrom(this.line())));
        return true;
      case 0x50: // PERSID: text, which torch never uses
        this.stack.push(new Opaque(this.line().slice(0, SHORT_TEXT)));
        return true;
      default:
        return false;
    }
  }

  /** The opcodes that make objects in Python. Here they make data or a placeholder. */
  private stepObject(opcode: number): boolean {
    switch (opcode) {
      case 0x63: // GLOBAL
        this.pushGlobal(this.line(), this.line());
        return true;
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') throw broken();
        this.pushGlobal(module, name);
        return true;
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callable, args] = this.popMany(2);
        this.stack.push(reduceGlobal(callable, args));
        return true;
      }
      case 0x92: {
        // NEWOBJ_EX: keyword arguments too
        const [callable, args] = this.popMany(3);
        this.stack.push(reduceGlobal(callable, args));
        return true;
      }
      case 0x69: {
        // INST
        this.pushGlobal(this.line(), this.line());
        const callable = this.stack.pop() as PickleValue;
        this.stack.push(reduceGlobal(callable, this.popToMark()));
        return true;
      }
      case 0x6f: {
        // OBJ: the class, then its arguments
        const [callable, ...args] = this.popToMark();
        if (callable === undefined) throw broken();
        this.stack.push(reduceGlobal(callable, args));
        return true;
      }
      case 0x82: // EXT1
        this.stack.push(new Opaque(`extension ${this.u8()}`));
        return true;
      case 0x83: // EXT2
        this.stack.push(new Opaque(`extension ${this.view.getUint16(this.skip(2), true)}`));
        return true;
      case 0x84: // EXT4
        this.stack.push(new Opaque(`extension ${this.u32()}`));
        return true;
      case 0x62: {
        // BUILD: attributes. Those of an ordered dictionary (`_metadata`) or a tensor are not needed.
        const state = this.pop();
        const target = this.top();
        // A pair is (attributes, slots).
        if (target instanceof Opaque) target.state = Array.isArray(state) ? (state[0] ?? null) : state;
        return true;
      }
      case 0x51: {
        // BINPERSID
        const value = persistentValue(this.pop());
        if (value instanceof StorageReference) this.storages.push(value);
        this.stack.push(value);
        return true;
      }
      case 0x97: // NEXT_BUFFER: data that were kept outside the pickle
        this.stack.push(new Opaque('a buffer outside the file'));
        return true;
      case 0x98: // READONLY_BUFFER
        this.top();
        return true;
      default:
        return false;
    }
  }

  private pushGlobal(module: string, name: string): void {
    const found = findGlobal(module, name);
    this.globals.add(found.name);
    this.stack.push(found);
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
        this.list()?.push(item);
        return;
      }
      case 0x65: {
        // APPENDS
        const items = this.popToMark();
        const list = this.list();
        for (const item of items) list?.push(item);
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
      case 0x8f: // EMPTY_SET
        this.stack.push(new Opaque('set'));
        return;
      case 0x90: // ADDITEMS
        this.popToMark();
        this.top();
        return;
      case 0x91: // FROZENSET
        this.popToMark();
        this.stack.push(new Opaque('frozenset'));
        return;
      default:
        throw badCheckpoint(
          `The table of contents has the byte 0x${opcode.toString(16)} where a pickle has an instruction`,
          'DAMAGED',
        );
    }
  }

  private setItems(items: readonly PickleValue[]): void {
    const target = this.top();
    const dict = target instanceof Opaque ? entriesOf(target) : target;
    if (!(dict instanceof Map) || items.length % 2) throw broken();
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  /** The list to fill; null where the items of a placeholder are let go. */
  private list(): PickleValue[] | null {
    const list = this.top();
    if (list instanceof Opaque) return null;
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
}

function entriesOf(target: Opaque): Map<PickleValue, PickleValue> {
  target.entries ??= new Map();
  return target.entries;
}

function beyondReason(): Error {
  return badCheckpoint('The table of contents is nested beyond reason', 'FOREIGN');
}
