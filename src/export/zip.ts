/** Several files as one .zip; the clock stays out of it, so the same files make the same bytes. */
import { type Zippable, zipSync } from 'fflate';

/** What is compressed already gains nothing and costs seconds. */
const STORED = /\.(png|jpe?g|webp|zip)$/i;

/** Earliest time a zip entry can have; local parts, because zip stores local time. */
const ENTRY_TIME = new Date(1980, 0, 1, 0, 0, 0);

/**
 * @param files path inside the archive (slashes, no leading slash) to content; entries are sorted by path.
 * @throws RangeError for a path that would leave the folder it is unpacked to.
 */
export function writeZip(files: Readonly<Record<string, Uint8Array>>): Uint8Array<ArrayBuffer> {
  const entries: Zippable = {};
  for (const path of Object.keys(files).sort()) {
    if (path.startsWith('/') || path.includes('\\') || path.split('/').includes('..')) {
      throw new RangeError(`"${path}" is not a path inside an archive`);
    }
    entries[path] = [files[path], { level: STORED.test(path) ? 0 : 6, mtime: ENTRY_TIME }];
  }
  return zipSync(entries) as Uint8Array<ArrayBuffer>;
}
