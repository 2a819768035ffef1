/** Imports go down the list of rooms only (README, "The house"). A room may import from itself and from rooms below. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const ROOMS = [
  'src/ui',
  'src/scene',
  'src/store',
  'workers',
  'src/client',
  'src/digitizer',
  'src/intake',
  'src/networks',
  'src/gpu',
  'src/geometry',
  'src/export',
  'src/base',
  // The surface solver is a package of its own: everybody may use it, it uses nobody.
  'workers/poisson',
];

/** Packages that one room alone may import. */
const OWNED: readonly (readonly [pattern: RegExp, room: string])[] = [
  [/^onnxruntime-web/, 'src/networks'],
  [/^libheif-js/, 'src/intake'],
];

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.tsx?$/.test(f) && !/\.test\.tsx?$/.test(f) && !/(^|\/)(assembly|build|dist)\//.test(f))
    .map((f) => join(folder, f));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]|new URL\(\s*['"](\.[^'"]+)['"]/g;
  return [...text.matchAll(pattern)].map((m) => m[1] ?? m[2] ?? m[3]);
}

/** The innermost room: `workers/poisson` lies in the folder `workers`, but is another room. */
const roomOf = (path: string) => ROOMS.findLastIndex((room) => path.startsWith(`${room}/`));

describe('the house', () => {
  const files = ROOMS.flatMap(sources);

  test('has files in every room', () => {
    for (const room of ROOMS)
      expect(
        files.some((f) => f.startsWith(`${room}/`)),
        room,
      ).toBe(true);
  });

  test('imports go down only', () => {
    const upward: string[] = [];
    for (const file of files) {
      for (const target of importsOf(file)) {
        // A client starts the worker that it talks to; between them are messages, no code.
        if (!target.startsWith('.') || target.endsWith('.worker.ts')) continue;
        const path = relative(ROOT, resolve(ROOT, dirname(file), target));
        const to = roomOf(path);
        if (to !== -1 && to < roomOf(file)) upward.push(`${file} -> ${path}`);
      }
    }
    expect(upward).toEqual([]);
  });

  test('packages stay in the room that owns them, and only the gpu room requests a device', () => {
    const strays: string[] = [];
    for (const file of files) {
      for (const target of importsOf(file)) {
        for (const [pattern, room] of OWNED) {
          if (pattern.test(target) && !file.startsWith(`${room}/`)) strays.push(`${file} -> ${target}`);
        }
      }
      if (
        /requestDevice|requestAdapter/.test(readFileSync(join(ROOT, file), 'utf8')) &&
        !file.startsWith('src/gpu/')
      ) {
        strays.push(`${file} requests a GPU device`);
      }
    }
    expect(strays).toEqual([]);
  });
});
