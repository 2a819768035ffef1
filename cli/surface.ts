/**
 * `npm run surface`: a point cloud (PLY, PCD, text) to a closed mesh (PLY), with the same module that the page uses.
 * Prints one JSON line. Exit code 0 with a mesh, 1 for a cloud that cannot become one, 2 for a wrong command line.
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { DEFAULT_SURFACE_OPTIONS } from '../src/client/surface-api.ts';
import { writeMeshPly } from '../src/export/ply.ts';
import { methodCameraOf } from '../workers/poisson/camera.ts';
import { readCloud } from '../workers/poisson/clouds/read-cloud.ts';
import { reconstruct } from '../workers/poisson/clouds/reconstruct.ts';
import { solveInNode } from '../workers/poisson/node.ts';
import { simplifyMesh } from '../workers/poisson/simplify.ts';
import { usefulThreads } from '../workers/poisson/threads.ts';
import { reportEdges } from '../workers/poisson/topology.ts';
import { explain, inputFile, outputFile, readArgs, UsageError } from './command-line.ts';

const USAGE = `npm run surface -- CLOUD [--depth N] [--threads N] [--point-weight A] [--triangles N] [--trim] --out MESH.ply
  CLOUD             PLY, PCD, or a text file of points (XYZ, PTS, CSV, OBJ)
  --depth N         2^N cells along the longest side, 6 to 11 (10)
  --threads N       threads to use (as many as help on this machine)
  --point-weight A  how strongly the surface is pulled through the points (16)
  --triangles N     simplify to about N triangles
  --trim            leave out what no sample supports; the mesh is then open
  --out MESH.ply    where the mesh goes
`;

/** A typing mistake should not start ten thousand threads. */
const MOST_THREADS_FLAG = 64;

/** Where the command writes; tests collect it. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

interface Flags {
  readonly cloud: string;
  readonly out: string;
  readonly depth: number;
  readonly threads: number;
  readonly pointWeight: number;
  readonly triangles: number;
  readonly trim: boolean;
}

function numberFlag(name: string, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number))
    throw new UsageError(`--${name} ${value} is not a number.`);
  return number;
}

/** @returns null when the person asked for help. */
function readFlags(args: readonly string[]): Flags | null {
  const { values, positionals } = readArgs(
    {
      depth: { type: 'string' },
      threads: { type: 'string' },
      'point-weight': { type: 'string' },
      triangles: { type: 'string' },
      trim: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
    args,
  );
  if (values.help) return null;
  if (positionals.length !== 1) throw new UsageError('Name one cloud.');
  if (!values.out) throw new UsageError('Say where the mesh goes with --out.');
  const triangles = numberFlag('triangles', values.triangles, Number.POSITIVE_INFINITY);
  if (!(triangles >= 4)) throw new UsageError(`--triangles ${values.triangles} is less than 4.`);
  const threads = numberFlag('threads', values.threads, usefulThreads(availableParallelism()));
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS_FLAG))
    throw new UsageError(`--threads ${values.threads} is not a count from 1 to ${MOST_THREADS_FLAG}.`);
  return {
    cloud: positionals[0],
    out: values.out,
    depth: numberFlag('depth', values.depth, 10),
    threads,
    pointWeight: numberFlag('point-weight', values['point-weight'], DEFAULT_SURFACE_OPTIONS.pointWeight),
    triangles,
    trim: values.trim,
  };
}

const rounded = (ms: number) => Math.round(ms * 10) / 10;

async function run(flags: Flags, output: Output): Promise<void> {
  const begun = performance.now();
  const read = readCloud(readFileSync(flags.cloud));
  const readMs = performance.now() - begun;
  const say = (notices: readonly string[]) => {
    for (const notice of notices) output.err(`${notice}\n`);
  };
  say(read.notices);
  const result = await reconstruct(read, (cloud) =>
    solveInNode(cloud, { ...flags, camera: methodCameraOf(cloud) }),
  );
  say(result.notices);
  const { mesh, stats, phases, depth, areas, prepared } = result;
  const offset = read.offset.some((value) => value !== 0) ? read.offset : undefined;
  if (stats.threads < flags.threads)
    output.err(`Of ${flags.threads} threads, ${stats.threads} took part; the mesh is the same.\n`);
  if (depth < flags.depth) {
    output.err(`The points are too far apart for depth ${flags.depth}: depth ${depth} was used.\n`);
  }
  if (stats.boundaryEdges > 0) {
    output.err(
      `The mesh is open: ${stats.boundaryEdges} boundary edges${flags.trim ? ', trimmed as asked' : ''}.\n`,
    );
  }
  const simplifySince = performance.now();
  const final = await simplifyMesh(mesh, flags.triangles);
  const simplifyMs = performance.now() - simplifySince;
  const writeSince = performance.now();
  writeFileSync(flags.out, writeMeshPly(final, { offset }));
  const edges = reportEdges(final.indices, final.positions.length / 3);
  const line = {
    cloud: flags.cloud,
    out: flags.out,
    depth,
    threads: stats.threads,
    pointWeight: flags.pointWeight,
    areas,
    trimmed: flags.trim,
    spacing: Number(result.spacing.toPrecision(4)),
    points: stats.points,
    skipped: read.skipped,
    outliers: prepared.outliers,
    normals: prepared.normals,
    ...(offset ? { offset } : {}),
    vertices: final.positions.length / 3,
    triangles: final.indices.length / 3,
    components: stats.components,
    boundaryEdges: edges.boundary,
    nonManifoldEdges: edges.nonManifold,
    peakBytes: stats.peakBytes,
    ms: {
      read: rounded(readMs),
      prepare: rounded(result.prepareMs),
      ...Object.fromEntries(phases.map(({ phase, elapsedMs }) => [phase, rounded(elapsedMs)])),
      ...(final === mesh ? {} : { simplify: rounded(simplifyMs) }),
      write: rounded(performance.now() - writeSince),
      solve: rounded(stats.elapsedMs),
      total: rounded(performance.now() - begun),
    },
  };
  output.out(`${JSON.stringify(line)}\n`);
}

/** Runs the command; returns its exit code. */
export async function surfaceCommand(args: readonly string[], output: Output): Promise<number> {
  try {
    const flags = readFlags(args);
    if (!flags) {
      output.out(USAGE);
      return 0;
    }
    // Archives, models and the like have sentences of their own in the reader.
    inputFile(flags.cloud, 'a point cloud (PLY)', ['ply', 'archive', 'model', 'other']);
    outputFile(flags.out, [flags.cloud]);
    await run(flags, output);
    return 0;
  } catch (thrown) {
    return explain('surface', USAGE, thrown, output.err);
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  process.exitCode = await surfaceCommand(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}
