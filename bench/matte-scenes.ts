/**
 * Mattes on composites of held-out people and rooms (`matte-scenes` of training/), by every way there is: ours, the pose
 * graphs' outline with the guided filter, U-2-Net. Runs in Node, with onnxruntime's processor build; a scene that was
 * measured once, by the same files, is not measured again.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { decode, encode } from 'fast-png';
import ort from 'onnxruntime-node';
import { convertPoseGraph } from '../cli/pose-graphs.ts';
import type { GreyImage, RgbaImage } from '../src/base/images.ts';
import { atOnce } from '../src/base/steps.ts';
import { squareMapping } from '../src/geometry/keypoints.ts';
import type { EstimatedPose } from '../src/intake/estimated-pose.ts';
import { askMatteNetwork } from '../src/intake/matte-answer.ts';
import { detailedMatte } from '../src/intake/matte-detail.ts';
import { cropOfPhoto, matteCropBox } from '../src/intake/matte-network.ts';
import { othersPixelsSteps, withoutOthers } from '../src/intake/other-people.ts';
import { estimatePose } from '../src/intake/pose/estimate-pose.ts';
import { type FoundPerson, findPeople } from '../src/intake/pose/people.ts';
import { GRAPH_SIDE, type PoseGraphId, type PoseGraphs } from '../src/intake/pose/pose-graphs.ts';
import { segmentedMatte } from '../src/intake/segmented-matte.ts';
import { sharedPath } from '../tests/shared.ts';
import { type MatteFigures, measureMatte, truthOf } from './matte-measures.ts';

const ROOT = resolve(import.meta.dirname, '..');
export const SCENES_FOLDER = join(ROOT, 'training/data/matte/scenes');
const CACHE = join(ROOT, '.cache/bench-matte');

interface Scene {
  readonly name: string;
  readonly kind: string;
  /** The 31 points of the person whose matte is asked for, px. */
  readonly keypoints: readonly (readonly [x: number, y: number])[];
}

type Session = ort.InferenceSession;
const ONE_THREAD = { intraOpNumThreads: 1, interOpNumThreads: 1 } as const;

/**
 * The app's pose graphs in Node.
 *
 * @param outlineOnly hands and faces, which no matte needs, are not looked at: nothing is found there.
 */
export function nodePoseGraphs(outlineOnly = false): PoseGraphs {
  const opened = new Map<PoseGraphId, Promise<Session>>();
  return {
    async run(id, crop) {
      if (outlineOnly && (id === 'hand' || id === 'face')) {
        return { landmarks: new Float32Array(468 * 3), presence: Float32Array.of(-30) };
      }
      let session = opened.get(id);
      if (!session) {
        session = ort.InferenceSession.create(convertPoseGraph(id), ONE_THREAD);
        opened.set(id, session);
      }
      const side = GRAPH_SIDE[id];
      const results = await (await session).run({
        image: new ort.Tensor('float32', crop, [1, 3, side, side]),
      });
      return Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => [name, data as Float32Array<ArrayBuffer>]),
      );
    },
  };
}

export function readPicture(path: string): RgbaImage {
  const { width, height, data, channels } = decode(readFileSync(path));
  const out = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) out[i * 4 + c] = data[i * channels + (channels < 3 ? 0 : c)];
    out[i * 4 + 3] = 255;
  }
  return { width, height, data: out };
}

export type Method = (
  photo: RgbaImage,
  detected: EstimatedPose,
  others: Uint8Array | null,
) => Promise<GreyImage>;

interface Asked {
  readonly pose: EstimatedPose | null;
  /** What of the picture is another person's. */
  readonly others: Uint8Array | null;
}

/** The person of the scene, as if clicked on, and what is other people's: as the app's stages do it. */
export async function personOf(scene: Scene, photo: RgbaImage, graphs: PoseGraphs): Promise<Asked> {
  if (scene.kind !== 'two people') return { ...(await estimatePose(photo, graphs)), others: null };
  const { people } = await findPeople(photo, graphs);
  const away = ({ keypoints }: FoundPerson) =>
    scene.keypoints.reduce(
      (sum, [x, y], i) => sum + Math.hypot(keypoints[i * 3] - x, keypoints[i * 3 + 1] - y),
      0,
    );
  if (people.length === 0) return { pose: null, others: null };
  const person = people.reduce((best, one) => (away(one) < away(best) ? one : best));
  const { pose } = await estimatePose(photo, graphs, () => {}, person);
  const others = people.filter((one) => one !== person);
  return { pose, others: atOnce(othersPixelsSteps)(person, others) };
}

