/** The command line of `npm run digitize`, read and checked before anything starts. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StageError } from '../src/base/errors.ts';
import type { BackendChoice, RunMode } from '../src/digitizer/types.ts';
import {
  DEFAULT_RUN_OPTIONS,
  ONLY_SUBJECT,
  type RunOptions,
  type SubjectId,
} from '../src/digitizer/types.ts';
import {
  DEFAULT_FILE_OPTIONS,
  type ExportFormat,
  type FileOptions,
  FORMAT_WORDS,
  formatOfWord,
} from '../src/export/formats.ts';
import {
  checkPrintOptions,
  DEFAULT_PRINT_OPTIONS,
  PLINTH_SHAPES,
  type PrintOptions,
} from '../src/export/print/print-options.ts';
import { SAVE_KINDS, type SaveKind } from '../src/headless-contract.ts';
import { argumentProblem } from './argument-problem.mjs';
import { FileProblem, inputFile, UsageError } from './command-line.ts';
import { bundledPacks } from './pack-catalogue.ts';
import { ROOT } from './serve.ts';

/** What the command has always written. */
const DEFAULT_FORMATS = ['glb', 'ply'];

export const USAGE = `npm run digitize -- PHOTO... [options] --out DIR
  PHOTO            a photo, or a folder of photos
  --pose PATH      keypoints of the photo as JSON (OpenPose, DWPose, MMPose, AlphaPose, COCO, YOLO-pose, MediaPipe),
                   or a folder with NAME_keypoints.json for the photos; estimated when not given
  --mask PATH      mask picture, white = person, or a folder with NAME_mask.png or NAME_alpha.png;
                   found when not given
  --pack PACK      a model pack (folder or zip), a checkpoint (.pth, .tar), or the name of a pack in public/packs;
                   the starter pack when not given
  --matting FILE   a matting network (.onnx: U-2-Net, IS-Net, BiRefNet, MODNet) that finds the masks that are not given
  --depth N        octree depth of the surface, 8 to 11; ${DEFAULT_RUN_OPTIONS.surfaceDepth} when not given
  --triangles N    most triangles of the mesh in files, still closed; the whole surface when not given
  --formats LIST   files of the figure: ${FORMAT_WORDS.join(', ')},
                   or all; ${DEFAULT_FORMATS.join(', ')} when not given
  --up AXIS        y or z: the axis that is up in OBJ and PLY; y when not given
  --print-height N STL and 3MF hold a solid to print, N mm tall; ${DEFAULT_PRINT_OPTIONS.heightMm} with one of the next three alone
  --plinth SHAPE   what it stands on: ${PLINTH_SHAPES.join(', ')}; ${DEFAULT_PRINT_OPTIONS.plinth} when not given
  --plinth-text T  a line on the plinth's front
  --thicken        make walls thinner than 1 mm so thick
  --transparent    nothing behind the figure in the picture
  --backend B      auto, webgpu or wasm; auto when not given
  --person P       which of several people, by number from the left, or all: each in a folder of its own, person-1,
                   person-2, ...; the largest one who is seen well when not given
  --mode M         robust, or reference: what the original does, its faults included; robust when not given
  --save LIST      more files: npy (every map as float32), weights (each part's share in the merge, 200 MB),
                   pictures (photo, matte, coarse maps), reference-folder (reference.zip: depth, normals, masks and
                   both clouds as the original saves them)
  --out DIR        where the folders go, one a photo
  --software-gpu   use the software GPU even where there is a real one
  --no-build       take dist/ as it is
`;

const BUNDLED_PACKS = join(ROOT, 'public/packs');

/** A person of fewer triangles than this is no person any more. */
const FEWEST_TRIANGLES = 500;

export { UsageError };

const PHOTO_NAME = /\.(jpe?g|jfif|png|webp|avif|gif|bmp|heic|heif)$/i;
/** Companions that lie beside the photos. */
const COMPANION_NAME = /_(mask|alpha)\.\w+$/i;

export interface PhotoJob {
  /** Name of the folder under --out; unique in the batch. */
  readonly name: string;
  readonly photo: string;
  readonly poseFile: string | null;
  readonly maskFile: string | null;
}

