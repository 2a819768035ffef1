/**
 * One solve of ours in its own process, as the peers have theirs: one JSON line with what it took.
 *   tsx ours-once.ts CLOUD.ply MESH.ply|- DEPTH THREADS
 * Reading and writing are not counted. Warm: a solve at depth 6 comes first, and the helper threads wait, as in the page
 * after its first preview; without it the engine's compiling of the module is counted too (about 0.4 s of CPU).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DEFAULT_SURFACE_OPTIONS } from '../../src/client/surface-api.ts';
import { writeMeshPly } from '../../src/export/ply.ts';
import { methodCameraOf } from '../../workers/poisson/camera.ts';
import { readPlyCloud } from '../../workers/poisson/clouds/read-ply.ts';
import { poissonModule } from '../../workers/poisson/load-module.node.mjs';
import { startNodeThreadPool } from '../../workers/poisson/node.ts';
import { solveSurface } from '../../workers/poisson/solver.ts';

/** Most memory of this process alone: what getrusage says begins with what the parent had when it started us. */
function peakMb(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const kib = /VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Number(kib) / 1024;
}

const [cloudPath, meshPath, depthText, threadsText] = process.argv.slice(2);
const depth = Number(depthText);
const threads = Number(threadsText);
const cloud = readPlyCloud(readFileSync(cloudPath));
const module = await poissonModule();
const pool = threads > 1 ? await startNodeThreadPool(threads) : null;
const solve = (atDepth: number) =>
  solveSurface(
    module,
    cloud,
    { ...DEFAULT_SURFACE_OPTIONS, depth: atDepth, threads, camera: methodCameraOf(cloud) },
    () => {},
    pool,
  );
solve(6);
const cpu = process.cpuUsage();
const since = performance.now();
const { mesh, stats, phases, depth: used } = solve(depth);
const wallS = (performance.now() - since) / 1000;
const { user, system } = process.cpuUsage(cpu);
pool?.dispose();
console.log(
  JSON.stringify({
    who: 'ours',
    cpuS: (user + system) / 1e6,
    wallS,
    processMb: peakMb(),
    solverMb: stats.peakBytes / 2 ** 20,
    threads: stats.threads,
    depth: used,
    points: stats.points,
    vertices: stats.vertices,
    triangles: stats.triangles,
    boundary: stats.boundaryEdges,
    nonManifold: stats.nonManifoldEdges,
    pieces: stats.components,
    phases: Object.fromEntries(phases.map(({ phase, elapsedMs }) => [phase, Math.round(elapsedMs)])),
  }),
);
if (meshPath !== '-') writeFileSync(meshPath, writeMeshPly(mesh));
