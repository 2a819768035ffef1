/**
 * The visitor's own weights: made into a pack, kept in the browser's storage where there is one, and opened from there.
 * Without storage (private browsing, a full disk, an older browser) the pack serves until the page is closed.
 */
import { StageError } from '../../base/errors.ts';
import { blobSource } from '../checkpoint/byte-source.ts';
import { openCheckpoint } from '../checkpoint/reader.ts';
import { describeCheckpoint, importCheckpoint, type PackSource } from './open.ts';
import { storePack, storeWritten } from './opfs.ts';
import { openPack, type Pack, type PackProgress, unzipPack } from './pack.ts';
import { writePack } from './write-pack.ts';

export interface ImportedPack {
  readonly pack: Pack;
  /** Where it can be opened again: in storage, or, when it could not be kept, its files. */
  readonly source: PackSource;
  /** One sentence on why the pack was not kept; null when it was. */
  readonly notKept: string | null;
}

/** @throws StageError E_BAD_PACK or E_BAD_CHECKPOINT; nothing is stored then. */
export async function importPack(
  source: PackSource,
  onProgress: PackProgress = () => {},
): Promise<ImportedPack> {
  const unpacked = source.kind === 'checkpoint' ? [] : await packFilesOf(source);
  try {
    const { key, pack } =
      source.kind === 'checkpoint'
        ? await storeCheckpoint(source.file, onProgress)
        : await storePack(unpacked, onProgress);
    return { pack, source: { kind: 'stored', key }, notKept: null };
  } catch (thrown) {
    if (StageError.from('pack', thrown).code === 'E_BAD_CHECKPOINT') throw thrown;
    // Bad weights fail here again, with their own error. Good ones mean that only the storing failed.
    const files = source.kind === 'checkpoint' ? await importCheckpoint(source.file, 'f32') : unpacked;
    const pack = await openPack(files, onProgress);
    const { message } = StageError.from('pack', thrown);
    return {
      pack,
      source: { kind: 'files', files },
      notKept: `${message} The pack is open until this page is closed.`,
    };
  }
}

/** From the visitor's file straight into storage. */
async function storeCheckpoint(file: File, onProgress: PackProgress) {
  const { tensors } = await openCheckpoint(blobSource(file));
  const about = describeCheckpoint(file.name);
  return storeWritten(
    about.id,
    (sink, onWritten) => writePack(tensors, about, 'f32', sink, onWritten),
    onProgress,
  );
}

/** pack.json and weights.safetensors of what the visitor chose. */
async function packFilesOf(source: PackSource): Promise<readonly File[]> {
  if (source.kind !== 'files') throw new Error(`a ${source.kind} is nothing to import`);
  const [first, ...others] = source.files;
  if (first && others.length === 0 && /\.zip$/i.test(first.name)) return unzipPack(first);
  return source.files;
}
