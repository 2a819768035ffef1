/**
 * The visitor's own weights: made into a pack, kept in the browser's storage where there is one, and opened from there.
 * Without storage (private browsing, a full disk, an older browser) the pack serves until the page is closed.
 */
import { StageError } from '../../base/errors.ts';
import { blobSource } from '../checkpoint/byte-source.ts';
import { openCheckpoint } from '../checkpoint/reader.ts';
import { MANIFEST_FILE } from './manifest.ts';
import { describeCheckpoint, importCheckpoint, type PackSource } from './open.ts';
import { storePack, storeWritten } from './opfs.ts';
import { openPack, type Pack, type PackProgress } from './pack.ts';
import { isPackZip, unzipPack } from './pack-zip.ts';
import { writePack } from './write-pack.ts';

export interface ImportedPack {
  readonly pack: Pack;
  /** Where it can be opened again: in storage, or, when it could not be kept, its files. */
  readonly source: PackSource;
  /** One sentence on why the pack was not kept; null when it was. */
  readonly notKept: string | null;
  /** Sentences about what was chosen in the file, or left out of it. */
  readonly notes: readonly string[];
}

/** @throws StageError E_BAD_PACK or E_BAD_CHECKPOINT; nothing is stored then. */
export async function importPack(
  source: PackSource,
  onProgress: PackProgress = () => {},
): Promise<ImportedPack> {
  const given = await givenBy(source);
  try {
    const { key, pack, notes } =
      given.kind === 'checkpoint'
        ? await storeCheckpoint(given.file, onProgress)
        : { ...(await storePack(given.files, onProgress)), notes: [] };
    return { pack, source: { kind: 'stored', key }, notKept: null, notes };
  } catch (thrown) {
    if (StageError.from('pack', thrown).code === 'E_BAD_CHECKPOINT') throw thrown;
    // Bad weights fail here again, with their own error. Good ones mean that only the storing failed.
    const files = given.kind === 'checkpoint' ? await importCheckpoint(given.file, 'f32') : given.files;
    const pack = await openPack(files, onProgress);
    const { message } = StageError.from('pack', thrown);
    return {
      pack,
      source: { kind: 'files', files },
      notKept: `${message} The pack is open until this page is closed.`,
      notes: given.kind === 'checkpoint' ? (await openCheckpoint(blobSource(given.file))).notes : [],
    };
  }
}

/** From the visitor's file straight into storage. */
async function storeCheckpoint(file: File, onProgress: PackProgress) {
  const { tensors, notes } = await openCheckpoint(blobSource(file));
  const about = describeCheckpoint(file.name);
  const stored = await storeWritten(
    about.id,
    (sink, onWritten) => writePack(tensors, about, 'f32', sink, onWritten),
    onProgress,
  );
  return { ...stored, notes };
}

/** What was chosen: a pack's two files, out of their zip where they are in one, or a checkpoint. Its bytes say which. */
async function givenBy(
  source: PackSource,
): Promise<{ kind: 'pack'; files: readonly File[] } | { kind: 'checkpoint'; file: File }> {
  if (source.kind === 'checkpoint') return { kind: 'checkpoint', file: source.file };
  if (source.kind !== 'files') throw new Error(`a ${source.kind} is nothing to import`);
  const [first, ...others] = source.files;
  if (!first || others.length > 0 || first.name === MANIFEST_FILE)
    return { kind: 'pack', files: source.files };
  if (await isPackZip(first)) return { kind: 'pack', files: await unzipPack(first) };
  return { kind: 'checkpoint', file: first };
}
