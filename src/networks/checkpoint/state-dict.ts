/**
 * Finds the weights of this method wherever a training script put them: under any key, in nested dictionaries, in pickled
 * modules (`_parameters`, `_buffers`, `_modules`), behind the prefixes of wrappers (DataParallel, torch.compile, FSDP,
 * Lightning), in several copies (EMA). Every tensor gets its whole path in the file; what stands before the name of one of
 * the eight networks is the wrapper, and the tensors of one wrapper are one candidate.
 */
import { COUNTER_SUFFIX, networkLayout } from '../layout.ts';
import { KEY_PREFIX, NETWORK_IDS } from '../network-ids.ts';
import { badCheckpoint, otherFile } from './errors.ts';
import { nameOf, Opaque, type PickleValue, TensorRecord } from './pickle-values.ts';

export interface StateDict {
  /** Under the reference's keys. */
  readonly records: ReadonlyMap<string, TensorRecord>;
  /** Sentences about a choice that was made. */
  readonly notes: readonly string[];
}

/** A path that is a checkpoint's is far shorter and less deep; a hostile file's may not be. */
const MAX_DEPTH = 32;
const MAX_SEGMENT = 300;
/** Steps of the walk after which nothing is walked through a second time; a checkpoint with optimiser state takes 10,000. */
const MAX_STEPS_AGAIN = 200_000;

/** Wrappers of modules that may stand anywhere in a key, and say nothing of what is inside. */
const WRAPPERS = new Set([
  'module',
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
  '_forward_module',
]);
/** What profilers and averaging leave among the buffers: thop, torch.optim.swa_utils. */
const BOOKKEEPING = new Set(['total_ops', 'total_params', 'n_averaged']);
const AVERAGED = /(^|[._-])(ema|swa|shadow|averaged?|teacher|polyak|lookahead)([._-]|$)/i;
/** Networks that losses are computed with, saved beside the model. */
const TRAINING_ONLY = /^(criterion|loss|perceptual|vgg|lpips|discriminator|netD|metric)/i;
/** What the original's loader reads. */
const ORIGINAL = 'model_state_dict';

const NETWORK_NAMES = new Set<string>(Object.values(KEY_PREFIX));

/** Values that stand for a tensor under a key: a tensor, or something in its place. */
type Leaf = TensorRecord | Opaque;

interface Candidate {
  readonly wrapper: string;
  readonly leaves: Map<string, Leaf>;
  /** Keys that this model has. */
  known: number;
}

/**
 * @throws StageError E_BAD_CHECKPOINT when there are none of this method's weights, a tensor is there twice, or something
 *   other than a plain tensor stands in the place of one.
 */
export function findStateDict(root: PickleValue): StateDict {
  const leaves = flatten(root);
  const { candidates, others } = sort(leaves);
  candidates.sort(
    (a, b) =>
      b.known - a.known ||
      Number(AVERAGED.test(a.wrapper)) - Number(AVERAGED.test(b.wrapper)) ||
      Number(b.wrapper.startsWith(ORIGINAL)) - Number(a.wrapper.startsWith(ORIGINAL)) ||
      a.wrapper.length - b.wrapper.length,
  );
  const [chosen] = candidates;
  if (!chosen || chosen.known === 0) throw anotherModel(root, leaves);
  const records = new Map<string, TensorRecord>();
  for (const [key, leaf] of chosen.leaves) {
    if (leaf instanceof TensorRecord) records.set(key, leaf);
    else if (KNOWN_KEYS.has(key)) {
      throw badCheckpoint(`${key} is not a plain tensor but ${leaf.name}`, 'FOREIGN');
    }
  }
  const notes = notesOf(chosen, candidates);
  const leftOut = new Set<string>();
  for (const [path, record] of others) {
    const key = besideNetworks(path, chosen, candidates);
    if (key === null) continue;
    const [first] = key.split('.');
    // A tensor beside the networks is part of the model that was saved, and then this is not that model.
    if (TRAINING_ONLY.test(first)) leftOut.add(first);
    else records.set(key, record);
  }
  if (leftOut.size > 0) notes.push(`Left out, as only training needs it: ${[...leftOut].join(', ')}.`);
  return { records, notes };
}

