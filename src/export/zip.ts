/** Several files as one .zip; the clock stays out of it, so the same files make the same bytes. */
import { Zip, ZipPassThrough, type Zippable, zipSync } from 'fflate';

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
    checkPath(path);
    entries[path] = [files[path], { level: STORED.test(path) ? 0 : 6, mtime: ENTRY_TIME }];
  }
  return zipSync(entries) as Uint8Array<ArrayBuffer>;
}

/** Bytes of a local header without the name and the extra field. */
const LOCAL_HEADER_BYTES = 30;
/** Of the extra field that moves a file's first byte; readers leave out what they do not know. */
const PADDING_ID = 0x1986;

/**
 * Files as they are, each beginning at a multiple of `alignment` bytes, in the order given, as USDZ asks.
 *
 * @throws RangeError as writeZip.
 */
export function writeAlignedZip(
  files: readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[],
  alignment: number,
): Uint8Array<ArrayBuffer> {
  const entries: Zippable = {};
  let offset = 0;
  for (const { name, bytes } of files) {
    checkPath(name);
    const head = LOCAL_HEADER_BYTES + new TextEncoder().encode(name).length + 4;
    const padding = (alignment - ((offset + head) % alignment)) % alignment;
    entries[name] = [
      bytes,
      { level: 0, mtime: ENTRY_TIME, extra: { [PADDING_ID]: new Uint8Array(padding) } },
    ];
    offset += head + padding + bytes.length;
  }
  return zipSync(entries) as Uint8Array<ArrayBuffer>;
}

/**
 * The same for large files: one at a time is in memory, and what is written goes into Blobs, which browsers keep
 * outside the script's memory. Nothing is compressed: of network weights (the starter pack, deflate) 91 % would stay.
 *
 * @param files in the order they get inside the archive.
 * @throws RangeError for a path that would leave the folder it is unpacked to.
 */
export async function zipToBlob(
  files: AsyncIterable<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }>,
): Promise<Blob> {
  const parts: Blob[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, bytes) => {
    if (error) failure = error;
    else parts.push(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  });
  for await (const { name, bytes } of files) {
    checkPath(name);
    const entry = new ZipPassThrough(name);
    entry.mtime = ENTRY_TIME;
    zip.add(entry);
    entry.push(bytes, true);
    if (failure) throw failure;
  }
  zip.end();
  if (failure) throw failure;
  return new Blob(parts, { type: 'application/zip' });
}

function checkPath(path: string): void {
  if (path.startsWith('/') || path.includes('\\') || path.split('/').includes('..')) {
    throw new RangeError(`"${path}" is not a path inside an archive`);
  }
}
