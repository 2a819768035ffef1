/**
 * Results of stages, kept under keys that name all their inputs, so that a changed keypoint recomputes one part only.
 * A run marks what it uses; sweep() after a complete run disposes of the rest. A failed or cancelled run does not
 * sweep: what was computed stays for the next try. Results are owned by the cache.
 */

interface Entry {
  readonly value: unknown;
  readonly dispose: () => void;
  generation: number;
}

export class ResultCache {
  readonly #entries = new Map<string, Entry>();
  #generation = 0;
  #computed = 0;
  #reused = 0;

  /** How many results were computed and how many reused since the cache was made. */
  get counts(): { readonly computed: number; readonly reused: number } {
    return { computed: this.#computed, reused: this.#reused };
  }

  beginRun(): void {
    this.#generation++;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The cached value, or the computed one; a computation that throws leaves no entry. */
  async get<T>(
    key: string,
    compute: () => Promise<T> | T,
    dispose: (value: T) => void = () => {},
  ): Promise<T> {
    const known = this.#entries.get(key);
    if (known) {
      known.generation = this.#generation;
      this.#reused++;
      return known.value as T;
    }
    const value = await compute();
    this.#computed++;
    this.#entries.set(key, { value, dispose: () => dispose(value), generation: this.#generation });
    return value;
  }

  /** Disposes of every result the current run did not use. */
  sweep(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.generation !== this.#generation) {
        this.#entries.delete(key);
        entry.dispose();
      }
    }
  }

  clear(): void {
    for (const entry of this.#entries.values()) entry.dispose();
    this.#entries.clear();
  }
}
