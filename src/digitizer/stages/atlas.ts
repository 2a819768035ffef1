/**
 * Stage `atlas`: a mesh with the photo on it. The photo is decoded again, at its own resolution. The atlas is worked out in
 * the method's camera, in which the maps are, and the mesh put back before the photo's lens afterwards.
 */
import type { OrientedCloud } from '../../base/cloud.ts';
import { StageError } from '../../base/errors.ts';
import type { GreyImage, RgbaImage } from '../../base/images.ts';
import type { SurfaceMesh } from '../../base/mesh.ts';
import { orCancelled } from '../../base/steps.ts';
import type { EncodedPicture, TexturedMesh } from '../../base/textured-mesh.ts';
import { atlasSteps } from '../../geometry/atlas/atlas.ts';
import { aroundHead } from '../../geometry/atlas/head.ts';
import { tangentsSteps } from '../../geometry/atlas/tangents.ts';
import type { KeypointTable } from '../../geometry/body.ts';
import { outOfLensSteps } from '../../geometry/framed-cloud.ts';
import { type SquareMapping, squareMapping } from '../../geometry/keypoints.ts';
import type { StageContext } from '../stage.ts';
import type { PhotoResult } from './photo.ts';

/** Long side of the photo at most, px; more texels than this no atlas has. */
const LONGEST_SIDE_PX = 8192;
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
  const { camera } = photo;
  progress(0.1, 'cutting and filling the atlas');
  const made = await pace(
    (function* () {
      try {
        const whole = yield* outOfLensSteps(full, camera);
        const mesh = shape === full ? whole : yield* outOfLensSteps(shape, camera);
        const seen = yield* outOfLensSteps(cloud, camera);
        const atlas = yield* atlasSteps({
          mesh,
          full: whole,
          sources: { cloud: seen, matte, photo: picture, mapping },
          important: aroundHead(keypoints),
          maxSide: side,
          onProgress: (fraction) => progress(0.1 + 0.75 * fraction, 'cutting and filling the atlas'),
        });
        if (mesh === shape) return atlas;
        const { sources, uvs, indices } = atlas;
        const positions = gathered(shape.positions, sources);
        const normals = gathered(shape.normals, sources);
        const tangents = yield* tangentsSteps(positions, normals, uvs, indices);
        return { ...atlas, positions, normals, tangents };
      } catch (thrown) {
        if (thrown instanceof RangeError) throw noMemory(thrown);
        throw thrown;
      }
    })(),
  );
  const { colour, normal, short, texelsPerPixel: _, charts: __, ...mesh } = made;
  progress(0.85, 'packing the pictures');
  const encoded = Promise.all([jpegOf(colour, COLOUR_QUALITY), jpegOf(normal, NORMAL_QUALITY)]);
  const [colourFile, normalFile] = await orCancelled(encoded, signal, context.stage);
  const notices = short
    ? [
        `Memory did not hold a texture of ${side} px: it has ${colour.width} px. Other tabs closed, there is room.`,
      ]
    : [];
  return { ...mesh, mesh: shape, colour: colourFile, normal: normalFile, notices };
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
