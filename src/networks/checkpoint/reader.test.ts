/** Checkpoints in the real format, good and bad. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type CheckpointOptions, checkpointBytes } from '../../../tests/checkpoints/write.ts';
import { deterministicWeights } from '../../../tests/deterministic-weights.ts';
import { StageError } from '../../base/errors.ts';
import { fullLayout, REFERENCE_WIDTHS, type Widths } from '../layout.ts';
import { NETWORK_IDS, type NetworkId } from '../network-ids.ts';
import type { WeightTensor } from '../packs/tensors.ts';
import { type ByteSource, bytesSource } from './byte-source.ts';
import { openCheckpoint } from './reader.ts';

const SMALL = Object.fromEntries(NETWORK_IDS.map((id) => [id, 4])) as Record<
  NetworkId,
  number
> satisfies Widths;
let weights: Map<string, WeightTensor>;
let plain: Uint8Array<ArrayBuffer>;
beforeAll(() => {
  weights = deterministicWeights(SMALL, 'small/');
  plain = checkpointBytes(weights);
}, 120_000);

/** The bytes of a text. */
const latin = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

function find(bytes: Uint8Array, wanted: Uint8Array, from = 0): number {
  for (let i = from; i + wanted.length <= bytes.length; i++) {
    if (wanted.every((b, j) => bytes[i + j] === b)) return i;
  }
  throw new Error('not found');
}

function changed(
  bytes: Uint8Array,
  edit: (copy: Uint8Array, view: DataView) => void,
): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  edit(copy, new DataView(copy.buffer));
  return copy;
}

async function failure(bytes: Uint8Array): Promise<StageError> {
  try {
    const checkpoint = await openCheckpoint(bytesSource(bytes));
    for (const tensor of checkpoint.tensors.values()) await tensor.read();
  } catch (error) {
    expect(error).toBeInstanceOf(StageError);
    expect((error as StageError).code).toBe('E_BAD_CHECKPOINT');
    expect((error as StageError).fix).not.toBe('');
    return error as StageError;
  }
  throw new Error('no error was thrown');
}

describe('good checkpoints', () => {
  const cases: Record<string, Partial<CheckpointOptions>> = {
    'as torch 1.13 writes it': {},
    'with zip64 fields': { container: 'zip64' },
    'old container': { container: 'old' },
    'old container with optimiser': { container: 'old', optimizer: true },
    'module. before every key, from a GPU, with byteorder': {
      keyPrefix: 'module.',
      location: 'cuda:0',
      byteOrder: true,
    },
    'module. twice': { keyPrefix: 'module.module.' },
    'with optimiser state': { optimizer: true },
    'strided views with an offset': { strided: true },
    doubles: { type: 'f64' },
  };
  for (const [name, options] of Object.entries(cases)) {
    test(name, async () => {
      const checkpoint = await openCheckpoint(bytesSource(checkpointBytes(weights, options)));
      expect(checkpoint.widths).toEqual(SMALL);
      expect(checkpoint.epoch).toBe(1);
      expect(checkpoint.tensors.size).toBe(1504 - 212);
      for (const [key, expected] of weights) {
        const found = checkpoint.tensors.get(key)!;
        expect(found.shape).toEqual(expected.shape);
        const same = Buffer.compare(
          Buffer.from((await found.read()).buffer),
          Buffer.from(expected.data.buffer),
        );
        if (same !== 0) throw new Error(`${key} differs`);
      }
    });
  }

  for (const [type, tolerance] of [
    ['f16', 2 ** -11],
    ['bf16', 2 ** -7],
  ] as const) {
    test(`${type} to within its rounding`, async () => {
      const checkpoint = await openCheckpoint(bytesSource(checkpointBytes(weights, { type })));
      for (const [key, expected] of weights) {
        const values = await checkpoint.tensors.get(key)!.read();
        for (let i = 0; i < values.length; i++) {
          const limit = tolerance * Math.abs(expected.data[i]) + 2 ** -24;
          if (!(Math.abs(values[i] - expected.data[i]) <= limit))
            throw new Error(`${key}[${i}]: ${values[i]}`);
        }
      }
    });
  }

  test('is read by slices: only the table, the directory and the weights', async () => {
    const bytes = checkpointBytes(weights, { optimizer: true });
    let read = 0;
    let largest = 0;
    const source: ByteSource = {
      size: bytes.length,
      read: async (offset, length) => {
        read += length;
        largest = Math.max(largest, length);
        return bytes.slice(offset, offset + length);
      },
    };
    const checkpoint = await openCheckpoint(source);
    for (const tensor of checkpoint.tensors.values()) await tensor.read();
    expect(read).toBeLessThan(bytes.length / 2);
    expect(largest).toBeLessThan(bytes.length / 3);
  });

  test('has the 1504 keys of the method', () => {
    expect(fullLayout(REFERENCE_WIDTHS).size).toBe(1504);
  });
});

