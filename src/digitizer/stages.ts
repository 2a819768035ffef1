/**
 * All stages, as descriptors: what each is made from, what it depends on, how it is drawn. The shown ones (STAGE_IDS) run
 * in their order; the others are made when one of those needs them. A new stage is an entry here, its result's type in
 * stage.ts and its run function in stages/; a new source of mattes or poses is an entry in its list of alternatives.
 */
import { contentKey } from '../base/content-key.ts';
import { type PlanarMap, planarMap } from '../base/images.ts';
import { inTurns } from '../base/steps.ts';
import {
  CANVAS_SIZE,
  COARSE_SIZE,
  CROP_SIZES,
  KIND_OF_PART,
  PART_COUNT,
  PART_IDS,
} from '../geometry/body.ts';
import { cpuMap, type DeviceMap } from '../gpu/device-map.ts';
import type { KernelSet } from '../gpu/kernel-set.ts';
import { liftBlack } from '../intake/dark-cloth.ts';
import { MATTE_PROVIDERS, type MatteProvider, type MatteSource } from '../intake/matte.ts';
import { photoWarnings, warningSentence } from '../intake/photo-warnings.ts';
import { keepDetection, keepSurface, keptMaps, mapsOf } from './kept-results.ts';
import {
  cropOfCanvas,
  cutoutPictureSteps,
  depthPicture,
  depthPictureSteps,
  greyPicture,
  inputPicture,
  mattePictureSteps,
  normalsPicture,
  normalsPictureSteps,
  onChecker,
  reducedPicture,
  WHOLE_PHOTO_PX,
} from './pictures.ts';
import {
  type AnyStage,
  alternatives,
  type ResultId,
  type RunResults,
  type StageContext,
  type StageOptions,
  stage,
} from './stage.ts';
import { cutOut, partsPicture, posePicture } from './stage-pictures.ts';
import { runAtlas } from './stages/atlas.ts';
import { runBackPaint } from './stages/back-paint.ts';
import { runCloud } from './stages/cloud.ts';
import { disposeCoarse, runCoarse } from './stages/coarse.ts';
import { assembled, roughDepth, runFineDepth } from './stages/fine-depth.ts';
import { runDecoded, runFrame, runPeople } from './stages/frame.ts';
import { fillHolesByPose, paintMatte, runMatte, runMatteNetwork, runOthers } from './stages/matte.ts';
import { runMergedNormals, withoutHidden } from './stages/merged-normals.ts';
import { type PartResult, runPartNormals } from './stages/part-normals.ts';
import { runParts } from './stages/parts.ts';
import { runPhoto } from './stages/photo.ts';
import { correctPose, poseFromDetection, poseFromFile } from './stages/pose.ts';
import { runSurface } from './stages/surface.ts';
import { centreSquare, pointsPicture, smallMap, THUMBNAIL_PX } from './thumbnails.ts';

/** Of the thumbnail's checker behind the person. */
const CHECKER_CELL_PX = 8;
const CANVAS_PX = CANVAS_SIZE * CANVAS_SIZE;
/** Resolution at which the merge weights are drawn; they are blurred by 5 px, so a quarter keeps their shape. */
const WEIGHTS_SIZE = CANVAS_SIZE / 4;
/** Octree depth of the mesh that is shown while the surface is made: an eighth of the triangles of each step less fine. */
const PREVIEW_DEPTH = 7;
/** What a network's result depends on besides its inputs. */
const ARITHMETIC = ['weights', 'backend', 'precision'] as const;

const isRobust = ({ mode }: StageOptions) => mode === 'robust';

const firstChannel = (side: 'front' | 'back') => (side === 'front' ? 0 : 3);
const dispose = (map: DeviceMap) => map.dispose();

const normalsOf = async (map: DeviceMap | undefined, side: 'front' | 'back', kernels: KernelSet) =>
  map ? inTurns(normalsPictureSteps(await kernels.download(map), firstChannel(side))) : null;
const depthOf = async (map: DeviceMap | undefined, side: 'front' | 'back', kernels: KernelSet) =>
  map ? inTurns(depthPictureSteps(await kernels.download(map), side === 'front' ? 0 : 1)) : null;
const partOf = ({ partNormals }: RunResults, part: string | null): PartResult | undefined =>
  partNormals?.find((result) => result.part === part);
const matteOf = ({ figure, matte }: RunResults) => (figure ?? matte)?.matte;