/** As the app takes other people out of a network's matte. */
function alone(matte: GreyImage, others: Uint8Array | null): GreyImage {
  withoutOthers(matte.data, others);
  return matte;
}

/** Ours: the network on the crop and its mirror image, then the guided filter. */
export function ownMethod(file: string): Method {
  const opened = ort.InferenceSession.create(file, ONE_THREAD);
  return async (photo, detected, others) => {
    if (!detected.mask) return posedMethod(photo, detected, others);
    const answer = await askMatteNetwork(photo, detected, async (input, dims) => {
      const { alpha } = await (await opened).run({ image: new ort.Tensor('float32', input, dims) });
      return alpha.data as Float32Array<ArrayBuffer>;
    });
    return alone(detailedMatte(photo, squareMapping(photo.width, photo.height), answer), others);
  };
}

/** U-2-Net on the person's crop (squared), as rembg feeds it, then our detail. */
export function u2netMethod(file: string): Method {
  const opened = ort.InferenceSession.create(file, ONE_THREAD);
  const side = 320;
  return async (photo, detected, others) => {
    const session = await opened;
    const tall = matteCropBox(detected, photo.width, photo.height);
    const box = { ...tall, left: tall.left - Math.round((tall.height - tall.width) / 2), width: tall.height };
    const planes = cropOfPhoto(photo, box, { width: side, height: side });
    const plane = side * side;
    const most = planes.reduce((a, b) => Math.max(a, b), 1e-6);
    [0.485, 0.456, 0.406].forEach((mean, c) => {
      const deviation = [0.229, 0.224, 0.225][c];
      for (let i = 0; i < plane; i++)
        planes[c * plane + i] = (planes[c * plane + i] / most - mean) / deviation;
    });
    const input = new ort.Tensor('float32', planes, [1, 3, side, side]);
    const results = await session.run({ [session.inputNames[0]]: input });
    const raw = results[session.outputNames[0]].data as Float32Array<ArrayBuffer>;
    const [low, high] = [raw.reduce((a, b) => Math.min(a, b)), raw.reduce((a, b) => Math.max(a, b))];
    const alpha = raw.map((v) => (v - low) / Math.max(1e-6, high - low));
    const answer = { box, width: side, height: side, alpha };
    return alone(detailedMatte(photo, squareMapping(photo.width, photo.height), answer), others);
  };
}

const posedMethod: Method = async (photo, detected, others) => {
  if (!detected.mask)
    return { width: photo.width, height: photo.height, data: new Uint8Array(photo.width * photo.height) };
  return segmentedMatte(photo, squareMapping(photo.width, photo.height), detected.mask, others);
};

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

function worstTenth(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => b - a);
  return mean(sorted.slice(0, Math.max(1, Math.round(sorted.length / 10))));
}

const hashOf = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
};

/** Everything that a result of ours or of the pose graphs is made by. */
function sourcesHash(): string {
  const folders = ['src/intake', 'src/intake/pose', 'src/networks/tflite'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'))
      .map((f) => join(ROOT, folder, f)),
  );
  return hashOf(
    ...files.sort().map((f) => readFileSync(f)),
    readFileSync(join(ROOT, 'bench/matte-measures.ts')),
  );
}

export interface SceneOptions {
  readonly folder?: string;
  /** ONNX of our network; null where there is none. */
  readonly network: string | null;
  readonly count?: number;
  /** Ends after so many seconds, with what there is; what was measured is kept for the next call. */
  readonly seconds?: number;
  /** Folder for the mattes as PNG, to look at. */
  readonly pictures?: string;
}

