/**
 * Stage `atlas`: a mesh with the photo on it. The photo is decoded again, at its own resolution. The atlas is worked out in
 * the method's camera, in which the maps are, and the mesh put back before the photo's lens afterwards.
 */
import type { OrientedCloud } from '../../base/cloud.ts';
import { StageError } from '../../base/errors.ts';
import type { GreyImage, RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import { orCancelled, type Steps } from '../../base/steps.ts';
import type { EncodedPicture, TexturedMesh } from '../../base/textured-mesh.ts';
import { type Atlas, type AtlasRequest, atlasSteps } from '../../geometry/atlas/atlas.ts';
import { aroundHead } from '../../geometry/atlas/head.ts';
import { tangentsSteps } from '../../geometry/atlas/tangents.ts';
import type { KeypointTable } from '../../geometry/body.ts';
import { outOfLensSteps } from '../../geometry/framed-cloud.ts';
import { type SquareMapping, squareMapping } from '../../geometry/keypoints.ts';
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
  const { picture, mapping } = await photoAtOwnSize(photoFile, photo, context);
  const onProgress = (fraction: number) => progress(0.1 + 0.75 * fraction, 'cutting and filling the atlas');
  const request = { shape, full, cloud, camera: photo.camera };
  const rest = { matte, photo: picture, mapping, important: aroundHead(keypoints), onProgress };
  for (let maxSide = side; ; maxSide /= 2) {
    try {
      onProgress(0);
      const steps = atlasBeforeLensSteps({ ...request, ...rest, maxSide });
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

type LensedAtlas = Pick<AtlasInputs, 'shape' | 'full' | 'cloud'> &
  Pick<PhotoResult, 'camera'> &
  Omit<AtlasRequest, 'mesh' | 'full' | 'sources'> &
  Omit<AtlasRequest['sources'], 'cloud'>;

/** The atlas in the method's camera; its mesh as it was. */
function* atlasBeforeLensSteps({ shape, full, cloud, camera, ...rest }: LensedAtlas): Steps<Atlas> {
  const whole = yield* outOfLensSteps(full, camera);
  const mesh = shape === full ? whole : yield* outOfLensSteps(shape, camera);
  const seen = yield* outOfLensSteps(cloud, camera);
  const { matte, photo, mapping, ...wanted } = rest;
  const sources = { cloud: seen, matte, photo, mapping };
  const atlas = yield* atlasSteps({ mesh, full: whole, sources, ...wanted });
  if (mesh === shape) return atlas;
  const positions = gathered(shape.positions, atlas.sources);
  const normals = gathered(shape.normals, atlas.sources);
  const tangents = yield* tangentsSteps(positions, normals, atlas.uvs, atlas.indices);
  return { ...atlas, positions, normals, tangents };
}

const smallerThan = (side: number, width: number) =>
  `Memory did not hold a texture of ${side} px: it has ${width} px. With other tabs closed there may be room.`;

/** Arrays that cannot be made, and canvases that cannot be had or read. */
function isOutOfMemory(thrown: unknown): boolean {
  if (thrown instanceof DOMException) return thrown.name !== 'AbortError';
  return thrown instanceof RangeError || (thrown instanceof StageError && thrown.code === 'E_MEMORY');
}

function gathered(values: Float32Array, sources: Uint32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(sources.length * 3);
  for (let v = 0; v < sources.length; v++) {
    for (let k = 0; k < 3; k++) out[v * 3 + k] = values[sources[v] * 3 + k];
  }
  return out;
}

/** The photo as large as memory allows, and how it lies on the canvas; at worst what the run saw of it. */
async function photoAtOwnSize(
  file: Blob,
  { square, mapping }: PhotoResult,
  { services: { files }, signal }: StageContext,
): Promise<{ picture: RgbaImage; mapping: SquareMapping }> {
  try {
    const { image } = await files.decodePhoto(file, signal, LONGEST_SIDE_PX);
    return { picture: image, mapping };
  } catch (thrown) {
    if (!(thrown instanceof StageError) || thrown.code !== 'E_MEMORY') throw thrown;
    return { picture: square, mapping: squareMapping(square.width, square.height) };
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
