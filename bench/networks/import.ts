/**
 * `npx tsx bench/networks/import.ts [--optimizer]`: writes the full-width checkpoint of made-up weights to a temporary
 * folder, imports it in a process of its own, and prints seconds and peak resident memory (Linux).
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointChunks } from '../../tests/checkpoints/write.ts';
import { deterministicWeights } from '../../tests/deterministic-weights.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-import-'));
try {
  const path = join(folder, 'full.pth.tar');
  const file = openSync(path, 'w');
  for (const chunk of checkpointChunks(deterministicWeights(), {
    optimizer: process.argv.includes('--optimizer'),
  })) {
    writeSync(file, chunk);
  }
  closeSync(file);
  const cli = join(import.meta.dirname, '../../cli/import-checkpoint.ts');
  const peak = join(folder, 'peak');
  // The child notes its own peak as it ends. Not resourceUsage: that counts what this process had when it forked.
  const note = `data:text/javascript,process.on('exit',()=>{const fs=process.getBuiltinModule('fs');fs.writeFileSync(${JSON.stringify(peak)},/VmHWM:\\s*(\\d+)/.exec(fs.readFileSync('/proc/self/status','utf8'))[1])})`;
  const start = performance.now();
  const child = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--import', note, cli, path, '--out', join(folder, 'pack')],
    { stdio: 'inherit' },
  );
  if (child.status !== 0) throw new Error('the import failed');
  const seconds = (performance.now() - start) / 1000;
  const megabytes = Number(readFileSync(peak, 'utf8')) / 1024;
  console.log(
    `checkpoint ${statSync(path).size} bytes: imported in ${seconds.toFixed(1)} s, peak ${megabytes.toFixed(0)} MiB`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
