/** Files of ours that our build packed with gzip, so that they are small on the wire whatever the host does. */
import { StageError } from '../base/errors.ts';

/**
 * Bytes of a served file, unpacked when it is gzip: hosts need not know how to compress it, and those that say that they
 * did (Content-Encoding) are believed by the browser before we see it.
 *
 * @throws StageError E_DOWNLOAD.
 */
export async function fetchUnpacked(url: string, what: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    const unpacked = new Response(bytes).body?.pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StageError('networks', 'E_DOWNLOAD', `${what} could not be loaded: ${reason}.`, {
      fix: 'Check the connection to this page and reload it.',
      cause,
    });
  }
}
