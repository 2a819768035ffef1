/** docs/architecture.md and CONTRIBUTING.md name files and functions; each has to exist, so that a rename finds its way there. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);
const code = files
  .filter((file) => /^((src|workers|cli|tests|training)\/.*|[\w.]+)\.(tsx?|mjs|py)$/.test(file))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n');
const words = new Set(code.match(/[\w$]+/g));

/** Files by path or by name; folders with a slash at their end or in them. */
function isPath(text: string): boolean {
  return files.some((file) => file === text || file.endsWith(`/${text}`) || file.startsWith(text));
}

test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('what %s names exists', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const names = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\s]+)`/g)].map(([, name]) => name);
  // Placeholders are in capitals: NAME.
  const asked = names.filter((name) => !/[A-Z]{4,}(?![_\w])/.test(name) || /^[A-Z_]+$/.test(name));
  const bare = (name: string) =>
    name
      .replace(/\(.*\)$/, '')
      .split('.')
      .at(-1) as string;
  const known = (name: string) => isPath(name) || words.has(bare(name)) || /^[@-]/.test(name);
  const bracketed = [...text.matchAll(/\(([\w./-]+\.(?:tsx?|md))[;)]/g)].map(([, path]) => path);
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter((name) => !known(name))).toEqual([]);
  expect(bracketed.filter((path) => !isPath(path) && !isPath(`docs/${path}`))).toEqual([]);
});
