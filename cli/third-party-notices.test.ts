import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { noticesText, thirdPartyNotices } from './third-party-notices.ts';

const ROOT = resolve(import.meta.dirname, '..');
const notices = thirdPartyNotices(ROOT);

test('every dependency of the page has a notice with a text', () => {
  const { dependencies } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const [name, version] of Object.entries(dependencies)) {
    const notice = notices.find((n) => n.name === name);
    expect(notice?.version, name).toBe(version);
    expect(notice?.text.length, name).toBeGreaterThan(300);
  }
  // What those depend on is in the page, too; tools are not.
  expect(notices.map((n) => n.name)).toContain('scheduler');
  expect(notices.map((n) => n.name)).toContain('@mediapipe/pose');
  expect(notices.map((n) => n.name)).not.toContain('vite');
});

test('only licences that allow any use', () => {
  const free =
    /^(MIT|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD|CC0-1\.0|OFL-1\.1|Unlicense|LGPL-3\.0(-or-later)?)$/;
  expect(notices.filter((n) => !free.test(n.licence)).map((n) => `${n.name}: ${n.licence}`)).toEqual([]);
});

test('a licence text stands once, below the names that it covers', () => {
  const text = noticesText([
    { name: 'a', version: '1.0.0', licence: 'MIT', text: 'the same' },
    { name: 'b', version: '2.0.0', licence: 'MIT', text: 'the same' },
    { name: 'c', version: '3.0.0', licence: 'ISC', text: 'another' },
  ]);
  expect(text.split('the same')).toHaveLength(2);
  expect(text).toContain('a, b\n\nthe same');
  expect(text).toContain('b 2.0.0  MIT');
});
