/** Lines of a text file as words, without empty lines and comments (`#`, `//`). Line ends: LF, CR LF, CR. */

export interface LineReader {
  /** Words of the next line; null after the last. */
  next(): string[] | null;
  /** The same without going on. @param ahead lines to skip. */
  peek(ahead?: number): string[] | null;
  /** Lines that are left. */
  countLeft(): number;
}

const LF = 10;
const CR = 13;

/** @param separators what stands between words; blanks by default. */
export function lineReader(bytes: Uint8Array, separators: RegExp = /[\s\0]+/): LineReader {
  const decoder = new TextDecoder('latin1');
  let at = 0;
  const take = (): string[] | null => {
    while (at < bytes.length) {
      const from = at;
      while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at++;
      const end = at++;
      if (end === from) continue;
      const line = decoder.decode(bytes.subarray(from, end)).trim();
      if (line === '' || line.startsWith('#') || line.startsWith('//')) continue;
      return line.split(separators);
    }
    return null;
  };
  const looking = <T>(look: () => T): T => {
    const back = at;
    const result = look();
    at = back;
    return result;
  };
  return {
    next: take,
    peek: (ahead = 0) =>
      looking(() => {
        for (let k = 0; k < ahead; k++) take();
        return take();
      }),
    countLeft: () =>
      looking(() => {
        let lines = 0;
        while (take()) lines++;
        return lines;
      }),
  };
}
