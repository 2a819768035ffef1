/** Downloads into OPFS, in a real browser with a made-up server: kept whole, or not at all, with a sentence on why. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { checkpointBytes } from '../../../tests/checkpoints/write.ts';
import { deterministicWeights } from '../../../tests/deterministic-weights.ts';
import type { Widths } from '../layout.ts';
import { NETWORK_IDS, type NetworkId } from '../network-ids.ts';
import { downloadPack } from './download.ts';
import { importCheckpoint } from './open.ts';
import { listStoredPacks, openStoredPack, removeStoredPack } from './opfs.ts';

const SMALL = Object.fromEntries(NETWORK_IDS.map((id) => [id, 4])) as Record<
  NetworkId,
  number
> satisfies Widths;
let manifest: string;
let weights: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  const bytes = checkpointBytes(deterministicWeights(SMALL, 'download/'));
  const files = await importCheckpoint(new File([bytes], 'large.pth.tar'), 'f16');
  manifest = await files.find(({ name }) => name === 'pack.json')!.text();
  weights = new Uint8Array(await files.find(({ name }) => name !== 'pack.json')!.arrayBuffer());
});

beforeEach(async () => {
  for (const { key } of await listStoredPacks()) await removeStoredPack(key);
});
afterEach(() => vi.restoreAllMocks());

async function folders(): Promise<string[]> {
  const root = await navigator.storage.getDirectory();
  const out: string[] = [];
  for await (const key of (await root.getDirectoryHandle('packs', { create: true })).keys()) out.push(key);
  return out;
}

/** @param answer what the server says when it is asked for the weights. */
function serve(answer: (signal: AbortSignal) => Response | Promise<Response>): void {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) =>
    String(url).endsWith('pack.json') ? new Response(manifest) : answer(init!.signal!),
  );
}

/** A body in pieces; after them it ends, breaks, or hangs until the signal breaks it. */
function body(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  end: 'close' | 'break' | 'hang',
  signal?: AbortSignal,
) {
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      if (end === 'close') controller.close();
      signal?.addEventListener('abort', () => controller.error(signal.reason));
    },
    pull(controller) {
      if (end === 'break') controller.error(new TypeError('network error'));
    },
  });
}

const half = () => weights.slice(0, weights.length / 2);
const rest = () => weights.slice(weights.length / 2);
const download = (onProgress = (_: number) => {}, signal = new AbortController().signal) =>
  downloadPack('/packs/large/', onProgress, signal);

test('a pack in pieces is kept as it was served, and opens', async () => {
  serve(() => new Response(body([half(), rest()], 'close')));
  const fractions: number[] = [];
  const stored = await download((fraction) => fractions.push(fraction));
  expect(fractions).toHaveLength(2);
  expect(fractions.at(-1)).toBe(1);
  expect(await listStoredPacks()).toEqual([stored]);
  expect(stored.manifest).toEqual(JSON.parse(manifest));
  expect((await openStoredPack(stored.key)).manifest.widths).toEqual(SMALL);
  expect(await folders()).toEqual([stored.key]);
});

test('cancelled half way, nothing is left; meanwhile another listing leaves it alone', async () => {
  serve((signal) => new Response(body([half()], 'hang', signal)));
  const abort = new AbortController();
  let received = 0;
  const done = download((fraction) => {
    received = fraction;
  }, abort.signal).catch((thrown: unknown) => thrown);
  await expect.poll(() => received).toBeCloseTo(0.5, 2);
  expect(await listStoredPacks()).toEqual([]);
  expect(await folders()).toHaveLength(1);
  abort.abort();
  expect(await done).toMatchObject({ code: 'E_CANCELLED' });
  expect(await folders()).toEqual([]);
});

test('cancelled when all of it is here but not yet checked, it is not kept either', async () => {
  serve(() => new Response(body([weights.slice()], 'close')));
  const abort = new AbortController();
  const done = download((fraction) => fraction === 1 && abort.abort(), abort.signal);
  await expect(done).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(await folders()).toEqual([]);
});

test('what a closed page left half written goes with the next listing', async () => {
  const root = await navigator.storage.getDirectory();
  const orphan = await (await root.getDirectoryHandle('packs')).getDirectoryHandle('large-0', {
    create: true,
  });
  await orphan.getFileHandle('weights.safetensors', { create: true });
  expect(await listStoredPacks()).toEqual([]);
  expect(await folders()).toEqual([]);
});

const flipped = () => weights.map((byte, i) => (i === weights.length - 9 ? byte ^ 1 : byte));
const page = () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } });

test.each<[string, () => Response | Promise<Response>, string, RegExp]>([
  ['no connection', () => Promise.reject(new TypeError('Failed to fetch')), 'E_DOWNLOAD', /did not answer/],
  ['a connection that breaks', () => new Response(body([half()], 'break')), 'E_DOWNLOAD', /connection broke/],
  ['404', () => new Response('', { status: 404 }), 'E_DOWNLOAD', /does not have this pack/],
  ['a page instead of the file', page, 'E_DOWNLOAD', /does not have this pack/],
  ['503', () => new Response('', { status: 503 }), 'E_DOWNLOAD', /error \(503\)/],
  ['one wrong bit', () => new Response(flipped()), 'E_BAD_PACK', /damaged/],
  ['a file cut short', () => new Response(half()), 'E_BAD_PACK', /damaged/],
  ['a file too long', () => new Response(body([weights.slice(), half()], 'close')), 'E_BAD_PACK', /damaged/],
])('%s: said, with what to do, and nothing is left', async (_, answer, code, message) => {
  serve(answer);
  const error = await download().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code,
    message: expect.stringMatching(message),
    fix: expect.stringMatching(/./),
  });
  expect(await folders()).toEqual([]);
});

test('a full disk: said, the rest is not asked for, and nothing is left', async () => {
  const cancelled = vi.fn();
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: cancelled,
  });
  serve(() => new Response(endless));
  vi.spyOn(FileSystemWritableFileStream.prototype, 'write').mockRejectedValue(
    new DOMException('', 'QuotaExceededError'),
  );
  await expect(download()).rejects.toMatchObject({ message: 'The pack could not be stored.' });
  expect(cancelled).toHaveBeenCalledTimes(1);
  expect(await folders()).toEqual([]);
});

test('another server is never asked', async () => {
  serve(() => new Response(weights));
  const elsewhere = downloadPack('https://example.org/packs/large/', () => {}, new AbortController().signal);
  await expect(elsewhere).rejects.toMatchObject({ code: 'E_BAD_PACK' });
  expect(fetch).not.toHaveBeenCalled();
});
