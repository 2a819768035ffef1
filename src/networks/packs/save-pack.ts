/** A pack as one file to keep: its two files as a zip, or its eight networks as .onnx files in a zip. */
import { zipToBlob } from '../../export/zip.ts';
import { onnxFiles } from '../onnx/export.ts';
import { badPack, MANIFEST_FILE, WEIGHTS_FILE } from './manifest.ts';
import { openPackSource, type PackSource } from './open.ts';
import { storedPackFiles } from './opfs.ts';
import type { Pack } from './pack.ts';
import { unzipPack } from './pack-zip.ts';

export type PackFileFormat = 'zip' | 'onnx';

/**
 * @param opened the pack of this source where it is open already, so that it is not read twice.
 * @returns zip of pack.json and weights.safetensors as they are kept, or of eight .onnx files in f32.
 * @throws StageError E_BAD_PACK when the pack is not there any more.
 */
export async function savePackFile(
  source: PackSource,
  format: PackFileFormat,
  opened: Pack | null = null,
): Promise<Blob> {
  if (format === 'zip') return zipToBlob(packBytes(source));
  return zipToBlob(onnxFiles(opened ?? (await openPackSource(source)), 'f32'));
}

async function* packBytes(source: PackSource) {
  for (const file of await filesOf(source)) {
    yield { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
  }
}

async function filesOf(source: PackSource): Promise<readonly File[]> {
  switch (source.kind) {
    case 'stored':
      return storedPackFiles(source.key);
    case 'url':
      return Promise.all([MANIFEST_FILE, WEIGHTS_FILE].map((name) => fetchFile(source.url, name)));
    case 'files':
      return source.files.length === 1 ? unzipPack(source.files[0]) : source.files;
    case 'checkpoint':
      throw badPack('A checkpoint is no pack until it is imported');
  }
}

async function fetchFile(folder: string, name: string): Promise<File> {
  const url = new URL(name, new URL(folder.endsWith('/') ? folder : `${folder}/`, globalThis.location?.href));
  const response = await fetch(url).catch((cause: unknown) => {
    throw badPack(`${name} could not be fetched`, cause);
  });
  if (!response.ok) throw badPack(`The server has no ${name} in this pack`);
  return new File([await response.blob()], name);
}
