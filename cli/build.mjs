/**
 * Builds the app into dist/. With --if-stale only when dist/ is missing or older than what it is made from.
 * Plain Node, so that start, test and digitize all build the same way.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSurface } from './setup.mjs';
import { inPackage, ROOT, runStep } from './step.mjs';

/** What dist/ is made from. Folders are walked; a missing one counts as unchanged. */
const SOURCES = [
  'index.html',
  'digitize.html',
  'views.html',
  'package-lock.json',
  'vite.config.ts',
  'src',
  'workers',
  'public',
];

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

/** True when dist/ is missing or some source is newer than it. */
export function buildIsStale(root = ROOT) {
  const built = statSync(join(root, 'dist/index.html'), { throwIfNoEntry: false });
  return !built || SOURCES.some((source) => newest(join(root, source)) > built.mtimeMs);
}

/** The surface module first (it builds only when stale), then Vite. */
export async function buildApp({ quiet = false, log } = {}) {
  const surface = await buildSurface({ log });
  if (!surface.ok) return surface;
  return runStep(inPackage('vite/bin/vite.js'), ['build', ...(quiet ? ['--logLevel', 'error'] : [])], {
    timeoutMs: 900_000,
    log,
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const wanted = !process.argv.includes('--if-stale') || buildIsStale();
  const { ok, problem } = wanted
    ? await buildApp({ quiet: process.argv.includes('--quiet') })
    : { ok: true, problem: '' };
  if (!ok) process.stderr.write(`build: ${problem}\n`);
  process.exitCode = ok ? 0 : 1;
}
