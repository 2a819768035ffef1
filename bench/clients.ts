/**
 * Opens the product's files in the programs that people use, and says what each of them has:
 *   npm run bench -- clients [--figure FOLDER] [--only NAME,NAME] [--python PYTHON3.11]
 * FOLDER is a photo's folder as `npm run digitize -- --formats all` writes it; without one, a sample is digitized.
 * Python programs are installed into .cache/clients once, one after another (Blender about 1 GB each). PrusaSlicer and
 * assimp must be installed by hand (Debian: prusa-slicer, assimp-utils). What cannot be had is skipped aloud.
 * Prints the table, writes bench/clients.md, and ends with 1 where a program stumbles over a file.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { seenByThree } from './clients/as-three.ts';
import { type Comparison, compare, readWritten, type Seen, type Written } from './clients/compare.ts';
import { type FormatRow, formatRows, gltfRows } from './clients/formats.ts';

const ROOT = join(import.meta.dirname, '..');
const CACHE = join(ROOT, '.cache/clients');
const SAMPLE = 'checked-shirt';
/** Python programs: name, package with its version, script. */
const PYTHON_CLIENTS: readonly (readonly [name: string, packages: readonly string[], script: string])[] = [
  ['Blender 4.2', ['bpy==4.2.23'], 'as_blender.py'],
  ['Blender 4.5', ['bpy==4.5.15'], 'as_blender.py'],
  ['Blender 5.0', ['bpy==5.0.1'], 'as_blender.py'],
  ['trimesh', ['trimesh==5.2.0', 'scipy==1.17.1', 'networkx==3.6.1'], 'as_trimesh.py'],
  ['Open3D', ['open3d==0.20.0'], 'as_open3d.py'],
];
const HEIGHT_METERS = 1.7;
/** What a program that keeps colours in 8 bits may be off, levels of 255. */
const MOST_LEVELS = 2;
const MOST_NORMAL_DEGREES = 1;

interface Row {
  readonly program: string;
  readonly file: string;
  readonly cells: readonly string[];
  readonly faults: readonly string[];
}

const { values: flags } = parseArgs({
  options: {
    figure: { type: 'string' },
    only: { type: 'string' },
    python: { type: 'string', default: 'python3.11' },
  },
});
const wanted = (name: string) => !flags.only || flags.only.split(',').some((part) => name.startsWith(part));
const skip = (name: string, reason: string) => process.stderr.write(`skipped: ${name} (${reason})\n`);

/** The folder with the files, made where nobody named one. */
function figureFolder(): string {
  if (flags.figure) return resolve(flags.figure);
  const photo = join(ROOT, 'public/samples', `${SAMPLE}.jpg`);
  const args = ['run', 'digitize', '--', photo, '--formats', 'all', '--out', join(CACHE, 'out')];
  if (spawnSync('npm', args, { cwd: ROOT, stdio: 'inherit' }).status !== 0)
    throw new Error('the sample was not digitized');
  return join(CACHE, 'out', SAMPLE);
}

/** Python of a program's own environment; null, and said, where it cannot be installed. */
function pythonWith(name: string, packages: readonly string[]): string | null {
  const home = join(CACHE, packages[0].replace('==', '-'));
  const python = join(home, 'bin/python');
  if (existsSync(join(home, 'installed'))) return python;
  mkdirSync(CACHE, { recursive: true });
  const made = existsSync(python) || spawnSync(flags.python, ['-m', 'venv', home]).status === 0;
  if (!made) {
    skip(name, `${flags.python} makes no environment; name another one with --python`);
    return null;
  }
  process.stderr.write(`installing ${packages.join(' ')} into ${home}\n`);
  const pip = spawnSync(python, ['-m', 'pip', 'install', '-q', '--no-cache-dir', ...packages], {
    encoding: 'utf8',
  });
  if (pip.status !== 0) {
    skip(name, pip.stderr.trim().split('\n').at(-1) ?? 'not installed');
    return null;
  }
  writeFileSync(join(home, 'installed'), '');
  return python;
}

