/**
 * What a drop, a paste or a file choice means: one photo, and perhaps its keypoints JSON and its mask.
 * Names and types are looked at, and the first bytes where these say nothing; the photo stage has the last word.
 */
import { StageError } from '../base/errors.ts';
import { foreignFile, HEAD_BYTES, pictureFormat } from '../intake/file-kinds.ts';

export interface DroppedFiles {
  readonly photo: File | null;
  readonly pose: File | null;
  readonly mask: File | null;
}

const IMAGE_NAME = /\.(png|jpe?g|jfif|webp|avif|gif|bmp|ico|hei[cf]s?|hif)$/i;
const MASK_NAME = /(^|[^a-z])(mask|matte|alpha)([^a-z]|$)/i;

const isImage = (file: File) => file.type.startsWith('image/') || IMAGE_NAME.test(file.name);
const isJson = (file: File) => file.type === 'application/json' || /\.json$/i.test(file.name);

/**
 * Looks into files whose names and types do not say that they are pictures: a photo without an ending is one, a video
 * is told apart before it takes the place of the photo that is open.
 *
 * @throws StageError E_NOT_AN_IMAGE with the file's name, what it is, and how to make a picture of it.
 */
export async function checkUnnamed(files: readonly File[]): Promise<void> {
  for (const file of files) {
    if (file.size === 0 || isImage(file) || isJson(file)) continue;
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    if (pictureFormat(head)) continue;
    const foreign = foreignFile(head);
    throw new StageError(
      'photo',
      'E_NOT_AN_IMAGE',
      `“${file.name}” is ${foreign?.name ?? 'not a picture'}.`,
      {
        fix: foreign?.fix ?? 'Drop a JPEG, PNG, WebP, AVIF or HEIC photo of one standing person.',
      },
    );
  }
}

/**
 * Sorts files into photo, pose and mask. A picture is a mask when its name says so and a photo is there or came along.
 *
 * @param hasPhoto a photo is already open, so a mask or a pose alone belongs to it.
 * @throws StageError E_EMPTY_FILE, E_BAD_MASK, E_BAD_KEYPOINTS with the file's name.
 */
export function sortDrop(files: readonly File[], hasPhoto: boolean): DroppedFiles {
  for (const file of files) {
    if (file.size === 0) {
      throw new StageError('photo', 'E_EMPTY_FILE', `“${file.name}” is empty.`, {
        fix: 'Choose the file again from where it was saved, or another one.',
      });
    }
  }
  const poses = files.filter(isJson);
  if (poses.length > 1) {
    throw new StageError('pose', 'E_BAD_KEYPOINTS', 'Several pose files came at once.', {
      fix: 'Drop one keypoints JSON with its photo.',
    });
  }
  const pictures = files.filter((file) => !isJson(file));
  const named = pictures.filter((file) => MASK_NAME.test(file.name));
  const masks = pictures.length > 1 || hasPhoto ? named : [];
  const photos = pictures.filter((file) => !masks.includes(file));
  if (masks.length > 1 || photos.length > 1) {
    throw new StageError('photo', 'E_BAD_MASK', 'Several pictures came at once.', {
      fix: 'Drop one photo; a mask may come along when its file name contains “mask”.',
    });
  }
  return { photo: photos[0] ?? null, pose: poses[0] ?? null, mask: masks[0] ?? null };
}

/** Pictures that are no mask of another one. */
export function photosOf(files: readonly File[]): File[] {
  const pictures = files.filter((file) => !isJson(file));
  return pictures.filter((file) => !MASK_NAME.test(file.name));
}

/** Of several photos, each with the keypoints and the mask that bear its name. */
export function sortSeveral(
  files: readonly File[],
): { readonly photo: File; readonly pose: File | null; readonly mask: File | null }[] {
  const bears = (name: string) => (file: File) => baseName(file.name).startsWith(name);
  return photosOf(files).map((photo) => {
    const name = baseName(photo.name);
    const others = files.filter((file) => file !== photo);
    return {
      photo,
      pose: others.filter(isJson).find(bears(name)) ?? null,
      mask: others.filter((file) => !isJson(file) && MASK_NAME.test(file.name)).find(bears(name)) ?? null,
    };
  });
}

/** File name without folder and last extension; the name of the run and of saved files. */
export function baseName(fileName: string): string {
  return fileName.replace(/^.*[\\/]/, '').replace(/\.[^.]+$/, '') || 'photo';
}
