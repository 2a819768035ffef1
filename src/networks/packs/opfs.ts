/**
 * Imported packs in the browser's own storage (OPFS), one folder each under `packs/`. A folder counts as a pack when it
 * has its pack.json, which is written last, after the stored weights were opened and checked: a failed or interrupted
 * import leaves nothing that could be taken for a pack, and never touches another one. While a folder is filled, its name
 * is a held lock (Web Locks), in whichever tab: a folder without pack.json and without its lock was cut off, by closing
 * the page for instance, and goes when packs are listed or stored next.
 *
 * Hashing 311 MB takes seconds, and only this page can write to its storage: what was hashed once is remembered with size
 * and time of the file (checked.json), and hashed again when either is another.
 */
import { StageError } from '../../base/errors.ts';
import { MANIFEST_FILE, type PackManifest, parseManifest, WEIGHTS_FILE } from './manifest.ts';
import { openPack, type Pack, type PackProgress } from './pack.ts';
import type { PackSink } from './write-pack.ts';

const ROOT = 'packs';
const CHECKED_FILE = 'checked.json';
/** Share of an import that is writing; the rest is opening what was written. */
const WRITE_SHARE = 0.7;

export interface StoredPack {
  /** Folder name; stays the same when the pack is renamed. */
  readonly key: string;
  readonly manifest: PackManifest;
}

function storageError(message: string, cause?: unknown): StageError {
  return new StageError('pack', 'E_BAD_PACK', message, {
    fix: 'Free some space on this device, or leave private browsing, and try again.',
    cause,
  });
}

/** True where the browser lets this page keep packs. */
function hasPackStorage(): boolean {
  return typeof navigator !== 'undefined' && typeof navigator.storage?.getDirectory === 'function';
}

async function packsFolder(): Promise<FileSystemDirectoryHandle> {
  if (!hasPackStorage()) throw storageError('This browser cannot store packs for this page.');
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(ROOT, { create: true });
  } catch (cause) {
    throw storageError('The browser refused storage to this page.', cause);
  }
}

async function folderOf(key: string): Promise<FileSystemDirectoryHandle> {
  const packs = await packsFolder();
  try {
    return await packs.getDirectoryHandle(key);
  } catch (cause) {
    throw storageError(`There is no stored pack ${key}.`, cause);
  }
}

async function readManifest(folder: FileSystemDirectoryHandle): Promise<PackManifest> {
  const handle = await folder.getFileHandle(MANIFEST_FILE);
  return parseManifest(await (await handle.getFile()).text());
}

/** Stored packs, by name. What was cut off while it was stored is removed. */
export async function listStoredPacks(): Promise<StoredPack[]> {
  const packs = await packsFolder();
  await removeCutOff(packs);
  const out: StoredPack[] = [];
  for await (const key of packs.keys()) {
    const manifest = await readManifest(await packs.getDirectoryHandle(key)).catch(() => null);
    if (manifest) out.push({ key, manifest });
  }
  return out.sort((a, b) => a.manifest.name.localeCompare(b.manifest.name));
}

/** @throws StageError E_BAD_PACK when there is none of this key, or its files are damaged. */
export async function openStoredPack(key: string, onProgress: PackProgress = () => {}): Promise<Pack> {
  const folder = await folderOf(key);
  const files = await Promise.all(
    [MANIFEST_FILE, WEIGHTS_FILE].map(async (name) => (await folder.getFileHandle(name)).getFile()),
  ).catch((cause: unknown) => {
    throw storageError(`The stored pack ${key} is not complete.`, cause);
  });
  const [, weights] = files;
  const checked = await readChecked(folder);
  let hashed = false;
  const pack = await openPack(files, onProgress, ({ sha256 }) => {
    const known =
      checked?.sha256 === sha256 &&
      checked.bytes === weights.size &&
      checked.modifiedMs === weights.lastModified;
    hashed = !known;
    return known;
  });
  if (hashed) await rememberChecked(folder, pack);
  return pack;
}

