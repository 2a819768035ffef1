/**
 * What people type: files that are not there, folders, files of another kind, no arguments, unknown options, places that
 * cannot be written to, wrong numbers. One row each: the command, its arguments, the exit code, what it says. Nobody may
 * see a stack, or be asked to report it. Files: tests/cases/cli.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readFlags } from './digitize-flags.ts';

const ROOT = resolve(import.meta.dirname, '..');
const CASES = join(ROOT, 'tests/cases/cli');
const out = mkdtempSync(join(tmpdir(), 'commands-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** A path below a file: nothing can be made there, whoever asks. */
const NOWHERE = 'letter.txt/out';

type Row = readonly [command: string, args: readonly string[], code: 0 | 1 | 2, says: RegExp];

const ROWS: readonly Row[] = [
  ['views', [], 2, /^Give one GLB file\./],
  ['views', ['--help'], 0, /npm run views/],
  ['views', ['none.glb', '--out', out], 1, /^There is no file none\.glb\.$/m],
  ['views', ['photos', '--out', out], 1, /^photos is a folder: give a mesh\.glb/],
  ['views', ['cloud.ply', '--out', out], 1, /^cloud\.ply is a point cloud or mesh \(PLY\): give a mesh\.glb/],
  ['views', ['page.glb', '--out', out], 1, /^page\.glb is a web page or XML: give a mesh\.glb/],
  ['views', ['mesh.gltf', '--out', out], 1, /^mesh\.gltf is a 3D model in glTF text: give a mesh\.glb/],
  ['views', ['mesh.obj', '--out', out], 1, /^mesh\.obj is a 3D model \(OBJ\): give a mesh\.glb/],
  ['views', ['triangle.glb'], 2, /^Say where the pictures go: --out DIR\./],
  ['views', ['triangle.glb', '--out', out, '--height', 'tall'], 2, /^--height is a number of pixels/],
  [
    'views',
    ['triangle.glb', '--out', NOWHERE],
    1,
    /^--out: nothing can be written to .* is a file, not a folder\./,
  ],
  ['views', ['triangle.glb', '--colour'], 2, /^There is no option --colour\.$/m],
  ['validate-glb', [], 2, /^Give at least one GLB file\./],
  ['validate-glb', ['--help'], 0, /npm run validate-glb/],
  ['validate-glb', ['letter.txt'], 1, /^letter\.txt is text: give a mesh\.glb/],
  ['validate-glb', ['none.glb'], 1, /^There is no file none\.glb\.$/m],
  ['validate-glb', ['photos'], 1, /^photos is a folder/],
  ['validate-glb', ['photo.jpg'], 1, /^photo\.jpg is a picture \(JPEG\)/],
  ['validate-glb', ['cut.glb'], 1, /error .*GLB/],
  ['surface', [], 2, /^Name one cloud\./],
  ['surface', ['--help'], 0, /npm run surface/],
  ['surface', ['none.ply', '--out', join(out, 'm.ply')], 1, /^There is no file none\.ply\.$/m],
  [
    'surface',
    ['photos', '--out', join(out, 'm.ply')],
    1,
    /^photos is a folder: give a point cloud \(PLY\)\./,
  ],
  [
    'surface',
    ['photo.jpg', '--out', join(out, 'm.ply')],
    1,
    /^photo\.jpg is a picture \(JPEG\): give a point cloud/,
  ],
  ['surface', ['empty.ply', '--out', join(out, 'm.ply')], 1, /^empty\.ply is empty/],
  ['surface', ['triangle.glb', '--out', join(out, 'm.ply')], 1, /^triangle\.glb is a 3D model \(GLB\)/],
  ['surface', ['cloud.ply', '--out', NOWHERE], 1, /^--out: nothing can be written/],
  ['surface', ['cloud.ply', '--out', 'photos'], 1, /^--out: photos is a folder\. Name a file in it\./],
  ['surface', ['cloud.ply', '--out', 'cloud.ply'], 1, /is the input itself/],
  [
    'surface',
    ['cloud.ply', '--out', join(out, 'm.ply'), '--depth', 'deep'],
    2,
    /^--depth deep is not a number\./,
  ],
  ['surface', ['cloud.ply', '--out'], 2, /^--out needs a value after it\.$/m],
  ['surface', ['cloud.ply', '--fast'], 2, /^There is no option --fast\.$/m],
  ['digitize', [], 2, /^Give at least one photo\./],
  ['digitize', ['--help'], 0, /npm run digitize/],
  ['digitize', ['none.jpg', '--out', out], 1, /there is no none\.jpg\.$/m],
  ['digitize', ['triangle.glb', '--out', out], 1, /^triangle\.glb is a 3D model \(GLB\): give a photo/],
  ['digitize', ['cloud.ply', '--out', out], 1, /^cloud\.ply is a point cloud or mesh \(PLY\): give a photo/],
  ['digitize', ['no_photos', '--out', out], 1, /^no_photos is a folder without photos/],
  ['digitize', ['photo.jpg'], 2, /^Say where the results go: --out DIR\./],
  ['digitize', ['photo.jpg', '--out', out, '--depth', '99'], 2, /^--depth is a whole number from 8 to 11/],
  ['digitize', ['photo.jpg', '--out', NOWHERE], 1, /^--out: nothing can be written/],
  ['digitize', ['photo.jpg', '--out', out, '--speed'], 2, /^There is no option --speed\.$/m],
  [
    'digitize',
    ['photo.jpg', '--out', out, '--pack', 'none.pth'],
    2,
    /^--pack: there is no file or folder none\.pth/,
  ],
  ['import-checkpoint', [], 2, /^Give the checkpoint\./],
  ['import-checkpoint', ['--help'], 0, /npm run import-checkpoint/],
  ['import-checkpoint', ['none.pth', '--out', out], 1, /^There is no file none\.pth\.$/m],
  ['import-checkpoint', ['photos', '--out', out], 1, /^photos is a folder: give the checkpoint/],
  [
    'import-checkpoint',
    ['photo.jpg', '--out', out],
    1,
    /^The file is a picture \(JPEG\), not a checkpoint\. Drop the/,
  ],
  ['import-checkpoint', ['things.zip', '--out', out], 1, /^The zip holds letter\.txt, and no data\.pkl/],
  [
    'import-checkpoint',
    ['letter.txt', '--out', out, '--precision', 'f8'],
    2,
    /^There is no precision f8: use i8, f16 or f32\./,
  ],
  [
    'import-checkpoint',
    ['letter.txt', '--out', out, '--meta', 'none.json'],
    1,
    /^There is no file none\.json\.$/m,
  ],
  [
    'import-checkpoint',
    ['letter.txt', '--out', out, '--meta', 'letter.txt'],
    1,
    /^--meta: letter\.txt is not JSON/,
  ],
  ['make-samples', ['--help'], 0, /npm run make-samples/],
  ['make-samples', ['--from', 'none'], 1, /^There is no folder .*none\. Say where/],
  ['make-samples', ['--from', 'photos'], 1, /photos has no green-jacket\.jpg/],
  ['make-hero', ['--help'], 0, /npm run make-hero/],
  ['make-hero', ['--sample', 'nobody'], 2, /^There is no sample nobody; there are green-jacket/],
  ['start.mjs', ['--help'], 0, /npm start/],
  ['start.mjs', ['--port', 'x'], 2, /^--port x is not a port number\./],
  ['start.mjs', ['--quick'], 2, /^There is no option --quick\.$/m],
  ['test.mjs', ['--help'], 0, /npm test/],
  ['test.mjs', ['--only', 'nothing'], 2, /^There is no step "nothing"\./],
  ['setup.mjs', ['--help'], 0, /npm run setup/],
  ['setup.mjs', ['--all'], 2, /^There is no option --all\./],
  ['../bench/run.mjs', ['--help'], 0, /npm run bench/],
  ['../bench/run.mjs', ['nothing'], 2, /^There is no benchmark nothing\./],
  ['../bench/parity/run', ['nobody'], 2, /^There are no recorded outputs of nobody\./],
];

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

