/**
 * Reads FlatBuffers tables: what a TFLite file is made of. A table's slots are found through its vtable; a slot that the
 * writer left out has the schema's default. All numbers are little-endian; offsets are relative to where they stand.
 */
export class FlatTable {
  private readonly view: DataView;
  private readonly at: number;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.at = at;
  }

  /** Root table of a file. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  byte(slot: number, absent = 0): number {
    const at = this.find(slot);
    return at ? this.view.getInt8(at) : absent;
  }

  int(slot: number, absent = 0): number {
    const at = this.find(slot);
    return at ? this.view.getInt32(at, true) : absent;
  }

  boolean(slot: number): boolean {
    return this.byte(slot) !== 0;
  }

  string(slot: number): string {
    return new TextDecoder().decode(this.bytes(slot));
  }

  /** null when absent. */
  table(slot: number): FlatTable | null {
    const at = this.find(slot);
    return at ? new FlatTable(this.view, this.follow(at)) : null;
  }

  tables(slot: number): FlatTable[] {
    const { at, length } = this.vector(slot);
    return Array.from({ length }, (_, i) => new FlatTable(this.view, this.follow(at + 4 * i)));
  }

  ints(slot: number): number[] {
    const { at, length } = this.vector(slot);
    return Array.from({ length }, (_, i) => this.view.getInt32(at + 4 * i, true));
  }

  unsignedShorts(slot: number): number[] {
    const { at, length } = this.vector(slot);
    return Array.from({ length }, (_, i) => this.view.getUint16(at + 2 * i, true));
  }

  /** A view into the file. */
  bytes(slot: number): Uint8Array {
    const { at, length } = this.vector(slot);
    return new Uint8Array(this.view.buffer, this.view.byteOffset + at, length);
  }

  private find(slot: number): number {
    const vtable = this.at - this.view.getInt32(this.at, true);
    const entry = 4 + 2 * slot;
    if (entry >= this.view.getUint16(vtable, true)) return 0;
    const offset = this.view.getUint16(vtable + entry, true);
    return offset ? this.at + offset : 0;
  }

  private follow(at: number): number {
    return at + this.view.getUint32(at, true);
  }

  private vector(slot: number): { at: number; length: number } {
    const at = this.find(slot);
    if (!at) return { at: 0, length: 0 };
    const start = this.follow(at);
    return { at: start + 4, length: this.view.getUint32(start, true) };
  }
}
