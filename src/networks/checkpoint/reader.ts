/**
 * Opens a torch.save checkpoint of this method without Python: what is wrapped around it (a drive's zip, a tar, gzip) is
 * opened, the weights are found in it (state-dict.ts), every key and shape is checked. Tensors are read one at a time, by
 * slices of the file. What is no checkpoint is named.
 */
import { StageError } from '../../base/errors.ts';
import { COUNTER_SUFFIX, checkLayout, type Widths } from '../layout.ts';
import { NETWORK_IDS } from '../network-ids.ts';
import type { TensorReader } from '../packs/tensors.ts';
import { candidatesIn, nothingInside } from './archives.ts';
import type { ByteSource } from './byte-source.ts';
import { isPickle, type OpenContainer, openOldContainer, openZipContainer, tableOf } from './containers.ts';
import { badCheckpoint, otherFile } from './errors.ts';
import { inflate, type Keep, keepInBlobs } from './inflate.ts';
import { otherFileError } from './other-files.ts';
import { Opaque, type TensorRecord } from './pickle-values.ts';
import { isSafetensors, readSafetensorsRecords } from './safetensors-records.ts';
import { findStateDict } from './state-dict.ts';
import { checkTensor, isFloat, readTensor, type StorageFinder } from './storages.ts';
import { isTar, readTar } from './tar.ts';
import { isZip, openEntry, readZipDirectory } from './zip.ts';

export interface Checkpoint {
  /** The f32 tensors (counters left out), by key, in the file's order. */
  readonly tensors: ReadonlyMap<string, TensorReader>;
  readonly widths: Widths;
  readonly epoch: number | null;
  /** Sentences about what was chosen or left out; empty for a checkpoint as the original saves it. */
  readonly notes: readonly string[];
}

export interface CheckpointOptions {
  /** Where a file goes that has to be unpacked as a whole; Blobs when not given. */
  readonly keep?: Keep;
}

/** A zip in a zip in a tar is somebody's mistake; more is an attack. */
const MAX_WRAPPINGS = 4;

/**
 * @throws StageError E_BAD_CHECKPOINT: truncated, another kind of file, damaged storages, wrong keys or shapes (the first
 *   differences are named), values that are not finite (when the tensor is read), or a phase-1 checkpoint.
 */
export async function openCheckpoint(
  source: ByteSource,
  { keep = keepInBlobs }: CheckpointOptions = {},
): Promise<Checkpoint> {
  return openWrapped(source, keep, MAX_WRAPPINGS);
}

async function openWrapped(source: ByteSource, keep: Keep, wrappings: number): Promise<Checkpoint> {
  if (source.size === 0) throw badCheckpoint('The file is empty', 'TRUNCATED');
  if (wrappings === 0)
    throw badCheckpoint('The file is an archive in an archive, many times over', 'NOT_A_CHECKPOINT');
  const open = (inner: ByteSource) => openWrapped(inner, keep, wrappings - 1);
  if (await isZip(source)) {
    const entries = await readZipDirectory(source);
    const table = tableOf(entries);
    if (table !== null) return fromContainer(await openZipContainer(source, entries, table));
    const files = [...entries.values()].map((entry) => ({
      name: entry.name,
      size: entry.size,
      open: () =>
        entry.method === 'stored'
          ? openEntry(source, entry)
          : openEntry(source, entry, (part) =>
              keep(inflate(part, 'deflate-raw', `zip entry ${entry.name}`, entry.size), entry.name),
            ),
    }));
    const chosen = candidatesIn(files);
    if (chosen.length === 0) throw nothingInside('zip', source.name, files);
    return openFirst('zip', chosen, open);
  }
  if (await isPickle(source)) return fromContainer(await openOldContainer(source));
  if (await isTar(source)) {
    const files = (await readTar(source)).map((file) => ({
      name: file.name ?? '',
      size: file.size,
      open: async () => file,
    }));
    const chosen = candidatesIn(files);
    if (chosen.length === 0) throw nothingInside('tar', source.name, files);
    return openFirst('tar', chosen, open);
  }
  if (await isGzip(source)) {
    const name = source.name?.replace(/\.t?gz$/i, '');
    const inner = await keep(inflate(source, 'gzip', 'gzip file'), name);
    const checkpoint = await open(inner);
    return {
      ...checkpoint,
      notes: ['The file was packed with gzip and has been unpacked.', ...checkpoint.notes],
    };
  }
  if (await isSafetensors(source)) {
    const { records, storages } = await readSafetensorsRecords(source);
    const found = findStateDict(new Map(records));
    return checked(found.records, storages, null, found.notes);
  }
  throw await otherFileError(source);
}