function run([command, args]: Row): Promise<Ended> {
  const file = join(import.meta.dirname, command.endsWith('.mjs') ? command : `${command}.ts`);
  // Arguments are as typed within the folder of the cases.
  const tsx = ['--import', import.meta.resolve('tsx')];
  const child = spawn(process.execPath, [...tsx, file, ...args], { cwd: CASES, stdio: 'pipe' });
  let text = '';
  child.stdout.on('data', (bytes) => {
    text += bytes;
  });
  child.stderr.on('data', (bytes) => {
    text += bytes;
  });
  return new Promise((done) => child.on('close', (code) => done({ code, text })));
}

describe('each says in one sentence what to do', () => {
  test.concurrent.each(
    ROWS.map((row) => ({ row, title: `${row[0]} ${row[1].join(' ').replaceAll(out, 'OUT')}` })),
  )(
    '$title',
    async ({ row }) => {
      const { code, text } = await run(row);
      expect(text).toMatch(row[3]);
      expect(code).toBe(row[2]);
      expect(text).not.toMatch(/^\s+at .*[:(]\d+/m);
      expect(text).not.toMatch(/report it|ERR_|ENOENT|ENOTDIR|EISDIR|node:internal/i);
    },
    120_000,
  );

  test('what failed has written nothing', () => {
    expect(existsSync(join(out, 'm.ply'))).toBe(false);
    expect(existsSync(join(out, 'pack.json'))).toBe(false);
  });
});

test('a folder of photos is its photos, without their masks', () => {
  const flags = readFlags([join(CASES, 'photos'), '--out', out, '--mask', join(CASES, 'photos')]);
  expect(flags?.jobs.map(({ name, maskFile }) => [name, maskFile?.slice(CASES.length) ?? null])).toEqual([
    ['anna', null],
    ['ben', '/photos/ben_mask.png'],
  ]);
});
