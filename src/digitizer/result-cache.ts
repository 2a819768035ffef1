/**
 * Results of stages under keys that name all they were made from, as many as a budget of bytes holds, the longest unused
 * go first. Nothing in it changes once it is there, so going back to an earlier input finds everything again. What a run
 * uses is pinned until the run is released: the figure on screen cannot lose its maps to the next one's.
 */
import { buffersOf } from './retained-bytes.ts';

/** A run that pins what it uses. */
export type RunToken = symbol;

export interface CacheEntry<T = unknown> {
  readonly key: string;
  readonly value: T;
  /** Names the result in the keys of results made from it: its key, or its content where that says more. */
  readonly content: string;
}

export interface Computed<T> {
  readonly value: T;
  readonly content?: string;
  /** Entries this one points into; they stay as long as it does. */
  readonly holds?: readonly CacheEntry[];
  readonly dispose?: () => void;
}

interface Slot<T = unknown> extends CacheEntry<T> {
  readonly bytes: number;
  readonly buffers: readonly object[];
  readonly holds: readonly Slot[];
  readonly dispose: () => void;
  readonly pins: Set<RunToken>;
  holders: number;
}

const MIB = 2 ** 20;

/** Four steps back at 2048 px (a moved wrist makes about 180 MiB of new maps), half on small machines. */
function defaultBudget(): number {
  const { deviceMemory = 8 } = (globalThis.navigator ?? {}) as { deviceMemory?: number };
  return (deviceMemory >= 8 ? 1024 : 512) * MIB;
}

export class ResultCache {
  readonly #budget: number;
  /** In the order of last use. */
  readonly #slots = new Map<string, Slot>();
  /** Buffers are counted once, for the entry that brought them. */
  readonly #counted = new Set<object>();
  #bytes = 0;
  /** What an abandoned stage of a cancelled run uses is not pinned: nothing would release it. */
  readonly #released = new Set<RunToken>();
  /** Counts the times that all was forgotten. */
  #epoch = 0;

  constructor(budgetBytes = defaultBudget()) {
    this.#budget = budgetBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(key: string): boolean {
    return this.#slots.has(key);
  }

  /** The cached result, or the computed one; a computation that throws leaves no entry. */
  async get<T>(
    run: RunToken,
    key: string,
    compute: () => Promise<Computed<T>> | Computed<T>,
  ): Promise<CacheEntry<T>> {
    const known = this.#slots.get(key);
    if (known) {
      this.#touch(known, run);
      return known as Slot<T>;
    }
    const epoch = this.#epoch;
    const { value, content = key, holds = [], dispose = () => {} } = await compute();
    // An abandoned stage may finish after everything was cleared, or after another run has made the same.
    if (epoch !== this.#epoch) return { key, value, content };
    const made = this.#slots.get(key);
    if (made) {
      dispose();
      this.#touch(made, run);
      return made as Slot<T>;
    }
    const held = holds as readonly Slot[];
    let bytes = 0;
    const buffers: object[] = [];
    for (const [buffer, size] of buffersOf(value)) {
      if (this.#counted.has(buffer)) continue;
      this.#counted.add(buffer);
      buffers.push(buffer);
      bytes += size;
    }
    const slot: Slot<T> = {
      key,
      value,
      content,
      bytes,
      buffers,
      holds: held,
      dispose,
      pins: new Set(),
      holders: 0,
    };
    for (const { key: heldKey } of held) this.#slot(heldKey).holders++;
    this.#bytes += bytes;
    this.#slots.set(key, slot);
    this.#touch(slot, run);
    this.makeRoom(0);
    return slot;
  }

  /** Evicts unused results until `bytes` more fit, as far as that is possible. */
  makeRoom(bytes: number): void {
    for (let freed = true; freed && this.#bytes + bytes > this.#budget; ) {
      freed = false;
      for (const slot of this.#slots.values()) {
        if (slot.pins.size > 0 || slot.holders > 0) continue;
        this.#drop(slot);
        freed = true;
        if (this.#bytes + bytes <= this.#budget) break;
      }
    }
  }

  /** The run's results may go when room is needed. */
  release(run: RunToken): void {
    this.#released.add(run);
    for (const slot of this.#slots.values()) slot.pins.delete(run);
    this.makeRoom(0);
  }

  /** Forgets everything, pinned or not: the device of the maps is gone. */
  clear(): void {
    this.#epoch++;
    for (const slot of this.#slots.values()) slot.dispose();
    this.#slots.clear();
    this.#counted.clear();
    this.#bytes = 0;
  }

  #slot(key: string): Slot {
    const slot = this.#slots.get(key);
    if (!slot) throw new Error(`${key} is pointed into but not in the cache`);
    return slot;
  }

  #touch(slot: Slot, run: RunToken): void {
    if (!this.#released.has(run)) slot.pins.add(run);
    this.#slots.delete(slot.key);
    this.#slots.set(slot.key, slot);
    for (const held of slot.holds) this.#touch(held, run);
  }

  #drop(slot: Slot): void {
    this.#slots.delete(slot.key);
    this.#bytes -= slot.bytes;
    for (const buffer of slot.buffers) this.#counted.delete(buffer);
    for (const held of slot.holds) held.holders--;
    slot.dispose();
  }
}
