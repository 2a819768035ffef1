import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FORMAT_WORDS } from '../src/export/formats.ts';
import { readFlags, UsageError, uniqueNames } from './digitize-flags.ts';
import { ROOT } from './serve.ts';

const folder = mkdtempSync(join(tmpdir(), 'statuette-flags-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (path: string) => {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, '{}');
  return full;
};
const photo = file('anna.png');
const other = file('b/anna.jpg');
const pose = file('poses/anna_keypoints.json');
file('pack/pack.json');
file('pack/weights.safetensors');
file('broken-pack/weights.safetensors');
const out = join(folder, 'out');

describe('the command line of digitize', () => {
  test('defaults', () => {
    const flags = readFlags([photo, '--out', out]);
    expect(flags).toMatchObject({
      jobs: [{ name: 'anna', photo, poseFile: null, maskFile: null }],
      out,
      pack: { kind: 'starter' },
      matting: null,
      options: { mode: 'robust', surfaceDepth: 9, backend: 'auto' },
      triangles: null,
      save: [],
    });
  });

  test('every option', () => {
    const flags = readFlags([
      photo,
      ...['--out', out, '--pose', pose, '--mask', photo, '--pack', join(folder, 'pack'), '--depth', '10'],
      ...['--backend', 'wasm', '--mode', 'reference', '--save', 'npy,pictures', '--triangles', '50000'],
    ]);
    expect(flags).toMatchObject({
      jobs: [{ poseFile: pose, maskFile: photo }],
      pack: { kind: 'files' },
      options: { mode: 'reference', surfaceDepth: 10, backend: 'wasm' },
      triangles: 50_000,
      save: ['npy', 'pictures'],
    });
    expect(flags?.pack.files).toHaveLength(2);
    expect(readFlags([photo, '--out', out, '--pack', file('official.pth.tar')])?.pack.kind).toBe(
      'checkpoint',
    );
    expect(readFlags([photo, '--out', out, '--pack', file('mine.zip')])?.pack.kind).toBe('files');
  });

  test('formats: in the order of the table, each once; all; a word that is none is refused', () => {
    const formats = (...args: string[]) => readFlags([photo, '--out', out, ...args])?.formats;
    expect(formats()).toEqual(['glb', 'meshPly']);
    expect(formats('--formats', 'usdz, GLB,usdz')).toEqual(['glb', 'usdz']);
    expect(formats('--formats', 'all')).toHaveLength(FORMAT_WORDS.length);
    expect(readFlags([photo, '--out', out, '--up', 'z'])?.fileOptions.up).toBe('z');
    for (const args of [
      ['--formats', 'fbx'],
      ['--formats', ','],
      ['--up', 'x'],
    ]) {
      expect(() => formats(...args), args.join(' ')).toThrow(UsageError);
    }
  });

  test('one of several people, or all of them', () => {
    const personOf = (...more: string[]) => readFlags([photo, '--out', out, ...more])?.person;
    expect(personOf()).toBe('only');
    expect(personOf('--person', '2')).toBe('person 2');
    expect(personOf('--person', 'all')).toBe('all');
    expect(() => personOf('--person', 'left')).toThrow('counted from the left, or all, not "left"');
    expect(() => personOf('--person', '0')).toThrow('a number from 1 on');
    expect(() => personOf('--person', '1', '--mode', 'reference')).toThrow('robust mode');
  });

  test('a bundled pack goes by its name; a folder of that name comes first', () => {
    const packFiles = (pack: string) =>
      readFlags([photo, '--out', out, '--pack', pack])?.pack.files.map((path) => relative(ROOT, path));
    const bundled = ['matte.onnx', 'pack.json', 'weights.safetensors'].map((name) =>
      join('public/packs/starter', name),
    );
    expect(packFiles('starter')).toEqual(bundled);
    const own = file('starter/pack.json');
    const here = process.cwd();
    process.chdir(folder);
    try {
      expect(packFiles('starter')).toEqual([relative(ROOT, own)]);
    } finally {
      process.chdir(here);
    }
  });

  test('a folder of poses serves many photos, and colliding names get a suffix', () => {
    const flags = readFlags([photo, other, '--out', out, '--pose', join(folder, 'poses')]);
    expect(flags?.jobs.map((job) => [job.name, job.poseFile])).toEqual([
      ['anna', pose],
      ['anna_2', pose],
    ]);
    expect(uniqueNames(['a.png', 'A.jpg', 'a_2.png', 'x y/ä b.png', '*.png'])).toEqual([
      'a',
      'A_2',
      'a_2_2',
      'ä_b',
      '_',
    ]);
  });

  test.each([
    ['no photo', ['--out', out], /at least one photo/],
    ['no out', [photo], /--out DIR/],
    ['a photo that is not there', [join(folder, 'no.png'), '--out', out], /there is no/],
    ['an unknown flag', [photo, '--out', out, '--detph', '9'], /detph/],
    ['a depth out of range', [photo, '--out', out, '--depth', '12'], /8 to 11/],
    ['a count of triangles that is none', [photo, '--out', out, '--triangles', '10k'], /from 500 on/],
    ['too few triangles', [photo, '--out', out, '--triangles', '12'], /from 500 on, not "12"/],
    [
      'a matting network that is not there',
      [photo, '--out', out, '--matting', 'no.onnx'],
      /there is no no.onnx/,
    ],
    ['a folder as one', [photo, '--out', out, '--matting', folder], /is a folder/],
    ['a backend we do not know', [photo, '--out', out, '--backend', 'cuda'], /auto, webgpu, wasm/],
    ['a mode we do not know', [photo, '--out', out, '--mode', 'fast'], /robust, reference/],
    ['a save kind we do not know', [photo, '--out', out, '--save', 'npy,obj'], /npy, weights, pictures/],
    ['one pose for two photos', [photo, other, '--out', out, '--pose', pose], /give a folder/],
    [
      'a pack that is neither there nor bundled',
      [photo, '--out', out, '--pack', 'starter-huge'],
      /no bundled pack of that name \(starter/,
    ],
    [
      'a pack without its manifest',
      [photo, '--out', out, '--pack', join(folder, 'broken-pack')],
      /pack\.json/,
    ],
  ])('%s is refused with one sentence', (_, args, message) => {
    expect(() => readFlags(args)).toThrow(UsageError);
    expect(() => readFlags(args)).toThrow(message);
  });

  test('--help asks for nothing', () => {
    expect(readFlags(['--help'])).toBeNull();
  });
});