/** A temporary map: `use` gets it, then it is disposed of. */
async function withMap<T>(map: Promise<DeviceMap>, use: (map: DeviceMap) => Promise<T>): Promise<T> {
  const made = await map;
  try {
    return await use(made);
  } finally {
    made.dispose();
  }
}

const decoded = stage({
  id: 'decoded',
  version: 1,
  inputs: ['photoFile'],
  run: ({ photoFile }, _, context) => runDecoded(photoFile, context),
  estimate: () => 2 * CANVAS_PX * 4,
});

const people = stage({
  id: 'people',
  version: 2,
  inputs: ['decoded', 'poseFile'],
  when: isRobust,
  run: ({ decoded: { image }, poseFile }, _, context) => runPeople(image, poseFile !== null, context),
  estimate: () => 2 ** 20,
  // Other given keypoints leave it as it is. Points and outline of a person come out of one graph: the points name both.
  content: (found) =>
    contentKey(
      JSON.stringify(
        found && [
          found.main,
          found.notices,
          found.people.map(({ keypoints, figure }) => [...keypoints, figure]),
        ],
      ),
    ),
});

const frame = stage({
  id: 'frame',
  version: 2,
  inputs: ['decoded', 'people', 'photoName', 'poseFile', 'maskFile'],
  options: ['subject', 'mode'],
  run: (inputs, { subject, mode }, context) => runFrame(inputs, subject, mode, context),
  estimate: () => 1024,
  // What the visitor brought mostly leaves it as it is.
  content: (made) => JSON.stringify(made),
});

const photo = stage({
  id: 'photo',
  version: 2,
  inputs: ['decoded', 'frame', 'people'],
  options: ['mode'],
  run: ({ decoded: source, frame: framed, people: found }, { mode }, context) =>
    runPhoto(source, framed, found, mode, context),
  estimate: () => CANVAS_PX * 4,
  notices: ({ notices }) => notices,
  detail: ({ originalWidth, originalHeight }) => `${originalWidth} × ${originalHeight}`,
  pictures: {
    photo: async ({ photo: shown }) => (shown ? { ...shown.square, data: shown.square.data.slice() } : null),
    wholePhoto: async ({ decoded: source }) => (source ? reducedPicture(source.image, WHOLE_PHOTO_PX) : null),
  },
  thumbnail: async ({ photo: shown }, _, window) =>
    shown ? cutOut(shown.square, window, THUMBNAIL_PX) : null,
});

const detection = stage({
  id: 'detection',
  version: 2,
  inputs: ['photo'],
  options: ['mode'],
  // Robust mode has looked for people before; without one of them there is nobody.
  run: ({ photo: shown }, { mode }, { services }) =>
    mode === 'robust' && !shown.whom ? null : services.detect(shown),
  estimate: () => 2 ** 18,
  keep: keepDetection,
});

const outline = stage({
  id: 'outline',
  version: 1,
  inputs: ['detection'],
  when: isRobust,
  run: ({ detection: detected }) => detected?.mask ?? null,
  estimate: () => 0,
});

const others = stage({
  id: 'others',
  version: 1,
  inputs: ['decoded', 'people', 'frame'],
  when: isRobust,
  run: ({ decoded: { image, originalWidth }, people: found, frame: framed }, _, { pace }) =>
    found && runOthers(found, framed, image.width / originalWidth, pace),
  estimate: () => CANVAS_PX,
});

/** Asked only when a provider before it gave no matte; each is empty where there is no such network. */
const ownNetwork = stage({
  id: 'ownNetwork',
  version: 1,
  inputs: ['photo'],
  options: ['ownMatting'],
  run: ({ photo: shown }, { ownMatting }, { services, progress }) => {
    if (!ownMatting) return null;
    progress(0.1, 'your matting network looks at the photo');
    return services.cutOut(shown, 'own');
  },
  estimate: () => 2 ** 22,
});

const matteNetwork = stage({
  id: 'matteNetwork',
  version: 2,
  inputs: ['photo'],
  options: ['packMatting'],
  run: ({ photo: shown }, { packMatting }, { services }) =>
    packMatting ? runMatteNetwork(shown, services) : null,
  estimate: () => 2 ** 19,
});

