/**
 * Folders of files in the browser's own storage (OPFS), one folder a figure under `figures/`. A file is replaced only when
 * the new one is whole (createWritable writes beside it until it is closed). Without storage nothing is kept, and the page
 * says so once.
 */
import { StageError } from '../base/errors.ts';

export interface ProjectShelf {
  keys(): Promise<string[]>;
  names(key: string): Promise<string[]>;
  /** Null when there is no such file. */
  read(key: string, name: string): Promise<Blob | null>;
  /** @throws StageError E_STORAGE when it is full or refused; what was there before stays. */
  write(key: string, name: string, content: Blob): Promise<void>;
  /** One file, or with the name left out the whole folder; what is not there is harmless. */
  remove(key: string, name?: string): Promise<void>;
  /** Bytes that this page uses, and may use; null where the browser does not say. */
  space(): Promise<{ readonly usedBytes: number; readonly quotaBytes: number } | null>;
  /**
   * Marks a figure as open in this tab. @returns ends it; null when another tab has it.
   */
  hold(key: string): Promise<(() => void) | null>;
  /** Called when another tab changed what is kept. @returns ends it. */
  onChange(listener: () => void): () => void;
  /** Tells the other tabs. */
  changed(): void;
}

const ROOT = 'figures';
const CHANNEL = 'statuette figures';
/** A page that was left, by a reload for instance, may hold its figure this long, ms. One that is there answers at once. */
const LEFT_PAGE_MS = 8000;

/** What tabs tell each other: what is kept has changed; who has this figure open?; I have. */
type Message = 'changed' | { readonly asks: string } | { readonly holds: string };

export function storageRefused(cause?: unknown): StageError {
  return new StageError('storage', 'E_STORAGE', 'This browser does not let the page keep figures.', {
    fix: 'Leave private browsing to have them kept, or save each as a file. What is open works as before.',
    cause,
  });
}

function storageError(cause: unknown): StageError {
  if (cause instanceof StageError) return cause;
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'QuotaExceededError') {
    return new StageError(
      'storage',
      'E_STORAGE',
      'The figure could not be kept: the storage for this page is full.',
      {
        fix: 'Delete figures or packs that you no longer need, or save this one as a file. It stays open here.',
        cause,
      },
    );
  }
  return storageRefused(cause);
}

async function kept<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw storageError(cause);
  }
}

/** Where results are kept that only save time (kept-results.ts): a figure is worth more. */
const TIME_SAVERS = 'stages';

/** The same; when the storage is full, once more without what only saves time. */
async function withRoom<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
    if (!isFull) throw storageError(cause);
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(TIME_SAVERS, { recursive: true }).catch(() => {});
    return kept(work);
  }
}

const isMissing = (cause: unknown) => cause instanceof DOMException && cause.name === 'NotFoundError';

async function rootFolder(): Promise<FileSystemDirectoryHandle> {
  if (typeof navigator.storage?.getDirectory !== 'function') throw storageRefused();
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(ROOT, { create: true });
}

/** The shelf of this browser. */
export function browserShelf(): ProjectShelf {
  const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(CHANNEL) : null;
  let asked = false;
  const held = new Set<string>();
  const post = (message: Message) => channel?.postMessage(message);
  channel?.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (typeof data === 'object' && 'asks' in data && held.has(data.asks)) post({ holds: data.asks });
  });

  /** Browsers delete what was not asked to stay when the disk runs low. Some ask the person, so only once there is something. */
  async function askToStay(): Promise<void> {
    if (asked) return;
    asked = true;
    await navigator.storage.persist?.().catch(() => false);
  }

  return {
    keys: () =>
      kept(async () => {
        const keys: string[] = [];
        for await (const [key, handle] of (await rootFolder()).entries())
          if (handle.kind === 'directory') keys.push(key);
        return keys;
      }),
    names: (key) =>
      kept(async () => {
        const names: string[] = [];
        try {
          for await (const name of (await (await rootFolder()).getDirectoryHandle(key)).keys())
            names.push(name);
        } catch (cause) {
          if (!isMissing(cause)) throw cause;
        }
        return names;
      }),
    read: (key, name) =>
      kept(async () => {
        try {
          const folder = await (await rootFolder()).getDirectoryHandle(key);
          return await (await folder.getFileHandle(name)).getFile();
        } catch (cause) {
          if (isMissing(cause)) return null;
          throw cause;
        }
      }),
    write: (key, name, content) =>
      withRoom(async () => {
        const folder = await (await rootFolder()).getDirectoryHandle(key, { create: true });
        const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
        await content.stream().pipeTo(writable);
        void askToStay();
      }),
    remove: (key, name) =>
      kept(async () => {
        try {
          const root = await rootFolder();
          if (name === undefined) await root.removeEntry(key, { recursive: true });
          else await (await root.getDirectoryHandle(key)).removeEntry(name);
        } catch (cause) {
          if (!isMissing(cause)) throw cause;
        }
      }),
    async space() {
      const { usage, quota } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
      return usage === undefined || quota === undefined ? null : { usedBytes: usage, quotaBytes: quota };
    },
    async hold(key) {
      if (!navigator.locks) return () => {};
      const name = `figure ${key}`;
      const given = new AbortController();
      const giveUp = () => given.abort();
      const listen = ({ data }: MessageEvent<Message>) => {
        if (typeof data === 'object' && 'holds' in data && data.holds === key) giveUp();
      };
      const timer = setTimeout(giveUp, LEFT_PAGE_MS);
      channel?.addEventListener('message', listen);
      try {
        return await new Promise<(() => void) | null>((resolve, reject) => {
          navigator.locks
            .request(name, { signal: given.signal }, () => {
              held.add(key);
              return new Promise<void>((release) =>
                resolve(() => {
                  held.delete(key);
                  release();
                }),
              );
            })
            .catch((cause: unknown) => {
              if (given.signal.aborted) resolve(null);
              else reject(storageError(cause));
            });
          post({ asks: key });
        });
      } finally {
        clearTimeout(timer);
        channel?.removeEventListener('message', listen);
      }
    },
    onChange(listener) {
      const listen = ({ data }: MessageEvent<Message>) => {
        if (data === 'changed') listener();
      };
      channel?.addEventListener('message', listen);
      return () => channel?.removeEventListener('message', listen);
    },
    changed: () => post('changed'),
  };
}
