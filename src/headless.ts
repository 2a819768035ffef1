/**
 * The page behind `npm run digitize`: the same worker as the app's, no panels. Photos, masks and packs arrive through
 * file inputs (the browser reads them from disk), results leave by POST to the server that served the page.
 */

import { StageError } from './base/errors.ts';
import { channelOf, type PlanarMap } from './base/images.ts';
import type { PackSource } from './client/digitizer-api.ts';
import { createDigitizerClient } from './client/digitizer-client.ts';
import { MAP_NAMES, type MapName, type PictureRequest, type RunMode } from './digitizer/types.ts';
import { EXPORTS, type ExportEntry, type ExportFormat } from './export/formats.ts';
import { writeNpy } from './export/npy.ts';
import { encodeDepthPng, encodeRgbaPng } from './export/png.ts';
import { KEYPOINT_COUNT, PART_IDS } from './geometry/body.ts';
import type { HeadlessAnswer, HeadlessEvent, HeadlessPack, HeadlessRunRequest } from './headless-contract.ts';

const client = createDigitizerClient();

const tell = (event: HeadlessEvent) => window.statuetteEvent?.(event) ?? Promise.resolve();

function filesOf(id: 'photo' | 'mask' | 'pack' | 'matting'): File[] {
  const input = document.getElementById(id);
  return input instanceof HTMLInputElement ? [...(input.files ?? [])] : [];
}

async function answer<T>(stage: string, work: () => Promise<T>): Promise<HeadlessAnswer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, error: StageError.from(stage, thrown).toData() };
  }
}

function packSource(pack: HeadlessPack): PackSource | undefined {
  const files = filesOf('pack');
  if (pack === 'starter') return undefined;
  return pack === 'checkpoint' ? { kind: 'checkpoint', file: files[0] } : { kind: 'files', files };
}

const PICTURES: readonly (readonly [file: string, request: PictureRequest])[] = [
  ['normal_front.png', { kind: 'mergedNormals', side: 'front' }],
  ['normal_back.png', { kind: 'mergedNormals', side: 'back' }],
  ...PART_IDS.flatMap((part): [string, PictureRequest][] => [
    [`parts/${part}_crop.png`, { kind: 'partCrop', part }],
    [`parts/${part}_coarse.png`, { kind: 'partCoarse', part }],
    [`parts/${part}_front.png`, { kind: 'partNormals', part, side: 'front' }],
    [`parts/${part}_back.png`, { kind: 'partNormals', part, side: 'back' }],
    [`parts/${part}_weight.png`, { kind: 'partWeight', part }],
  ]),
];

const EXTRA_PICTURES: readonly (readonly [file: string, request: PictureRequest])[] = [
  ['photo.png', { kind: 'photo' }],
  ['matte.png', { kind: 'matte' }],
  ['cutout.png', { kind: 'cutout' }],
  ['coarse_normal_front.png', { kind: 'coarseNormals', side: 'front' }],
  ['coarse_normal_back.png', { kind: 'coarseNormals', side: 'back' }],
  ['coarse_depth_front.png', { kind: 'coarseDepth', side: 'front' }],
  ['coarse_depth_back.png', { kind: 'coarseDepth', side: 'back' }],
];

/** Where a format's file goes, in the photo's folder. */
function pathOf(format: ExportFormat): string {
  const { file, word }: ExportEntry = EXPORTS[format];
  return file ?? word ?? format;
}

/** One photo's way out of the page. */
class Outbox {
  private readonly target: string;

  constructor(target: string) {
    this.target = target;
  }

  /** @throws StageError E_INTERNAL when the file could not be written on the other side. */
  async post(path: string, content: Blob | Uint8Array<ArrayBuffer>): Promise<void> {
    const body = content instanceof Blob ? content : new Blob([content]);
    const response = await fetch(`${this.target}${path}`, { method: 'POST', body });
    if (!response.ok) {
      throw new StageError('save', 'E_INTERNAL', `${path} was not written: ${await response.text()}`, {
        fix: 'Check that the output folder can be written and the disk has room.',
      });
    }
    await tell({ kind: 'file', path, sizeBytes: body.size });
  }