/** Each way to a matte reads what its provider says it reads, and no more goes into its key. */
function matteStage(provider: MatteProvider): AnyStage {
  const id = `matte: ${provider.source}` as const;
  const reads = (what: MatteProvider['reads'][number]) => provider.reads.includes(what);
  return stage({
    id,
    version: 1,
    inputs: [
      'photo',
      ...(reads('mask') ? ['maskFile' as const] : []),
      ...(reads('detected') ? ['detection' as const] : []),
      ...(reads('judge') ? ['outline' as const] : []),
      ...(reads('others') ? ['others' as const] : []),
      ...(reads('ownNetwork') ? ['ownNetwork' as const] : []),
      ...(reads('matteNetwork') ? ['matteNetwork' as const] : []),
    ],
    options: reads('robust') ? ['subject', 'mode'] : ['subject'],
    run: (
      {
        photo: shown,
        maskFile = null,
        detection: detected = null,
        outline: seen = null,
        others: theirs = null,
        ownNetwork: own = null,
        matteNetwork: pack = null,
      },
      { mode = 'robust' },
      context,
    ) =>
      runMatte(
        provider,
        shown,
        {
          maskFile,
          detection: detected,
          outline: seen,
          others: theirs,
          ownNetwork: own,
          matteNetwork: pack,
          mode,
        },
        context,
      ),
    estimate: () => CANVAS_PX,
  });
}

const matte = alternatives({
  id: 'matte',
  firstOf: MATTE_PROVIDERS.map(({ source }): `matte: ${MatteSource}` => `matte: ${source}`),
  preferred: ({ matteSource }) => matteSource && `matte: ${matteSource}`,
  passedOver: (id) =>
    `A cut-out by ${id.slice('matte: '.length)} does not hold in this photo; another way was taken.`,
  notices: ({ notices }) => notices,
  detail: ({ source }) => source,
  pictures: {
    matte: async (results) => {
      const shown = matteOf(results);
      return shown ? inTurns(mattePictureSteps(shown)) : null;
    },
    cutout: async (results) => {
      const shown = matteOf(results);
      return results.photo && shown ? inTurns(cutoutPictureSteps(results.photo.square, shown)) : null;
    },
  },
  thumbnail: async (results, _, window) => {
    const shown = matteOf(results);
    return results.photo && shown
      ? onChecker(
          cutOut(await inTurns(cutoutPictureSteps(results.photo.square, shown)), window, THUMBNAIL_PX),
          CHECKER_CELL_PX,
        )
      : null;
  },
});

const poses = [
  stage({
    id: 'pose: keypoints file',
    version: 1,
    inputs: ['photo', 'photoName', 'matte', 'poseFile'],
    options: ['mode', 'subject'],
    run: ({ photo: shown, photoName, matte: outline, poseFile }, { mode }) =>
      poseFromFile(shown, photoName, outline.matte, poseFile, mode),
    estimate: () => 1024,
  }),
  stage({
    id: 'pose: estimated here',
    version: 2,
    inputs: ['detection', 'photo'],
    options: ['subject', 'mode'],
    run: ({ detection: detected, photo: { mapping } }, { mode }, context) => {
      context.progress(0.1, 'looking for the person');
      return poseFromDetection(detected, mapping, mode);
    },
    estimate: () => 1024,
  }),
];

const FOUND_POSES = ['pose: keypoints file', 'pose: estimated here'] as const;

const foundPose = alternatives({ id: 'foundPose', firstOf: FOUND_POSES });

const handPose = stage({
  id: 'pose: corrected by hand',
  version: 1,
  inputs: ['foundPose', 'jointEdits'],
  run: ({ foundPose: found, jointEdits }) => correctPose(found, jointEdits),
  estimate: () => 1024,
});

const pose = alternatives({
  id: 'pose',
  firstOf: ['pose: corrected by hand', ...FOUND_POSES],
  notices: ({ notices }) => notices,
  detail: ({ detail }) => detail,
  thumbnail: async ({ photo: shown, pose: found }, _, window) =>
    shown && found ? posePicture(cutOut(shown.square, window, THUMBNAIL_PX), found.keypoints, window) : null,
});

const figure = stage({
  id: 'figure',
  version: 1,
  inputs: ['matte', 'pose', 'strokes', 'photo'],
  options: ['mode'],
  run: async ({ matte: found, pose: at, strokes, photo: shown }, { mode }, { pace }) =>
    paintMatte(mode === 'robust' ? await fillHolesByPose(found, at, pace) : found, strokes, shown, pace),
  estimate: () => CANVAS_PX,
  // Most poses leave the matte as it is: then nothing after it is made again.
  content: ({ matte: shown }) => contentKey(shown.data),
});

