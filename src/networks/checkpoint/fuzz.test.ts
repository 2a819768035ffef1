/**
 * Mutated checkpoints: whatever happens to the bytes, the reader ends soon with weights or with E_BAD_CHECKPOINT. Seed 1,
 * unless STATUETTE_FUZZ_SEED says another; STATUETTE_FUZZ_TIMES=20 hunts for longer.
 * Wrapped ones too (a zip around it, deflated entries, tar, gzip, safetensors), tables of contents full of objects, and
 * programs of random pickle instructions. Mutations: flipped bits, random bytes, interesting numbers, cuts, repeats and moves, aimed mostly at the table of
 * contents and at the zip's own records, where the structure is.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliDecompressSync, constants } from 'node:zlib';
import { gzipSync, unzipSync, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { type CheckpointTensor, checkpointBytes } from '../../../tests/checkpoints/write.ts';
import { deterministicWeights } from '../../../tests/deterministic-weights.ts';
import { hashNoise } from '../../base/deterministic.ts';
import { StageError } from '../../base/errors.ts';
import type { Widths } from '../layout.ts';
import { KEY_PREFIX, NETWORK_IDS, type NetworkId } from '../network-ids.ts';
import { safetensorsLayout } from '../packs/safetensors.ts';
import { bytesSource } from './byte-source.ts';
import { isPickle, type OpenContainer, openOldContainer, openZipContainer, tableOf } from './containers.ts';
import { otherFileError } from './other-files.ts';
import { unpickle } from './pickle.ts';
import { openCheckpoint } from './reader.ts';
import { findStateDict } from './state-dict.ts';
import { isFloat, readTensor } from './storages.ts';
import { isZip, readZipDirectory } from './zip.ts';

const TIMES = Number(process.env.STATUETTE_FUZZ_TIMES ?? 1);
/** Of whole checkpoints (3 MB, 1504 keys) through the reader. */
const WHOLE_MUTATIONS = 1_000 * TIMES;
/** Of checkpoints with the fineDepth network alone (90 keys), every tensor of which is read: 40 times faster. */
const SMALL_MUTATIONS = 10_000 * TIMES;
/** Of a whole checkpoint in an archive. */
const WRAPPED_MUTATIONS = 500 * TIMES;
/** Of the tables of contents of tests/cases with every kind of object. */
const TABLE_MUTATIONS = 750 * TIMES;
const RANDOM_PROGRAMS = 10_000 * TIMES;
/** For a longer hunt: more mutations, others. */
const SEED = Number(process.env.STATUETTE_FUZZ_SEED ?? 1);
const MEMORY_LIMIT_BYTES = 500e6;
/** Processor time one damaged file may take. */
const SLOWEST_MS = 1000;

const CASES = resolve(import.meta.dirname, '../../../tests/cases/checkpoints');

const SMALL = Object.fromEntries(NETWORK_IDS.map((id) => [id, 4])) as Record<
  NetworkId,
  number
> satisfies Widths;
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

let state = 0;
/** Whole number in [0, below). */
const random = (below: number) => Math.floor(((hashNoise(SEED, state++) + 1) / 2) * below);

interface Region {
  readonly start: number;
  readonly end: number;
}

function mutate(original: Uint8Array, regions: readonly Region[]): Uint8Array {
  let bytes = original.slice();
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const region = regions[random(regions.length)];
    const at = Math.min(region.start + random(region.end - region.start), bytes.length - 1);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    switch (random(7)) {
      case 0:
        bytes[at] ^= 1 << random(8);
        break;
      case 1:
        bytes[at] = random(256);
        break;
      case 2:
        if (at + 4 <= bytes.length) view.setUint32(at, NUMBERS[random(NUMBERS.length)], true);
        break;
      case 3:
        if (at + 8 <= bytes.length) view.setBigUint64(at, 1n << BigInt(random(64)), true);
        break;
      case 4:
        bytes = bytes.slice(0, at + 1);
        break;
      case 5:
        bytes.copyWithin(at, random(bytes.length), random(bytes.length));
        break;
      default: {
        const length = Math.min(1 + random(200), bytes.length - at);
        bytes.copyWithin(at, region.start + random(region.end - region.start), bytes.length);
        bytes = bytes.slice(0, bytes.length - random(length));
      }
    }
  }
  return bytes;
}

