/** The other formats of the product, each opened by a library that knows it: how tall, which way up, closed, coloured. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateBytes } from 'gltf-validator';
import { packedByThree } from './as-three.ts';

export interface FormatRow {
  readonly cells: readonly string[];
  readonly faults: readonly string[];
}

export interface Told {
  readonly version: string;
  readonly height: number;
  readonly floor: number;
  readonly up: string;
  readonly triangles: number;
  readonly closed: boolean;
  readonly colours: string;
  /** What else is wrong with it, by the script. */
  readonly faults?: readonly string[];
}

const HEIGHT_METERS = 1.7;
/** The packed file has its positions in 16 bits. */
const PACKED_METERS = 5e-5;
const packed = (file: string) => file === 'mesh-meshopt.glb';
const BLENDER = ['bpy==4.5.15'];
const TRIMESH = ['trimesh==5.2.0', 'scipy==1.17.1', 'networkx==3.6.1', 'lxml==6.1.3'];
/** File, program, its packages. */
const READERS: readonly (readonly [file: string, program: string, packages: readonly string[]])[] = [
  ['mesh-obj.zip', 'trimesh', TRIMESH],
  ['mesh-ascii.ply', 'trimesh', TRIMESH],
  ['mesh.stl', 'trimesh', TRIMESH],
  ['mesh.3mf', 'trimesh', TRIMESH],
  ['mesh.3mf', 'lib3mf', ['lib3mf==2.5.0', 'numpy']],
  ['mesh.usdz', 'usd-core', ['usd-core==26.11', 'numpy']],
];

/** Files of glTF that are more than a mesh, in Blender: with texture, with skeleton, as an avatar. */
const AVATARS = ['mesh-textured.glb', 'mesh-rigged.glb', 'mesh.vrm'] as const;
const GLTF_FILES = ['mesh.glb', 'mesh-meshopt.glb', ...AVATARS] as const;

/** Every glTF file by the Khronos validator; the packed one by three.js, which has its decoder. */
export async function gltfRows(folder: string, wanted: (name: string) => boolean): Promise<FormatRow[]> {
  const rows: FormatRow[] = [];
  for (const file of GLTF_FILES) {
    if (!existsSync(join(folder, file))) continue;
    const size = `${(statSync(join(folder, file)).size / 1e6).toFixed(1)} MB`;
    if (wanted('validator')) {
      const { issues } = await validateBytes(readFileSync(join(folder, file)));
      const faults = issues.numErrors + issues.numWarnings > 0 ? [issues.messages[0].code] : [];
      const verdict = `${issues.numErrors} errors, ${issues.numWarnings} warnings`;
      rows.push({ cells: [file, size, 'Khronos validator', ...new Array(5).fill('-'), verdict], faults });
    }
    if (wanted('three.js') && file === 'mesh-meshopt.glb') {
      rows.push(row(folder, file, 'three.js', await packedByThree(join(folder, file))));
    }
  }
  return rows;
}

/**
 * @param pythonWith a Python with packages in it; null where they cannot be had.
 * @param skip       says aloud what was left out.
 */
export function formatRows(
  folder: string,
  wanted: (name: string) => boolean,
  pythonWith: (name: string, packages: readonly string[]) => string | null,
  skip: (name: string, reason: string) => void,
): FormatRow[] {
  const rows: FormatRow[] = [];
  for (const [file, program, packages] of READERS) {
    if (!wanted(program)) continue;
    if (!existsSync(join(folder, file))) {
      skip(`${program}, ${file}`, 'the figure has no such file; digitize it with --formats all');
      continue;
    }
    const python = pythonWith(program, packages);
    if (python) rows.push(row(folder, file, program, readBy(python, join(folder, file), program)));
  }
  for (const file of AVATARS.filter((name) => wanted('Blender') && existsSync(join(folder, name)))) {
    const python = pythonWith('Blender 4.5', BLENDER);
    if (python) rows.push(row(folder, file, 'Blender', readBy(python, join(folder, file), null)));
  }
  if (wanted('PrusaSlicer')) {
    for (const file of ['mesh.stl', 'mesh.3mf']) {
      if (existsSync(join(folder, file))) rows.push(...slicerRow(folder, file, skip));
    }
  }
  if (wanted('assimp') && existsSync(join(folder, 'mesh-obj.zip'))) rows.push(...assimpRow(folder, skip));
  return rows;
}

