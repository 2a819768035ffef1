/** The package as it would be published: packed, unpacked beside nothing else of this repository, and its README's example run. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeCloudPly } from '../../src/export/ply.ts';
import { sphereCloud } from './shapes.ts';

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, '../..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'poisson-package-'));
  // As npm does before it packs, unless its scripts are switched off.
  execFileSync(process.execPath, ['package.mjs'], { cwd: HERE, stdio: 'pipe' });
  execFileSync(npm, ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: HERE,
    stdio: 'pipe',
    shell: process.platform === 'win32',
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  const own = join(folder, 'node_modules/@statuette/poisson');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', tarball ?? '', '-C', own, '--strip-components=1'], { cwd: folder });
  // Its one dependency.
  symlinkSync(
    join(ROOT, 'node_modules/meshoptimizer'),
    join(folder, 'node_modules/meshoptimizer'),
    'junction',
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function example(): string {
  const found = /```js\n(\/\/ node example\.mjs[\s\S]*?)```/.exec(
    readFileSync(join(HERE, 'README.md'), 'utf8'),
  );
  if (!found) throw new Error('the README has no example');
  const path = join(folder, 'example.mjs');
  writeFileSync(path, found[1]);
  return path;
}

describe('the packed solver', () => {
  test('holds the built files, the wasm, the README and the licence, and no sources or tests', () => {
    const own = join(folder, 'node_modules/@statuette/poisson');
    const files = readdirSync(own, { recursive: true, encoding: 'utf8' });
    for (const name of [
      'package.json',
      'README.md',
      'LICENSE',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/poisson.wasm',
      'dist/helper.node.mjs',
    ])
      expect(files, name).toContain(join(name));
    expect(files.filter((name) => /\.test\.|fixture|assembly|build\.mjs|(?<!\.d)\.ts$/.test(name))).toEqual(
      [],
    );
    const manifest = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
    const targets = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry as object),
    );
    for (const target of targets) expect(existsSync(join(own, target)), target).toBe(true);
    const outside = files.filter(
      (name) =>
        /\.(js|mjs|ts)$/.test(name) && /from '\.\.\/\.\.\//.test(readFileSync(join(own, name), 'utf8')),
    );
    expect(outside).toEqual([]);
  });

  test('the example of the README makes a closed mesh, on several threads', () => {
    const cloud = join(folder, 'cloud.ply');
    writeFileSync(cloud, writeCloudPly(sphereCloud(5000)));
    const { status, stdout, stderr } = spawnSync(process.execPath, [example(), cloud], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const line = JSON.parse(stdout);
    expect(line).toMatchObject({ notices: [], points: 5000, boundary: 0, nonManifold: 0 });
    expect(line.triangles).toBeGreaterThan(1000);
    expect(line.triangles).toBeLessThanOrEqual(2000);
  });

  test('the example says what is wrong with a file that is no cloud', () => {
    const file = join(folder, 'scan.las');
    writeFileSync(file, 'LASF');
    const { status, stderr } = spawnSync(process.execPath, [example(), file], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^The LAS or LAZ file cannot be read: .*Convert it to PLY/);
    expect(status).toBe(1);
  });

  test('its types are found and hold', () => {
    const file = join(folder, 'typed.ts');
    const typed = (points: string) =>
      [
        "import { type OrientedCloud, type SurfaceMesh, solveSurface } from '@statuette/poisson';",
        "import { poissonModule, solveInNode } from '@statuette/poisson/node';",
        'export async function mesh(cloud: OrientedCloud): Promise<SurfaceMesh> {',
        '  const options = { depth: 8, pointWeight: 16, threads: 1, trim: false };',
        '  solveSurface(await poissonModule(), cloud, options);',
        `  return (await solveInNode(${points}, options)).mesh;`,
        '}',
      ].join('\n');
    const check = (text: string) => {
      writeFileSync(file, text);
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      const flags = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        'false',
        '--target',
        'es2022',
        '--lib',
        'es2023,dom',
        '--module',
        'nodenext',
        '--types',
        '',
      ];
      const { status, stdout } = spawnSync(process.execPath, [tsc, ...flags, file], {
        cwd: folder,
        encoding: 'utf8',
      });
      return { status, stdout };
    };
    expect(check(typed('cloud'))).toEqual({ status: 0, stdout: '' });
    expect(check(typed('{ count: 1 }')).stdout).toMatch(/positions/);
  });
});
