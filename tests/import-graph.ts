/** Who imports whom in the sources, room by room (README, "The house"): for the test of the rooms and `npm run bench -- imports`. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** From the top floor down. */
export const ROOMS = [
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
] as const;

export interface Import {
  readonly target: string;
  /** Erased when compiled: `import type`, `export type`. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  /** Index in ROOMS. */
  readonly room: number;
  readonly text: string;
  readonly lines: number;
  /** As they are written: packages and relative paths. */
  readonly imports: readonly Import[];
}

/** The innermost room: `workers/poisson` lies in the folder `workers`, but is another room. */
export const roomOf = (path: string): number => ROOMS.findLastIndex((room) => path.startsWith(`${room}/`));

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(?<kind>type\s)?(?:[^'";]*?\sfrom\s)?['"](?<plain>[^'"]+)['"]|import\(\s*['"](?<lazy>[^'"]+)['"]|new URL\(\s*['"](?<url>\.[^'"]+)['"]/g;

function importsOf(text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(({ groups }) => ({
    target: groups?.plain ?? groups?.lazy ?? groups?.url ?? '',
    typeOnly: groups?.kind !== undefined,
  }));
}

/** Every source file of the rooms, tests and the solver's AssemblyScript left out. */
export function sourceFiles(): SourceFile[] {
  const paths = ROOMS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(
        (file) =>
          /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file) && !/(^|\/)(assembly|build|dist)\//.test(file),
      )
      .map((file) => join(folder, file)),
  );
  return [...new Set(paths)].sort().map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return { path, room: roomOf(path), text, lines: text.split('\n').length - 1, imports: importsOf(text) };
  });
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Imports between files of the rooms. A client starts the worker that it talks to: between them are messages, no code. */
export function arrowsOf(files: readonly SourceFile[]): Arrow[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap(({ target, typeOnly }) => {
      if (!target.startsWith('.') || target.endsWith('.worker.ts')) return [];
      const to = relative(ROOT, resolve(ROOT, dirname(path), target));
      return roomOf(to) === -1 ? [] : [{ from: path, to, typeOnly }];
    }),
  );
}

/** Arrows from a room to one above it. */
export const upward = (arrows: readonly Arrow[]): Arrow[] =>
  arrows.filter(({ from, to }) => roomOf(to) < roomOf(from));

/** Circles: groups of nodes that reach each other (Tarjan's strongly connected components of more than one node). */
export function circlesOf(edges: readonly (readonly [from: string, to: string])[]): string[][] {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.size - 1);
    stack.push(node);
    for (const target of next.get(node) ?? []) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(node, Math.min(low.get(node) ?? 0, low.get(target) ?? 0));
    }
    if (low.get(node) !== index.get(node)) return;
    const circle = stack.splice(stack.indexOf(node));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const node of next.keys()) if (!index.has(node)) visit(node);
  return circles;
}