function regionsOf(bytes: Uint8Array, container: 'zip' | 'zip64' | 'old'): Region[] {
  const whole = { start: 0, end: bytes.length };
  // The table of contents is the first entry; in a small file it is most of what comes before the weights.
  const table = { start: 100, end: Math.min(180_000, bytes.length / 4) };
  if (container === 'old') return [{ start: 0, end: 400 }, table, whole];
  const view = new DataView(bytes.buffer);
  let directory = bytes.length - 22;
  while (view.getUint32(directory, true) !== 0x06054b50) directory--;
  let first = 0;
  while (view.getUint32(first, true) !== 0x02014b50) first += 2;
  return [
    { start: 0, end: 600 },
    table,
    { start: first, end: bytes.length },
    { start: bytes.length - 120, end: bytes.length },
    whole,
  ];
}

/** Everything a container holds, without asking whether it is a model. */
async function readAll(bytes: Uint8Array): Promise<void> {
  const source = bytesSource(bytes);
  if (source.size === 0) return;
  let container: OpenContainer;
  if (await isZip(source)) {
    const entries = await readZipDirectory(source);
    const table = tableOf(entries);
    if (table === null) return;
    container = await openZipContainer(source, entries, table);
  } else {
    if (!(await isPickle(source))) throw await otherFileError(source);
    container = await openOldContainer(source);
  }
  const { records } = findStateDict(container.root);
  const finder = await container.storages();
  for (const [key, record] of records) if (isFloat(record)) await readTensor(key, record, finder);
}

/** The whole reader, and a few tensors. */
async function readSome(bytes: Uint8Array): Promise<void> {
  const checkpoint = await openCheckpoint(bytesSource(bytes));
  const tensors = [...checkpoint.tensors.values()];
  for (let n = 0; n < 4; n++) await tensors[random(tensors.length)].read();
}

interface Original {
  readonly bytes: Uint8Array;
  readonly regions: readonly Region[];
}

async function fuzz(
  weights: ReadonlyMap<string, CheckpointTensor>,
  mutations: number,
  read: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const originals = (['zip', 'zip64', 'old'] as const).map((container) => {
    const bytes = checkpointBytes(weights, { container });
    return { bytes, regions: regionsOf(bytes, container) };
  });
  await fuzzAll(originals, mutations, read, 0.25);
}

/** @param leastRefused share of the mutants that must be refused: a reader that takes everything reads nothing. */
async function fuzzAll(
  originals: readonly Original[],
  mutations: number,
  read: (bytes: Uint8Array) => Promise<void>,
  leastRefused: number,
): Promise<void> {
  for (const { bytes } of originals) await read(bytes);
  const judge = new Judge();
  for (let i = 0; i < mutations; i++) {
    const { bytes, regions } = originals[i % originals.length];
    await judge.try(() => read(mutate(bytes, regions)));
  }
  judge.sum(leastRefused);
}

/** Counts how tries end; anything but an answer or E_BAD_CHECKPOINT, in time and memory, fails the test. */
class Judge {
  private tries = 0;
  private refused = 0;
  private slowest = 0;

  async try(read: () => Promise<void> | void): Promise<void> {
    const before = process.cpuUsage();
    try {
      await read();
    } catch (error) {
      if (!(error instanceof StageError) || error.code !== 'E_BAD_CHECKPOINT') {
        throw new Error(`mutation ${this.tries} ended in a foreign error: ${String(error)}`, {
          cause: error,
        });
      }
      this.refused++;
    }
    this.slowest = Math.max(this.slowest, process.cpuUsage(before).user / 1000);
    if (this.tries++ % 1000 === 0)
      expect(process.memoryUsage().rss).toBeLessThan(startBytes + MEMORY_LIMIT_BYTES);
  }

  sum(leastRefused: number): void {
    console.info(`${this.tries} mutations, ${this.refused} refused, slowest ${this.slowest.toFixed(0)} ms`);
    expect(this.refused).toBeGreaterThan(this.tries * leastRefused);
    expect(this.slowest).toBeLessThan(SLOWEST_MS);
  }
}

const startBytes = process.memoryUsage().rss;
const weights = deterministicWeights(SMALL, 'fuzz/');

test(`${SMALL_MUTATIONS} mutations of small checkpoints, seed ${SEED}`, async () => {
  const refine = new Map([...weights].filter(([key]) => key.startsWith(KEY_PREFIX.fineDepth)));
  await fuzz(refine, SMALL_MUTATIONS, readAll);
});

test(`${WHOLE_MUTATIONS} mutations of whole checkpoints, seed ${SEED}`, async () => {
  await fuzz(weights, WHOLE_MUTATIONS, readSome);
});

