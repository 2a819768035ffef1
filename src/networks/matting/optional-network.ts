/** A network that a pack has beside its eight: an ONNX file of its own, named in pack.json, fetched when it is first used. */
import { StageError } from '../../base/errors.ts';
import { manifestFrom } from '../packs/manifest.ts';
import { sha256Hex } from '../packs/sha256.ts';

/** Where it lies, and what its bytes must be. */
export interface OptionalNetwork {
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The matte network of a served pack.
 *
 * @param folder absolute URL of the pack's folder, ending with "/".
 * @returns null when it has none that is used without being asked for, or cannot be reached now.
 */
export async function matteNetworkOf(folder: string): Promise<OptionalNetwork | null> {
  try {
    const response = await fetch(new URL('pack.json', folder));
    if (!response.ok) return null;
    const entry = manifestFrom(await response.json()).optional?.find(({ network }) => network === 'matte');
    if (!entry?.byDefault) return null;
    return { url: new URL(entry.name, folder).href, bytes: entry.bytes, sha256: entry.sha256 };
  } catch {
    return null;
  }
}

/** @throws StageError E_DOWNLOAD when it does not come, E_BAD_PACK when it is another file than pack.json names. */
export async function fetchOptionalNetwork(
  { url, bytes, sha256 }: OptionalNetwork,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const fix = 'Check the connection to this page and reload it, or give a mask.';
  let data: Uint8Array<ArrayBuffer>;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    data = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StageError('matte', 'E_DOWNLOAD', `${what} could not be loaded: ${reason}.`, { fix, cause });
  }
  if (data.length !== bytes || (await sha256Hex(data)) !== sha256) {
    throw new StageError('matte', 'E_BAD_PACK', `${what} is not the file that pack.json names.`, { fix });
  }
  return data;
}
