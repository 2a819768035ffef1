/** For tests only: a shelf in memory, which can be full, refused, cut off in the middle, or open in another tab. */
import { StageError } from '../base/errors.ts';
import type { ProjectShelf } from './project-shelf.ts';

export interface MemoryShelf extends ProjectShelf {
  readonly folders: Map<string, Map<string, Blob>>;
  /** Figures that "another tab" has open. */
  readonly heldElsewhere: Set<string>;
  /** Writes that still succeed; then the storage is full. */
  writesLeft: number;
  /** The page is closed after so many writes: nothing more arrives, and nobody is told. */
  closedAfter: number;
}

export function memoryShelf(): MemoryShelf {
  const folders = new Map<string, Map<string, Blob>>();
  const listeners = new Set<() => void>();
  const held = new Set<string>();
  const shelf: MemoryShelf = {
    folders,
    heldElsewhere: new Set(),
    writesLeft: Number.POSITIVE_INFINITY,
    closedAfter: Number.POSITIVE_INFINITY,
    keys: async () => [...folders.keys()],
    names: async (key) => [...(folders.get(key)?.keys() ?? [])],
    read: async (key, name) => folders.get(key)?.get(name) ?? null,
    async write(key, name, content) {
      if (shelf.closedAfter-- <= 0) await new Promise(() => {});
      if (shelf.writesLeft-- <= 0) {
        throw new StageError('storage', 'E_STORAGE', 'The storage for this page is full.', {
          fix: 'Delete figures.',
        });
      }
      const folder = folders.get(key) ?? new Map<string, Blob>();
      folders.set(key, folder);
      folder.set(name, content);
    },
    async remove(key, name) {
      if (shelf.closedAfter <= 0) await new Promise(() => {});
      if (name === undefined) folders.delete(key);
      else folders.get(key)?.delete(name);
    },
    async space() {
      let usedBytes = 0;
      for (const folder of folders.values()) for (const blob of folder.values()) usedBytes += blob.size;
      return { usedBytes, quotaBytes: 10e9 };
    },
    async hold(key) {
      if (shelf.heldElsewhere.has(key) || held.has(key)) return null;
      held.add(key);
      return () => held.delete(key);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed: () => {},
  };
  return shelf;
}
