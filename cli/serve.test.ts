import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, serve } from './serve.ts';

const folder = mkdtempSync(join(tmpdir(), 'statuette-serve-'));
const outputFolder = join(folder, 'out');
let server: RunningServer;

beforeAll(async () => {
  mkdirSync(join(folder, 'site'));
  for (const name of ['index.html', 'a.wasm', 'b.mjs', 'c.onnx', 'd.tflite', 'e.data']) {
    writeFileSync(join(folder, 'site', name), name);
  }
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  server = await serve({ root: join(folder, 'site'), outputFolder });
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** fetch() tidies "..", so a raw request asks for what a rude program would. */
const statusOf = (method: string, path: string): Promise<number> =>
  new Promise((done, fail) => {
    request(`${server.origin}`, { method, path }, (response) => {
      response.resume();
      done(response.statusCode ?? 0);
    })
      .on('error', fail)
      .end(method === 'POST' ? 'x' : undefined);
  });

describe('serve', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/a.wasm', 'application/wasm'],
    ['/b.mjs', 'text/javascript; charset=utf-8'],
    ['/c.onnx', 'application/octet-stream'],
    ['/d.tflite', 'application/octet-stream'],
    ['/e.data', 'application/octet-stream'],
  ])('%s as %s, isolated', async (path, type) => {
    const response = await fetch(server.origin + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  });

  test('hands out inputs and takes outputs', async () => {
    const path = server.addInput('my photo.txt', join(folder, 'secret.txt'));
    expect(await (await fetch(server.origin + path)).text()).toBe('secret');
    const body = new Uint8Array(3_000_000).map((_, i) => i % 251);
    const answer = await fetch(`${server.origin}${server.secretPath}/out/anna/parts/head.png`, {
      method: 'POST',
      body,
    });
    expect(answer.status).toBe(204);
    expect(readFileSync(join(outputFolder, 'anna/parts/head.png')).equals(body)).toBe(true);
    expect(server.written()).toEqual([{ path: 'anna/parts/head.png', sizeBytes: 3_000_000 }]);
  });

  test('nothing outside the folder is read or written, and nothing without the token', async () => {
    expect(await statusOf('GET', '/../secret.txt')).toBe(404);
    expect(await statusOf('GET', '/%2e%2e/secret.txt')).toBe(404);
    expect(await statusOf('GET', '/..%2fsecret.txt')).toBe(404);
    expect(await statusOf('POST', `${server.secretPath}/out/..%2f..%2fescaped.txt`)).toBe(403);
    expect(await statusOf('POST', `/${'0'.repeat(32)}/out/a.txt`)).toBe(405);
    expect(await statusOf('DELETE', '/index.html')).toBe(405);
  });
});
