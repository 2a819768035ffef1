/** Packs: written and read back, and refused with the first differences named. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkpointBytes } from '../../../tests/checkpoints/write.ts';
import { deterministicWeights } from '../../../tests/deterministic-weights.ts';
import { hashNoise } from '../../base/deterministic.ts';
import { StageError } from '../../base/errors.ts';
import { bytesSource } from '../checkpoint/byte-source.ts';
import { checkLayout, type Widths } from '../layout.ts';
import { NETWORK_IDS, type NetworkId } from '../network-ids.ts';
import { MANIFEST_FILE, type PackDescription, WEIGHTS_FILE } from './manifest.ts';
import { FileSink, openPackSource } from './open.ts';
import { openPack } from './pack.ts';
import { readSafetensors, type StoredPrecision } from './safetensors.ts';
import { sha256Hex, startSha256 } from './sha256.ts';
import { elementCount, readersOf, type WeightTensor } from './tensors.ts';
import { writePack } from './write-pack.ts';

const SMALL = Object.fromEntries(NETWORK_IDS.map((id) => [id, 4])) as Record<
  NetworkId,
  number
> satisfies Widths;
const ABOUT: PackDescription = {
  id: 'test',
  name: 'Test',
  version: '1',
  licence: 'CC0-1.0',
  trainingData: 'none',
  accuracy: [{ measure: 'nothing', value: 1, unit: 'mm' }],
  accuracyNote: 'made up',
};

let weights: Map<string, WeightTensor>;
beforeAll(() => {
  weights = deterministicWeights(SMALL, 'pack/');
}, 120_000);

async function packFiles(precision: StoredPrecision = 'f32'): Promise<File[]> {
  const sink = new FileSink();
  await writePack(readersOf(weights), ABOUT, precision, sink);
  return sink.files;
}

async function refusal(files: readonly File[] | Blob): Promise<StageError> {
  const error: unknown = await openPack(files).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StageError);
  expect((error as StageError).code).toBe('E_BAD_PACK');
  return error as StageError;
}

/** Rewrites weights.safetensors and states its size and hash in pack.json, so that only the change is found. */
async function withWeights(files: readonly File[], edit: (bytes: Uint8Array) => Uint8Array): Promise<File[]> {
  const weightsFile = files.find((f) => f.name === WEIGHTS_FILE)!;
  const manifestFile = files.find((f) => f.name === MANIFEST_FILE)!;
  const bytes = new Uint8Array(edit(new Uint8Array(await weightsFile.arrayBuffer())));
  const manifest = JSON.parse(await manifestFile.text()) as { files: unknown };
  manifest.files = [{ name: WEIGHTS_FILE, bytes: bytes.length, sha256: await sha256Hex(bytes) }];
  return [new File([bytes], WEIGHTS_FILE), new File([JSON.stringify(manifest)], MANIFEST_FILE)];
}

type Header = Record<string, { shape: number[]; dtype: string; data_offsets: [number, number] }>;

/** Changes the JSON header and keeps its length. */
function withHeader(bytes: Uint8Array, edit: (header: Header) => void): Uint8Array {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
  edit(header);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.max(length, json.length)).fill(0x20);
  padded.set(json);
  const out = new Uint8Array(8 + padded.length + bytes.length - 8 - length);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded.length), true);
  out.set(padded, 8);
  out.set(bytes.subarray(8 + length), 8 + padded.length);
  return out;
}

