/**
 * Opens model packs: a folder at a URL of our own origin, chosen files, or a zip. Size and SHA-256 of every file, every
 * key and every shape are checked before anything is used. What comes from a URL is kept as the file's bytes; a file stays
 * where it is, in a zip too, and is read by slices: once to check it, then a network at a time as graphs are built.
 */
import { type ByteSource, blobSource, bytesSource } from '../checkpoint/byte-source.ts';
import { checkLayout } from '../layout.ts';
import { KEY_PREFIX, type NetworkId } from '../network-ids.ts';
import {
  badPack,
  MANIFEST_FILE,
  type PackFile,
  type PackManifest,
  parseManifest,
  WEIGHTS_FILE,
  weightsEntry,
} from './manifest.ts';
import { unzipPack } from './pack-zip.ts';
import { readSafetensors } from './safetensors.ts';
import { sha256Hex, startSha256 } from './sha256.ts';
import { loadTensors, type TensorReader, type WeightMap } from './tensors.ts';

/** What the page shows of a pack. Plain data. */
export interface PackSummary {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly trainingData: string;
  readonly sizeBytes: number;
  readonly parameterCount: number;
}

export interface Pack {
  readonly summary: PackSummary;
  readonly manifest: PackManifest;
  /** Under the reference's state_dict keys. */
  readonly tensors: ReadonlyMap<string, TensorReader>;
}

/** The tensors of one network, in memory; the caller owns them. */
export function weightsOf(pack: Pick<Pack, 'tensors'>, id: NetworkId): Promise<WeightMap> {
  return loadTensors(pack.tensors, `${KEY_PREFIX[id]}.`);
}

/** A folder at a URL, the files of a folder, or a zip of one. */
type PackLocation = string | readonly File[] | Blob;

/** Fraction of the bytes read, 0 to 1. */
export type PackProgress = (fraction: number) => void;

/** Larger than the full model in f32 twice over. */
const MAX_PACK_BYTES = 1_000_000_000;
const MAX_MANIFEST_BYTES = 1_000_000;

/** Read at one time while a file's hash is made. */
const HASH_STEP_BYTES = 4 * 2 ** 20;

interface PackReader {
  /** @throws StageError E_BAD_PACK when the file is missing or longer than that. */
  open(name: string, maxBytes: number, onProgress: PackProgress): Promise<PackFileBytes>;
}

interface PackFileBytes {
  readonly source: ByteSource;
  sha256(): Promise<string>;
}

/** Whether a file is known to have the hash that the manifest says, so that it need not be made again. */
export type KnownHash = (entry: PackFile) => boolean;

/** @throws StageError E_BAD_PACK naming the first things that do not fit. */
export async function openPack(
  source: PackLocation,
  onProgress: PackProgress = () => {},
  isKnown: KnownHash = () => false,
): Promise<Pack> {
  const reader = await readerOf(source);
  const { source: text } = await reader.open(MANIFEST_FILE, MAX_MANIFEST_BYTES, () => {});
  const manifest = parseManifest(new TextDecoder().decode(await text.read(0, text.size)));
  const entry = weightsEntry(manifest);
  if (entry.bytes > MAX_PACK_BYTES) throw badPack(`${WEIGHTS_FILE} would have ${entry.bytes} bytes`);
  const file = await reader.open(WEIGHTS_FILE, entry.bytes, onProgress);
  await checkFile(entry, file, isKnown);
  onProgress(1);
  const tensors = await readSafetensors(file.source);
  checkTensors(manifest, tensors);
  const { id, name, version, licence, trainingData, parameterCount } = manifest;
  const sizeBytes = file.source.size;
  return {
    summary: { id, name, version, licence, trainingData, sizeBytes, parameterCount },
    manifest,
    tensors,
  };
}