/** A word before the wait: said after the pose, before any network. */
const warnings = stage({
  id: 'warnings',
  version: 1,
  inputs: ['photo', 'detection'],
  when: isRobust,
  run: ({ photo: shown, detection: detected }) =>
    detected
      ? photoWarnings({ photo: shown.square, mapping: shown.mapping, pose: detected }).map(warningSentence)
      : [],
  estimate: () => 1024,
  notices: (sentences) => sentences ?? [],
});

const parts = stage({
  id: 'parts',
  version: 1,
  inputs: ['pose', 'boxEdits'],
  options: ['mode'],
  run: ({ pose: found, boxEdits }, { mode }) => runParts(found, mode, boxEdits),
  estimate: () => 4096,
  content: ({ imageFromPart, partFromImage }) =>
    [...imageFromPart, ...partFromImage].map((matrix) => contentKey(matrix)).join(),
  detail: () => `${PART_COUNT} parts`,
  thumbnail: async ({ photo: shown, parts: fitted }, _, window) =>
    shown && fitted
      ? partsPicture(cutOut(shown.square, window, THUMBNAIL_PX), fitted.imageFromPart, window)
      : null,
});

const networkInput = stage({
  id: 'networkInput',
  version: 1,
  inputs: ['photo', 'figure'],
  options: ['mode'],
  run: ({ photo: { square }, figure: { matte: shown } }, { mode }, { kernels }) =>
    kernels.networkInput(mode === 'robust' ? liftBlack(square, shown) : square, shown),
  estimate: () => 3 * CANVAS_PX * 4,
  dispose,
  maps: { network_input: async ({ networkInput: map }) => map },
});

const coarse = stage({
  id: 'coarse',
  version: 1,
  inputs: ['networkInput'],
  options: ['mode', ...ARITHMETIC],
  run: ({ networkInput: input }, { mode, precision }, context) => runCoarse(input, mode, precision, context),
  estimate: () => 11 * COARSE_SIZE ** 2 * 4,
  keep: (kernels) => ({
    save: async ({ normals, rawDepth, depth }) =>
      keptMaps([await kernels.download(normals), rawDepth, await kernels.download(depth)]),
    load: (kept) => {
      const [normals, rawDepth, depth] = mapsOf(kept);
      return { normals: kernels.upload(normals), rawDepth, depth: kernels.upload(depth) };
    },
  }),
  dispose: disposeCoarse,
  detail: () => `${COARSE_SIZE} × ${COARSE_SIZE}`,
  pictures: {
    coarseNormals: ({ coarse: made }, kernels, { side }) => normalsOf(made?.normals, side, kernels),
    coarseDepth: ({ coarse: made }, kernels, { side }) => depthOf(made?.depth, side, kernels),
  },
  maps: {
    coarse_normals: async ({ coarse: made }) => made?.normals,
    coarse_depth_raw: async ({ coarse: made }) => made && cpuMap(made.rawDepth),
    coarse_depth: async ({ coarse: made }) => made?.depth,
  },
  thumbnail: async ({ coarse: made }, kernels, window) => {
    const picture = await normalsOf(made?.normals, 'front', kernels);
    return picture && cutOut(picture, window, THUMBNAIL_PX);
  },
});

const partNormals = stage({
  id: 'partNormals',
  version: 1,
  inputs: ['networkInput', 'coarse', 'parts'],
  options: ARITHMETIC,
  run: ({ networkInput: input, coarse: { normals }, parts: fitted }, { precision }, context) =>
    runPartNormals(input, normals, fitted, precision, context),
  estimate: () =>
    PART_IDS.reduce((sum, part) => {
      const { height, width } = CROP_SIZES[KIND_OF_PART[part]];
      return sum + 15 * height * width * 4;
    }, 0),
  content: (made) => contentKey(made.map(({ key }) => key).join()),
  detail: (_, made) => (made === PART_COUNT ? `${PART_COUNT} parts` : `${made} of ${PART_COUNT} parts again`),
  pictures: {
    partCrop: async (results, kernels, { part }) => {
      const result = partOf(results, part);
      return result ? inputPicture(await kernels.download(result.crop)) : null;
    },
    partCoarse: async (results, kernels, { part }) => {
      const result = partOf(results, part);
      return result ? normalsPicture(await kernels.download(result.crop), 3) : null;
    },
    partNormals: (results, kernels, { part, side }) =>
      normalsOf(partOf(results, part)?.normals, side, kernels),
  },
  maps: {
    part_crop: async (results, kernels, part) => {
      const result = partOf(results, part);
      return result && firstChannels(await kernels.download(result.crop), 6);
    },
    part_normals: async (results, _, part) => partOf(results, part)?.normals,
    occupancy: async (results, _, part) => partOf(results, part)?.occupancy,
  },
  thumbnail: async (results, kernels) => {
    const shown = partOf(results, 'upperBody') ?? results.partNormals?.at(-1);
    const picture = await normalsOf(shown?.normals, 'front', kernels);
    return picture && centreSquare(picture);
  },
});

