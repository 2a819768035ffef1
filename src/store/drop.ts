/**
 * What a drop, a paste or a file choice means: one photo, and perhaps its keypoints JSON and its mask.
 * Only names and types are looked at here; the photo stage reads the bytes and has the last word.
 */
import { StageError } from '../base/errors.ts';

export interface DroppedFiles {
  readonly photo: File | null;
  readonly pose: File | null;
  readonly mask: File | null;
}

const IMAGE_NAME = /\.(png|jpe?g|jfif|webp|avif|gif|bmp|tiff?|heic|heif)$/i;
const MASK_NAME = /(^|[^a-z])(mask|matte|alpha)([^a-z]|$)/i;

const isImage = (file: File) => file.type.startsWith('image/') || IMAGE_NAME.test(file.name);
const isJson = (file: File) => file.type === 'application/json' || /\.json$/i.test(file.name);

/**
 * Sorts files into photo, pose and mask. A picture is a mask when its name says so and a photo is there or came along.
 *
 * @param hasPhoto a photo is already open, so a mask or a pose alone belongs to it.
 * @throws StageError E_NOT_AN_IMAGE, E_EMPTY_FILE, E_BAD_MASK, E_BAD_KEYPOINTS with the file's name.
 */
export function sortDrop(files: readonly File[], hasPhoto: boolean): DroppedFiles {
  for (const file of files) {
    if (file.size === 0) {
      throw new StageError('photo', 'E_EMPTY_FILE', `“${file.name}” is empty.`, {
        fix: 'Choose the file again from where it was saved, or another one.',
      });
    }
    if (!isImage(file) && !isJson(file)) {
      throw new StageError('photo', 'E_NOT_AN_IMAGE', `“${file.name}” is not a picture.`, {
        fix: 'Drop a JPEG, PNG, WebP or AVIF photo of one standing person.',
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

/** File name without folder and last extension; the name of the run and of saved files. */
export function baseName(fileName: string): string {
  return fileName.replace(/^.*[\\/]/, '').replace(/\.[^.]+$/, '') || 'photo';
}
