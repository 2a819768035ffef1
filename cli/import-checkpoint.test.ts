/** The command as a person runs it: a checkpoint in, a pack and .onnx files out; a bad one gives a sentence and no files. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NETWORK_IDS, type NetworkId } from '../src/networks/network-ids.ts';
import { openPack } from '../src/networks/packs/pack.ts';
import { checkpointBytes } from '../tests/checkpoints/write.ts';
import { deterministicWeights } from '../tests/deterministic-weights.ts';

const SMALL = Object.fromEntries(NETWORK_IDS.map((id) => [id, 4])) as Record<NetworkId, number>;
const COMMAND = join(import.meta.dirname, 'import-checkpoint.ts');
const TSX = ['--import', 'tsx'];

let folder: string;
let checkpoint: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-checkpoint-'));
  checkpoint = join(folder, 'ckpt.pth.tar');
  writeFileSync(checkpoint, checkpointBytes(deterministicWeights(SMALL, 'cli/')));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('writes a pack that opens, and .onnx files', async () => {
  const out = join(folder, 'pack');
  const onnx = join(folder, 'onnx');
  const options = ['--out', out, '--precision', 'f16', '--name', 'Mine', '--licence', 'MIT', '--onnx', onnx];
  execFileSync(process.execPath, [...TSX, COMMAND, checkpoint, ...options], { stdio: 'pipe' });
  expect(readdirSync(out).sort()).toEqual(['pack.json', 'weights.safetensors']);
  const files = readdirSync(out).map((name) => new File([readFileSync(join(out, name))], name));
  const pack = await openPack(files);
  expect(pack.summary).toMatchObject({ id: 'mine', name: 'Mine', licence: 'MIT' });
  expect(readdirSync(onnx).sort()).toEqual(NETWORK_IDS.map((id) => `${id}.onnx`).sort());
});

test('new weights in a folder that has a matte network keep it in pack.json', () => {
  const out = join(folder, 'kept');
  const run = () =>
    execFileSync(process.execPath, [...TSX, COMMAND, checkpoint, '--out', out, '--name', 'Mine'], {
      stdio: 'pipe',
    });
  const manifest = () => JSON.parse(readFileSync(join(out, 'pack.json'), 'utf8'));
  const entry = {
    network: 'matte',
    name: 'matte.onnx',
    bytes: 3,
    sha256: 'ab',
    licence: 'MIT',
    source: 'here',
    byDefault: true,
  };
  run();
  expect(manifest().optional).toBeUndefined();
  writeFileSync(join(out, 'pack.json'), JSON.stringify({ ...manifest(), optional: [entry] }));
  run();
  // Named, but its file is gone.
  expect(manifest().optional).toBeUndefined();
  writeFileSync(join(out, 'pack.json'), JSON.stringify({ ...manifest(), optional: [entry] }));
  writeFileSync(join(out, 'matte.onnx'), 'net');
  run();
  expect(manifest().optional).toEqual([entry]);
});

test('says in a sentence what is wrong with a damaged one, and leaves no files', () => {
  const bytes = readFileSync(checkpoint);
  // The local header of a storage in the middle: the directory still looks whole.
  const at = bytes.indexOf(Buffer.from('PK\u0003\u0004', 'latin1'), bytes.length / 2);
  bytes[at] = 0;
  const bad = join(folder, 'bad.pth.tar');
  writeFileSync(bad, bytes);
  const out = join(folder, 'bad');
  const run = spawnSync(process.execPath, [...TSX, COMMAND, bad, '--out', out], { encoding: 'utf8' });
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/is not where the directory says\. Download or copy the file again/);
  expect(readdirSync(out)).toEqual([]);
});

test('without arguments shows its usage', () => {
  const run = spawnSync(process.execPath, [...TSX, COMMAND], { encoding: 'utf8' });
  expect(run.status).toBe(2);
  expect(run.stderr).toContain('--out FOLDER');
});
