/** The one door for weights: a pack's URL, chosen files (folder or zip), a checkpoint as downloaded, a stored pack. */
import { blobSource } from '../checkpoint/byte-source.ts';
import { openCheckpoint } from '../checkpoint/reader.ts';
import { badPack, MANIFEST_FILE, type PackDescription } from './manifest.ts';
import { openStoredPack } from './opfs.ts';
import { openPack, type Pack, type PackProgress } from './pack.ts';
import { isPackZip } from './pack-zip.ts';
import { type PackSink, writePack } from './write-pack.ts';

export type PackSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'files'; readonly files: readonly File[] }
  | { readonly kind: 'checkpoint'; readonly file: File }
  /** In this browser's storage, under the key that listStoredPacks gives. */
  | { readonly kind: 'stored'; readonly key: string };

/** @throws StageError E_BAD_PACK or E_BAD_CHECKPOINT; nothing is stored then. */
export async function openPackSource(source: PackSource, onProgress: PackProgress = () => {}): Promise<Pack> {
  switch (source.kind) {
    case 'url':
      return openPack(source.url, onProgress);
    case 'files':
      if (source.files.length === 0) throw badPack('No file was given');
      if (source.files.length > 1 || source.files[0].name === MANIFEST_FILE) {
        return openPack(source.files, onProgress);
      }
      // One file alone cannot be a pack's folder: it is a pack's zip, or a checkpoint.
      return (await isPackZip(source.files[0]))
        ? openPack(source.files[0], onProgress)
        : openCheckpointFile(source.files[0], onProgress);
    case 'checkpoint':
      return openCheckpointFile(source.file, onProgress);
    case 'stored':
      return openStoredPack(source.key, onProgress);
  }
}

async function openCheckpointFile(file: File, onProgress: PackProgress): Promise<Pack> {
  const files = await importCheckpoint(file, 'f32', (fraction) => onProgress(fraction / 2));
  return openPack(files, (fraction) => onProgress(0.5 + fraction / 2));
}

/**
 * Turns a checkpoint into the files of a pack. The parts are Blobs, which browsers keep outside the script's memory.
 * @throws StageError E_BAD_CHECKPOINT.
 */
export async function importCheckpoint(
  file: File,
  precision: 'f16' | 'f32',
  onProgress: PackProgress = () => {},
): Promise<File[]> {
  const checkpoint = await openCheckpoint(blobSource(file));
  const sink = new FileSink();
  await writePack(checkpoint.tensors, describeCheckpoint(file.name), precision, sink, onProgress);
  return sink.files;
}

/** What can be said of somebody else's checkpoint: its file name. */
export function describeCheckpoint(fileName: string): PackDescription {
  const name = fileName.replace(/(\.(pth|pt|ckpt|tar|zip|t?gz|safetensors|bin|pkl))+$/i, '') || 'checkpoint';
  return {
    id: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    name,
    version: '1',
    licence: 'as stated by whoever made the checkpoint',
    trainingData: 'as stated by whoever made the checkpoint',
    accuracy: [],
    accuracyNote: 'not measured',
  };
}

/** Gathers a pack as files that live in Blobs. */
export class FileSink implements PackSink {
  readonly files: File[] = [];
  private name = '';
  private parts: Blob[] = [];

  async begin(name: string): Promise<void> {
    this.name = name;
    this.parts = [];
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.parts.push(new Blob([bytes]));
  }

  async end(): Promise<void> {
    this.files.push(new File(this.parts, this.name));
    this.parts = [];
  }
}