describe('round trip', () => {
  test('f32 keeps every bit', async () => {
    const pack = await openPack(await packFiles());
    expect(pack.manifest.widths).toEqual(SMALL);
    expect(pack.manifest.accuracy).toEqual(ABOUT.accuracy);
    expect(pack.tensors.size).toBe(weights.size);
    for (const [key, { shape, data }] of weights) {
      const found = pack.tensors.get(key)!;
      expect(found.shape).toEqual(shape);
      expect(Buffer.compare(Buffer.from((await found.read()).slice().buffer), Buffer.from(data.buffer))).toBe(
        0,
      );
    }
  });

  test('f16 rounds convolution weights only, and not those of fineDepth', async () => {
    const pack = await openPack(await packFiles('f16'));
    for (const [key, { shape, data }] of weights) {
      const found = await pack.tensors.get(key)!.read();
      let worst = 0;
      for (let i = 0; i < data.length; i++) {
        worst = Math.max(worst, Math.abs(found[i] - data[i]) / Math.max(Math.abs(data[i]), 2 ** -14));
      }
      expect(worst).toBeLessThanOrEqual(shape.length === 4 && !key.startsWith('refine.') ? 2 ** -11 : 0);
    }
  });

  test('i8 rounds kernels of 3 x 3 to half a step of their channel, and takes half the bytes of f16', async () => {
    const files = await packFiles('i8');
    const pack = await openPack(files);
    expect([...pack.tensors.keys()].sort()).toEqual([...weights.keys()].sort());
    for (const [key, { shape, data }] of weights) {
      const found = await pack.tensors.get(key)!.read();
      const exact = shape.length !== 4 || key.startsWith('refine.');
      const row = data.length / shape[0];
      let worst = 0;
      for (let first = 0; first < data.length; first += row) {
        const channel = data.subarray(first, first + row);
        const step = channel.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
        for (const [i, value] of channel.entries()) {
          const allowed = exact ? 0 : shape[2] === 1 ? 2 ** -11 * Math.abs(value) + 2 ** -25 : 0.501 * step;
          worst = Math.max(worst, Math.abs(found[first + i] - value) - allowed);
        }
      }
      expect(worst).toBeLessThanOrEqual(0);
    }
    expect(files[0].size).toBeLessThan(0.7 * (await packFiles('f16'))[0].size);
  });

  test('bytes whose scales do not fit their rows are refused by name', async () => {
    const key = 'img2normal_arm.Conv1.conv.0.weight';
    const scaled = (header: Header) => header[`${key}.scale`];
    const fewer = await withWeights(await packFiles('i8'), (bytes) =>
      withHeader(bytes, (header) => {
        const { data_offsets: at } = scaled(header);
        Object.assign(scaled(header), { shape: [3], data_offsets: [at[0], at[1] - 4] });
      }),
    );
    expect((await refusal(fewer)).message).toContain(`each of the 4 rows of ${key}`);
    const without = await withWeights(await packFiles('i8'), (bytes) =>
      withHeader(bytes, (header) => {
        delete header[`${key}.scale`];
      }),
    );
    expect((await refusal(without)).message).toContain(key);
  });

  test('as a zip, in a folder inside it', async () => {
    const files = await packFiles('f16');
    const entries: Record<string, Uint8Array> = {};
    for (const file of files) entries[`my pack/${file.name}`] = new Uint8Array(await file.arrayBuffer());
    expect((await openPack(new Blob([zipSync(entries).slice()]))).summary.name).toBe('Test');
  });

  test('a value that f16 cannot hold is refused, not clipped', async () => {
    const key = 'img2normal_arm.Conv1.conv.0.weight';
    const { shape, data } = weights.get(key)!;
    const large = new Map(weights).set(key, { shape, data: data.map((v, i) => (i === 3 ? 7e4 : v)) });
    const sink = new FileSink();
    await expect(writePack(readersOf(large), ABOUT, 'f16', sink)).rejects.toThrow(/7000/);
  });
});

describe('bad packs', () => {
  test('missing file', async () => {
    const files = await packFiles();
    expect((await refusal([files[0]])).message).toContain('no pack.json');
    expect((await refusal([files[1]])).message).toContain('no weights.safetensors');
  });

  test('not a zip', async () => {
    expect((await refusal(new Blob(['hello']))).message).toMatch(/not a readable zip/);
  });

  test('damaged weights', async () => {
    const [weightsFile, manifest] = await packFiles();
    const bytes = new Uint8Array(await weightsFile.arrayBuffer());
    bytes[bytes.length - 1] ^= 1;
    expect((await refusal([new File([bytes], WEIGHTS_FILE), manifest])).message).toMatch(/SHA-256/);
    const cut = new File([bytes.subarray(0, bytes.length - 1)], WEIGHTS_FILE);
    expect((await refusal([cut, manifest])).message).toMatch(/bytes, pack.json says/);
  });

  test('missing tensor, named', async () => {
    const key = 'img2normal_leg.Conv3.conv.0.weight';
    const files = await withWeights(await packFiles(), (bytes) =>
      withHeader(bytes, (header) => {
        delete header[key];
      }),
    );
    expect((await refusal(files)).message).toContain(`${key} is missing`);
  });

  test('wrong-shaped tensor, named with both shapes', async () => {
    const key = 'img2normal_leg.Conv3.conv.0.weight';
    const files = await withWeights(await packFiles(), (bytes) =>
      withHeader(bytes, (header) => {
        header[key].shape = [8, 16, 3, 3];
      }),
    );
    expect((await refusal(files)).message).toContain(
      `${key} has shape [8, 16, 3, 3], expected [16, 8, 3, 3]`,
    );
  });

  test('foreign tensor, and tensors outside the file', async () => {
    const files = await packFiles();
    const extra = await withWeights(files, (bytes) =>
      withHeader(bytes, (header) => {
        header.surprise = { ...header['refine.merge3_2.bias'] };
      }),
    );
    expect((await refusal(extra)).message).toContain('surprise is not part of this model');
    const outside = await withWeights(files, (bytes) =>
      withHeader(bytes, (header) => {
        const [from, to] = header['refine.merge3_2.bias'].data_offsets;
        header['refine.merge3_2.bias'].data_offsets = [from + 1e9, to + 1e9];
      }),
    );
    expect((await refusal(outside)).message).toContain('ends before the data of refine.merge3_2.bias');
  });

  test('widths that are not multiples of 4', async () => {
    const odd = deterministicWeights({ ...SMALL, face: 6 }, 'odd/');
    await expect(writePack(readersOf(odd), ABOUT, 'f32', new FileSink())).rejects.toThrow(/multiple of 4/);
  });

  test('manifest fields', async () => {
    const [weightsFile, manifest] = await packFiles();
    const json = JSON.parse(await manifest.text()) as Record<string, unknown>;
    const changed = (edit: Record<string, unknown>) =>
      refusal([weightsFile, new File([JSON.stringify({ ...json, ...edit })], MANIFEST_FILE)]);
    expect((await changed({ schemaVersion: 2 })).message).toMatch(/schema version 2/);
    expect((await changed({ licence: 3 })).message).toMatch(/no text "licence"/);
    expect((await changed({ files: {} })).message).toMatch(/no list "files"/);
    expect((await changed({ widths: { ...SMALL, arm: 8 } })).message).toMatch(/gives arm the width 8/);
    expect((await refusal([weightsFile, new File(['{'], MANIFEST_FILE)])).message).toMatch(/not valid JSON/);
  });

  test('safetensors headers', async () => {
    const reading = (bytes: Uint8Array) => readSafetensors(bytesSource(bytes));
    await expect(reading(new Uint8Array(3))).rejects.toThrow(/too short/);
    await expect(reading(new Uint8Array(64).fill(255))).rejects.toThrow(/does not fit/);
    await expect(reading(new Uint8Array(64))).rejects.toThrow(/no readable header/);
  });
});

