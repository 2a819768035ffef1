/** Large text files, built as bytes: a string of tens of megabytes would be there twice. */

/** Rows are joined and encoded this many at a time. */
const CHUNK_ROWS = 4096;

export class TextFile {
  readonly #parts: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();
  #rows: string[] = [];
  #bytes = 0;

  /** One row, without its line break. */
  row(text: string): void {
    this.#rows.push(text);
    if (this.#rows.length === CHUNK_ROWS) this.#flush();
  }

  #flush(): void {
    if (this.#rows.length === 0) return;
    this.#rows.push('');
    const part = this.#encoder.encode(this.#rows.join('\n'));
    this.#rows = [];
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    this.#flush();
    const out = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

/** A number with at most `digits` decimals and no zeros behind them. */
export function decimal(value: number, digits: number): string {
  const scale = 10 ** digits;
  const rounded = Math.round(value * scale) / scale;
  // -0 would be written "0", NaN is refused before.
  return String(rounded === 0 ? 0 : rounded);
}
