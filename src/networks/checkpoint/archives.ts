/** Which of the files in an archive is the checkpoint, and what to say when none is. */
import { otherFile } from './errors.ts';

export interface ArchivedFile {
  readonly name: string;
  readonly size: number;
}

/** Names that checkpoints go by; an archive in the archive may hold one. */
const LIKELY = /\.(pth|pt|ckpt|tar|bin|pkl|pickle|safetensors|zip|tgz|gz)$/i;
/** Least size of a checkpoint without a telling name. */
const MIN_UNNAMED_BYTES = 1_000_000;
/** Files that are tried; an archive of hundreds of models is not searched through. */
const MAX_TRIED = 8;
const PHOTOS = /\.(jpe?g|png|webp|avif|heic|tiff?|gif|bmp|mp4|mov)$/i;

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** What macOS, Windows and archivers put in beside the files. */
function isClutter({ name, size }: ArchivedFile): boolean {
  return size === 0 || /(^|\/)(__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/.test(name);
}

/** @returns the files that may be a checkpoint, likeliest first. */
export function candidatesIn<T extends ArchivedFile>(files: readonly T[]): T[] {
  const real = files.filter((file) => !isClutter(file) && !file.name.endsWith('/'));
  // A pack in the archive is not a checkpoint, though its weights look like one.
  if (real.some(({ name }) => baseName(name) === 'pack.json')) return [];
  const named = real.filter(({ name }) => LIKELY.test(name));
  const others = real.filter(
    ({ name, size }) => !LIKELY.test(name) && !PHOTOS.test(name) && size >= MIN_UNNAMED_BYTES,
  );
  const isOfMethod = ({ name }: T) => Number(/ckpt|checkpoint|2k2k|model/i.test(baseName(name)));
  named.sort((a, b) => isOfMethod(b) - isOfMethod(a) || b.size - a.size);
  return [...named, ...others.sort((a, b) => b.size - a.size)].slice(0, MAX_TRIED);
}

/** The error for an archive without a checkpoint. */
export function nothingInside(
  kind: 'zip' | 'tar',
  archiveName: string | undefined,
  files: readonly ArchivedFile[],
): Error {
  const real = files.filter((file) => !isClutter(file) && !file.name.endsWith('/'));
  if (real.some(({ name }) => baseName(name) === 'pack.json')) {
    return otherFile(
      `The ${kind} archive is a model pack already, not a checkpoint`,
      'Drop it on the page, or give it to digitize with --pack; nothing has to be imported.',
    );
  }
  if (kind === 'tar' && real.some(({ name }) => baseName(name) === 'storages')) {
    return otherFile(
      'The file is in the tar format that torch used before version 0.2',
      'Load it in Python, and save it again with torch.save.',
    );
  }
  const names = real.slice(0, 3).map(({ name }) => name);
  const holds =
    real.length === 0
      ? 'is empty'
      : `holds ${names.join(', ')}${real.length > 3 ? ` and ${real.length - 3} more` : ''}`;
  const part = /-(\d{3})(?: ?\(\d+\))?\.zip$/i.exec(archiveName ?? '');
  if (part) {
    return otherFile(
      `The zip ${holds}, no checkpoint (no data.pkl): it is part ${Number(part[1])} of a download in several parts`,
      'The checkpoint is in another part: drop the other zip of this download (...-002.zip and so on).',
    );
  }
  return otherFile(
    `The ${kind} ${holds}${real.length === 0 ? '' : ', and no data.pkl, so it is not a checkpoint'}`,
    'Drop the checkpoint as it was downloaded, for instance ckpt_bg_mask.pth.tar.',
  );
}
