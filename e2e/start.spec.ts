/** `npm start` as a visitor runs it: an address on the screen, an isolated page behind it, and a clean end. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

const START = join(import.meta.dirname, '../cli/start.mjs');

test('serves the built app with the headers that shared memory needs, and stops when told to', async () => {
  test.setTimeout(180_000);
  const server = spawn(process.execPath, [START, '--no-open'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((done) => server.once('exit', () => done()));
  try {
    const url = await new Promise<string>((done, fail) => {
      let text = '';
      server.stdout.on('data', (chunk) => {
        text += chunk;
        const found = /Statuette is at (http:\S+)/.exec(text);
        if (found) done(found[1]);
      });
      server.once('exit', () => fail(new Error(`it ended and said: ${text}`)));
    });
    for (const path of [
      '',
      'pose/body.graph',
      'samples/index.json',
      'packs/starter/pack.json',
      'packs/catalogue.json',
    ]) {
      const response = await fetch(url + path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    }
    server.kill('SIGTERM');
    await ended;
    await expect(fetch(url)).rejects.toThrow();
  } finally {
    server.kill('SIGTERM');
  }
});

test('a port in use is named, not taken', async ({ baseURL }) => {
  const port = new URL(baseURL ?? '').port;
  const server = spawn(process.execPath, [START, '--no-open', '--port', port]);
  let text = '';
  server.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const code = await new Promise((done) => server.once('exit', done));
  expect(code).toBe(1);
  expect(text).toContain(port);
});
