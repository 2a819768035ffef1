/** The arguments of pickle opcodes, read from the file's bytes in order: numbers, texts, lines, integers of any length. */
import { badCheckpoint } from './errors.ts';
import { Opaque, type PickleValue } from './pickle-values.ts';

/** Longest integer made: torch's magic number has 10 bytes. A longer one is somebody's key or state, and skipped. */
const MAX_LONG_BYTES = 64;
const MAX_LONG_DIGITS = 150;
/** Bytes up to which a text is short. */
export const SHORT_TEXT = 64;

export class PickleBytes {
  private readonly bytes: Uint8Array;
  protected readonly view: DataView;
  private readonly decoder = new TextDecoder();
  /** Index of the next byte. */
  protected at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
  }

  /** Moves past `count` bytes and returns where they start. */
  protected skip(count: number): number {
    const from = this.at;
    if (!(count <= this.bytes.length - from)) {
      throw badCheckpoint('The table of contents ends in the middle', 'TRUNCATED');
    }
    this.at += count;
    return from;
  }

  protected u8(): number {
    return this.bytes[this.skip(1)];
  }

  protected u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  protected u64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  protected raw(length: number): Uint8Array {
    const from = this.skip(length);
    return this.bytes.subarray(from, from + length);
  }

  protected text(length: number): string {
    const from = this.skip(length);
    if (length <= SHORT_TEXT) {
      // A decoder call costs more than a short ASCII text.
      let text = '';
      let at = from;
      for (; at < this.at && this.bytes[at] < 0x80; at++) text += String.fromCharCode(this.bytes[at]);
      if (at === this.at) return text;
    }
    return this.decoder.decode(this.bytes.subarray(from, this.at));
  }

  /** Text up to a newline. */
  protected line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw broken();
    const text = this.text(end - this.at);
    this.skip(1);
    return text;
  }

  /** Little-endian two's complement; a number when it is safe, else a bigint. */
  protected long(length: number): PickleValue {
    const raw = this.raw(length);
    if (length > MAX_LONG_BYTES) return new Opaque('a long integer');
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i]);
    const signed = BigInt.asIntN(length * 8, value);
    const small = Number(signed);
    return Number.isSafeInteger(small) ? small : signed;
  }
}

/** An integer in decimal digits, as protocol 0 writes it. */
export function longFrom(text: string): PickleValue {
  if (!/^-?\d+$/.test(text)) throw broken();
  if (text.length > MAX_LONG_DIGITS) return new Opaque('a long integer');
  const small = Number(text);
  return Number.isSafeInteger(small) ? small : BigInt(text);
}

/** An index of the memo in decimal digits. */
export function indexFrom(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw broken();
  return Number(text);
}

/** The error of a pickle that is damaged. */
export function broken(): Error {
  return badCheckpoint('The table of contents is broken', 'DAMAGED');
}