  async postPicture(path: string, request: PictureRequest): Promise<void> {
    const picture = await client.pixels(request);
    if (!picture) throw missing(path);
    await this.post(path, encodeRgbaPng(picture));
  }
}

function missing(path: string): StageError {
  return new StageError('save', 'E_INTERNAL', `The run has nothing for ${path}.`, {
    fix: 'Report it with the photo; leave --save out to get the other files.',
  });
}

async function mapNamed(name: MapName): Promise<PlanarMap> {
  const map = await client.map(name);
  if (!map) throw missing(name);
  return map;
}

async function postMaps(outbox: Outbox): Promise<void> {
  const keypoints = await client.keypoints();
  if (keypoints) {
    await outbox.post('keypoints.npy', writeNpy([KEYPOINT_COUNT, 3], Float32Array.from(keypoints)));
  }
  for (const name of MAP_NAMES) {
    // As large as all others together; asked for by itself.
    if (name === 'merge_weights') continue;
    const map = await mapNamed(name);
    await outbox.post(`${name}.npy`, writeNpy(map.shape, map.data));
  }
}

async function postDepth(outbox: Outbox, mode: RunMode): Promise<void> {
  const depth = await mapNamed('fine_depth');
  const [, height, width] = depth.shape;
  const overflow = mode === 'reference' ? 'wrap' : 'stop';
  await outbox.post('depth_front.png', encodeDepthPng(channelOf(depth, 0), width, height, overflow));
  await outbox.post('depth_back.png', encodeDepthPng(channelOf(depth, 1), width, height, overflow));
}

async function run(request: HeadlessRunRequest) {
  const [photo] = filesOf('photo');
  const mask = request.hasMask ? filesOf('mask')[0] : undefined;
  const { name, poseJson, options, subject, triangles } = request;
  const input = { name, photo, poseJson, mask, subject, keepResults: false };
  const { report } = await client.run(input, options, (event) => {
    if (event.kind === 'thumbnail') event.bitmap.close();
    else if (event.kind !== 'partial' && event.kind !== 'people') void tell(event);
  });
  const outbox = new Outbox(request.target);
  const simplified = triangles === null ? null : (await client.simplify(triangles)).report;
  for (const format of request.formats) {
    const notices: string[] = [];
    try {
      const file = await client.exportFile(format, triangles, request.fileOptions, (event) => {
        if (event.kind === 'notice') notices.push(event.text);
      });
      for (const text of notices) await tell({ kind: 'notice', stage: 'surface', text });
      await outbox.post(pathOf(format), file);
    } catch (thrown) {
      // A browser that draws or encodes nothing still gives the other files.
      if (!(thrown instanceof StageError && thrown.code === 'E_DEVICE')) throw thrown;
      await tell({
        kind: 'notice',
        stage: 'surface',
        text: `no ${pathOf(format)}: ${thrown.message} ${thrown.fix}`,
      });
    }
  }
  await outbox.post('cloud.ply', await client.exportFile('cloudPly'));
  await postDepth(outbox, options.mode);
  for (const [file, picture] of PICTURES) await outbox.postPicture(file, picture);
  if (request.save.includes('pictures')) {
    for (const [file, picture] of EXTRA_PICTURES) await outbox.postPicture(file, picture);
  }
  if (request.save.includes('npy')) await postMaps(outbox);
  if (request.save.includes('weights')) {
    const weights = await mapNamed('merge_weights');
    await outbox.post('merge_weights.npy', writeNpy(weights.shape, weights.data));
  }
  if (request.save.includes('reference-folder')) {
    await outbox.post('reference.zip', await client.exportFile('referenceFolder'));
  }
  return { ...report, simplified };
}

window.statuette = {
  start: (pack, options) => answer('start', () => client.start(options, packSource(pack))),
  useMatting: (options) =>
    answer('matte', async () => (await client.importMatting(filesOf('matting')[0], options)).summary),
  run: (request) => answer('run', () => run(request)),
};