/** Measures and prints the table. */
export async function measureScenes(options: SceneOptions): Promise<void> {
  const folder = options.folder ?? SCENES_FOLDER;
  const list = join(folder, 'scenes.json');
  if (!existsSync(list)) {
    console.log(`skipped: no composites here; make them with \`matte-scenes\` of training/ (${list})`);
    return;
  }
  const scenes = (JSON.parse(readFileSync(list, 'utf8')) as Scene[]).slice(0, options.count);
  const u2net = process.env.STATUETTE_U2NET ?? sharedPath('matte/u2netp.onnx');
  const methods: Record<string, [Method, string]> = {
    'pose graphs + guided filter': [posedMethod, ''],
  };
  if (options.network) {
    methods.ours = [ownMethod(options.network), hashOf(readFileSync(options.network))];
  } else console.log('skipped: our network (no matte.onnx in the starter pack)');
  if (u2net)
    methods[`${basename(u2net, '.onnx')} on the crop`] = [u2netMethod(u2net), hashOf(readFileSync(u2net))];
  else console.log('skipped: U-2-Net (no ../shared/matte here)');
  const code = sourcesHash();
  mkdirSync(CACHE, { recursive: true });
  const graphs = nodePoseGraphs(true);
  const began = Date.now();
  const rows: { scene: Scene; figures: Record<string, MatteFigures | null> }[] = [];
  for (const scene of scenes) {
    const figures: Record<string, MatteFigures | null> = {};
    const missing: string[] = [];
    const place = (method: string) =>
      join(CACHE, `${hashOf(code, list, scene.name, method, methods[method][1])}.json`);
    for (const method of Object.keys(methods)) {
      if (existsSync(place(method)) && !options.pictures) {
        figures[method] = JSON.parse(readFileSync(place(method), 'utf8'));
      } else missing.push(method);
    }
    if (missing.length) {
      if (options.seconds && Date.now() - began > options.seconds * 1000) break;
      const photo = readPicture(join(folder, `${scene.name}.png`));
      const alpha = decode(readFileSync(join(folder, `${scene.name}_alpha.png`)));
      const truth = truthOf(Uint8Array.from(alpha.data), alpha.width, alpha.height);
      const { pose, others } = await personOf(scene, photo, graphs);
      for (const method of missing) {
        const matte = pose && (await methods[method][0](photo, pose, others));
        figures[method] = matte && measureMatte(matte.data, truth);
        writeFileSync(place(method), JSON.stringify(figures[method]));
        if (matte && options.pictures) {
          mkdirSync(options.pictures, { recursive: true });
          const name = join(options.pictures, `${scene.name}_${method.replace(/\W+/g, '-')}.png`);
          writeFileSync(name, encode({ ...matte, channels: 1, depth: 8 }));
        }
      }
    }
    rows.push({ scene, figures });
  }
  print(rows, Object.keys(methods));
}

function print(
  rows: readonly { scene: Scene; figures: Record<string, MatteFigures | null> }[],
  methods: readonly string[],
): void {
  const kinds = ['all', ...new Set(rows.map(({ scene }) => scene.kind))];
  for (const kind of kinds) {
    const of = rows.filter(({ scene }) => kind === 'all' || scene.kind === kind);
    console.log(`\n${kind}, ${of.length} composites`);
    console.log(
      `  ${''.padEnd(28)} IoU    alpha x1000 (20 px band / whole)  outline px (mean / worst tenth)  lost piece px (largest / over 500)  gained`,
    );
    for (const method of methods) {
      const found = of.flatMap(({ figures }) => figures[method] ?? []);
      if (found.length === 0) continue;
      const get = (key: keyof MatteFigures) => found.map((f) => f[key]);
      const lost = get('lostPx');
      const gained = get('gainedPx');
      console.log(
        `  ${method.padEnd(28)} ${mean(get('iou')).toFixed(4)}  ${(1000 * mean(get('alphaError'))).toFixed(2)} / ` +
          `${(1000 * mean(get('wholeError'))).toFixed(2)}  ${mean(get('outlinePx')).toFixed(2)} / ` +
          `${worstTenth(get('outlinePx')).toFixed(2)}  ${Math.max(...lost)} / ${lost.filter((v) => v > 500).length}  ` +
          `${Math.max(...gained)} / ${gained.filter((v) => v > 500).length}` +
          (found.length < of.length ? `  (nobody found in ${of.length - found.length})` : ''),
      );
    }
  }
}