const shownParts = stage({
  id: 'shownParts',
  version: 1,
  inputs: ['partNormals', 'hiddenParts'],
  run: ({ partNormals: made, hiddenParts }) => withoutHidden(made, hiddenParts),
  estimate: () => 1024,
  content: (shown) => contentKey(shown.map(({ key }) => key).join()),
});

const mergedNormals = stage({
  id: 'mergedNormals',
  version: 1,
  inputs: ['shownParts', 'coarse'],
  options: ['mode'],
  run: ({ shownParts: made, coarse: { normals } }, { mode }, context) =>
    runMergedNormals(made, normals, mode, context),
  estimate: () => 6 * CANVAS_PX * 4,
  dispose,
  detail: () => `${CANVAS_SIZE} × ${CANVAS_SIZE}`,
  pictures: {
    mergedNormals: ({ mergedNormals: map }, kernels, { side }) => normalsOf(map, side, kernels),
    partWeight: async (results, kernels, { part }) => {
      const { shownParts: shown, mergedNormals: merged } = results;
      const at = shown?.findIndex((other) => other.part === part) ?? -1;
      if (!shown || !merged || at < 0) return null;
      const result = shown[at];
      return withMap(kernels.mergeWeights(shown, WEIGHTS_SIZE), async (weights) => {
        const crop = CROP_SIZES[result.kind];
        const plain = await kernels.download(weights);
        const values = cropOfCanvas(plain, at, crop, result.imageFromPart);
        return greyPicture(values.data, crop.width, crop.height);
      });
    },
  },
  maps: {
    merged_normals: async ({ mergedNormals: map }) => map,
    merge_weights: async ({ shownParts: made }, kernels) =>
      made && withMap(kernels.mergeWeights(made, CANVAS_SIZE), (weights) => kernels.download(weights)),
  },
  thumbnail: async ({ mergedNormals: map }, kernels, window) =>
    map ? cutOut(normalsPicture(await smallMap(map, kernels), 0), window, THUMBNAIL_PX) : null,
});

/** The depth of a finished stage, or of the tiles that are there so far. */
async function withDepth<T>(
  { fineDepth: made, tilesSoFar, figure: person }: RunResults,
  kernels: KernelSet,
  use: (depth: DeviceMap) => Promise<T>,
): Promise<T | null> {
  if (made) return use(made.depth);
  if (!tilesSoFar || !person) return null;
  return withMap(roughDepth(tilesSoFar, person.matte, kernels), use);
}

const fineDepth = stage({
  id: 'fineDepth',
  version: 1,
  inputs: ['coarse', 'mergedNormals', 'shownParts', 'figure'],
  options: ['mode', ...ARITHMETIC],
  run: (made, { mode, precision }, context) =>
    runFineDepth(
      {
        coarseDepth: made.coarse.depth,
        mergedNormals: made.mergedNormals,
        parts: made.shownParts,
        matte: mode === 'robust' ? made.figure.matte : null,
      },
      precision,
      context,
    ),
  estimate: () => 5 * CANVAS_PX * 4,
  dispose: ({ depth }) => depth.dispose(),
  detail: ({ tiles, tilesTotal }) => `${tiles.length} of ${tilesTotal} tiles`,
  pictures: {
    depth: (results, kernels, { side }) =>
      withDepth(results, kernels, async (map) =>
        inTurns(depthPictureSteps(await kernels.download(map), side === 'front' ? 0 : 1)),
      ),
  },
  maps: {
    fine_depth: async ({ fineDepth: made }) => made?.depth,
    fine_depth_raw: async ({ fineDepth: made }, kernels) =>
      made && withMap(assembled(made.tiles, kernels), (raw) => kernels.download(raw)),
  },
  thumbnail: (results, kernels, window) =>
    withDepth(results, kernels, async (map) =>
      cutOut(depthPicture(await smallMap(map, kernels), 0), window, THUMBNAIL_PX),
    ),
});

