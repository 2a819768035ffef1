import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { VERSION } from '../src/base/version.ts';

const ROOT = resolve(import.meta.dirname, '..');
const text = (file: string) => readFileSync(resolve(ROOT, file), 'utf8');

test('one version: in package.json, its lock, the files that are saved and the newest entry of the changelog', () => {
  expect(JSON.parse(text('package.json')).version).toBe(VERSION);
  expect(JSON.parse(text('package-lock.json')).version).toBe(VERSION);
  const [, newest] = /^## (\d+\.\d+\.\d+), \d{4}-\d\d-\d\d$/m.exec(text('CHANGELOG.md')) ?? [];
  expect(newest).toBe(VERSION);
});