describe('bad checkpoints: one clear sentence in under a second', () => {
  test('empty file', async () => {
    expect((await failure(new Uint8Array(0))).message).toBe('The file is empty.');
  });

  test('truncated', async () => {
    for (const share of [0.1, 0.5, 0.99]) {
      const error = await failure(plain.subarray(0, Math.floor(plain.length * share)));
      expect(error.message).toMatch(/no zip directory|ends before/);
      expect(error.fix).toMatch(/again/);
    }
  });

  test('truncated old container', async () => {
    const old = checkpointBytes(weights, { container: 'old' });
    for (const share of [0.02, 0.5, 0.999]) {
      const error = await failure(old.subarray(0, Math.floor(old.length * share)));
      expect(error.message).toMatch(/ends/);
    }
  });

  test('not a zip', async () => {
    expect((await failure(latin('<!doctype html><title>Sign in</title>'))).message).toMatch(
      /web page \(“Sign in”\)/,
    );
    expect((await failure(latin('Dear all'))).message).toMatch(/neither a zip/);
  });

  test('a zip of something else', async () => {
    const { zipSync } = await import('fflate');
    const stored = zipSync({ 'photo.txt': latin('hello') }, { level: 0 });
    expect((await failure(stored)).message).toMatch(/no data\.pkl/);
    const packed = zipSync({ 'x/data.pkl': new Uint8Array(5000) }, { level: 9 });
    expect((await failure(packed)).message).toMatch(/the byte 0x0 where a pickle has an instruction/);
  });

  test("a pickle that is not torch's", async () => {
    expect((await failure(Uint8Array.of(0x80, 2, 0x4b, 1, 0x2e))).message).toMatch(/not one of torch/);
  });

  test('a function to be called is not called, and said', async () => {
    const name = latin('ccollections\nOrderedDict\n');
    const evil = latin('cposix\nsystem\n');
    const bytes = changed(plain, (copy) => {
      const at = find(copy, name);
      copy.set(evil, at);
      // The rest of the old name becomes a harmless string, taken off the stack again.
      copy[at + evil.length] = 0x55;
      copy[at + evil.length + 1] = name.length - evil.length - 3;
      copy[at + name.length - 1] = 0x30;
    });
    const { notes, tensors } = await openCheckpoint(bytesSource(bytes));
    expect(tensors.size).toBe(1504 - 212);
    expect(notes).toEqual([
      'The file asks Python to run posix.system when it is loaded. Nothing of it was run here; do not load it in Python.',
    ]);
  });

  test('pickle bombs', async () => {
    // Nested marks and lists, a memo of everything, a string and an integer longer than the file.
    const bombs = [
      new Uint8Array(2_000_000).fill(0x28),
      new Uint8Array(2_000_000).fill(0x5d),
      Uint8Array.from([0x5d, ...new Array<number>(1_500_000).fill(0x32)]),
      Uint8Array.of(0x58, 0xff, 0xff, 0xff, 0x7f),
      Uint8Array.of(0x8b, 0xff, 0xff, 0xff, 0x7f),
      Uint8Array.of(0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
    ];
    const { zipSync } = await import('fflate');
    for (const bomb of bombs) {
      const table = new Uint8Array(bomb.length + 3);
      table.set([0x80, 2]);
      table.set(bomb, 2);
      table[table.length - 1] = 0x2e;
      await failure(zipSync({ 'x/data.pkl': table }, { level: 0 }));
    }
  });

  test('storage shorter than its tensor', async () => {
    const short = new Map(weights);
    const key = 'img2normal_arm.Conv2.conv.3.weight';
    const { shape, data } = short.get(key)!;
    short.set(key, { shape, data: data.slice(0, data.length - 8) });
    const error = await failure(checkpointBytes(short));
    expect(error.message).toMatch(/^The storage of img2normal_arm\.Conv2\.conv\.3\.weight has \d+ bytes/);
  });

  test('tensor reaches past its storage', async () => {
    const bytes = changed(plain, (copy) => {
      // The first weight's offset 0 (BININT1) becomes 255.
      const at = find(copy, latin('img2normal_down.Conv1.conv.0.weight'));
      const persid = copy.indexOf(0x51, at);
      expect(copy[persid + 1]).toBe(0x4b);
      copy[persid + 2] = 255;
    });
    expect((await failure(bytes)).message).toMatch(/needs \d+ values of its storage/);
  });

  test('overlapping and out-of-range zip entries', async () => {
    const directory = find(plain, Uint8Array.of(0x50, 0x4b, 1, 2));
    const second = find(plain, Uint8Array.of(0x50, 0x4b, 1, 2), directory + 4);
    const third = find(plain, Uint8Array.of(0x50, 0x4b, 1, 2), second + 4);
    const overlap = changed(plain, (_, view) => {
      view.setUint32(third + 42, view.getUint32(second + 42, true), true);
    });
    expect((await failure(overlap)).message).toMatch(/overlap/);
    const outside = changed(plain, (_, view) => view.setUint32(third + 42, 0x7fffffff, true));
    expect((await failure(outside)).message).toMatch(/outside the file/);
    const elsewhere = changed(plain, (_, view) => {
      view.setUint32(third + 42, view.getUint32(third + 42, true) + 1, true);
    });
    expect((await failure(elsewhere)).message).toMatch(/not where the directory says/);
  });

  test('missing, extra and wrong-shaped keys, each named', async () => {
    const key = 'ImgNorm_to_Dep.Up4.up.2.running_mean';
    const missing = new Map(weights);
    missing.delete(key);
    expect((await failure(checkpointBytes(missing))).message).toContain(`${key} is missing`);

    const extra = new Map(weights).set('img2normal_tail.weight', { shape: [2], data: new Float32Array(2) });
    expect((await failure(checkpointBytes(extra))).message).toContain(
      'img2normal_tail.weight is not part of this model',
    );

    const wrong = new Map(weights).set(key, { shape: [9], data: new Float32Array(9) });
    expect((await failure(checkpointBytes(wrong))).message).toContain(`${key} has shape [9], expected [32]`);
  });

  test('phase 1, named as such', async () => {
    const error = await failure(checkpointBytes(weights, { phaseOne: true }));
    expect(error.message).toMatch(/phase 1/);
    expect(error.fix).toMatch(/second training phase/);
  });

  test('integers as weights', async () => {
    const bytes = changed(plain, (copy) => {
      const at = find(copy, latin('ctorch\nFloatStorage\n'));
      copy.set(latin('ctorch\nShortStorage\n'), at);
    });
    expect((await failure(bytes)).message).toMatch(/stored as i16/);
  });

  test('weights under another key, and none of this method', async () => {
    const bytes = changed(plain, (copy) => {
      const at = find(copy, latin('model_state_dict'));
      copy.set(latin('x'), at);
    });
    expect((await openCheckpoint(bytesSource(bytes))).tensors.size).toBe(1504 - 212);
    const none = checkpointBytes(new Map([['a.weight', { shape: [2], data: new Float32Array(2) }]]));
    expect((await failure(none)).message).toMatch(
      /another model: 2 tensors \(best_loss, model_state_dict\.a\.weight\)/,
    );
  });
});
