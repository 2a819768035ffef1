/**
 * Results of long stages outside memory, so that a page that was closed in the middle goes on from the last stage, and a figure
 * that is opened again has its maps soon. Under the cache's own keys, which name all they were made from; f32 as it was,
 * so that what is made of them is equal to the bit. Losing any of it costs time only.
 */
import { contentKey } from '../base/content-key.ts';
import { type MapShape, type PlanarMap, planarMap } from '../base/images.ts';
import { SerialQueue } from '../base/serial-queue.ts';
import { VERSION } from '../base/version.ts';
import type { EstimatedPose } from '../intake/estimated-pose.ts';
import type { SolvedSurface } from './stage.ts';

type Numbers =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>;

/** A result as plain data. */
export interface KeptValue {
  /** Survives JSON. */
  readonly facts: unknown;
  readonly arrays: readonly Numbers[];
}

/** How a result becomes plain data and comes back. */
export interface Keeping<T> {
  save(value: T): Promise<KeptValue> | KeptValue;
  load(kept: KeptValue): Promise<T> | T;
}

export interface ResultShelf {
  /** Null when it is not there, or not whole. */
  read(key: string): Promise<KeptValue | null>;
  /** Goes on by itself: nobody waits for it, and it may fail. */
  write(key: string, value: () => Promise<KeptValue> | KeptValue): void;
}

const TYPES = { f32: Float32Array, f64: Float64Array, u8: Uint8Array, u32: Uint32Array } as const;
type TypeName = keyof typeof TYPES;
const ALIGNMENT = 8;
const MAGIC = 0x53_54_4b_31;

const typeOf = (array: Numbers): TypeName =>
  (Object.keys(TYPES) as TypeName[]).find((name) => array instanceof TYPES[name]) ?? 'u8';
const padded = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** A head in JSON, then the arrays, each on its alignment. */
export function encodeKept({ facts, arrays }: KeptValue): BlobPart[] {
  const sums = arrays.map((array) => contentKey(array));
  const list = arrays.map((array, i) => ({ type: typeOf(array), length: array.length, sum: sums[i] }));
  const text = new TextEncoder().encode(JSON.stringify({ facts, arrays: list }));
  const head = new Uint8Array(padded(8 + text.length));
  const view = new DataView(head.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, text.length);
  head.set(text, 8);
  return [
    head,
    ...arrays.flatMap((array) => [array, new Uint8Array(padded(array.byteLength) - array.byteLength)]),
  ];
}

/** @returns null for bytes that are not what was written. */
export function decodeKept(bytes: ArrayBuffer): KeptValue | null {
  try {
    const view = new DataView(bytes);
    if (view.getUint32(0) !== MAGIC) return null;
    const length = view.getUint32(4);
    const { facts, arrays } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length))) as {
      facts: unknown;
      arrays: { type: TypeName; length: number; sum: string }[];
    };
    let at = padded(8 + length);
    const read = arrays.map((entry) => {
      const Type = TYPES[entry.type];
      const array = new Type(bytes.slice(at, at + entry.length * Type.BYTES_PER_ELEMENT));
      at += padded(array.byteLength);
      if (array.length !== entry.length || contentKey(array) !== entry.sum) throw new RangeError('not whole');
      return array;
    });
    return { facts, arrays: read };
  } catch {
    return null;
  }
}

/** Maps as plain data; what they were made of is told by the key. */
export function keptMaps(maps: readonly PlanarMap[]): KeptValue {
  return { facts: maps.map(({ shape }) => shape), arrays: maps.map(({ data }) => data) };
}

/** Maps that `keptMaps` has put down, each in memory of its own. */
export function mapsOf({ facts, arrays }: KeptValue): PlanarMap[] {
  return (facts as MapShape[]).map((shape, i) => planarMap(shape, arrays[i] as Float32Array<ArrayBuffer>));
}