/** Key of a tensor that stands in the state dict beside the networks; null when it stands elsewhere in the file. */
function besideNetworks(path: string, chosen: Candidate, candidates: readonly Candidate[]): string | null {
  const begin = chosen.wrapper === '' ? '' : `${chosen.wrapper}.`;
  if (!path.startsWith(begin)) return null;
  const isOther = ({ wrapper }: Candidate) => wrapper.length > begin.length && path.startsWith(`${wrapper}.`);
  if (candidates.some((c) => c !== chosen && isOther(c))) return null;
  const key = path.slice(begin.length);
  if (AVERAGED.test(key.split('.')[0])) return null;
  // A bare state dict is the whole file, and may have a tensor of the random state or the best loss beside it.
  return begin === '' && !/\.(weight|bias|running_mean|running_var)$/.test(key) ? null : key;
}

/** All keys of the model, counters too, whatever its widths. */
const KNOWN_KEYS: ReadonlySet<string> = new Set(
  NETWORK_IDS.flatMap((id) => [...networkLayout(id, 4).keys()]),
);

/** Every tensor with its path; placeholders too where a tensor could be. */
function flatten(root: PickleValue): Map<string, Leaf> {
  const out = new Map<string, Leaf>();
  const seen = new Set<PickleValue>();
  /** What the walk is inside of: a value that holds itself is not entered again. */
  const around = new Set<PickleValue>();
  let steps = 0;
  const visit = (value: PickleValue, path: string, depth: number) => {
    steps++;
    if (value instanceof TensorRecord) {
      out.set(path, value);
      return;
    }
    const isTree = value instanceof Map || value instanceof Opaque || Array.isArray(value);
    if (!isTree || depth > MAX_DEPTH || around.has(value)) return;
    // One dictionary under two names is two copies, but references to references must not multiply.
    if (seen.has(value) && steps > MAX_STEPS_AGAIN) return;
    seen.add(value);
    around.add(value);
    visitTree(value, path, depth);
    around.delete(value);
  };
  const visitTree = (
    value: PickleValue[] | Map<PickleValue, PickleValue> | Opaque,
    path: string,
    depth: number,
  ) => {
    if (value instanceof Opaque) {
      if (path) out.set(path, value);
      visitAttributes(value.state, path, depth);
      if (value.entries) visitItems(value.entries, path, depth);
      // Dictionaries of other libraries take their items as an argument.
      if (Array.isArray(value.args))
        for (const arg of value.args) if (arg instanceof Map) visitItems(arg, path, depth);
    } else visitItems(value, path, depth);
  };
  const visitItems = (items: Map<PickleValue, PickleValue> | PickleValue[], path: string, depth: number) => {
    for (const [key, item] of items.entries()) {
      const name = typeof key === 'string' || typeof key === 'number' ? String(key) : '';
      if (name && name.length <= MAX_SEGMENT) visit(item, path ? `${path}.${name}` : name, depth + 1);
    }
  };
  /** The parts of a module are named as in its own state_dict: without the dictionaries that hold them. */
  const visitAttributes = (state: PickleValue, path: string, depth: number) => {
    if (!(state instanceof Map)) return;
    for (const [key, item] of state) {
      if (key === '_parameters' || key === '_buffers' || key === '_modules') {
        if (item instanceof Map) visitItems(item, path, depth);
        else if (item instanceof Opaque && item.entries) visitItems(item.entries, path, depth);
      } else visitItems(new Map([[key, item]]), path, depth);
    }
  };
  visit(root, '', 0);
  return out;
}