function seenByPython(python: string, script: string, file: string): Seen | string {
  const [facts, vertices] = [join(CACHE, 'facts.json'), join(CACHE, 'vertices.bin')];
  const run = spawnSync(python, [join(import.meta.dirname, 'clients', script), file, facts, vertices], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (run.status !== 0) return (run.stderr || run.stdout).trim().split('\n').at(-1) ?? 'it failed';
  const bytes = readFileSync(vertices);
  return {
    ...JSON.parse(readFileSync(facts, 'utf8')),
    vertices: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
  };
}

/** What is wrong, in words; nothing where the program has what we wrote. */
function faultsOf(
  seen: Seen,
  written: Written,
  { heightMeters, found, of, colourLevels, normalDegrees }: Comparison,
) {
  const faults: string[] = [];
  if (Math.abs(heightMeters - HEIGHT_METERS) > 1e-5) faults.push(`${heightMeters.toFixed(4)} m tall`);
  if (found < of) faults.push(`${of - found} vertices elsewhere`);
  if (seen.triangles !== written.triangles)
    faults.push(`${seen.triangles} of ${written.triangles} triangles`);
  if (colourLevels === null) faults.push('no colours');
  else if (colourLevels > MOST_LEVELS) faults.push(`colours ${colourLevels.toFixed(1)} levels off`);
  if (normalDegrees === null) faults.push('no normals');
  else if (normalDegrees > MOST_NORMAL_DEGREES)
    faults.push(`normals ${normalDegrees.toFixed(1)} degrees off`);
  if (seen.manifold === false) faults.push('not manifold');
  return faults;
}

function glbRow(program: string, file: string, seen: Seen, written: Written): Row {
  const result = compare(written, seen);
  return {
    program: `${program} (${seen.version})`,
    file,
    cells: [
      `${result.heightMeters.toFixed(3)} m`,
      seen.up,
      String(seen.triangles),
      result.colourLevels?.toFixed(2) ?? 'none',
      result.normalDegrees?.toFixed(3) ?? 'none',
      seen.material ?? 'none',
      seen.manifold === null ? 'no check' : seen.manifold ? 'yes' : 'no',
      file === 'mesh.ply' ? '-' : seen.attributes.join(', ') || 'dropped',
    ],
    faults: faultsOf(seen, written, result),
  };
}

/** assimp turns the GLB into a PLY of its own, which says what it has of it. */
function assimpRow(glb: string): Row | null {
  const info = spawnSync('assimp', ['info', glb], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (info.error) {
    skip('assimp', 'not installed; Debian: apt-get install assimp-utils');
    return null;
  }
  const figure = (name: string) => new RegExp(`${name}:?\\s+(.*)`).exec(info.stdout)?.[1].trim() ?? '';
  const point = (name: string) => /\(([^)]*)\)/.exec(figure(name))?.[1].trim().split(/\s+/).map(Number) ?? [];
  const [low, high] = [point('Minimum point'), point('Maximum point')];
  const height = high[1] - low[1];
  const mesh = /\d+ \([^)]*\): \[.*\]/.exec(info.stdout)?.[0] ?? '';
  const faults: string[] = [];
  if (info.status !== 0) faults.push((info.stderr || info.stdout).trim().split('\n').at(-1) ?? 'it failed');
  else if (Math.abs(height - HEIGHT_METERS) > 1e-4) faults.push(`${height} m tall`);
  const version = /Version (\S+)/.exec(spawnSync('assimp', ['version'], { encoding: 'utf8' }).stdout)?.[1];
  return {
    program: `assimp (${version})`,
    file: 'mesh.glb',
    cells: [
      `${height.toFixed(3)} m`,
      'y',
      figure('Faces'),
      'not compared',
      'not compared',
      figure('Materials') || mesh,
      'no check',
      'no list',
    ],
    faults,
  };
}

const HEAD = [
  'program',
  'file',
  'height',
  'up',
  'triangles',
  'colours, levels off',
  'normals, degrees off',
  'material',
  'manifold',
  '_SEEN, _CONFIDENCE',
  'verdict',
];

function table(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const body = rows.map(({ program, file, cells, faults }) =>
    line([program, file, ...cells, faults.length === 0 ? 'right' : faults.join(', ')]),
  );
  return [line(HEAD), line(HEAD.map(() => '---')), ...body].join('\n');
}

