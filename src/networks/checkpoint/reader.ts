/**
 * Opens a torch.save checkpoint of this method without Python: table of contents, `model_state_dict` alone, `module.`
 * removed, every key and shape checked. Tensors are read one at a time, by slices of the file.
 */
import { COUNTER_SUFFIX, checkLayout, type Widths } from '../layout.ts';
import { KEY_PREFIX } from '../network-ids.ts';
import type { TensorReader } from '../packs/tensors.ts';
import type { ByteSource } from './byte-source.ts';
import { openContainer } from './containers.ts';
import { badCheckpoint } from './errors.ts';
import { type PickleValue, TensorRecord } from './pickle-values.ts';
import { checkTensor, isFloat, readTensor } from './storages.ts';

export interface Checkpoint {
  /** The f32 tensors (counters left out), by key, in the file's order. */
  readonly tensors: ReadonlyMap<string, TensorReader>;
  readonly widths: Widths;
  readonly epoch: number | null;
}

/**
 * @throws StageError E_BAD_CHECKPOINT: truncated, another kind of file, unknown global, damaged storages, wrong keys or
 *   shapes (the first differences are named), or a phase-1 checkpoint.
 */
export async function openCheckpoint(source: ByteSource): Promise<Checkpoint> {
  const container = await openContainer(source);
  const records = stateDict(container.root);
  const widths = checkKeys(records);
  const storages = await container.storages();
  const tensors = new Map<string, TensorReader>();
  for (const [key, record] of records) {
    checkTensor(key, record, storages);
    if (key.endsWith(COUNTER_SUFFIX)) continue;
    if (!isFloat(record)) throw badCheckpoint(`${key} is stored as ${record.storage.type}`, 'FOREIGN');
    tensors.set(key, {
      shape: record.shape,
      read: () => readTensor(source, key, record, storages),
    });
  }
  const epoch = container.root instanceof Map ? container.root.get('epoch') : null;
  return { tensors, widths, epoch: typeof epoch === 'number' ? epoch : null };
}

function stateDict(root: PickleValue): Map<string, TensorRecord> {
  const state = root instanceof Map ? root.get('model_state_dict') : undefined;
  if (!(state instanceof Map)) {
    throw badCheckpoint('The file was written by torch.save but has no model_state_dict', 'NOT_A_CHECKPOINT');
  }
  const out = new Map<string, TensorRecord>();
  for (const [key, value] of state) {
    if (typeof key !== 'string' || !(value instanceof TensorRecord)) {
      throw badCheckpoint('The model_state_dict holds something that is not a named tensor', 'FOREIGN');
    }
    // The original's loader removes every occurrence (docs/method.md#checkpoint).
    const name = key.replaceAll('module.', '');
    if (out.has(name)) throw badCheckpoint(`${name} occurs twice in the model_state_dict`, 'DAMAGED');
    out.set(name, value);
  }
  return out;
}

function checkKeys(records: ReadonlyMap<string, TensorRecord>): Widths {
  const refine = `${KEY_PREFIX.fineDepth}.`;
  const hasRefine = [...records.keys()].some((key) => key.startsWith(refine));
  if (!hasRefine && records.has(`${KEY_PREFIX.coarseNormal}.Conv1.conv.0.weight`)) {
    throw badCheckpoint('This is a checkpoint of training phase 1: it has no refine network', 'PHASE_ONE');
  }
  const { widths, differences, differenceCount } = checkLayout(records, 'required');
  if (differenceCount > 0) {
    const more = differenceCount - differences.length;
    const rest = more > 0 ? `; and ${more} more` : '';
    throw badCheckpoint(
      `The weights do not fit this model: ${differences.join('; ')}${rest}`,
      'NOT_A_CHECKPOINT',
    );
  }
  return widths;
}
