/**
 * The visitor's own matting network in the browser's storage (OPFS): one at a time, `matting/` with the file and a
 * description that is written last, so that a storing that was cut off leaves nothing that would be taken for a network.
 */
import * as v from 'valibot';
import { MATTING_KINDS, type MattingShape, mattingShape } from './matting-kind.ts';
import { badMatting, readOnnxInterface } from './onnx-interface.ts';

const FOLDER = 'matting';
const NETWORK = 'network.onnx';
const DESCRIPTION = 'matting.json';
/** A runtime of 4 GB of addresses needs the weights twice while it opens them. */
const MAX_BYTES = 1_200_000_000;

/** Plain data: what the page shows. */
export interface MattingSummary extends MattingShape {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly bytes: number;
  /** Names the network in the keys of what it made. */
  readonly key: string;
}

const SUMMARY = v.object({
  version: v.literal(1),
  name: v.string(),
  bytes: v.number(),
  key: v.string(),
  kind: v.picklist(MATTING_KINDS),
  width: v.number(),
  height: v.number(),
  channelsLast: v.boolean(),
  output: v.string(),
});

/**
 * Looks at a file without running it.
 *
 * @throws StageError E_BAD_PACK in one sentence when it is no matting network.
 */
export async function describeMatting(file: File): Promise<MattingSummary> {
  if (file.size > MAX_BYTES) {
    throw badMatting(
      `“${file.name}” has ${Math.round(file.size / 1e6)} MB; at most ${MAX_BYTES / 1e6} MB fit into a page.`,
      'Use a smaller version of this network.',
    );
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const shape = mattingShape(readOnnxInterface(bytes, file.name), file.name);
  return {
    ...shape,
    name: file.name.replace(/\.onnx$/i, ''),
    bytes: file.size,
    key: `${file.name}-${file.size}-${crypto.randomUUID().slice(0, 8)}`,
  };
}

async function folder(create: boolean): Promise<FileSystemDirectoryHandle | null> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(FOLDER, { create });
  } catch {
    return null;
  }
}

async function write(into: FileSystemDirectoryHandle, name: string, content: Blob): Promise<void> {
  const writable = await (await into.getFileHandle(name, { create: true })).createWritable();
  await content.stream().pipeTo(writable);
}

/** @returns whether the browser kept it; where it does not, it serves until the page is closed. */
export async function storeMatting(file: File, summary: MattingSummary): Promise<boolean> {
  try {
    await removeStoredMatting();
    const into = await folder(true);
    if (!into) return false;
    await write(into, NETWORK, file);
    await write(into, DESCRIPTION, new Blob([JSON.stringify({ version: 1, ...summary })]));
    return true;
  } catch {
    await removeStoredMatting().catch(() => {});
    return false;
  }
}

/** null when there is none, or what is there is not whole. */
export async function storedMatting(): Promise<{
  readonly summary: MattingSummary;
  readonly file: File;
} | null> {
  const from = await folder(false);
  if (!from) return null;
  try {
    const text = await (await (await from.getFileHandle(DESCRIPTION)).getFile()).text();
    const { version: _, ...summary } = v.parse(SUMMARY, JSON.parse(text));
    const file = await (await from.getFileHandle(NETWORK)).getFile();
    return file.size === summary.bytes ? { summary, file } : null;
  } catch {
    return null;
  }
}

/** Harmless when there is none, or no storage. */
export async function removeStoredMatting(): Promise<void> {
  const root = await globalThis.navigator?.storage?.getDirectory().catch(() => null);
  await root?.removeEntry(FOLDER, { recursive: true }).catch(() => {});
}