/** @param program null: Blender, by a script of its own. */
function readBy(python: string, file: string, program: string | null): Told | string {
  const script = program === null ? ['as_avatar.py', file] : ['as_formats.py', file, program];
  const run = spawnSync(python, [join(import.meta.dirname, script[0]), ...script.slice(1)], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const last = (text: string) => text.trim().split('\n').at(-1) ?? '';
  return run.status === 0 ? (JSON.parse(last(run.stdout)) as Told) : last(run.stderr) || 'it failed';
}

function row(folder: string, file: string, program: string, told: Told | string): FormatRow {
  const size = `${(statSync(join(folder, file)).size / 1e6).toFixed(1)} MB`;
  if (typeof told === 'string') {
    return { cells: [file, size, program, ...new Array(5).fill('-'), told], faults: [told] };
  }
  const faults = [...(told.faults ?? [])];
  if (Math.abs(told.height - HEIGHT_METERS) > (packed(file) ? PACKED_METERS : 1e-5))
    faults.push(`${told.height} m tall`);
  if (Math.abs(told.floor) > (packed(file) ? PACKED_METERS : 1e-5)) faults.push(`feet at ${told.floor} m`);
  if (!told.closed) faults.push('not closed');
  return {
    cells: [
      file,
      size,
      `${program} (${told.version})`,
      `${told.height.toFixed(3)} m`,
      told.up,
      String(told.triangles),
      told.closed ? 'yes' : 'no',
      told.colours,
      faults.join(', ') || 'right',
    ],
    faults,
  };
}

function slicerRow(folder: string, file: string, skip: (name: string, reason: string) => void): FormatRow[] {
  const info = spawnSync('prusa-slicer', ['--info', join(folder, file)], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (info.error) {
    skip('PrusaSlicer', 'not installed; Debian: apt-get install prusa-slicer');
    return [];
  }
  const value = (name: string) => new RegExp(`^${name} = (.*)$`, 'm').exec(info.stdout)?.[1] ?? '';
  const repairs = [
    'facets_removed',
    'degenerate_facets',
    'edges_fixed',
    'facets_reversed',
    'backwards_edges',
    'open_edges',
  ].filter((name) => value(name) && value(name) !== '0');
  const version = /PrusaSlicer-(\S+?)\+/.exec(
    spawnSync('prusa-slicer', ['--help'], { encoding: 'utf8' }).stdout,
  )?.[1];
  const told = {
    version: version ?? '',
    height: Number(value('size_z')) / 1000,
    floor: Number(value('min_z')) / 1000,
    up: 'z',
    triangles: Number(value('number_of_facets')),
    closed: value('manifold') === 'yes',
    colours: '-',
  };
  const { cells, faults } = row(folder, file, 'PrusaSlicer', told);
  const all = [...faults, ...repairs.map((name) => `${name} ${value(name)}`)];
  return [{ cells: [...cells.slice(0, -1), all.join(', ') || 'right'], faults: all }];
}

/** assimp has no check of its own; it says where the box is and how many faces there are. */
function assimpRow(folder: string, skip: (name: string, reason: string) => void): FormatRow[] {
  const unpacked = mkdtempSync(join(tmpdir(), 'statuette-obj-'));
  try {
    spawnSync('unzip', ['-q', join(folder, 'mesh-obj.zip'), '-d', unpacked]);
    const info = spawnSync('assimp', ['info', join(unpacked, 'figure.obj')], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (info.error) {
      skip('assimp, OBJ', 'not installed; Debian: apt-get install assimp-utils');
      return [];
    }
    const point = (name: string) =>
      new RegExp(`${name}\\s+\\(([^)]*)\\)`).exec(info.stdout)?.[1].trim().split(/\s+/).map(Number) ?? [];
    const [low, high] = [point('Minimum point'), point('Maximum point')];
    const told = {
      version: /Version (\S+)/.exec(spawnSync('assimp', ['version'], { encoding: 'utf8' }).stdout)?.[1] ?? '',
      height: high[1] - low[1],
      floor: low[1],
      up: 'y',
      triangles: Number(/Faces:\s+(\d+)/.exec(info.stdout)?.[1]),
      closed: true,
      colours: '-',
    };
    const { cells, faults } = row(folder, 'mesh-obj.zip', 'assimp', told);
    return [{ cells: cells.map((cell, i) => (i === 6 ? 'no check' : cell)), faults }];
  } finally {
    rmSync(unpacked, { recursive: true });
  }
}
