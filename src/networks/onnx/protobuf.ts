/**
 * Writes protocol buffers (proto3 wire format): varints, length-delimited fields, 32-bit floats.
 * A message is a list of byte chunks; large payloads are referenced, not copied, until `finish`.
 */
export class ProtoWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  /** Varint field; a safe integer, or -1 (ten bytes, as int64 wants it). */
  int(field: number, value: number): this {
    this.push(varint(field * 8));
    this.push(value < 0 ? negativeVarint(value) : varint(value));
    return this;
  }

  /** Packed int64 list. */
  packedInts(field: number, values: readonly number[]): this {
    const inner = new ProtoWriter();
    for (const v of values) inner.push(v < 0 ? negativeVarint(v) : varint(v));
    return this.message(field, inner);
  }

  float(field: number, value: number): this {
    this.push(varint(field * 8 + 5));
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.push(bytes);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** Keeps a reference to `value` until finish. */
  bytes(field: number, value: Uint8Array): this {
    this.push(varint(field * 8 + 2));
    this.push(varint(value.length));
    this.push(value);
    return this;
  }

  message(field: number, inner: ProtoWriter): this {
    this.push(varint(field * 8 + 2));
    this.push(varint(inner.length));
    for (const chunk of inner.chunks) this.push(chunk);
    return this;
  }

  /** The message's bytes, in one new array. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  private push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
  }
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Uint8Array.from(out);
}

function negativeVarint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}
