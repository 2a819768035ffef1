/**
 * The visitor's own weights: made into a pack, kept in the browser's storage where there is one, and opened from there.
 * Without storage (private browsing, a full disk, an older browser) the pack serves until the page is closed.
 */
import { StageError } from '../../base/errors.ts';
import { importCheckpoint, type PackSource } from './open.ts';
import { storePack } from './opfs.ts';
import { openPack, type Pack, type PackProgress, unzipPack } from './pack.ts';

export interface ImportedPack {
  readonly pack: Pack;
  /** Where it can be opened again: in storage, or, when it could not be kept, its files. */
  readonly source: PackSource;
  /** One sentence on why the pack was not kept; null when it was. */
  readonly notKept: string | null;
}

/** Share of an import that turns a checkpoint into a pack's files. */
const CONVERT_SHARE = 0.6;

/** @throws StageError E_BAD_PACK or E_BAD_CHECKPOINT; nothing is stored then. */
export async function importPack(
  source: PackSource,
  onProgress: PackProgress = () => {},
): Promise<ImportedPack> {
  const converted = source.kind === 'checkpoint' ? CONVERT_SHARE : 0;
  const files = await packFilesOf(source, (fraction) => onProgress(converted * fraction));
  const opening: PackProgress = (fraction) => onProgress(converted + (1 - converted) * fraction);
  try {
    const { key, pack } = await storePack(files, opening);
    return { pack, source: { kind: 'stored', key }, notKept: null };
  } catch (thrown) {
    // Bad weights fail here again, with their own error. Good ones mean that only the storing failed.
    const pack = await openPack(files, opening);
    const { message } = StageError.from('pack', thrown);
    return {
      pack,
      source: { kind: 'files', files },
      notKept: `${message} The pack is open until this page is closed.`,
    };
  }
}

/** pack.json and weights.safetensors of what the visitor chose. */
async function packFilesOf(source: PackSource, onProgress: PackProgress): Promise<readonly File[]> {
  if (source.kind === 'checkpoint') return importCheckpoint(source.file, 'f32', onProgress);
  if (source.kind !== 'files') throw new Error(`a ${source.kind} is nothing to import`);
  const [first, ...others] = source.files;
  if (first && others.length === 0) {
    if (/\.zip$/i.test(first.name)) return unzipPack(first);
  }
  return source.files;
}
