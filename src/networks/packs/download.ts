/**
 * A pack of the page's own server goes into the browser's storage as it arrives, piece by piece, its hash made on the way.
 * Whatever ends a download early (the visitor, the network, damage, a full disk) leaves nothing behind.
 */
import { StageError, type StageErrorCode } from '../../base/errors.ts';
import { MANIFEST_FILE, type PackManifest, parseManifest, WEIGHTS_FILE, weightsEntry } from './manifest.ts';
import { removeStoredPack, type StoredPack, storeWritten } from './opfs.ts';
import { ownFolder, type PackProgress } from './pack.ts';
import { startSha256 } from './sha256.ts';
import type { PackSink } from './write-pack.ts';

function failure(message: string, fix: string, code: StageErrorCode = 'E_DOWNLOAD', cause?: unknown) {
  return new StageError('pack', code, message, { fix, cause });
}

const damaged = () =>
  failure(
    'The pack arrived damaged; nothing of it was kept.',
    'Download it again. If that ends the same way, the copy on the server is damaged: tell whoever runs this page.',
    'E_BAD_PACK',
  );

/** What a request or a stream threw: the visitor's own wish, or the network. */
function broken(signal: AbortSignal, message: string, cause: unknown): StageError {
  if (signal.aborted) {
    return failure('The download was cancelled.', 'Start it again when you like.', 'E_CANCELLED');
  }
  const fix = navigator.onLine
    ? 'Check the connection, then try again.'
    : 'This device is offline: connect it, then try again.';
  return failure(message, fix, 'E_DOWNLOAD', cause);
}

/**
 * Stores the pack of a folder on our own server.
 *
 * @param folder   address of pack.json and the weights, ends with a slash or not.
 * @param onProgress fraction of the weights received; at 1 they are checked once more as they lie in storage.
 * @returns the stored pack, not opened.
 * @throws StageError E_DOWNLOAD (offline, missing, broken off), E_BAD_PACK (damaged, or the browser cannot store it) or
 *   E_CANCELLED; nothing is stored then.
 */
export async function downloadPack(
  folder: string,
  onProgress: PackProgress,
  signal: AbortSignal,
): Promise<StoredPack> {
  const base = ownFolder(folder);
  const answer = await request(new URL(MANIFEST_FILE, base), signal);
  const text = await answer.text().catch((cause: unknown) => {
    throw broken(signal, 'The connection broke.', cause);
  });
  const manifest = parseManifest(text);
  const { key, pack } = await storeWritten(manifest.id, async (sink) => {
    const weights = await request(new URL(WEIGHTS_FILE, base), signal);
    await sink.begin(WEIGHTS_FILE);
    await receive(weights, manifest, sink, onProgress, signal);
    await sink.end();
    await sink.begin(MANIFEST_FILE);
    await sink.write(new TextEncoder().encode(text));
    await sink.end();
  });
  if (signal.aborted) {
    // Too late for the network, but nobody wants it any more.
    await removeStoredPack(key);
    throw broken(signal, '', null);
  }
  return { key, manifest: pack.manifest };
}

/** Not through the browser's cache: it would keep a second copy, and give a damaged one again. */
async function request(url: URL, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal, cache: 'no-store' }).catch((cause: unknown) => {
    throw broken(signal, 'The server did not answer.', cause);
  });
  // A development server answers unknown paths with the page itself.
  if (response.status === 404 || response.headers.get('content-type')?.startsWith('text/html')) {
    throw failure(
      'The server does not have this pack any more.',
      'Reload the page to see what it has now. The pack in use goes on working.',
    );
  }
  if (!response.ok) {
    throw failure(`The server answered with an error (${response.status}).`, 'Try again in a while.');
  }
  return response;
}

async function receive(
  { body }: Response,
  manifest: PackManifest,
  sink: PackSink,
  onProgress: PackProgress,
  signal: AbortSignal,
): Promise<void> {
  if (!body) throw damaged();
  const entry = weightsEntry(manifest);
  const hash = await startSha256();
  const reader = body.getReader();
  let received = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw broken(signal, 'The connection broke before the whole pack was here.', cause);
      });
      if (done) break;
      received += value.length;
      if (received > entry.bytes) throw damaged();
      hash.update(value);
      await sink.write(value);
      onProgress(received / entry.bytes);
    }
  } finally {
    // After a full disk or damage the server need not send the rest.
    await reader.cancel().catch(() => {});
  }
  if (received !== entry.bytes || hash.hex() !== entry.sha256) throw damaged();
}