export interface DigitizeFlags {
  readonly jobs: readonly PhotoJob[];
  readonly out: string;
  readonly pack: { readonly kind: 'starter' | 'files' | 'checkpoint'; readonly files: readonly string[] };
  /** The visitor's own matting network; null: those of the app. */
  readonly matting: string | null;
  readonly options: RunOptions;
  /** Whom of several people. */
  readonly person: SubjectId | 'all';
  /** Most triangles of the mesh files; null: the whole surface. */
  readonly triangles: number | null;
  /** Files of the figure, in the order of the table. */
  readonly formats: readonly ExportFormat[];
  readonly fileOptions: FileOptions;
  readonly save: readonly SaveKind[];
  readonly softwareGpu: boolean;
  readonly build: boolean;
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pose: { type: 'string' },
      mask: { type: 'string' },
      pack: { type: 'string' },
      matting: { type: 'string' },
      depth: { type: 'string', default: String(DEFAULT_RUN_OPTIONS.surfaceDepth) },
      triangles: { type: 'string' },
      formats: { type: 'string', default: DEFAULT_FORMATS.join(',') },
      up: { type: 'string', default: DEFAULT_FILE_OPTIONS.up },
      'print-height': { type: 'string' },
      plinth: { type: 'string' },
      'plinth-text': { type: 'string' },
      thicken: { type: 'boolean' },
      transparent: { type: 'boolean', default: DEFAULT_FILE_OPTIONS.transparent },
      backend: { type: 'string', default: DEFAULT_RUN_OPTIONS.backend },
      mode: { type: 'string', default: DEFAULT_RUN_OPTIONS.mode },
      person: { type: 'string' },
      save: { type: 'string', default: '' },
      out: { type: 'string' },
      'software-gpu': { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });

function oneOf<T extends string>(value: string, allowed: readonly T[], flag: string): T {
  const found = allowed.find((name) => name === value);
  if (!found) throw new UsageError(`--${flag} is one of ${allowed.join(', ')}, not "${value}".`);
  return found;
}

function personOf(value: string | undefined): DigitizeFlags['person'] {
  if (value === undefined) return ONLY_SUBJECT;
  if (value === 'all') return 'all';
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return `person ${number}`;
  throw new UsageError(`--person is a number from 1 on, counted from the left, or all, not "${value}".`);
}

const stemOf = (file: string) => basename(file, extname(file));

/** NAME, NAME_2, NAME_3 for photos of one name from several folders; compared without case, as some disks do. */
export function uniqueNames(files: readonly string[]): string[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const stem = stemOf(file).replace(/[^\p{L}\p{N}._-]+/gu, '_') || 'photo';
    let name = stem;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${stem}_${n}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** Each photo as it stands, and in the place of a folder the photos in it, by name. @throws UsageError. */
function photosOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    mustExist(path, 'photo');
    if (!statSync(path).isDirectory()) {
      inputFile(path, 'a photo (JPEG, PNG, WebP, AVIF or HEIC)', ['picture']);
      return [path];
    }
    const names = readdirSync(path).filter((name) => PHOTO_NAME.test(name) && !COMPANION_NAME.test(name));
    if (names.length === 0)
      throw new FileProblem(`${path} is a folder without photos: give photos, or a folder of them.`);
    return names.sort().map((name) => join(path, name));
  });
}

function mustExist(path: string, flag: string): void {
  if (!existsSync(path)) throw new FileProblem(`${flag}: there is no ${path}.`);
}

/** The file for one photo: the one given, or the first of `candidates` in the folder given, or none. */
function companion(
  path: string | undefined,
  flag: string,
  photos: readonly string[],
  candidates: (stem: string) => readonly string[],
): (photo: string) => string | null {
  if (path === undefined) return () => null;
  mustExist(path, flag);
  if (statSync(path).isDirectory()) {
    return (photo) =>
      candidates(stemOf(photo))
        .map((name) => join(path, name))
        .find((file) => existsSync(file)) ?? null;
  }
  if (photos.length > 1) throw new UsageError(`${flag}: give a folder when there are several photos.`);
  return () => path;
}

/** A path as it stands, or the folder of a bundled pack of that name. */
function packPath(pack: string): string {
  if (existsSync(pack)) return pack;
  const bundled = bundledPacks(BUNDLED_PACKS);
  if (bundled.includes(pack)) return join(BUNDLED_PACKS, pack);
  throw new UsageError(
    `--pack: there is no file or folder ${pack}, and no bundled pack of that name (${bundled.join(', ')}).`,
  );
}

function packOf(pack: string | undefined): DigitizeFlags['pack'] {
  if (pack === undefined) return { kind: 'starter', files: [] };
  const path = packPath(pack);
  if (!statSync(path).isDirectory()) {
    const file = resolve(path);
    return extname(path) === '.zip'
      ? { kind: 'files', files: [file] }
      : { kind: 'checkpoint', files: [file] };
  }
  mustExist(join(path, 'pack.json'), '--pack');
  const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
  return { kind: 'files', files: files.map((entry) => resolve(path, entry.name)) };
}