async function checkFile(
  entry: PackFile,
  { source, sha256 }: PackFileBytes,
  isKnown: KnownHash,
): Promise<void> {
  if (source.size !== entry.bytes) {
    throw badPack(`${entry.name} has ${source.size} bytes, pack.json says ${entry.bytes}`);
  }
  if (!isKnown(entry) && (await sha256()) !== entry.sha256)
    throw badPack(`${entry.name} does not have the SHA-256 of pack.json`);
}

function checkTensors(manifest: PackManifest, tensors: Pack['tensors']): void {
  const { widths, differences, differenceCount } = checkLayout(tensors);
  if (differenceCount > 0) {
    const more = differenceCount - differences.length;
    throw badPack(`The weights do not fit: ${differences.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
  }
  for (const [id, width] of Object.entries(widths)) {
    const stated = manifest.widths[id as keyof typeof manifest.widths];
    if (stated !== width)
      throw badPack(`pack.json gives ${id} the width ${stated}, its weights have ${width}`);
  }
}

async function readerOf(source: PackLocation): Promise<PackReader> {
  if (typeof source === 'string') return urlReader(source);
  if (source instanceof Blob) return zipReader(source);
  return blobReader(new Map(source.map((file) => [file.name, file])));
}

/** Address of a pack's folder. @throws StageError E_BAD_PACK when it is not on this page's own server. */
export function ownFolder(folder: string): URL {
  const base = new URL(folder.endsWith('/') ? folder : `${folder}/`, globalThis.location?.href);
  if (globalThis.location && base.origin !== globalThis.location.origin) {
    throw badPack(
      `The pack would come from ${base.origin}; packs are loaded from this page's own server only`,
    );
  }
  return base;
}

function urlReader(folder: string): PackReader {
  const base = ownFolder(folder);
  return {
    open: async (name, maxBytes, onProgress) => {
      const response = await fetch(new URL(name, base)).catch((cause: unknown) => {
        throw badPack(`${name} could not be fetched`, cause);
      });
      // A development server answers unknown paths with the page itself.
      const isPage = response.headers.get('content-type')?.startsWith('text/html');
      if (!response.ok || isPage || !response.body) throw badPack(`The server has no ${name} in this pack`);
      const bytes = await collect(name, response.body, maxBytes, onProgress);
      return { source: bytesSource(bytes), sha256: () => sha256Hex(bytes) };
    },
  };
}

/** Gathers a stream of at most `maxBytes`; the length is known beforehand, so one buffer is filled. */
async function collect(
  name: string,
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  onProgress: PackProgress,
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(maxBytes);
  const reader = body.getReader();
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return filled === maxBytes ? out : out.slice(0, filled);
    if (filled + value.length > maxBytes) {
      await reader.cancel();
      throw badPack(`${name} is longer than the ${maxBytes} bytes expected`);
    }
    out.set(value, filled);
    filled += value.length;
    onProgress(filled / maxBytes);
  }
}

function blobReader(blobs: ReadonlyMap<string, Blob>): PackReader {
  return {
    open: async (name, maxBytes, onProgress) => {
      const blob = blobs.get(name);
      if (!blob) throw badPack(`There is no ${name} among the files`);
      if (blob.size > maxBytes) throw badPack(`${name} is longer than the ${maxBytes} bytes expected`);
      return { source: blobSource(blob), sha256: () => hashOf(name, blob, onProgress) };
    },
  };
}

/** Hash of a file that is never in memory as a whole. */
async function hashOf(name: string, blob: Blob, onProgress: PackProgress): Promise<string> {
  const hash = await startSha256();
  for (let at = 0; at < blob.size; at += HASH_STEP_BYTES) {
    const end = Math.min(at + HASH_STEP_BYTES, blob.size);
    const bytes = await blob
      .slice(at, end)
      .arrayBuffer()
      .catch((cause: unknown) => {
        throw badPack(`${name} can no longer be read`, cause);
      });
    hash.update(new Uint8Array(bytes));
    onProgress(end / blob.size);
  }
  return hash.hex();
}

async function zipReader(zip: Blob): Promise<PackReader> {
  return blobReader(new Map((await unzipPack(zip)).map((file) => [file.name, file])));
}
