/**
 * `npm run parity [-- hanni DSC02780]`: is the chain equal to the original? Writes the deterministic full-width weights
 * of the method's fact sheet as a torch.save checkpoint, runs `digitize --mode reference` with it on the recorded
 * pictures (mask and keypoints given), compares every stage and prints the table. Needs the reference data (../shared
 * or STATUETTE_SHARED); says so and ends with code 0 when they are absent. Code 1: a limit was passed.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkpointChunks } from '../../tests/checkpoints/write.ts';
import { deterministicWeights } from '../../tests/deterministic-weights.ts';
import { sharedPath } from '../../tests/shared.ts';
import { printTable, type Row } from './compare.ts';
import { Golden } from './golden.ts';
import { judge } from './judge.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache/parity');
const PHOTOS: Readonly<Record<string, string>> = { hanni: 'hanni.png', DSC02780: 'DSC02780.jpg' };

function writeCheckpoint(): string {
  const path = join(CACHE, 'deterministic.pth.tar');
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const file = openSync(path, 'w');
  for (const chunk of checkpointChunks(deterministicWeights())) writeSync(file, chunk);
  closeSync(file);
  return path;
}

function digitize(name: string, checkpoint: string, golden: string): string {
  const out = join(CACHE, 'out');
  rmSync(join(out, name), { recursive: true, force: true });
  const photos = sharedPath('photos') as string;
  const args = [
    ...['--mode', 'reference', '--backend', 'wasm', '--depth', '8', '--save', 'npy,weights'],
    ...['--pack', checkpoint, '--mask', join(golden, 'mask.png')],
    ...['--pose', join(photos, `${name}_keypoints.json`), '--out', out],
  ];
  const run = spawnSync('npx', ['tsx', join(ROOT, 'cli/digitize.ts'), join(photos, PHOTOS[name]), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`digitize ended with code ${run.status}`);
  return join(out, name);
}

const USAGE = `npm run parity [-- ${Object.keys(PHOTOS).join(' ')}]: both pictures when none is named`;
const names = process.argv.slice(2);
if (names.includes('--help') || names.includes('-h')) {
  console.log(USAGE);
  process.exit(0);
}
const unknown = names.find((name) => !PHOTOS[name]);
if (unknown !== undefined) {
  console.error(`There are no recorded outputs of ${unknown}.\n\n${USAGE}`);
  process.exit(2);
}
const wanted = names.length > 0 ? names : Object.keys(PHOTOS);
if (!sharedPath('reference/golden') || !sharedPath('photos')) {
  console.log('SKIPPED: the reference data are not here (../shared or STATUETTE_SHARED).');
  process.exit(0);
}
const checkpoint = writeCheckpoint();
const rows: Row[] = [];
for (const name of wanted) {
  const golden = sharedPath(`reference/golden/${name}`);
  if (!golden) {
    console.error(`The recorded outputs of ${name} are not in the reference data.`);
    process.exit(1);
  }
  rows.push(...judge(name, digitize(name, checkpoint, golden), new Golden(golden)));
}
console.log(printTable(rows));
// 700 MB of float maps a picture: the table is what stays.
rmSync(join(CACHE, 'out'), { recursive: true, force: true });
const failed = rows.filter((row) => !row.passed).length;
console.log(`\n${rows.length - failed} of ${rows.length} measures within their limits`);
process.exit(failed > 0 ? 1 : 0);
