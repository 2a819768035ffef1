/**
 * Benchmark of the surface solver:
 *   npm run bench -- surface [--python PYTHON] [--peers open3d,pymeshlab] [--depths 9,10]
 * Ours and, where a Python with the peer's package is given, the peers, on the same clouds in the same run, one thread
 * each. CPU seconds are what to compare: wall seconds depend on what else the machine does.
 * Clouds are made once and kept in .cache/surface-bench. Writes bench/surface.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeCloudPly } from '../src/export/ply.ts';
import { poissonModule } from '../workers/poisson/build.mjs';
import { readPlyCloud } from '../workers/poisson/read-ply.ts';
import { solveSurface } from '../workers/poisson/solver.ts';
import { findPieces, reportEdges } from '../workers/poisson/topology.ts';
import { DEFAULT_SURFACE_OPTIONS } from '../workers/surface-api.ts';
import { type CloudKind, makeCloud, traceDepths } from './surface/clouds.ts';
import { judgeAgainst, type Mesh } from './surface/measure.ts';
import { readPlyMesh } from './surface/read-mesh.ts';

const ROOT = resolve(import.meta.dirname, '..');
const CACHE = join(ROOT, '.cache/surface-bench');
const KINDS: readonly CloudKind[] = ['clean', 'filtered'];

const { values: flags } = parseArgs({
  options: {
    python: { type: 'string' },
    peers: { type: 'string', default: 'open3d,pymeshlab' },
    depths: { type: 'string', default: '9,10' },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);
const cloudPath = (kind: CloudKind) => join(CACHE, `${kind}.ply`);

interface Row {
  readonly who: string;
  readonly cloud: CloudKind;
  readonly depth: number;
  readonly cpuS: number;
  readonly wallS: number;
  readonly peakMb: number;
  readonly mesh: Mesh;
}

function ensureClouds(): void {
  mkdirSync(CACHE, { recursive: true });
  if (KINDS.every((kind) => existsSync(cloudPath(kind)))) return;
  say('making the clouds (about a minute)');
  const depths = traceDepths();
  for (const kind of KINDS) writeFileSync(cloudPath(kind), writeCloudPly(makeCloud(depths, kind)));
}

/** readPlyCloud leaves the pixels out; the judge wants them: they follow from the positions. */
function withPixels(cloud: ReturnType<typeof readPlyCloud>) {
  const pixels = new Uint32Array(cloud.count);
  const focal = 1024 / Math.tan((25 * Math.PI) / 180);
  for (let i = 0; i < cloud.count; i++) {
    const z = 1 / 1.0367394227574303 - cloud.positions[i * 3 + 2];
    const column = Math.floor((cloud.positions[i * 3] / z) * focal + 1024);
    const row = Math.floor((-cloud.positions[i * 3 + 1] / z) * focal + 1024);
    pixels[i] = row * 2048 + column;
  }
  return { ...cloud, pixels };
}

async function ours(kind: CloudKind, depth: number): Promise<Row> {
  const cloud = readPlyCloud(readFileSync(cloudPath(kind)));
  const module = await poissonModule();
  const cpu = process.cpuUsage();
  const { mesh, stats } = solveSurface(module, cloud, { ...DEFAULT_SURFACE_OPTIONS, depth });
  const used = process.cpuUsage(cpu);
  return {
    who: 'ours',
    cloud: kind,
    depth,
    cpuS: (used.user + used.system) / 1e6,
    wallS: stats.elapsedMs / 1000,
    peakMb: stats.peakBytes / 2 ** 20,
    mesh,
  };
}

function peerRow(python: string, peer: string, kind: CloudKind, depth: number): Row | null {
  const out = join(CACHE, `${peer}-${kind}-${depth}.ply`);
  const script = join(ROOT, 'bench/surface/peers.py');
  const run = spawnSync(python, [script, peer, cloudPath(kind), out, String(depth), '1'], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  const line = run.stdout.trim().split('\n').at(-1) ?? '';
  if (run.status !== 0 || !line.startsWith('{')) {
    say(`${peer} did not run: ${run.stderr.trim().split('\n').at(-1)}`);
    return null;
  }
  const { peer: who, cpuS, wallS, peakMb } = JSON.parse(line);
  return { who, cloud: kind, depth, cpuS, wallS, peakMb, mesh: readPlyMesh(readFileSync(out)) };
}

async function main(): Promise<void> {
  ensureClouds();
  const judge = judgeAgainst(withPixels(readPlyCloud(readFileSync(cloudPath('clean')))));
  const lines: string[] = [];
  const add = (row: Row) => {
    const errors = judge(row.mesh);
    const vertices = row.mesh.positions.length / 3;
    const edges = reportEdges(row.mesh.indices, vertices);
    const pieces = findPieces(row.mesh.positions as Float32Array<ArrayBuffer>, row.mesh.indices).count;
    const cells = [
      row.cloud,
      row.depth,
      row.who,
      row.cpuS.toFixed(2),
      row.wallS.toFixed(2),
      row.peakMb.toFixed(0),
      vertices,
      `${errors.visibleMm.mean.toFixed(4)} / ${errors.visibleMm.p95.toFixed(3)}`,
      `${errors.gapMm.mean.toFixed(2)} / ${errors.gapMm.p95.toFixed(1)}`,
      `${errors.normalDeg.mean.toFixed(3)} / ${errors.normalDeg.p95.toFixed(2)}`,
      errors.outsideSilhouette,
      `${edges.boundary} / ${edges.nonManifold}`,
      pieces,
    ];
    lines.push(`| ${cells.join(' | ')} |`);
    say(lines.at(-1) ?? '');
    writeTable(lines);
  };
  // Warm: the engine compiles the module's hot code in the background during the first solve.
  await ours('clean', 7);
  for (const depth of flags.depths.split(',').map(Number)) {
    for (const kind of KINDS) {
      add(await ours(kind, depth));
      if (!flags.python) continue;
      for (const peer of flags.peers.split(',')) {
        const row = peerRow(flags.python, peer, kind, depth);
        if (row) add(row);
      }
    }
  }
}

/** Writes the table after every row, so that a run that is stopped leaves what it has. */
function writeTable(lines: readonly string[]): void {
  const text = `# Surface: ours and the peers

\`npm run bench -- surface --python PYTHON\` made this table: ${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model},
${cpus().length} cores, Node ${process.versions.node}, one thread each. Compare CPU seconds: wall seconds depend on what else the
machine does. Errors against the analytic person (surface/person.ts) of 1.8 m: mean / 95th percentile. Peak MB: ours is
WebAssembly memory and result, a peer's is its process. "Outside": vertices that project more than 2 px outside the
silhouette.

| cloud | depth | who | CPU s | wall s | peak MB | vertices | visible mm | gap mm | normals deg | outside | boundary / non-manifold edges | pieces |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}
`;
  writeFileSync(join(ROOT, 'bench/surface.md'), text);
}

await main();