test(`${WRAPPED_MUTATIONS} mutations of checkpoints in archives, seed ${SEED}`, async () => {
  const plain = checkpointBytes(weights);
  const wrapped: Uint8Array[] = [
    zipSync({ 'ckpt/ckpt.pth.tar': plain }, { level: 0 }),
    zipSync({ 'ckpt/ckpt.pth.tar': plain }, { level: 1 }),
    zipSync(unzipSync(plain), { level: 1 }),
    tarOf('ckpt.pth', plain),
    gzipSync(plain, { level: 1 }),
    safetensorsOf(weights),
  ];
  const originals = wrapped.map((bytes) => {
    const { length } = bytes;
    const ends = [
      { start: 0, end: Math.min(length, 1200) },
      { start: Math.max(0, length - 400), end: length },
    ];
    return { bytes, regions: [...ends, ...ends, { start: 0, end: length }] };
  });
  await fuzzAll(originals, WRAPPED_MUTATIONS, readSome, 0.25);
});

test(`${TABLE_MUTATIONS} mutations of tables of contents full of objects, seed ${SEED}`, async () => {
  const cases = brotliDecompressSync(readFileSync(join(CASES, 'cases.zip.br')), {
    params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 },
  });
  const files = unzipSync(cases, { filter: ({ name }) => /^(objects|old_opcodes|whole_module)/.test(name) });
  const originals = Object.values(files).map((file) => {
    const inside = unzipSync(file, { filter: ({ name }) => name.endsWith('data.pkl') });
    const bytes = Object.values(inside)[0];
    // The objects stand behind the weights.
    const tail = { start: Math.max(0, bytes.length - 9000), end: bytes.length };
    return { bytes, regions: [tail, tail, tail, { start: 0, end: bytes.length }] };
  });
  expect(originals).toHaveLength(6);
  const read = async (bytes: Uint8Array) => void findStateDict(unpickle(bytes).value);
  await fuzzAll(originals, TABLE_MUTATIONS, read, 0.25);
});

test(`${RANDOM_PROGRAMS} random pickle programs, seed ${SEED}`, async () => {
  const judge = new Judge();
  // Instructions that make, store and combine values, more often than bytes that mean nothing.
  const useful = [
    0x28, 0x29, 0x5d, 0x7d, 0x8f, 0x4e, 0x4b, 0x85, 0x86, 0x87, 0x74, 0x6c, 0x64, 0x61, 0x65, 0x73, 0x75,
  ];
  const objects = [
    0x52, 0x81, 0x92, 0x6f, 0x62, 0x51, 0x90, 0x91, 0x94, 0x68, 0x30, 0x31, 0x32, 0x97, 0x98, 0x82,
  ];
  const names = [
    'ccollections\nOrderedDict\n',
    'ctorch._utils\n_rebuild_tensor_v2\n',
    'ctorch\nFloatStorage\n',
    'iposix\nsystem\n',
    'I7\n',
    'p3\n',
    'g3\n',
  ];
  for (let i = 0; i < RANDOM_PROGRAMS; i++) {
    // Enough values that the first instructions find some.
    const program: number[] = Array.from({ length: 12 }, () => [0x29, 0x5d, 0x7d, 0x4e][random(4)]);
    for (let n = 4 + random(60); n > 0; n--) {
      const kind = random(8);
      if (kind < 3) program.push(useful[random(useful.length)]);
      else if (kind < 6) program.push(objects[random(objects.length)]);
      else if (kind === 6) for (const c of names[random(names.length)]) program.push(c.charCodeAt(0));
      else program.push(random(256));
    }
    program.push(0x2e);
    await judge.try(() => void unpickle(Uint8Array.from(program)));
  }
  judge.sum(0.25);
});

/** A tar of one file. */
function tarOf(name: string, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(512 + Math.ceil(bytes.length / 512) * 512 + 1024);
  const put = (text: string, at: number) => out.set(new TextEncoder().encode(text), at);
  put(name, 0);
  put(bytes.length.toString(8).padStart(11, '0'), 124);
  put('        0', 148);
  put('ustar', 257);
  const sum = out.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  out.set(bytes, 512);
  return out;
}

function safetensorsOf(tensors: ReadonlyMap<string, CheckpointTensor>): Uint8Array {
  const layout = new Map([...tensors].map(([key, { shape }]) => [key, { shape, precision: 'f32' as const }]));
  const { header, pieces, totalBytes } = safetensorsLayout(layout);
  const out = new Uint8Array(totalBytes);
  out.set(header);
  let at = header.length;
  for (const { key } of pieces) {
    const { data } = tensors.get(key)!;
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return out;
}
