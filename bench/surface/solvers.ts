/** Runs one solver on one cloud in a process of its own: ours, or a peer from its Python package. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { MeshFigures, Sample } from './rows.ts';

const ROOT = join(import.meta.dirname, '../..');
const TSX = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
/** Packages of the peers; what the committed tables were made with. */
const PACKAGES = ['open3d==0.20.0', 'pymeshlab==2025.7.post1', 'numpy'];
export interface Run {
  readonly sample: Sample;
  readonly mesh: Omit<MeshFigures, 'who'> | null;
  readonly points: number | null;
}

const LONGEST_OURS_S = 600;

const rounded = (value: number) => Math.round(value * 1000) / 1000;

/** The last line of a process that prints JSON; null and a reason on stderr where it failed. */
function jsonOf(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  name: string,
  longestS: number,
) {
  const timeout = longestS * 1000;
  const run = spawnSync(command, args, { encoding: 'utf8', env, timeout, maxBuffer: 1 << 26 });
  const line = run.stdout?.trim().split('\n').at(-1) ?? '';
  if (run.status === 0 && line.startsWith('{')) return JSON.parse(line);
  const reason = run.error?.message ?? run.stderr?.trim().split('\n').at(-1) ?? 'no reason given';
  process.stderr.write(`skipped: ${name} did not run (${reason})\n`);
  return null;
}

export function runOurs(cloud: string, mesh: string, depth: number, threads: number): Run | null {
  const load = loadavg()[0];
  const script = join(ROOT, 'bench/surface/ours-once.ts');
  const got = jsonOf(
    process.execPath,
    [TSX, script, cloud, mesh, String(depth), String(threads)],
    process.env,
    'ours',
    LONGEST_OURS_S,
  );
  if (!got) return null;
  if (got.threads !== threads) process.stderr.write(`of ${threads} threads ${got.threads} took part\n`);
  const { vertices, triangles, boundary, nonManifold, pieces } = got;
  return {
    sample: {
      who: 'ours',
      threads,
      cpuS: rounded(got.cpuS),
      wallS: rounded(got.wallS),
      processMb: Math.round(got.processMb),
      solverMb: Math.round(got.solverMb),
      load: rounded(load),
    },
    mesh: { vertices, triangles, boundary, nonManifold, pieces },
    points: got.points,
  };
}

export function runPeer(
  python: string,
  peer: string,
  cloud: string,
  mesh: string,
  depth: number,
  threads: number,
  longestS: number,
): Run | null {
  const load = loadavg()[0];
  const got = jsonOf(
    python,
    [join(ROOT, 'bench/surface/peers.py'), peer, cloud, mesh, String(depth), String(threads)],
    { ...process.env, OMP_NUM_THREADS: String(threads) },
    `${peer} at depth ${depth}, ${threads} threads`,
    longestS,
  );
  if (!got) return null;
  return {
    sample: {
      who: got.peer,
      threads,
      cpuS: got.cpuS,
      wallS: got.wallS,
      processMb: got.peakMb,
      load: rounded(load),
    },
    mesh: null,
    points: null,
  };
}

/**
 * A Python with the peers in it: made once under `folder` (200 MB from the Python package index).
 * @returns its path, or null, said aloud, where there is no Python or no network.
 */
export function peerPython(folder: string): string | null {
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const works = () => spawnSync(python, ['-c', 'import open3d, pymeshlab']).status === 0;
  if (existsSync(python) && works()) return python;
  process.stderr.write('installing the peers (once)\n');
  spawnSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  spawnSync(python, ['-m', 'pip', 'install', '-q', ...PACKAGES], { stdio: ['ignore', 2, 2] });
  if (existsSync(python) && works()) return python;
  process.stderr.write('skipped: the peers could not be installed (python3, pip and a network are needed)\n');
  return null;
}
