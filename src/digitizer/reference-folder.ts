/**
 * What the original saves for a picture, as paths and bytes: depth and normals pictures, the mask, and both point clouds.
 * `output_plys` and `output_plys_c` are the original's folder names; the others are ours (README of this room).
 * Reference mode writes what the original writes, faults included: depth wraps in its 16 bits, normals keep whatever
 * length the blend left, and of the arms, legs and feet only the first has a part picture (docs/method.md#faults, items 10, 16,
 * 18). Robust mode stops depth at 65535, writes unit normals, and all twelve parts.
 */
import { StageError } from '../base/errors.ts';
import { channelOf, type PlanarMap, planarMap, type RgbaImage } from '../base/images.ts';
import { writePointsPly } from '../export/plain-ply.ts';
import { depthToUint16, encodeGreyPng, encodePng, encodeRgbaPng } from '../export/png.ts';
import { KIND_OF_PART, PART_IDS, type PartKind } from '../geometry/body.ts';
import { consistencyNormals } from '../geometry/depth-normals.ts';
import { type PixelPoints, referenceClouds } from '../geometry/reference-clouds.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { normalsPicture, unitNormals } from './pictures.ts';
import type { RunResults } from './stage.ts';

/** Grey of the points that no pixel shows: docs/method.md#side-fill. */
const RING_GREY = 128;

/** The original's words for the kinds of part. */
const ORIGINAL_KIND: Readonly<Record<PartKind, string>> = {
  face: 'face',
  upper: 'upper',
  arm: 'arm',
  leg: 'leg',
  foot: 'shoe',
};

type Files = Record<string, Uint8Array>;

/** The figure's name as the stem of a file in every folder. */
function stemOf(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '') || 'photo';
}

function coloursOf(points: PixelPoints, photo: RgbaImage): Uint8Array {
  const { id, pixels } = points;
  const colours = new Uint8Array(pixels.length * 3).fill(RING_GREY);
  if (id !== 'front' && id !== 'back') return colours;
  for (let i = 0; i < pixels.length; i++) {
    for (let c = 0; c < 3; c++) colours[3 * i + c] = photo.data[4 * pixels[i] + c];
  }
  return colours;
}

function addNormals(files: Files, folder: string, stem: string, normals: PlanarMap): void {
  files[`${folder}/${stem}_front.png`] = encodeRgbaPng(normalsPicture(normals, 0));
  files[`${folder}/${stem}_back.png`] = encodeRgbaPng(normalsPicture(normals, 3));
}

/**
 * @param results of a run that reached its end.
 * @param kernels the set that the maps live in; used to download them.
 * @returns path (slashes) to content; the caller's.
 * @throws StageError E_NOT_READY when the run has not finished.
 */
export async function referenceFolder(results: RunResults, kernels: KernelSet): Promise<Files> {
  const { photo, figure, fineDepth, mergedNormals, partNormals, report } = results;
  if (!photo || !figure || !fineDepth || !mergedNormals || !partNormals || !report) {
    throw new StageError('export', 'E_NOT_READY', 'There is no complete result to save yet.', {
      fix: 'Run a photo to the end first.',
    });
  }
  const robust = report.mode === 'robust';
  const stem = stemOf(report.name);
  const files: Files = {};
  const shown = (normals: PlanarMap) => (robust ? unitNormals(normals) : normals);

  const depth = await kernels.download(fineDepth.depth);
  const [, height, width] = depth.shape;
  const steps = [0, 1].map((side) => depthToUint16(channelOf(depth, side), robust ? 'stop' : 'wrap'));
  for (const [side, name] of ['front', 'back'].entries()) {
    files[`depth/${stem}_${name}.png`] = encodePng({ width, height, channels: 1, data: steps[side] });
    const plane = planarMap([1, height, width], channelOf(depth, side));
    const picture = normalsPicture(consistencyNormals(plane), 0);
    files[`consistency_normal/${stem}_${name}.png`] = encodeRgbaPng(picture);
  }

  addNormals(files, 'normal', stem, shown(await kernels.download(mergedNormals)));
  const seen: Partial<Record<PartKind, number>> = {};
  for (const part of PART_IDS) {
    const kind = KIND_OF_PART[part];
    const number = (seen[kind] ?? 0) + 1;
    seen[kind] = number;
    const result = partNormals.find((candidate) => candidate.part === part);
    if (!result || (!robust && number > 1)) continue;
    const name = `${stem}_${ORIGINAL_KIND[kind]}${number > 1 ? number : ''}`;
    addNormals(files, 'part_normal', name, shown(await kernels.download(result.normals)));
  }

  const mask = figure.matte.data.map((level) => (level >= 128 ? 255 : 0));
  files[`mask/${stem}.png`] = encodeGreyPng({ ...figure.matte, data: mask });

  const clouds = referenceClouds(steps[0], steps[1], width).map((points) => ({
    positions: points.positions,
    colours: coloursOf(points, photo.square),
  }));
  files[`output_plys/${stem}.ply`] = writePointsPly(clouds.slice(0, 2));
  files[`output_plys_c/${stem}.ply`] = writePointsPly(clouds);
  return files;
}
