/**
 * Benchmark of the surface solver:
 *   npm run bench -- surface [--parts table,growth,runs,errors] [--depths 9,10] [--clouds clean,filtered] [--threads 1,2]
 *                            [--peers open3d,pymeshlab] [--python PYTHON] [--repeats 2]
 *                            [--longest SECONDS]
 * Ours and the peers (their packages are installed into .cache once, or are in the given Python; `--peers ''`: none) on
 * the same clouds in the same run, one process a run, ours right before each peer so that ratios are of neighbours.
 * A peer that takes longer than --longest is given up, said aloud. Prints what it measures and writes bench/surface.json, surface.md and surface-growth.svg. A part that is left out
 * keeps what was measured before. `errors` solves the table's clouds once more and replaces the errors of ours alone.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { poissonModule } from '../workers/poisson/load-module.node.mjs';
import { findPieces, reportEdges } from '../workers/poisson/topology.ts';
import {
  CACHE,
  cloudPath,
  ensurePerson,
  ensureRuns,
  ensureSpread,
  KINDS,
  readWithPixels,
  runCloudPath,
} from './surface/cases.ts';
import { type Judge, judgeAgainst } from './surface/measure.ts';
import { readPlyMesh } from './surface/read-mesh.ts';
import { growthPlot, report } from './surface/report.ts';
import {
  type Group,
  loadGroups,
  type MeshFigures,
  type Part,
  type Sample,
  saveGroup,
} from './surface/rows.ts';
import { peerPython, type Run, runOurs, runPeer } from './surface/solvers.ts';

const ROOT = resolve(import.meta.dirname, '..');
const STORE = join(ROOT, 'bench/surface.json');
const GROWTH_POINTS = [100_000, 300_000, 1_000_000, 3_000_000];
const GROWTH_DEPTHS = [8, 9, 10, 11];

const { values: flags } = parseArgs({
  options: {
    parts: { type: 'string', default: 'table,growth,runs' },
    depths: { type: 'string', default: '9,10' },
    clouds: { type: 'string', default: KINDS.join(',') },
    threads: { type: 'string', default: '1,2' },
    peers: { type: 'string', default: 'open3d,pymeshlab' },
    python: { type: 'string' },
    repeats: { type: 'string', default: '2' },
    longest: { type: 'string', default: '1200' },
  },
});
const list = (text: string) => text.split(',').filter(Boolean);
const threadCounts = list(flags.threads).map(Number);
const repeats = Number(flags.repeats);
const meshPath = join(CACHE, 'mesh.ply');

const lineOf = ({ who, threads, wallS, cpuS, processMb, load }: Sample) =>
  `${who}, ${threads} thread(s): ${wallS.toFixed(2)} s, ${cpuS.toFixed(2)} s of CPU, ${processMb.toFixed(0)} MB, load ${load.toFixed(1)}`;

const now = () => `${new Date().toISOString().slice(0, 16)}Z`;

/** Figures of the mesh that the last run wrote. */
function judgedWith(judgeMesh: Judge): Omit<MeshFigures, 'who'> {
  const mesh = readPlyMesh(readFileSync(meshPath));
  const edges = reportEdges(mesh.indices, mesh.positions.length / 3);
  return {
    vertices: mesh.positions.length / 3,
    triangles: mesh.indices.length / 3,
    boundary: edges.boundary,
    nonManifold: edges.nonManifold,
    pieces: findPieces(mesh.positions, mesh.indices).count,
    errors: judgeMesh(mesh),
  };
}

/** Measures one cloud at one depth and saves after every run, so that one that is stopped leaves what it has. */
function measure(
  part: Part,
  cloud: string,
  path: string,
  depth: number,
  python: string | null,
  judge: Judge | null,
) {
  console.log(`${part}: ${cloud}, depth ${depth}`);
  const samples: Sample[] = [];
  const meshes = new Map<string, MeshFigures>();
  let points = 0;
  const save = () => {
    const group: Group = {
      part,
      cloud,
      points,
      depth,
      measured: now(),
      machine: `${cpus()[0].model}, ${cpus().length} cores, Node ${process.versions.node}`,
      samples,
      meshes: [...meshes.values()],
    };
    write(saveGroup(STORE, group));
  };
  const take = (run: Run | null) => {
    if (!run) return;
    samples.push(run.sample);
    points = run.points ?? points;
    console.log(`  ${lineOf(run.sample)}`);
    const { who } = run.sample;
    if (!meshes.has(who)) {
      const figures = judge ? judgedWith(judge) : run.mesh;
      if (figures) meshes.set(who, { who, ...figures });
    }
    save();
  };
  const ours = (threads: number) => take(runOurs(path, judge ? meshPath : '-', depth, threads));
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const threads of threadCounts) ours(threads);
    if (!python) continue;
    for (const peer of list(flags.peers)) {
      for (const threads of threadCounts) {
        ours(threads);
        take(runPeer(python, peer, path, meshPath, depth, threads, Number(flags.longest)));
      }
    }
  }
}

/** The errors of ours in a table group, with the solver as it is now; the peer's and all times stay. */
function measureErrors(group: Group, judge: Judge): void {
  runOurs(cloudPath(group.cloud), meshPath, group.depth, 1);
  const fresh = { who: 'ours', ...judgedWith(judge) };
  const meshes = group.meshes.map((mesh) => (mesh.who === 'ours' ? fresh : mesh));
  console.log(`errors: ${group.cloud}, depth ${group.depth}: ${JSON.stringify(fresh.errors)}`);
  saveGroup(STORE, { ...group, meshes, errorsMeasured: now() });
}

function write(groups: readonly Group[]): void {
  writeFileSync(join(ROOT, 'bench/surface.md'), report(groups));
  const plot = growthPlot(groups);
  if (plot) writeFileSync(join(ROOT, 'bench/surface-growth.svg'), plot);
}

async function main(): Promise<void> {
  const parts = list(flags.parts);
  // Built here, not inside the first run that is measured.
  await poissonModule();
  ensurePerson();
  const depths = list(flags.depths).map(Number);
  if (parts.includes('table')) {
    const python = flags.python ?? (list(flags.peers).length > 0 ? peerPython(join(CACHE, 'peers')) : null);
    const judge = judgeAgainst(readWithPixels('clean'));
    for (const depth of depths) {
      for (const cloud of list(flags.clouds)) measure('table', cloud, cloudPath(cloud), depth, python, judge);
    }
  }
  if (parts.includes('errors')) {
    const judge = judgeAgainst(readWithPixels('clean'));
    for (const group of loadGroups(STORE)) if (group.part === 'table') measureErrors(group, judge);
  }
  if (parts.includes('growth')) {
    for (const count of GROWTH_POINTS) {
      const cloud = await ensureSpread(count);
      measure('growth', cloud, cloudPath(cloud), 10, null, null);
    }
    for (const depth of GROWTH_DEPTHS) measure('growth', 'clean', cloudPath('clean'), depth, null, null);
  }
  if (parts.includes('runs')) {
    for (const stem of ensureRuns()) {
      for (const depth of depths) measure('runs', stem, runCloudPath(stem), depth, null, null);
    }
  }
  write(loadGroups(STORE));
  console.log(`\n${readFileSync(join(ROOT, 'bench/surface.md'), 'utf8')}`);
}

await main();