const folder = figureFolder();
const glbPath = join(folder, 'mesh.glb');
const glb = readFileSync(glbPath);
const written = await readWritten(glb);
const rows: Row[] = [];
for (const [name, packages, script] of PYTHON_CLIENTS) {
  if (!wanted(name)) continue;
  const python = pythonWith(name, packages);
  if (!python) continue;
  for (const file of ['mesh.glb', 'mesh.ply']) {
    process.stderr.write(`${name}: ${file}\n`);
    const seen = seenByPython(python, script, join(folder, file));
    if (typeof seen === 'string')
      rows.push({ program: name, file, cells: HEAD.slice(2, -1).map(() => '-'), faults: [seen] });
    else if (file === 'mesh.glb') rows.push(glbRow(name, file, seen, written));
    else rows.push(plyRow(name, seen, written));
  }
}
if (wanted('three.js')) {
  const seen = await seenByThree(glbPath);
  if (seen) rows.push(glbRow('three.js', 'mesh.glb', seen, written));
}
if (wanted('assimp')) rows.push(...[assimpRow(glbPath)].filter((row) => row !== null));

/** A PLY is in the method's own frame: its mesh, placed like the GLB's, has to be the same. */
function plyRow(program: string, seen: Seen, ours: Written): Row {
  const placed = placeLike(seen.vertices, ours.vertices);
  return glbRow(program, 'mesh.ply', { ...seen, vertices: placed }, ours);
}

/** Vertices scaled and shifted so that their box along y is that of the others, and so are the middles along x and z. */
function placeLike(vertices: Float32Array, others: Float32Array): Float32Array {
  const range = (values: Float32Array, k: number) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = k; i < values.length; i += 9) {
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
    return [low, high];
  };
  const [low, high] = range(vertices, 1);
  const [lowest, highest] = range(others, 1);
  const scale = (highest - lowest) / (high - low);
  const placed = vertices.slice();
  for (let k = 0; k < 3; k++) {
    const [from] = range(vertices, k);
    const [to] = range(others, k);
    for (let i = k; i < placed.length; i += 9) placed[i] = (placed[i] - from) * scale + to;
  }
  return placed;
}

const others = [...(await gltfRows(folder, wanted)), ...formatRows(folder, wanted, pythonWith, skip)];
const FORMAT_HEAD = ['file', 'size', 'program', 'height', 'up', 'triangles', 'closed', 'colours', 'verdict'];

function formatTable(list: readonly FormatRow[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(FORMAT_HEAD),
    line(FORMAT_HEAD.map(() => '---')),
    ...list.map(({ cells }) => line(cells)),
  ].join('\n');
}

const text = `${table(rows)}\n\n${formatTable(others)}`;
process.stdout.write(`${text}\n`);
if (!flags.only) {
  const size = (statSync(glbPath).size / 1e6).toFixed(1);
  const page = `# What other programs have of a file of ours

Written by \`npm run bench -- clients\`, from the sample ${SAMPLE} at defaults unless another figure was named: ${written.triangles} triangles,
${written.vertices.length / 9} vertices, mesh.glb ${size} MB. Each vertex of ours is looked up in what the program has (within 2 micrometres); "right": all are
there, ${HEIGHT_METERS.toFixed(2)} m tall, colours within ${MOST_LEVELS} levels of 255, normals within ${MOST_NORMAL_DEGREES} degree, and the program's own check finds the mesh closed and
manifold (trimesh: is_volume; Open3D: edge-manifold without boundaries, vertex-manifold, orientable; Blender: every edge and vertex).
The second table is of the other formats: 1.70 m tall, feet on the
ground, closed by the program's own check (PrusaSlicer: nothing repaired), valid by its validators (usd-core, lib3mf in strict mode). assimp hands its
colours out in no form fine enough to compare.

${text}
`;
  writeFileSync(join(import.meta.dirname, 'clients.md'), page);
}
process.exitCode = [...rows, ...others].some(({ faults }) => faults.length > 0) ? 1 : 0;
