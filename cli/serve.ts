/**
 * A small static server on the loopback for the headless tools: serves a folder with the headers that shared memory
 * needs, hands input files to the page, and writes to disk what the page posts back. Large results stream through
 * HTTP; through the debugging protocol they would be base64 in memory three times over.
 *
 * GET  /...                    files of the root folder
 * GET  /TOKEN/in/NAME          the input file given under that name
 * POST /TOKEN/out/PATH         request body -> file under the output folder
 * The random token keeps other programs of this machine out.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PAGE_HEADERS } from './page-headers.ts';

const MIME: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.glb': 'model/gltf-binary',
};
/** .onnx, .tflite, .data, .binarypb, .safetensors and the rest. */
const MIME_OTHER = 'application/octet-stream';

export interface ServeOptions {
  /** Folder to serve. */
  readonly root: string;
  /** Posted files go under this folder; absent: posting is refused. */
  readonly outputFolder?: string;
}

export interface RunningServer {
  /** http://127.0.0.1:PORT */
  readonly origin: string;
  /** Path prefix of inputs and outputs: /TOKEN. */
  readonly secretPath: string;
  /** Lets the page read a file; returns its path on this server. */
  addInput(name: string, file: string): string;
  /** Files written so far, relative to the output folder, with their size. */
  written(): readonly { readonly path: string; readonly sizeBytes: number }[];
  close(): Promise<void>;
}

/** A file below a folder, or null when the path leads out of it. */
function below(folder: string, path: string): string | null {
  const file = resolve(folder, normalize(`.${sep}${path}`));
  const inside = relative(folder, file);
  return inside.startsWith('..') || resolve(inside) === inside ? null : file;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...PAGE_HEADERS });
  response.end(text);
}

async function sendFile(response: ServerResponse, file: string | null, head: boolean): Promise<void> {
  const stat = file === null ? undefined : statSync(file, { throwIfNoEntry: false });
  if (file === null || !stat?.isFile()) {
    refuse(response, 404, 'There is no such file.');
    return;
  }
  response.writeHead(200, {
    'Content-Type': MIME[extname(file).toLowerCase()] ?? MIME_OTHER,
    'Content-Length': stat.size,
    'Cache-Control': 'no-cache',
    ...PAGE_HEADERS,
  });
  if (head) response.end();
  else await pipeline(createReadStream(file), response);
}

/** Starts the server on a free port of 127.0.0.1. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const root = resolve(options.root);
  const token = randomBytes(16).toString('hex');
  const secretPath = `/${token}`;
  const inputs = new Map<string, string>();
  const sizes = new Map<string, number>();

  async function receive(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const folder = options.outputFolder;
    const file = folder === undefined ? null : below(resolve(folder), path);
    if (file === null) {
      refuse(response, 403, 'Nothing can be written there.');
      return;
    }
    mkdirSync(dirname(file), { recursive: true });
    await pipeline(request, createWriteStream(file));
    sizes.set(path, statSync(file).size);
    response.writeHead(204, PAGE_HEADERS);
    response.end();
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
    const out = `${secretPath}/out/`;
    const input = `${secretPath}/in/`;
    if (request.method === 'POST' && path.startsWith(out)) {
      await receive(request, response, path.slice(out.length));
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(response, 405, 'Only GET, HEAD and POST.');
    } else if (path.startsWith(input)) {
      await sendFile(response, inputs.get(path.slice(input.length)) ?? null, request.method === 'HEAD');
    } else {
      const file = below(root, path.endsWith('/') ? `${path}index.html` : path);
      await sendFile(response, file, request.method === 'HEAD');
    }
  }

  const server: Server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    secretPath,
    addInput(name, file) {
      inputs.set(name, resolve(file));
      return `${secretPath}/in/${encodeURIComponent(name)}`;
    },
    written: () => [...sizes].map(([path, sizeBytes]) => ({ path, sizeBytes })),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Root of the repository. */
export const ROOT = join(import.meta.dirname, '..');
