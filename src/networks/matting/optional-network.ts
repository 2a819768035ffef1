/** A network that a pack has beside its eight: an ONNX file of its own, named in pack.json, fetched when it is first used. */
import { StageError } from '../../base/errors.ts';
import { manifestFrom, type OptionalNetworkId } from '../packs/manifest.ts';
import { sha256Hex } from '../packs/sha256.ts';

/** Where it lies, and what its bytes must be. */
export interface OptionalNetwork {
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The networks beside the eight of a served pack, those that are used without being asked for.
 *
 * @param folder absolute URL of the pack's folder, ending with "/".
 * @returns none when the pack cannot be reached now.
 */
export async function optionalNetworksOf(
  folder: string,
): Promise<Readonly<Partial<Record<OptionalNetworkId, OptionalNetwork>>>> {
  try {
    const response = await fetch(new URL('pack.json', folder));
    if (!response.ok) return {};
    const { optional = [] } = manifestFrom(await response.json());
    return Object.fromEntries(
      optional
        .filter(({ byDefault }) => byDefault)
        .map(({ network, name, bytes, sha256 }) => [
          network,
          { url: new URL(name, folder).href, bytes, sha256 },
        ]),
    );
  } catch {
    return {};
  }
}

/** @throws StageError E_DOWNLOAD when it does not come, E_BAD_PACK when it is another file than pack.json names. */
export async function fetchOptionalNetwork(
  { url, bytes, sha256 }: OptionalNetwork,
  what: string,
  stage: 'matte' | 'cloud' = 'matte',
): Promise<Uint8Array<ArrayBuffer>> {
  const fix = `Check the connection to this page and reload it${stage === 'matte' ? ', or give a mask' : ''}.`;
  let data: Uint8Array<ArrayBuffer>;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    data = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StageError(stage, 'E_DOWNLOAD', `${what} could not be loaded: ${reason}.`, { fix, cause });
  }
  if (data.length !== bytes || (await sha256Hex(data)) !== sha256) {
    throw new StageError(stage, 'E_BAD_PACK', `${what} is not the file that pack.json names.`, { fix });
  }
  return data;
}
