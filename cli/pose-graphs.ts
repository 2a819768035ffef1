/**
 * The graphs that find a person's points (detector, body, hand, face), made at build time from MediaPipe's own `.tflite`
 * files (Apache-2.0, in the npm packages @mediapipe/pose, hands and face_mesh) and served as `pose/NAME.graph`: ONNX,
 * half-precision weights, gzip. Conversion takes a second and is kept in `.cache/pose-graphs`, under a hash of
 * everything it is made from. A Vite plugin writes the files into the build and answers for them in the development
 * server.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { readTflite } from '../src/networks/tflite/model.ts';
import { onnxFromTflite } from '../src/networks/tflite/to-onnx.ts';

const ROOT = resolve(import.meta.dirname, '..');

interface Source {
  /** Package and file in it; a `.data` file holds several, and its loader script says where each one lies. */
  readonly file: string;
  /** Name inside the `.data` file. */
  readonly entry?: string;
  /** TFLite's output names by ours. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Outputs as `src/intake/pose` reads them. The full models: the heavy body model is four times as large for 1 px. */
export const POSE_GRAPH_SOURCES = {
  person: {
    file: 'pose/pose_solution_packed_assets.data',
    entry: 'pose_detection.tflite',
    outputs: { boxes: 'Identity', scores: 'Identity_1' },
  },
  body: {
    file: 'pose/pose_landmark_full.tflite',
    outputs: { landmarks: 'Identity', presence: 'Identity_1', outline: 'Identity_2', heat: 'Identity_3' },
  },
  hand: {
    file: 'hands/hand_landmark_full.tflite',
    outputs: { landmarks: 'Identity', presence: 'Identity_1' },
  },
  face: {
    file: 'face_mesh/face_mesh_solution_packed_assets.data',
    entry: 'face_landmark.tflite',
    outputs: { landmarks: 'conv2d_21', presence: 'conv2d_31' },
  },
} as const satisfies Readonly<Record<string, Source>>;

export type PoseGraphName = keyof typeof POSE_GRAPH_SOURCES;
export const POSE_GRAPH_NAMES = Object.keys(POSE_GRAPH_SOURCES) as PoseGraphName[];

const pathOf = (file: string) => join(ROOT, 'node_modules/@mediapipe', file);

/** The `.tflite` file as published. @throws Error when the package has no such file. */
function poseGraphSource(name: PoseGraphName): Uint8Array {
  const { file, entry }: Source = POSE_GRAPH_SOURCES[name];
  const bytes = readFileSync(pathOf(file));
  if (!entry) return bytes;
  const loader = readFileSync(pathOf(file.replace(/\.data$/, '_loader.js')), 'utf8');
  const pattern = /"?filename"?:\s*"([^"]+)",\s*"?start"?:\s*(\d+),\s*"?end"?:\s*(\d+)/g;
  for (const [, path, start, end] of loader.matchAll(pattern)) {
    if (path.endsWith(`/${entry}`)) return bytes.subarray(Number(start), Number(end));
  }
  throw new Error(`${file} holds no ${entry}`);
}

/** ONNX bytes of a graph, converted now. */
export function convertPoseGraph(name: PoseGraphName): Uint8Array<ArrayBuffer> {
  return onnxFromTflite(readTflite(poseGraphSource(name)), name, POSE_GRAPH_SOURCES[name].outputs).bytes;
}

function fingerprint(name: PoseGraphName): string {
  const hash = createHash('sha256').update(JSON.stringify(POSE_GRAPH_SOURCES[name]));
  hash.update(poseGraphSource(name));
  for (const folder of ['tflite', 'onnx']) {
    const path = join(ROOT, 'src/networks', folder);
    for (const file of readdirSync(path).sort()) hash.update(readFileSync(join(path, file)));
  }
  return hash.digest('hex').slice(0, 32);
}

/** The file that is served, from the cache when it is there. */
export function servedPoseGraph(name: PoseGraphName): Uint8Array {
  const folder = join(ROOT, '.cache/pose-graphs');
  const path = join(folder, `${name}-${fingerprint(name)}.graph`);
  if (existsSync(path)) return readFileSync(path);
  const bytes = gzipSync(convertPoseGraph(name), { level: 9 });
  mkdirSync(folder, { recursive: true });
  // Several processes may convert at once: each writes its own file, the last rename wins.
  const own = `${path}.${process.pid}`;
  writeFileSync(own, bytes);
  renameSync(own, path);
  return bytes;
}

/** The licence asks that it goes with the work, and that changes are told. */
function notice(): string {
  return `The graphs in this folder are the work of The MediaPipe Authors (npm packages @mediapipe/pose, @mediapipe/hands and
@mediapipe/face_mesh), licensed under the Apache License, Version 2.0, below. Changed: converted from TFLite to ONNX,
sparse weights made whole, outputs that are not used left out.

${readFileSync(join(ROOT, 'LICENSE'), 'utf8')}`;
}

/** Serves and builds `pose/NAME.graph`, and `pose/NOTICE.txt`. */
export function poseGraphsPlugin(): Plugin {
  return {
    name: 'pose-graphs',
    generateBundle() {
      for (const name of POSE_GRAPH_NAMES) {
        this.emitFile({ type: 'asset', fileName: `pose/${name}.graph`, source: servedPoseGraph(name) });
      }
      this.emitFile({ type: 'asset', fileName: 'pose/NOTICE.txt', source: notice() });
    },
    configureServer({ middlewares }) {
      for (const name of POSE_GRAPH_NAMES) {
        middlewares.use(`/pose/${name}.graph`, (_, response) => {
          response.setHeader('Content-Type', 'application/octet-stream').end(servedPoseGraph(name));
        });
      }
    },
  };
}

/** `npx tsx cli/pose-graphs.ts DIR` writes every graph as DIR/NAME.onnx, for training and other tools. */
if (process.argv[1] && resolve(process.argv[1]) === import.meta.filename) {
  const [folder] = process.argv.slice(2);
  if (!folder) {
    console.error('usage: npx tsx cli/pose-graphs.ts DIR');
    process.exit(2);
  }
  mkdirSync(folder, { recursive: true });
  for (const name of POSE_GRAPH_NAMES) {
    writeFileSync(join(folder, `${name}.onnx`), convertPoseGraph(name));
    console.log(join(folder, `${name}.onnx`));
  }
}
