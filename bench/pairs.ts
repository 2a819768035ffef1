/**
 * Two checkouts over the same photo in turns, so that whatever else the machine does falls on both:
 *
 *     npm run bench -- pairs OTHER PAIRS PHOTO [DIGITIZE FLAGS...]
 *
 * OTHER is a checkout with its packages installed and its app built. Prints the processor seconds of all processes of a run
 * (Linux: /proc) and each stage's time by the clock, for every run, and the ratio of each pair. Figures: bench/pairs.md.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';

/** Kernel ticks a second of /proc: 100 on every Linux that is in use. */
const TICKS = 100;
const POLL_MS = 200;

const [other, pairs, photo, ...flags] = process.argv.slice(2);
if (!photo) {
  console.error('npm run bench -- pairs OTHER_CHECKOUT PAIRS PHOTO [digitize flags]');
  process.exit(2);
}
const roots = { other: resolve(other), this: join(import.meta.dirname, '..') };
type Which = keyof typeof roots;

interface Run {
  readonly cpuS: number;
  readonly totalMs: number;
  readonly stages: readonly { readonly stage: string; readonly elapsedMs: number }[];
}

/** Processor seconds by process, of all that have `root` above them. */
function processorSeconds(root: number): Map<number, number> {
  const parents = new Map<number, number>();
  const seconds = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(pid, Number(fields[1]));
      seconds.set(pid, (Number(fields[11]) + Number(fields[12])) / TICKS);
    } catch {
      // It ended while we looked.
    }
  }
  const isOurs = (pid: number): boolean => pid === root || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  return new Map([...seconds].filter(([pid]) => isOurs(pid)));
}

async function run(which: Which): Promise<Run> {
  const root = roots[which];
  const out = mkdtempSync(join(tmpdir(), 'statuette-pairs-'));
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const args = [tsx, 'cli/digitize.ts', resolve(photo), ...flags, '--no-build', '--out', out];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const spent = new Map<number, number>();
  const timer = setInterval(() => {
    for (const [pid, seconds] of processorSeconds(child.pid ?? -1)) spent.set(pid, seconds);
  }, POLL_MS);
  const code = await ended;
  clearInterval(timer);
  if (code !== 0) throw new Error(`${which}: digitize ended with ${code}`);
  const name = basename(photo, extname(photo));
  const report = JSON.parse(readFileSync(join(out, name, 'report.json'), 'utf8'));
  rmSync(out, { recursive: true });
  const cpuS = [...spent.values()].reduce((sum, seconds) => sum + seconds, 0);
  console.log(
    `${which.padEnd(6)} ${cpuS.toFixed(1)} s of the processor, ${(report.totalMs / 1000).toFixed(1)} s by the clock, ` +
      `load ${loadavg()[0].toFixed(1)}: ` +
      report.stages
        .map((s: Run['stages'][number]) => `${s.stage} ${(s.elapsedMs / 1000).toFixed(1)}`)
        .join(', '),
  );
  return { cpuS, totalMs: report.totalMs, stages: report.stages };
}

const ratios: { cpu: number; clock: number }[] = [];
for (let i = 0; i < Number(pairs); i++) {
  const order: Which[] = i % 2 === 0 ? ['other', 'this'] : ['this', 'other'];
  const runs = { [order[0]]: await run(order[0]), [order[1]]: await run(order[1]) } as Record<Which, Run>;
  ratios.push({
    cpu: runs.this.cpuS / runs.other.cpuS,
    clock: runs.this.totalMs / runs.other.totalMs,
  });
  console.log(
    `pair ${i + 1}: processor ${ratios[i].cpu.toFixed(3)}, clock ${ratios[i].clock.toFixed(3)} of the other's`,
  );
}
const median = (of: 'cpu' | 'clock') =>
  ratios.map((ratio) => ratio[of]).sort((a, b) => a - b)[ratios.length >> 1];
console.log(`median of ${pairs}: processor ${median('cpu').toFixed(3)}, clock ${median('clock').toFixed(3)}`);