/** Puts every leaf to its wrapper, or to what belongs to no network. */
function sort(leaves: ReadonlyMap<string, Leaf>): {
  candidates: Candidate[];
  others: Map<string, TensorRecord>;
} {
  const candidates = new Map<string, Candidate>();
  const others = new Map<string, TensorRecord>();
  for (const [path, leaf] of leaves) {
    // The original's loader removes every occurrence of `module.` (docs/method.md#checkpoint).
    const segments = path.split('.').filter((segment) => !WRAPPERS.has(segment));
    if (BOOKKEEPING.has(segments[segments.length - 1])) continue;
    const at = segments.findIndex((segment) => NETWORK_NAMES.has(segment));
    if (at < 0 || at === segments.length - 1) {
      if (leaf instanceof TensorRecord) others.set(segments.join('.'), leaf);
      continue;
    }
    const wrapper = segments.slice(0, at).join('.');
    const key = segments.slice(at).join('.');
    let candidate = candidates.get(wrapper);
    if (!candidate) {
      candidate = { wrapper, leaves: new Map(), known: 0 };
      candidates.set(wrapper, candidate);
    }
    const before = candidate.leaves.get(key);
    if (before instanceof TensorRecord && leaf instanceof TensorRecord) {
      throw badCheckpoint(`${key} occurs twice in ${whereOf(wrapper)}`, 'DAMAGED');
    }
    if (before instanceof TensorRecord) continue;
    candidate.leaves.set(key, leaf);
    if (leaf instanceof TensorRecord && KNOWN_KEYS.has(key) && !key.endsWith(COUNTER_SUFFIX))
      candidate.known++;
  }
  return { candidates: [...candidates.values()], others };
}

const whereOf = (wrapper: string) => (wrapper === '' ? 'the state dict' : wrapper);

function notesOf(chosen: Candidate, candidates: readonly Candidate[]): string[] {
  const complete = candidates.filter((c) => c !== chosen && c.known >= chosen.known);
  if (complete.length > 0) {
    const named = complete.slice(0, 3).map(({ wrapper }) => whereOf(wrapper));
    const averaged = complete.every(({ wrapper }) => AVERAGED.test(wrapper));
    return [
      `The file also has ${averaged ? 'averaged weights' : 'the weights'} in ${named.join(', ')}: ` +
        `those of ${whereOf(chosen.wrapper)} were taken.`,
    ];
  }
  if (!AVERAGED.test(chosen.wrapper)) return [];
  return [
    `The weights taken are the averaged ones of ${chosen.wrapper}; the file has no others that are complete.`,
  ];
}

const CHOOSE = 'Use a checkpoint of this method (2K2K), for instance ckpt_bg_mask.pth.tar.';

function anotherModel(root: PickleValue, leaves: ReadonlyMap<string, Leaf>): Error {
  const tensors = [...leaves].filter(([, leaf]) => leaf instanceof TensorRecord).map(([path]) => path);
  if (tensors.length === 0) {
    const arrays = [...leaves.values()].find((leaf) => nameOf(leaf).startsWith('numpy.'));
    const state = root instanceof Map ? root.get(ORIGINAL) : undefined;
    if (state !== undefined && !(state instanceof Map)) {
      return otherFile(
        `The ${ORIGINAL} of the file is ${nameOf(state)}, not a dictionary of tensors`,
        'Save the state_dict of the model with torch.save, or use a checkpoint of this method.',
      );
    }
    return otherFile(
      `The file has no tensors${arrays ? ', only NumPy arrays' : ''}: no state dict was saved in it`,
      'Save the state_dict of the model with torch.save, or use a checkpoint of this method.',
    );
  }
  const some = tensors.slice(0, 3).map((path) => path.slice(0, 80));
  return otherFile(
    `The file holds the weights of another model: ${tensors.length} tensor${tensors.length > 1 ? 's' : ''} (${some.join(', ')}${tensors.length > 3 ? ', ...' : ''}), ` +
      'none of which belongs to the eight networks of this method',
    CHOOSE,
  );
}