const backPaint = stage({
  id: 'backPaint',
  version: 1,
  inputs: ['photo', 'figure'],
  options: ['packBack'],
  when: isRobust,
  run: ({ photo: { square }, figure: { matte: shown } }, { packBack }, context) =>
    packBack ? runBackPaint(square, shown, context) : null,
  estimate: () => 8 * COARSE_SIZE ** 2 * 4,
  notices: (result) => (result?.notice ? [result.notice] : []),
});

const cloud = stage({
  id: 'cloud',
  version: 3,
  inputs: ['fineDepth', 'mergedNormals', 'photo', 'figure', 'pose', 'backPaint'],
  options: ['mode'],
  run: (made, { mode }, context) =>
    runCloud(
      made.fineDepth.depth,
      made.mergedNormals,
      made.photo,
      made.figure.matte,
      made.pose.keypoints,
      made.backPaint?.paint ?? null,
      mode,
      context,
    ),
  estimate: () => 32 * 2 ** 20,
  detail: ({ count }) => `${count.toLocaleString('en')} points`,
  thumbnail: async ({ cloud: made }) => (made ? pointsPicture(made, made.count) : null),
});

const surface = stage({
  id: 'surface',
  version: 2,
  inputs: ['cloud', 'photo', 'pose'],
  options: ['surfaceDepth', 'mode'],
  run: async ({ cloud: points, photo: { camera }, pose: found }, { surfaceDepth, mode }, context) => {
    const { services, show } = context;
    if (services.preview && surfaceDepth > PREVIEW_DEPTH) {
      const silent: StageContext = Object.create(context, { progress: { value: () => {} } });
      const rough = await runSurface(points, camera, null, PREVIEW_DEPTH, silent);
      services.preview(rough.mesh);
      show({}, null);
    }
    // The original has one depth everywhere.
    const keypoints = mode === 'robust' ? found.keypoints : null;
    return runSurface(points, camera, keypoints, surfaceDepth, context);
  },
  estimate: () => 32 * 2 ** 20,
  keep: keepSurface,
  detail: ({ stats }) => `${stats.triangles.toLocaleString('en')} triangles`,
  thumbnail: async ({ surface: made }) => {
    if (!made) return null;
    const { positions, normals } = made.mesh;
    return pointsPicture({ positions, normals }, positions.length / 3);
  },
});

/** On demand: `shape` is given by whoever asks. */
const atlas = stage({
  id: 'atlas',
  version: 1,
  inputs: ['shape', 'surface', 'photoFile', 'photo', 'cloud', 'figure', 'pose'],
  options: ['textureSide'],
  run: (made, { textureSide }, context) =>
    runAtlas(
      {
        ...made,
        full: made.surface.mesh,
        matte: made.figure.matte,
        keypoints: made.pose.keypoints,
      },
      textureSide,
      context,
    ),
  // The mesh and two encoded pictures; the pixels are gone by then.
  estimate: () => 32 * 2 ** 20,
  notices: ({ notices }) => notices,
});

/** On demand, as the atlas; one for all formats and motions of a shape. */
const rig = stage({
  id: 'rig',
  version: 1,
  inputs: ['shape', 'pose', 'photo'],
  run: ({ shape, pose: { keypoints }, photo: { camera } }, _, { services, signal }) =>
    services.files.skeleton(shape, keypoints, camera, signal),
  estimate: () => 2 ** 14,
});

function firstChannels(map: PlanarMap, count: number): PlanarMap {
  const [, height, width] = map.shape;
  return planarMap([count, height, width], map.data.slice(0, count * height * width));
}

export const STAGES: ReadonlyMap<ResultId, AnyStage> = new Map(
  [
    decoded,
    people,
    frame,
    photo,
    detection,
    outline,
    others,
    ownNetwork,
    matteNetwork,
    ...MATTE_PROVIDERS.map(matteStage),
    matte,
    ...poses,
    foundPose,
    handPose,
    pose,
    figure,
    warnings,
    parts,
    networkInput,
    coarse,
    partNormals,
    shownParts,
    mergedNormals,
    fineDepth,
    backPaint,
    cloud,
    surface,
    atlas,
    rig,
  ].map((descriptor) => [descriptor.id as ResultId, descriptor]),
);