/** What the pose graphs found; the fields that are absent stay absent. */
export const keepDetection = (): Keeping<EstimatedPose | null> => ({
  save: (found) => {
    if (!found) return { facts: null, arrays: [] };
    const arrays: Numbers[] = [];
    const put = (array: Numbers | null | undefined) => (array ? arrays.push(array) - 1 : (array ?? null));
    const facts = {
      landmarks: put(found.landmarks),
      mask: found.mask && { ...found.mask, data: put(found.mask.data) },
      ...(found.hands && { hands: { left: put(found.hands.left), right: put(found.hands.right) } }),
      ...(found.face !== undefined && { face: put(found.face) }),
    };
    return { facts, arrays };
  },
  load: ({ facts, arrays }) => {
    // biome-ignore lint/suspicious/noExplicitAny: written above, in this version of the app
    const found = facts as any;
    if (!found) return null;
    const at = (index: number | null) => (index === null ? null : arrays[index]);
    return {
      landmarks: at(found.landmarks),
      mask: found.mask && { ...found.mask, data: at(found.mask.data) },
      ...(found.hands && { hands: { left: at(found.hands.left), right: at(found.hands.right) } }),
      ...('face' in found && { face: at(found.face) }),
    } as EstimatedPose;
  },
});

const MESH_ARRAYS = ['positions', 'normals', 'colours', 'seen', 'confidence', 'indices'] as const;

export const keepSurface = (): Keeping<SolvedSurface> => ({
  save: ({ mesh, stats }) => ({ facts: stats, arrays: MESH_ARRAYS.map((name) => mesh[name]) }),
  load: ({ facts, arrays }) => ({
    mesh: Object.fromEntries(
      MESH_ARRAYS.map((name, i) => [name, arrays[i]]),
    ) as unknown as SolvedSurface['mesh'],
    stats: facts as SolvedSurface['stats'],
  }),
});

const ROOT = 'stages';
/** About eight figures' worth. The oldest go first. */
const BUDGET_BYTES = 400 * 2 ** 20;

/** Of this browser, in the worker's thread; null where it keeps nothing. Another version of the app begins anew. */
export function browserResultShelf(): ResultShelf | null {
  if (typeof navigator === 'undefined' || typeof navigator.storage?.getDirectory !== 'function') return null;
  const folder = openFolder().catch(() => null);
  /** Files by name, as far as this page knows; read once. */
  let files: Map<string, { bytes: number; usedMs: number }> | null = null;
  const queue = new SerialQueue();
  const nameOf = (key: string) => `${contentKey(key)}.bin`;
  return {
    async read(key) {
      try {
        const handle = await (await folder)?.getFileHandle(nameOf(key));
        return handle ? decodeKept(await (await handle.getFile()).arrayBuffer()) : null;
      } catch {
        return null;
      }
    },
    write(key, value) {
      const written = queue.add(async () => {
        const into = await folder;
        if (!into) return;
        const content = new Blob(encodeKept(await value()));
        files ??= await filesIn(into);
        for (const name of await surplus(files, content.size)) {
          await into.removeEntry(name).catch(() => {});
          files.delete(name);
        }
        const writable = await (await into.getFileHandle(nameOf(key), { create: true })).createWritable();
        await content.stream().pipeTo(writable);
        files.set(nameOf(key), { bytes: content.size, usedMs: Date.now() });
      });
      // What is not kept is made again.
      written.catch(() => {});
    },
  };
}

async function openFolder(): Promise<FileSystemDirectoryHandle> {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create: true });
  for await (const name of root.keys()) {
    if (name !== VERSION) await root.removeEntry(name, { recursive: true }).catch(() => {});
  }
  return root.getDirectoryHandle(VERSION, { create: true });
}

async function filesIn(folder: FileSystemDirectoryHandle) {
  const files = new Map<string, { bytes: number; usedMs: number }>();
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind !== 'file') continue;
    const { size, lastModified } = await (handle as FileSystemFileHandle).getFile();
    files.set(name, { bytes: size, usedMs: lastModified });
  }
  return files;
}

/**
 * The oldest files that must go before `bytes` more are written. Figures matter more than what saves time: at most a tenth of
 * what the browser grants is used for this.
 */
async function surplus(
  files: ReadonlyMap<string, { readonly bytes: number; readonly usedMs: number }>,
  bytes: number,
): Promise<string[]> {
  const { quota = BUDGET_BYTES * 10 } = await navigator.storage.estimate();
  const budget = Math.min(BUDGET_BYTES, quota / 10);
  let used = bytes;
  for (const file of files.values()) used += file.bytes;
  const gone: string[] = [];
  for (const [name, file] of [...files].sort(([, a], [, b]) => a.usedMs - b.usedMs)) {
    if (used <= budget) break;
    gone.push(name);
    used -= file.bytes;
  }
  return gone;
}