/** What was found right, and when the file was last written then. */
interface Checked {
  readonly version: 1;
  readonly sha256: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

async function readChecked(folder: FileSystemDirectoryHandle): Promise<Checked | null> {
  try {
    const file = await (await folder.getFileHandle(CHECKED_FILE)).getFile();
    const value: Partial<Checked> | null = JSON.parse(await file.text());
    return value?.version === 1 ? (value as Checked) : null;
  } catch {
    // Never checked, or not readable: it is hashed again.
    return null;
  }
}

/** Of weights that have just been hashed. Where it cannot be written, they are hashed again next time. */
async function rememberChecked(folder: FileSystemDirectoryHandle, { manifest }: Pack): Promise<void> {
  try {
    const weights = await (await folder.getFileHandle(WEIGHTS_FILE)).getFile();
    const sha256 = manifest.files.find((file) => file.name === WEIGHTS_FILE)?.sha256 ?? '';
    const checked: Checked = { version: 1, sha256, bytes: weights.size, modifiedMs: weights.lastModified };
    await copyInto(folder, new File([JSON.stringify(checked)], CHECKED_FILE));
  } catch {
    // A full disk must not keep a good pack from being opened.
  }
}

/** The two files of a stored pack, for saving it as a folder. */
export async function storedPackFiles(key: string): Promise<File[]> {
  const folder = await folderOf(key);
  return Promise.all(
    [MANIFEST_FILE, WEIGHTS_FILE].map(async (name) => (await folder.getFileHandle(name)).getFile()),
  );
}

/**
 * Stores a pack's files (from importCheckpoint, or chosen by the visitor) and opens it.
 *
 * @returns its key, and the opened pack.
 * @throws StageError E_BAD_PACK when the files are no pack or the storage is full; nothing is stored then.
 */
export async function storePack(
  files: readonly File[],
  onProgress: PackProgress = () => {},
): Promise<{ readonly key: string; readonly pack: Pack }> {
  const [manifestFile, weightsFile] = [MANIFEST_FILE, WEIGHTS_FILE].map((name) => {
    const file = files.find((f) => f.name === name);
    if (!file) throw storageError(`There is no ${name} among the files.`);
    return file;
  });
  const { id } = parseManifest(await manifestFile.text());
  return inNewFolder(id, onProgress, async (folder, onWritten) => {
    await copyInto(folder, weightsFile);
    onWritten(1);
    return manifestFile;
  });
}

/**
 * Stores a pack that is written piece by piece, straight into the browser's storage: a checkpoint of a gigabyte becomes a
 * pack without its weights ever being in memory together.
 *
 * @param write writes weights, then manifest, and reports the fraction done.
 * @returns as storePack. @throws what `write` throws, and as storePack; nothing is stored then.
 */
export async function storeWritten(
  id: string,
  write: (sink: PackSink, onProgress: PackProgress) => Promise<unknown>,
  onProgress: PackProgress = () => {},
): Promise<{ readonly key: string; readonly pack: Pack }> {
  return inNewFolder(id, onProgress, async (folder, onWritten) => {
    const sink = new FolderSink(folder);
    try {
      await write(sink, onWritten);
    } finally {
      await sink.close();
    }
    return sink.manifestFile();
  });
}

/** Makes a folder, has it filled, opens what was written, and only then puts pack.json beside it. */
async function inNewFolder(
  id: string,
  onProgress: PackProgress,
  fill: (folder: FileSystemDirectoryHandle, onWritten: PackProgress) => Promise<File>,
): Promise<{ readonly key: string; readonly pack: Pack }> {
  const packs = await packsFolder();
  await removeCutOff(packs);
  const key = `${id.replace(/[^a-z0-9-]+/gi, '-').slice(0, 60)}-${crypto.randomUUID().slice(0, 8)}`;
  return navigator.locks.request(lockOf(key), async () => {
    const folder = await packs.getDirectoryHandle(key, { create: true });
    try {
      const manifestFile = await fill(folder, (fraction) => onProgress(WRITE_SHARE * fraction));
      const stored = await (await folder.getFileHandle(WEIGHTS_FILE)).getFile();
      const opening = (fraction: number) => onProgress(WRITE_SHARE + (1 - WRITE_SHARE) * fraction);
      const pack = await openPack([manifestFile, stored], opening);
      await rememberChecked(folder, pack);
      await copyInto(folder, manifestFile);
      return { key, pack };
    } catch (error) {
      await removeFolder(packs, key);
      throw error instanceof StageError ? error : storageError('The pack could not be stored.', error);
    }
  });
}

/** A writer that was just given up may hold its file a moment longer; what is left then goes when packs are listed next. */
async function removeFolder(packs: FileSystemDirectoryHandle, key: string): Promise<void> {
  for (const waitMs of [20, 100, 500, 0]) {
    try {
      await packs.removeEntry(key, { recursive: true });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** Weights go to the folder as they come; the manifest waits. */
class FolderSink implements PackSink {
  private readonly folder: FileSystemDirectoryHandle;
  private weights: FileSystemWritableFileStream | null = null;
  private readonly manifest: Uint8Array<ArrayBuffer>[] = [];

  constructor(folder: FileSystemDirectoryHandle) {
    this.folder = folder;
  }

  async begin(name: string): Promise<void> {
    if (name === MANIFEST_FILE) return;
    this.weights = await (await this.folder.getFileHandle(name, { create: true })).createWritable();
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.weights) await this.weights.write(bytes);
    else this.manifest.push(bytes.slice());
  }

  async end(): Promise<void> {
    const { weights } = this;
    this.weights = null;
    await weights?.close();
  }

  manifestFile(): File {
    return new File(this.manifest, MANIFEST_FILE);
  }

  /** Lets go of a file that was not ended; what was written of it goes with its folder. */
  async close(): Promise<void> {
    await this.weights?.abort().catch(() => {});
    this.weights = null;
  }
}

/** Gives a stored pack another name; its key and weights stay. */
export async function renameStoredPack(key: string, name: string): Promise<void> {
  const trimmed = name.trim();
  if (!trimmed) throw storageError('A pack needs a name.');
  const folder = await folderOf(key);
  const manifest = { ...(await readManifest(folder)), name: trimmed };
  await copyInto(folder, new File([`${JSON.stringify(manifest, null, 2)}\n`], MANIFEST_FILE));
}

/** Removing a pack that is not there is harmless. */
export async function removeStoredPack(key: string): Promise<void> {
  const packs = await packsFolder();
  await packs.removeEntry(key, { recursive: true }).catch((cause: unknown) => {
    if (!(cause instanceof DOMException && cause.name === 'NotFoundError')) {
      throw storageError(`The pack ${key} could not be removed.`, cause);
    }
  });
}

/** createWritable replaces a file only when it is closed, so a crash in between keeps the old one. */
async function copyInto(folder: FileSystemDirectoryHandle, file: File): Promise<void> {
  const handle = await folder.getFileHandle(file.name, { create: true });
  const writable = await handle.createWritable();
  await file.stream().pipeTo(writable);
}

const lockOf = (key: string) => `pack ${key}`;

/** In this order: a folder that is filled when the locks are asked has its lock, one that is done by then its pack.json. */
async function removeCutOff(packs: FileSystemDirectoryHandle): Promise<void> {
  const keys: string[] = [];
  for await (const key of packs.keys()) keys.push(key);
  const held = new Set((await navigator.locks.query()).held?.map(({ name }) => name));
  for (const key of keys) {
    if (held.has(lockOf(key))) continue;
    if (await readManifest(await packs.getDirectoryHandle(key)).catch(() => null)) continue;
    await packs.removeEntry(key, { recursive: true }).catch(() => {});
  }
}