async function isGzip(source: ByteSource): Promise<boolean> {
  if (source.size < 18) return false;
  const [a, b, c] = await source.read(0, 3);
  return a === 0x1f && b === 0x8b && c === 8;
}

interface Inside {
  readonly name: string;
  open(): Promise<ByteSource>;
}

/** The first of the files in an archive that is a whole checkpoint; when none is, the error of the likeliest. */
async function openFirst(
  kind: 'zip' | 'tar',
  files: readonly Inside[],
  open: (inner: ByteSource) => Promise<Checkpoint>,
): Promise<Checkpoint> {
  let first: StageError | null = null;
  for (const file of files) {
    try {
      const checkpoint = await open(await file.open());
      const others =
        files.length > 1
          ? `, not ${files
              .filter((f) => f !== file)
              .map((f) => f.name)
              .slice(0, 3)
              .join(', ')}`
          : '';
      const note = `The file is a ${kind} archive: ${file.name} in it was read${others}.`;
      return { ...checkpoint, notes: [note, ...checkpoint.notes] };
    } catch (thrown) {
      const error = StageError.from('checkpoint', thrown);
      if (error.code !== 'E_BAD_CHECKPOINT') throw thrown;
      first ??= otherFile(
        `In the ${kind} archive, ${file.name}: ${error.message.replace(/\.$/, '')}`,
        error.fix,
      );
    }
  }
  throw first;
}

async function fromContainer(container: OpenContainer): Promise<Checkpoint> {
  const { root, globals } = container;
  const { records, notes } = findStateDict(root);
  const top = root instanceof Map ? root : root instanceof Opaque ? root.entries : null;
  const epoch = top?.get('epoch');
  return checked(records, await container.storages(), typeof epoch === 'number' ? epoch : null, [
    ...notes,
    ...warningOf(globals),
  ]);
}

/** Functions that a checkpoint has no reason to call, and an attack has. */
const DANGEROUS =
  /^(posix|nt|os|subprocess|pty|socket|shutil|runpy|webbrowser|ctypes|importlib|sys|commands|popen2|pickle|dill)\b|^(builtins|__builtin__)\.(eval|exec|execfile|compile|open|__import__|input|breakpoint)$/;

function warningOf(globals: ReadonlySet<string>): string[] {
  const found = [...globals].find((name) => DANGEROUS.test(name));
  if (!found) return [];
  return [
    `The file asks Python to run ${found} when it is loaded. Nothing of it was run here; do not load it in Python.`,
  ];
}

async function checked(
  records: ReadonlyMap<string, TensorRecord>,
  storages: StorageFinder,
  epoch: number | null,
  notes: readonly string[],
): Promise<Checkpoint> {
  const widths = checkKeys(records);
  const tensors = new Map<string, TensorReader>();
  for (const [key, record] of records) {
    if (key.endsWith(COUNTER_SUFFIX)) continue;
    checkTensor(key, record, storages);
    if (!isFloat(record)) {
      throw badCheckpoint(
        `${key} is stored as ${record.storage.type ?? 'a type that is not known'}`,
        'FOREIGN',
      );
    }
    tensors.set(key, {
      shape: record.shape,
      read: async () => checkFinite(key, await readTensor(key, record, storages)),
    });
  }
  return { tensors, widths, epoch, notes };
}

function checkFinite(key: string, values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  let bad = 0;
  let example = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    if (bad === 0) example = values[i];
    bad++;
  }
  if (bad === 0) return values;
  throw badCheckpoint(`${key} holds ${example} in ${bad} of its ${values.length} values`, 'NOT_FINITE');
}

function checkKeys(records: ReadonlyMap<string, TensorRecord>): Widths {
  const { widths, differences, differenceCount } = checkLayout(records);
  const absent = NETWORK_IDS.filter((id) => widths[id] === 0);
  if (absent.join() === 'fineDepth') {
    throw badCheckpoint('This is a checkpoint of training phase 1: it has no refine network', 'PHASE_ONE');
  }
  if (differenceCount > 0) {
    const more = differenceCount - differences.length;
    const rest = more > 0 ? `; and ${more} more` : '';
    throw badCheckpoint(
      `The weights do not fit this model: ${differences.join('; ')}${rest}`,
      'CHANGED_MODEL',
    );
  }
  return widths;
}
