/**
 * Comments cite headings of documents ("docs/method.md#merge"). Every citation has to lead to a document and a heading
 * that exist.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** Anchors as the usual hosts make them of headings: lower case, words joined by "-", other marks dropped. */
function anchorsOf(document: string): Set<string> {
  const headings = readFileSync(join(ROOT, document), 'utf8').matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, text]) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

/** "docs/method.md#keypoints and #faults" cites two headings. */
const CITATION = /(docs\/[\w-]+\.md)((?:#[\w-]+(?:,? (?:and )?(?=#))?)*)/g;

test('every citation of a document leads to a heading', () => {
  const files = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.py', '*.md', '*.wgsl'],
    { cwd: ROOT, encoding: 'utf8' },
  )
    .split('\n')
    .filter((file) => file && existsSync(join(ROOT, file)) && !file.startsWith('tests/citations'));
  const broken: string[] = [];
  let cited = 0;
  for (const file of files) {
    // A comment may break a citation over two lines.
    const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\n\s*\* /g, ' ');
    for (const [whole, document, anchors] of text.matchAll(CITATION)) {
      const path = existsSync(join(ROOT, document)) ? document : join(file, '..', document);
      if (!existsSync(join(ROOT, path))) {
        broken.push(`${file}: ${document}`);
        continue;
      }
      const known = anchorsOf(path);
      for (const [, anchor] of anchors.matchAll(/#([\w-]+)/g)) {
        cited++;
        if (!known.has(anchor)) broken.push(`${file}: ${whole}`);
      }
    }
  }
  expect(broken).toEqual([]);
  expect(cited).toBeGreaterThan(40);
});

test('every link from one document to a file of the repository leads there', () => {
  const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file && existsSync(join(ROOT, file)));
  const broken: string[] = [];
  let links = 0;
  for (const document of documents) {
    for (const [, target] of readFileSync(join(ROOT, document), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:)/.test(target)) continue;
      links++;
      const [path, anchor] = target.split('#');
      const file = path ? join(dirname(document), path) : document;
      if (!existsSync(join(ROOT, file))) broken.push(`${document}: ${target}`);
      else if (anchor && !anchorsOf(file).has(anchor)) broken.push(`${document}: ${target}`);
    }
  }
  expect(links).toBeGreaterThan(10);
  expect(broken).toEqual([]);
});
