/**
 * `npm run import-checkpoint -- FILE --out FOLDER`: a torch.save checkpoint becomes a model pack, without Python.
 * Options: --precision i8|f16|f32 (f32), --meta FILE.json, --id, --name, --version, --licence, --training-data, and
 * --onnx FOLDER to write the eight networks as .onnx files too (--onnx-precision f16|f32).
 */

import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ByteSource } from '../src/networks/checkpoint/byte-source.ts';
import type { Keep } from '../src/networks/checkpoint/inflate.ts';
import { openCheckpoint } from '../src/networks/checkpoint/reader.ts';
import { onnxFiles } from '../src/networks/onnx/export.ts';
import {
  MANIFEST_FILE,
  type OptionalNetworkEntry,
  type PackDescription,
  parseManifest,
  WEIGHTS_FILE,
} from '../src/networks/packs/manifest.ts';
import { openPack } from '../src/networks/packs/pack.ts';
import { type PackSink, writePack } from '../src/networks/packs/write-pack.ts';
import { FileProblem, inputFile, outputFolder, readArgs, runCommand, UsageError } from './command-line.ts';

const USAGE = `npm run import-checkpoint -- FILE --out FOLDER [--precision i8|f16|f32] [--meta FILE.json]
  [--id ID] [--name NAME] [--version V] [--licence L] [--training-data TEXT]
  [--onnx FOLDER] [--onnx-precision f16|f32]
`;

function fileSource(path: string): ByteSource {
  const file = openSync(path, 'r');
  return {
    size: statSync(path).size,
    name: basename(path),
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      const count = readSync(file, bytes, 0, length, offset);
      return bytes.subarray(0, count);
    },
  };
}

/** Files appear under their names only when they are complete. */
function folderSink(folder: string): PackSink & { discard(): void } {
  mkdirSync(folder, { recursive: true });
  let path = '';
  let file = -1;
  const part = () => `${path}.part`;
  return {
    begin: async (name) => {
      path = join(folder, name);
      file = openSync(part(), 'w');
    },
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    },
    end: async () => {
      closeSync(file);
      renameSync(part(), path);
    },
    discard: () => rmSync(part(), { force: true }),
  };
}

function readMeta(path: string): Partial<PackDescription> {
  inputFile(path, 'the JSON that describe of training/ writes');
  try {
    const meta: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (meta && typeof meta === 'object' && !Array.isArray(meta)) return meta;
  } catch {
    // Said below.
  }
  throw new FileProblem(
    `--meta: ${path} is not JSON of an object. Make it again with describe of training/.`,
  );
}

/** A file that comes out of an archive, kept in a folder of its own until the command ends. */
const keepInFile: Keep = async (chunks, name) => {
  const folder = mkdtempSync(join(tmpdir(), 'import-checkpoint-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'unpacked');
  const file = openSync(path, 'w');
  for await (const bytes of chunks) for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  closeSync(file);
  return { ...fileSource(path), name };
};

function describePack(values: Record<string, string | undefined>, file: string): PackDescription {
  const meta = values.meta ? readMeta(values.meta) : {};
  const name =
    values.name ?? meta.name ?? basename(file).replace(/\.(pth|pt|ckpt|tar|zip|t?gz|safetensors)\b/g, '');
  return {
    id: values.id ?? meta.id ?? name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    name,
    version: values.version ?? meta.version ?? '1',
    licence: values.licence ?? meta.licence ?? 'unknown',
    trainingData: values['training-data'] ?? meta.trainingData ?? 'unknown',
    accuracy: meta.accuracy ?? [],
    accuracyNote: meta.accuracyNote ?? 'not measured',
  };
}

function precisionOf<const P extends string>(value: string | undefined, known: readonly P[]): P | 'f32' {
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  if (value === undefined || value === 'f32') return 'f32';
  throw new UsageError(`There is no precision ${value}: use ${known.join(', ')} or f32.`);
}

/** Networks beside the eight (a matte network) that the folder's pack has: the new weights go between them. */
function optionalNetworksIn(folder: string): readonly OptionalNetworkEntry[] {
  const path = join(folder, MANIFEST_FILE);
  if (!existsSync(path)) return [];
  try {
    const { optional = [] } = parseManifest(readFileSync(path, 'utf8'));
    return optional.filter(({ name }) => existsSync(join(folder, name)));
  } catch {
    // What lies there is no pack of this version: nothing of it is kept.
    return [];
  }
}

async function main(): Promise<number | null> {
  const text = { type: 'string' } as const;
  const { values: given, positionals } = readArgs({
    out: text,
    precision: text,
    meta: text,
    id: text,
    name: text,
    version: text,
    licence: text,
    'training-data': text,
    onnx: text,
    'onnx-precision': text,
  });
  const { help, ...values } = given;
  if (help) return null;
  const [file, ...others] = positionals;
  if (!file) throw new UsageError('Give the checkpoint.');
  if (others.length > 0) throw new UsageError('Give one checkpoint at a time.');
  if (!values.out) throw new UsageError('Say where the pack goes: --out FOLDER.');
  const precision = precisionOf(values.precision, ['i8', 'f16']);
  const onnxPrecision = precisionOf(values['onnx-precision'], ['f16']);
  inputFile(file, 'the checkpoint, for instance ckpt_bg_mask.pth.tar');
  const about = describePack(values, file);
  const checkpoint = await openCheckpoint(fileSource(file), { keep: keepInFile });
  for (const note of checkpoint.notes) console.error(note);
  outputFolder(values.out);
  if (values.onnx) outputFolder(values.onnx, '--onnx');
  const sink = folderSink(values.out);
  const optional = optionalNetworksIn(values.out);
  const described = optional.length > 0 ? { ...about, optional } : about;
  const manifest = await writePack(checkpoint.tensors, described, precision, sink).catch((error: unknown) => {
    sink.discard();
    throw error;
  });
  console.log(
    `${values.out}: ${manifest.parameterCount.toLocaleString('en')} values, ${manifest.files[0].bytes.toLocaleString('en')} bytes`,
  );
  if (!values.onnx) return 0;
  const load = (name: string) => new File([readFileSync(join(values.out!, name))], name);
  const pack = await openPack([load(MANIFEST_FILE), load(WEIGHTS_FILE)]);
  for await (const { name, bytes } of onnxFiles(pack, onnxPrecision)) {
    writeFileSync(join(values.onnx, name), bytes);
    console.log(`${name}: ${bytes.length.toLocaleString('en')} bytes`);
  }
  return 0;
}

await runCommand('import-checkpoint', USAGE, main);
