/**
 * The two files of a pack out of a zip, wherever in it they lie. A stored entry is a slice of the zip, and stays where the
 * zip is; a packed one is unpacked into Blobs. Nothing else in the zip is read.
 */
import { StageError } from '../../base/errors.ts';
import { blobSource } from '../checkpoint/byte-source.ts';
import { inflate } from '../checkpoint/inflate.ts';
import { isZip, locateEntry, readZipDirectory, type ZipEntry } from '../checkpoint/zip.ts';
import { badPack, MANIFEST_FILE, WEIGHTS_FILE } from './manifest.ts';

/** More than any pack: what a zip may claim for an entry. */
const MAX_ENTRY_BYTES = 1_000_000_000;

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Whether the file is a zip with a pack.json in it; what is no readable zip is none. */
export async function isPackZip(file: Blob): Promise<boolean> {
  const source = blobSource(file);
  if (!(await isZip(source))) return false;
  const entries = await readZipDirectory(source).catch(() => new Map<string, ZipEntry>());
  return [...entries.keys()].some(isPart(MANIFEST_FILE));
}

/** Not the twin that macOS puts beside every file. */
const isPart = (name: string) => (path: string) => baseName(path) === name && !path.startsWith('__MACOSX/');

/** @throws StageError E_BAD_PACK when it is no zip, damaged, or too large. */
export async function unzipPack(zip: Blob): Promise<File[]> {
  const source = blobSource(zip);
  if (!(await isZip(source))) {
    throw new StageError('pack', 'E_BAD_PACK', 'The file is not a readable zip.', {
      fix: `Drop a zip that holds ${MANIFEST_FILE} and ${WEIGHTS_FILE}.`,
    });
  }
  try {
    const entries = [...(await readZipDirectory(source)).values()];
    const files: File[] = [];
    for (const name of [MANIFEST_FILE, WEIGHTS_FILE]) {
      const entry = entries.find(({ name: path }) => isPart(name)(path));
      if (entry) files.push(new File(await partsOf(zip, entry), name));
    }
    return files;
  } catch (thrown) {
    const { code, message, fix } = StageError.from('pack', thrown);
    if (code !== 'E_BAD_CHECKPOINT') throw thrown;
    throw new StageError('pack', 'E_BAD_PACK', `The zip cannot be read: ${message}`, { fix, cause: thrown });
  }
}

async function partsOf(zip: Blob, entry: ZipEntry): Promise<Blob[]> {
  // A zip may claim any size for an entry.
  if (entry.size > MAX_ENTRY_BYTES)
    throw badPack(`The zip says that ${entry.name} has ${entry.size} bytes, more than any pack`);
  const { offset, size } = await locateEntry(blobSource(zip), entry);
  const slice = zip.slice(offset, offset + size);
  if (entry.method === 'stored') return [slice];
  const parts: Blob[] = [];
  const what = `zip entry ${entry.name}`;
  for await (const piece of inflate(blobSource(slice), 'deflate-raw', what, entry.size)) {
    parts.push(new Blob([piece]));
  }
  return parts;
}
