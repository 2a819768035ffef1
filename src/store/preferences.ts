/**
 * What the page remembers of a visitor's choices: the pack in use, for good, and the mode, until the tab is closed. Each
 * is one text with a version in the browser's storage, checked before it is believed. Where the browser refuses storage,
 * or something else lies there, nothing is remembered and the defaults hold.
 */
import * as v from 'valibot';
import type { RunMode } from '../digitizer/types.ts';

/** A stored pack by its key; the name is for the sentence that says it is gone. */
export interface RememberedPack {
  readonly key: string;
  readonly name: string;
}

export interface Preferences {
  /** Null: the starter pack. */
  pack(): RememberedPack | null;
  setPack(pack: RememberedPack | null): void;
  /** Null: the default. */
  mode(): RunMode | null;
  setMode(mode: RunMode): void;
}

type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const PACK_ITEM = 'statuette.pack';
const MODE_ITEM = 'statuette.mode';
const VERSION = 1;

const PACK = v.object({
  version: v.literal(VERSION),
  key: v.pipe(v.string(), v.nonEmpty()),
  name: v.string(),
});
const MODE = v.object({ version: v.literal(VERSION), mode: v.picklist(['robust', 'reference']) });

/** @param kept outlives the page; @param perTab ends with the tab. Either may throw whenever it is touched. */
export function createPreferences(kept: () => TextStorage, perTab: () => TextStorage): Preferences {
  const read = <S extends v.GenericSchema>(storage: () => TextStorage, item: string, schema: S) => {
    try {
      const { success, output } = v.safeParse(schema, JSON.parse(storage().getItem(item) ?? 'null'));
      return success ? output : null;
    } catch {
      // Storage refused, or a text that is not ours.
      return null;
    }
  };
  const write = (storage: () => TextStorage, item: string, value: object | null): void => {
    try {
      if (value) storage().setItem(item, JSON.stringify({ version: VERSION, ...value }));
      else storage().removeItem(item);
    } catch {
      // Storage refused: the choice holds until the page is left.
    }
  };
  return {
    pack() {
      const entry = read(kept, PACK_ITEM, PACK);
      return entry && { key: entry.key, name: entry.name };
    },
    setPack: (pack) => write(kept, PACK_ITEM, pack && { key: pack.key, name: pack.name }),
    mode: () => read(perTab, MODE_ITEM, MODE)?.mode ?? null,
    setMode: (mode) => write(perTab, MODE_ITEM, { mode }),
  };
}

/** The preferences of this browser. */
export const browserPreferences = (): Preferences =>
  createPreferences(
    () => localStorage,
    () => sessionStorage,
  );

/** A TextStorage that lives in memory, for tests and for tools without a browser's storage. */
export function memoryStorage(): TextStorage {
  const items = new Map<string, string>();
  return {
    getItem: (item) => items.get(item) ?? null,
    setItem: (item, text) => void items.set(item, text),
    removeItem: (item) => void items.delete(item),
  };
}
