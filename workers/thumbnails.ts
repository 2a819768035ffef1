/** Which picture stands for a stage in the rail, and how pictures become bitmaps inside a worker. */
import type { RgbaImage } from '../src/base/images.ts';
import type { PictureRequest, StageId } from '../src/digitizer/types.ts';

/** Longest side of a thumbnail, px. */
export const THUMBNAIL_PX = 160;

/** The stages `pose`, `parts`, `cloud` and `surface` have no raster of their own: the page draws them. */
export const THUMBNAIL_OF_STAGE: Readonly<Partial<Record<StageId, PictureRequest>>> = {
  photo: { kind: 'photo' },
  matte: { kind: 'cutout' },
  coarse: { kind: 'coarseNormals', side: 'front' },
  partNormals: { kind: 'partNormals', part: 'head', side: 'front' },
  mergedNormals: { kind: 'mergedNormals', side: 'front' },
  fineDepth: { kind: 'depth', side: 'front' },
};

/** @param longestPx shrinks the picture so that its longer side is this, with good filtering. */
export async function bitmapOf(picture: RgbaImage, longestPx?: number): Promise<ImageBitmap> {
  const image = new ImageData(picture.data, picture.width, picture.height);
  const scale = longestPx ? Math.min(1, longestPx / Math.max(picture.width, picture.height)) : 1;
  if (scale === 1) return createImageBitmap(image);
  return createImageBitmap(image, {
    resizeWidth: Math.max(1, Math.round(picture.width * scale)),
    resizeHeight: Math.max(1, Math.round(picture.height * scale)),
    resizeQuality: 'high',
  });
}
