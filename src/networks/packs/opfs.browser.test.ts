/** Packs in OPFS, in a real browser: import of a checkpoint, list, rename, remove, and failures that leave nothing. */
import { beforeEach, expect, test, vi } from 'vitest';
import { checkpointBytes } from '../../../tests/checkpoints/write.ts';
import { deterministicWeights } from '../../../tests/deterministic-weights.ts';
import type { Widths } from '../layout.ts';
import { NETWORK_IDS, type NetworkId } from '../network-ids.ts';
import { importPack } from './import.ts';
import { importCheckpoint } from './open.ts';
import {
  listStoredPacks,
  openStoredPack,
  removeStoredPack,
  renameStoredPack,
  storedPackFiles,
  storePack,
  storeWritten,
} from './opfs.ts';
import { weightsOf } from './pack.ts';

const SMALL = Object.fromEntries(NETWORK_IDS.map((id) => [id, 4])) as Record<
  NetworkId,
  number
> satisfies Widths;
const weights = deterministicWeights(SMALL, 'opfs/');
const checkpoint = () => new File([checkpointBytes(weights)], 'ckpt_bg_mask.pth.tar');

beforeEach(async () => {
  for (const { key } of await listStoredPacks()) await removeStoredPack(key);
});

async function folders(): Promise<string[]> {
  const root = await navigator.storage.getDirectory();
  const out: string[] = [];
  for await (const key of (await root.getDirectoryHandle('packs')).keys()) out.push(key);
  return out;
}

test('a checkpoint becomes a stored pack with the same weights', async () => {
  const fractions: number[] = [];
  const files = await importCheckpoint(checkpoint(), 'f32');
  const { key, pack } = await storePack(files, (f) => fractions.push(f));
  expect(pack.summary.name).toBe('ckpt_bg_mask');
  expect(fractions.at(-1)).toBe(1);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  const again = await openStoredPack(key);
  for (const [name, { data }] of weights) expect(await again.tensors.get(name)!.read()).toEqual(data);
  expect((await storedPackFiles(key)).map((f) => f.name)).toEqual(['pack.json', 'weights.safetensors']);
});

/** Bytes of files that are asked for while `work` runs. */
async function bytesRead(work: () => Promise<unknown>): Promise<number> {
  const slice = vi.spyOn(Blob.prototype, 'slice');
  await work();
  const asked = slice.mock.calls.reduce((sum, [from = 0, to = 0]) => sum + to - from, 0);
  slice.mockRestore();
  return asked;
}

async function writeWeights(key: string, change: (bytes: Uint8Array<ArrayBuffer>) => void): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const folder = await (await root.getDirectoryHandle('packs')).getDirectoryHandle(key);
  const handle = await folder.getFileHandle('weights.safetensors');
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  change(bytes);
  // The clock of files may be coarse.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const writable = await handle.createWritable();
  await writable.write(bytes);
  await writable.close();
}

test('a stored pack is hashed once; what was written since is hashed again, and damage is found', async () => {
  const { key, pack } = await storePack(await importCheckpoint(checkpoint(), 'f32'));
  const whole = pack.summary.sizeBytes;
  const fractions: number[] = [];
  expect(await bytesRead(() => openStoredPack(key, (f) => fractions.push(f)))).toBeLessThan(whole / 2);
  expect(fractions).toEqual([1]);

  await writeWeights(key, () => {});
  expect(await bytesRead(() => openStoredPack(key))).toBeGreaterThanOrEqual(whole);
  expect(await bytesRead(() => openStoredPack(key))).toBeLessThan(whole / 2);

  await writeWeights(key, (bytes) => {
    bytes[bytes.length - 1] ^= 1;
  });
  await expect(openStoredPack(key)).rejects.toThrow(/SHA-256/);
  await expect(openStoredPack(key)).rejects.toThrow(/SHA-256/);
});

test('list, rename, remove', async () => {
  const files = await importCheckpoint(checkpoint(), 'f16');
  const { key } = await storePack(files);
  const { key: second } = await storePack(files);
  expect(second).not.toBe(key);
  await renameStoredPack(key, '  Mine ');
  expect((await listStoredPacks()).map((p) => p.manifest.name)).toEqual(['ckpt_bg_mask', 'Mine']);
  expect((await openStoredPack(key)).summary.name).toBe('Mine');
  await expect(renameStoredPack(key, ' ')).rejects.toThrow(/needs a name/);
  await removeStoredPack(key);
  await removeStoredPack(key);
  expect((await listStoredPacks()).map((p) => p.key)).toEqual([second]);
  await expect(openStoredPack(key)).rejects.toMatchObject({ code: 'E_BAD_PACK' });
});

test('a bad pack stores nothing and leaves the others alone', async () => {
  const files = await importCheckpoint(checkpoint(), 'f16');
  const { key } = await storePack(files);
  const damaged = files.map((f) =>
    f.name.endsWith('.json') ? f : new File([f.slice(0, f.size - 4)], f.name),
  );
  await expect(storePack(damaged)).rejects.toMatchObject({ code: 'E_BAD_PACK' });
  await expect(storePack([files[0]])).rejects.toThrow(/no pack\.json|no weights/);
  expect(await folders()).toEqual([key]);
  await openStoredPack(key);
});

test('a damaged checkpoint stores nothing', async () => {
  const bytes = checkpointBytes(weights);
  const file = new File([bytes.slice(0, bytes.length / 2)], 'half.pth.tar');
  await expect(importCheckpoint(file, 'f32')).rejects.toMatchObject({ code: 'E_BAD_CHECKPOINT' });
  expect(await listStoredPacks()).toEqual([]);
});

test('an import that breaks off while it writes leaves nothing', async () => {
  const broken = storeWritten('half', async (sink) => {
    await sink.begin('weights.safetensors');
    await sink.write(new Uint8Array(1000));
    throw new Error('the file went away');
  });
  await expect(broken).rejects.toMatchObject({ code: 'E_BAD_PACK' });
  expect(await folders()).toEqual([]);
});

test('weights are read when a network is opened; a pack removed meanwhile says so', async () => {
  const { pack, source } = await importPack({ kind: 'checkpoint', file: checkpoint() });
  expect((await weightsOf(pack, 'foot')).size).toBeGreaterThan(10);
  await removeStoredPack((source as { key: string }).key);
  await expect(weightsOf(pack, 'foot')).rejects.toMatchObject({
    code: 'E_BAD_PACK',
    message: 'The weights of the open pack can no longer be read.',
  });
});

test('an import is kept and opened from storage; where storage is refused it serves unkept', async () => {
  const source = { kind: 'checkpoint', file: checkpoint() } as const;
  const kept = await importPack(source);
  const [stored] = await listStoredPacks();
  expect(kept).toMatchObject({ source: { kind: 'stored', key: stored.key }, notKept: null });

  // As a browser in private mode answers.
  const refused = vi
    .spyOn(navigator.storage, 'getDirectory')
    .mockRejectedValue(new DOMException('', 'SecurityError'));
  const unkept = await importPack(source);
  refused.mockRestore();
  expect(unkept.source.kind).toBe('files');
  expect(unkept.notKept).toMatch(/refused storage.*until this page is closed/);
  expect(unkept.pack.manifest).toEqual(kept.pack.manifest);
  expect(await listStoredPacks()).toHaveLength(1);
});
