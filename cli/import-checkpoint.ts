/**
 * `npm run import-checkpoint -- FILE --out FOLDER`: a torch.save checkpoint becomes a model pack, without Python.
 * Options: --precision f16|f32 (f32), --meta FILE.json, --id, --name, --version, --licence, --training-data, and
 * --onnx FOLDER to write the eight networks as .onnx files too (--onnx-precision f16|f32).
 */

import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { StageError } from '../src/base/errors.ts';
import type { ByteSource } from '../src/networks/checkpoint/byte-source.ts';
import { openCheckpoint } from '../src/networks/checkpoint/reader.ts';
import { onnxFiles } from '../src/networks/onnx/export.ts';
import { MANIFEST_FILE, type PackDescription, WEIGHTS_FILE } from '../src/networks/packs/manifest.ts';
import { openPack } from '../src/networks/packs/pack.ts';
import { type PackSink, writePack } from '../src/networks/packs/write-pack.ts';

const USAGE = `npm run import-checkpoint -- FILE --out FOLDER [--precision f16|f32] [--meta FILE.json]
  [--id ID] [--name NAME] [--version V] [--licence L] [--training-data TEXT]
  [--onnx FOLDER] [--onnx-precision f16|f32]`;

function fileSource(path: string): ByteSource {
  const file = openSync(path, 'r');
  return {
    size: statSync(path).size,
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

function describePack(values: Record<string, string | undefined>, file: string): PackDescription {
  const meta = values.meta ? (JSON.parse(readFileSync(values.meta, 'utf8')) as Partial<PackDescription>) : {};
  const name = values.name ?? meta.name ?? basename(file).replace(/\.(pth|pt|tar)\b/g, '');
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

function precisionOf(value: string | undefined): 'f16' | 'f32' {
  if (value === undefined || value === 'f32') return 'f32';
  if (value === 'f16') return 'f16';
  throw new StageError('checkpoint', 'E_BAD_CHECKPOINT', `There is no precision ${value}.`, {
    fix: 'Use f16 or f32.',
  });
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
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
    },
  });
  const [file] = positionals;
  if (!file || !values.out) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const checkpoint = await openCheckpoint(fileSource(file));
  const sink = folderSink(values.out);
  const about = describePack(values, file);
  const manifest = await writePack(checkpoint.tensors, about, precisionOf(values.precision), sink).catch(
    (error: unknown) => {
      sink.discard();
      throw error;
    },
  );
  console.log(
    `${values.out}: ${manifest.parameterCount.toLocaleString('en')} values, ${manifest.files[0].bytes.toLocaleString('en')} bytes`,
  );
  if (!values.onnx) return;
  const load = (name: string) => new File([readFileSync(join(values.out!, name))], name);
  const pack = await openPack([load(MANIFEST_FILE), load(WEIGHTS_FILE)]);
  mkdirSync(values.onnx, { recursive: true });
  for await (const { name, bytes } of onnxFiles(pack, precisionOf(values['onnx-precision']))) {
    writeFileSync(join(values.onnx, name), bytes);
    console.log(`${name}: ${bytes.length.toLocaleString('en')} bytes`);
  }
}

main().catch((thrown: unknown) => {
  const error = StageError.from('checkpoint', thrown);
  console.error(`${error.message} ${error.fix}`);
  process.exitCode = 1;
});