test('600 mutations of weights.safetensors, seed 1: read, or refused as a bad pack', async () => {
  const [weightsFile] = await packFiles('f16');
  const original = new Uint8Array(await weightsFile.arrayBuffer());
  const headerBytes = Number(new DataView(original.buffer).getBigUint64(0, true));
  let state = 0;
  const random = (below: number) => Math.floor(((hashNoise(1, state++) + 1) / 2) * below);
  let refused = 0;
  for (let i = 0; i < 600; i++) {
    let mutant = original.slice();
    const at = random(3) ? 8 + random(headerBytes) : random(8);
    if (random(4)) mutant[at] = '0123456789[]{},":FI'.charCodeAt(random(19));
    else if (random(2)) mutant[at] = random(256);
    else mutant = mutant.slice(0, random(mutant.length));
    try {
      const tensors = await readSafetensors(bytesSource(mutant));
      if (checkLayout(tensors).differenceCount > 0) refused++;
      else {
        for (const { shape, read } of tensors.values())
          expect((await read()).length).toBe(elementCount(shape));
      }
    } catch (error) {
      expect(error, `mutation ${i}`).toMatchObject({ code: 'E_BAD_PACK' });
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(200);
});

test('SHA-256 in pieces equals the platform, at every length around the block size', async () => {
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255);
    const cut = Math.floor(length / 3);
    const hash = await startSha256();
    hash.update(bytes.subarray(0, cut));
    hash.update(bytes.subarray(cut));
    const ours = hash.hex();
    expect(ours).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});

test('one door for all: a checkpoint alone, a zip alone, a folder', async () => {
  const checkpoint = new File([checkpointBytes(weights)], 'ckpt_bg_mask.pth.tar');
  const fractions: number[] = [];
  const opened = await openPackSource({ kind: 'files', files: [checkpoint] }, (f) => fractions.push(f));
  expect(opened.summary).toMatchObject({ id: 'ckpt-bg-mask', name: 'ckpt_bg_mask' });
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
  const same = await openPackSource({ kind: 'checkpoint', file: checkpoint });
  expect(same.manifest.files).toEqual(opened.manifest.files);
  expect((await openPackSource({ kind: 'files', files: await packFiles() })).summary.id).toBe('test');
  await expect(openPackSource({ kind: 'files', files: [] })).rejects.toMatchObject({ code: 'E_BAD_PACK' });
  const text = new File(['hello'], 'notes.txt');
  await expect(openPackSource({ kind: 'files', files: [text] })).rejects.toMatchObject({
    code: 'E_BAD_CHECKPOINT',
  });
});

test('the starter pack opens', async () => {
  const folder = new URL('../../../public/packs/starter/', import.meta.url);
  const files = [MANIFEST_FILE, WEIGHTS_FILE].map(
    (name) => new File([readFileSync(new URL(name, folder))], name),
  );
  const pack = await openPack(files);
  expect(pack.summary).toMatchObject({ id: 'starter', licence: 'CC0-1.0', parameterCount: 7_603_000 });
  expect(pack.manifest.widths).toMatchObject({
    coarseNormal: 16,
    coarseDepth: 8,
    face: 24,
    upper: 24,
    arm: 24,
    leg: 24,
    foot: 16,
    fineDepth: 8,
  });
  expect(pack.manifest.accuracy.length).toBeGreaterThan(5);
});
