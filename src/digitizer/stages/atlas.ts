/** Stage `atlas`: a mesh with the photo on it. The photo is decoded again, at its own resolution. */
import type { OrientedCloud } from '../../base/cloud.ts';
import { StageError } from '../../base/errors.ts';
import type { GreyImage, RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import { orCancelled } from '../../base/steps.ts';
import type { EncodedPicture, TexturedMesh } from '../../base/textured-mesh.ts';
import { atlasSteps } from '../../geometry/atlas/atlas.ts';
import { aroundHead } from '../../geometry/atlas/head.ts';
import type { KeypointTable } from '../../geometry/body.ts';
import { decodePhoto } from '../../intake/decode.ts';
import type { StageContext } from '../stage.ts';
import type { PhotoResult } from './photo.ts';

/** Long side of the photo at most, px; more texels than this no atlas has. */
const LONGEST_SIDE_PX = 8192;
/** Below this a texture is not worth its seams. */
const LEAST_SIDE = 1024;
/** JPEG qualities: normals show blocks sooner, and have little to compress. */
const COLOUR_QUALITY = 0.9;
const NORMAL_QUALITY = 0.92;

export interface AtlasInputs {
  /** What is textured. */
  readonly shape: SurfaceMesh;
  readonly full: SurfaceMesh;
  readonly photoFile: Blob;
  readonly photo: PhotoResult;
  readonly cloud: OrientedCloud;
  readonly matte: GreyImage;
  readonly keypoints: KeypointTable;
}

/** @param side width of the atlas at most, px. */
export async function runAtlas(
  { shape, full, photoFile, photo, cloud, matte, keypoints }: AtlasInputs,
  side: number,
  context: StageContext,
): Promise<TexturedMesh> {
  const { signal, pace, progress } = context;
  progress(0, 'the photo at its own size');
  const picture = await photoAtOwnSize(photoFile, photo, signal);
  const important = aroundHead(keypoints);
  const sources = { cloud, matte, photo: picture, mapping: photo.mapping };
  const onProgress = (fraction: number) => progress(0.1 + 0.75 * fraction, 'cutting and filling the atlas');
  for (let maxSide = side; ; maxSide /= 2) {
    try {
      onProgress(0);
      const steps = atlasSteps({ mesh: shape, full, sources, important, maxSide, onProgress });
      const { colour, normal, short, texelsPerPixel: _, charts: __, ...mesh } = await pace(steps);
      progress(0.85, 'packing the pictures');
      const encoded = Promise.all([jpegOf(colour, COLOUR_QUALITY), jpegOf(normal, NORMAL_QUALITY)]);
      const [colourFile, normalFile] = await orCancelled(encoded, signal, context.stage);
      const notices = short || maxSide < side ? [smallerThan(side, colour.width)] : [];
      return { ...mesh, mesh: shape, colour: colourFile, normal: normalFile, notices };
    } catch (thrown) {
      if (!isOutOfMemory(thrown)) throw thrown;
      if (maxSide <= LEAST_SIDE) throw noMemory(thrown);
    }
  }
}

const smallerThan = (side: number, width: number) =>
  `Memory did not hold a texture of ${side} px: it has ${width} px. With other tabs closed there may be room.`;

/** Arrays that cannot be made, and canvases that cannot be had or read. */
function isOutOfMemory(thrown: unknown): boolean {
  if (thrown instanceof DOMException) return thrown.name !== 'AbortError';
  return thrown instanceof RangeError || (thrown instanceof StageError && thrown.code === 'E_MEMORY');
}

/** The photo as large as memory allows; at worst what the run saw of it. */
async function photoAtOwnSize(
  file: Blob,
  { square, mapping }: PhotoResult,
  signal: AbortSignal,
): Promise<RgbaImage> {
  try {
    const { image } = await orCancelled(decodePhoto(file, signal, LONGEST_SIDE_PX), signal, 'photo');
    return image;
  } catch (thrown) {
    if (!(thrown instanceof StageError) || thrown.code !== 'E_MEMORY') throw thrown;
    const { scale, offsetX, offsetY } = mapping;
    const [left, top] = [Math.round(offsetX * scale), Math.round(offsetY * scale)];
    const width = Math.min(square.width - left, Math.round(mapping.width * scale));
    const height = Math.min(square.height - top, Math.round(mapping.height * scale));
    const data = new Uint8ClampedArray(width * height * 4);
    for (let y = 0; y < height; y++) {
      const from = ((top + y) * square.width + left) * 4;
      data.set(square.data.subarray(from, from + width * 4), y * width * 4);
    }
    return { width, height, data };
  }
}

async function jpegOf({ width, height, data }: RgbaImage, quality: number): Promise<EncodedPicture> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw noMemory(new Error('no 2D canvas'));
  context.putImageData(new ImageData(data, width, height), 0, 0);
  const mime = 'image/jpeg';
  const blob = await canvas.convertToBlob({ type: mime, quality });
  // Its pixels go now, not with the next collection.
  canvas.width = 0;
  return { mime, width, height, bytes: new Uint8Array(await blob.arrayBuffer()) };
}

function noMemory(cause: unknown): StageError {
  return new StageError('export', 'E_MEMORY', 'There is no memory for a texture.', {
    fix: 'Close other tabs, or choose fewer triangles: their texture is smaller.',
    cause,
  });
}