/** A solid for printers in STL and 3MF as soon as one of its options is given. @throws UsageError. */
function printOf(values: {
  readonly 'print-height'?: string;
  readonly plinth?: string;
  readonly 'plinth-text'?: string;
  readonly thicken?: boolean;
}): PrintOptions | null {
  const { 'print-height': height, plinth, 'plinth-text': text, thicken } = values;
  if (height === undefined && plinth === undefined && text === undefined && thicken === undefined)
    return null;
  const options: PrintOptions = {
    heightMm: height === undefined ? DEFAULT_PRINT_OPTIONS.heightMm : Number(height),
    plinth: oneOf(plinth ?? DEFAULT_PRINT_OPTIONS.plinth, PLINTH_SHAPES, 'plinth'),
    text: text ?? '',
    thicken: thicken ?? false,
  };
  try {
    checkPrintOptions(options);
  } catch (thrown) {
    if (!(thrown instanceof StageError)) throw thrown;
    throw new UsageError(`${thrown.message} ${thrown.fix}`);
  }
  return options;
}

/** Formats named in a list, or `all`; in the order of the table, each once. @throws UsageError. */
function formatsOf(list: string): ExportFormat[] {
  const words = list
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter(Boolean);
  if (words.length === 0) throw new UsageError(`--formats: name at least one of ${FORMAT_WORDS.join(', ')}.`);
  const known = words.includes('all')
    ? FORMAT_WORDS
    : words.map((word) => oneOf(word, FORMAT_WORDS, 'formats'));
  return FORMAT_WORDS.filter((word) => known.includes(word)).flatMap((word) => formatOfWord(word) ?? []);
}

function mattingOf(path: string | undefined): string | null {
  if (path === undefined) return null;
  mustExist(path, '--matting');
  if (statSync(path).isDirectory())
    throw new UsageError(`--matting: ${path} is a folder; give its .onnx file.`);
  return resolve(path);
}

/**
 * @returns what to do, or null when the person asked for help.
 * @throws UsageError with one sentence about what is wrong.
 */
export function readFlags(args: readonly string[]): DigitizeFlags | null {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new UsageError(argumentProblem(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return null;
  if (positionals.length === 0) throw new UsageError('Give at least one photo.');
  if (!values.out) throw new UsageError('Say where the results go: --out DIR.');
  const photos = photosOf(positionals);
  const surfaceDepth = Number(values.depth);
  if (!(Number.isInteger(surfaceDepth) && surfaceDepth >= 8 && surfaceDepth <= 11)) {
    throw new UsageError(`--depth is a whole number from 8 to 11, not "${values.depth}".`);
  }
  const triangles = values.triangles === undefined ? null : Number(values.triangles);
  if (triangles !== null && !(Number.isInteger(triangles) && triangles >= FEWEST_TRIANGLES)) {
    throw new UsageError(
      `--triangles is a whole number from ${FEWEST_TRIANGLES} on, not "${values.triangles}".`,
    );
  }
  const poseOf = companion(values.pose, '--pose', photos, (stem) => [`${stem}_keypoints.json`]);
  const maskOf = companion(values.mask, '--mask', photos, (stem) => [
    `${stem}_mask.png`,
    `${stem}_alpha.png`,
  ]);
  const person = personOf(values.person);
  if (person !== ONLY_SUBJECT && values.mode === 'reference') {
    throw new UsageError('--person needs robust mode: reference takes the photo as it is.');
  }
  const names = uniqueNames(photos);
  const saveWords = values.save.split(',').map((word) => word.trim());
  return {
    jobs: photos.map((photo, i) => ({
      name: names[i],
      photo: resolve(photo),
      poseFile: poseOf(photo),
      maskFile: maskOf(photo),
    })),
    out: resolve(values.out),
    pack: packOf(values.pack),
    matting: mattingOf(values.matting),
    options: {
      surfaceDepth,
      backend: oneOf<BackendChoice>(values.backend, ['auto', 'webgpu', 'wasm'], 'backend'),
      mode: oneOf<RunMode>(values.mode, ['robust', 'reference'], 'mode'),
    },
    person,
    triangles,
    formats: formatsOf(values.formats),
    fileOptions: {
      up: oneOf(values.up, ['y', 'z'], 'up'),
      transparent: values.transparent,
      print: printOf(values),
    },
    save: saveWords.filter(Boolean).map((word) => oneOf(word, SAVE_KINDS, 'save')),
    softwareGpu: values['software-gpu'],
    build: !values['no-build'],
  };
}
