/** The saved page as a visitor opens it: from a disk, with the network off. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode } from 'fast-png';
import { afterAll, expect, test } from 'vitest';
import { launchBrowser } from '../../../cli/browser.ts';
import { encodeMesh } from '../encode-mesh.ts';
import { DEFAULT_FILE_OPTIONS } from '../formats.ts';
import { sphereMesh } from '../mesh-fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'statuette-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('opens offline, asks for nothing, and shows the figure in its colours', async () => {
  const mesh = sphereMesh(100, 100);
  mesh.colours.forEach((_, i) => {
    mesh.colours[i] = [220, 60, 30][i % 3];
  });
  const bytes = await encodeMesh(
    'html',
    mesh,
    { name: 'A </script><b>figure</b>', generator: 'Statuette test', extras: {} },
    DEFAULT_FILE_OPTIONS,
  );
  expect(bytes.length).toBeLessThan(1.2e6);
  const file = join(folder, 'figure.html');
  writeFileSync(file, bytes);
  const browser = await launchBrowser('auto');
  try {
    const context = await browser.newContext({ viewport: { width: 400, height: 500 }, offline: true });
    const tab = await context.newPage();
    const asked: string[] = [];
    const problems: string[] = [];
    tab.on('request', (request) => asked.push(request.url()));
    tab.on('pageerror', (error) => problems.push(error.message));
    tab.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await tab.goto(pathToFileURL(file).href);
    await tab.waitForSelector('body[data-shown]', { timeout: 60_000 });
    expect(await tab.textContent('#problem')).toBe('');
    expect(await tab.title()).toBe('A </script><b>figure</b>');
    expect(problems).toEqual([]);
    expect(asked.filter((url) => !/^(file|data|blob):/.test(url))).toEqual([]);
    const { data, width, height, channels } = decode(await tab.screenshot());
    const middle = ((height >> 1) * width + (width >> 1)) * channels;
    const [red, green] = [data[middle], data[middle + 1]];
    expect(red).toBeGreaterThan(120);
    expect(red - green).toBeGreaterThan(60);
  } finally {
    await browser.close();
  }
}, 120_000);
