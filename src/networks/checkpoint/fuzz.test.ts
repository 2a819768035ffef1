/**
 * Mutated checkpoints: whatever happens to the bytes, the reader ends soon with weights or with E_BAD_CHECKPOINT. Seed 1.
 * Mutations: flipped bits, random bytes, interesting numbers, cuts, repeats and moves, aimed mostly at the table of
 * contents and at the zip's own records, where the structure is.
 */
import { expect, test } from 'vitest';
import { type CheckpointTensor, checkpointBytes } from '../../../tests/checkpoints/write.ts';
import { deterministicWeights } from '../../../tests/deterministic-weights.ts';
import { hashNoise } from '../../base/deterministic.ts';
import { StageError } from '../../base/errors.ts';
import type { Widths } from '../layout.ts';
import { KEY_PREFIX, NETWORK_IDS, type NetworkId } from '../network-ids.ts';
import { bytesSource } from './byte-source.ts';
import { isPickle, type OpenContainer, openOldContainer, openZipContainer, tableOf } from './containers.ts';
import { otherFileError } from './other-files.ts';
import { openCheckpoint } from './reader.ts';
import { findStateDict } from './state-dict.ts';
import { isFloat, readTensor } from './storages.ts';
import { isZip, readZipDirectory } from './zip.ts';

/** Of whole checkpoints (3 MB, 1504 keys) through the reader. */
const WHOLE_MUTATIONS = 2_000;
/** Of checkpoints with the fineDepth network alone (90 keys), every tensor of which is read: 40 times faster. */
const SMALL_MUTATIONS = 20_000;
const SEED = 1;
const MEMORY_LIMIT_BYTES = 500e6;
/** Processor time one damaged file may take. */
const SLOWEST_MS = 1000;

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

async function fuzz(
  weights: ReadonlyMap<string, CheckpointTensor>,
  mutations: number,
  read: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const originals = (['zip', 'zip64', 'old'] as const).map((container) => {
    const bytes = checkpointBytes(weights, { container });
    return { bytes, regions: regionsOf(bytes, container) };
  });
  for (const { bytes } of originals) await read(bytes);
  let refused = 0;
  let slowest = 0;
  for (let i = 0; i < mutations; i++) {
    const { bytes, regions } = originals[i % originals.length];
    const mutant = mutate(bytes, regions);
    const before = process.cpuUsage();
    try {
      await read(mutant);
    } catch (error) {
      if (!(error instanceof StageError) || error.code !== 'E_BAD_CHECKPOINT') {
        throw new Error(`mutation ${i} ended in a foreign error: ${String(error)}`, { cause: error });
      }
      refused++;
    }
    slowest = Math.max(slowest, process.cpuUsage(before).user / 1000);
    if (i % 1000 === 0) expect(process.memoryUsage().rss).toBeLessThan(startBytes + MEMORY_LIMIT_BYTES);
  }
  console.info(`${mutations} mutations, ${refused} refused, slowest ${slowest.toFixed(0)} ms`);
  expect(refused).toBeGreaterThan(mutations / 4);
  expect(slowest).toBeLessThan(SLOWEST_MS);
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
